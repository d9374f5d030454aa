"""`ca_file`: the certificates of an own authority."""

import subprocess
from pathlib import Path

import pytest

from tests.config.homes import make_home, problems, read
from tests.support.certificates import Authority

SINK = '[sinks.a]\nurl = "https://h"\nca_file = "{}"\n'


def test_the_file_beside_node_toml_or_anywhere(tmp_path: Path) -> None:
    """A sink and the cloud take the certificates of the file that is named, from beside node.toml
    or by its full path; what else stands in it is left out."""
    one, two = Authority("One"), Authority("Two")
    elsewhere = tmp_path / "two.pem"
    elsewhere.write_text(f"Zertifikat für später\n{two.pem}\n{one.pem}", encoding="utf-8")
    text = f'{SINK.format("ca.pem")}[cloud]\nurl = "https://c"\nca_file = "{elsewhere}"\n'
    home = make_home(tmp_path, node=text)
    (home.config / "ca.pem").write_text(one.pem)
    node = read(home).node
    assert node.sinks["a"].ca_pem.split() == one.pem.split()
    assert node.cloud_ca_pem.split() == (two.pem + one.pem).split()
    assert make_and_read(tmp_path / "none", '[cloud]\nurl = "https://c"\n').cloud_ca_pem == ""


def make_and_read(folder: Path, text: str):
    """The node of a home of its own."""
    return read(make_home(folder, node=text)).node


def _key() -> bytes:
    made = subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1"],
                          check=True, capture_output=True)  # fmt: skip
    return made.stdout


PEM = Authority().pem.encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no file"),
        (b"", "holds no certificates (PEM text"),
        (b"0\x82\x01\x0a", "holds no certificates (PEM text"),
        (b"#" * (1 << 20) + PEM, "holds no certificates"),
        (PEM + _key(), "holds a private key (only the CA's certificate"),
        (PEM[:200], "a certificate in it is cut off"),
        (PEM + PEM[:200], "a certificate in it is cut off"),
        (PEM[:100] + b"AAAAAAAAAAAA" + PEM[112:], "a certificate in it is damaged"),
    ],
    ids=("none", "empty", "der", "too long", "key", "cut off", "second cut off", "damaged"),
)
def test_a_file_that_is_none_is_told_at_its_line(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    """A missing, cut, damaged or wrong file is a problem of node.toml, in words with a hint."""
    home = make_home(tmp_path, node=SINK.format("ca.pem"))
    if content is not None:
        (home.config / "ca.pem").write_bytes(content)
    (found,) = problems(home)
    assert found.startswith("node.toml:3: sinks.a.ca_file: ")
    assert said in found
    assert "BEGIN" not in found


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder in place of the file is told."""
    (found,) = problems(make_home(tmp_path, node=SINK.format(tmp_path)))
    assert "cannot be read: Is a directory" in found


def test_without_https_it_means_nothing(tmp_path: Path) -> None:
    """An own authority for plain http is a mistake: somebody believes the way is encrypted."""
    text = SINK.format("x").replace("https", "http")
    assert problems(make_home(tmp_path, node=text)) == [
        "node.toml:3: sinks.a.ca_file: no certificate is ever seen without https "
        "(use https, or remove it)"
    ]
    text += 'epoch_url = "https://e"\n'
    assert "there is no file" in problems(make_home(tmp_path, node=text))[0]
