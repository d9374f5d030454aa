"""The three-phase table: volts, amps, powers and distortion of L1, L2, L3, N and all. Pure."""

from collections.abc import Sequence

from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.format import Trust, label, number, scale
from ovr_tui.console.text import Line, Piece, fit

PHASES = ("L1", "L2", "L3")
BETWEEN = ("L12", "L23", "L31")
POWER = {
    AssetKind.BESS: "load_power_w",
    AssetKind.GENERATOR: "generator_power_w",
    AssetKind.GRID: "grid_power_w",
    AssetKind.LOAD: "load_power_w",
    AssetKind.PV: "pv_power_w",
}
"""The active power of a kind's table."""
ROWS = (
    "voltage_v", "current_a", "*", "reactive_power_var", "apparent_power_va", "power_factor",
    "voltage_thd_pct", "current_thd_pct",
)  # fmt: skip
NARROW, WIDE = (12, 9), (20, 10)
"""Cells of the name and of each of five columns."""


def cells_of(wide: bool) -> int:
    """How wide the table is."""
    name, each = WIDE if wide else NARROW
    return 1 + name + 5 * each


def table(sheet: Sheet, *, wide: bool, title: str = "PHASES") -> list[Line]:
    """The table; nothing where no reading has a phase. What is known only as a whole has a row
    too."""
    name, each = WIDE if wide else NARROW
    keys = [POWER.get(sheet.view.kind, "") if row == "*" else row for row in ROWS]
    if not any(sheet.has(*_phased(key)) for key in keys):
        return []
    keys = [key for key in keys if sheet.has(key, *_phased(key))]
    rows: list[Line] = []
    for key in keys:
        rows.append(_row(sheet, key, name, each))
        if key == "voltage_v" and sheet.has(*(f"{key}.{pair}" for pair in BETWEEN)):
            rows.append(_between(sheet, name, each))
    neutral = any(sheet.has(f"{key}.N") for key in keys)
    heads = (*PHASES, "N" if neutral else "", "total" if sheet.has(*keys) else "")
    head: Line = (
        (f" {fit(title, name)}", "head"),
        *((f"{word:>{each - 1}} ", "head") for word in heads),
    )
    return [head, *rows]


def _phased(key: str) -> list[str]:
    return [f"{key}.{phase}" for phase in (*PHASES, "N")]


def _row(sheet: Sheet, key: str, name: int, each: int) -> Line:
    unit = scale(key).unit
    title = f"{label(key)} {unit}" if name > NARROW[0] else _SHORT.get(key, unit)
    pieces: list[Piece] = [(f" {fit(title, name)}", "dim")]
    pieces += [sheet.cell(f"{key}.{phase}", each) for phase in PHASES]
    for other in (f"{key}.N", key):
        known = other in sheet.view.readings
        pieces.append(sheet.cell(other, each) if known else (" " * each, "text"))
    return tuple(pieces)


_SHORT = {
    "voltage_v": "V to N",
    "power_factor": "PF",
    "voltage_thd_pct": "V THD %",
    "current_thd_pct": "A THD %",
}


def _between(sheet: Sheet, name: int, each: int) -> Line:
    """The voltages between phases; each stands below the first of its two."""
    title = "between phases V" if name > NARROW[0] else "V 12 23 31"
    pieces: list[Piece] = [(f" {fit(title, name)}", "dim")]
    pieces += [sheet.cell(f"voltage_v.{pair}", each) for pair in BETWEEN]
    return tuple(pieces)


def unbalance(sheet: Sheet, key: str) -> float | None:
    """By how much the phase that is furthest from the mean lies beside it, %; None where that is
    not known for sure or there is next to nothing."""
    values = [sheet.figure(f"{key}.{phase}") for phase in PHASES]
    if any(each.trust is not Trust.GOOD or each.value is None for each in values):
        return None
    known = [each.value or 0.0 for each in values]
    mean = sum(known) / len(known)
    if abs(mean) < NEXT_TO_NOTHING.get(KEYS[f"{key}.L1"].unit, 1.0):
        return None
    return max(abs(value - mean) for value in known) / abs(mean) * 100


NEXT_TO_NOTHING = {"W": 100.0, "A": 1.0}


def balance(sheet: Sheet, keys: Sequence[str]) -> Line:
    """How evenly the phases are loaded, by the first of these that says it."""
    for key in keys:
        found = unbalance(sheet, key)
        if found is not None:
            tone: Piece = (f"{number(found, 0)} %", "warn" if found > 25 else "text")
            return ("unbalance ", "dim"), tone
    return ()
