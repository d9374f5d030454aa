"""A meter that is set anew while it is read: no value and no kWh under the wrong factors."""

import pytest
from pymodbus.constants import ExcCodes

from collector.model.kinds import AssetKind
from tests.modbus.acuvim_bench import approx
from tests.modbus.acuvim_map import VALUES, P, acuvim_ii, write_ii
from tests.modbus.live import values
from tests.support.modbus import u32

WRONG_L2 = dict(VALUES, pb=-VALUES["pb"], qb=-VALUES["qb"])


def powers(b):
    """All powers that the image is given from now on, as they come."""
    seen = []
    put = b.image.put

    def watched(role, key, value):
        if key == "load_power_w":
            seen.append(value)
        put(role, key, value)

    b.image.put = watched
    return seen


@pytest.mark.parametrize(
    "change", [{"mode": 0}, {"mode": 0, "ct": (2000, 5)}, {"mode": 0, "pt": (11_000, 110)}]
)
async def test_no_poll_is_scaled_wrongly(bench, change):
    """Somebody turns the meter to secondary values: the very next poll is right, none is wrong."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        seen = powers(b)
        write_ii(unit, **change)
        await run.until(lambda: "settings" in b.notes)
        await b.polls(run, 3)
        assert seen == approx([sum(P)] * len(seen))


async def test_a_ratio_that_shows_nowhere_is_found_soon(bench):
    """In secondary mode a corrected CT ratio changes no register but its own: it counts within
    fifteen seconds."""
    unit = acuvim_ii(mode=0, ct=(1000, 5))
    b = await bench(unit)
    async with b.live() as run:
        unit.put(0x1008, [500])
        began = b.time.now
        await run.until(lambda: values(b.site)["load_power_w"] == approx(sum(P) / 2))
        assert b.time.now - began <= 17
        assert "CT 500:5" in b.notes["settings"]
        assert "CT 1000:5" in b.notes["settings"]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"energy_mode": 1}, 617_283),
        ({"energy_mode": 1}, 123_456_700),
        ({"energy_mode": 2}, 12_345_670),
        ({"ct": (2000, 5)}, 2_469_134),
    ],
)
async def test_energy_never_jumps_with_the_settings(bench, change, counts):
    """Another form or ratio makes the register another register: its first value is a baseline."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        b.site.tick()
        unit.put(0x4048, u32(1_234_569))
        await b.polls(run, 2)
        b.site.tick()
        write_ii(unit, energy=(counts, 89), **change)
        await run.until(lambda: "settings" in b.notes)
        await b.polls(run, 2)
        b.site.tick()
        unit.put(0x4048, u32(counts + 3))
        await b.polls(run, 2)
        b.site.tick()
        (counter,) = b.site.site.counters.values()
        step = b.image.roles[""].counters["load_energy_kwh"].modulus / 1e9
        assert counter.total == approx(0.2 + 3 * step)


async def test_a_load_that_steps_asks_the_settings_and_changes_nothing(bench):
    """Twice the current at once costs one request more; nothing is told."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        await b.polls(run)
        unit.asked.clear()
        write_ii(
            unit, values={k: 2 * v if k in {"i1", "i2", "i3"} else v for k, v in VALUES.items()}
        )
        await b.polls(run, 3)
        assert unit.asked.count((0x1003, 27)) == 1
        assert "settings" not in b.notes


async def test_a_module_that_has_lost_its_meter_ends_nothing(bench):
    """Zeros for everything, settings too, for a while: dropped, and the source goes on."""
    unit = acuvim_ii()
    sound = dict(unit.registers)
    b = await bench(unit)
    async with b.live() as run:
        for address in sound:
            unit.registers[address] = sound[address] if address >= 0xC350 else 0
        await run.until(lambda: b.image.drops.get("null frame", 0) >= 40)
        unit.registers.update(sound)
        await b.polls(run, 3)
        assert values(b.site)["load_power_w"] == approx(sum(P))
        assert "settings" not in b.notes


async def test_a_hint_outlives_a_connection(bench):
    """A meter that is lost and found keeps its hint: it does not go and come with the line, and
    still goes once the CT was turned."""
    unit = acuvim_ii(values=WRONG_L2)
    b = await bench(unit)
    source = b.source()
    async with b.live_with(source) as run:
        await run.until(lambda: "direction" in b.notes)
    async with b.live_with(source) as run:
        await b.polls(run, 3)
        assert "direction" in b.notes
        write_ii(unit)
        await run.until(lambda: "direction" not in b.notes)


async def test_wrong_cts_are_named_on_the_asset(bench):
    """One CT the wrong way round: the asset's notes say which to turn, in the snapshot too."""
    b = await bench(acuvim_ii(values=WRONG_L2), asset_kind=AssetKind.GENERATOR)
    async with b.live() as run:
        await run.until(lambda: "direction" in b.notes)
        b.site.tick()
        notes = " ".join(b.site.asset("d1").notes)
        assert "The CT of L2 faces backwards: turn it around" in notes


async def test_a_refusal_by_mistake_takes_nothing_away(bench):
    """A single "no such registers" (another unit's answer) costs a poll, and no block for good."""
    unit = acuvim_ii()
    b = await bench(unit)
    async with b.live() as run:
        unit.refuse_once[0x4000] = ExcCodes.ILLEGAL_ADDRESS
        await run.until(lambda: b.image.drops.get("illegal address"))
        unit.asked.clear()
        await b.polls(run, 3)
        assert set(unit.asked) == {(0x4000, 98)}
        assert b.image.drops == {"illegal address": 1}
