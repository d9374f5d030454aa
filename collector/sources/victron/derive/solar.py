"""MPPT solar chargers (`solarcharger/<n>`)."""

from collections.abc import Sequence

from collector.model.states import INVERTER_STATE
from collector.sources.victron.derive.common import (
    Counter,
    Derived,
    Values,
    counter,
    first,
    num,
    product,
    total,
)

OFF, STARTING, PRODUCING, THROTTLED, FAULT = 0.0, 2.0, 3.0, 4.0, 6.0
"""PV_STATE."""

TRACKERS = range(4)
"""The trackers of one device: `Pv/0` to `Pv/3`."""

MPP = {0.0: OFF, 1.0: THROTTLED, 2.0: PRODUCING}
"""`MppOperationMode`: 0 off, 1 voltage or current limited, 2 tracking; 255 not available."""


def charger_power(values: Values) -> float | None:
    """Power from the panels in W; old firmware tells only voltage and current, or each tracker."""
    return first(
        num(values, "Yield/Power"),
        product(num(values, "Pv/V"), num(values, "Pv/I")),
        trackers(values),
    )


def dc_output(values: Values) -> tuple[float | None, float | None]:
    """Power in W and current in A that a charger puts out at the battery's side."""
    current = num(values, "Dc/0/Current")
    return first(product(num(values, "Dc/0/Voltage"), current), charger_power(values)), current


def dc_pv_power(chargers: Sequence[Values]) -> float | None:
    """The DC-coupled solar power of several chargers."""
    return total(charger_power(values) for values in chargers)


def state(values: Values) -> float | None:
    """`State` and `MppOperationMode` as PV_STATE. State: 0 off, 2 fault, 245 wake-up, else it
    charges; MppOperationMode: 0 off, 1 voltage or current limited, 2 tracking."""
    told = num(values, "State")
    mode = num(values, "MppOperationMode")
    if told is None:
        return None
    if told == 0:
        return OFF
    if told == 2:
        return FAULT
    if told == 245:
        return STARTING
    return MPP.get(2.0 if mode is None else mode, PRODUCING)


def solar_charger(values: Values) -> Derived:
    """One MPPT: its solar power, and the battery as it sees it."""
    told = num(values, "State")
    voltage, current = num(values, "Dc/0/Voltage"), num(values, "Dc/0/Current")
    return Derived(
        {
            "pv_power_w": charger_power(values),
            "battery_voltage_v": voltage,
            "battery_current_a": current,
            "pv_state": state(values),
            "inverter_state": told if told in INVERTER_STATE else None,
        },
        yielded(values),
    )


def yielded(values: Values) -> tuple[Counter, ...]:
    """The solar energy of the device's life; where it has no such register, the one that people
    can set back."""
    whole = counter(values, "pv_energy_kwh", "Yield/System")
    return whole or counter(values, "pv_energy_kwh", "Yield/User")


def solar_side(values: Values) -> Derived:
    """The panels of an inverter with solar chargers in it (`multi`, `inverter`: the RS family)."""
    mode = num(values, "MppOperationMode")
    return Derived(
        {
            "pv_power_w": first(num(values, "Yield/Power"), trackers(values)),
            "pv_state": None if mode is None else MPP.get(mode),
        },
        yielded(values),
    )


def trackers(values: Values) -> float | None:
    """The sum of the trackers' powers in W."""
    return total(num(values, f"Pv/{tracker}/P") for tracker in TRACKERS)


def has_panels(values: Values) -> bool:
    """Whether an inverter has solar chargers in it."""
    return solar_side(values).readings["pv_power_w"] is not None
