"""The rules about what one asset measures."""

from collections.abc import Callable, Mapping

from collector.alarms import electric
from collector.alarms.condition import Condition, key_of
from collector.alarms.electric import Asked
from collector.alarms.limits import UNKNOWN, Found, Outcome, Unknown, below, good, has
from collector.config.figures import AlarmSettings
from collector.model.alarm import Rule, Severity
from collector.model.kinds import AssetKind

LOW_FOR_S = 30.0
"""Fuel sloshes in a tank that is moved."""

AC = frozenset({AssetKind.BESS, AssetKind.GENERATOR, AssetKind.GRID, AssetKind.LOAD, AssetKind.PV})
SUPPLY = AC - {AssetKind.PV}


def low_soc(asked: Asked) -> Outcome:
    """The battery is low; at half of the limit it is critical."""
    return _low(asked, "battery_soc_pct", asked.limits.soc_low_pct, "charge", None)


def low_fuel(asked: Asked) -> Outcome:
    """The tank is low; at half of the limit it is critical."""
    delay_s = max(LOW_FOR_S, asked.limits.delay_s)
    return _low(asked, "fuel_level_pct", asked.limits.fuel_low_pct, "fuel", delay_s)


def _low(asked: Asked, key: str, limit: float, what: str, delay_s: float | None) -> Outcome:
    value = good(asked.view.readings, key)
    if value is None:
        return UNKNOWN if has(asked.view.readings, key) else None
    firm = below(value, limit, asked.limits.hysteresis_pct)
    if firm is None:
        return None
    severity = Severity.CRITICAL if value <= limit / 2 else Severity.ALARM
    return Found(f"{what} {value:.0f} % (limit {limit:g} %)", severity, firm, delay_s)


Judge = Callable[[Asked], Outcome]

RULES: Mapping[Rule, tuple[frozenset[AssetKind], Judge]] = {
    Rule.LOW_SOC: (frozenset({AssetKind.BESS}), low_soc),
    Rule.LOW_FUEL: (frozenset({AssetKind.GENERATOR, AssetKind.TANK}), low_fuel),
    Rule.OVERLOAD: (AC, electric.overload),
    Rule.VOLTAGE: (AC, electric.voltage),
    Rule.FREQUENCY: (SUPPLY, electric.frequency),
    Rule.VOLTAGE_UNBALANCE: (AC, electric.voltage_unbalance),
    Rule.CURRENT_UNBALANCE: (AC, electric.current_unbalance),
    Rule.BALANCE: (frozenset({AssetKind.BESS}), electric.balance),
}


def judge(asked: Asked, limits: AlarmSettings) -> tuple[list[Condition], list[str]]:
    """The conditions of one live asset, and the keys of those that cannot be judged now."""
    found: list[Condition] = []
    unknown: list[str] = []
    for rule, (kinds, rule_of) in RULES.items():
        if asked.view.kind not in kinds or rule in limits.off:
            continue
        outcome = rule_of(asked)
        if isinstance(outcome, Found):
            found.append(_condition(asked, limits, rule, outcome))
        elif isinstance(outcome, Unknown):
            unknown.append(key_of(rule, asked.view.id))
    return found, unknown


def _condition(asked: Asked, limits: AlarmSettings, rule: Rule, found: Found) -> Condition:
    view = asked.view
    return Condition(
        key=key_of(rule, view.id),
        rule=rule,
        subject=view.id,
        severity=found.severity,
        text=found.text,
        name=view.name,
        asset=view.id,
        device=view.device,
        firm=found.firm,
        delay_s=limits.delay_s if found.delay_s is None else found.delay_s,
        clear_s=limits.delay_s,
    )
