"""An export: tables, dictionary and manifest, from the report files of an event's systems."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from collector.model.event import Event
from collector.model.report_input import AssetRows, Missing, PartRef
from collector.model.rollup_codec import BadRollup
from reporting.event.parts import BadPart, Part
from reporting.event.places import Plan
from reporting.event.plan import plan
from reporting.export import chunks
from reporting.export.fields import ASSETS, FLOWS, MINUTES, TABLES, TableSpec
from reporting.export.files import Both, Csv, Parquet, Writer, safe
from reporting.profile import ProfileTable

Format = Literal["both", "parquet", "csv"]
MANIFEST, DICTIONARY = "manifest.json", "dictionary"
EXPORT_SCHEMA = 1
_CHUNK = 1 << 20


class Source(Struct, frozen=True, kw_only=True):
    """A part, and how its minutes are read with the columns of the system as a whole (raises
    BadPart)."""

    part: Part
    table: Callable[[], ProfileTable]


class Written(Struct, frozen=True, kw_only=True):
    """One file; `rows` of a table."""

    name: str
    sha256: str
    size: int
    rows: int | None = None


class Export(Struct, frozen=True, kw_only=True):
    """`manifest.json`: what was exported, of what, in which files. `without` names what could not
    be had, and why."""

    schema: int = EXPORT_SCHEMA
    event: str
    job: str
    name: str
    timezone: str
    parts: tuple[PartRef, ...]
    missing: tuple[Missing, ...]
    without: tuple[str, ...]
    files: tuple[Written, ...]


def export(
    to: Path,
    event: Event,
    sources: Sequence[Source],
    missing: Iterable[Missing],
    form: Format,
    rollups: Callable[[Part], Iterable[AssetRows]] | None = None,
) -> Export:
    """Write everything into the folder `to`; `manifest.json` is the last file.

    `rollups` gives the packed rows of a part (raises BadPart where they cannot be had); None:
    there are none, and no table of assets. Raises OSError.
    """
    placed = plan([source.part for source in sources])
    without: list[str] = []
    rows: dict[str, int] = {}
    with _open(to, MINUTES, form) as minutes, _open(to, FLOWS, form) as flows:
        for index, source in enumerate(sources):
            _of_part(index, source, placed, minutes, flows, without)
    rows |= {
        path: writer.rows for path, writer in (*_named(minutes, MINUTES), *_named(flows, FLOWS))
    }
    if rollups is not None:
        with _open(to, ASSETS, form) as assets:
            for source in sources:
                _assets(source.part, rollups, assets, without)
        rows |= {path: writer.rows for path, writer in _named(assets, ASSETS)}
    told = TABLES if rollups is not None else (MINUTES, FLOWS)
    (to / f"{DICTIONARY}.json").write_bytes(_dictionary_json(told))
    (to / f"{DICTIONARY}.csv").write_bytes(_dictionary_csv(told))
    names = [*rows, f"{DICTIONARY}.csv", f"{DICTIONARY}.json"]
    found = Export(
        event=event.id,
        job=event.job,
        name=event.name,
        timezone=event.timezone,
        parts=tuple(source.part.ref for source in sources),
        missing=tuple(missing),
        without=tuple(without),
        files=tuple(_written(to / name, rows.get(name)) for name in sorted(names)),
    )
    (to / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    return found


def _of_part(
    index: int,
    source: Source,
    placed: Plan,
    minutes: Both,
    flows: Both,
    without: list[str],
) -> None:
    try:
        table = source.table()
        whole = chunks.minutes(source.part, table)
    except (BadPart, ValueError) as why:
        without.append(f"the minutes of {source.part.name}: {why}")
        return
    minutes.add(whole)
    for chunk in chunks.flows(index, source.part, table, placed):
        flows.add(chunk)


def _assets(
    part: Part,
    rollups: Callable[[Part], Iterable[AssetRows]],
    to: Both,
    without: list[str],
) -> None:
    try:
        for chunk in chunks.assets(part, rollups(part)):
            to.add(chunk)
    except (BadPart, BadRollup) as why:
        without.append(f"the assets of {part.name}: {why}")


def _open(to: Path, table: TableSpec, form: Format) -> Both:
    writers: list[Writer] = []
    if form != "csv":
        writers.append(Parquet(to / f"{table.name}.parquet", table))
    if form != "parquet":
        writers.append(Csv(to / f"{table.name}.csv", table))
    return Both(writers)


def _named(both: Both, table: TableSpec) -> Iterator[tuple[str, Writer]]:
    for writer in both.writers:
        yield f"{table.name}.{'csv' if isinstance(writer, Csv) else 'parquet'}", writer


def _dictionary_json(tables: Sequence[TableSpec]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(tables), indent=2)


def _dictionary_csv(tables: Sequence[TableSpec]) -> bytes:
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(["table", "column", "type", "unit", "description", "source"])
    for table in tables:
        writer.writerow([table.name, "", "table", "", safe(table.text), ""])
        for field in table.fields:
            cells = (table.name, field.name, field.kind, field.unit, field.text, field.source)
            writer.writerow([safe(cell) for cell in cells])
    return told.getvalue().encode()


def _written(path: Path, rows: int | None) -> Written:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    size = path.stat().st_size
    return Written(name=path.name, sha256=found.hexdigest(), size=size, rows=rows)
