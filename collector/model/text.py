"""Text from devices and people, made harmless once, where it enters."""

import unicodedata

MAX_CELLS = 120

_BAD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, limit: int = MAX_CELLS) -> str:
    """`text` in NFC, on one line, without control, format, surrogate or unassigned characters.

    A character that is taken out leaves `·`, so that tampering stays visible; runs of white
    space become one space; longer than `limit` ends in `…`. Brackets stay: whoever shows text
    must not read it as markup.
    """
    normal = unicodedata.normalize("NFC", text[: limit * 4])
    shown = "".join(
        " " if ch.isspace() else "·" if unicodedata.category(ch) in _BAD else ch for ch in normal
    )
    line = " ".join(shown.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
