"""Which changes of a registry are dated facts."""

from msgspec import structs

from collector.assignments import assignments_of, facts_of
from collector.config.registry import Registry
from collector.model.assets import AssetSettings, Link, Ratings
from collector.model.assignment import NUMBER, OTHERS, SERIAL, About, Fact
from collector.model.kinds import AssetKind, DeviceKind, LinkType
from tests.support.sites import device

BESS = structs.replace(device("bess-1", DeviceKind.GX, portal_id="b827eb000001"), name="BESS 1")
METER = device("stage-a", asset_kind=AssetKind.LOAD, system="stage")
SETTINGS = {
    "stage-a": AssetSettings(
        unit_no="M12",
        account="Stage Ltd",
        accuracy_class="0.5S",
        certificate="MID 12-34",
        ratings=Ratings(rated_kva=250.0, nominal_v=230.0),
        fuel_curve=((10.0, 4.0), (50.0, 14.5)),
    ),
    "bess-1.genset": AssetSettings(kind=AssetKind.GENERATOR, system="power"),
}
FED = Link(asset="stage-a", type=LinkType.BEHIND, other="bess-1")
BEFORE = Registry(devices=(BESS, METER), settings=SETTINGS, links=(FED,))


def told(after: Registry) -> dict[tuple[str, str, str], str]:
    """What a change from BEFORE states."""
    found = assignments_of(BEFORE, after, 5000, person="anna", reason="why", made_ms=9000)
    assert all((one.from_ms, one.made_ms, one.person) == (5000, 9000, "anna") for one in found)
    assert len({one.id for one in found}) == len(found)
    return {(one.asset, one.what.value, one.key): one.value for one in found}


def test_everything_dated_is_a_fact():
    """Unit, system, role, link, rating and account, as text; names and addresses are none."""
    assert facts_of(BEFORE, {"bess-1": "ignored", "stage-a": "AH123"}) == {
        About("bess-1", Fact.SYSTEM): "bess-1",
        About("bess-1", Fact.UNIT, SERIAL): "b827eb000001",
        About("bess-1.genset", Fact.SYSTEM): "power",
        About("bess-1.genset", Fact.ROLE): "generator",
        About("stage-a", Fact.SYSTEM): "stage",
        About("stage-a", Fact.UNIT, SERIAL): "AH123",
        About("stage-a", Fact.UNIT, NUMBER): "M12",
        About("stage-a", Fact.ROLE): "load",
        About("stage-a", Fact.ACCOUNT): "Stage Ltd",
        About("stage-a", Fact.RATING, "rated_kva"): "250",
        About("stage-a", Fact.RATING, "nominal_v"): "230",
        About("stage-a", Fact.RATING, "accuracy_class"): "0.5S",
        About("stage-a", Fact.RATING, "certificate"): "MID 12-34",
        About("stage-a", Fact.RATING, "fuel_curve"): "[[10.0,4.0],[50.0,14.5]]",
        About("stage-a", Fact.LINK, "bess-1"): "behind",
    }


def test_what_is_no_dated_fact_states_nothing():
    """Another name, address or login is no assignment."""
    other = structs.replace(BESS, name="B", host="10.0.0.9", port=8883, password="x", tls=True)
    assert told(structs.replace(BEFORE, devices=(other, METER))) == {}


def test_each_change_is_one_statement():
    """A meter is moved, linked elsewhere, rated anew, and its account is taken away."""
    settings = {
        **SETTINGS,
        "stage-a": structs.replace(
            SETTINGS["stage-a"],
            account="",
            ratings=Ratings(rated_kva=100.0, nominal_v=230.0),
        ),
    }
    link = Link(asset="stage-a", type=LinkType.SAME_AS, other="bess-1.grid")
    devices = (BESS, structs.replace(METER, system="camp"))
    assert told(Registry(devices=devices, settings=settings, links=(link,))) == {
        ("stage-a", "system", ""): "camp",
        ("stage-a", "account", ""): "",
        ("stage-a", "rating", "rated_kva"): "100",
        ("stage-a", "link", "bess-1"): "",
        ("stage-a", "link", "bess-1.grid"): "same_as",
    }


def test_a_main_asset_that_goes_alone():
    """An asset's own system stands above its device's, which its other assets keep."""
    settings = {**SETTINGS, "bess-1": AssetSettings(system="stage")}
    assert told(structs.replace(BEFORE, settings=settings)) == {
        ("bess-1", "system", ""): "stage",
        ("bess-1", "system", OTHERS): "bess-1",
    }


def test_a_device_that_is_removed_holds_nothing():
    """All its facts end."""
    after = Registry(devices=(BESS,), settings={}, links=())
    found = told(after)
    assert set(found.values()) == {""}
    assert {asset for asset, *_ in found} == {"stage-a", "bess-1.genset"}
    assert len(found) == 12
