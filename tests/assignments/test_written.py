"""Dated facts are written in the registry as a person would write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.assignments.written import written
from collector.errors import NotPossible
from collector.model.assignment import NUMBER, SERIAL, About, Fact

TABLES = {
    "version": 1,
    "device": [
        {"id": "bess-1", "kind": "gx", "host": "10.0.0.1", "system": "stage"},
        {"id": "stage-a", "kind": "acuvim", "host": "10.0.0.2"},
    ],
    "asset": [{"id": "bess-1.genset", "same_as": "stage-a", "rated_kva": 60.0}],
}
GENSET = "bess-1.genset"


def after(asset: str, what: Fact, value: str, key: str = "", tables=None):
    """The entries of the device and of the asset once a fact is written."""
    found = written(tables or TABLES, {About(asset, what, key): value})
    return {
        (table, one["id"]): {k: v for k, v in one.items() if k != "id"}
        for table in ("device", "asset")
        for one in found.get(table, [])
    }


@pytest.mark.parametrize(
    ("asset", "what", "key", "value", "place", "entry"),
    [
        ("bess-1", Fact.SYSTEM, "", "camp", ("device", "bess-1"), {"system": "camp"}),
        (GENSET, Fact.SYSTEM, "", "camp", ("asset", GENSET), {"system": "camp"}),
        (GENSET, Fact.UNIT, NUMBER, "G7", ("asset", GENSET), {"unit_no": "G7"}),
        (GENSET, Fact.ROLE, "", "generator", ("asset", GENSET), {"kind": "generator"}),
        (GENSET, Fact.ACCOUNT, "", "Stage Ltd", ("asset", GENSET), {"account": "Stage Ltd"}),
        (GENSET, Fact.RATING, "rated_kva", "100", ("asset", GENSET), {"rated_kva": 100.0}),
        (
            GENSET,
            Fact.RATING,
            "accuracy_class",
            "0.5S",
            ("asset", GENSET),
            {"accuracy_class": "0.5S"},
        ),
        (
            GENSET,
            Fact.RATING,
            "fuel_curve",
            "[[1,2],[3,4]]",
            ("asset", GENSET),
            {"fuel_curve": [[1, 2], [3, 4]]},
        ),
        (
            GENSET,
            Fact.LINK,
            "x",
            "behind",
            ("asset", GENSET),
            {"behind": "x", "same_as": "stage-a"},
        ),
        (GENSET, Fact.LINK, "x", "same_as", ("asset", GENSET), {"same_as": "x"}),
        (GENSET, Fact.LINK, "x", "apart_from", ("asset", GENSET), {"apart_from": ["x"]}),
    ],
)
def test_each_fact_has_its_place(asset, what, key, value, place, entry):
    """System at the device, everything else at the asset; nothing else changes."""
    found = after(asset, what, value, key)
    assert entry.items() <= found[place].items()
    before = written(TABLES, {})
    others = {k: v for k, v in after(asset, what, value, key).items() if k != place}
    assert (
        others.items()
        <= {
            (table, one["id"]): {k: v for k, v in one.items() if k != "id"}
            for table in ("device", "asset")
            for one in before[table]
        }.items()
    )


def test_one_link_of_a_pair_at_a_time():
    """Who says that two are apart takes back that they are the same; unlinking takes all away."""
    apart = after(GENSET, Fact.LINK, "apart_from", "stage-a")["asset", GENSET]
    assert apart == {"apart_from": ["stage-a"], "rated_kva": 60.0}
    tables = written(TABLES, {About(GENSET, Fact.LINK, "stage-a"): "apart_from"})
    again = after(GENSET, Fact.LINK, "same_as", "stage-a", tables)["asset", GENSET]
    assert again == {"same_as": "stage-a", "rated_kva": 60.0}
    nothing = after(GENSET, Fact.LINK, "", "stage-a", tables)["asset", GENSET]
    assert nothing == {"rated_kva": 60.0}


def test_an_assets_own_system_gives_way():
    """A device that is moved takes its main asset along."""
    tables = {**TABLES, "asset": [{"id": "bess-1", "system": "power"}]}
    found = after("bess-1", Fact.SYSTEM, "camp", "", tables)
    assert found["device", "bess-1"]["system"] == "camp"
    assert ("asset", "bess-1") not in found


@pytest.mark.parametrize(
    ("what", "key", "value", "told"),
    [
        (Fact.UNIT, SERIAL, "S1", "swap"),
        (Fact.RATING, "horsepower", "5", "no rating: there are rated_kva"),
        (Fact.RATING, "rated_kva", "many", "expected a number"),
        (Fact.RATING, "rated_kva", "nan", "expected a number"),
        (Fact.RATING, "fuel_curve", "{", "expected points"),
        (Fact.LINK, "x", "beside", "no link: there are same_as"),
    ],
)
def test_what_a_registry_cannot_say(what, key, value, told):
    """It is refused with what can be said."""
    with pytest.raises(NotPossible, match=told):
        written(TABLES, {About(GENSET, what, key): value})


def test_an_asset_of_no_device():
    """A misprint is told, with the nearest name."""
    with pytest.raises(NotPossible, match="bess-1"):
        written(TABLES, {About("bes-1", Fact.ACCOUNT): "x"})


@given(st.sampled_from(list(Fact)), st.text(max_size=12), st.text(max_size=20))
def test_any_text(what, key, value):
    """Whatever is said, it is written or refused; what was given stays as it is."""
    try:
        written(TABLES, {About(GENSET, what, key): value})
    except NotPossible:
        pass
    assert TABLES["asset"] == [{"id": GENSET, "same_as": "stage-a", "rated_kva": 60.0}]
