"""The node's own certificate: made once, kept private, renewed when it has run out."""

import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from collector.errors import OvrError
from collector.serve.certificate import certificate_file, server_context

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def certificate(folder):
    """What stands in the file."""
    return x509.load_pem_x509_certificate(certificate_file(folder).read_bytes())


def test_made_once_and_private(tmp_path):
    """The first call makes a pair that only its owner may read; the next one keeps it."""
    context, fingerprint = server_context(tmp_path, "127.0.0.1", NOW)
    file = certificate_file(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert server_context(tmp_path, "127.0.0.1", NOW + timedelta(days=300))[1] == fingerprint
    assert file.read_bytes() == before
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_fingerprint_is_what_openssl_shows(tmp_path):
    """The fingerprint is the SHA-256 that openssl prints of the certificate."""
    fingerprint = server_context(tmp_path, "127.0.0.1", NOW)[1]
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256"],
        input=certificate_file(tmp_path).read_text(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.strip().rpartition("=")[2].replace(":", "").lower() == fingerprint


def test_names_of_this_machine(tmp_path):
    """The certificate holds the address listened on, the host's name and loopback; an address
    that means all interfaces is no name."""
    server_context(tmp_path, "0.0.0.0", NOW)
    names = certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    found = [str(name.value) for name in names.value]
    assert {"localhost", "127.0.0.1", "::1"} <= set(found)
    assert "0.0.0.0" not in found
    assert len(found) == len(set(found))


def test_valid_long_and_for_clocks_that_stand_behind(tmp_path):
    """It is valid for ten years from now on, and also on a node whose clock has not been set."""
    server_context(tmp_path, "127.0.0.1", datetime(1970, 1, 1, tzinfo=UTC))
    made = certificate(tmp_path)
    assert made.not_valid_before_utc == datetime(2020, 1, 1, tzinfo=UTC)
    assert made.not_valid_after_utc > datetime(2029, 1, 1, tzinfo=UTC)


def test_renewed_when_it_has_run_out(tmp_path):
    """Past its end a new pair takes its place, with another fingerprint."""
    first = server_context(tmp_path, "127.0.0.1", NOW)[1]
    end = certificate(tmp_path).not_valid_after_utc
    assert server_context(tmp_path, "127.0.0.1", end - timedelta(seconds=1))[1] == first
    assert server_context(tmp_path, "127.0.0.1", end)[1] != first


@pytest.mark.parametrize("cut", [0, 10, 200, 400])
def test_a_damaged_file_is_replaced(tmp_path, cut):
    """What a power cut or a bad copy left is replaced; a pair that does not fit too."""
    first = server_context(tmp_path, "127.0.0.1", NOW)[1]
    file = certificate_file(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    assert server_context(tmp_path, "127.0.0.1", NOW)[1] != first


def test_key_of_another_certificate_is_no_pair(tmp_path):
    """A key beside a foreign certificate is replaced by a pair."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    server_context(tmp_path / "a", "127.0.0.1", NOW)
    server_context(tmp_path / "b", "127.0.0.1", NOW)
    key = certificate_file(tmp_path / "a").read_bytes().partition(b"-----BEGIN CERT")[0]
    other = certificate_file(tmp_path / "b").read_bytes().partition(b"-----BEGIN CERT")
    certificate_file(tmp_path / "a").write_bytes(key + other[1] + other[2])
    server_context(tmp_path / "a", "127.0.0.1", NOW)
    assert b"".join(other[1:]) not in certificate_file(tmp_path / "a").read_bytes()


def test_open_file_is_closed_to_others(tmp_path):
    """A file that somebody made readable for all is made private again."""
    server_context(tmp_path, "127.0.0.1", NOW)
    certificate_file(tmp_path).chmod(0o644)
    server_context(tmp_path, "127.0.0.1", NOW)
    assert stat.S_IMODE(certificate_file(tmp_path).stat().st_mode) == 0o600


def test_no_folder_is_told(tmp_path):
    """A state folder that cannot be written is an error for people, not a trace."""
    with pytest.raises(OvrError, match="cannot be written"):
        server_context(tmp_path / "missing", "127.0.0.1", NOW)
