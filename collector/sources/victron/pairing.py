"""Pairing with a GX (Venus OS from about 3.80): it makes a login for this node alone.

`POST https://<gx>/auth/generate-token/` with `role` and `device_id` answers with a user name
(`token/<role>/<device id>`) and a password. The GX grants it while its pairing mode is on, for two
minutes, or to who says the password of its security profile. Pairing the same id again replaces
the token. The page's certificate is signed by the GX itself and is not the broker's: it is seen for
the first time here, so its fingerprint is told.
"""

import base64
import re
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from collector.config.devices import GX_PORT, GX_TLS_PORT
from collector.errors import BadDevice, NotConnected, Unauthorized
from collector.model.assets import Device
from collector.model.text import clean
from collector.net.http import Answer, Http, Unreachable
from collector.pinning import Pin, pinning_context

ROLE = "ovr"
USER = "remoteconsole"
"""The user name that goes with the password of the security profile."""
PORT = 443
TOKEN = "token/"  # noqa: S105  how the user names of paired clients begin
REFUSED = (401, 403)


class Token(Struct, frozen=True, kw_only=True):
    """A login that a GX has made. `fingerprint` is the SHA-256 of its page's certificate."""

    name: str
    password: str
    fingerprint: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"Token({self.name})"


class _Told(Struct):
    token_name: str
    password: str


def client_id(node: str) -> str:
    """A node's id as a GX takes it: letters and digits. Raises BadDevice when none is left."""
    told = re.sub(r"[^A-Za-z0-9]", "", node)
    if not told:
        raise BadDevice(f"the node's id {clean(node)} has no letter or digit to be paired by")
    return told


async def pair(host: str, device_id: str, *, password: str = "", port: int = PORT) -> Token:
    """Ask the GX at `host` for a login. `password` is that of its security profile; without it the
    GX must be in pairing mode.

    Raises NotConnected, Unauthorized (it does not grant one now), BadDevice (it knows no pairing).
    """
    pin = Pin("")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if password:
        login = base64.b64encode(f"{USER}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {login}"
    body = urlencode({"role": ROLE, "device_id": device_id}).encode()
    place = f"[{host}]" if ":" in host else host
    url = f"https://{place}:{port}/auth/generate-token/"
    async with Http(context=pinning_context(pin)) as http:
        try:
            answer = await http.post(url, body, headers)
        except Unreachable as error:
            raise NotConnected(f"the page of the GX cannot be reached: {error}") from error
    token = _token(host, answer, asked_with_password=bool(password))
    return Token(name=token.token_name, password=token.password, fingerprint=pin.seen)


def login_keys(device: Device, token: Token, secret: str) -> dict[str, Any]:
    """What the registry says of a device that is paired; the password stands under `secret`. A GX
    that lets only paired clients in does so over TLS alone."""
    told: dict[str, Any] = {
        "username": token.name, "password_secret": secret, "password_env": None,
    }  # fmt: skip
    if not device.tls:
        told |= {"tls": True, "port": GX_TLS_PORT if device.port == GX_PORT else device.port}
    return told


def _token(host: str, answer: Answer, *, asked_with_password: bool) -> _Told:
    if answer.status in REFUSED:
        raise Unauthorized(
            f"the GX at {host} refuses the password: it is that of its security profile (Settings "
            f"→ General), not the VRM password"
            if asked_with_password
            else f"the GX at {host} is not in pairing mode: switch it on there (Settings, MQTT "
            f"devices; it lasts two minutes) and try again, or say the password of its security "
            f"profile"
        )
    if answer.status in (404, 405):
        raise BadDevice(
            f"the GX at {host} knows no pairing (Venus OS before 3.80, or no GX): use the password "
            f"of its security profile as password_secret"
        )
    if answer.status != 200:
        raise BadDevice(f"the GX at {host} answers {answer.status} {answer.text}: try again")
    try:
        told = msgspec.json.decode(answer.body, type=_Told)
    except msgspec.MsgspecError as error:
        raise BadDevice(f"the GX at {host} does not answer with a login: {error}") from error
    if not told.token_name.startswith(TOKEN) or not told.password:
        raise BadDevice(f"the GX at {host} answers with a login that is none")
    return told
