"""Text from devices and people as terminals show it: in as many cells as everybody counts."""

import unicodedata
from functools import lru_cache

from collector.model.text import MAX_CELLS, clean

PROSE = 2000
"""What is said at length is not longer than so many characters."""
MARKS = 2
"""So many combining marks a character keeps: Thai and Devanagari need two; more are a mass."""
_MARK = frozenset({"Mn", "Me"})
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_SKINS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_DOUBTFUL = frozenset(
    chr(code)
    for first, last in (
        (0x2630, 0x2637),
        (0x268A, 0x268F),
        (0x3248, 0x324F),
        (0x1D300, 0x1D356),
        (0x1D360, 0x1D376),
    )
    for code in range(first, last + 1)
)
"""Symbols that are one cell wide by one edition of Unicode and two by another."""


@lru_cache(8192)
def shown(text: str, limit: int = MAX_CELLS) -> str:
    """Foreign text fit for one line of a terminal, in at most `limit` characters.

    No control or format characters, at most `MARKS` combining marks for each character. What
    terminals and the console measure differently would move all columns behind it: variation
    selectors, skin tones and spacing marks (vowel signs of Indic scripts, say, which a text then
    lacks) are left out, symbols of doubtful width become `?`. Text of nothing else is `?`.
    """
    line = clean(text, limit)
    if line.isascii():
        return line
    kept: list[str] = []
    marks = 0
    for ch in line:
        kind = unicodedata.category(ch)
        if ch in _SELECTORS or ch in _SKINS or kind == "Mc":
            continue
        marks = marks + 1 if kind in _MARK else 0
        if marks <= MARKS:
            kept.append("?" if ch in _DOUBTFUL else ch)
    return "".join(kept).strip() or ("?" if line else "")
