"""The panel of a battery system: flows, battery, limits, cells, loads by phase, energy. Pure."""

from collector.model.kinds import AssetKind
from ovr_tui.console.asset.common import companions, energies, packed
from ovr_tui.console.asset.energy import Marks
from ovr_tui.console.asset.flow import Diagram, Flows
from ovr_tui.console.asset.layout import Block, lead
from ovr_tui.console.asset.phases import balance, table
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.format import Figure, Trust, number
from ovr_tui.console.glyphs import gauge
from ovr_tui.console.text import Line, Piece, Tone

SOC_CELLS = 20
LOW_SOC_PCT = 20.0


def bess(sheet: Sheet, marks: Marks, cells: int) -> list[Line]:
    """The diagram with the battery below it, then the blocks."""
    diagram = Diagram(sheet, cells)
    lines = diagram.lines()
    items = [*battery(sheet, diagram.cells), *_limits(sheet), *_supply(sheet)]
    picture = [*lines, *packed(items, diagram.cells)]
    phases = inputs(sheet) if diagram.wide else table(sheet, wide=False, title="LOADS")
    blocks = [
        Block(title="", lines=phases),
        energies(sheet, marks),
        companions(sheet, where(diagram.flows)),
    ]
    return lead(picture, diagram.cells, blocks, cells)


WORDS = {
    "GENERATOR": "generator", "GRID": "grid", "PV": "PV", "PV (AC)": "PV AC", "PV (DC)": "PV DC",
}  # fmt: skip


def where(flows: Flows) -> dict[str, str]:
    """In which part of the diagram each asset is."""
    sources = (*flows.ac, *((flows.dc,) if flows.dc else ()))
    return {member: WORDS[source.label] for source in sources for member in source.members}


def battery(sheet: Sheet, cells: int) -> list[Line]:
    """State of charge with its gauge, for how long it lasts, and what flows; a line each."""
    soc = sheet.figure("battery_soc_pct")
    live = soc.trust is Trust.GOOD
    low = live and soc.value is not None and soc.value < LOW_SOC_PCT
    tone: Tone = "dim" if not live else "alert" if low else "bar"
    text, told = sheet.say("battery_soc_pct")
    first: list[Piece] = [("BATTERY ", "text")]
    if soc.value is not None:
        first.append((gauge(soc.value, SOC_CELLS if cells > 70 else 10, sheet.glyphs), tone))
    first.append((f" {text}", ("alert" if low else "bold") if told == "text" else told))
    items: list[Line] = [tuple(first)]
    state = sheet.state("battery_state")
    if state[0]:
        items.append((state,))
    if sheet.has("time_to_go_s"):
        items.append((sheet.say("time_to_go_s"), (" left", "dim")))
    items += [
        (sheet.say(key),)
        for key in ("battery_voltage_v", "battery_current_a", "battery_temperature_c")
        if sheet.has(key)
    ]
    return items


def _supply(sheet: Sheet) -> list[Line]:
    """What the inverter gives at its output, which is not all of the loads where PV feeds in there
    too, and what feeds them."""
    items: list[Line] = []
    if sheet.has("frequency_hz"):
        items.append((("output ", "dim"), sheet.say("frequency_hz")))
    items += [
        (("output ", "dim"), sheet.say(key))
        for key in ("apparent_power_va", "reactive_power_var")
        if sheet.has(key)
    ]
    if sheet.has("pv_power_w") and sheet.others(AssetKind.PV):
        items.append((("PV in all ", "dim"), sheet.say("pv_power_w")))
    if sheet.has("power_factor"):
        items.append((("PF ", "dim"), sheet.say("power_factor")))
    items.append(balance(sheet, ("load_power_w", "current_a")))
    source = sheet.state("ac_source")
    if source[0]:
        items.append((("fed by ", "dim"), source))
    return items


def _limits(sheet: Sheet) -> list[Line]:
    items: list[Line] = []
    parts: list[Piece] = []
    for key, word in (("charge_limit_a", "in"), ("discharge_limit_a", "out")):
        if sheet.has(key):
            text, tone = sheet.say(key)
            zero = sheet.figure(key).good == 0
            parts += [(" / " if parts else "limits ", "dim"), (text, "alert" if zero else tone)]
            parts.append((f" {word}", "dim"))
    if parts:
        items.append(tuple(parts))
    if sheet.has("cell_voltage_min_v", "cell_voltage_max_v"):
        items.append(_cells(sheet))
    if sheet.has("battery_soh_pct"):
        items.append((("SOH ", "dim"), sheet.say("battery_soh_pct")))
    kwh = sheet.view.ratings.get("battery_kwh")
    if kwh:
        items.append((("of ", "dim"), (f"{number(kwh, 0)} kWh", "text")))
    return items


def _cells(sheet: Sheet) -> Line:
    low, high = sheet.figure("cell_voltage_min_v"), sheet.figure("cell_voltage_max_v")
    pieces: list[Piece] = [("cells ", "dim"), _volts(sheet, low)]
    if low.value is None and high.value is None:
        return tuple(pieces)
    pieces += [(sheet.glyphs.dash, "dim"), _volts(sheet, high), (" V", "dim")]
    if low.good is not None and high.good is not None:
        pieces.append((f" ({number((high.good - low.good) * 1000, 0)} mV apart)", "dim"))
    return tuple(pieces)


def _volts(sheet: Sheet, shown: Figure) -> Piece:
    if shown.value is None:
        return ("--" if shown.trust is Trust.INVALID else sheet.glyphs.absent), "dim"
    text = number(shown.value, 3)
    return (text, "text") if shown.trust is Trust.GOOD else (f"({text})", "dim")


def inputs(sheet: Sheet) -> list[Line]:
    """The AC inputs by phase, and what the output gives besides active power."""
    rows: list[Line] = []
    for key, name in (
        ("generator_power_w", "generator kW"), ("grid_power_w", "grid kW"),
        ("apparent_power_va", "output kVA"), ("reactive_power_var", "output kvar"),
        ("power_factor", "output PF"),
    ):  # fmt: skip
        phases = [f"{key}.{phase}" for phase in ("L1", "L2", "L3")]
        if not sheet.has(*phases):
            continue
        pieces: list[Piece] = [(f" {name:<12}", "dim")]
        pieces += [sheet.cell(phase, 8) for phase in phases]
        rows.append(tuple(pieces))
    if not rows:
        return []
    names: list[Piece] = [(f"{phase:>7} ", "head") for phase in ("L1", "L2", "L3")]
    head: Line = ((f" {'BY PHASE':<12}", "head"), *names)
    return [head, *rows]
