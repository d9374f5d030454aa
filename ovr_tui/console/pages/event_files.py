"""An event into a file, and from one."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from collector.errors import ApiError
from collector.model.event import Event
from collector.model.event_file import EventExport
from collector.wire import EventAnswer, EventExportAnswer, ImportEventRequest
from ovr_tui.console.events import words
from ovr_tui.console.files import read_at, typed_path, write_at
from ovr_tui.console.form import Field, FormPage
from ovr_tui.console.pages.base import Page

MOST_BYTES = 8_000_000


def path_field(value: str) -> Field:
    """Where a file is, or is to be."""
    return Field(name="path", label="File", value=value, needed=True, text="~ is your home folder")


def path_of(found: Mapping[str, object]) -> Path:
    """The path that was typed. Raises ApiError."""
    return typed_path(str(found["path"]))


def export_page(page: Page, event: Event) -> FormPage:
    """All that this node knows of an event, into a file for another node."""
    app = page.console_app
    named = "".join(ch if ch.isalnum() and ch.isascii() else "-" for ch in event.job) or "event"

    async def send(found: Mapping[str, object]) -> str:
        path = path_of(found)
        answer = await app.ask(f"/v1/events/{event.id}/export", EventExportAnswer)
        await write_at(
            path, msgspec.json.format(msgspec.json.encode(answer.file), indent=1) + b"\n"
        )
        count = len(answer.file.participations)
        return f"{words.brief(event)} is in {path.name}: {count} participations"

    about = ["Another node takes it in with I on its events page, or ovr event import."]
    field = path_field(f"~/{named}-{event.id[-8:]}.json")
    return FormPage(f"Export {words.called(event)}", [field], send, about=about, verb="write")


def import_page(page: Page) -> FormPage:
    """What another node knows of an event."""
    app = page.console_app

    async def send(found: Mapping[str, object]) -> str:
        path = path_of(found)
        file = _read(path, await read_at(path, MOST_BYTES, "exported event"))
        body = ImportEventRequest(file=file)
        done = await app.reader.post("/v1/event-files", EventAnswer, body)
        return f"{words.brief(done.event)} is taken in, as {file.node} knows it"

    about = ["With an event of the same id or job code it becomes one. The same again changes "
             "nothing."]  # fmt: skip
    return FormPage("Import an event", [path_field("~/")], send, about=about, verb="take it in")


def _read(path: Path, content: bytes) -> EventExport:
    try:
        return msgspec.json.decode(content, type=EventExport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(f"{path} is no exported event: {error}") from None
