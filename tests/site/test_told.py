"""What devices told of their assets outlives them, with the time from which it held."""

from pathlib import Path

from msgspec import UNSET, structs

from collector.app.told import known_of
from collector.config.node import NodeConfig
from collector.model.assets import AssetSettings, Link
from collector.model.kinds import AssetKind, DeviceKind, LinkType
from collector.model.report_input import Brand
from collector.reports import Known
from collector.site.memory import Memory
from collector.site.store import Store
from collector.site.told import MOST, SURE_S
from collector.store import NodeDb
from tests.support.sites import START_MS, Clocked, device

POWER, OTHER = frozenset({"generator_power_w"}), frozenset({"grid_power_w"})
GX = structs.replace(device("bess-1", DeviceKind.GX), name="BESS 1")
GEN = device("gen-1", DeviceKind.MODBUS)
NODE = NodeConfig(id="n1", site="field", timezone="UTC")


def tells(c: Clocked, serial: str = "", model: str = "7310", *, linked: frozenset[str] = POWER):
    """A GX tells of itself and the generator behind it."""
    image = c.image("bess-1")
    c.site.watches["bess-1"].turn("running")
    image.declare("", AssetKind.BESS, name="GX", model="Cerbo")
    image.declare("genset", AssetKind.GENERATOR, name="DSE", model=model, serial=serial)
    image.link_same("", "genset", linked)
    image.alive()


def known(c: Clocked) -> Known:
    """What reports are told."""
    return known_of(NODE, c.site, Brand())


def minute(c: Clocked) -> int:
    """The UTC minute of the last tick, in ms."""
    return (START_MS + int(c.now_s) * 1000) // 60_000 * 60_000


def inside(c: Clocked) -> list[tuple[object, object, frozenset[str] | None]]:
    """The links of the GX to its generator: from when, until when, about what."""
    return [(one.from_ms, one.to_ms, one.quantities) for one in known(c).links]


async def restarted(c: Clocked, folder: Path, *devices: object, **more: object) -> Clocked:
    """Another run on what was kept, with nothing heard yet."""
    db = NodeDb(folder / "node.db")
    await db.open()
    store = Store(db)
    memory = c.site.memory()
    await store.save(memory)
    c.site.saved(memory)
    assert c.site.memory().told == {}
    found: Memory = await store.load()
    await db.close()
    again = Clocked(*devices, memory=found, **more)  # type: ignore[arg-type]
    again.now_s = c.now_s
    again.tick()
    return again


async def test_what_was_told_is_known_after_a_restart_without_devices(tmp_path):
    """Kind, name, model, serial, how a meter is set and the links, to the letter."""
    c = Clocked(GX)
    tells(c, "G1")
    c.image("bess-1").remark("genset", "meter", "Set to 400/5.")
    c.tick()
    told = known(c)
    assert told.assets["bess-1.genset"].meter == "Set to 400/5."
    again = await restarted(c, tmp_path, GX)
    assert [one.id for one in again.taken.assets] == ["bess-1"]
    assert known(again) == told
    link = Link(
        asset="bess-1", type=LinkType.SAME_AS, other="bess-1.genset", quantities=POWER,
        why="inside the device",
    )  # fmt: skip
    assert told.links == (link,)


async def test_a_device_that_is_in_no_registry_any_more(tmp_path):
    """It is removed, and the node started again: what it told stays."""
    c = Clocked(GX)
    tells(c)
    c.tick()
    told = known(c)
    c.site.apply([], {}, [])
    c.tick()
    assert known(c) == told
    assert known(await restarted(c, tmp_path)) == told


async def test_names_are_as_people_say_now(tmp_path):
    """An asset that is called otherwise while its device is off is called so in all times."""
    c = Clocked(GX)
    tells(c)
    c.tick()
    c.tick(600)
    tells(c, model="7320")
    c.tick()
    said = {"bess-1.genset": AssetSettings(name="Stage generator", unit_no="G-7")}
    found = known(await restarted(c, tmp_path, GX, settings=said))
    then, now = found.at(START_MS), found.at(minute(c))
    assert [each["bess-1.genset"].model for each in (then, now)] == ["7310", "7320"]
    assert {each["bess-1.genset"].name for each in (then, now)} == {"Stage generator"}
    assert {each["bess-1.genset"].unit_no for each in (then, now)} == {"G-7"}
    assert then["bess-1"].name == "BESS 1"


def test_a_link_that_changes_holds_for_its_time():
    """What is first told holds since ever; what is told otherwise, from its minute on; nothing is
    told twice, and what comes and goes within a minute leaves no trace."""
    c = Clocked(GX)
    tells(c)
    c.tick()
    assert inside(c) == [(UNSET, UNSET, POWER)]
    c.tick(600)
    tells(c, linked=OTHER)
    c.tick()
    first = minute(c)
    assert inside(c) == [(UNSET, first, POWER), (first, UNSET, OTHER)]
    c.tick(120)
    tells(c, linked=frozenset())
    c.tick()
    second = minute(c)
    assert inside(c) == [(UNSET, first, POWER), (first, second, OTHER)]
    tells(c, linked=OTHER)
    c.tick(0)
    assert inside(c) == [(UNSET, first, POWER), (first, UNSET, OTHER)]


def test_what_is_not_told_yet_takes_nothing_away():
    """On a new connection a device tells of its asset before it has told its model and serial."""
    c = Clocked(GX)
    tells(c, "G1")
    c.tick()
    c.image("bess-1").reset()
    c.tick(600)
    tells(c, "", "")
    c.tick()
    asset = known(c).assets["bess-1.genset"]
    assert (asset.model, asset.serial, known(c).before) == ("7310", "G1", {})


def test_equal_serials_link_also_who_is_silent(tmp_path):
    """The generator is a device of its own too. When another one stands behind the GX, the link
    ends there; what begins with it was not before."""
    c = Clocked(GX, GEN)
    tells(c, "SN-4711")
    c.image("gen-1").declare("", AssetKind.GENERATOR, serial="SN-4711")
    c.tick()
    serial = [one for one in known(c).links if one.quantities is None]
    assert [(one.asset, one.other, one.from_ms) for one in serial] == [
        ("bess-1.genset", "gen-1", UNSET)
    ]
    c.tick(600)
    tells(c, "SN-4712")
    c.tick()
    changed = minute(c)
    c.tick(600)
    c.image("gen-1").declare("", AssetKind.GENERATOR, serial="SN-4712")
    c.tick()
    serial = [one for one in known(c).links if one.quantities is None]
    assert [(one.from_ms, one.to_ms) for one in serial] == [
        (UNSET, changed),
        (minute(c), UNSET),
    ]


async def test_an_asset_that_its_device_has_no_more(tmp_path):
    """Started again, a GX lives for ten minutes and tells of no generator: the link has ended when
    it came to life. One that tells nothing at all ends nothing."""
    c = Clocked(GX)
    tells(c)
    c.tick()
    again = await restarted(c, tmp_path, GX)
    for _ in range(700):
        again.tick()
    assert inside(again) == [(UNSET, UNSET, POWER)]
    again.site.watches["bess-1"].turn("running")
    again.tick(60)
    begun = 0
    for _ in range(int(SURE_S) + 120):
        again.image("bess-1").declare("", AssetKind.BESS, name="GX", model="Cerbo")
        again.image("bess-1").alive()
        again.tick()
        begun = begun or minute(again)
    assert inside(again) == [(UNSET, begun, POWER)]
    tells(again)
    again.tick()
    assert inside(again) == [(UNSET, begun, POWER), (minute(again), UNSET, POWER)]


def test_while_the_clock_is_not_right():
    """What is told first is noted; a change waits for the time, and has the one when it came."""
    c = Clocked(GX)
    tells(c)
    c.site.take(START_MS, confirmed=False)
    assert inside(c) == [(UNSET, UNSET, POWER)]
    tells(c, linked=OTHER)
    c.site.take(START_MS + 1000, confirmed=False)
    assert inside(c) == [(UNSET, UNSET, POWER)]
    changed = minute(c)
    c.tick(600)
    assert inside(c) == [(UNSET, changed, POWER), (changed, UNSET, OTHER)]


def test_it_is_bounded():
    """A device that tells otherwise every minute: the oldest goes, and what came next holds since
    ever."""
    c = Clocked(GX)
    for number in range(MOST + 20):
        tells(c, linked=(POWER, OTHER)[number % 2])
        c.tick(60)
    found = inside(c)
    assert len(found) == MOST
    assert (found[0][0], found[-1][1]) == (UNSET, UNSET)
