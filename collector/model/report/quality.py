"""How much of the time was seen, and what has to be said about the figures."""

from typing import Literal

from msgspec import Struct

from collector.model.said import Doubt

NoteLevel = Literal["info", "warning", "blocks"]
"""blocks: the report cannot be released before somebody has decided."""


class Note(Struct, frozen=True, kw_only=True):
    """One thing to be said. `code` is a fixed word, `about` an asset or a figure ("": all)."""

    code: str
    level: NoteLevel = "info"
    about: str = ""
    text: str


class Gap(Struct, frozen=True, kw_only=True):
    """A time in which a flow of record was not seen. `gap_kwh`: what its counter rose in it."""

    asset: str
    flow: str
    from_ms: int
    to_ms: int
    gap_kwh: float | None = None


class Coverage(Struct, frozen=True, kw_only=True):
    """Good time of one flow of record."""

    asset: str
    flow: str
    good_ms: int
    coverage_pct: float
    gaps: int
    longest_gap_ms: int


class Quality(Struct, frozen=True, kw_only=True):
    """How whole the data are. `coverage_pct` is that of the load, else of the least seen flow of
    record; `gaps` has every gap, the longest thousand if there are more (`gaps_left_out`)."""

    duration_ms: int
    coverage_pct: float | None
    enough: bool
    min_coverage_pct: float
    flows: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()
    gaps_left_out: int = 0
    filled_ms: int = 0
    doubts: tuple[Doubt, ...] = ()
