"""Energies of one asset: registers through the counter rules, else the integral of its power.

An energy comes from the device's register where it has one. Where it has none, the power of the
ticks is integrated (trapezoid, steady clock, only while the asset is live at both ends).
"""

from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from collector.model.assets import Ratings
from collector.model.catalogue import CATALOGUE
from collector.site.counters import Bound, CounterState, Step, advance, said
from collector.site.role import Role

INTEGRAL = "integral"
UNJUDGED = "not judged"
AWAIT_REGISTER_S = 60.0
LARGEST_KW = 2000.0
"""The bound where nobody has said a rating: no single asset of this trade delivers more."""
AROUND_INVERTER = 6.0
"""What can flow at an inverter/charger, in parts of its own rating: its transfer switch passes more
than the inverter can (a Quattro of 5 kVA: 100 A, hence 23 kVA beside its own 5), and solar chargers
stand beside it."""
ENERGY_SLACK_KWH = 1.0
RUN_SLACK_S = 400.0
STARTS_PER_S = 0.2
RUNNING_W = 200.0
RUNNING_STATE = 3.0
LONGEST_STEP_S = 10.0
"""Ticks further apart than this were a standstill of ours: what flowed meanwhile is unknown."""

Key = tuple[str, str]
"""An asset's id and a counter's measurement."""


class Missed(NamedTuple):
    """What a counter was not given: how much (0: nobody can say), what its register showed before
    and shows now, whose it is and where."""

    amount: float
    before: float
    raw: float
    unit: str
    path: str


class Happened(NamedTuple):
    """A counter's measurement, what happened beside plain counting, and what was missed by it."""

    measurement: str
    event: str
    missed: Missed | None = None

    @property
    def refused(self) -> bool:
        """Whether a rule was broken."""
        return self.event.startswith("refused")


class Integral(NamedTuple):
    """Which power adds up to a counter, and with which sign."""

    power: str
    sign: float


INTEGRALS: Mapping[str, Integral] = {
    "load_energy_kwh": Integral("load_power_w", 1),
    "generator_energy_kwh": Integral("generator_power_w", 1),
    "pv_energy_kwh": Integral("pv_power_w", 1),
    "grid_import_kwh": Integral("grid_power_w", 1),
    "grid_export_kwh": Integral("grid_power_w", -1),
    "battery_charged_kwh": Integral("battery_power_w", 1),
    "battery_discharged_kwh": Integral("battery_power_w", -1),
}


POWERS = tuple(dict.fromkeys(each.power for each in INTEGRALS.values()))


def rating_kw(ratings: Ratings) -> float | None:
    """The power that an asset cannot exceed for long: its rating, else what its current
    transformers can see (three phases at nominal voltage); None when nobody has said."""
    inverter = (ratings.inverter_kva or 0.0) * AROUND_INVERTER
    for known in (ratings.rated_kw, ratings.rated_kva, inverter):
        if known:
            return known
    if ratings.ct_primary_a and ratings.nominal_v:
        return 3 * ratings.ct_primary_a * ratings.nominal_v / 1000
    return None


def bound_of(measurement: str, ratings: Ratings) -> Bound:
    """How fast a counter of an asset can rise."""
    if measurement == "generator_run_s":
        return Bound(per_s=1.0, slack=RUN_SLACK_S, unit="s")
    if measurement == "generator_starts":
        return Bound(per_s=STARTS_PER_S, slack=2.0)
    kw = rating_kw(ratings) or LARGEST_KW
    return Bound(per_s=kw / 3600, slack=ENERGY_SLACK_KWH, unit="kWh")


def count_registers(
    role: Role, states: MutableMapping[Key, CounterState], now_ms: int
) -> list[Happened]:
    """Bring a live asset's registers up to date; returns what happened beside plain counting."""
    events: list[Happened] = []
    for measurement, told in role.counters.items():
        if measurement in role.unsaid:
            continue
        key = (role.asset.id, measurement)
        before = states.get(key)
        step: Step = advance(
            before,
            raw=told.raw,
            unit=told.unit,
            path=told.path,
            now_ms=now_ms,
            bound=bound_of(measurement, role.asset.ratings),
            modulus=told.modulus,
            continued=measurement in role.continued,
        )
        role.continued.add(measurement)
        unjudged = _unjudged(role, measurement, before, step.state)
        if step.state is not None:
            states[key] = step.state
        if step.event:
            missed = None
            if step.missed is not None and before is not None:
                missed = Missed(step.missed, before.raw, told.raw, told.unit, told.path)
            events.append(Happened(measurement, step.event, missed))
        if unjudged:
            events.append(Happened(measurement, unjudged))
    return events


def _unjudged(
    role: Role, measurement: str, before: CounterState | None, after: CounterState | None
) -> str:
    """What to say of energy that came while nobody looked, at an asset without a rating."""
    if before is None or after is None or after.gap <= before.gap:
        return ""
    if measurement not in INTEGRALS or rating_kw(role.asset.ratings) is not None:
        return ""
    return (
        f"{UNJUDGED}: +{said(after.gap - before.gap, 'kWh')} over a silence, and no rating says "
        f"whether that can be (rated_kw in registry.toml)"
    )


def integrate(
    role: Role, states: MutableMapping[Key, CounterState], now_s: float
) -> tuple[list[str], list[Happened]]:
    """Add a live asset's powers since the last tick to the counters that have no register.

    Returns the measurements that it keeps, and what was refused: a power that cannot be (a
    misread register) would stand in the total for ever.
    """
    now_w = {
        name: cell.value
        for name in POWERS
        if (cell := role.cells.get(name)) is not None and cell.value is not None and not cell.doubt
    }
    kept: list[str] = []
    refused: list[Happened] = []
    for measurement, (power, sign) in INTEGRALS.items():
        value = now_w.get(power)
        if value is None or role.asset.kind not in CATALOGUE[measurement].kinds:
            continue
        key = (role.asset.id, measurement)
        state = states.get(key)
        before = _before(role, power, now_s)
        mean_w = max(0.0, sign * value)
        if before is not None:
            mean_w = (mean_w + max(0.0, sign * before[1])) / 2
        if measurement in role.counters:
            continue
        if not mean_w and state is not None and state.path != INTEGRAL:
            kept.append(measurement)  # nothing to add: its register goes on where it stood
            continue
        if _awaits_register(role, state, now_s):
            continue
        kept.append(measurement)
        seconds = 0.0 if before is None else now_s - before[0]
        kwh = mean_w / 1000 * seconds / 3600
        if not bound_of(measurement, role.asset.ratings).allows(kwh, int(seconds * 1000)):
            told = f"refused: {said(mean_w / 1000, 'kW')} is more than there can be"
            total = state.total if state is not None else 0.0
            refused.append(Happened(measurement, told, Missed(0.0, total, total, "", INTEGRAL)))
            kwh = 0.0
        states[key] = _added(state, kwh, int(now_s * 1000))
    _run_time(role, states, now_w.get("generator_power_w"), now_s, kept)
    role.power_s = {name: (now_s, value) for name, value in now_w.items()}
    return kept, refused


def _before(role: Role, power: str, now_s: float) -> tuple[float, float] | None:
    """Time and value of the last tick's power, if that is near enough to be joined with now."""
    before = role.power_s.get(power)
    return before if before is not None and now_s - before[0] <= LONGEST_STEP_S else None


def _awaits_register(role: Role, state: CounterState | None, now_s: float) -> bool:
    """Whether a register that was counted may still be said again: the asset has not lived for
    long, or it had a valid value a moment ago."""
    if state is None or state.path == INTEGRAL:
        return False
    since_s = max(role.live_since_s or now_s, state.heard_ms / 1000)
    return now_s - since_s < AWAIT_REGISTER_S


def _added(state: CounterState | None, delta: float, now_ms: int) -> CounterState:
    total = (state.total if state else 0.0) + delta
    return CounterState(
        unit="",
        path=INTEGRAL,
        raw=total,
        total=total,
        heard_ms=now_ms,
        changed_ms=now_ms,
        gap=state.gap if state else 0.0,
    )


def _run_time(
    role: Role,
    states: MutableMapping[Key, CounterState],
    power_w: float | None,
    now_s: float,
    kept: list[str],
) -> None:
    measurement = "generator_run_s"
    key = (role.asset.id, measurement)
    if role.asset.kind.value != "generator" or measurement in role.counters:
        return
    if _awaits_register(role, states.get(key), now_s):
        return
    state_cell = role.cells.get("generator_state")
    running = (power_w is not None and power_w > RUNNING_W) or (
        state_cell is not None and state_cell.value == RUNNING_STATE
    )
    before = _before(role, "generator_power_w", now_s)
    seconds = now_s - before[0] if running and before is not None else 0.0
    if power_w is not None:
        kept.append(measurement)
        states[key] = _added(states.get(key), seconds, int(now_s * 1000))
