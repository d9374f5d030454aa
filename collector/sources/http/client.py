"""The HTTP side of one device: where it is, how it is asked, and what its refusals mean."""

import base64
import ipaddress
from collections.abc import Iterator
from typing import Any

from collector.errors import BadDevice, NotConnected, SourceError, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.model.text import clean
from collector.net.http import Answer, Http, Unreachable, place
from collector.pinning import Pin, pinning_context
from collector.profiles.language import HttpTable
from collector.sources.http.document import NoDocument, parse

USUAL = {80: False, 443: True}
"""The ports that the registry fills in by itself."""
LONGEST = 1 << 20
"""Bytes that a document may have."""
SHOWN = 60


class BadAnswer(SourceError):
    """It answered, but not with a document that can be used."""

    reason = "bad answer"


class Busy(SourceError):
    """It wants to be asked later."""

    reason = "busy"


class HttpDevice:
    """Asks the device that `device` names, as `http` says, by GET only. Close it with `aclose`.

    Redirects are not followed: the login would go elsewhere. Certificates are proven by their
    fingerprint, `pin`.
    """

    def __init__(self, device: Device, http: HttpTable, timeout_s: float, pin: Pin) -> None:
        tls = device.tls or http.tls
        self._base = f"{'https' if tls else 'http'}://{_host(device.host)}:{_port(device, http)}"
        self._timeout_s = timeout_s
        self._pin = pin
        self._headers = {"Accept": "application/json", **http.headers, **_login(device, http)}
        login = (device.username, device.password)
        self._http = Http(
            context=pinning_context(pin) if tls else None,
            digest=login if http.auth == "digest" and device.password else None,
        )
        self._login = http.auth != "none"
        self._secrets = tuple(_secrets(device, self._headers))
        self.exposed = not tls and http.auth in ("basic", "bearer", "header") and bool(login[1])
        """Whether the login crosses the network in plain text."""

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return place(self._base)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def ask(self, path: str, *, optional: bool = False) -> Any:
        """The document at `path`; None when it is `optional` and there is none.

        Raises NotConnected, Unauthorized, WrongDevice (another certificate), BadDevice (no such
        path), Busy and BadAnswer.
        """
        try:
            answer = await self._http.read(
                self._base + path, self._headers, limit=LONGEST, within_s=self._timeout_s
            )
        except Unreachable as error:
            if self._pin.differs:
                raise WrongDevice(
                    f"The certificate of {self.where} has the fingerprint {self._pin.seen}, pinned "
                    f"is {self._pin.expected}: another device answers, or it made a new one; if "
                    "that is so, ovr asset forget DEVICE."
                ) from error
            raise NotConnected(str(error)) from error
        if answer.status == 404 and optional:
            return None
        self._refused(path, answer)
        return self._document(path, answer)

    def _refused(self, path: str, answer: Answer) -> None:
        status, what = answer.status, f"{self.where}{path}"
        if status == 200:
            return
        if status in (401, 403):
            hint = (
                "check username and password_secret of the device"
                if self._login
                else "it wants a login, of which the profile knows nothing: set auth in [http]"
            )
            raise Unauthorized(f"{what} refuses the login (HTTP {status}): {hint}.")
        if 300 <= status < 400:
            to = clean(answer.location, SHOWN) or "another place"
            raise BadAnswer(
                f"{what} sends us on to {to}, which is not followed: set host, port and tls of the "
                "device, or the path of the profile."
            )
        if status == 404:
            raise BadDevice(f"{what} does not exist (HTTP 404): is it the right profile?")
        if status in (429, 503):
            raise Busy(f"{what} wants to be asked less often (HTTP {status}): raise interval_s.")
        raise BadAnswer(f"{what} answers HTTP {status}: {self._begins(answer)}")

    def _begins(self, answer: Answer) -> str:
        """How what it says begins, without the login (some repeat it)."""
        said = answer.said
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return clean(said, SHOWN) or "nothing"

    def _document(self, path: str, answer: Answer) -> Any:
        what = f"{self.where}{path}"
        if not answer.whole:
            raise BadAnswer(f"{what} answers more than {LONGEST >> 20} MiB: is it the right path?")
        if answer.packed not in ("", "identity"):
            raise BadAnswer(f"{what} compresses its answer though it was asked not to.")
        try:
            return parse(answer.body)
        except NoDocument as error:
            raise BadAnswer(
                f"{what} answers no JSON but: {self._begins(answer)} ({error})"
            ) from error


def _host(host: str) -> str:
    """As it stands in a URL."""
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host


def _port(device: Device, http: HttpTable) -> int:
    """The registry's port; the profile's, or that of TLS, where the registry has the usual one."""
    tls = device.tls or http.tls
    if device.port not in USUAL or USUAL[device.port] != device.tls:
        return device.port
    return http.port or (443 if tls else device.port)


def _secrets(device: Device, headers: dict[str, str]) -> Iterator[str]:
    """What must not be shown."""
    if device.password:
        yield device.password
        yield headers.get("Authorization", "").partition(" ")[2] or device.password


def _login(device: Device, http: HttpTable) -> dict[str, str]:
    """The header that carries the login. Without a password nothing is sent: many devices have
    none."""
    secret = device.password
    if http.auth == "basic" and (device.username or secret):
        pair = f"{device.username}:{secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    if http.auth == "bearer" and secret:
        return {"Authorization": f"Bearer {secret}"}
    if http.auth == "header" and secret:
        return {http.header: secret}
    return {}
