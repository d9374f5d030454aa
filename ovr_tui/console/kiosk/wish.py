"""What a display is asked to show."""

import re
from enum import StrEnum

from msgspec import Struct

from collector.errors import OvrError


class Name(StrEnum):
    """The figures that a display knows, by the words of the command line."""

    LOAD = "load"
    RENEWABLE = "renewable"
    GENERATOR = "generator"
    PV = "pv"
    BATTERY = "battery"
    GRID = "grid"
    TODAY = "today"
    PV_TODAY = "pv-today"
    GENERATOR_TODAY = "generator-today"


MEANING = {
    Name.LOAD: "power that the site takes now",
    Name.RENEWABLE: "share of it that comes from batteries and sun",
    Name.GENERATOR: "power of the generators",
    Name.PV: "power of the sun",
    Name.BATTERY: "how full the batteries are",
    Name.GRID: "power from the grid",
    Name.TODAY: "energy served since midnight",
    Name.PV_TODAY: "solar energy since midnight",
    Name.GENERATOR_TODAY: "energy of the generators since midnight",
}
NOW = (Name.LOAD, Name.RENEWABLE, Name.BATTERY)
SOURCES = (Name.GENERATOR, Name.PV, Name.GRID)
DAY = (Name.TODAY, Name.PV_TODAY, Name.GENERATOR_TODAY)
PUBLIC = (Name.LOAD, Name.RENEWABLE, Name.PV, Name.BATTERY, Name.TODAY)
EVERY_S = 15.0
LEAST_EVERY_S = 2.0


class BadWish(OvrError):
    """No such figure, or no such time."""


class Dim(Struct, frozen=True):
    """From one minute of the day to another, which may lie beyond midnight."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether that minute of the day lies in it."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


class Wish(Struct, frozen=True, kw_only=True):
    """One display. `show` are the figures of a public one, in their order; `login`: it stands where
    a login would, and nothing leaves it. `person` runs it. During `dim` all but alarms is dim."""

    public: bool = False
    title: str = ""
    show: tuple[Name, ...] = PUBLIC
    every_s: float = EVERY_S
    login: bool = False
    person: str = ""
    dim: Dim | None = None


def read_dim(text: str) -> Dim:
    """`22:00-06:00` as a part of the day. Raises BadWish."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise BadWish(f"--dim {text}: from when to when, as 22:00-06:00")
    hour, minute, until_hour, until_minute = map(int, found.groups())
    return Dim(hour * 60 + minute, until_hour * 60 + until_minute)


def read_names(text: str) -> tuple[Name, ...]:
    """`load,pv` as names, each once. Raises BadWish."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = [name.value for name in Name]
    strange = [word for word in words if word not in known]
    if strange or not words:
        what = f"no such figure: {', '.join(strange)}" if strange else "no figure to show"
        raise BadWish(f"{what}; there are: {', '.join(known)}")
    return tuple(dict.fromkeys(Name(word) for word in words))
