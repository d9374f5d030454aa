"""What of a GX can be commanded, and where: the table of paths that may be written, and nothing
else. Pure: from the services as they are now to points.

`W/<portal>/<service>/<instance>/<path>`; a GX answers nothing to a write that it does not take.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from collector.model.control import Plant, Point
from collector.sources.victron.control_effects import ACTIVE_INPUT, effect
from collector.sources.victron.control_spots import (
    SWITCH,
    Services,
    Spot,
    choice,
    rating,
    stated_range,
    target,
    values_of,
)
from collector.sources.victron.control_system import acknowledge, minimum_soc, relays, setpoint
from collector.sources.victron.derive.common import PHASES, Readings, Values, num, total
from collector.sources.victron.flows import MAIN
from collector.sources.victron.tree import Service

_UNSIGNED = r"[0-9]{1,5}"
WRITABLE = re.compile(
    rf"\A(?:(?:vebus|multi|acsystem|inverter)/{_UNSIGNED}/Mode"
    rf"|(?:vebus|multi|acsystem)/{_UNSIGNED}/Ac/In/[12]/CurrentLimit"
    rf"|vebus/{_UNSIGNED}/Ac/ActiveIn/CurrentLimit"
    rf"|generator/{_UNSIGNED}/(?:ManualStart|ManualStartTimer|AutoStartEnabled)"
    r"|hub4/0/Overrides/Setpoint"
    r"|settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit"
    rf"|(?:multi|acsystem)/{_UNSIGNED}/Settings/Ess/MinimumSocLimit"
    r"|system/0/Relay/[01]/State"
    r"|platform/0/Notifications/AcknowledgeAll)\Z"
)
"""Every topic tail that this program can ever write to a GX."""

MODES = {"on": 3, "charger-only": 1, "inverter-only": 2, "off": 4}
PLAIN_MODES = {"on": 2, "off": 4}
"""`inverter/…/Mode` of one without a charger."""
START = {"start": 1, "stop": 0}
MAX_LIMIT_A = 1000.0


class Scene(Protocol):
    """What is known of the GX now."""

    @property
    def inverters(self) -> Sequence[Service]:
        """The inverter/chargers of the main asset."""

    def logic_at(self, role: str) -> Service | None:
        """The start/stop logic of the generator in `role`."""

    def whole(self) -> Readings:
        """What the system as a whole says."""


def spots(role: str, scene: Scene, services: Services) -> dict[str, Spot]:
    """What the asset in `role` offers now, by command."""
    if role != MAIN:
        logic = scene.logic_at(role)
        return {} if logic is None or not logic.usable else _generator(logic)
    found: dict[str, Spot] = {}
    inverters = [each for each in scene.inverters if each.usable]
    if len(inverters) == 1:
        found.update(_inverter(inverters[0]))
    for make in (setpoint, minimum_soc, relays, acknowledge):
        found.update(make(services, inverters))
    return found


def plant(scene: Scene, services: Services) -> Plant:
    """What preconditions need to know."""
    told = scene.whole()
    inverters = [each.values for each in scene.inverters if each.usable]
    ratings = [rating(values) for values in inverters]
    limits = [
        num(values_of(services, "system"), "Control/ActiveSocLimit"),
        num(values_of(services, "settings"), "Settings/CGwacs/BatteryLife/MinimumSocLimit"),
        *(num(values, "Settings/Ess/MinimumSocLimit") for values in inverters),
    ]
    volts, phases = _volts(inverters)
    known = [limit for limit in limits if limit is not None]
    return Plant(
        load_w=told.get("load_power_w"),
        inverter_w=None if not ratings or None in ratings else total(ratings),
        soc_pct=told.get("battery_soc_pct"),
        soc_limit_pct=max(known) if known else None,
        ac_source=told.get("ac_source"),
        input_v=volts,
        phases=phases,
    )


def _volts(inverters: Sequence[Values]) -> tuple[float | None, int | None]:
    """The voltage of a phase, and how many there are: at the output, for the input may be off."""
    for values in inverters:
        volts = [
            each for phase in PHASES if (each := num(values, f"Ac/Out/{phase}/V")) and each > 1
        ]
        if volts:
            counted = num(values, "Ac/NumberOfPhases")
            return sum(volts) / len(volts), int(counted) if counted else len(volts)
    return None, None


# -- inverters -------------------------------------------------------------------------------


def _inverter(unit: Service) -> Iterator[tuple[str, Spot]]:
    values = unit.values
    state = ((unit, "State"),)
    if "Mode" in values:
        numbers = MODES
        if unit.kind == "inverter" and num(values, "IsInverterCharger") != 1:
            numbers = PLAIN_MODES
        fixed = num(values, "ModeIsAdjustable") == 0
        yield (
            "mode",
            choice(
                "mode",
                unit,
                "Mode",
                numbers,
                why="a switch at the inverter or its BMS decides the mode" if fixed else "",
                effects=state,
            ),
        )
    for number in (1, 2):
        path = f"Ac/In/{number}/CurrentLimit"
        if path not in values and number == 1 and unit.kind == "vebus":
            path = "Ac/ActiveIn/CurrentLimit"
        if path in values and unit.kind != "inverter":
            yield f"input-limit-{number}", _limit(unit, number, path)


def _limit(unit: Service, number: int, path: str) -> Spot:
    adjustable = num(unit.values, f"{path}IsAdjustable")
    why = "" if adjustable != 0 else "the limit is not to be overruled by remote (VEConfigure)"
    if not why and num(unit.values, f"Ac/In/{number}/Type") == 0:
        why = f"AC input {number} is not in use"
    low, high = stated_range(unit, path, 0.0, MAX_LIMIT_A)
    effects = ((unit, ACTIVE_INPUT), (unit, "State"))
    point = Point(
        command=f"input-limit-{number}",
        target=target(unit, path),
        value=num(unit.values, path),
        low=low,
        high=high,
        why_not=why,
        effect=effect(effects),
    )
    return Spot(point, unit, path, {}, whole=False, effects=effects)


# -- generators ------------------------------------------------------------------------------


def _generator(logic: Service) -> dict[str, Spot]:
    values, found = logic.values, {}
    off = "the start/stop function is switched off at the GX" if num(values, "Enabled") == 0 else ""
    effects = ((logic, "State"), (logic, "RunningByConditionCode"), (logic, "Error"))
    if "ManualStart" in values:
        timer = "ManualStartTimer" if "ManualStartTimer" in values else ""
        found["generator"] = choice(
            "generator",
            logic,
            "ManualStart",
            START,
            why=off or _blocked(values),
            timer=timer,
            effects=effects,
        )
    if "AutoStartEnabled" in values:
        found["generator-auto"] = choice(
            "generator-auto", logic, "AutoStartEnabled", SWITCH, why=off, effects=effects
        )
    return found


def _blocked(values: Values) -> str:
    """Why the logic would not start the engine."""
    if num(values, "State") == 5:
        return "the GX keeps it stopped by the level of its tank"
    if num(values, "Error") == 1 or num(values, "Alarms/RemoteStartModeDisabled") == 2:
        return "remote start is switched off at the generator's controller"
    return ""
