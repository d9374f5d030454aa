"""What is summed up of one reading between two cuts.

A cell holds the value that it was told last, from the moment at which it was told, and settles what
that comes to only when something else is told or asked. Moments are milliseconds of the book's own
reckoning (`collector.rollups.pace`), not of a clock.
"""

from collector.model.kinds import Quality
from collector.model.reading import Reading
from collector.model.rollup import Counter, Gauge, Running, Spell

UNSEEN = Reading(None, Quality.STALE, -1)


class GaugeCell:
    """A gauge: integrals apart by sign, extremes, ends. `value` is None while it is not good."""

    __slots__ = (
        "_first",
        "_good",
        "_greatest",
        "_last",
        "_least",
        "_neg",
        "_pos",
        "_scale",
        "_since",
        "quanta",
        "reading",
        "value",
    )

    def __init__(self, scale: int) -> None:
        self._scale = scale
        self.reading = UNSEEN
        self.value: float | None = None
        self.quanta = 0
        self._since = 0
        self._begin()

    def _begin(self) -> None:
        self._good = self._pos = self._neg = 0
        self._least = self._greatest = self._first = self._last = 0

    def set(self, value: float | None, now: int) -> None:
        """From `now` on it is `value`."""
        self._settle(now)
        self.value = value
        if value is not None:
            self.quanta = round(value * self._scale)

    def _settle(self, now: int) -> None:
        ms = now - self._since
        self._since = now
        if ms <= 0 or self.value is None:
            return
        quanta = self.quanta
        if not self._good:
            self._first = self._least = self._greatest = quanta
        elif quanta < self._least:
            self._least = quanta
        elif quanta > self._greatest:
            self._greatest = quanta
        self._last = quanta
        self._good += ms
        if quanta > 0:
            self._pos += quanta * ms
        else:
            self._neg -= quanta * ms

    def read(self, now: int) -> Gauge | None:
        """What it came to until `now`; None without good time."""
        self._settle(now)
        if not self._good:
            return None
        return Gauge(
            self._good,
            self._pos,
            self._neg,
            self._least,
            self._greatest,
            self._first,
            self._last,
        )

    def cut(self, now: int) -> Gauge | None:
        """The same; it begins anew there with the value that it has."""
        found = self.read(now)
        self._begin()
        return found


class CounterCell:
    """A counter: own total and register (None: none is known) at both ends."""

    __slots__ = ("_first", "_last", "_raw_first", "_raw_last", "_scale", "raw", "reading", "value")

    def __init__(self, scale: int) -> None:
        self._scale = scale
        self.reading = UNSEEN
        self.value: float | None = None
        self.raw: float | None = None
        self._first: int | None = None
        self._last = 0
        self._raw_first: int | None = None
        self._raw_last: int | None = None

    def set(self, value: float | None, raw: float | None) -> None:
        """The total is `value` now (None: not good), and the register shows `raw`."""
        self.value = value
        self.raw = raw
        if value is None:
            return
        self._last = round(value * self._scale)
        self._raw_last = None if raw is None else round(raw * self._scale)
        if self._first is None:
            self._first = self._last
            self._raw_first = self._raw_last

    def read(self) -> Counter | None:
        """Both ends; None when it was not read."""
        if self._first is None:
            return None
        return Counter(self._first, self._last, self._raw_first, self._raw_last)

    def until(self, earlier: Counter) -> Counter:
        """An `earlier` part, which ends with what is shown now."""
        return Counter(earlier.first, self._last, earlier.raw_first, self._raw_last)

    def cut(self) -> Counter | None:
        """Both ends; what follows has no beginning yet."""
        found = self.read()
        self._first = None
        return found

    def begin(self) -> None:
        """What it shows now is the beginning, unless there was one."""
        if self._first is None:
            self.set(self.value, self.raw)


class StateCell:
    """A state: how long it had each value, and how often it was seen to turn to it."""

    __slots__ = ("_since", "_spells", "_turned", "reading", "value")

    def __init__(self) -> None:
        self.reading = UNSEEN
        self.value: float | None = None
        self._since = 0
        self._turned = 0
        self._spells: dict[int, Spell] = {}

    def set(self, value: float | None, now: int) -> None:
        """From `now` on it is `value`."""
        self._settle(now)
        known = value is not None and self.value is not None
        self._turned = int(known and value != self.value)
        self.value = value

    def _settle(self, now: int) -> None:
        ms = now - self._since
        self._since = now
        if ms <= 0 or self.value is None:
            return
        number = round(self.value)
        spell = self._spells.get(number, Spell(0, 0))
        self._spells[number] = Spell(spell.ms + ms, spell.entries + self._turned)
        self._turned = 0

    def read(self, now: int) -> dict[int, Spell]:
        """Its values' times and entries until `now`; empty without good time."""
        self._settle(now)
        return dict(self._spells)

    def cut(self, now: int) -> dict[int, Spell]:
        """The same; it begins anew there with the value that it has."""
        found = self.read(now)
        self._spells = {}
        return found


class RunCell:
    """A generator while it runs, and what its power comes to meanwhile."""

    __slots__ = ("_good", "_integral", "_ms", "_since", "power", "runs")

    def __init__(self) -> None:
        self.runs = False
        self.power: int | None = None
        self._since = 0
        self._ms = self._good = self._integral = 0

    def set(self, now: int, power: int | None, *, runs: bool) -> None:
        """Whether it runs from `now` on, and its power in quanta, None where that is not good."""
        self._settle(now)
        self.runs = runs
        self.power = power

    def _settle(self, now: int) -> None:
        ms = now - self._since
        self._since = now
        if ms <= 0 or not self.runs:
            return
        self._ms += ms
        if self.power is not None:
            self._good += ms
            self._integral += self.power * ms

    def read(self, now: int) -> Running | None:
        """What it came to until `now`; None when it did not run."""
        self._settle(now)
        return Running(self._ms, self._good, self._integral) if self._ms else None

    def cut(self, now: int) -> Running | None:
        """The same; it begins anew there as it is."""
        found = self.read(now)
        self._ms = self._good = self._integral = 0
        return found
