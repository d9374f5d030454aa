"""The signs of the screens: a full set, one that a Linux console's font holds, and plain ASCII."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len

from collector.model.kinds import AssetStatus
from ovr_tui.console.console_font import WESTERN
from ovr_tui.console.profile import GlyphSet
from ovr_tui.foreign import PROSE, shown


class Glyphs(Struct, frozen=True, kw_only=True):
    """One set. Every sign is one cell wide, but `enter` and those of `keys`."""

    name: GlyphSet
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
    to: str = "►"
    mark: str = "*"
    double: str = "═"
    dense: str = "▒"
    shades: str = "░▒█"
    """From little to much."""
    tops: str = " █"
    """The top cell of a bar, from empty to full."""

    def text(self, foreign: str) -> str:
        """Foreign text that this terminal can show on one line."""
        return fitted(shown(foreign), self.name)

    def prose(self, foreign: str) -> str:
        """Foreign text of some sentences, to be wrapped."""
        return fitted(shown(foreign, PROSE), self.name)

    def key(self, name: str) -> str:
        """A key's name as bindings have it (`⏎`, `↑ k`) in signs of this set."""
        if self.name is GlyphSet.UNICODE or name.isascii():
            return name
        words = _KEYS if self.name is GlyphSet.ASCII else {"⏎": self.enter}
        return " ".join(words.get(part, part) for part in name.split(" "))


_KEYS = {"⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right"}

UNICODE = Glyphs(
    name=GlyphSet.UNICODE,
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
    shades="░▒▓█",
    tops="▁▂▃▄▅▆▇█",
    chart="braille",
)

TTY = Glyphs(
    name=GlyphSet.TTY,
    status={
        AssetStatus.LIVE: "●",
        AssetStatus.STALE: "o",
        AssetStatus.LOST: "✗",
        AssetStatus.WRONG: "▲",
        AssetStatus.WAITING: "·",
        AssetStatus.DISABLED: "-",
    },
    alarm="▲",
    good="■",
    absent="-",
    rule="─",
    bar="│",
    descending="▼",
    ascending="▲",
    levels="░▒█",
    chart="█",
    enter="enter",
)

ASCII = Glyphs(
    name=GlyphSet.ASCII,
    status={
        AssetStatus.LIVE: "*",
        AssetStatus.STALE: "s",
        AssetStatus.LOST: "X",
        AssetStatus.WRONG: "W",
        AssetStatus.WAITING: ".",
        AssetStatus.DISABLED: "-",
    },
    alarm="!",
    good="+",
    absent="-",
    rule="-",
    bar="|",
    up="^",
    down="v",
    left="<",
    right=">",
    descending="v",
    ascending="^",
    full="#",
    empty=".",
    levels=".-=#",
    double="=",
    dense="=",
    shades=".-=#",
    tops=" #",
    chart="*",
    dash="-",
    enter="enter",
    middle="-",
    wires="-|+++++++++",
)

SETS = {glyphs.name: glyphs for glyphs in (UNICODE, TTY, ASCII)}

_LETTERS = dict(zip("ßøØłŁđĐæÆœŒıþð₂", "soOlLdDaAoOipd2", strict=True))
_LIKE = {
    **{chr(code): "+" for code in range(0x2500, 0x2580)},
    **dict.fromkeys("·‑‒–—―−─━┄┅┈┉╌╍═", "-"),
    **dict.fromkeys("│┃║┆┇┊┋╎╏", "|"),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict(zip("←↑→↓►▶▸◄◀▲▴▼▾", "<^>v>>><<^^vv", strict=True)),
    **dict(zip("●•○◌✓✔✗✘⊘…×÷±≈≤≥≠µμΩ√", "*oo.++xx0~x/~~<>!uuOv", strict=True)),
    **dict(zip("█▓▒░▁▂▃▄▅▆▇▀▌▐■□◆◇", "##=..--==##-||##**", strict=True)),
    **{chr(code): "*" for code in range(0x2801, 0x2900)},
    **_LETTERS,
    **dict(zip("²³°", "23 ", strict=True)),
    "⏎": "<",
}
"""For ASCII: one character that looks or reads nearly like it."""

_TTY_LIKE = {
    **_LETTERS,
    **dict(zip("…—―○◌✓✔►◄⏎□▓▀▄▌▐◆◇", "~––o·++▶◀←☐▒████♦♦", strict=True)),
    **dict(zip("▁▂▃▄▅▆▇", "░░░▒▒██", strict=True)),
    **{chr(code): "•" for code in range(0x2801, 0x2900)},
}


class _Table(dict[int, str]):
    """Fills itself: what is not in the font is replaced by what looks like it, else by the letter
    without its accents, else by as many `?` as it is wide."""

    def __init__(self, font: frozenset[str], like: dict[str, str]) -> None:
        super().__init__()
        self._font = font
        self._like = like

    def __missing__(self, code: int) -> str:
        char = chr(code)
        cells = cell_len(char)
        bare = unicodedata.normalize("NFD", char)[:1]
        if char in self._font or not cells:
            found = char if char in self._font else ""
        elif char in self._like and cells == 1:
            found = self._like[char]
        else:
            found = bare if cells == 1 and bare in self._font else "?" * cells
        self[code] = found
        return found


_ASCII_FONT = frozenset(map(chr, range(0x20, 0x7F)))
_TABLES = {
    GlyphSet.TTY: _Table(WESTERN, _TTY_LIKE),
    GlyphSet.ASCII: _Table(_ASCII_FONT, _LIKE),
}


@lru_cache(8192)
def fitted(text: str, glyphs: GlyphSet) -> str:
    """`text` in characters that the set's font holds, in as many cells."""
    table = _TABLES.get(glyphs)
    return text if table is None or text.isascii() else text.translate(table)


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
