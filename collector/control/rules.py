"""Whether a command may be given now: a pure decision over everything that it depends on."""

import math

from msgspec import Struct

from collector.control.catalogue import COMMANDS, Command
from collector.model.control import ControlValue, Danger, Lockout, Plant, Point
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView

EXPIRES_MS = 5_000
AHEAD_MS = 1_000
"""How far a request may be from the future: two clocks read in one second."""


class Request(Struct, frozen=True, kw_only=True):
    """What a person asks for. `seen` is what they saw the value to be, `made_ms` when they asked,
    by the node's clock; `for_s` for how long, `confirm` the name that they typed."""

    command: str
    value: ControlValue
    made_ms: int
    seen: ControlValue | None = None
    for_s: int | None = None
    confirm: str = ""


class Situation(Struct, frozen=True, kw_only=True):
    """All that the decision depends on, of one moment.

    `right`: the person may control devices. `control`: the registry lets this device be controlled.
    `unready`: why its identity or its life is not certain on this connection, "" when it is.
    `point` and `plant` are None where the source offers nothing.
    """

    right: bool
    asset: AssetView
    control: bool
    unready: str
    lockout: Lockout | None
    point: Point | None
    plant: Plant
    busy: bool
    now_ms: int


class Allowed(Struct, frozen=True):
    """The command may be given, with this value as the command takes it."""

    command: Command
    value: ControlValue
    for_s: int | None


class Refusal(Struct, frozen=True):
    """It must not be given. `code` is one of a few fixed words; `hint` says what to do."""

    code: str
    reason: str
    hint: str = ""


def may(request: Request, now: Situation) -> Allowed | Refusal:
    """The decision. The order is from who asks to what is asked for: the first that forbids it."""
    return standing(now) or _expired(request, now) or _asked(request, now)


def standing(now: Situation) -> Refusal | None:
    """What forbids any command at this asset, whatever it is."""
    if not now.right:
        return Refusal("no_control_right", "this login may operate, but not control devices")
    if not now.control:
        return Refusal(
            "control_off",
            f"{now.asset.device} is not to be controlled",
            "control = true at the device in the registry allows it",
        )
    if now.lockout is not None:
        return Refusal(
            "locked_out",
            f"{now.lockout.asset} is locked out by {now.lockout.name}: {now.lockout.reason}",
            "whoever has locked it removes the lockout",
        )
    if now.asset.status is AssetStatus.WRONG:
        why = now.asset.reason or "another device answers at its address"
        return Refusal("wrong_device", why)
    if now.asset.status is not AssetStatus.LIVE:
        return Refusal("stale", f"{now.asset.id} is {now.asset.status.value}: {now.asset.reason}")
    if now.unready:
        return Refusal("stale", now.unready)
    if now.busy:
        return Refusal(
            "busy",
            "another command to this device is under way",
            "nothing is queued: look at the value, then ask again",
        )
    return None


def _expired(request: Request, now: Situation) -> Refusal | None:
    age_ms = now.now_ms - request.made_ms
    if age_ms > EXPIRES_MS or age_ms < -AHEAD_MS:
        return Refusal(
            "expired",
            f"the request is {age_ms / 1000:.1f} s old; it counts for {EXPIRES_MS // 1000} s",
            "ask again with the values as they are now",
        )
    return None


def _asked(request: Request, now: Situation) -> Allowed | Refusal:
    command, point = COMMANDS.get(request.command), now.point
    if command is None or point is None or now.asset.kind not in command.kinds:
        return Refusal(
            "no_such_command",
            f"{now.asset.id} offers no command {request.command}",
            f"GET /v1/assets/{now.asset.id}/control lists what it offers",
        )
    if point.why_not:
        return Refusal("not_adjustable", point.why_not)
    value = normal(request.value, point)
    bad = _unfit(value, point) or _time_unfit(request.for_s, value, command, point)
    if bad:
        return Refusal("out_of_range", bad)
    value = _stepped(value, point)
    if not same(request.seen, point.value):
        return Refusal(
            "moved",
            f"{command.label} is {shown(point.value)} now, not {shown(request.seen)} as seen",
            "look again before you decide",
        )
    wrong = command.check(value, now.plant)
    if wrong:
        return Refusal("precondition", wrong)
    if command.danger is Danger.DANGEROUS and _typed(request.confirm) != _typed(now.asset.name):
        return Refusal(
            "not_confirmed",
            "this can drop a load or start an engine: the asset's name must be typed",
            f"confirm with {now.asset.name}",
        )
    return Allowed(command, value, request.for_s)


def normal(value: ControlValue, point: Point) -> ControlValue:
    """A number as a float, also one that is written as text; a word in small letters."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in point.choices and point.low is not None:
            try:
                return float(word)
            except ValueError:
                return word
        return word
    return float(value)


def same(one: ControlValue | None, other: ControlValue | None) -> bool:
    """Whether two values are one, float32 noise aside."""
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return one == other
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def shown(value: ControlValue | None) -> str:
    """A value for people."""
    return "unknown" if value is None else value if isinstance(value, str) else f"{value:g}"


def _unfit(value: ControlValue, point: Point) -> str:
    if isinstance(value, str):
        if value in point.choices:
            return ""
        return f"{value} is none of {', '.join(point.choices) or 'its values: it takes a number'}"
    if point.low is None or point.high is None:
        return f"it takes one of {', '.join(point.choices)}, not a number"
    if not math.isfinite(value) or not point.low <= value <= point.high:
        return f"{value:g} is not within {point.low:g} to {point.high:g}"
    if point.step and not math.isclose(value / point.step, round(value / point.step), abs_tol=1e-6):
        return f"{value:g} is no multiple of {point.step:g}"
    return ""


def _stepped(value: ControlValue, point: Point) -> ControlValue:
    """A number that is on a step but for noise, exactly on it."""
    if isinstance(value, str) or not point.step:
        return value
    return round(value / point.step) * point.step


def _time_unfit(for_s: int | None, value: ControlValue, command: Command, point: Point) -> str:
    takes = point.lasting != "no" and value not in ("release", "stop")
    if for_s is None:
        return "it takes a time after which it ends" if takes and point.lasting == "must" else ""
    if not takes:
        return "it takes no time"
    low, high = command.seconds
    return "" if low <= for_s <= high else f"a time of {for_s} s is not within {low} to {high} s"


def _typed(text: str) -> str:
    return " ".join(text.split())
