"""TLS to servers of ours: always verified, against the system's authorities or an own one."""

import ssl
from collections.abc import Iterator
from functools import lru_cache

EXPIRED = 10
NOT_YET = 9
NAMES = (62, 63, 64)
"""OpenSSL's numbers for a certificate of another host, mail address or IP address."""
UNKNOWN = (2, 18, 19, 20, 21)
"""And for one that leads to no authority that is trusted."""


@lru_cache(maxsize=16)
def verifying(ca_pem: str = "") -> ssl.SSLContext:
    """A client's context that checks certificate and name.

    With `ca_pem` only certificates that lead to one of its own count; without it those of the
    system's store. Raises ValueError when `ca_pem` holds no certificate, or a broken one.
    """
    if not ca_pem:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cadata=ca_pem)
    except ssl.SSLError as error:
        raise ValueError(f"a certificate in it is damaged ({error.reason})") from error


def why_refused(error: BaseException, *, own_ca: bool) -> str:
    """In words why TLS with a server failed, and what to do; "" when `error` is no failure of TLS.

    `own_ca`: the server was verified against a `ca_file`.
    """
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _not_trusted(one, own_ca)
        if isinstance(one, ssl.SSLError):
            return _no_tls(one)
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _not_trusted(error: ssl.SSLCertVerificationError, own_ca: bool) -> str:
    code, said = error.verify_code, error.verify_message.rstrip(".")
    if code == EXPIRED:
        return "its certificate has expired: renew it there, or set this machine's clock right"
    if code == NOT_YET:
        return "its certificate is not valid yet: is this machine's clock right?"
    if code in NAMES:
        return f"its certificate is made for another name ({said}): use that name in the URL"
    if code in UNKNOWN and own_ca:
        return f"its certificate does not lead to the CA in ca_file ({said}): is it the right file?"
    if code in UNKNOWN:
        return (
            f"its certificate comes from a CA that this machine does not know ({said}): "
            "name the CA's file in ca_file"
        )
    return f"its certificate is not trusted: {said}"


def _no_tls(error: ssl.SSLError) -> str:
    reason = getattr(error, "reason", None)  # errors that are not OpenSSL's have none
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"):
        return "it does not speak TLS there: is it http instead of https, or another port?"
    return f"TLS fails ({reason or error})"
