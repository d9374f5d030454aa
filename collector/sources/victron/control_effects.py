"""What came of a command, in words: the paths that show its effect."""

from collections.abc import Callable, Mapping

from collector.model.states import GENERATOR_STATE, INVERTER_STATE
from collector.sources.victron.derive.common import num
from collector.sources.victron.derive.genset import LOGIC_STATE
from collector.sources.victron.tree import Service

ACTIVE_INPUT = "Ac/ActiveIn/ActiveInput"
_FEEDS = {0.0: "AC input 1 feeds it", 1.0: "AC input 2 feeds it", 240.0: "no AC input feeds it"}
_NAMES: Mapping[tuple[str, str], Callable[[float], str]] = {
    ("generator", "State"): lambda n: GENERATOR_STATE.get(LOGIC_STATE.get(int(n), -1), f"{n:g}"),
    **{
        (kind, "State"): lambda n: f"its state is {INVERTER_STATE.get(int(n), f'{n:g}')}"
        for kind in ("vebus", "multi", "acsystem", "inverter")
    },
    **{
        (kind, ACTIVE_INPUT): lambda n: _FEEDS.get(n, "") for kind in ("vebus", "multi", "acsystem")
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
