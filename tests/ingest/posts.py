"""Posts as meters send them."""

import json
from typing import Any

SHAPE_A: dict[str, Any] = {
    "timestamp": "2025-09-15T10:30:00Z",
    "gateway": {"name": "AXM-WEB2", "model": "AXM-WEB2", "serial": "AND00123456"},
    "device": {"name": "", "model": "Acuvim-L"},
    "readings": [
        {"param": "V1", "value": "230.5", "unit": "V"},
        {"param": "I1", "value": "15.3", "unit": "A"},
        {"param": "Psum", "value": "10530", "unit": "W"},
        {"param": "Qsum", "value": "1250", "unit": "var"},
        {"param": "PF", "value": "0.993", "unit": ""},
        {"param": "Freq_Hz", "value": "50.01", "unit": "Hz"},
        {"param": "Ep_imp", "value": "12530.5", "unit": "kWh"},
        {"param": "Ep_exp", "value": "----", "unit": "kWh"},
        {"param": "LoadType", "value": "L", "unit": ""},
    ],
}
"""As the manual of the AXM-WEB2 has it: readings beside the device, powers in W."""

SHAPE_B: dict[str, Any] = {
    "timestamp": 1757932200,
    "gateway": {"name": "AXM-WEB2", "model": "AXM-WEB2", "serial": "AND00123456"},
    "device": {
        "name": "Stage A",
        "model": "Acuvim-L",
        "serial": "AL12345678",
        "online": True,
        "readings": [
            {"param": "V1", "value": "230.5", "unit": "V"},
            {"param": "Psum_kW", "value": "10.53", "unit": "kW"},
            {"param": "Qsum_kvar", "value": "1.25", "unit": "kvar"},
            {"param": "EP_IMP_kWh", "value": "12530.5", "unit": "kWh"},
            {"param": "THD_Va", "value": "2.1", "unit": "%"},
        ],
    },
}
"""As firmware of 2026 posts it: readings within the device, units in the names."""

CSV = (
    "Data Log 1,\r\n"
    "No.,Time Stamp,Ep_Imp [kWh],Ep_Exp [kWh],Eq_Imp [kvarh],Eq_Exp [kvarh],\r\n"
    "1,2025-12-05 18:24:00 ,36854.5 ,9953.4 ,3.3 ,52652.9 ,\r\n"
    "2,2025-12-05 18:25:00 ,36854.8 ,---- ,3.3 ,52653.2 ,\r\n"
)
"""The form of an Acuvim CL's own log."""


def form(content: str | bytes, filename: str, datasource: str = "AL12345678/Acuvim-L") -> bytes:
    """A post of an AXM-WEB2: action, datasource and file."""
    data = content if isinstance(content, bytes) else content.encode()
    fields = (
        b'Content-Disposition: form-data; name="action"\r\n\r\nupload',
        f'Content-Disposition: form-data; name="datasource"\r\n\r\n{datasource}'.encode(),
        f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        f"Content-Type: text/plain\r\n\r\n".encode()
        + data,
    )
    mark = b"----Boundary7"
    return b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in fields) + (
        b"--" + mark + b"--\r\n"
    )


FORM = "multipart/form-data; boundary=----Boundary7"


def text(told: object) -> bytes:
    """A file of JSON."""
    return json.dumps(told).encode()
