"""The energy of one direction of one unit's flow: by its counter, by its power, which of them
counts, and how far it can be from the truth.

All energies are whole numbers of `WORK`: quanta of power (0.1 W) times milliseconds, so that any
stretches add up exactly; 3.6 · 10¹⁰ of them are a kWh.

**Which counts.** The counter's rise, if its device has a register or it rose in a gap; it holds
what came while nobody read. Where both are known their deviation is judged over the rows that
have both, without any gap in the power. They agree if they are no more than 2 % apart (DESIGN §10),
or one step of the register, or what flows in `LAG_MS` at the greatest minute mean; else the line is
*flagged*. The lag: a register is a level that was read some seconds before or after the window's
end, a power is exact in time. A GX passes counters on only when they change, and a poll reads the
registers of an ACUVIM or a DSE after the power, all well within half a minute; over a
window of 25 minutes or more of a steady power it is the 2 % that decide. A counter that the program
itself sums up from the power is no second witness: there the integral counts, as it does where the
counter is not known or means nothing.

**Uncertainty**: the sum (not the root of squares: these are bounds) of
- the meter's class, in per cent of the energy, if it is known (IEC 62053-21/-22: 0.2S 0.5S 1 2;
  EN 50470-3: A 2 %, B 1 %, C 0.5 %);
- what may have flowed in time that neither the power nor the counter saw, of which nothing is in
  the energy: at most the greatest minute mean that was seen, or the rating where less than half was
  seen and the rating is more;
- of an integral: a power is seen up to `LATE_MS` after it has changed, so in each row it is off by
  at most that time times how far the power went (exact for one change in a row; of more changes
  those up and those down cancel);
- the larger part of what was shared by time at the ends;
- of a register: one step of it (`digits`), or the deviation itself where it is above 2 % and more,
  flagged or not. A register that never moved hides no more than the power says may have come.
"""

import re
from collections.abc import Mapping, Sequence
from operator import floordiv
from typing import Literal, NamedTuple

from msgspec import Struct

from collector.model.assets import Ratings
from collector.model.rollup import Counter
from collector.model.said import Correction
from reporting.measured import digits
from reporting.measured.corrections import FAMILIES
from reporting.measured.held import Gauged
from reporting.measured.model import MINUTE_MS, Track
from reporting.measured.rises import Rise, Times, risen
from reporting.measured.rows import as_rows

WORK_PER_KWH = 36_000_000_000
WORK_PER_QUANTUM = 3_600_000
"""A quantum of an energy counter is 0.1 Wh."""
REVERSE = frozenset(("grid_export_kwh", "battery_discharged_kwh"))
"""The energies that are the negative part of their power."""
TOLERANCE_PCT = 2
LAG_MS = 30_000
"""By how much a register may have been read at another time than the power."""
LATE_MS = 2_000
"""A GX tells a power within so long after it has changed, a meter is read each second."""
NEAR_MS = 3_600_000
"""A reading by a person is of a unit's time if it was made no more than an hour outside of it."""
CLASSES: Mapping[str, float] = {"a": 2.0, "b": 1.0, "c": 0.5}

Method = Literal["register", "integral", "manual", "none"]


class Chain(Struct, frozen=True, kw_only=True):
    """A counter of an asset over all rows there are: its rises, whether it is a `witness` beside
    the power (its register was seen, or it rose in a gap), and where it means nothing."""

    rises: Sequence[Rise] = ()
    witness: bool = False
    uncounted: Times = ()

    def knows(self, from_ms: int, to_ms: int) -> bool:
        """Whether the counter tells what came in a row of that time."""
        if not self.rises or to_ms <= self.rises[0].from_ms or from_ms >= self.rises[-1].to_ms:
            return False
        return not any(start < to_ms and end > from_ms for start, end in self.uncounted)

    def unknown(self, from_ms: Sequence[int], to_ms: Sequence[int]) -> list[int]:
        """Which of these rows, which are in order, it does not know."""
        if not from_ms:
            return []
        ends = self.knows(from_ms[0], to_ms[0]) and self.knows(from_ms[-1], to_ms[-1])
        if ends and not self.uncounted:
            return []
        rows = enumerate(zip(from_ms, to_ms, strict=True))
        return [at for at, (start, end) in rows if not self.knows(start, end)]


class Line(Struct, frozen=True, kw_only=True):
    """The energy of one flow of one unit. In `WORK` but for the registers, which are as the device
    shows them, and the own totals (quanta). `compared`: (counter, integral) over the rows that have
    both in full, which may be `allowed` apart whatever the per cents; `unseen_ms` was seen by
    neither."""

    track: Track
    energy: str
    method: Method
    work: int | None
    register: int | None
    integral: int | None
    in_gaps: int
    compared: tuple[int, int] | None
    allowed: int
    uncertainty: int | None
    unseen_ms: int
    raw_opening: float | None
    raw_closing: float | None
    own_opening: int | None
    own_closing: int | None

    @property
    def deviation_pct(self) -> float | None:
        """The integral against the counter; None where there is nothing to compare."""
        if self.compared is None or not self.compared[0]:
            return None
        counter, integral = self.compared
        return (integral - counter) / abs(counter) * 100

    @property
    def deviation_text(self) -> str:
        """The deviation for people."""
        deviation = self.deviation_pct
        return "all of it" if deviation is None else f"{abs(deviation):.2f} %"

    @property
    def flagged(self) -> bool:
        """Whether counter and integral contradict each other."""
        return self.compared is not None and _contradict(self.compared, self.allowed)


def kwh(work: int | None) -> float | None:
    """`WORK` in kWh."""
    return None if work is None else work / WORK_PER_KWH


def part_of(power: Gauged, energy: str) -> Sequence[int]:
    """What a power's parts come to for one of its energies."""
    return power.neg if energy in REVERSE else power.pos


def line(
    track: Track,
    energy: str,
    chain: Chain,
    shared_rows: int,
    readings: Sequence[Correction] = (),
) -> Line:
    """The energy of one direction of a track's flow. `readings` are those that a person made of
    this energy's register; `shared_rows` how many rows were shared by time."""
    return _Reckoned(track, energy, chain, shared_rows).line(readings)


class _Seen(NamedTuple):
    """What the rows of a track say of a power: for how long it was good, its integral (None:
    nothing), for how long and what of that was outside of what the counter knows, its greatest
    minute mean, and how far it went within rows."""

    good_ms: int
    whole: int | None
    outside_ms: int
    outside: int | None
    greatest: int
    swing: int


class _Reckoned:
    def __init__(self, track: Track, energy: str, chain: Chain, shared_rows: int) -> None:
        self._track = track
        self._energy = energy
        self._chain = chain
        self._shared = shared_rows
        rows = as_rows(track.rows)
        self._power = rows.gauged(FAMILIES[energy])
        self._came = part_of(self._power, energy)
        self._unknown = chain.unknown(self._power.from_ms, self._power.to_ms)
        self._spans = rows.counted(energy)
        self._counters = [span.counter for span in self._spans]

    def line(self, readings: Sequence[Correction]) -> Line:
        track, energy = self._track, self._energy
        seen = self._seen()
        whole = seen.whole
        came = risen(self._chain.rises, track.from_ms, track.to_ms)
        counters = self._counters
        register = None
        if came is not None:
            register = came.quanta * WORK_PER_QUANTUM + (seen.outside or 0)
        witness = came is not None and (self._chain.witness or whole is None)
        opening, closing = _ends(counters)
        method: Method = "register" if witness else "none" if whole is None else "integral"
        work = register if witness else whole
        manual = _manual(track, readings, opening, closing)
        if manual is not None:
            method, work, opening, closing = "manual", manual.work, manual.opening, manual.closing
        compared = self._compared() if witness else None
        step = self._step(whole, seen)
        if manual is not None:
            step = manual.step
        doubt = came.doubt * WORK_PER_QUANTUM if came is not None else 0
        unseen = self._unseen(seen, method)
        return Line(
            track=track,
            energy=energy,
            method=method,
            work=work,
            register=register if witness else None,
            integral=whole,
            in_gaps=came.in_gaps * WORK_PER_QUANTUM if came is not None and witness else 0,
            compared=compared,
            allowed=max(step, LAG_MS * seen.greatest),
            uncertainty=self._uncertainty(
                work, seen, unseen, method, doubt, _apart(compared, step)
            ),
            unseen_ms=unseen,
            raw_opening=opening,
            raw_closing=closing,
            own_opening=counters[0].first if counters else None,
            own_closing=counters[-1].last if counters else None,
        )

    def _seen(self) -> _Seen:
        power, came = self._power, self._came
        unknown = self._unknown
        return _Seen(
            good_ms=sum(power.good_ms),
            whole=sum(came) if came else None,
            outside_ms=sum(power.good_ms[at] for at in unknown),
            outside=sum(came[at] for at in unknown) if unknown else None,
            greatest=max((0, *map(floordiv, came, power.good_ms))),
            swing=self._swing(),
        )

    def _swing(self) -> int:
        """How far the power went within its rows, in this direction."""
        least, greatest = self._power.least, self._power.greatest
        if self._energy in REVERSE:
            least, greatest = [-one for one in greatest], [-one for one in least]
        return sum(one for one in greatest if one > 0) - sum(one for one in least if one > 0)

    def _compared(self) -> tuple[int, int] | None:
        """What counter and power came to over the rows that have both in full; None: there is no
        such row."""
        power = self._power
        rose = {one.from_ms: one.counter.last - one.counter.first for one in self._spans}
        unknown = set(self._unknown)
        both = [
            (rose[start], came)
            for at, (start, end, good, came) in enumerate(
                zip(power.from_ms, power.to_ms, power.good_ms, self._came, strict=True)
            )
            if good == end - start and start in rose and at not in unknown
        ]
        if not both:
            return None
        return sum(rise for rise, _ in both) * WORK_PER_QUANTUM, sum(came for _, came in both)

    def _step(self, whole: int | None, seen: _Seen) -> int:
        """One step of the register."""
        found = digits.step(self._counters) * WORK_PER_QUANTUM
        if whole is None or not digits.still(self._counters):
            return found
        unseen = self._track.to_ms - self._track.from_ms - seen.good_ms
        return min(found, whole + max(0, unseen) * seen.greatest)

    def _unseen(self, seen: _Seen, method: Method) -> int:
        """How long neither the counter (where it counts) nor the power saw the flow."""
        track = self._track
        duration = track.to_ms - track.from_ms
        if method == "manual":
            return 0
        if method != "register":
            return max(0, duration - seen.good_ms)
        known = sum(
            min(end, track.to_ms) - max(start, track.from_ms)
            for start, end, _, _ in self._chain.rises
            if start < track.to_ms and end > track.from_ms
        )
        return max(0, duration - known - seen.outside_ms)

    def _uncertainty(
        self,
        work: int | None,
        seen: _Seen,
        unseen: int,
        method: Method,
        doubt: int,
        apart: int,
    ) -> int | None:
        """`doubt` of what was shared at the ends, `apart` of a register."""
        if work is None:
            return None
        track = self._track
        found = 0
        accuracy = class_pct(track.asset.accuracy_class)
        if accuracy is not None:
            found += round(abs(work) * accuracy / 100)
        if method == "manual":
            return found + apart
        greatest = seen.greatest
        if 2 * unseen > track.to_ms - track.from_ms or not greatest:
            greatest = max(greatest, round((rating_kw(track.asset.ratings) or 0) * 10_000))
        if unseen and not greatest and not seen.good_ms and method != "register":
            return None
        found += unseen * greatest
        if method == "register":
            found += doubt + apart
        else:
            found += self._shared * greatest * MINUTE_MS + seen.swing * LATE_MS
        return found


def _contradict(compared: tuple[int, int], allowed: int) -> bool:
    counter, by_power = compared
    apart = abs(counter - by_power)
    return apart * 100 > TOLERANCE_PCT * max(abs(counter), abs(by_power)) and apart > allowed


def _apart(compared: tuple[int, int] | None, step: int) -> int:
    """How far a register can be off: its step, or more where the power says so."""
    if compared is not None and _contradict(compared, step):
        return abs(compared[0] - compared[1])
    return step


def _ends(counters: Sequence[Counter]) -> tuple[float | None, float | None]:
    """The register at both ends, as far as it is known, in kWh."""
    first = next((one.raw_first for one in counters if one.raw_first is not None), None)
    last = next((one.raw_last for one in reversed(counters) if one.raw_last is not None), None)
    return _shown(first), _shown(last)


def _shown(raw: int | None) -> float | None:
    return None if raw is None else raw / 10_000


class _Manual(NamedTuple):
    work: int
    step: int
    opening: float
    closing: float


def _manual(
    track: Track,
    readings: Sequence[Correction],
    opening: float | None,
    closing: float | None,
) -> _Manual | None:
    """Registers that a person read in place of the device's: each is of the nearer end of the
    unit's time; of several for one end the one made last. None: there is none, or one end of the
    register is not known."""
    found = False
    for one in readings:
        if one.at_ms is None or one.value is None:
            continue
        if not track.from_ms - NEAR_MS <= one.at_ms <= track.to_ms + NEAR_MS:
            continue
        found = True
        if one.at_ms - track.from_ms <= track.to_ms - one.at_ms:
            opening = one.value
        else:
            closing = one.value
    if not found or opening is None or closing is None or closing < opening:
        return None
    step = digits.digit(round(opening * 10_000), round(closing * 10_000)) * WORK_PER_QUANTUM
    return _Manual(round((closing - opening) * WORK_PER_KWH), step, opening, closing)


def class_pct(accuracy_class: str) -> float | None:
    """The limit of error that a class stands for, in per cent; None where the text names none."""
    text = accuracy_class.strip().lower()
    if text in CLASSES:
        return CLASSES[text]
    number = re.search(r"\d+(?:[.,]\d+)?", text)
    if number is None:
        return None
    found = float(number.group().replace(",", "."))
    return found if 0 < found <= 10 else None


def rating_kw(ratings: Ratings) -> float | None:
    """What an asset cannot exceed for long: its rating, else what its CTs can see; None: nobody
    has said (as live: `collector.site.energy.rating_kw`, but for what flows around an inverter)."""
    for known in (ratings.rated_kw, ratings.rated_kva, ratings.inverter_kva):
        if known:
            return known
    if ratings.ct_primary_a and ratings.nominal_v:
        return 3 * ratings.ct_primary_a * ratings.nominal_v / 1000
    return None
