"""The registry as a whole: many devices from a file, undo, and a file that is not in force."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.errors import ApiError
from collector.wire import ReasonRequest, RegistryAnswer, UndoRequest
from ovr_tui.console.devices import desk
from ovr_tui.console.devices.known import Known
from ovr_tui.console.devices.problems import differences
from ovr_tui.console.files import read_at, typed_path, write_at
from ovr_tui.console.form import Choice, ConfirmPage, Field, FormPage, Kind

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

PATH = "/v1/registry/import"
MOST_BYTES = 1_000_000
SHOWN = 200


def import_file(app: "ConsoleApp") -> None:
    """Ask for a file, and show what it would change."""
    ways = (
        Choice("read", "take devices from a file"),
        Choice("write", "write a table to fill in"),
    )

    def fields(values: Mapping[str, str]) -> list[Field]:
        text = "A CSV table, or the older stack's gx_systems.json"
        if values.get("way") == "write":
            text = "Where the table is written; it is not there yet"
        return [
            Field(
                name="way",
                label="what to do",
                kind=Kind.CHOICE,
                choices=ways,
                text="A table says in its first line which columns it has",
            ),
            Field(name="file", label="file", needed=True, value="", text=text, most_chars=1000),
        ]

    async def send(said: Mapping[str, Any]) -> str:
        file = typed_path(str(said["file"]))
        if said["way"] == "write":
            return await _write_template(app, file)
        await _preview(app, file)
        return ""

    about = ["Nothing is changed before you have seen what would change."]
    app.push_screen(FormPage("Many devices from a file", fields, send, about=about, verb="go on"))


async def _write_template(app: "ConsoleApp", file: Path) -> str:
    content = await app.reader.content("/v1/registry/template")
    await write_at(file, content)
    return f"{file} is written: fill it in, then import it"


async def _preview(app: "ConsoleApp", file: Path) -> None:
    content = await read_at(file, MOST_BYTES, "table of devices")
    media = "application/json" if content.lstrip()[:1] in (b"{", b"[") else "text/csv"
    before = await desk.read(app.reader)
    told = await app.reader.send(
        PATH, RegistryAnswer, content, media, etag=before.etag, dry_run="true"
    )
    lines = differences(before.registry, told.registry)
    facts = [*(lines[:SHOWN] or ["Nothing would change: it is all there already."])]
    if len(lines) > SHOWN:
        facts.append(f"and {len(lines) - SHOWN} more")
    facts += told.notes

    async def do() -> str:
        done = await app.reader.send(PATH, RegistryAnswer, content, media, etag=before.etag)
        return done.changes

    page = ConfirmPage(f"Take this from {file.name}?", lambda _: facts, do, verb="import")
    app.call_later(app.push_screen, page)


def undo_change(app: "ConsoleApp") -> None:
    """Show what would be taken back, and ask."""
    app.run_worker(_ask_undo(app), name="undo", exit_on_error=False)


async def _ask_undo(app: "ConsoleApp") -> None:
    try:
        before = await desk.read(app.reader)
        told = await app.reader.post("/v1/registry/undo", RegistryAnswer, UndoRequest(dry_run=True))
    except ApiError as error:
        app.say("Nothing to undo." if error.code == "not_possible" else str(error), "warn")
        return
    facts = [
        "The registry becomes what it was before its last change:",
        *differences(before.registry, told.registry),
    ]

    async def do() -> str:
        if (await desk.read(app.reader)).etag != before.etag:
            raise ApiError("somebody has changed the registry meanwhile: esc, then look anew")
        done = await app.reader.post("/v1/registry/undo", RegistryAnswer, UndoRequest())
        return f"taken back: {done.changes}"

    title = "Take the last change of the registry back?"
    app.push_screen(ConfirmPage(title, lambda _: facts, do, verb="take it back"))


def apply_registry(app: "ConsoleApp", known: Known) -> None:
    """Ask whether the file comes into force as it is."""
    answer = known.registry
    facts = [known.broken or (answer.problem if answer else "")]
    if answer is not None and answer.waits:
        facts += ["It takes this from an event that is on:", *answer.waits]

    async def do() -> str:
        done = await app.reader.post("/v1/registry/apply", RegistryAnswer, ReasonRequest())
        return f"registry.toml is in force: {done.changes}"

    title = "Bring registry.toml into force as it is?"
    app.push_screen(ConfirmPage(title, lambda _: facts, do, verb="apply"))
