"""Commands in words: values, ranges, dangers, what follows, how it ended. Pure."""

from collections.abc import Iterable
from urllib.parse import quote

from msgspec import structs

from collector.model.audit import AuditEntry
from collector.model.control import ControlValue, Danger, Offer, Outcome
from collector.model.snapshot import Snapshot
from collector.wire import ControlAnswer, OffersAnswer
from ovr_tui.console.called import in_names, names_of
from ovr_tui.console.format import clock, number, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Piece, Tone

DANGER_TONE: dict[Danger, Tone] = {
    Danger.HARMLESS: "dim",
    Danger.CAREFUL: "warn",
    Danger.DANGEROUS: "alert",
}
DANGER_TEXT = {
    Danger.HARMLESS: "changes nothing about how the system runs",
    Danger.CAREFUL: "changes how the system runs; drops nothing by itself",
    Danger.DANGEROUS: "can drop a load or start an engine: the asset's name has to be typed",
}
_FOLLOWS: dict[tuple[str, str], str] = {
    ("mode", "on"): "It inverts and charges as its settings say.",
    ("mode", "charger-only"): (
        "It makes no AC any more: loads live from the AC input alone, and drop when that goes."
    ),
    ("mode", "inverter-only"): (
        "It leaves the AC input alone: battery and sun carry all loads, nothing else charges."
    ),
    ("mode", "off"): "Its output opens: whatever hangs there goes dark, with AC at its input too.",
    ("generator", "start"): "The engine starts, and feeds once it is warm.",
    ("generator", "stop"): (
        "What was started by hand ends: the engine cools down and stops, unless a condition of its "
        "automatic start keeps it."
    ),
    ("generator-auto", "on"): "The GX starts the engine by itself when its conditions say so.",
    ("generator-auto", "off"): (
        "The engine does not start by itself any more: nobody charges a battery that runs low."
    ),
    ("grid-setpoint", "release"): "The GX regulates by its own settings again.",
    ("acknowledge", "done"): "The list of the device is marked as read; alarms here stay.",
}
_FOLLOWS_BY_COMMAND = {
    "input-limit-1": "No more than this flows in; the battery gives what the loads take beyond it.",
    "input-limit-2": "No more than this flows in; the battery gives what the loads take beyond it.",
    "grid-setpoint": (
        "ESS draws this from the grid (a minus: delivers it). The collector keeps it up until its "
        "time is over; without the collector or its link it ends within a minute."
    ),
    "minimum-soc": "While the grid is there the battery is not discharged below this.",
    "relay-1": "Whatever hangs at the relay is switched: nobody here knows what that is.",
    "relay-2": "Whatever hangs at the relay is switched: nobody here knows what that is.",
}


def readable(told: OffersAnswer, shot: Snapshot | None) -> OffersAnswer:
    """What is offered, with the names of assets for their ids."""
    names = names_of(shot)

    def said(text: str) -> str:
        return in_names(text, names)

    offers = tuple(
        structs.replace(
            each, effect=said(each.effect), holds=said(each.holds), why_not=said(each.why_not),
            impossible={way: said(why) for way, why in each.impossible.items()},
        )
        for each in told.offers
    )  # fmt: skip
    return structs.replace(told, offers=offers, why_not=said(told.why_not))


def done_there(entries: Iterable[AuditEntry], shot: Snapshot | None) -> tuple[AuditEntry, ...]:
    """What was done, with the names of assets for their ids in how it ended."""
    names = names_of(shot)
    return tuple(structs.replace(e, outcome=in_names(e.outcome, names)) for e in entries)


def where(asset: str) -> str:
    """The asset's path at the collector."""
    return f"/v1/assets/{quote(asset, safe='')}"


def follows(command: str, value: ControlValue) -> str:
    """What a command brings about, in words; "" where nobody has said."""
    word = value if isinstance(value, str) else ""
    return _FOLLOWS.get((command, word)) or _FOLLOWS_BY_COMMAND.get(command, "")


def value_text(value: ControlValue | None, unit: str) -> str:
    """A value for people, with its unit; whole watts stay watts, as they are typed."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value.replace("-", " ")
    whole = value == int(value)
    return f"{number(value, 0) if whole else f'{value:g}'} {unit}".rstrip()


def present(offer: Offer, *, live: bool = True) -> str:
    """How it is set now; in brackets how it was when it was heard last."""
    text = "not set" if offer.value == "release" else value_text(offer.value, offer.unit)
    return text if live else f"({text})"


def takes(offer: Offer, glyphs: Glyphs) -> str:
    """What a command takes, in a few words: `0 to 63 A`, `on / off`."""
    ways = []
    if offer.low is not None and offer.high is not None:
        low, high = value_text(offer.low, ""), value_text(offer.high, offer.unit)
        step = f", steps of {offer.step:g}" if offer.step and offer.step != 1 else ""
        ways.append(f"{low} to {high}{step}")
    if offer.choices:
        ways.append(" / ".join(value_text(word, "") for word in offer.choices))
    text = " or ".join(ways)
    return f"{text} {glyphs.middle} for a time" if offer.lasting != "no" else text


def danger(offer: Offer, glyphs: Glyphs) -> Piece:
    """How much care it takes: sign, word and colour."""
    sign = glyphs.middle if offer.danger is Danger.HARMLESS else glyphs.alarm
    return f"{sign} {offer.danger.value}", DANGER_TONE[offer.danger]


def forbidden(offer: Offer, why_not: str = "") -> str:
    """Why nothing of it is possible now; "" when something is. `why_not`: what is said of the whole
    asset already."""
    if offer.why_not:
        return "" if offer.why_not == why_not else offer.why_not
    ways = [*offer.choices, *(["a number"] if offer.low is not None else [])]
    barred = [offer.impossible[way] for way in ways if way in offer.impossible]
    return barred[0] if ways and len(barred) == len(ways) else ""


def for_text(seconds: int | None, now_ms: int, timezone: str) -> str:
    """For how long, and until when."""
    if seconds is None:
        return ""
    return f"for {span(seconds)}, until {clock(now_ms + seconds * 1000, timezone)}"


def outcome(done: ControlAnswer, label: str, unit: str) -> tuple[str, Tone]:
    """How a command ended."""
    now = value_text(done.value, unit)
    if done.outcome == Outcome.CONFIRMED.value:
        return f"Confirmed: {label} is {now}.", "good"
    if done.outcome == Outcome.INSTEAD.value:
        return f"The device set {now} instead.", "warn"
    if done.outcome == Outcome.NO_REPLY.value:
        return f"No reply: look at the device. As far as is known it is {now}.", "alert"
    return done.outcome, "warn"
