"""The panels of generators, meters, PV and tanks. Pure."""

from collections.abc import Sequence

from collector.model.kinds import AssetKind
from collector.wire import RawAnswer
from ovr_tui.console.asset.common import block, companions, energies, main_line, packed
from ovr_tui.console.asset.energy import Marks
from ovr_tui.console.asset.layout import Block, columns, lead, stacked
from ovr_tui.console.asset.phases import balance, cells_of, table
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.asset.strings import strings
from ovr_tui.console.format import Trust, number
from ovr_tui.console.glyphs import gauge
from ovr_tui.console.text import BLANK, Line, fit

WIDE_TABLE = 78
"""From so many cells on names in the table are written out."""
QUALITY = ("frequency_hz", "voltage_unbalance_pct", "current_unbalance_pct",
           "voltage_thd_pct", "current_thd_pct")  # fmt: skip
FUEL = ("fuel_level_pct", "fuel_remaining_l")


def generator(sheet: Sheet, marks: Marks, cells: int) -> list[Line]:
    """State in words, load against rating, engine, fuel, phases."""
    first: list[Line] = []
    state = sheet.state("generator_state")
    words: list[Line] = [(state,)] if state[0] else []
    words += _counted(sheet)
    if sheet.has("generator_power_w"):
        first += main_line(sheet, "generator_power_w", words, cells)
    else:
        first += packed(words, cells)
    engine = block(
        sheet, "ENGINE", "engine_speed_rpm", "engine_load_pct", "coolant_temperature_c",
        "oil_pressure_kpa", "battery_voltage_v",
    )  # fmt: skip
    fuel = Block(title="FUEL", lines=[*sheet.facts(*FUEL), *_tanks(sheet)])
    blocks = [engine, fuel, _quality(sheet), energies(sheet, marks), companions(sheet, {})]
    return _with_table(sheet, first, blocks, cells)


def _counted(sheet: Sheet) -> list[Line]:
    """Running hours and starts."""
    words: list[Line] = []
    if sheet.has("generator_run_s"):
        words.append((sheet.say("generator_run_s"), (" run", "dim")))
    if sheet.has("generator_starts"):
        words.append((sheet.say("generator_starts"), (" starts", "dim")))
    return words


def _tanks(sheet: Sheet) -> list[Line]:
    """The tanks of its system, where the generator itself has no level."""
    if sheet.has(*FUEL):
        return []
    lines: list[Line] = []
    for tank in sheet.others(AssetKind.TANK, system=True):
        name = fit(sheet.glyphs.text(tank.view.name or tank.view.id), 18)
        level = tank.figure("fuel_level_pct")
        text, tone = tank.say("fuel_level_pct")
        lines.append((
            (f" {name} ", "dim"),
            (gauge(level.value, 10, sheet.glyphs), "bar" if level.trust is Trust.GOOD else "dim"),
            (f" {text}  ", tone),
            tank.say("fuel_remaining_l"),
        ))  # fmt: skip
    return lines


def meter(sheet: Sheet, marks: Marks, cells: int) -> list[Line]:
    """A load's or the grid's meter: its power and which way it goes, phases, quality, energy."""
    grid = sheet.view.kind is AssetKind.GRID
    key = "grid_power_w" if grid else "load_power_w"
    words: list[Line] = [_way(sheet)] if grid else []
    words.append(balance(sheet, ("current_a", key)))
    first = main_line(sheet, key, words, cells) if sheet.has(key) else packed(words, cells)
    blocks = [_quality(sheet), energies(sheet, marks), companions(sheet, {})]
    return _with_table(sheet, first, blocks, cells)


def _way(sheet: Sheet) -> Line:
    value = sheet.figure("grid_power_w").good
    if value is None or abs(value) < 50:
        return ()
    return (("from the grid" if value > 0 else "into the grid", "text"),)


def _quality(sheet: Sheet) -> Block:
    return block(sheet, "QUALITY", *QUALITY)


def _with_table(
    sheet: Sheet, first: Sequence[Line], blocks: Sequence[Block], cells: int
) -> list[Line]:
    wide = cells >= WIDE_TABLE
    rows = table(sheet, wide=wide)
    top = [*first, BLANK] if rows or any(block.lines for block in blocks) else list(first)
    if not rows:
        return [*top, *columns(blocks, cells)]
    return [*top, *lead(rows, cells_of(wide), blocks, cells)]


def pv(sheet: Sheet, marks: Marks, raw: RawAnswer | None, cells: int) -> list[Line]:
    """State, its strings where the raw values have them, AC side, battery side, energy."""
    state = sheet.state("pv_state")
    words: list[Line] = [(state,)] if state[0] else []
    inverter = sheet.state("inverter_state")
    if inverter[0]:
        words.append((("charger ", "dim"), inverter))
    first = main_line(sheet, "pv_power_w", words, cells)
    dc = block(
        sheet, "BATTERY SIDE", "battery_voltage_v", "battery_current_a", "battery_power_w",
        "battery_soc_pct", "battery_temperature_c",
    )  # fmt: skip
    blocks = [
        strings(sheet, raw), dc, _quality(sheet), energies(sheet, marks), companions(sheet, {})
    ]  # fmt: skip
    return _with_table(sheet, first, blocks, cells)


def tank(sheet: Sheet, cells: int) -> list[Line]:
    """How full, and how much that is."""
    level = sheet.figure("fuel_level_pct")
    text, tone = sheet.say("fuel_level_pct")
    size = sheet.view.ratings.get("tank_l")
    live = level.trust is Trust.GOOD
    bar: Line = ((gauge(level.value, 30, sheet.glyphs), "bar" if live else "dim"),
                 (f" {text}", "bold" if tone == "text" else tone))  # fmt: skip
    of: Line = ((f"of {number(size, 0)} L", "dim"),) if size else ()
    first = packed([bar, (sheet.say("fuel_remaining_l"),), of], cells)
    others = companions(sheet, {})
    return [*first, BLANK, *stacked([others])] if others.lines else first
