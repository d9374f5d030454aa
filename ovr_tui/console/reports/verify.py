"""Whether a report is whole and its figures still follow, step by step."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.errors import ApiError
from collector.model.kinds import AssetStatus
from collector.model.report_meta import ReportFile
from collector.model.report_state import ReportEntry, ReportState
from ovr_tui.console.child import run_module
from ovr_tui.console.format import size
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.link import Reader
from ovr_tui.console.reports.files import ReportFiles, where
from ovr_tui.console.text import BLANK, Line, fit

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

MOST_SHOWN = 40
STILL = "It is provisional: figures still change. Verify it when it is a draft."
Told = Sequence[str | Line]


class Difference(Struct, frozen=True):
    """One thing that is not as it was."""

    path: str
    stored: str | None = None
    recomputed: str | None = None


class Verdict(Struct, frozen=True):
    """What `ovr report verify --json` says."""

    same: bool
    of: str = ""
    undone: str = ""
    files: tuple[Difference, ...] = ()
    figures: tuple[Difference, ...] = ()


async def verification(
    app: "ConsoleApp", files: ReportFiles, entry: ReportEntry, tell: Callable[[Told], None]
) -> Told:
    """First each file by its hash, then every figure by computing it again. Raises ApiError."""
    glyphs = app.glyphs
    meta = await files.meta(app.reader, entry)
    lines: list[str | Line] = [((" FILES", "head"),)]
    for file in meta.files:
        line: Line = (("   ", "dim"), (glyphs.text(file.name), "text"))
        tell([*lines, line])
        lines.append(_file_line(file, await _hash(app.reader, entry, file), glyphs))
        tell(lines)
    lines += [BLANK, ((" FIGURES", "head"),)]
    tell([*lines, "  are computed again from what is stored"])
    done = await run_module(
        "ovr_tui.cli", "report", "verify", entry.id, "--revision", str(entry.revision), "--json",
        environment=app.environment,
    )  # fmt: skip
    try:
        verdict = msgspec.json.decode(done.out, type=Verdict)
    except msgspec.MsgspecError:
        raise ApiError(done.said or f"ovr report verify ended with {done.code}") from None
    if entry.state is ReportState.PROVISIONAL:
        lines.append((((f" {glyphs.alarm} {STILL}"), "warn"),))
    return [*lines, *_figures(verdict, glyphs)]


async def _hash(reader: Reader, entry: ReportEntry, file: ReportFile) -> str:
    """The hash of a file as the collector has it; why it has none, in words."""
    found = hashlib.sha256()
    try:
        async with aclosing(
            reader.chunks(where(entry, file.name), revision=entry.revision)
        ) as chunks:
            async for chunk in chunks:
                found.update(chunk)
    except ApiError as error:
        return str(error)
    return found.hexdigest()


def _file_line(file: ReportFile, found: str, glyphs: Glyphs) -> Line:
    whole = found == file.sha256
    sign = glyphs.good if whole else glyphs.status[AssetStatus.LOST]
    said = "as it was made" if whole else "NOT the one that was made"
    if " " in found:
        said = glyphs.text(found)
    return (
        (f" {sign} ", "good" if whole else "alert"), (fit(glyphs.text(file.name), 22), "text"),
        (f"{size(file.size):>9}   ", "dim"), (said, "dim" if whole else "alert"),
        (f"   {file.sha256[:12]}", "dim"),
    )  # fmt: skip


def _figures(verdict: Verdict, glyphs: Glyphs) -> list[str | Line]:
    """What came of it first, then each difference."""
    of, lost, count = glyphs.text(verdict.of), glyphs.status[AssetStatus.LOST], len(verdict.figures)
    out: list[str | Line] = []
    if verdict.undone:
        out.append(((f" {glyphs.alarm} ", "warn"), ("not computed again: ", "warn"),
                    (glyphs.text(verdict.undone), "text")))  # fmt: skip
    elif not count:
        out.append(((f" {glyphs.good} every figure follows", "good"), (f" from {of}", "text")))
    else:
        out.append(((f" {lost} {count} {'figure does' if count == 1 else 'figures do'} not follow",
                     "alert"), (f" from {of}", "text")))  # fmt: skip
    said = "It is as it was made." if verdict.same else "It is NOT what follows now."
    out += [((f" {said}", "good" if verdict.same else "alert"),), BLANK]
    for one in verdict.figures[:MOST_SHOWN]:
        out.append(((f" {lost} ", "alert"), (glyphs.text(one.path), "bold")))
        out.append((("     stored      ", "dim"), (_shown(one.stored, glyphs), "text")))
        out.append((("     recomputed  ", "dim"), (_shown(one.recomputed, glyphs), "text")))
    more = count - MOST_SHOWN
    if more > 0:
        out.append(f"  and {more} more; ovr report verify --json lists all")
    return out


def _shown(value: str | None, glyphs: Glyphs) -> str:
    return "(not there)" if value is None else glyphs.text(value)
