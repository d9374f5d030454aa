"""The signs of the screens, in a full set and in one that a Linux console's font holds."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.kinds import AssetStatus
from ovr_tui.console.profile import GlyphSet
from ovr_tui.console.text import shown


class Glyphs(Struct, frozen=True, kw_only=True):
    """One set. Every sign is one cell wide."""

    status: dict[AssetStatus, str]
    alarm: str
    good: str
    absent: str
    rule: str
    bar: str
    up: str = "↑"
    down: str = "↓"
    left: str = "←"
    right: str = "→"
    wires: str = "─│┌┐└┘├┤┬┴┼"
    """Lines of a flow diagram: across, upright, corners (down right, down left, up right, up left),
    tees (open to the right, left, down, up), crossing."""
    descending: str
    ascending: str
    full: str = "█"
    empty: str = "░"
    levels: str
    chart: str
    dash: str = "–"
    enter: str = "⏎"
    middle: str = "·"
    mark: str = "*"
    latin: bool = False
    """Whether the font has Latin letters only; others are shown as `?`."""

    def text(self, foreign: str) -> str:
        """Foreign text that this terminal can show on one line."""
        text = shown(foreign)
        if not self.latin or text.isascii():
            return text
        return "".join(ch if ch < "\u0180" else "?" for ch in text)


UNICODE = Glyphs(
    status={
        AssetStatus.LIVE: "●",
        AssetStatus.STALE: "○",
        AssetStatus.LOST: "✗",
        AssetStatus.WRONG: "⊘",
        AssetStatus.WAITING: "◌",
        AssetStatus.DISABLED: "·",
    },
    alarm="▲",
    good="✓",
    absent="—",
    rule="─",
    bar="│",
    descending="▼",
    ascending="▲",
    levels="▁▂▃▄▅▆▇█",
    chart="braille",
)

TTY = Glyphs(
    status={
        AssetStatus.LIVE: "●",
        AssetStatus.STALE: "○",
        AssetStatus.LOST: "✗",
        AssetStatus.WRONG: "▲",
        AssetStatus.WAITING: "·",
        AssetStatus.DISABLED: "-",
    },
    alarm="▲",
    good="●",
    absent="-",
    rule="─",
    bar="│",
    descending="▼",
    ascending="▲",
    levels="░▒█",
    chart="█",
    dash="-",
    enter="enter",
    latin=True,
)

SETS = {GlyphSet.UNICODE: UNICODE, GlyphSet.TTY: TTY}


def gauge(percent: float | None, cells: int, glyphs: Glyphs) -> str:
    """A bar of `cells` cells, filled to `percent` of 0…100."""
    if percent is None:
        return " " * cells
    filled = round(min(100.0, max(0.0, percent)) / 100 * cells)
    return glyphs.full * filled + glyphs.empty * (cells - filled)


def spark(values: Sequence[float | None], glyphs: Glyphs) -> str:
    """One sign for each value, from zero (or the lowest, if negative) to the highest; None is a
    gap."""
    known = [value for value in values if value is not None]
    if not known:
        return " " * len(values)
    low, high = min(0.0, *known), max(0.0, *known)
    top = len(glyphs.levels) - 1
    if high == low:
        return "".join(" " if value is None else glyphs.levels[0] for value in values)
    return "".join(
        " " if value is None else glyphs.levels[round((value - low) / (high - low) * top)]
        for value in values
    )
