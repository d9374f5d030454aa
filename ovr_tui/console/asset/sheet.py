"""The readings of one asset as a panel takes them: each once, and what nobody took is left over."""

from collections.abc import Iterator, Sequence

from collector.model.catalogue import CATALOGUE, KEYS, Measurement
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.reading import Reading
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.format import (
    ABSENT,
    Figure,
    Trust,
    age,
    cell,
    figure,
    inline,
    label,
    scale,
    scaled,
    span,
    state_word,
)
from ovr_tui.console.glyphs import Glyphs, gauge
from ovr_tui.console.rows import standing
from ovr_tui.console.text import Line, Piece, fit

LABEL_CELLS = 20
VALUE_CELLS = 12
UNIT_CELLS = 5
FACT_CELLS = LABEL_CELLS + VALUE_CELLS + UNIT_CELLS + 5
"""A fact with its age; this is the least width of a column."""
OLD_S = 2.0
"""Below this an age is not worth saying."""
NOTHING_W = 50.0
"""A power that is shown as 0.0 kW flows nowhere."""


class Sheet:
    """One asset at one moment. Whatever is looked at counts as shown."""

    def __init__(
        self, view: AssetView, shot: Snapshot, stale_s: float | None, glyphs: Glyphs
    ) -> None:
        self.view = view
        self.shot = shot
        self.stale_s = stale_s
        self.glyphs = glyphs
        self.status, self.reason = standing(view, stale_s)
        self._now_ms = shot.at_ms + round((stale_s or 0.0) * 1000)
        self._used: set[str] = set()

    @property
    def live(self) -> bool:
        """Whether its values may be taken for the present."""
        return self.status is AssetStatus.LIVE

    def has(self, *keys: str) -> bool:
        """Whether it has one of these readings."""
        return any(key in self.view.readings for key in keys)

    def figure(self, key: str) -> Figure:
        """A reading in the catalogue's unit."""
        self._used.add(key)
        return figure(self.view.readings.get(key), self.status)

    def read(self, key: str) -> Figure:
        """A reading in the unit that people read (kW)."""
        return scaled(self.figure(key), scale(key).by)

    def say(self, key: str) -> Piece:
        """A reading with its unit."""
        how = scale(key)
        if key == "time_to_go_s":
            return self.duration(key)
        return inline(self.read(key), how.decimals, how.unit, self.glyphs.absent)

    def duration(self, key: str) -> Piece:
        """A reading in seconds as a time."""
        value, trust = self.figure(key)
        if value is None:
            return ("--" if trust is Trust.INVALID else self.glyphs.absent), "dim"
        text = span(value)
        return (f"({text})", "dim") if trust is Trust.STALE else (text, "text")

    def cell(self, key: str, cells: int) -> Piece:
        """A reading right-aligned, without its unit."""
        return cell(self.read(key), scale(key).decimals, cells, self.glyphs.absent)

    def state(self, key: str) -> Piece:
        """A state in words; nothing where there is none."""
        value, trust = self.figure(key)
        if trust is Trust.ABSENT:
            return "", "dim"
        if value is None:
            return "--", "dim"
        word = state_word(KEYS[key], value)
        return (f"({word})", "dim") if trust is Trust.STALE else (word, "bold")

    def fact(self, key: str, name: str = "") -> Line:
        """A line: what it is, its value with the unit, and its age where it is old; a level with a
        gauge instead."""
        measurement, how = KEYS[key], scale(key)
        title: Piece = (f" {fit(name or label(key), LABEL_CELLS - 1)}", "dim")
        if measurement.states:
            text, tone = self.state(key)
            return title, (f"  {text}", tone)
        if measurement.unit == "s" and how.unit != "h":
            text, tone = self.duration(key)
            return title, (f"{text:>{VALUE_CELLS - 1}} ", tone)
        line: list[Piece] = [title, self.cell(key, VALUE_CELLS), (fit(how.unit, UNIT_CELLS), "dim")]
        if key in ("battery_soc_pct", "fuel_level_pct"):
            value = self.figure(key)
            tone = "bar" if value.trust is Trust.GOOD else "dim"
            line.append((gauge(value.value, 5, self.glyphs), tone))
        elif (old := self.old(key)) is not None:
            seconds = "s" if age(old).isdigit() else ""  # the unit stands with every age here
            line.append((f"{age(old) + seconds:>4}", "dim"))
        return tuple(line)

    def facts(self, *keys: str) -> list[Line]:
        """A line for each of these that there is."""
        return [self.fact(key) for key in keys if self.has(key)]

    def old(self, key: str) -> float | None:
        """The reading's age where it is worth saying: devices that report changes only are
        quiet."""
        reading: Reading | None = self.view.readings.get(key)
        if reading is None:
            return None
        seconds = (self._now_ms - reading.at_ms) / 1000
        return seconds if seconds >= OLD_S else None

    def mark(self, keys: Sequence[str]) -> None:
        """These are shown elsewhere."""
        self._used.update(keys)

    def left(self) -> Iterator[tuple[Measurement, list[str]]]:
        """What nobody has looked at, in the catalogue's order."""
        for measurement in CATALOGUE.values():
            keys = [k for k in measurement.keys if k in self.view.readings and k not in self._used]
            if keys:
                yield measurement, keys

    def others(self, kind: AssetKind, *, system: bool = False) -> list["Sheet"]:
        """The other assets of its device of a kind; of its whole system if it is asked for."""
        return [
            Sheet(other, self.shot, self.stale_s, self.glyphs)
            for other in self.shot.assets
            if other.kind is kind
            and other.id != self.view.id
            and (other.device == self.view.device or (system and other.system == self.view.system))
        ]


def flowing(shown: Figure) -> int:
    """Which way a power (W) flows for sure: +1, −1, or 0 for nothing, unknown and stale."""
    value = shown.good
    if value is None or abs(value) < NOTHING_W:
        return 0
    return 1 if value > 0 else -1


def added(figures: Sequence[Figure]) -> Figure:
    """A sum: stale if a part of it is, nothing if a part is not known."""
    known = [each for each in figures if each.trust is not Trust.ABSENT]
    if not known:
        return ABSENT
    values = [each.value for each in known if each.value is not None]
    if len(values) < len(known):
        return Figure(None, Trust.INVALID)
    stale = any(each.trust is Trust.STALE for each in known)
    return Figure(sum(values), Trust.STALE if stale else Trust.GOOD)
