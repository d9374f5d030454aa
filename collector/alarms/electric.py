"""The rules about voltage, frequency, load and balance of one asset."""

from msgspec import Struct

from collector.alarms.limits import UNKNOWN, Found, Outcome, above, good, has
from collector.alarms.nominal import Nominal
from collector.config.figures import AlarmSettings
from collector.model.alarm import Severity
from collector.model.assets import Ratings
from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from collector.model.nominal import PAIRS, said_volts
from collector.model.snapshot import AssetView

GONE = 0.1
"""Below this part of the nominal voltage a phase is off."""
OFF = 0.0
MODE_OFF = 4.0
RUNNING = 3.0
SETTLING_S = 30.0
"""A generator that starts or stops runs through all voltages and frequencies."""
STANDING_HZ = 10.0
INVERTING = 240.0
NO_SOURCE = 0.0
LEAST_LOAD = 0.25
"""Below this part of the rating an unbalance of the currents harms nobody."""
LEAST_A = 20.0
"""The same, in amperes, where no rating is known."""
LOSS = 0.10
"""What conversion between battery and AC may lose."""
LEAST_W = 3000.0
BALANCE_S = 600.0


class Asked(Struct, frozen=True, kw_only=True):
    """One live asset, and what it is judged by."""

    view: AssetView
    ratings: Ratings
    limits: AlarmSettings
    nominal: Nominal | None


def voltage(asked: Asked) -> Outcome:
    """The phase that is farthest from nominal, or is off while it should not be."""
    nominal = asked.nominal
    if nominal is None or not nominal.phases:
        return None
    shown = {p: good(asked.view.readings, f"voltage_v.{p}") for p in nominal.phases}
    volts = {p: v for p, v in shown.items() if v is not None}
    if not volts:
        return UNKNOWN
    said = asked.ratings.nominal_v
    target = said_volts(said, nominal.phases) if said else nominal.volts
    if max(volts.values()) < GONE * target:
        return _dead(asked, volts)
    phase, value = max(volts.items(), key=lambda item: abs(item[1] - target))
    deviation = (value - target) / target * 100
    limit = asked.limits.voltage_deviation_pct
    firm = above(abs(deviation), limit, asked.limits.hysteresis_pct)
    if firm is None:
        return None
    gone = value < GONE * target
    what = "is off" if gone else f"is {value:.0f} V, {deviation:+.0f} %"
    text = f"{phase} {what} (of {_target(target, nominal, said)}; limit ±{limit:g} %)"
    worst = gone or abs(deviation) > 2 * limit
    return Found(text, Severity.CRITICAL if worst else Severity.ALARM, firm, _delay(asked))


def _target(target: float, nominal: Nominal, said: float | None) -> str:
    where = "between phases" if nominal.phases[0] in PAIRS else "to neutral"
    return f"{target:.0f} V {where}" + ("" if said else ", inferred")


def _dead(asked: Asked, volts: dict[str, float]) -> Outcome:
    """No voltage at all: a fault where loads hang, rest where a source may rest."""
    if asked.view.kind in (AssetKind.GENERATOR, AssetKind.PV) or _switched_off(asked):
        return None
    phases = ", ".join(volts)
    return Found(f"no voltage on {phases}: the supply is gone", Severity.CRITICAL)


def _switched_off(asked: Asked) -> bool:
    readings = asked.view.readings
    return (
        good(readings, "inverter_mode") == MODE_OFF or good(readings, "inverter_state") == OFF
    ) and asked.view.kind is AssetKind.BESS


def _delay(asked: Asked) -> float | None:
    return _generator_delay(asked) if asked.view.kind is AssetKind.GENERATOR else None


def _generator_delay(asked: Asked) -> float:
    return max(SETTLING_S, asked.limits.delay_s)


def frequency(asked: Asked) -> Outcome:
    """Too far from nominal, while there is any."""
    if not has(asked.view.readings, "frequency_hz") or asked.nominal is None:
        return None
    value, target = good(asked.view.readings, "frequency_hz"), asked.nominal.hertz
    if value is None:
        return UNKNOWN
    if value < STANDING_HZ or not target:
        return None
    deviation = (value - target) / target * 100
    limit = asked.limits.frequency_deviation_pct
    firm = above(abs(deviation), limit, asked.limits.hysteresis_pct)
    if firm is None:
        return None
    text = f"{value:.1f} Hz, {deviation:+.0f} % (of {target:.0f} Hz, inferred; limit ±{limit:g} %)"
    return Found(text, Severity.ALARM, firm, _delay(asked))


def overload(asked: Asked) -> Outcome:
    """More than the plate says: the worst of its ratings."""
    if asked.view.kind is AssetKind.BESS:
        loads = [(_inverter_va(asked), asked.ratings.inverter_kva, "kVA")]
    else:
        power = good(asked.view.readings, MAIN_POWER.get(asked.view.kind, ""))
        apparent = good(asked.view.readings, "apparent_power_va")
        loads = [(apparent, asked.ratings.rated_kva, "kVA"), (power, asked.ratings.rated_kw, "kW")]
    rated = [(value, rating, unit) for value, rating, unit in loads if rating]
    told = [(v / r / 10, v, r, unit) for v, r, unit in rated if v is not None]
    if not told:
        return UNKNOWN if rated else None
    pct, value, rating, unit = max(told)
    firm = above(pct, asked.limits.overload_pct, asked.limits.hysteresis_pct)
    if firm is None:
        return None
    worst = pct > 1.2 * asked.limits.overload_pct
    text = f"{value / 1000:.0f} {unit} of {rating:g} {unit}: {pct:.0f} %"
    return Found(text, Severity.CRITICAL if worst else Severity.ALARM, firm)


def _inverter_va(asked: Asked) -> float | None:
    """What the inverter itself bears: all of the load without an AC source, else what it adds to
    the source; its transfer switch carries the rest."""
    readings = asked.view.readings
    load_w = good(readings, "load_power_w")
    whole = [v for v in (good(readings, "apparent_power_va"), load_w) if v is not None]
    if not whole:
        return None
    if good(readings, "ac_source") in (None, INVERTING, NO_SOURCE) or load_w is None:
        return max(whole)
    sources = (good(readings, key) or 0.0 for key in ("grid_power_w", "generator_power_w"))
    return max(0.0, load_w - sum(sources))


def voltage_unbalance(asked: Asked) -> Outcome:
    """Above its limit, while there is voltage."""
    value = good(asked.view.readings, "voltage_unbalance_pct")
    if value is None:
        return UNKNOWN if has(asked.view.readings, "voltage_unbalance_pct") else None
    limit = asked.limits.voltage_unbalance_pct
    firm = above(value, limit, asked.limits.hysteresis_pct)
    if firm is None or _standing(asked):
        return None
    return Found(f"voltage unbalance {value:.1f} % (limit {limit:g} %)", Severity.WARNING, firm)


def _standing(asked: Asked) -> bool:
    """Whether there is no voltage to speak of."""
    nominal = asked.nominal
    if nominal is None:
        return False
    volts = [good(asked.view.readings, f"voltage_v.{p}") or 0.0 for p in nominal.phases]
    return bool(volts) and max(volts) < GONE * nominal.volts


def current_unbalance(asked: Asked) -> Outcome:
    """Above its limit, while the load is worth the word."""
    readings = asked.view.readings
    value = good(readings, "current_unbalance_pct")
    if value is None:
        return UNKNOWN if has(readings, "current_unbalance_pct") else None
    limit = asked.limits.current_unbalance_pct
    firm = above(value, limit, asked.limits.hysteresis_pct)
    if firm is None or not _loaded(asked):
        return None
    return Found(f"current unbalance {value:.0f} % (limit {limit:g} %)", Severity.WARNING, firm)


def _loaded(asked: Asked) -> bool:
    readings, rated = asked.view.readings, asked.ratings.rated_kva
    apparent = good(readings, "apparent_power_va")
    if rated and apparent is not None:
        return apparent >= LEAST_LOAD * rated * 1000
    amperes = [good(readings, f"current_a.{phase}") for phase in ("L1", "L2", "L3")]
    return max((abs(a) for a in amperes if a is not None), default=0.0) >= LEAST_A


def balance(asked: Asked) -> Outcome:
    """What goes into a battery system and what comes out of it, by its own meters: more apart
    than conversion can lose, for ten minutes."""
    readings = asked.view.readings
    load, battery = good(readings, "load_power_w"), good(readings, "battery_power_w")
    if not (has(readings, "load_power_w") and has(readings, "battery_power_w")):
        return None
    if load is None or battery is None:
        return UNKNOWN
    inputs = [good(readings, k) or 0.0 for k in ("grid_power_w", "generator_power_w", "pv_power_w")]
    throughput = sum(max(0.0, each) for each in (*inputs, -battery))
    residual = sum(inputs) - load - battery
    if throughput < LEAST_W:
        return None
    beyond = max(0.0, abs(residual) - LOSS * max(abs(battery), *inputs[2:]))
    limit = asked.limits.balance_residual_pct
    firm = above(beyond / throughput * 100, limit, asked.limits.hysteresis_pct)
    if firm is None:
        return None
    side = "in than out" if residual > 0 else "out than in"
    pct = abs(residual) / throughput * 100
    text = f"for ten minutes {abs(residual) / 1000:.1f} kW ({pct:.0f} %) more has gone {side}"
    return Found(text, Severity.WARNING, firm, BALANCE_S)
