"""The job's folder: what the reporting process reads, written beside the event loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import structs

from collector.errors import OvrError
from collector.model.report_input import (
    INPUTS_FILE,
    PARTS_FOLDER,
    ROLLUPS_FILE,
    EventInputs,
    PartRef,
    ReportInputs,
)
from collector.model.report_meta import PROFILE_FILE, REPORT_FILE
from collector.reports.beside import Rows, with_neighbours
from collector.reports.inputs import Plan
from collector.reports.place import remove
from collector.reports.rows_file import RowsFile, link_or_copy

PART_FILES = (REPORT_FILE, PROFILE_FILE, INPUTS_FILE)


class NotWritten(OvrError):
    """A job's folder could not be written: the disk, or a part that is not there."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A job's folder: its inputs as they were written, and how many rows of rollups."""

    inputs: ReportInputs | EventInputs
    rows: int


async def write_folder(
    folder: Path, plan: Plan, rows: Rows, part_folder: Callable[[PartRef], Path]
) -> Written:
    """Write the folder anew. `rows` gives rollups, `part_folder` says where a part's files are.

    Raises NotWritten, and StoreError when the rows cannot be read now.
    """
    try:
        await asyncio.to_thread(_begin, folder)
        if isinstance(plan.inputs, EventInputs):
            await asyncio.to_thread(_write_parts, folder, plan.inputs, part_folder)
            return Written(inputs=plan.inputs, rows=0)
        return await _write_rows(folder, plan.inputs, rows)
    except OSError as error:
        raise NotWritten(f"its folder cannot be written ({error.strerror or error})") from error


def _begin(folder: Path) -> None:
    remove(folder)
    folder.mkdir(parents=True, mode=0o755)


async def _write_rows(folder: Path, inputs: ReportInputs, rows: Rows) -> Written:
    path = folder / ROLLUPS_FILE
    made = await asyncio.to_thread(
        RowsFile, path, inputs.node, len(inputs.assets), inputs.from_ms, inputs.to_ms
    )
    with made:
        for asset in inputs.assets:
            await asyncio.to_thread(made.asset, asset.id)
            window = (inputs.from_ms, inputs.to_ms)
            async for piece in with_neighbours(rows, asset.id, *window):
                await asyncio.to_thread(made.add, piece)
        sha256 = await asyncio.to_thread(made.close)
    inputs = structs.replace(inputs, rollups_sha256=sha256)
    await asyncio.to_thread(_write_inputs, folder, inputs)
    return Written(inputs=inputs, rows=made.count)


def _write_parts(folder: Path, inputs: EventInputs, part_folder: Callable[[PartRef], Path]) -> None:
    parts = folder / PARTS_FOLDER
    parts.mkdir()
    for part in inputs.parts:
        own = parts / part.folder
        own.mkdir()
        for name in PART_FILES:
            link_or_copy(part_folder(part) / name, own / name)
    _write_inputs(folder, inputs)


def _write_inputs(folder: Path, inputs: ReportInputs | EventInputs) -> None:
    (folder / INPUTS_FILE).write_bytes(msgspec.json.encode(inputs, order="deterministic"))
