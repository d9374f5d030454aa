"""A system's report that another node made, taken in as a part of the event's report here.

It comes as a ZIP of its files as they lie in its folder. Nothing is taken that its own
`report.meta.json` does not vouch for; its figures stay as they are, and its node's to change.
"""

import asyncio
import io
import zipfile
import zlib
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from collector.errors import NotPossible
from collector.events import tables as events
from collector.model.event import Event
from collector.model.report_input import INPUTS_FILE, OUT_FOLDER, ReportInputs
from collector.model.report_meta import META_FILE
from collector.model.report_state import ReportEntry, ReportState
from collector.model.text import called, clean
from collector.reports import commit, place, table
from collector.reports.check import MOST_FILES, BadReport, Checked, check, read_meta
from collector.reports.means import Means
from collector.reports.table import Db, Stored

SCRATCH = ".taking"
MOST_BYTES = 64 << 20
"""Of all files of a report together."""


class Taken(Struct, frozen=True, kw_only=True):
    """A report that came from elsewhere, whole."""

    inputs: ReportInputs
    checked: Checked


async def take_in(means: Means, content: bytes, person: str) -> Stored:
    """Take in the ZIP `content`; the same once more changes nothing. Raises NotPossible for what
    is no whole report of another node's system in an event that is known here, and StoreError.
    One at a time."""
    folder = means.state / place.REPORTS / SCRATCH
    await asyncio.to_thread(place.remove, folder)  # of one that a crash ended
    try:
        taken = await asyncio.to_thread(partial(_unpacked, content, folder))
        looked = partial(_look, taken=taken, node=means.known().node)
        event, known = await means.db.run("look for a report's event", looked)
        if known is not None:
            return known
        stored = _stored(taken, event, person, means.wall())
        await _keep(means, stored, folder / OUT_FOLDER)
        return stored
    finally:
        await asyncio.to_thread(place.remove, folder)


async def _keep(means: Means, stored: Stored, out: Path) -> None:
    target = means.state / stored.entry.folder
    await asyncio.to_thread(place.sync_all, out)
    there = await asyncio.to_thread(target.exists)
    await asyncio.to_thread(place.put, out, target)
    try:
        await means.db.run(
            "keep a report", partial(commit.taken, stored=stored, now_ms=means.wall())
        )
    except Exception:
        await asyncio.to_thread(place.put_back, out, target, there=there)
        raise


def _unpacked(content: bytes, folder: Path) -> Taken:
    """The files of the ZIP in `folder`/out, looked at. Raises NotPossible."""
    out = folder / OUT_FOLDER
    try:
        out.mkdir(parents=True)
        for name, body in _files(content):
            (out / name).write_bytes(body)
        meta = read_meta(out)
        inputs = msgspec.json.decode((out / INPUTS_FILE).read_bytes(), type=ReportInputs)
        checked = check(out, folder, "system", meta.report, meta.revision)
    except (BadReport, OSError, zipfile.BadZipFile, zlib.error, msgspec.MsgspecError) as error:
        raise NotPossible(f"that is no whole report: {clean(str(error), 300)}") from error
    if (inputs.report, inputs.revision) != (meta.report, meta.revision):
        raise NotPossible(f"its {INPUTS_FILE} is of another report than its {META_FILE} says")
    return Taken(inputs=inputs, checked=checked)


def _files(content: bytes) -> list[tuple[str, bytes]]:
    """What the ZIP holds, by the last part of its names. Raises NotPossible and BadZipFile."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = [entry for entry in packed.infolist() if not entry.is_dir()]
        if len(entries) > MOST_FILES:
            raise NotPossible(f"a report has a few files, and not {len(entries)}")
        for entry in entries:
            name = PurePosixPath(entry.filename).name
            if name in ("", ".", "..") or name in found or entry.flag_bits & 1:
                raise NotPossible(f"the ZIP holds a file that no report has: {clean(name, 80)}")
            with packed.open(entry) as file:
                found[name] = file.read(left + 1)
            left -= len(found[name])
            if left < 0:
                raise NotPossible(f"a report has at most {MOST_BYTES >> 20} MB")
    return sorted(found.items())


def _look(db: Db, taken: Taken, node: str) -> tuple[Event, Stored | None]:
    """The event here that it belongs to, and the same revision where it was taken before."""
    inputs = taken.inputs
    if inputs.kind != "system":
        raise NotPossible("it is of a window only: parts of an event are whole participations")
    if inputs.node == node:
        raise NotPossible("it is this node's own report")
    if inputs.stage == "provisional":
        raise NotPossible("it is provisional: take it in when it has become a draft")
    event = events.event(db, inputs.event.id) or _of_job(db, inputs.event.job)
    if event is None:
        told = clean(inputs.event.job or inputs.event.name, 80)
        raise NotPossible(f"{told} is no event of this node: ovr event import brings it here first")
    for one in table.revisions(db, inputs.report):
        if not one.foreign:
            raise NotPossible("a report of this node has its id already")
        if one.entry.revision == inputs.revision:
            if one.entry.report_sha256 == taken.checked.report_sha256:
                return event, one
            raise NotPossible(
                f"revision {inputs.revision} of it is here with other figures: which of the two is "
                f"its node's? (here: {one.entry.folder})"
            )
    return event, None


def _of_job(db: Db, job: str) -> Event | None:
    found = events.of_job(db, job) if job else []
    return found[0] if len(found) == 1 else None


def _stored(taken: Taken, event: Event, person: str, now_ms: int) -> Stored:
    inputs, meta = taken.inputs, taken.checked.meta
    released = meta.state is ReportState.RELEASED
    entry = ReportEntry(
        id=inputs.report,
        revision=inputs.revision,
        kind="system",
        state=ReportState.RELEASED if released else ReportState.DRAFT,
        event=event.id,
        system=inputs.system,
        node=inputs.node,
        participation=inputs.report,
        from_ms=inputs.from_ms,
        to_ms=inputs.to_ms,
        folder=place.folder_of_other(event.id, inputs.node, inputs.system, meta),
        made_ms=now_ms,
        report_sha256=taken.checked.report_sha256,
        headline=taken.checked.headline,
        why=f"taken in from {inputs.node} by {clean(called(person))}",
        released_ms=meta.released_ms if released else None,
        released_by=clean(meta.released_by) if released else "",
        release_note=clean(meta.release_note) if released else "",
    )
    return Stored(
        entry=entry,
        part_of=event.id,
        inputs_sha256=meta.inputs_sha256,
        foreign=True,
        meta=commit.told(meta, entry),
    )
