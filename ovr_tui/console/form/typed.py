"""Numbers as people type them. Pure."""

import re
from math import isfinite

_PLAIN = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPS = re.compile(
    r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}|(?:,\d{3})+(?=\.)|(?:[ \u202f]\d{3})+)(?!\d)"
)
"""Thousands kept apart, as reports and this console write them. One comma alone is not among them:
it may be a decimal one."""
_EITHER = re.compile(r"([+-]?[1-9]\d{0,2}),(\d{3})")


def read_number(text: str) -> float:
    """The number: 1200, 1,200.5, 1 200, 1.5 or 1,5. Raises ValueError, in words; also where
    nobody can tell thousands from decimals."""
    text = text.strip()
    if (either := _EITHER.fullmatch(text)) is not None:
        thousands, decimals = either[1] + either[2], f"{either[1]}.{either[2]}"
        raise ValueError(f"write {thousands} or {decimals}: the comma may mean either")
    groups = _GROUPS.match(text)
    if groups is not None:
        text = re.sub(r"[ ,\u202f]", "", groups[0]) + text[groups.end() :]
    if not _PLAIN.fullmatch(text) or not isfinite(value := float(text.replace(",", "."))):
        raise ValueError("a number is needed here")
    return value
