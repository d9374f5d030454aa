"""The older stack's gx_systems.json."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.gx_import import read_gx_systems
from collector.config.load import Loaded
from collector.config.problems import ConfigError, Problem
from collector.model.assets import Device
from collector.model.kinds import DeviceKind
from tests.config.homes import device, make_home, problems, read


def loaded(tmp_path, data: Any) -> Loaded:
    """A home that has only this gx_systems.json."""
    return read(make_home(tmp_path, gx=data if isinstance(data, str) else json.dumps(data)))


def facts(found: Device) -> tuple[Any, ...]:
    """What an entry can say."""
    return (found.id, found.name, found.host, found.port, found.portal_id, found.username)


P1, P2 = "b827eb000001", "b827eb000002"


@pytest.mark.parametrize(
    "data",
    [
        [{"name": "Main Stage", "host": "10.0.0.1", "port": 1884, "portal_id": P1, "user": "u",
          "password": "sesame"}],
        {P1: {"name": "Main Stage", "ip": "10.0.0.1", "port": "1884", "username": "u",
              "pass": "sesame"}},
        {"systems": [{"label": "Main Stage", "address": "10.0.0.1", "mqttPort": 1884,
                      "portalId": P1, "mqttUser": "u", "mqtt_password": "sesame"}]},
        {"version": 3, "gx_systems": {P1: {"Name": "Main Stage", "HOST": "10.0.0.1",
         "mqtt": {"port": 1884, "user": "u", "pwd": "sesame"}}}},
        [{"title": "Main Stage", "url": "mqtt://10.0.0.1:1884", "VRM ID": P1, "login": "u",
          "passwd": "sesame"}],
        {"name": "Main Stage", "broker": "10.0.0.1:1884", "vrm_id": P1, "username": "u",
         "password": "sesame"},
    ],
)  # fmt: skip
def test_usual_forms(tmp_path, data) -> None:
    """A list, an object by portal id, a container and the usual spellings give one same device."""
    (found,) = loaded(tmp_path, data).devices
    assert facts(found) == ("main-stage", "Main Stage", "10.0.0.1", 1884, P1, "u")
    assert (found.kind, found.password, found.system) == (DeviceKind.GX, "sesame", "main-stage")


def test_hosts_only(tmp_path) -> None:
    """An object of names or portal ids with plain hosts is enough."""
    one, two = loaded(tmp_path, {P1: "10.0.0.1", "Stage B": "10.0.0.2"}).devices
    assert facts(one) == (f"gx-{P1}", "", "10.0.0.1", 1883, P1, "")
    assert facts(two) == ("stage-b", "Stage B", "10.0.0.2", 1883, "", "")


def test_tls_and_switches(tmp_path) -> None:
    """TLS is understood from a switch, a scheme or the port; entries may be switched off."""
    entries = [
        {"name": "a", "host": "10.0.0.1", "tls": "yes"},
        {"name": "b", "host": "mqtts://10.0.0.2"},
        {"name": "c", "host": "10.0.0.3", "port": 8883},
        {"name": "d", "host": "10.0.0.4", "ssl": 0, "enabled": False},
        {"name": "e", "host": "10.0.0.5", "disabled": True},
        {"name": "f", "url": "https://10.0.0.6:8443/x"},
    ]
    found = loaded(tmp_path, entries).devices
    assert [(d.tls, d.port, d.enabled) for d in found] == [
        (True, 8883, True), (True, 8883, True), (True, 8883, True),
        (False, 1883, False), (False, 1883, False), (False, 1883, True),
    ]  # fmt: skip


def test_strings_beside_entries(tmp_path) -> None:
    """A text beside entries is a remark, not the host of a GX; texts alone are hosts, and so is
    what stands under a portal id."""
    entries = {"updated": "2024-01-01", "a": {"gx_ip": "10.0.0.1"}, P1: "10.0.0.2"}
    result = loaded(tmp_path, entries)
    assert [(d.host, d.portal_id) for d in result.devices] == [("10.0.0.1", ""), ("10.0.0.2", P1)]
    assert "[updated]: is no object" in "\n".join(result.notes)
    assert [d.host for d in loaded(tmp_path, {"a": "10.0.0.1", "b": "[fe80::2]:1884"}).devices] == [
        "10.0.0.1",
        "fe80::2",
    ]


@pytest.mark.parametrize("entries", [[], {}, {"systems": []}])
def test_no_entry_at_all(tmp_path, entries) -> None:
    """A registry without a GX says so."""
    result = loaded(tmp_path, entries)
    assert result.devices == ()
    assert "names no GX" in result.notes[0]


def test_told_entry_by_entry(tmp_path) -> None:
    """What is not understood is named with its entry and never shown; the others work."""
    entries = [
        {"name": "good", "host": "10.0.0.1", "colour": "sesame", "tls": "maybe"},
        {"name": "no host", "password": "sesame"},
        {"name": "bad port", "host": "10.0.0.2", "port": 99999},
        {"name": "bad host", "host": "10.0.0.3 or so"},
        {"name": "again", "host": "10.0.0.1"},
        {"name": "twin", "host": "10.0.0.9", "portal_id": P1},
        {"name": "twin too", "host": "10.0.0.8", "portal_id": P1.upper()},
        17,
        None,
        [],
        {},
    ]
    result = loaded(tmp_path, entries)
    assert [d.id for d in result.devices] == ["good", "twin"]
    notes = "\n".join(result.notes)
    for said in (
        "[#1]: not understood and left out: colour, tls (neither true nor false)",
        "[#2]: names no host",
        "[#3]: port: expected a port from 1 to 65535, got 99999",
        "[#4]: host: ",
        "[#5]: is the GX of [#1] again",
        "[#7]: is the GX of [#6] again",
        "[#8]: is no object",
        "[#9]: is no object",
        "[#10]: is no object",
        "[#11]: names no host",
    ):
        assert said in notes
    assert "sesame" not in notes


def test_same_names(tmp_path) -> None:
    """Entries of one name get different ids, the same ones each time."""
    entries = [{"name": "GX", "host": f"10.0.0.{n}"} for n in range(1, 4)]
    assert [d.id for d in loaded(tmp_path, entries).devices] == ["gx", "gx-2", "gx-3"]


def test_only_without_a_registry(tmp_path) -> None:
    """With a registry.toml, even an empty one, the older file is not looked at."""
    home = make_home(tmp_path, gx='{"broken', registry=device())
    assert [d.id for d in read(home).devices] == ["bess-1"]
    home = make_home(tmp_path, gx='{"broken', registry="")
    assert read(home).devices == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[\n{"host": "h",}\n]', "gx_systems.json:2: is no JSON"),
        ("", "gx_systems.json:1: is no JSON"),
        ("[" * 100_000, "gx_systems.json: cannot be read"),
        ('"10.0.0.1"', "gx_systems.json: holds neither a list nor an object"),
        ("3", "gx_systems.json: holds neither a list nor an object"),
        ("\x00", "gx_systems.json:1: is no JSON"),
    ],
)
def test_useless_files(tmp_path, text, said) -> None:
    """A file of which nothing can be understood is a problem like one in any other file."""
    found = problems(make_home(tmp_path, gx=text))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_repeated_keys(tmp_path) -> None:
    """A portal id that stands twice loses an entry: that is told."""
    notes = loaded(tmp_path, f'{{"{P1}": "10.0.0.1", "{P1}": "10.0.0.2"}}').notes
    assert any(f"{P1}: stands twice in one object" in note for note in notes)


def test_never_written(tmp_path) -> None:
    """Reading changes nothing in the folder, and passwords show nowhere."""
    text = json.dumps([{"host": "h", "password": "sesame"}])
    home = make_home(tmp_path, gx=text)
    result = read(home)
    assert result.devices[0].password == "sesame"
    assert "sesame" not in repr(result) + "".join(result.notes)
    assert [path.name for path in home.config.iterdir()] == ["gx_systems.json"]
    assert home.gx_systems_json.read_text() == text


KEYS = st.sampled_from(
    ["name", "host", "ip", "port", "portal_id", "user", "password", "tls", "id", "systems", "mqtt",
     "gx", "enabled", "x", P1, "", "\x1b[31m", "é"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["10.0.0.1", "h:1", "mqtt://[::1]:5", "[", "//", "", P1, "a b", "8883", "\x00"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@given(JSON)
def test_whatever_stands_in_it(tmp_path_factory, data) -> None:
    """Any JSON at all gives devices with legal unique ids and printable notes, never a crash."""
    file = tmp_path_factory.mktemp("gx") / "gx_systems.json"
    file.write_text(json.dumps(data))
    notes: list[Problem] = []
    devices = read_gx_systems(file, notes.append, notes.append).devices
    assert len({d.id for d in devices}) == len(devices)
    assert all(str(note).isprintable() for note in notes)
    assert all(d.host and 1 <= d.port <= 65535 for d in devices)


def test_error_is_config_error(tmp_path) -> None:
    """A broken file ends loading like any other bad configuration."""
    with pytest.raises(ConfigError):
        loaded(tmp_path, "[")
