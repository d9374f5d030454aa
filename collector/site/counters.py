"""Counters: a device's register becomes the program's own total, which only ever rises.

Registers reset, dip, roll over and are swapped. A register belongs to a physical unit and a path;
the first reading of a new one is a baseline and adds nothing. What cannot be true (more than the
rated power could have done) is refused: nothing is added and counting goes on from there.
"""

import math

from msgspec import Struct, structs

from collector.model.rounding import digits

FIRST, ROLLOVER, RESET = "baseline", "rollover", "reset"
ANOTHER = "baseline: another unit or register"
UNPROVEN = "baseline: the identity after a pause cannot be proven"
"""What happened, where it is always the same."""
DIP_MS = 60_000
PAUSE_MS = 60_000
HIDDEN_MS = 3_600_000
"""How long a register that is heard may hide what it counts: coarse steps, rare messages."""
SET_BACK = 0.5
"""A register that falls and keeps more than this part has not begun anew: after a loss of supply
some meters go on from what they had stored a while before."""
COME_BACK = 0.9
"""A register that rises at once by this part of what it fell shows its former count again."""
MARGIN = 1.15
"""What a rating may be exceeded by for a while (overload, instrument error)."""
ROUNDING = 1e-6
"""What differences of registers are off by, as a part of them: some are 32-bit floats."""

HUGE = 1e12
"""No register shows so much."""
STEPS_IN_KWH = 1 << 14
"""Energies are published in steps of 1/16384 kWh (0.06 Wh): see docs/adr/0014."""


def published(total: float) -> float:
    """What is said of a total in kWh: the last step that it has passed. The total itself, which
    counting goes on from, stays as it is; what is said never falls either."""
    return math.floor(total * STEPS_IN_KWH) / STEPS_IN_KWH


def said(amount: float, unit: str) -> str:
    """An amount with its unit and all its digits but for more than three decimals; what no counter
    can show as it is."""
    text = digits(amount).replace(",", " ") if abs(amount) < HUGE else f"{amount:g}"
    return f"{text} {unit}".rstrip()


class Bound(Struct, frozen=True, kw_only=True):
    """How fast a counter can rise: `per_s` in the counter's unit (None: nobody knows the rating),
    `slack`, what one step of a coarse register may add at once, and that `unit`, for people."""

    per_s: float | None
    slack: float
    unit: str = ""

    def said(self, amount: float) -> str:
        """What a counter shows or counted, for people."""
        return said(amount, self.unit)

    def allows(self, delta: float, elapsed_ms: int) -> bool:
        """Whether `delta` can have come about in the time."""
        if self.per_s is None:
            return True
        return delta <= self.per_s * MARGIN * elapsed_ms / 1000 + self.slack


class CounterState(Struct, frozen=True, kw_only=True):
    """What is known of one counter. Times are milliseconds of one steady clock.

    `total` is the program's own, `gap` the part of it that accrued while nobody looked. `dip_ms`
    is when a register fell below `raw`; until it is decided, `raw` keeps the value before.
    `dip_raw` is what it showed last meanwhile, as long as that is what a register can have
    counted that began anew in the fall; above `raw` it is a rise that waits to be believed. Once
    a fall is decided, `fell` is by how much it fell, for it may come back; `anew` says that what
    it showed then was added. Below 0, `fell` is by how much it jumped up, which was refused: it
    may go back.
    """

    unit: str
    path: str
    raw: float
    total: float
    heard_ms: int
    changed_ms: int
    gap: float = 0.0
    dip_ms: int | None = None
    dip_raw: float | None = None
    fell: float = 0.0
    anew: bool = False


class Step(Struct, frozen=True):
    """The new state (None: still nothing known) and, when something other than plain counting
    happened, what it was. `missed`: how much a register rose that was not added, in its unit; 0
    where nobody can say; None: nothing was missed."""

    state: CounterState | None
    event: str = ""
    missed: float | None = None


def advance(
    state: CounterState | None,
    *,
    raw: float,
    unit: str,
    path: str,
    now_ms: int,
    bound: Bound,
    modulus: float | None = None,
    continued: bool = True,
) -> Step:
    """One reading of the register at `now_ms`; call it at least once a minute while it is heard.

    `unit` is the proven identity of the thing that counts, "" when it cannot be proven: then a
    pause of over 60 s is a baseline too, and so is the first reading of a new connection (not
    `continued`), for another thing may answer there now.
    """
    if not math.isfinite(raw) or raw < 0 or (modulus is not None and raw >= modulus):
        return Step(state, "not a count")
    if state is None:
        return Step(_fresh(unit, path, raw, 0.0, now_ms), FIRST)
    if (state.unit, state.path) != (unit, path):
        fresh = _fresh(unit, path, raw, state.total, now_ms)
        return Step(structs.replace(fresh, gap=state.gap), ANOTHER)
    paused = now_ms - state.heard_ms > PAUSE_MS
    if not unit and (paused or not continued):
        return _unproven(state, raw, now_ms, bound)
    if raw >= state.raw:
        return _rise(state, raw, now_ms, bound, paused=paused)
    return _fall(state, raw, now_ms, bound, modulus, paused=paused)


def given(state: CounterState, amount: float) -> CounterState:
    """A person accepts what was refused: it is added as energy that nobody watched. The register,
    which has counted on from there, stays."""
    return structs.replace(state, total=state.total + amount, gap=state.gap + amount)


def _fresh(unit: str, path: str, raw: float, total: float, now_ms: int) -> CounterState:
    return CounterState(
        unit=unit, path=path, raw=raw, total=total, heard_ms=now_ms, changed_ms=now_ms
    )


def _anchor(state: CounterState, raw: float, now_ms: int) -> CounterState:
    return structs.replace(
        state,
        raw=raw,
        heard_ms=now_ms,
        changed_ms=now_ms,
        dip_ms=None,
        dip_raw=None,
        fell=0.0,
        anew=False,
    )


def _unproven(state: CounterState, raw: float, now_ms: int, bound: Bound) -> Step:
    """Another thing may count here now: what it shows is a baseline. If it is the same one, it has
    counted `missed` meanwhile."""
    delta = raw - state.raw
    possible = delta > 0 and bound.allows(delta, _counted_ms(state, now_ms))
    return Step(
        _anchor(state, raw, now_ms),
        UNPROVEN,
        delta if possible else None,
    )


def _add(
    state: CounterState, raw: float, delta: float, now_ms: int, *, paused: bool
) -> CounterState:
    return structs.replace(
        _anchor(state, raw, now_ms),
        total=state.total + delta,
        gap=state.gap + (delta if paused else 0.0),
    )


def _counted_ms(state: CounterState, now_ms: int) -> int:
    """How long the difference to the last value can have taken to come about."""
    return min(now_ms - state.changed_ms, now_ms - state.heard_ms + HIDDEN_MS)


def _lately_ms(state: CounterState, now_ms: int) -> int:
    """How long what a register shows newly can have taken, if it is read once a minute at least."""
    return max(now_ms - state.heard_ms, min(now_ms - state.changed_ms, PAUSE_MS))


def _rise(state: CounterState, raw: float, now_ms: int, bound: Bound, *, paused: bool) -> Step:
    delta = raw - state.raw
    if delta == 0:
        return Step(structs.replace(state, heard_ms=now_ms, dip_ms=None, dip_raw=None))
    if 0 < COME_BACK * state.fell <= delta:
        return _return(state, raw, now_ms, bound, paused=paused)
    if not bound.allows(delta, _counted_ms(state, now_ms)):
        return _too_much(state, raw, delta, now_ms, bound)
    if not paused and (doubted := _doubted(state, raw, delta, now_ms, bound)) is not None:
        return Step(doubted)
    grown = _add(state, raw, delta, now_ms, paused=paused)
    if not state.anew:  # a part of it is away, and may come back though the rest counts on
        grown = structs.replace(grown, fell=state.fell)
    return Step(grown)


def _in_doubt(state: CounterState) -> bool:
    """Whether it shows more than it can have counted in the last minute, though not more than while
    it stood still: a coarse register does, and so does a misreading that goes back."""
    return state.dip_raw is not None and state.dip_raw > state.raw


def _doubted(
    state: CounterState, raw: float, new: float, now_ms: int, bound: Bound
) -> CounterState | None:
    """The state of a counter of which it is not believed yet that it counted `new`, for that is
    more than in the last minute; None: it is believed."""
    if bound.allows(new, _lately_ms(state, now_ms)):
        return None
    since = state.dip_ms if _in_doubt(state) and state.dip_ms is not None else now_ms
    if now_ms - since >= DIP_MS:
        return None
    return structs.replace(state, heard_ms=now_ms, dip_ms=since, dip_raw=raw)


def _return(state: CounterState, raw: float, now_ms: int, bound: Bound, *, paused: bool) -> Step:
    """A register that fell for over a minute has risen by about that much again at once: what it
    had counted before the fall has come back with it, and was added long ago."""
    delta = raw - state.raw
    added = state.raw if state.anew else 0.0
    new = max(0.0, delta - state.fell - added)
    if not bound.allows(new, _counted_ms(state, now_ms)):
        return _too_much(state, raw, delta, now_ms, bound)
    if not paused and (doubted := _doubted(state, raw, new, now_ms, bound)) is not None:
        return Step(doubted)
    stood, rose = bound.said(delta - new), bound.said(delta)
    return Step(
        _add(state, raw, new, now_ms, paused=paused),
        f"refused: {stood} of +{rose} stood in it before it fell: not added twice",
        delta - new,
    )


def _too_much(state: CounterState, raw: float, delta: float, now_ms: int, bound: Bound) -> Step:
    told = f"refused: +{bound.said(delta)} is more than the rating"
    jumped = structs.replace(_anchor(state, raw, now_ms), fell=-delta)
    return Step(jumped, told, delta)


def _back(state: CounterState, raw: float, now_ms: int, bound: Bound, *, paused: bool) -> Step:
    """A register that jumped up shows again what it would without the jump, which was a misreading:
    counting goes on from before it."""
    stood = state.raw + state.fell
    new = max(0.0, raw - stood)
    if not bound.allows(new, _counted_ms(state, now_ms)):
        return _too_much(structs.replace(state, raw=stood), raw, new, now_ms, bound)
    told = f"back: the jump of +{bound.said(-state.fell)} has gone again, it was a misreading"
    return Step(_add(state, raw, new, now_ms, paused=paused), told)


def _rolled(
    state: CounterState,
    raw: float,
    now_ms: int,
    bound: Bound,
    modulus: float | None,
    *,
    paused: bool,
) -> float | None:
    """What a register counted that has passed its end since; None: it has not, or it is not
    believed yet, for a dip to nothing looks like it."""
    if modulus is None or state.raw <= 0.9 * modulus or raw >= 0.1 * modulus:
        return None
    delta = raw + modulus - state.raw
    if not 0 <= delta < 0.1 * modulus or not bound.allows(delta, _counted_ms(state, now_ms)):
        return None
    waited = state.dip_ms is not None and now_ms - state.dip_ms >= DIP_MS
    believed = paused or waited or bound.allows(delta, _lately_ms(state, now_ms))
    return delta if believed else None


def _fall(
    state: CounterState,
    raw: float,
    now_ms: int,
    bound: Bound,
    modulus: float | None,
    *,
    paused: bool,
) -> Step:
    """A register that is below what it was. After a pause, `heard_ms` stays what it was until the
    fall is decided, so that what is then added is known as gap."""
    rolled = _rolled(state, raw, now_ms, bound, modulus, paused=paused)
    if rolled is not None:
        return Step(_add(state, raw, rolled, now_ms, paused=paused), ROLLOVER)
    if state.fell < 0 and raw >= state.raw + state.fell * (1 + ROUNDING):
        return _back(state, raw, now_ms, bound, paused=paused)
    if _in_doubt(state):
        state = structs.replace(state, dip_ms=None, dip_raw=None)
    since = state.dip_ms if state.dip_ms is not None else now_ms
    elapsed_ms = now_ms - state.heard_ms
    began = raw <= SET_BACK * state.raw and bound.allows(raw, elapsed_ms)
    low = began or (state.dip_raw is not None and bound.allows(raw - state.dip_raw, elapsed_ms))
    if now_ms - since < DIP_MS:
        heard_ms = state.heard_ms if paused else now_ms
        shown = raw if low else None
        return Step(structs.replace(state, heard_ms=heard_ms, dip_ms=since, dip_raw=shown))
    fell = state.fell + state.raw - raw
    began_ms = min(since, state.heard_ms)
    if bound.per_s is not None and low and bound.allows(raw, now_ms - began_ms):
        counted = _add(state, raw, raw, now_ms, paused=paused)
        return Step(structs.replace(counted, fell=fell, anew=True), RESET)
    return Step(
        structs.replace(_anchor(state, raw, now_ms), fell=fell),
        f"refused: reset to {bound.said(raw)}, what it counted since is unproven",
        raw if raw <= SET_BACK * state.raw else 0.0,
    )
