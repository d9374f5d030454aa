"""Identities that are found at first contact."""

import pytest

from collector.config.load import load_registry
from collector.config.pin import pin_identity
from collector.config.problems import ConfigError
from tests.config.homes import device, make_home

TEXT = """# our site
[[device]] # the first
id = "a"   # ours
kind = "gx"
host = "h1"

  [[device]]
  id = "b"
  kind = "acuvim"
  host = "h2"
"""


def test_one_line_is_put_in(tmp_path) -> None:
    """The identity stands below the id; comments, order and indentation stay as they were, and
    no earlier version is made."""
    home = make_home(tmp_path, registry=TEXT)
    assert pin_identity(home, "a", "portal_id", "b827eb000001")
    assert pin_identity(home, "b", "serial", "AL-77 1")
    assert home.registry_toml.read_text() == TEXT.replace(
        'id = "a"   # ours\n', 'id = "a"   # ours\nportal_id = "b827eb000001"\n'
    ).replace('  id = "b"\n', '  id = "b"\n  serial = "AL-77 1"\n')
    assert not list(home.config.glob("registry.toml.*"))
    one, two = load_registry(home, {}).devices
    assert (one.portal_id, two.serial) == ("b827eb000001", "AL-77 1")


@pytest.mark.parametrize(
    "text",
    [
        'device = [{id = "a", kind = "gx", host = "h1"}]\n',
        'device = [\n{id = "a", kind = "gx", host = "h1"},\n]\n',
        '[[device]]\nid = "a"\nkind = "gx"\nhost = "h1"\nportal_id = ""\n',
        '[[device]]\n"id" = """\\\na"""\nkind = "gx"\nhost = "h1"\n',
        '\ufeff[[device]]\r\nid = "a"\r\nkind = "gx"\r\nhost = "h1"\r\n',
    ],
)
def test_written_in_other_ways(tmp_path, text) -> None:
    """However the device is written, the identity is there afterwards and nothing else changed."""
    home = make_home(tmp_path, registry=text)
    before = load_registry(home, {}).devices[0]
    assert pin_identity(home, "a", "portal_id", "b827eb000001")
    after = load_registry(home, {}).devices[0]
    assert after.portal_id == "b827eb000001"
    assert (after.id, after.host, after.kind) == (before.id, before.host, before.kind)
    crlf = b"\r\n" in text.encode()
    assert (b"\r\n" in home.registry_toml.read_bytes()) is crlf


def test_pinned_already(tmp_path) -> None:
    """The same value again changes nothing; another one is refused: a person decides."""
    text = device(more='portal_id = "b827eb000001"')
    home = make_home(tmp_path, registry=text)
    assert pin_identity(home, "bess-1", "portal_id", "b827eb000001")
    with pytest.raises(ConfigError, match=r"registry.toml:5: .*says b827eb000001, but the device"):
        pin_identity(home, "bess-1", "portal_id", "b827eb000002")
    assert home.registry_toml.read_text() == text


def test_nothing_to_pin(tmp_path) -> None:
    """Without a registry, without the device, or with text that is no identity nothing is
    written, and the caller is told so."""
    home = make_home(tmp_path)
    assert not pin_identity(home, "a", "serial", "1")
    assert not home.registry_toml.exists()
    home = make_home(tmp_path, registry=device())
    assert not pin_identity(home, "other", "serial", "1")
    for hostile in ("", " ", 'x"\n[evil]', "a" * 200, "\x1b[31m"):
        assert not pin_identity(home, "bess-1", "serial", hostile)
    assert home.registry_toml.read_text() == device()


def test_only_identities(tmp_path) -> None:
    """No other field can be written this way."""
    with pytest.raises(ValueError, match="host is no identity"):
        pin_identity(make_home(tmp_path, registry=device()), "bess-1", "host", "h")


def test_broken_registry(tmp_path) -> None:
    """A broken hand edit is told and left as it is."""
    home = make_home(tmp_path, registry="[[device")
    with pytest.raises(ConfigError, match="is no TOML"):
        pin_identity(home, "a", "serial", "1")
    assert home.registry_toml.read_text() == "[[device"
