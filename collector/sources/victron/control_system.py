"""What of the GX itself can be commanded: ESS, relays, notifications."""

import re
from collections.abc import Mapping, Sequence

from collector.model.control import Point
from collector.sources.victron.control_effects import effect
from collector.sources.victron.control_spots import (
    SWITCH,
    Services,
    Spot,
    choice,
    rating,
    stated_range,
    target,
    values_of,
    word_of,
)
from collector.sources.victron.derive.common import num, total
from collector.sources.victron.tree import Service

MAX_SETPOINT_W = 1_000_000.0
EXTERNAL = 3.0
"""`Hub4Mode`: something else regulates."""
MANUAL = 2.0
RELAY_FUNCTIONS = {
    -1: "disabled", 0: "alarm", 1: "generator", 3: "tank pump", 4: "temperature",
    5: "genset helper", 6: "opportunity load",
}  # fmt: skip


def setpoint(services: Services, inverters: Sequence[Service]) -> Mapping[str, Spot]:
    """What ESS draws from the grid, as the volatile override of Venus OS 3.50 or later."""
    hub4, path = services.get(("hub4", "0")), "Overrides/Setpoint"
    if hub4 is None or not hub4.usable or path not in hub4.values:
        return {}
    external = num(values_of(services, "settings"), "Settings/CGwacs/Hub4Mode") == EXTERNAL
    ratings = [rating(each.values) for each in inverters]
    known = None if not ratings or None in ratings else total(ratings)
    most = 2 * known if known else MAX_SETPOINT_W
    system = services.get(("system", "0"))
    effects = ((system, "Ac/Grid/L1/Power"),) if system is not None else ()
    point = Point(
        command="grid-setpoint",
        target=target(hub4, path),
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


def minimum_soc(services: Services, inverters: Sequence[Service]) -> Mapping[str, Spot]:
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
    low, high = stated_range(owner, path, 0.0, 100.0)
    system = services.get(("system", "0"))
    effects = ((system, "Control/ActiveSocLimit"),) if system is not None else ()
    external = num(values_of(services, "settings"), "Settings/CGwacs/Hub4Mode") == EXTERNAL
    point = Point(
        command="minimum-soc",
        target=target(owner, path),
        value=num(owner.values, path),
        low=max(0.0, low),
        high=min(100.0, high),
        step=5.0,
        why_not="ESS is set to external control: the limit is not used" if external else "",
        effect=effect(effects),
    )
    return {"minimum-soc": Spot(point, owner, path, {}, whole=False, effects=effects)}


def relays(services: Services, _: Sequence[Service]) -> Mapping[str, Spot]:
    """The relays that the operator may switch: those whose function is manual."""
    system = services.get(("system", "0"))
    found: dict[str, Spot] = {}
    if system is None or not system.usable:
        return found
    settings = values_of(services, "settings")
    for index, setting in ((0, "Settings/Relay/Function"), (1, "Settings/Relay/1/Function")):
        path = f"Relay/{index}/State"
        if num(system.values, path) is None:
            continue
        function = num(settings, setting)
        why = ""
        if function != MANUAL:
            word = "unknown" if function is None else RELAY_FUNCTIONS.get(int(function), "unknown")
            why = f"the GX itself switches this relay: its function is {word}, not manual"
        found[f"relay-{index + 1}"] = choice(f"relay-{index + 1}", system, path, SWITCH, why=why)
    return found


def acknowledge(services: Services, _: Sequence[Service]) -> Mapping[str, Spot]:
    """The GX's own list of notifications, where it has one."""
    platform, path = services.get(("platform", "0")), "Notifications/AcknowledgeAll"
    if platform is None or not platform.usable or path not in platform.values:
        return {}
    waiting = unacknowledged(platform)
    point = Point(
        command="acknowledge",
        target=target(platform, path),
        value=float(len(waiting)),
        choices=("done",),
        why_not="" if waiting else "no notification waits to be acknowledged",
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
