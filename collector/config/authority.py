"""The file of an own certificate authority, which `ca_file` names."""

import re
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from collector.tls import verifying

CaFile = Annotated[
    str,
    Meta(min_length=1, max_length=1000, description="a file of certificates (PEM) in quotes"),
]
MAX_BYTES = 1 << 20
PEM_HINT = "PEM text as openssl x509 prints it; openssl x509 -inform der -in FILE makes it"

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_BLOCK = re.compile(_BEGIN + rb"[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def read_authority(folder: Path, name: str) -> tuple[str, str, str]:
    """The certificates of the file `name`, seen from `folder`; or "", why not, and a hint."""
    file = folder / name
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return "", f"there is no file {file}", "its full path, or its name if it is beside this one"
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        return "", f"{file} cannot be read: {why}", "check owner and mode"
    if len(raw) > MAX_BYTES or _BEGIN not in raw:
        return "", f"{file} holds no certificates", PEM_HINT
    if b"PRIVATE KEY-----" in raw:
        hint = "only the CA's certificate belongs here; its key stays with who signs"
        return "", f"{file} holds a private key", hint
    blocks = _BLOCK.findall(raw)
    if len(blocks) != raw.count(_BEGIN):
        return "", f"{file}: a certificate in it is cut off", PEM_HINT
    pem = b"\n".join(blocks).decode("ascii")
    try:
        verifying(pem)
    except ValueError as error:
        return "", f"{file}: {error}", PEM_HINT
    return pem, "", ""
