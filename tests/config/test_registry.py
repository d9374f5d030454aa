"""registry.toml: devices."""

import pytest

from collector.model.assets import Device
from collector.model.kinds import AssetKind, DeviceKind
from tests.config.homes import device, make_home, problems, read


def wrong(tmp_path, text, environ=None, **files) -> list[str]:
    """The problems of a home with this file."""
    return problems(make_home(tmp_path, registry=text, **files), environ)


def devices(tmp_path, text, environ=None, **files) -> tuple[Device, ...]:
    """The devices of a home with this file."""
    return read(make_home(tmp_path, registry=text, **files), environ).devices


def test_what_the_design_shows(tmp_path) -> None:
    """The entries of the design give devices with ports, units, systems and secrets filled in."""
    text = (
        device(more='port = 1883\nportal_id = "b827eb000001"\nusername = "ovr"\n'
                    'password_secret = "bess-1"\ncontrol = true\nname = "BESS 1 Main stage"')
        + device("stage-a", "acuvim", "10.20.0.31", 'unit = 7\nasset_kind = "load"')
        + device("pv", "fronius", "10.20.0.51")
    )  # fmt: skip
    gx, meter, pv = devices(tmp_path, text, secrets='bess-1 = "sesame"\n')
    assert (gx.kind, gx.port, gx.system, gx.password) == (DeviceKind.GX, 1883, "bess-1", "sesame")
    assert (gx.portal_id, gx.control, gx.name) == ("b827eb000001", True, "BESS 1 Main stage")
    assert (meter.port, meter.unit, meter.asset_kind) == (502, 7, AssetKind.LOAD)
    assert (pv.port, pv.unit, pv.asset_kind, pv.timeout_s) == (502, 1, None, None)


@pytest.mark.parametrize(
    ("kind", "more", "port"),
    [
        ("gx", "", 1883),
        ("gx", "tls = true", 8883),
        ("gx", "tls = true\nport = 18883", 18883),
        ("acuvim", "", 502),
        ("fronius", "", 502),
        ("modbus", 'profile = "p"', 502),
        ("http", 'profile = "p"', 80),
        ("http", 'profile = "p"\ntls = true', 443),
    ],
)
def test_default_ports(tmp_path, kind, more, port) -> None:
    """A port that is left out is the usual one of the kind."""
    assert devices(tmp_path, device(kind=kind, more=more))[0].port == port


def test_no_registry_and_empty_registry(tmp_path) -> None:
    """A node without a registry, or with an empty one, runs; a note says what to do."""
    for home in (make_home(tmp_path / "a"), make_home(tmp_path / "b", registry="")):
        loaded = read(home)
        assert loaded.devices == ()
        assert any("each [[device]] takes an id, a kind and a host" in n for n in loaded.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (device("Bess 1"), "registry.toml:2: device[#1].id: expected an id"),
        (device("b" * 64), "device[#1].id: expected an id"),
        (device(kind="gxx"), "got \"gxx\" (did you mean gx?)"),
        (device(more="port = 0"), "expected a port from 1 to 65535, got 0"),
        (device(more='port = "1883"'), 'expected a port from 1 to 65535, got "1883"'),
        (device(more="interval_s = 0"), "expected seconds from 0.2 to 3600"),
        (device(more="enabled = 1"), "expected true or false, got 1"),
        (device(more="name = 2020-01-01"), "got a date or time"),
        (device(more='prot = 1'), "did you mean port?"),
        (device(more='password = "sesame"'), "a secret does not stand in this file"),
        (device(more='profile = "x"'), "profile: means nothing to a device of kind gx"),
        (device(more="unit = 1"), "unit: means nothing to a device of kind gx"),
        (device(more='portal_id = "a/b"'), "expected a portal id"),
        (device(more='fingerprint = "ab:cd"'), "expected the SHA-256"),
        (device(kind="acuvim", more="tls = true"), "tls: means nothing to a device of kind acuvim"),
        (device(kind="acuvim", more='password_env = "P"'), "password_env: means nothing"),
        (device(kind="acuvim", more="unit = 256"), "expected a Modbus unit from 0 to 255"),
        (device(kind="modbus"), "a device of kind modbus is read by a profile"),
        (device(host="http://10.0.0.1"), "is a URL or has a path"),
        (device(host="10.0.0.1:1883"), 'write host = "10.0.0.1" and port = 1883'),
        (device(host="10.0.0.256"), "is no IP address"),
        (device(host="[::1]"), 'write "::1"'),
        (device(host="0.0.0.0"), "is no address of one device"),
        (device(host="a b"), "is no host name"),
        (device(host=""), "is empty"),
        (device(host="gx\\u0000"), "is no host name"),
        ('[[device]]\nkind = "gx"\nhost = "h"\n', "registry.toml:1: device[#1]: id is missing"),
        ('[device]\nid = "x"\n', "got a table (write [[device]])"),
        ("device = [1]\n", "expected a table, got 1"),
        ("version = 2\n", "the file is of a newer version of ovr"),
        ('version = "1"\n', 'version: expected 1, got "1"'),
        ("[[devices]]\n", "devices: is no key that is known here (did you mean device?)"),
    ],
)  # fmt: skip
def test_wrong_entries(tmp_path, text, said) -> None:
    """Each mistake in an entry is told with file and line, and what to do."""
    found = wrong(tmp_path, text, {"P": "sesame"})
    assert any(said in line for line in found), found
    assert not any("sesame" in line for line in found)


def test_ids_are_unique(tmp_path) -> None:
    """An id that stands twice is told at the second place, naming the line of the first."""
    found = wrong(tmp_path, device() + "\n" + device(host="10.20.0.22"))
    assert found == [
        'registry.toml:7: device[bess-1].id: "bess-1" is the id of another device (line 2) '
        "(ids are unique; choose another one here)"
    ]


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        (("gx", "10.0.0.1", ""), ("gx", "10.0.0.1", ""), True),
        (("gx", "10.0.0.1", ""), ("gx", "10.0.0.1", "tls = true"), True),
        (("gx", "GX-1.local", ""), ("gx", "gx-1.local.", ""), True),
        (("gx", "::1", ""), ("gx", "0:0::1", ""), True),
        (("gx", "127.0.0.1", "port = 20001"), ("gx", "127.0.0.1", "port = 20002"), False),
        (("acuvim", "10.0.0.1", ""), ("fronius", "10.0.0.1", "unit = 1"), True),
        (("acuvim", "10.0.0.1", ""), ("acuvim", "10.0.0.1", "unit = 2"), False),
        (("acuvim", "10.0.0.1", ""), ("acuvim", "10.0.0.1", "port = 503"), False),
        (("gx", "10.0.0.1", ""), ("gx", "10.0.0.1", "enabled = false"), False),
        (("gx", "10.0.0.1", 'portal_id = "AB12"'), ("gx", "10.0.0.2", 'portal_id = "ab12"'), True),
        (("acuvim", "10.0.0.1", 'serial = "AH1"'), ("acuvim", "10.0.0.2", 'serial = "ah1"'), True),
        (("http", "10.0.0.1", 'profile = "p"'), ("http", "10.0.0.1", 'profile = "p"'), True),
    ],
)
def test_one_entry_for_each_device(tmp_path, one, two, clash) -> None:
    """Two enabled entries for one address and unit, one GX or one portal id are refused."""
    text = device("a", one[0], one[1], one[2]) + device("b", two[0], two[1], two[2])
    found = wrong(tmp_path, text)
    assert len(found) == (1 if clash else 0), found
    if clash:
        assert "device[b]" in found[0]
        assert "of device[a] too (line" in found[0]


def test_hostile_names(tmp_path) -> None:
    """Markup, control bytes and length in names come out harmless; problems stay on one line."""
    long = "x" * 150
    text = device(more=f'name = "a\\u001b[31m[red]\\n{long}"')
    name = devices(tmp_path, text)[0].name
    assert name.startswith("a·[31m[red] xxx")
    assert len(name) <= 120
    found = wrong(tmp_path, '"a\\u001b[2J\\nb" = 1\n[[device]]\nid = "\\u009b"\n')
    assert all(line.isprintable() for line in found)


@pytest.mark.parametrize("before", ["", "sha256:", "sha256 Fingerprint=", "SHA256="])
def test_fingerprint_is_put_in_one_form(tmp_path, before) -> None:
    """Fingerprints as openssl and browsers show them mean the same as 64 small hex digits."""
    pairs = ["AB", "cd"] * 16
    text = device(more=f'tls = true\nfingerprint = "{before}{":".join(pairs)}"')
    assert devices(tmp_path, text)[0].fingerprint == "abcd" * 16


def test_one_bad_entry_hides_nothing(tmp_path) -> None:
    """With a hundred bad entries all hundred are told."""
    text = "".join(device(f"d-{n}", host=f"10.0.1.{n}", more='port = "x"') for n in range(100))
    assert len(wrong(tmp_path, text)) == 100


def test_secrets_never_show(tmp_path) -> None:
    """A device's password is in no repr."""
    text = device(more='password_secret = "p"\ntls = true')
    loaded = read(make_home(tmp_path, registry=text, secrets='p = "sesame"\n'))
    assert loaded.devices[0].password == "sesame"
    assert "sesame" not in repr(loaded) + "".join(loaded.notes)
