"""Where the site's power comes from and where it goes, in one line. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.catalogue import POWERS
from collector.model.snapshot import Snapshot
from ovr_tui.console.format import number
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, width
from ovr_tui.console.unheard import missing

LEAST_W = 50.0
"""Less is a meter's noise."""
LOSS_SHARE = 0.02
"""By how much sources and takers may differ before what is missing is said."""
BAR_CELLS = 60
SOURCES = ("generator_power_w", "pv_power_w", "grid_power_w", "battery_power_w")
"""The totals of what can give power."""


class Part(Struct, frozen=True):
    """One source, or one taker, of power: its name and how much, W."""

    name: str
    watts: float


def parts(shot: Snapshot) -> tuple[list[Part], list[Part]]:
    """What gives power and what takes it, the largest first."""
    known = {name: total.value for name, total in shot.totals.items() if total.value is not None}
    grid, battery = known.get("grid_power_w", 0.0), known.get("battery_power_w", 0.0)
    sources = [
        Part("generator", known.get("generator_power_w", 0.0)),
        Part("pv", known.get("pv_power_w", 0.0)),
        Part("grid", grid),
        Part("battery", -battery),
    ]
    takers = [
        Part("load", known.get("load_power_w", 0.0)),
        Part("battery", battery),
        Part("grid", -grid),
    ]
    return _ranked(sources), _ranked(takers)


def _sum(found: Sequence[Part]) -> float:
    return sum(part.watts for part in found)


def _ranked(found: Sequence[Part]) -> list[Part]:
    kept = [part for part in found if part.watts > LEAST_W]
    return sorted(kept, key=lambda part: -part.watts)


def _deaf(shot: Snapshot) -> bool:
    """Whether there is, or may be, a source of which it is not known what it gives."""
    return any(missing(shot, name) for name in SOURCES)


def flow(now: Now, cells: int) -> Line:
    """`FROM ██████ generator 61 % ███ pv 34 %  ►  TO ████████ load 96 %`; what is not known now,
    or not in whole, is said instead of drawn."""
    shot, glyphs = now.snapshot, now.glyphs
    unknown: Line = ((" the flow of power is not known now", "dim"),)
    if shot is None or now.stale_s is not None:
        return unknown
    sources, takers = parts(shot)
    given, taken = _sum(sources), _sum(takers)
    if not sources and not takers:
        return unknown if _deaf(shot) else ((" no source gives power", "dim"),)
    rest = given - taken
    partial = any(missing(shot, name) for name in POWERS)
    if rest > LOSS_SHARE * given:
        takers.append(Part("not known" if partial else "losses, unmetered", rest))
    elif -rest > LOSS_SHARE * taken:
        sources.append(Part("not known" if partial else "not metered", -rest))
    given, taken = _sum(sources), max(given, taken)
    tail: Line = (("  partial", "warn"),) if partial else ()
    for bar in (*range(BAR_CELLS, 15, -4), 0):
        left = (("  FROM ", "head"), *_side(sources, given, bar, glyphs))
        right = ((" TO ", "head"), *_side(takers, taken, bar, glyphs))
        line = (*left, (f" {glyphs.to} ", "accent"), *right, *tail)
        if width(line) <= cells - 1:
            return line
    return line


def _side(found: Sequence[Part], whole: float, bar: int, glyphs: Glyphs) -> list[Piece]:
    out: list[Piece] = []
    for part in found:
        share = part.watts / whole
        filled = max(1, round(share * bar)) if bar else 0
        out.append((glyphs.full * filled + (" " if filled else ""), "bar"))
        out.append((f"{part.name} {number(share * 100, 0)} %  ", "text"))
    return out
