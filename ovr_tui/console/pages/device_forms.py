"""Forms about devices in the registry: add, change, on and off, remove, pair."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model import tables as edit
from collector.wire import PairAnswer, PairRequest, RegistryAnswer
from ovr_tui.console.devices import desk
from ovr_tui.console.devices.book import Entry, entries
from ovr_tui.console.devices.fields import (
    LOGIN,
    SECRET,
    changes_of,
    device_fields,
    entry_of,
    values_of,
)
from ovr_tui.console.devices.known import Known, in_event
from ovr_tui.console.devices.problems import by_field, value_words
from ovr_tui.console.form import ConfirmPage, Field, FormPage, Kind, Refusal, answers
from ovr_tui.console.now import Now
from ovr_tui.console.pages.device_test import TestPage

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

PAIR_S = 30.0


class DeviceFormPage(FormPage):
    """A form about one device, which can be tested as it stands there, before it is saved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+t",
            "test",
            "test",
            key_display="ctrl+t",
            priority=True,
            tooltip="test what stands here, before it is saved",
        ),
    ]
    known: Known
    first: Entry | None = None
    """Its entry as it was when the form was opened; None for a new one."""

    def table(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The `[[device]]` that stands in the form, without the password that was typed."""
        if self.first is None:
            return entry_of(said, self.values)
        changes = self.changes(said)
        changed = {**self.first, **changes}
        return {key: value for key, value in changed.items() if value is not None}

    def changes(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The keys that a person has changed."""
        first = self.first or {}
        return changes_of(values_of(first), said, self.values, str(first.get("kind")))

    def action_test(self) -> None:
        """Test what stands in the form."""
        now = self.console_app.now()
        if self.wrong():
            self.console_app.say("something is wrong in the form: mend that first", "warn")
            return
        said = answers(self.fields, self.values, now.wall_ms)
        table = self.table(said)
        table["id"] = table.get("id") or "new"
        self.app.push_screen(TestPage(self.known, [table], str(said.get(SECRET) or "")))


def new_device(
    app: "ConsoleApp", known: Known, values: Mapping[str, str] | None = None, title: str = ""
) -> None:
    """Ask for a new device."""
    taken = [str(one.get("id")) for one in entries(known.tables or {}, "device")]
    fields = partial(device_fields, taken=taken, profiles=known.profiles, known=False)
    about = ["The kind comes first; the other fields follow from it. ctrl+t tests before saving."]

    async def send(said: Mapping[str, Any]) -> str:
        table = entry_of(said, page.values)
        told = await save_new(app, table, str(said.get(SECRET) or ""), str(said["reason"] or ""))
        known.added = str(table["id"])
        return told

    title = title or "A new device"
    page = DeviceFormPage(title, fields, send, about=about, values=values, verb="add")
    page.known = known
    app.push_screen(page)


async def save_new(app: "ConsoleApp", table: dict[str, Any], password: str, reason: str) -> str:
    """Check a new device with the collector, keep its password, save it."""
    name = str(table["id"])
    add = partial(_with_device, table=table)
    await _refusing(table, name, partial(desk.change, app.reader, add, dry_run=True))
    if password:
        await desk.keep_secret(app.reader, name, password)
        add = partial(_with_device, table={**table, "password_secret": name})
    done = await _refusing(table, name, partial(desk.change, app.reader, add, reason=reason))
    return _told(done)


def _with_device(tables: edit.Tables, table: Entry) -> dict[str, Any]:
    return edit.add_device(tables, table)


def edit_devices(app: "ConsoleApp", known: Known, device: str) -> None:
    """Ask for other values of a device that is registered."""
    row = known.row(app.now(), device)
    if row is None or row.entry is None:
        app.say("the registry does not have it: was it removed meanwhile?", "warn")
        return
    kind = row.kind
    first = row.entry

    def fields(values: Mapping[str, str]) -> list[Field]:
        found = device_fields(
            {**values, "kind": kind}, taken=(), profiles=known.profiles, known=True
        )
        return [field for field in found if not _elsewhere(first, field.name)]

    kept = "kept" if _has_password(first) else "not kept"
    login = f"Its password is {kept}. " if kind in LOGIN else ""
    about = [f"{row.name} is read as {kind}. {login}{_event(app, row.system)}".strip()]

    async def send(said: Mapping[str, Any]) -> str:
        return await _change(app, page, device, said)

    page = DeviceFormPage(f"Change {row.name}", fields, send, about=about, values=values_of(first))
    page.known, page.first = known, first
    app.push_screen(page)


def _elsewhere(entry: Entry, key: str) -> bool:
    """Whether a value stands in the environment or among the secrets, and not in the file."""
    return key != SECRET and any(f"{key}{end}" in entry for end in ("_env", "_secret"))


def _has_password(entry: Entry) -> bool:
    return any(entry.get(f"password{end}") for end in ("_secret", "_env"))


def _event(app: "ConsoleApp", system: str) -> str:
    name = in_event(app.now().snapshot, system)
    return f"It takes part in {name}: a change is in force at once." if name else ""


async def _change(
    app: "ConsoleApp", page: DeviceFormPage, device: str, said: Mapping[str, Any]
) -> str:
    first = page.first or {}
    changes, password = page.changes(said), str(said.get(SECRET) or "")
    if not changes and not password:
        return "nothing was changed"
    find = desk.of_device(device)
    try:
        await desk.untouched(app.reader, find, first, changes)
    except desk.Meanwhile as clash:
        page.first = {**first, **clash.theirs}
        told = {
            key: f"meanwhile set to {value_words(value)} by somebody else: send again to replace it"
            for key, value in clash.theirs.items()
        }
        raise Refusal(str(clash), told) from clash

    def wanted(tables: edit.Tables) -> dict[str, Any]:
        return edit.set_device(tables, device, changes)

    await _refusing(changes, device, partial(desk.change, app.reader, wanted, dry_run=True))
    if password:
        secret = str(first.get("password_secret") or device)
        await desk.keep_secret(app.reader, secret, password)
        changes |= {"password_secret": secret, "password_env": None}
    reason = str(said["reason"] or "")
    act = partial(desk.change, app.reader, wanted, reason=reason)
    return _told(await _refusing(changes, device, act))


async def _refusing(keys: Mapping[str, Any], who: str, act: Any) -> RegistryAnswer:
    """Do it; what is refused is led to the fields."""
    try:
        done: RegistryAnswer = await act()
    except ApiError as error:
        names = [*keys, "id", "kind", "host", "port", "profile", SECRET, "portal_id", "serial"]
        found, others = by_field(str(error), names, who)
        raise Refusal("\n".join(others), found) from error
    return done


def _told(done: RegistryAnswer) -> str:
    notes = "".join(f"\n{note}" for note in done.notes)
    return f"{done.changes or 'nothing changed'}{notes}"


def toggle(app: "ConsoleApp", known: Known, devices: Sequence[str]) -> None:
    """Ask whether devices are read, or not any more: what the first of them is not."""
    now = app.now()
    found = [row for row in (known.row(now, one) for one in devices) if row is not None]
    if not found:
        return
    on = not found[0].enabled
    chosen = [row for row in found if row.enabled is not on]
    word = "on" if on else "off"

    def facts(now: Now) -> list[str]:
        out = [", ".join(row.name for row in chosen)] if len(chosen) > 1 else []
        if on:
            return [*out, "The collector connects at once, and what is measured counts again."]
        out.append(
            "Nothing is measured there until somebody switches it back on; its history stays."
            if len(chosen) == 1
            else "Nothing is measured there until somebody switches them back on; their history "
            "stays."
        )
        jobs = {in_event(now.snapshot, row.system) for row in chosen} - {""}
        return [*out, *(f"{name} is on: its report will have a gap from now on." for name in jobs)]

    def wanted(tables: edit.Tables) -> dict[str, Any]:
        for row in chosen:
            tables = edit.set_device(tables, row.id, {"enabled": None if on else False})
        return dict(tables)

    async def do() -> str:
        return _told(await desk.change(app.reader, wanted))

    what = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} devices"
    app.push_screen(ConfirmPage(f"Switch {what} {word}?", facts, do, verb=f"switch {word}"))


def remove_device(app: "ConsoleApp", known: Known, device: str) -> None:
    """Ask whether a device goes for good; its id is typed."""
    row = known.row(app.now(), device)
    if row is None:
        return

    def facts(now: Now) -> list[str]:
        out = [
            "The device goes from the registry, with what it says of its assets and every link "
            "to them. It is not read any more.",
            "History, reports and assignments stay under its id; undo brings it back.",
        ]
        name = in_event(now.snapshot, row.system)
        if name:
            out.append(
                f"{name} is on, and {row.system} takes part in it: its report will have a "
                "gap from now on."
            )
        return out

    async def do() -> str:
        done = await desk.change(app.reader, partial(edit.remove_device, name=device))
        return "\n".join((f"{row.name} is removed; u takes it back", *done.notes))

    app.push_screen(ConfirmPage(f"Remove {row.name}?", facts, do, verb="remove", word=device))


def pair_gx(app: "ConsoleApp", device: str) -> None:
    """Let a GX make a login for this node."""
    about = [
        "The GX makes a login for this node alone. Switch its pairing mode on (Settings, MQTT "
        "devices; it lasts two minutes), or type the password of its security profile."
    ]
    fields = [
        Field(
            name="password",
            label="password",
            kind=Kind.SECRET,
            text="Of its security profile; empty: its pairing mode is on",
        ),
        Field(
            name="port",
            label="HTTPS port",
            kind=Kind.WHOLE,
            value="443",
            least=1,
            most=65535,
            text="Of the page of the GX",
        ),
    ]

    async def send(said: Mapping[str, Any]) -> str:
        body = PairRequest(
            device=device, password=str(said["password"] or ""), https_port=int(said["port"] or 443)
        )
        done = await app.reader.post("/v1/registry/pair", PairAnswer, body, answer_s=PAIR_S)
        return f"{app.called(device)} logs in as {done.username} from now on; the password is kept"

    app.push_screen(
        FormPage(f"Pair with {app.called(device)}", fields, send, about=about, verb="pair")
    )
