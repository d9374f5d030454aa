"""A revision goes out: its HTML and PDF say so, then the row does.

The reporting process sets both anew from the revision's own report.json, which stays as it is, as
do its other files. They take the former files' place by one exchange; a crash before the row is
committed brings those back at the next start (`recover`).
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import msgspec
from msgspec import structs

from collector.errors import NotPossible
from collector.model.report_input import INPUTS_FILE, OUT_FOLDER, STANDING_FILE
from collector.model.report_meta import META_FILE, PROFILE_FILE, REPORT_FILE
from collector.model.report_state import ReportEntry, ReportState, Standing
from collector.model.text import clean
from collector.reports import commit, place, table
from collector.reports.check import BadReport, check
from collector.reports.means import Means
from collector.reports.process import REASON_CELLS, Word, run_reporting
from collector.reports.recover import meta_bytes, tell
from collector.reports.rows_file import link_or_copy
from collector.reports.table import Db, Stored

FOLDER = "release"
_KEPT = (INPUTS_FILE, REPORT_FILE, PROFILE_FILE)


def releasable(one: Stored) -> None:
    """Raises NotPossible for a revision that does not go out as it stands."""
    state = one.entry.state
    if state is ReportState.PROVISIONAL:
        raise NotPossible("it is provisional: it becomes a draft when its last minute is decided")
    if state is ReportState.SUPERSEDED:
        raise NotPossible("it is superseded: release the newest revision")


async def release(
    means: Means, begin: Callable[[], Awaitable[Process]], one: Stored, person: str, note: str
) -> ReportEntry:
    """Have its files say that it is released, and commit that. One at a time. `begin` starts a
    reporting process. Raises NotPossible when its files cannot be set, and StoreError; then all is
    as before."""
    now_ms = means.wall()
    entry = structs.replace(
        one.entry,
        state=ReportState.RELEASED,
        released_ms=now_ms,
        released_by=person,
        release_note=note,
    )
    folder = means.state / place.REPORTS / place.JOBS / FOLDER
    try:
        stored = await _set_anew(means, begin, one, entry, folder)
        changed = await _keep(means, one, stored, folder / OUT_FOLDER)
    except Exception as error:  # who is cancelled leaves the folder: the former files may be there
        await asyncio.to_thread(place.remove, folder)
        if isinstance(error, OSError):
            why = f"its files cannot be written: {error.strerror or error}"
            raise NotPossible(why) from error
        raise
    await asyncio.to_thread(place.remove, folder)
    for each in changed[1:]:
        await asyncio.to_thread(tell, means.state, each)
    return stored.entry


def standing(entry: ReportEntry) -> bytes:
    """What a job's folder says of where the revision stands."""
    return msgspec.json.encode(Standing(entry.state, entry.released_ms, entry.released_by))


async def _set_anew(
    means: Means,
    begin: Callable[[], Awaitable[Process]],
    one: Stored,
    entry: ReportEntry,
    folder: Path,
) -> Stored:
    """The revision with files, in `folder`/out, that say where it stands."""
    await asyncio.to_thread(_write, folder, means.state / one.entry.folder, entry)
    reasons: list[str] = []

    async def said(word: Word) -> None:
        reasons.append(word.reason)

    process = await begin()
    ended = await run_reporting(process, [folder], means.limits.quiet_s, said)
    reason = next((each for each in (*reasons, ended.reason) if each), "")
    if reason or not reasons:
        raise _refusal(reason or "the reporting process has not made them")
    looking = partial(check, kind=entry.kind, report=entry.id, revision=entry.revision)
    try:
        made = await asyncio.to_thread(looking, folder / OUT_FOLDER, folder)
    except BadReport as error:
        raise _refusal(str(error)) from error
    if made.report_sha256 != entry.report_sha256:
        raise _refusal("other figures came of it")
    return structs.replace(one, entry=entry, meta=commit.told(made.meta, entry))


def _refusal(why: str) -> NotPossible:
    return NotPossible(f"its files cannot say that it is released: {clean(why, REASON_CELLS)}")


def _write(folder: Path, source: Path, entry: ReportEntry) -> None:
    place.remove(folder)
    folder.mkdir(parents=True, mode=0o755)
    for name in _KEPT:
        if (source / name).exists():
            link_or_copy(source / name, folder / name)
    (folder / STANDING_FILE).write_bytes(standing(entry))


async def _keep(means: Means, before: Stored, stored: Stored, out: Path) -> list[Stored]:
    """Put the files in their place and commit; all rows that changed, that one first."""
    target = means.state / stored.entry.folder
    await asyncio.to_thread(_durable, out, stored)
    await asyncio.to_thread(place.put, out, target)
    act = partial(_commit, before=before, stored=stored, now_ms=means.wall())
    try:
        return await means.db.run("release a report", act)
    except Exception:  # of a cancelled one nobody knows: the next start sees to it
        await asyncio.to_thread(place.put_back, out, target, there=True)
        raise


def _durable(out: Path, stored: Stored) -> None:
    (out / META_FILE).write_bytes(meta_bytes(stored))
    place.sync_all(out)


def _commit(db: Db, before: Stored, stored: Stored, now_ms: int) -> list[Stored]:
    """The revision as it stands then, and those that it supersedes."""
    found = table.revisions(db, stored.entry.id)
    one = next((each for each in found if each.entry.revision == stored.entry.revision), None)
    if one is None or one.meta.built_ms != before.meta.built_ms:
        raise NotPossible("it was made once more meanwhile: look at it, then release it")
    releasable(one)
    earlier = (ReportState.RELEASED, ReportState.DRAFT)
    changed = [stored, *commit.superseded(db, stored, earlier)]
    for each in changed:
        table.keep(db, each)
        commit.queue(db, each, now_ms)
    return changed
