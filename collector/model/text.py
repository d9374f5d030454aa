"""Text from devices and people, made harmless once, where it enters."""

import re
import unicodedata
from difflib import get_close_matches

MAX_CELLS = 120
KNOWN_SHOWN = 24

_SPELLED = {"soc": "SOC", "soh": "SOH", "thd": "THD", "pv": "PV", "ac": "AC"}
_UNITS = frozenset(["w", "va", "var", "v", "a", "hz", "pct", "c", "kwh", "s", "l", "rpm", "kpa"])
"""What a measurement's name ends with."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that look like nothing: fillers of Hangul, and Braille without a dot."""
_BAD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, limit: int = MAX_CELLS) -> str:
    """`text` in NFC, on one line, without control, format, surrogate or unassigned characters.

    A character that is taken out leaves `·`, so that tampering stays visible; runs of white
    space, and of what looks like it, become one space; longer than `limit` ends in `…`. Brackets
    stay: whoever shows text must not read it as markup.
    """
    shown = "".join(map(_harmless, unicodedata.normalize("NFC", text[: limit * 4])))
    line = " ".join(shown.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _harmless(ch: str) -> str:
    if ch.isspace() or ch in _BLANK:
        return " "
    return "·" if unicodedata.category(ch) in _BAD else ch


def called(person: str) -> str:
    """A person without what only the audit needs: `kim` of `uid 1000 (kim)`."""
    found = re.fullmatch(r"uid \d+ \((.+)\)", person)
    return found[1] if found else person


def quantity(measurement: str) -> str:
    """A measurement for people, without its unit: `battery SOC` of `battery_soc_pct`."""
    words = measurement.split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    return " ".join(_SPELLED.get(word, word) for word in words)


def nearest(key: str, known: tuple[str, ...]) -> str:
    """A hint that names what may have been meant by an unknown `key`."""
    near = get_close_matches(key.lower(), known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    rest = "" if len(known) <= KNOWN_SHOWN else ", …"
    return f"known here: {', '.join(known[:KNOWN_SHOWN])}{rest}"
