"""Writing reports out: which files, to which stick or folder."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from collector.errors import ApiError
from collector.model.kinds import AssetStatus
from collector.model.report_state import ReportEntry
from ovr_tui.console.files import typed_path
from ovr_tui.console.form import Choice, Field, FormPage, Kind, Values
from ovr_tui.console.format import size
from ovr_tui.console.glyphs import gauge
from ovr_tui.console.pages.work import Tell, Told, WorkPage
from ovr_tui.console.reports import export
from ovr_tui.console.reports.listed import Listing
from ovr_tui.console.reports.media import Medium, media
from ovr_tui.console.reports.shelf import Shelf
from ovr_tui.console.text import BLANK, Line

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

ROOT = Path("/")
"""Where this machine's proc, sys and dev lie."""
PATH = "path"
FOLDER = "ovr-reports"


def export_form(app: "ConsoleApp", shelf: Shelf, entries: Sequence[ReportEntry]) -> FormPage:
    """Asks what and where to, then writes."""
    found = media(ROOT)
    sticks = [one for one in found if one.folder and one.writable]
    wish: dict[str, str] = {}

    async def take(answers: Mapping[str, object]) -> str:
        to = str(answers["to"])
        folder = str(answers.get("folder") or "") if to == PATH else f"{to}/{FOLDER}"
        wish.update(to=folder, which=str(answers["which"]), stick=to if to != PATH else "")
        app.call_later(_begin, app, shelf, entries, wish)
        return ""

    count = len(entries)
    title = "Write out one report" if count == 1 else f"Write out {count} reports"
    make = partial(_fields, sticks=sticks)
    return FormPage(title, make, take, about=_about(found, sticks), verb="write")


def _about(found: Sequence[Medium], sticks: Sequence[Medium]) -> list[str]:
    """What is plugged in and cannot be written to, and what to do about it."""
    out = []
    for one in found:
        name = f"{one.device} {one.label}".rstrip()
        if not one.folder:
            how = f"udisksctl mount -b /dev/{one.device}"
            out.append(f"{name} is plugged in, but not mounted: {how}, then w once more.")
        elif not one.writable:
            out.append(f"{name} at {one.folder} cannot be written to by this user.")
    if not sticks and not out:
        out.append(
            "No USB stick is plugged in. Plug one in (a desktop mounts it by itself, elsewhere: "
            "udisksctl mount -b /dev/sda1), then w once more; or choose a folder."
        )
    return out


def _fields(values: Values, sticks: Sequence[Medium]) -> list[Field]:
    named = [
        Choice(one.folder, f"{one.label or one.device}  {size(one.size)}, {size(one.free)} free"
               f"  {one.folder}")
        for one in sticks
    ]  # fmt: skip
    to = Field(name="to", label="to", kind=Kind.CHOICE,
               choices=(*named, Choice(PATH, "a folder on this machine")))  # fmt: skip
    which = Field(
        name="which", label="what", kind=Kind.CHOICE,
        choices=tuple(Choice(value, text) for value, text in export.CHOICES.items()),
    )  # fmt: skip
    chosen = values.get("to") or to.choices[0].value
    if chosen != PATH:
        return [which, to]
    folder = Field(
        name="folder", label="folder", value=str(Path.home() / FOLDER), needed=True,
        most_chars=1000, check=_absolute,
        text="it is made if need be; files of the same name are replaced",
    )  # fmt: skip
    return [which, to, folder]


def _absolute(text: str) -> str:
    if "\0" in text:
        return "that is no folder's name"
    if not text.startswith(("/", "~")):
        return "write it from the root on: /home/…"
    return ""


def _begin(
    app: "ConsoleApp", shelf: Shelf, entries: Sequence[ReportEntry], wish: Mapping[str, str]
) -> None:
    try:
        to = typed_path(wish["to"])
    except ApiError as error:
        app.say(str(error), "warn")
        return
    listing = shelf.listing or Listing()
    known = [(entry, _event(listing, entry)) for entry in entries]
    work = partial(_write, app, shelf, known, to, wish)
    app.push_screen(WorkPage(f"Writing to {to}", work))


def _event(listing: Listing, entry: ReportEntry) -> str:
    event = listing.events.get(entry.event)
    return event.job or event.name if event is not None else entry.event[-8:]


async def _write(
    app: "ConsoleApp",
    shelf: Shelf,
    entries: Sequence[tuple[ReportEntry, str]],
    to: Path,
    wish: Mapping[str, str],
    tell: Tell,
) -> Told:
    glyphs = app.glyphs

    def on(progress: export.Progress) -> None:
        lines: list[str | Line] = [_done(name, app) for name in progress.written]
        per_cent = 100 * progress.done / max(1, progress.total)
        lines += [
            ((f" {glyphs.status[AssetStatus.WAITING]} ", "accent"), (progress.file, "text")), BLANK,
            ((f" {gauge(per_cent, 30, glyphs)} ", "accent"),
             (f"{size(progress.done)} of {size(progress.total)}", "dim")),
        ]  # fmt: skip
        tell(lines)

    if wish["stick"] and not await asyncio.to_thread(_still_there, wish["stick"]):
        raise ApiError(f"the stick at {wish['stick']} is gone: plug it in and begin anew")
    reader = app.reader
    found = await export.parts(reader, shelf.files, entries, wish["which"])
    written = await export.write(reader, found, to, wish["which"], on)
    out: list[str | Line] = [_done(f"{path.parent.name}/{path.name}", app) for path in written]
    count = len(written)
    out += [BLANK, ((f" {count} {'file is' if count == 1 else 'files are'} written and checked",
                     "good"), (f" in {glyphs.text(str(to))}", "text"))]  # fmt: skip
    if wish["stick"]:
        out.append(
            "All is on the stick: it is safe to remove it now (better still: unmount first)."
        )
    return out


def _still_there(folder: str) -> bool:
    return any(one.folder == folder for one in media(ROOT))


def _done(name: str, app: "ConsoleApp") -> Line:
    return ((f" {app.glyphs.good} ", "good"), (app.glyphs.text(name), "text"))
