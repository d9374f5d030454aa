"""What of a GX can be commanded, and where: the table of paths that may be written, and nothing
else. Pure: from the services as they are now to points.

`W/<portal>/<service>/<instance>/<path>`; a GX answers nothing to a write that it does not take.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from collector.model.control import ControlValue, Plant, Point
from collector.model.states import GENERATOR_STATE, INVERTER_STATE
from collector.sources.victron.derive.common import PHASES, Readings, Values, first, num, total
from collector.sources.victron.derive.genset import LOGIC_STATE
from collector.sources.victron.flows import MAIN
from collector.sources.victron.payload import read_limits
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
SWITCH = {"on": 1, "off": 0}
START = {"start": 1, "stop": 0}
MAX_LIMIT_A = 1000.0
MAX_SETPOINT_W = 1_000_000.0
EXTERNAL = 3.0
"""`Hub4Mode`: something else regulates."""
MANUAL = 2.0
RELAY_FUNCTIONS = {
    -1: "disabled", 0: "alarm", 1: "generator", 3: "tank pump", 4: "temperature",
    5: "genset helper", 6: "opportunity load",
}  # fmt: skip


class Spot(NamedTuple):
    """A point, and how it is written: `numbers` are what its words mean on the bus, `whole` says
    that its numbers go out as integers, `timer` is written before it, `effects` are the paths
    that show what came of it."""

    point: Point
    service: Service
    path: str
    numbers: Mapping[str, int | None]
    whole: bool
    timer: str = ""
    effects: tuple[tuple[Service, str], ...] = ()


class Scene(Protocol):
    """What is known of the GX now."""

    @property
    def inverters(self) -> Sequence[Service]:
        """The inverter/chargers of the main asset."""

    def logic_at(self, role: str) -> Service | None:
        """The start/stop logic of the generator in `role`."""

    def whole(self) -> Readings:
        """What the system as a whole says."""


Services = Mapping[tuple[str, str], Service]


def spots(role: str, scene: Scene, services: Services) -> dict[str, Spot]:
    """What the asset in `role` offers now, by command."""
    if role != MAIN:
        logic = scene.logic_at(role)
        return {} if logic is None or not logic.usable else _generator(logic)
    found: dict[str, Spot] = {}
    inverters = [each for each in scene.inverters if each.usable]
    if len(inverters) == 1:
        found.update(_inverter(inverters[0]))
    for make in (_setpoint, _minimum_soc, _relays, _acknowledge):
        found.update(make(services, inverters))
    return found


def plant(scene: Scene, services: Services) -> Plant:
    """What preconditions need to know."""
    told = scene.whole()
    inverters = [each.values for each in scene.inverters if each.usable]
    ratings = [_rating(values) for values in inverters]
    limits = [
        num(_values(services, "system"), "Control/ActiveSocLimit"),
        num(_values(services, "settings"), "Settings/CGwacs/BatteryLife/MinimumSocLimit"),
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


def _rating(values: Values) -> float | None:
    return first(
        num(values, "Ac/Out/NominalInverterPower"),
        total(num(values, f"Ac/Out/{phase}/NominalInverterPower") for phase in PHASES),
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


def _values(services: Services, kind: str) -> Values:
    service = services.get((kind, "0"))
    return service.values if service is not None and service.usable else {}


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
            _choice(
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
    low, high = _range(unit, path, 0.0, MAX_LIMIT_A)
    point = Point(
        command=f"input-limit-{number}",
        target=_target(unit, path),
        value=num(unit.values, path),
        low=low,
        high=high,
        why_not=why,
        effect=effect(((unit, "State"),)),
    )
    return Spot(point, unit, path, {}, whole=False, effects=((unit, "State"),))


# -- generators ------------------------------------------------------------------------------


def _generator(logic: Service) -> dict[str, Spot]:
    values, found = logic.values, {}
    off = "the start/stop function is switched off at the GX" if num(values, "Enabled") == 0 else ""
    effects = ((logic, "State"), (logic, "RunningByConditionCode"), (logic, "Error"))
    if "ManualStart" in values:
        timer = "ManualStartTimer" if "ManualStartTimer" in values else ""
        found["generator"] = _choice(
            "generator",
            logic,
            "ManualStart",
            START,
            why=off or _blocked(values),
            timer=timer,
            effects=effects,
        )
    if "AutoStartEnabled" in values:
        found["generator-auto"] = _choice(
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


# -- the system ------------------------------------------------------------------------------


def _setpoint(services: Services, inverters: Sequence[Service]) -> Mapping[str, Spot]:
    hub4, path = services.get(("hub4", "0")), "Overrides/Setpoint"
    if hub4 is None or not hub4.usable or path not in hub4.values:
        return {}
    external = num(_values(services, "settings"), "Settings/CGwacs/Hub4Mode") == EXTERNAL
    ratings = [_rating(each.values) for each in inverters]
    rating = None if not ratings or None in ratings else total(ratings)
    most = 2 * rating if rating else MAX_SETPOINT_W
    system = services.get(("system", "0"))
    effects = ((system, "Ac/Grid/L1/Power"),) if system is not None else ()
    point = Point(
        command="grid-setpoint",
        target=_target(hub4, path),
        value=word_of(num(hub4.values, path), {"release": None}),
        choices=("release",),
        low=-most,
        high=most,
        step=1.0,
        lasting="must",
        why_not="ESS is set to external control: nothing regulates there" if external else "",
        effect=effect(effects),
    )
    return {"grid-setpoint": Spot(point, hub4, path, {"release": None}, True, effects=effects)}


def _minimum_soc(services: Services, inverters: Sequence[Service]) -> Mapping[str, Spot]:
    """The ESS limit: of the GX for VE.Bus systems, of the inverter itself for RS ones."""
    path = "Settings/Ess/MinimumSocLimit"
    owner = next((each for each in inverters if path in each.values), None)
    if owner is None:
        path = "Settings/CGwacs/BatteryLife/MinimumSocLimit"
        owner = services.get(("settings", "0"))
        if ("hub4", "0") not in services:
            return {}
    if owner is None or not owner.usable or num(owner.values, path) is None:
        return {}
    low, high = _range(owner, path, 0.0, 100.0)
    system = services.get(("system", "0"))
    effects = ((system, "Control/ActiveSocLimit"),) if system is not None else ()
    external = num(_values(services, "settings"), "Settings/CGwacs/Hub4Mode") == EXTERNAL
    point = Point(
        command="minimum-soc",
        target=_target(owner, path),
        value=num(owner.values, path),
        low=max(0.0, low),
        high=min(100.0, high),
        step=5.0,
        why_not="ESS is set to external control: the limit is not used" if external else "",
        effect=effect(effects),
    )
    return {"minimum-soc": Spot(point, owner, path, {}, whole=False, effects=effects)}


def _relays(services: Services, _: Sequence[Service]) -> Mapping[str, Spot]:
    system = services.get(("system", "0"))
    found: dict[str, Spot] = {}
    if system is None or not system.usable:
        return found
    settings = _values(services, "settings")
    for index, setting in ((0, "Settings/Relay/Function"), (1, "Settings/Relay/1/Function")):
        path = f"Relay/{index}/State"
        if num(system.values, path) is None:
            continue
        function = num(settings, setting)
        why = ""
        if function != MANUAL:
            word = "unknown" if function is None else RELAY_FUNCTIONS.get(int(function), "unknown")
            why = f"the GX itself switches this relay: its function is {word}, not manual"
        found[f"relay-{index + 1}"] = _choice(f"relay-{index + 1}", system, path, SWITCH, why=why)
    return found


def _acknowledge(services: Services, _: Sequence[Service]) -> Mapping[str, Spot]:
    platform, path = services.get(("platform", "0")), "Notifications/AcknowledgeAll"
    if platform is None or not platform.usable or path not in platform.values:
        return {}
    waiting = unacknowledged(platform)
    point = Point(
        command="acknowledge",
        target=_target(platform, path),
        value=float(len(waiting)),
        choices=("done",),
        why_not="" if waiting else "no notification waits to be acknowledged",
        effect="they wait" if waiting else "",
    )
    return {"acknowledge": Spot(point, platform, path, {"done": 1}, whole=True)}


def unacknowledged(platform: Service) -> list[str]:
    """The slots whose notification nobody has acknowledged."""
    said = platform.values
    return [
        path
        for path, value in said.items()
        if value == 0.0 and re.fullmatch(r"Notifications/\d{1,2}/Acknowledged", path)
    ]


# -- parts -----------------------------------------------------------------------------------


def _choice(
    command: str,
    service: Service,
    path: str,
    numbers: Mapping[str, int],
    *,
    why: str = "",
    timer: str = "",
    effects: tuple[tuple[Service, str], ...] = (),
) -> Spot:
    point = Point(
        command=command,
        target=_target(service, path),
        value=word_of(num(service.values, path), numbers),
        choices=tuple(numbers),
        lasting="may" if timer else "no",
        why_not=why,
        effect=effect(effects),
    )
    return Spot(point, service, path, numbers, whole=True, timer=timer, effects=effects)


def word_of(number: float | None, numbers: Mapping[str, int | None]) -> ControlValue | None:
    """The word for a number on the bus; the number itself when there is none."""
    if number is None:
        return next((word for word, each in numbers.items() if each is None), None)
    return next((word for word, each in numbers.items() if each == number), number)


def _target(service: Service, path: str) -> str:
    return f"{service.kind}/{service.instance}/{path}"


def _range(service: Service, path: str, low: float, high: float) -> tuple[float, float]:
    """The limits that the device itself states beside the value, else these."""
    payload = next((slot.payload for slot in service.slots if slot.path == path), None)
    least, most = read_limits(payload or b"")
    return least if least is not None else low, most if most is not None else high


_NAMES: Mapping[tuple[str, str], Callable[[float], str]] = {
    ("generator", "State"): lambda n: GENERATOR_STATE.get(LOGIC_STATE.get(int(n), -1), f"{n:g}"),
    **{
        (kind, "State"): lambda n: INVERTER_STATE.get(int(n), f"{n:g}")
        for kind in ("vebus", "multi", "acsystem", "inverter")
    },
}
CONDITIONS = {
    0: "", 1: "by hand", 2: "by a test run", 3: "by loss of communication", 4: "by state of charge",
    5: "by AC load", 6: "by battery current", 7: "by battery voltage",
    8: "by inverter temperature", 9: "by inverter overload", 10: "stopped by AC input 1",
    11: "stopped by AC input 2", 12: "stopped by tank level",
}  # fmt: skip
ERRORS = {
    0: "", 1: "remote start is disabled", 2: "fault of the remote start",
    3: "no generator at the AC input", 4: "no generator is enabled",
}  # fmt: skip


def effect(effects: tuple[tuple[Service, str], ...]) -> str:
    """What the effect paths say now, in words."""
    return ", ".join(filter(None, (_said(service, path) for service, path in effects)))


def _said(service: Service, path: str) -> str:
    value = num(service.values, path)
    if value is None:
        return ""
    name = _NAMES.get((service.kind, path))
    if name is not None:
        return name(value)
    if path == "RunningByConditionCode":
        return CONDITIONS.get(int(value), "")
    if path == "Error":
        return ERRORS.get(int(value), "")
    if path == "Ac/Grid/L1/Power":
        return f"L1 of the grid {value:.0f} W"
    return f"limit in force {value:g} %" if path == "Control/ActiveSocLimit" else f"{value:g}"
