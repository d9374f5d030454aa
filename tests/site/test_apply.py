"""Another registry takes its place while the site runs."""

import math

from msgspec.structs import replace as called

from collector.model.assets import AssetSettings, Link
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind, LinkType
from collector.model.reading import Identity
from collector.model.series import decode_series
from tests.support.sites import Clocked, device


def live(c: Clocked, *names: str) -> None:
    """Let devices be heard."""
    for name in names:
        image = c.image(name)
        c.site.watches[name].turn("running")
        image.identify(Identity(serial=f"SN-{name}"))
        image.declare("", AssetKind.LOAD, name="said by itself")
        image.put("", "load_power_w", 1000.0)
        image.put_counter("", "load_energy_kwh", 50.0, path="p")
        image.cell("acuvim_p_total", {"unit": "1"}).set(1000.0)
        image.alive()


def systems(c: Clocked) -> dict[str, bool]:
    """In the last tick, by its system label: whether the power's series ended."""
    taken = c.taken.samples
    found = {}
    for series, value in zip(taken.series, taken.values, strict=True):
        name, labels = decode_series(series)
        if name == "ovr_load_power_w":
            found[labels["system"]] = math.isnan(value)
    return found


def test_a_removed_device_ends_with_one_stale_marker_on_each_series():
    """Nothing of it is shown or counted any more, and who it was is forgotten."""
    c = Clocked(device("d1"), device("d2"))
    live(c, "d1", "d2")
    c.tick()
    said = {key for key in c.samples() if key[1] == "d2"}
    c.site.apply([device("d1")], {}, [])
    live(c, "d1")
    c.tick()
    ended = {key for key, value in c.samples().items() if value == "stale"}
    assert ended == said
    assert [a.id for a in c.taken.assets] == ["d1"]
    assert c.taken.totals["load_power_w"].value == 1000.0
    assert [s.device for s in c.taken.sources] == ["d1"]
    assert set(c.site.identities.pins) == {"d1"}
    c.tick()
    assert not [key for key in c.samples() if key[1] == "d2"]


def test_a_removed_device_that_comes_back_counts_on():
    """Its total goes on from where it stood, with nothing added for the time between."""
    c = Clocked(device("d1"))
    live(c, "d1")
    c.tick()
    total = c.site.counters["d1", "load_energy_kwh"].total
    c.site.apply([], {}, [])
    c.tick(60)
    c.site.apply([device("d1")], {}, [])
    live(c, "d1")
    c.tick()
    assert c.site.counters["d1", "load_energy_kwh"].total == total


def test_an_added_device_waits_to_be_heard():
    """It is seen at once, without a value."""
    c = Clocked(device("d1"))
    live(c, "d1")
    c.tick()
    c.site.apply([device("d2", kind=DeviceKind.GX), device("d1")], {}, [])
    live(c, "d1")
    c.tick()
    assert [a.id for a in c.taken.assets] == ["d2", "d1"], "in the registry's order"
    assert c.asset("d2").status is AssetStatus.WAITING
    assert c.asset("d2").kind is AssetKind.BESS
    live(c, "d1", "d2")
    c.tick()
    assert c.asset("d2").status is AssetStatus.LIVE


def test_who_stays_the_same_notices_nothing():
    """No series ends, no value is doubted, and the very image goes on."""
    c = Clocked(device("d1"), device("d2"))
    live(c, "d1", "d2")
    c.tick()
    image = c.image("d1")
    c.site.apply([device("d1"), called(device("d2"), name="Other")], {}, [])
    c.image("d1").put("", "load_power_w", 1100.0)
    c.tick()
    assert c.image("d1") is image
    assert c.asset("d1").readings["load_power_w"].value == 1100.0
    assert "stale" not in c.samples().values()


def test_another_name_or_system_leaves_the_asset_live():
    """A system is a label: its series end, and begin with the new one in the same tick."""
    c = Clocked(device("d1"))
    live(c, "d1")
    c.tick()
    c.site.apply([called(device("d1"), name="Stage", system="s2")], {}, [])
    c.tick()
    asset = c.asset("d1")
    assert asset.readings["load_power_w"].value == 1000.0, "a GX says it only when it changes"
    assert systems(c) == {"d1": True, "s2": False}, "one ends, the other begins"
    history = c.site.history("d1", "load_power_w", 0, 1 << 60, 1)
    assert history is not None
    assert history[1] == [1000.0, 1000.0]
    assert (asset.name, asset.system, asset.status) == ("Stage", "s2", AssetStatus.LIVE)
    assert c.site.counters["d1", "load_energy_kwh"].total == 0.0
    c.site.apply([device("d1")], {"d1": AssetSettings(name="Registered")}, [])
    c.tick()
    assert c.asset("d1").name == "Registered"
    c.site.apply([device("d1")], {}, [])
    c.tick()
    assert c.asset("d1").name == "said by itself"


def test_an_expected_asset_takes_the_new_kind():
    """Before a device answers its kind is what the registry says."""
    c = Clocked(device("d1", asset_kind=AssetKind.PV))
    c.tick()
    c.site.apply([device("d1", asset_kind=AssetKind.GRID)], {}, [])
    c.tick()
    assert c.asset("d1").kind is AssetKind.GRID
    assert c.asset("d1").status is AssetStatus.WAITING


def test_a_link_counts_from_the_next_tick():
    """Two loads, of which one is behind the other: the parent counts."""
    c = Clocked(device("d1"), device("d2"))
    live(c, "d1", "d2")
    c.tick()
    assert c.taken.totals["load_power_w"].value == 2000.0
    devices = [device("d1"), device("d2")]
    c.site.apply(devices, {}, [Link(asset="d2", type=LinkType.BEHIND, other="d1")])
    c.tick()
    assert c.taken.totals["load_power_w"].value == 1000.0
    c.site.apply(devices, {}, [])
    c.tick()
    assert c.taken.totals["load_power_w"].value == 2000.0


def test_disabled_and_enabled_again():
    """A disabled device ends; enabled again it waits for its source."""
    c = Clocked(device("d1"))
    live(c, "d1")
    c.tick()
    c.site.apply([device("d1", enabled=False)], {}, [])
    c.tick()
    assert c.asset("d1").status is AssetStatus.DISABLED
    assert "stale" in c.samples().values()
    c.site.apply([device("d1")], {}, [])
    c.image("d1").reset()
    c.tick()
    assert c.asset("d1").status is not AssetStatus.DISABLED
    live(c, "d1")
    c.tick()
    assert c.asset("d1").status is AssetStatus.LIVE


def test_another_kind_is_another_device():
    """Nothing of the former is taken for the new one's."""
    c = Clocked(device("d1"))
    live(c, "d1")
    c.tick()
    c.site.apply([device("d1", kind=DeviceKind.FRONIUS)], {}, [])
    c.tick()
    assert c.asset("d1").status is AssetStatus.WAITING
    assert c.asset("d1").kind is AssetKind.PV
    assert not c.site.identities.pins
