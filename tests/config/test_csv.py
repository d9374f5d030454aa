"""Devices from a table, and values as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.csv_import import TEMPLATE, merged, read_csv
from collector.config.load import check_registry
from collector.config.problems import ConfigError
from collector.config.typed import asset_keys, device_keys, typed
from collector.errors import NotPossible
from collector.model.kinds import DeviceKind
from tests.config.homes import make_home


def problems(text: str) -> list[str]:
    """What is said of a table that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        read_csv("t.csv", text)
    return [str(problem) for problem in caught.value.problems]


def test_the_template_is_a_sound_registry(tmp_path):
    """What people are given to fill in works as it is."""
    home = make_home(tmp_path)
    tables = merged({}, read_csv("template", TEMPLATE))
    registry = check_registry(home, {}, tables)
    found = {device.id: device for device in registry.devices}
    assert [found[name].kind for name in ("bess-1", "stage-a", "genset-1")] == [
        DeviceKind.GX, DeviceKind.ACUVIM, DeviceKind.MODBUS,
    ]  # fmt: skip
    assert found["genset-1"].unit == 10
    assert registry.settings["stage-a"].ratings.rated_kva == 250
    assert {(link.asset, link.other) for link in registry.links} == {
        ("stage-a", "bess-1"),
        ("bess-1.genset", "genset-1"),
    }


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_what_spreadsheets_separate_with(mark):
    """Comma, semicolon and tab; quotes around cells, empty lines, a mark at the file's start."""
    text = '\ufeffid,kind,host,name\r\n"a-1",gx,10.0.0.1,"Main ""A"""\r\n\r\n'.replace(",", mark)
    (row,) = read_csv("t", text.encode().decode("utf-8-sig"))
    assert (row.id, row.device) == (
        "a-1",
        {"kind": "gx", "host": "10.0.0.1", "name": 'Main "A"'},
    )


def test_an_empty_cell_leaves_what_stands():
    """A known device keeps what its row does not say."""
    tables = {"device": [{"id": "a", "kind": "acuvim", "host": "10.0.0.1", "unit": 3}]}
    after = merged(tables, read_csv("t", "id,host,unit,rated_kva\na,10.0.0.9,,100\n"))
    assert after["device"] == [{"id": "a", "kind": "acuvim", "host": "10.0.0.9", "unit": 3}]
    assert after["asset"] == [{"id": "a", "rated_kva": 100.0}]


def test_all_that_is_wrong_is_told_at_its_line():
    """One mistake hides no other."""
    text = "id,kind,host,port\na,gx,h,many\n,gx,h,\nb,gx,h,1883\nb,gx,h2,1884\nc,gx,h,1,2\n"
    assert problems(text) == [
        "t.csv:2: a: port: expected a whole number, got many",
        "t.csv:3: id: is empty (each row says which device it is of)",
        "t.csv:5: id: b stands in line 4 too",
        "t.csv:6: has more cells than the first line",
    ]


def test_a_wrong_head():
    """Unknown columns with the nearest known name; a missing id."""
    assert problems("id,knd\na,gx\n") == [
        "t.csv:1: knd: is no column that is known here (did you mean kind?)"
    ]
    for text in ("kind,host\ngx,h\n", "", "version = 1\n"):
        (told,) = problems(text)
        assert told.startswith("t.csv:1: the first line names no column id")
    assert problems("id,kind\n")[0] == "t.csv: holds no rows (one line for each device)"


def test_no_password_in_a_table():
    """A password is referred to, never written."""
    assert "password" not in device_keys()
    assert {"password_secret", "password_env", "port", "asset_kind"} <= device_keys().keys()
    assert {"behind", "rated_kva", "apart_from"} <= asset_keys().keys()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("unit", " 7 ", 7), ("interval_s", "0.5", 0.5), ("tls", "Yes", True), ("tls", "off", False),
        ("name", "Stage A", "Stage A"), ("name", "  ", None), ("kind", "gx", "gx"),
    ],
)  # fmt: skip
def test_typed_values(key, text, value):
    """Text becomes what registry.toml holds."""
    assert typed(device_keys(), key, text) == value


def test_typed_lists():
    """Commas and spaces separate the parts of a list."""
    assert typed(asset_keys(), "apart_from", "a, b c") == ["a", "b", "c"]


@pytest.mark.parametrize(("key", "text"), [("unit", "x"), ("tls", "maybe"), ("unti", "1")])
def test_what_cannot_be(key, text):
    """The key stands in the message."""
    with pytest.raises(NotPossible, match=key):
        typed(device_keys(), key, text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    """Whatever is in a file is either read or refused with a reason."""
    try:
        rows = read_csv("t", text)
    except ConfigError:
        return
    assert all(row.id for row in rows)
