"""One look for all charts: colours, patterns, pens."""

from collections.abc import Mapping
from typing import NamedTuple

WIDTH_IN = 6.85
"""The text's width on A4 (174 mm); HTML scales the drawing to its column."""
INK, MUTED, GRID = "#14212b", "#52636f", "#dde4e8"
ACCENT = "#0b4f6c"
FAMILY = ("Inter", "DejaVu Sans")
SIZE = 8.0


class Look(NamedTuple):
    """How a source is drawn: its name, colour, and pattern."""

    name: str
    colour: str
    hatch: str


SOURCES: Mapping[str, Look] = {
    "grid": Look("Grid", "#56b4e9", "\\\\"),
    "generator": Look("Generator", "#e69f00", "//"),
    "pv": Look("PV", "#f0e442", ""),
    "battery": Look("Battery", "#009e73", ""),
    "brought in": Look("Stored before", "#b3bcc2", "||"),
    "unknown": Look("Not metered", "#e3e8eb", ""),
}
OTHER = Look("Other", "#b3bcc2", "||")
PHASES = (("#0072b2", ()), ("#d55e00", (5, 1.5)), ("#009e73", (1.2, 1.2)))


class Pen(NamedTuple):
    """How a shape is drawn: `width` in points, `dashes` in widths, colours as `#rrggbb[aa]`.

    Without `stroke` it has no outline, without `fill` nothing within but its hatch, which has the
    colour of `stroke`.
    """

    stroke: str = ""
    width: float = 0.6
    dashes: tuple[float, ...] = ()
    fill: str = ""
    hatch: str = ""
