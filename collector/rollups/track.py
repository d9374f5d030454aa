"""One asset, under one kind and in one system: its cells, and the parts that are cut off."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import structs

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind, Quality
from collector.model.reading import Reading
from collector.model.rollup import Peak, Rollup
from collector.model.rollup_keys import BY_KEY
from collector.rollups.cells import UNSEEN, CounterCell, GaugeCell, RunCell, StateCell
from collector.site.counters import CounterState
from collector.site.energy import INTEGRAL, RUNNING_STATE, RUNNING_W

GOOD = Quality.GOOD
REACTIVE, APPARENT = "reactive_power_var", "apparent_power_va"
GENERATOR, GENERATOR_STATE = "generator_power_w", "generator_state"

Counters = Mapping[tuple[str, str], CounterState]
"""The site's counters, by asset and measurement."""
Cell = GaugeCell | CounterCell | StateCell


class Subject(NamedTuple):
    """What a row is about; it stays right when the asset is renamed or moved later."""

    asset: str
    kind: AssetKind
    system: str


class Closed(NamedTuple):
    """A part that was cut off, and what it is about."""

    subject: Subject
    row: Rollup


class Track:
    """The open part of a subject, which began at `from_ms`.

    What a tick tells holds from that tick on. A cut at a tick's own time gives the earlier part
    what held until then, and only to its counters, which are instants, also what that tick tells.
    """

    def __init__(self, subject: Subject, from_ms: int) -> None:
        self.subject = subject
        self.from_ms = from_ms
        self._cells: dict[str, Cell] = {}
        self._gauges: dict[str, GaugeCell] = {}
        self._counters: dict[str, CounterCell] = {}
        self._states: dict[str, StateCell] = {}
        self._run: RunCell | None = None
        self._peak: Peak | None = None
        self._main_key = MAIN_POWER.get(subject.kind, "")
        self._closed: list[Rollup] = []
        self._begins = True
        """The open part begins with what the next tick tells."""
        self._edge = False
        """The newest closed part ends with what the next tick tells."""

    # -- what a tick tells -------------------------------------------------------------------

    def take(
        self, readings: Mapping[str, Reading], counters: Counters, now: int, at_ms: int
    ) -> None:
        """All readings of a tick. The hottest loop of this package."""
        cells = self._cells
        for key, reading in readings.items():
            cell = cells.get(key)
            if cell is None:
                cell = self._cell(key)
            if reading is cell.reading:
                continue
            cell.reading = reading
            value = reading.value if reading.quality is GOOD else None
            if isinstance(cell, CounterCell):
                raw = _register(counters.get((self.subject.asset, key)))
                if value != cell.value or raw != cell.raw:
                    self._count(key, cell, value, raw)
            elif value != cell.value:
                cell.set(value, now)
        if len(readings) < len(cells):
            for key in cells.keys() - readings.keys():
                self.tell(key, None, now)
        self.told(now, at_ms)

    def tell(self, key: str, value: float | None, now: int) -> None:
        """One reading; None: it is not good. `told` must follow."""
        cell = self._cells.get(key) or self._cell(key)
        cell.reading = UNSEEN
        if isinstance(cell, CounterCell):
            self._count(key, cell, value, None)
        elif value != cell.value:
            cell.set(value, now)

    def told(self, now: int, at_ms: int) -> None:
        """That was all that the tick at `at_ms` told."""
        self._edge = False
        if self._begins:
            self._begin()
        self._look_for_peak(at_ms)
        self._look_at_engine(now)

    def lapse(self, now: int) -> None:
        """Nothing is known any more from `now` on."""
        for key in self._cells:
            self.tell(key, None, now)
        self._look_at_engine(now)

    def _begin(self) -> None:
        self._begins = False
        for cell in self._counters.values():
            cell.begin()

    def _cell(self, key: str) -> Cell:
        row_key = BY_KEY[key]
        cell: Cell
        if row_key.type == "gauge":
            cell = self._gauges[key] = GaugeCell(row_key.scale)
        elif row_key.type == "counter":
            cell = self._counters[key] = CounterCell(row_key.scale)
        else:
            cell = self._states[key] = StateCell()
        self._cells[key] = cell
        if key in (GENERATOR, GENERATOR_STATE) and self._run is None:
            self._run = RunCell()
        return cell

    def _count(self, key: str, cell: CounterCell, value: float | None, raw: float | None) -> None:
        followed = cell.value is not None
        cell.set(value, raw)
        if self._edge and followed and value is not None:
            earlier = self._closed[-1]
            counters = {**earlier.counters, key: cell.until(earlier.counters[key])}
            self._closed[-1] = structs.replace(earlier, counters=counters)

    def _look_for_peak(self, at_ms: int) -> None:
        main = self._gauges.get(self._main_key)
        if main is None or main.value is None:
            return
        if self._peak is None or main.quanta > self._peak.p:
            self._peak = Peak(at_ms, main.quanta, self._now(REACTIVE), self._now(APPARENT))

    def _now(self, key: str) -> int | None:
        cell = self._gauges.get(key)
        return None if cell is None or cell.value is None else cell.quanta

    def _look_at_engine(self, now: int) -> None:
        if self._run is None:
            return
        gauge, state = self._gauges.get(GENERATOR), self._states.get(GENERATOR_STATE)
        power = self._now(GENERATOR)
        runs = gauge is not None and gauge.value is not None and gauge.value > RUNNING_W
        runs = runs or (state is not None and state.value == RUNNING_STATE)
        if (runs, power) != (self._run.runs, self._run.power):
            self._run.set(now, power, runs=runs)

    # -- parts -------------------------------------------------------------------------------

    def cut(self, now: int, at_ms: int, *, held: bool, edge: bool) -> None:
        """The part ends at `at_ms`, which is `now`, and the next one begins.

        `held`: what was told last holds on beyond it. `edge`: it does not, for the tick of that
        very time is told next, and nothing was missed before it.
        """
        row = Rollup(
            from_ms=self.from_ms,
            to_ms=at_ms,
            gauges={k: g for k, cell in self._gauges.items() if (g := cell.cut(now)) is not None},
            counters={k: c for k, cell in self._counters.items() if (c := cell.cut()) is not None},
            states={k: s for k, cell in self._states.items() if (s := cell.cut(now))},
            peak=self._peak,
            running=None if self._run is None else self._run.cut(now),
        )
        self.from_ms = at_ms
        self._peak = None
        self._begins = True
        self._edge = edge
        self._closed.append(row)
        if held:
            self._begin()
            self._look_for_peak(at_ms)

    def read(self, now: int, at_ms: int) -> Rollup | None:
        """The open part as it is `now`, which is `at_ms`; None when there is nothing in it."""
        row = Rollup(
            from_ms=self.from_ms,
            to_ms=at_ms,
            gauges={k: g for k, cell in self._gauges.items() if (g := cell.read(now)) is not None},
            counters={k: c for k, cell in self._counters.items() if (c := cell.read()) is not None},
            states={k: s for k, cell in self._states.items() if (s := cell.read(now))},
            peak=self._peak,
            running=None if self._run is None else self._run.read(now),
        )
        return row if _holds_something(row) and at_ms > self.from_ms else None

    def closed(self) -> list[Closed]:
        """The parts that were cut off since this was asked last, the empty ones left out."""
        rows, self._closed = self._closed, []
        return [Closed(self.subject, row) for row in rows if _holds_something(row)]


def _register(state: CounterState | None) -> float | None:
    """What a counter's register shows; None when it has none (its power is summed up)."""
    return None if state is None or state.path == INTEGRAL else state.raw


def _holds_something(row: Rollup) -> bool:
    return bool(row.gauges or row.counters or row.states)
