"""Forms about what stands where: move, swap, forget, the plate, name and role."""

import itertools
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model import tables as edit
from collector.model.assignment import NUMBER, Fact
from collector.wire import (
    AssignmentsAnswer,
    AssignRequest,
    FactSaid,
    ForgetAnswer,
    MoveAnswer,
    MoveRequest,
    ReasonRequest,
    SwapAnswer,
    SwapRequest,
)
from ovr_tui.console.devices import desk
from ovr_tui.console.devices.book import MODBUS, systems
from ovr_tui.console.devices.facts import RATINGS
from ovr_tui.console.devices.fields import ID, ID_TEXT, MEASURES, written
from ovr_tui.console.devices.known import Known
from ovr_tui.console.form import Choice, ConfirmPage, Field, FormPage, Kind, Refusal

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

TEXTS = ("unit_no", "account", "accuracy_class", "certificate")
PLATE = [rating for rating in RATINGS if rating[0] not in ("accuracy_class", "certificate")]
REASON = Field(
    name="reason",
    label="reason",
    most_chars=300,
    text="Why, for the audit and the reports; may stay empty",
)


def since(app: "ConsoleApp", text: str = "Since when it has been so") -> Field:
    """The field that dates a fact."""
    shot = app.now().snapshot
    zone = shot.timezone if shot else "UTC"
    return Field(name="at", label="since", kind=Kind.TIME, text=text, timezone=zone)


async def assign(
    app: "ConsoleApp", asset: str, facts: Sequence[FactSaid], said: Mapping[str, Any]
) -> str:
    """State facts of an asset, from when the form says."""
    if not facts:
        return "nothing was changed"
    body = AssignRequest(
        asset=asset, facts=tuple(facts), from_ms=said.get("at"), reason=str(said["reason"] or "")
    )
    await app.reader.post("/v1/assignments", AssignmentsAnswer, body)
    told = ", ".join(f"{one.key or one.what.value}: {one.value or 'nothing'}" for one in facts)
    return f"{app.called(asset)}: {told}"


# moving


WAYS = (
    Choice("address", "it is reached at another address"),
    Choice("seek", "it is somewhere: look for the one that is pinned"),
    Choice("system", "it belongs to another system"),
)
PLACE_FIELDS = (
    Field(name="host", label="host or address", needed=True, text="Where it is reached now"),
    Field(name="port", label="port", kind=Kind.WHOLE, least=1, most=65535, text="Empty: as it was"),
)
UNIT_FIELD = Field(
    name="unit", label="Modbus unit", kind=Kind.WHOLE, least=0, most=255, text="Empty: as it was"
)


def move_device(app: "ConsoleApp", known: Known, device: str) -> None:
    """Ask where a device is now: at another address, somewhere, in another system."""
    row = known.row(app.now(), device)
    modbus = row is not None and row.kind in MODBUS
    place = (*PLACE_FIELDS, UNIT_FIELD) if modbus else PLACE_FIELDS

    def fields(values: Mapping[str, str]) -> list[Field]:
        text = "A device is told from others by its identity, wherever it is"
        out = [Field(name="way", label="what moved", kind=Kind.CHOICE, choices=WAYS, text=text)]
        if values.get("way", "address") == "address":
            out += place
        if values.get("way") == "system":
            out += [_system(known), since(app, "Since when it has belonged there")]
        return [*out, REASON]

    async def send(said: Mapping[str, Any]) -> str:
        if said["way"] == "system":
            fact = FactSaid(what=Fact.SYSTEM, value=str(said["system"]))
            return await assign(app, device, [fact], said)
        body = MoveRequest(
            host=str(said.get("host") or ""),
            port=said.get("port"),
            unit=said.get("unit"),
            reason=str(said["reason"] or ""),
        )
        return await _moved(app, device, body)

    app.push_screen(FormPage(f"Move {app.called(device)}", fields, send, verb="move"))


async def _moved(app: "ConsoleApp", device: str, body: MoveRequest) -> str:
    path = f"/v1/assets/{desk.segment(device)}/move"
    done = await app.reader.post(path, MoveAnswer, body)
    return ", ".join(f"{app.called(name)} is at {place}" for name, place in done.places.items())


def seek(app: "ConsoleApp", device: str) -> None:
    """Ask whether the pinned one is looked for."""
    facts = [
        "The device that is pinned is looked for at the addresses of the others, and among "
        "what the last search has found. Where it answers, it is read from then on; two that "
        "have changed places change them in the registry too."
    ]
    do = partial(_moved, app, device, MoveRequest())
    app.push_screen(
        ConfirmPage(f"Look for {app.called(device)}?", lambda _: facts, do, verb="look for it")
    )


def move_asset(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask for another system of an asset."""

    async def send(said: Mapping[str, Any]) -> str:
        return await assign(
            app, asset, [FactSaid(what=Fact.SYSTEM, value=str(said["system"]))], said
        )

    about = ["A system joins and leaves events as one. Reports count it where it was at the time."]
    fields = [_system(known), since(app, "Since when it has belonged there"), REASON]
    app.push_screen(FormPage(f"{app.called(asset)} into another system", fields, send, about=about))


def _system(known: Known) -> Field:
    names = ", ".join(systems(known.tables or {})[:12])
    text = f"One that is there ({names}), or a new one" if names else ID_TEXT

    def check(text: str) -> str:
        return "" if ID.match(text) else ID_TEXT

    return Field(name="system", label="system", needed=True, text=text, check=check)


# who stands there


def swap(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask which unit stands at an asset now."""
    about = [
        "Another unit stands there. Its counters begin with what they show next: nothing is added "
        "by the swap, and the history stays with the asset."
    ]
    fields = [
        Field(
            name="unit_no",
            label="unit number",
            most_chars=64,
            text="Its number in your fleet, as reports name it; may stay empty",
        ),
        Field(
            name="serial",
            label="serial",
            most_chars=64,
            text="Empty: whoever answers there is pinned",
        ),
        since(app, "Since when it has stood there; before that it was the other one"),
        REASON,
    ]
    if "." in asset:
        fields[1] = Field(name="serial", label="serial", most_chars=64, text="As printed on it")

    async def send(said: Mapping[str, Any]) -> str:
        if not any(said[key] for key in ("unit_no", "serial", "reason")):
            raise Refusal("", {"unit_no": "which unit is it? Its number, its serial, or a reason"})
        body = SwapRequest(
            unit_no=str(said["unit_no"] or ""),
            serial=str(said["serial"] or ""),
            at_ms=said["at"],
            reason=str(said["reason"] or ""),
        )
        path = f"/v1/assets/{desk.segment(asset)}/swap"
        done = await app.reader.post(path, SwapAnswer, body)
        number = f"unit {done.unit_no}" if done.unit_no else "another unit"
        who = f"{done.serial} is pinned" if done.serial else "whoever answers next is pinned"
        return f"{app.called(asset)} is {number} now; {who}"

    app.push_screen(
        FormPage(f"Another unit stands at {app.called(asset)}", fields, send, about=about)
    )


def forget(app: "ConsoleApp", device: str) -> None:
    """Ask whether nobody is expected at a device any more."""
    facts = [
        "Whoever answers at its address next is pinned as this device, whoever that is. When "
        "another unit stands there for good, say that it was swapped instead: that is dated "
        "and stands in the reports."
    ]

    async def do() -> str:
        path = f"/v1/assets/{desk.segment(device)}/forget"
        done = await app.reader.post(path, ForgetAnswer, ReasonRequest())
        return f"whoever answers next is pinned as {app.called(done.device)}"

    app.push_screen(
        ConfirmPage(f"Forget who {app.called(device)} was?", lambda _: facts, do, verb="forget")
    )


# what is said of an asset


def rate(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask what is on an asset's plate."""
    said_now = known.said(asset)
    first = {key: written(said_now.get(key)) for key, _, _ in PLATE}
    first["fuel_curve"] = _curve_text(said_now.get("fuel_curve"))
    fields = [_rating(*one) for one in PLATE]
    fields.append(
        Field(
            name="fuel_curve",
            label="fuel curve",
            check=_curve_wrong,
            text="kW and litres an hour, rising: 25 8.1, 50 14.2, 100 26",
        )
    )
    fields += [since(app), REASON]

    async def send(said: Mapping[str, Any]) -> str:
        facts = []
        for key, before in first.items():
            text = written(said.get(key))
            if text == before:
                continue
            if key == "fuel_curve":
                text = json.dumps(_points(text)) if text else ""
            what = {"unit_no": Fact.UNIT, "account": Fact.ACCOUNT}.get(key, Fact.RATING)
            named = {Fact.UNIT: NUMBER, Fact.ACCOUNT: ""}.get(what, key)
            facts.append(FactSaid(what=what, key=named, value=text))
        return await assign(app, asset, facts, said)

    app.push_screen(FormPage(f"The plate of {app.called(asset)}", fields, send, values=first))


def _rating(key: str, name: str, unit: str) -> Field:
    texts = {
        "unit_no": "Its number in your fleet",
        "account": "Who pays for what it measures",
        "nominal_v": "Phase to neutral, for alarms about voltage",
        "ct_primary_a": "Of its current transformers: more than that they do not measure",
    }
    text = texts.get(key, "As on its plate; empty: nobody has said")
    if key in TEXTS:
        return Field(name=key, label=name, text=text, most_chars=200)
    label = f"{name} power" if unit in ("kVA", "kW") else name
    return Field(
        name=key, label=label, kind=Kind.NUMBER, unit=unit, text=text, least=0.001, most=1_000_000
    )


def _points(text: str) -> list[list[float]]:
    pairs = [part.split() for part in text.replace(";", ",").split(",") if part.strip()]
    return [[float(one), float(two)] for one, two in pairs]


def _curve_wrong(text: str) -> str:
    try:
        points = _points(text)
    except ValueError:
        return "pairs of kW and litres an hour, with a comma between: 25 8.1, 50 14.2"
    rising = all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(points))
    return "" if len(points) > 1 and rising else "two or more points, rising in both"


def _curve_text(points: object) -> str:
    if not isinstance(points, list):
        return ""
    return ", ".join(f"{x:g} {y:g}" for x, y in points)


def change_asset(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask for the name of an asset, its role, and how true it measures."""
    before = known.said(asset)
    keys = ("name", "kind", "accuracy_class", "certificate")
    first = {key: written(before.get(key)) for key in keys}
    fields = [
        Field(
            name="name",
            label="name",
            most_chars=200,
            text=f"What people call it; empty: as its device says (now: {app.called(asset)})",
        ),
        Field(
            name="kind",
            label="it measures",
            kind=Kind.CHOICE,
            choices=MEASURES,
            text="What flows through it, which says in which totals it counts",
        ),
        Field(
            name="accuracy_class",
            label="accuracy class",
            most_chars=200,
            text="As printed on the meter: 0.5S",
        ),
        Field(
            name="certificate",
            label="certificate",
            most_chars=200,
            text="Its approval for revenue; empty: no revenue metering",
        ),
        since(app, "Since when it measures that; a name is as it is now"),
        REASON,
    ]
    held: dict[str, Any] = {"first": dict(before)}

    async def send(said: Mapping[str, Any]) -> str:
        changes = {key: said[key] or None for key in keys if written(said[key]) != first[key]}
        if not changes:
            return "nothing was changed"
        try:
            await desk.untouched(app.reader, desk.of_asset(asset), held["first"], changes)
        except desk.Meanwhile as clash:
            held["first"].update(clash.theirs)
            told = {
                key: f"meanwhile {written(value) or 'nothing'}, by somebody else: send again "
                "to replace it"
                for key, value in clash.theirs.items()
            }
            raise Refusal(str(clash), told) from clash
        wanted = partial(_with_asset, asset=asset, changes=changes)
        done = await desk.change(
            app.reader, wanted, reason=str(said["reason"] or ""), at_ms=said["at"]
        )
        return done.changes or "nothing changed"

    app.push_screen(FormPage(f"Name and role of {app.called(asset)}", fields, send, values=first))


def _with_asset(tables: edit.Tables, asset: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    return edit.set_asset(tables, asset, changes)
