"""Numbers, ages and times for people. Pure; the catalogue names units and decimals."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.model.catalogue import KEYS, Measurement, split_key, unit_of
from collector.model.kinds import AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.rounding import decimal, digits
from collector.model.text import quantity
from ovr_tui.console.text import Tone

KILO = {"W": "kW", "VA": "kVA", "var": "kvar"}
"""Units that people read in thousands."""


class Trust(StrEnum):
    """How a number may be shown."""

    GOOD = "good"
    STALE = "stale"
    """In brackets and dim."""
    INVALID = "invalid"
    """The quantity is there, its value is not: `--`."""
    ABSENT = "absent"
    """No such quantity: `—`."""


class Figure(NamedTuple):
    """A number and how far it may be trusted."""

    value: float | None
    trust: Trust

    @property
    def good(self) -> float | None:
        """The value if it is good, else None."""
        return self.value if self.trust is Trust.GOOD else None


ABSENT = Figure(None, Trust.ABSENT)


def figure(reading: Reading | None, status: AssetStatus = AssetStatus.LIVE) -> Figure:
    """A reading as it may be shown of an asset in `status`: nothing is good but of a live one."""
    if reading is None:
        return ABSENT
    value = reading.value
    if value is None or not isfinite(value) or reading.quality is Quality.BAD:
        return Figure(None, Trust.INVALID)
    live = status is AssetStatus.LIVE and reading.quality is Quality.GOOD
    return Figure(value, Trust.GOOD if live else Trust.STALE)


def number(value: float, decimals: int) -> str:
    """`value` with fixed decimals, rounded as in a report, thousands apart by a space, never
    `-0`."""
    return decimal(value, decimals).replace(",", " ")


def counted(value: float, name: str) -> str:
    """What a counter shows, in its own unit of the catalogue, with all its digits but for more than
    three decimals: `1 234 567.2 kWh`."""
    return f"{whole(value)} {unit_of(name)}".rstrip()


def whole(value: float) -> str:
    """All its digits but for more than three decimals."""
    return digits(value).replace(",", " ")


def cell(shown: Figure, decimals: int, cells: int, absent: str = "—") -> tuple[str, Tone]:
    """A number right-aligned on its decimal in `cells` cells, one of them kept on each side for
    the brackets of a stale one. What does not fit is `#`, never a cut number."""
    value, trust = shown
    inner = cells - 2
    if value is None:
        sign = "--" if trust is Trust.INVALID else absent
        return f" {sign:>{inner}} ", "dim"
    text = number(value, decimals)
    if len(text) > inner:
        text = number(value, 0)
    if len(text) > inner:
        text = "#" * inner
    if trust is Trust.STALE:
        return f"({text})".rjust(cells), "dim"
    return f" {text:>{inner}} ", "text"


def inline(shown: Figure, decimals: int, unit: str, absent: str = "—") -> tuple[str, Tone]:
    """A number with its unit in running text; `(88.1) kW` when it is stale."""
    value, trust = shown
    if value is None:
        return ("--" if trust is Trust.INVALID else absent), "dim"
    text = number(value, decimals)
    tail = f" {unit}" if unit else ""
    return (f"({text}){tail}", "dim") if trust is Trust.STALE else (f"{text}{tail}", "text")


class Scale(NamedTuple):
    """How a measurement is read: divided by `by`, in `unit`, with `decimals`."""

    by: float
    unit: str
    decimals: int


@lru_cache(256)
def scale(name: str) -> Scale:
    """The scale of a measurement (or key) of the catalogue: kW for W, hours for running time."""
    measurement = KEYS.get(name) or KEYS.get(f"{name}.L1")
    if measurement is None:
        return Scale(1, "", 1)
    if measurement.unit in KILO:
        return Scale(1000, KILO[measurement.unit], 1)
    if measurement.name == "generator_run_s":
        return Scale(3600, "h", 1)
    return Scale(1, measurement.unit, measurement.decimals)


def scaled(shown: Figure, by: float) -> Figure:
    """The number divided by `by`."""
    return shown if shown.value is None or by == 1 else Figure(shown.value / by, shown.trust)


@lru_cache(256)
def label(name: str) -> str:
    """A measurement's name for people: `battery_soc_pct` → `battery SOC`."""
    return quantity(split_key(name)[0])


def state_word(measurement: Measurement, value: float) -> str:
    """A state's name; one that the catalogue does not know keeps its number."""
    return measurement.states.get(round(value), f"state {value:.0f}")


def age(seconds: float | None, absent: str = "—") -> str:
    """How long ago, in at most four cells: `0`, `43`, `12m`, `3h`, `9d`."""
    if seconds is None:
        return absent
    if seconds < 100:
        return f"{max(0.0, seconds):.0f}"
    for unit, size, limit in (("m", 60, 5940), ("h", 3600, 172_800)):
        if seconds < limit:
            return f"{int(seconds // size)}{unit}"
    days = int(seconds // 86_400)
    return f"{days}d" if days < 1000 else ">2y"


def span(seconds: float) -> str:
    """A duration in words: `43 s`, `12 min`, `3 h 10`, `2 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < 100:
        return f"{whole} s"
    if whole < 6000:
        return f"{whole // 60} min"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def size(count: float) -> str:
    """Bytes: `90 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.1f} {unit}" if unit != "B" and count < 10 else f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


@lru_cache(16)
def zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; None where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def clock(at_ms: int, timezone: str) -> str:
    """Local time with its zone: `14:32:07 PDT`; in UTC, and saying so, if the zone is unknown."""
    return local(at_ms, timezone).strftime("%H:%M:%S %Z")


def local(at_ms: int, timezone: str) -> datetime:
    """The UTC millisecond as local time."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, zone(timezone) or UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
