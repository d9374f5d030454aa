"""Changes of a registry's tables."""

from typing import Any

import pytest

from collector.errors import NotPossible
from collector.model import tables as edit

TABLES: dict[str, Any] = {
    "version": 1,
    "device": [
        {"id": "bess-1", "kind": "gx", "host": "10.0.0.1"},
        {"id": "stage-a", "kind": "acuvim", "host": "10.0.0.2", "unit": 3},
    ],
    "asset": [
        {"id": "bess-1.genset", "name": "Twin pack"},
        {"id": "stage-a", "behind": "bess-1"},
    ],
}


def test_a_device_is_added_and_found_again():
    """An added device is there; an id in use is refused."""
    new = {"id": "pv-1", "kind": "fronius", "host": "10.0.0.3", "name": None}
    after = edit.add_device(TABLES, new)
    assert edit.device_of(after, "pv-1") == {"id": "pv-1", "kind": "fronius", "host": "10.0.0.3"}
    assert len(TABLES["device"]) == 2, "what was given stays"
    with pytest.raises(NotPossible, match="stage-a is a device already"):
        edit.add_device(TABLES, {"id": "stage-a"})


def test_an_empty_registry_takes_a_device():
    """The first device makes the table."""
    new = {"id": "pv-1", "kind": "fronius", "host": "10.0.0.3"}
    assert edit.add_device({}, new) == {"version": 1, "device": [new]}


def test_keys_are_set_and_taken_away():
    """Given keys change, None takes one away."""
    after = edit.set_device(TABLES, "stage-a", {"unit": None, "name": "Stage A"})
    expected = {"id": "stage-a", "kind": "acuvim", "host": "10.0.0.2", "name": "Stage A"}
    assert edit.device_of(after, "stage-a") == expected
    assert edit.device_of(after, "bess-1") == TABLES["device"][0]


def test_an_id_stays_for_ever():
    """Nothing renames a device."""
    with pytest.raises(NotPossible, match="stays for ever"):
        edit.set_device(TABLES, "stage-a", {"id": "stage-b"})


def test_who_is_meant_is_hinted_at():
    """A misprint gets the nearest id as a hint."""
    with pytest.raises(NotPossible, match=r"no device stage-b .*stage-a"):
        edit.remove_device(TABLES, "stage-b")
    with pytest.raises(NotPossible, match="no device stage-b"):
        edit.set_device(TABLES, "stage-b", {})


def test_a_removed_device_leaves_nothing_that_names_it():
    """Its assets and links to it go with it."""
    after = edit.remove_device(TABLES, "bess-1")
    assert after == {"version": 1, "device": [TABLES["device"][1]]}


def test_links_to_others_stay_with_a_removal():
    """A list of links loses only those to it."""
    tables = edit.set_asset(TABLES, "stage-a", {"apart_from": ["bess-1", "pv-1"]})
    after = edit.remove_device(tables, "bess-1")
    assert after["asset"] == [{"id": "stage-a", "apart_from": ["pv-1"]}]


def test_what_is_said_of_an_asset():
    """An entry comes and goes with what it says."""
    more = edit.set_asset(TABLES, "bess-1", {"battery_kwh": 120.0})
    assert more["asset"][-1] == {"id": "bess-1", "battery_kwh": 120.0}
    less = edit.set_asset(more, "bess-1", {"battery_kwh": None})
    assert less["asset"] == TABLES["asset"]
    with pytest.raises(NotPossible, match="no device bess-9"):
        edit.set_asset(TABLES, "bess-9.genset", {"name": "x"})


def test_a_free_id():
    """A number makes it free."""
    assert edit.free_id(TABLES, "pv-1") == "pv-1"
    assert edit.free_id(TABLES, "stage-a") == "stage-a-2"
