"""The node's own TLS certificate: self-signed, made once, kept in the state folder, renewed when
it has run out. Who connects trusts it by its fingerprint."""

import contextlib
import fcntl
import hashlib
import ipaddress
import socket
import ssl
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from collector.config.files import replace_file
from collector.errors import OvrError

FILE = "listen.pem"
MODE = 0o600
YEARS = 10
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""Valid from then on, so that a node whose clock stands behind has a good certificate too."""
_SIOCGIFADDR = 0x8915


def certificate_file(state: Path) -> Path:
    """Where key and certificate are kept, in one file: they cannot come apart."""
    return state / FILE


def server_context(state: Path, host: str, now: datetime) -> tuple[ssl.SSLContext, str]:
    """A server's TLS with the node's certificate, and its fingerprint (SHA-256 in hex).

    Makes the certificate where there is none, or none that can be used and has not run out.
    `host` is the address that is listened on. Raises OvrError when it cannot be kept or read.
    """
    file = certificate_file(state)
    fingerprint = _usable(file, now)
    if fingerprint is None:
        replace_file(file, _make(_names(host), now), mode=MODE)
        fingerprint = _usable(file, now)
    if fingerprint is None:
        raise OvrError(f"{file}: the certificate just made cannot be read: is the disk well?")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(file)
    return context, fingerprint


def has_run_out(state: Path, now: datetime) -> bool:
    """Whether the certificate must be made anew. Raises OvrError when it cannot be read."""
    return _usable(certificate_file(state), now) is None


def _usable(file: Path, now: datetime) -> str | None:
    """The fingerprint of the certificate in `file`; None when there is none to be used now."""
    try:
        pem = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OvrError(f"{file}: cannot be read: {error.strerror}; check its owner") from error
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):  # cut or damaged: a new one takes its place
        return None
    if certificate.public_key() != key.public_key() or certificate.not_valid_after_utc <= now:
        return None
    if file.stat().st_mode & 0o777 & ~MODE:
        file.chmod(MODE)
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _make(names: list[x509.GeneralName], now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(max(now, SINCE) + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    pem = serialization.Encoding.PEM
    return key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + builder.sign(key, hashes.SHA256()).public_bytes(pem)


def _names(host: str) -> list[x509.GeneralName]:
    """What this machine may be called: the address listened on, its host names, its addresses."""
    texts = [host, socket.gethostname(), "localhost", "127.0.0.1", "::1", *_addresses()]
    with contextlib.suppress(OSError):
        texts.append(socket.getfqdn())
    found: dict[str, x509.GeneralName] = {}
    for text in texts:
        name = _name(text)
        if name is not None:
            found.setdefault(text, name)
    return list(found.values())


def _name(text: str) -> x509.GeneralName | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return x509.DNSName(text) if text and text.isascii() else None
    return None if address.is_unspecified else x509.IPAddress(address)


def _addresses() -> list[str]:
    """The IPv4 address of each interface."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(sock.fileno(), _SIOCGIFADDR, request)
                found.append(socket.inet_ntoa(answer[20:24]))
    return found
