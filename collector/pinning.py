"""TLS to devices. Their certificates are signed by themselves, so no authority can vouch for them;
instead the SHA-256 of the certificate is pinned, and compared before the password is sent."""

import hashlib
import re
import ssl


class OtherCertificate(ssl.SSLError):
    """The certificate is not the pinned one."""


class Pin:
    """The expected fingerprint (empty: learn it), and the one that was seen last."""

    def __init__(self, fingerprint: str) -> None:
        self.expected = normal(fingerprint)
        self.seen = ""
        self.shaken = False
        """Whether the present connection came as far as showing a certificate."""

    def check(self, certificate: bytes) -> None:
        """Compare the certificate (DER). Raises OtherCertificate."""
        self.shaken = True
        self.seen = hashlib.sha256(certificate).hexdigest()
        if self.expected and self.seen != self.expected:
            raise OtherCertificate("the certificate is not the pinned one")

    @property
    def differs(self) -> bool:
        """Whether another certificate than the pinned one was seen."""
        return bool(self.expected and self.seen and self.seen != self.expected)


def normal(fingerprint: str) -> str:
    """A SHA-256 fingerprint as 64 lower-case digits, from `AA:BB:…` or `sha256:aabb…` too."""
    text = fingerprint.strip().lower()
    for prefix in ("sha256 fingerprint=", "sha256:", "sha256="):
        text = text.removeprefix(prefix)
    return re.sub(r"[^0-9a-z]", "", text)


def pinning_context(pin: Pin) -> ssl.SSLContext:
    """A client context that proves the pin within the handshake, on sockets and on asyncio's
    transports."""

    class PinnedObject(ssl.SSLObject):
        """Fails the handshake when the pin fails."""

        def do_handshake(self) -> None:
            super().do_handshake()
            pin.check(self.getpeercert(binary_form=True) or b"")

    class PinnedSocket(ssl.SSLSocket):
        """Closes itself when the handshake or the pin fails."""

        def do_handshake(self, block: bool = False) -> None:
            try:
                super().do_handshake(block)
                pin.check(self.getpeercert(binary_form=True) or b"")
            except BaseException:
                self.close()
                raise

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = PinnedObject
    context.sslsocket_class = PinnedSocket
    return context
