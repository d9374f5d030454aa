"""Looking for words in lines. Pure."""

from collections.abc import Sequence

from ovr_tui.console.text import Line, Piece, plain


def hits(lines: Sequence[Line], wanted: str) -> list[int]:
    """The lines in which a text stands, whatever its case."""
    if not wanted:
        return []
    looked = wanted.casefold()
    return [at for at, line in enumerate(lines) if looked in plain(line).casefold()]


def lit(line: Line, wanted: str) -> Line:
    """The line with what was looked for set off."""
    looked = wanted.casefold()
    out: list[Piece] = []
    for text, tone in line:
        folded = text.casefold()
        if len(folded) != len(text):  # a character that folds into several: set the piece off whole
            out.append((text, "warn" if looked in folded else tone))
            continue
        at = 0
        while (found := folded.find(looked, at)) >= 0:
            out += [(text[at:found], tone), (text[found : found + len(looked)], "warn")]
            at = found + len(looked)
        out.append((text[at:], tone))
    return tuple(piece for piece in out if piece[0])
