"""From what sources say to one frozen image a second."""

import math
from itertools import pairwise

import pytest

from collector.errors import WrongDevice
from collector.model.assets import Link, Ratings
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind, LinkType, Quality
from collector.model.reading import Identity
from tests.support.sites import AssetSettings, Clocked, device


def meter(**more):
    """A site with one polled meter that has said its first values."""
    c = Clocked(device(**more))
    c.image().declare("", AssetKind.LOAD, name="Stage")
    c.image().silence_limit(3.5)
    return c


def say(c, power=1000.0, name="d1", role=""):
    """One poll of a meter."""
    c.image(name).put(role, "load_power_w", power)
    c.image(name).alive(role)


def test_waiting_until_heard():
    """A device of the registry is seen before it answers, and counts for nothing."""
    c = Clocked(device(name="d1"), device(name="gx", kind=DeviceKind.GX))
    c.tick()
    assert c.asset("d1").status is AssetStatus.WAITING
    assert c.asset("gx").kind is AssetKind.BESS
    assert c.taken.totals["load_power_w"].partial


def test_live_value():
    """A value said before the tick is in the image, good, stamped with the tick, and sampled."""
    c = meter()
    say(c, 1234.5)
    c.tick()
    reading = c.asset("d1").readings["load_power_w"]
    assert (reading.value, reading.quality) == (1234.5, Quality.GOOD)
    assert c.asset("d1").status is AssetStatus.LIVE
    assert c.samples()["ovr_load_power_w", "d1", ""] == 1234.5


def test_last_change_of_a_second_wins():
    """Several values within a tick leave one sample."""
    c = meter()
    for power in (1.0, 2.0, 3.0):
        say(c, power)
    c.tick()
    assert c.samples()["ovr_load_power_w", "d1", ""] == 3.0


def test_stale_at_once():
    """After its silence limit an asset is stale: aged, out of totals, one stale marker, silence."""
    c = meter()
    say(c)
    c.tick()
    for _ in range(2):
        c.tick()
    assert c.asset("d1").status is AssetStatus.LIVE
    c.tick()
    view = c.asset("d1")
    assert (view.status, view.age_s) == (AssetStatus.STALE, 4.0)
    assert view.readings["load_power_w"].quality is Quality.STALE
    assert view.readings["load_power_w"].value == 1000.0
    assert c.taken.totals["load_power_w"].value is None
    assert c.taken.totals["load_power_w"].left_out == ("d1",)
    assert c.samples()["ovr_load_power_w", "d1", ""] == "stale"
    c.tick()
    assert c.samples() == {}


def test_live_again():
    """When it speaks again, the series goes on with the first value."""
    c = meter()
    say(c)
    c.tick()
    c.tick(10)
    say(c)
    c.tick()
    assert c.samples()["ovr_load_power_w", "d1", ""] == 1000.0


def test_unchanged_values_are_seen_again():
    """A live value that stands still is sampled at least every 30 s."""
    c = meter()
    at = []
    for tick in range(95):
        say(c, 7.0)
        c.tick()
        if ("ovr_load_power_w", "d1", "") in c.samples():
            at.append(tick)
    gaps = [b - a for a, b in pairwise(at)]
    assert gaps
    assert max(gaps) <= 30
    assert len(at) <= 5


def test_raw_series():
    """A raw series is sampled on change and at least every 240 s, with the older stack's label."""
    c = meter()
    cell = c.image().cell("acuvim_p", {"unit": "1"})
    assert c.image().cell("acuvim_p", {"unit": "1"}) is cell
    count = 0
    for _ in range(250):
        cell.set(5.0)
        say(c)
        c.tick()
        count += ("acuvim_p", "d1", "") in c.samples()
    assert count == 2
    cell.clear()
    say(c)
    c.tick()
    assert c.samples()["acuvim_p", "d1", ""] == "stale"


def test_raw_of_a_polled_device_ends_with_its_polls():
    """A raw series that a polled device no longer says ends, though a neighbour unit lives."""
    c = meter()
    c.image().declare("meter", AssetKind.GRID)
    cell = c.image().cell("fronius_w", {})
    cell.set(5.0)
    say(c)
    c.image().alive("meter")
    c.tick()
    seen = []
    for _ in range(6):
        c.image().alive("meter")
        c.tick()
        seen.append(c.samples().get(("fronius_w", "d1", "")))
    assert seen.count("stale") == 1


def test_not_finite_never_gets_in():
    """NaN and infinity are counted and become "no valid value", never a sample."""
    c = meter()
    c.image().cell("acuvim_p", {}).set(math.nan)
    say(c, math.inf)
    c.tick()
    assert c.asset("d1").readings["load_power_w"].quality is Quality.BAD
    assert c.samples() == {}
    assert c.taken.sources[0].drops == {"not finite": 2}


def test_what_cannot_be_so_large_never_gets_in():
    """A value beyond all quantities (1e308 is finite) is counted and left out: sums of it would
    end every tick."""
    c = meter()
    say(c, 1e308)
    c.tick()
    assert c.asset("d1").readings["load_power_w"].quality is Quality.BAD
    assert c.taken.sources[0].drops == {"too large": 1}


def test_invalid_now():
    """A value that the device takes back is shown as bad and its series ends."""
    c = meter()
    say(c)
    c.tick()
    say(c, None)
    c.tick()
    assert c.asset("d1").readings["load_power_w"].quality is Quality.BAD
    assert c.samples()["ovr_load_power_w", "d1", ""] == "stale"


@pytest.mark.parametrize(
    ("kind", "states", "partial"),
    [
        (AssetKind.GRID, {}, True),
        (AssetKind.GENERATOR, {}, True),
        (AssetKind.GENERATOR, {"generator_state": 3.0}, True),
        (AssetKind.GENERATOR, {"generator_state": 0.0}, False),
        (AssetKind.PV, {"pv_state": 3.0}, True),
        (AssetKind.PV, {"pv_state": 1.0}, False),
        (AssetKind.BESS, {}, False),
    ],
)
def test_source_without_a_value(kind, states, partial):
    """A live source whose power has no valid value makes the total partial, unless it says that it
    rests; an input of a battery system may just be unconnected."""
    c = Clocked(device())
    c.image().declare("", kind)
    power = "grid_power_w" if kind is AssetKind.BESS else f"{kind.value}_power_w"
    c.image().put("", power, None)
    for state, value in states.items():
        c.image().put("", state, value)
    c.image().alive()
    c.tick()
    assert c.asset("d1").status is AssetStatus.LIVE
    assert c.taken.totals[power].partial is partial


def test_reconnect_doubts_everything():
    """Values from before a reconnect are not live until they are said again."""
    c = meter()
    c.image().put("", "frequency_hz", 50.0)
    say(c)
    c.tick()
    c.image().reset()
    c.image().alive()
    c.tick()
    assert c.asset("d1").status is AssetStatus.STALE
    c.image().declare("", AssetKind.LOAD)
    say(c, 2000.0)
    c.tick()
    readings = c.asset("d1").readings
    assert readings["load_power_w"].quality is Quality.GOOD
    assert readings["frequency_hz"].quality is Quality.STALE


def test_gone_by_its_own_word():
    """An asset that the device calls gone is lost at once, though the device lives."""
    c = meter()
    c.image().declare("pv", AssetKind.PV)
    c.image().put("pv", "pv_power_w", 5.0)
    say(c)
    c.image().alive()
    c.tick()
    assert c.asset("d1.pv").status is AssetStatus.LIVE
    c.image().present("pv", present=False, reason="the GX lost it")
    c.image().alive()
    c.tick()
    assert (c.asset("d1.pv").status, c.asset("d1.pv").reason) == (
        AssetStatus.LOST,
        "the GX lost it",
    )
    assert c.asset("d1").status is AssetStatus.LIVE


def test_pinned_identity():
    """Another identity at the address is refused, whether stored at first contact or registered."""
    c = Clocked(device(name="d1"), device(name="d2", portal_id="aa"))
    c.image("d1").identify(Identity(serial="S1"))
    assert c.site.identities.pins["d1"].serial == "S1"
    c.image("d1").reset()
    with pytest.raises(WrongDevice, match="S9"):
        c.image("d1").identify(Identity(serial="S9"))
    with pytest.raises(WrongDevice, match="expected aa"):
        c.image("d2").identify(Identity(serial="bb"))


def test_one_device_twice_in_the_registry():
    """Two entries that lead to one device: the second is refused, so nothing counts twice."""
    c = Clocked(device(name="d1"), device(name="d2"))
    c.image("d1").identify(Identity(serial="S1"))
    c.image("d1").alive()
    c.tick()
    with pytest.raises(WrongDevice, match="d1"):
        c.image("d2").identify(Identity(serial="S1"))


def test_wrong_device_counts_for_nothing():
    """While another device answers, the asset says so and nothing is sampled."""
    c = meter()
    say(c)
    c.tick()
    c.site.watches["d1"].turn("wrong device")
    c.tick()
    assert c.asset("d1").status is AssetStatus.WRONG
    assert c.samples()["ovr_load_power_w", "d1", ""] == "stale"
    assert c.taken.totals["load_power_w"].value is None


def test_counter_through_the_image():
    """A register becomes the program's own total and a sampled counter."""
    c = meter()
    for raw in (1000.0, 1000.5):
        c.image().put_counter("", "load_energy_kwh", raw, path="0x4048")
        say(c)
        c.tick()
    assert c.asset("d1").readings["load_energy_kwh"].value == 0.5
    assert c.samples()["ovr_load_energy_kwh", "d1", ""] == 0.5
    assert c.taken.today["load_energy_kwh"].value == 0.5


def test_energy_without_register_is_integrated():
    """Where no register exists, power is integrated by the trapezoid, only while it is live."""
    c = meter()
    for power in (0.0, 3_600_000.0, 3_600_000.0):
        say(c, power)
        c.tick()
    assert c.asset("d1").readings["load_energy_kwh"].value == pytest.approx(1.5)
    c.tick(100)
    say(c, 3_600_000.0)
    c.tick()
    assert c.asset("d1").readings["load_energy_kwh"].value == pytest.approx(1.5)


def test_total_survives_a_restart():
    """Counting goes on after a restart where the saved register stood."""
    c = meter()
    c.image().identify(Identity(serial="S1"))
    for raw in (10.0, 10.5):
        c.image().put_counter("", "load_energy_kwh", raw, path="p")
        say(c)
        c.tick()
    again = Clocked(device(), memory=c.site.memory())
    again.now_s = c.now_s + 30
    again.image().declare("", AssetKind.LOAD)
    again.image().identify(Identity(serial="S1"))
    again.image().put_counter("", "load_energy_kwh", 11.0, path="p")
    say(again)
    again.tick()
    assert again.asset("d1").readings["load_energy_kwh"].value == pytest.approx(
        c.asset("d1").readings["load_energy_kwh"].value + 0.5
    )


def test_refused_jump_is_listed():
    """Energy beyond the rating is refused, and an operator sees it at the asset."""
    c = Clocked(device(), settings={"d1": AssetSettings(ratings=Ratings(rated_kw=10))})
    c.image().declare("", AssetKind.LOAD)
    for raw in (10.0, 500.0):
        c.image().put_counter("", "load_energy_kwh", raw, path="p")
        say(c)
        c.tick()
    assert c.asset("d1").readings["load_energy_kwh"].value == 0
    (note,) = c.asset("d1").notes
    assert note.startswith("load energy: refused: +")
    assert note.endswith(" kWh is more than the rating")


def test_equal_serials_count_once():
    """An inverter that a GX tells of and that is read itself is one inverter."""
    c = Clocked(device(name="gx", kind=DeviceKind.GX), device(name="pv-1", kind=DeviceKind.FRONIUS))
    c.image("gx").declare("", AssetKind.BESS)
    c.image("gx").declare("pvinverter", AssetKind.PV, serial="30412345")
    c.image("gx").put("pvinverter", "pv_power_w", 990.0)
    c.image("gx").alive()
    c.image("pv-1").declare("", AssetKind.PV, serial="30412345 ")
    c.image("pv-1").put("", "pv_power_w", 1000.0)
    c.image("pv-1").alive()
    c.tick()
    total = c.taken.totals["pv_power_w"]
    assert (total.value, total.counted) == (1000.0, ("pv-1",))
    assert [check.asset for check in total.checks] == ["gx.pvinverter"]


def test_registry_links():
    """A stage meter behind a battery system is a part of its load."""
    c = Clocked(
        device(name="bess", kind=DeviceKind.GX),
        device(name="stage"),
        links=(Link(asset="stage", type=LinkType.BEHIND, other="bess"),),
    )
    c.image("bess").declare("", AssetKind.BESS)
    c.image("stage").declare("", AssetKind.LOAD)
    say(c, 1000.0, "bess")
    say(c, 800.0, "stage")
    c.tick()
    total = c.taken.totals["load_power_w"]
    assert (total.value, total.counted) == (1000.0, ("bess",))
    assert total.remainders[0].value == 200.0


def test_registry_link_beside_those_of_the_device():
    """That a battery system's load is metered elsewhere too is a person's word on its load; its
    generator input stays a check of the generator that it tells of. Another generator named by a
    person replaces that."""

    def taken(other, *more):
        c = Clocked(
            device(name="bess", kind=DeviceKind.GX),
            device(name=other),
            links=(Link(asset="bess", type=LinkType.SAME_AS, other=other), *more),
        )
        c.image("bess").declare("", AssetKind.BESS)
        c.image("bess").declare("genset", AssetKind.GENERATOR)
        c.image("bess").link_same("", "genset", frozenset({"generator_power_w"}))
        c.image("bess").put("", "load_power_w", 800.0)
        c.image("bess").put("", "generator_power_w", 5000.0)
        c.image("bess").put("genset", "generator_power_w", 5100.0)
        kind = AssetKind.GENERATOR if other == "genset-2" else AssetKind.LOAD
        c.image(other).declare("", kind)
        c.image(other).put("", f"{kind.value}_power_w", 810.0)
        for name in ("bess", other):
            c.image(name).alive()
        return c.tick().totals

    totals = taken("stage")
    assert totals["load_power_w"].counted == ("stage",)
    assert totals["generator_power_w"].counted == ("bess.genset",)
    assert taken("genset-2")["generator_power_w"].counted == ("bess.genset", "genset-2")


def test_registry_names_what_is_not_there():
    """A link to a role that the device does not have (a misprint) is hinted at once the device has
    been read for a while, and no more when the role turns up."""
    c = Clocked(
        device(name="gx", kind=DeviceKind.GX),
        device(name="dse"),
        links=(Link(asset="gx.gensett", type=LinkType.SAME_AS, other="dse"),),
    )

    def hints():
        for _ in range(130):
            c.image("gx").alive()
            c.tick()
        return c.asset("gx").notes

    c.image("gx").declare("", AssetKind.BESS)
    c.image("gx").declare("genset", AssetKind.GENERATOR)
    c.image("gx").put("", "load_power_w", 1.0)
    assert hints() == ("registry.toml names gx.gensett, not seen so far; there are gx, gx.genset",)
    assert c.asset("dse").notes == ()
    c.image("gx").declare("gensett", AssetKind.GENERATOR)
    assert hints() == ()


def test_device_without_a_main_asset():
    """A GX that turns out to have a generator only loses its assumed battery asset."""
    c = Clocked(device(name="gx", kind=DeviceKind.GX))
    c.tick()
    assert [a.id for a in c.taken.assets] == ["gx"]
    c.image("gx").declare("genset", AssetKind.GENERATOR)
    for _ in range(20):
        c.image("gx").alive()
        c.tick()
    assert [a.id for a in c.taken.assets] == ["gx.genset"]


def test_disabled():
    """A disabled device is shown as such and leaves no total partial."""
    c = Clocked(device(enabled=False))
    c.tick()
    assert c.asset("d1").status is AssetStatus.DISABLED
    assert not c.taken.totals["load_power_w"].partial


def test_kind_by_the_registry():
    """What a meter measures is a person's to say; what the devices of a GX measure the GX knows,
    and a registry that differs is hinted at."""
    said = AssetSettings(kind=AssetKind.GENERATOR)
    c = Clocked(
        device(name="m"),
        device(name="gx", kind=DeviceKind.GX),
        settings={"m": said, "gx.grid": said},
    )
    assert c.image("m").declare("", AssetKind.LOAD) is AssetKind.GENERATOR
    assert c.image("gx").declare("grid", AssetKind.GRID) is AssetKind.GRID
    c.tick()
    assert c.asset("m").kind is AssetKind.GENERATOR
    assert not c.asset("m").notes
    assert c.asset("gx.grid").kind is AssetKind.GRID
    assert "calls it a generator" in c.asset("gx.grid").notes[0]


def test_fault_in_a_derivation_hurts_nobody():
    """A source's faulty derivation is counted; the tick and the neighbours go on."""
    c = Clocked(device(name="d1"), device(name="d2"))
    c.image("d1").before_tick(lambda: 1 / 0)
    c.image("d2").declare("", AssetKind.LOAD)
    say(c, 5.0, "d2")
    c.tick()
    assert c.taken.totals["load_power_w"].value == 5.0
    assert c.taken.sources[0].drops == {"fault in derivation": 1}


def test_hostile_text():
    """Names from devices are cleaned at the door."""
    c = Clocked(device())
    c.image().declare("x", AssetKind.LOAD, name="a\x1b[31m\nb", serial="[/]")
    c.image().alive()
    c.tick()
    assert c.asset("d1.x").name == "a·[31m b"
    assert c.asset("d1.x").serial == "[/]"


def test_history():
    """The last 15 minutes are kept by the second; a gap is a gap."""
    c = meter()
    for power in (1.0, 2.0, 3.0):
        say(c, power)
        c.tick()
    c.tick(60)
    times, values = c.site.history("d1", "load_power_w", 0, 10**15, 1)
    assert values == [1.0, 2.0, 3.0, None]
    assert times == sorted(times)
    assert c.site.history("d1", "grid_power_w", 0, 10**15, 1) is None
    assert c.site.history("zz", "load_power_w", 0, 10**15, 1) is None
    assert c.site.history("d1", "load_power_w", 0, 10**15, 3600)[1] == [2.0]
