"""Many devices at once, from a table as spreadsheets write it (CSV).

The first line names the columns: keys of `[[device]]`, and of `[[asset]]` for the device's main
asset. A row whose id has a dot (`bess-1.genset`) speaks of that asset alone. An empty cell says
nothing, so that what the registry holds already stays.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from collector.config.problems import ConfigError, Problem
from collector.config.typed import asset_keys, device_keys, typed
from collector.errors import NotPossible
from collector.model import tables as edit
from collector.model.text import nearest

MAX_ROWS = 2000
TEMPLATE = (
    "id,kind,host,port,unit,profile,name,system,asset_kind,username,password_secret,tls,enabled,"
    "unit_no,rated_kva,rated_kw,battery_kwh,behind,same_as,account\r\n"
    "bess-1,gx,10.20.0.21,,,,BESS 1 Main stage,,,,,,,B-117,,,120,,,\r\n"
    "stage-a,acuvim,10.20.0.31,,1,,Stage A feed,,load,,,,,,250,,,bess-1,,Main stage\r\n"
    "genset-1,modbus,10.20.0.41,,10,dse-gencomm,Twin pack,bess-1,,,,,,G-42,100,,,,,\r\n"
    "bess-1.genset,,,,,,,,,,,,,,,,,,genset-1,\r\n"
)
"""A table to fill in, with one line of each sort."""


class Row(Struct, frozen=True, kw_only=True):
    """One line: whom it is about, and the keys that it states, as registry.toml holds them."""

    line: int
    id: str
    device: Mapping[str, Any]
    asset: Mapping[str, Any]


def read_csv(name: str, text: str) -> tuple[Row, ...]:
    """The rows of `text`, which people know as `name`. Comma, semicolon or tab separate cells.

    Raises ConfigError with every cell that cannot be used, each at its line.
    """
    problems: list[Problem] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    try:
        head = [cell.strip().lower() for cell in next(lines, [])]
        _check_head(name, head, problems)
        if not problems:
            rows = list(_rows(name, head, lines, problems))
    except csv.Error as error:
        problems.append(_at(name, lines.line_num, "", f"is no CSV: {error}"))
    if not problems and not rows:
        problems.append(_at(name, 0, "", "holds no rows", "one line for each device"))
    if problems:
        raise ConfigError(problems)
    return tuple(rows)


def merged(tables: edit.Tables, rows: tuple[Row, ...]) -> dict[str, Any]:
    """The registry with what the rows state: new devices, and other keys of known ones."""
    result = dict(tables)
    known = {one.get("id") for one in tables.get("device", ()) if isinstance(one, Mapping)}
    devices = [row for row in rows if "." not in row.id]
    for row in devices:
        if row.id in known:
            result = edit.set_device(result, row.id, row.device)
        else:
            result = edit.add_device(result, {"id": row.id, **row.device})
    for row in rows:
        if row.asset:
            result = edit.set_asset(result, row.id, row.asset)
    return result


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _check_head(name: str, head: list[str], problems: list[Problem]) -> None:
    known = tuple(dict.fromkeys(("id", *device_keys(), *asset_keys())))
    if "id" not in head:
        hint = "an empty table shows how: ovr registry import --template"
        problems.append(_at(name, 1, "", "the first line names no column id", hint))
        return
    for key in head:
        if key and key not in known:
            message = "is no column that is known here"
            problems.append(_at(name, 1, key, message, nearest(key, known)))
        if key and head.count(key) > 1:
            problems.append(_at(name, 1, key, "stands twice"))


def _rows(
    name: str, head: list[str], lines: Iterator[list[str]], problems: list[Problem]
) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if number > MAX_ROWS + 1:
            problems.append(_at(name, number, "", f"has more than {MAX_ROWS} rows"))
            return
        if len(cells) > len(head) and any(cell.strip() for cell in cells[len(head) :]):
            problems.append(_at(name, number, "", "has more cells than the first line"))
            continue
        row = _row(name, number, dict(zip(head, cells, strict=False)), problems)
        if row is None:
            continue
        if row.id in seen:
            problems.append(_at(name, number, "id", f"{row.id} stands in line {seen[row.id]} too"))
        seen[row.id] = number
        yield row


def _row(name: str, number: int, said: dict[str, str], problems: list[Problem]) -> Row | None:
    who = said.pop("id", "").strip()
    if not who:
        problems.append(_at(name, number, "id", "is empty", "each row says which device it is of"))
        return None
    apart = "." in who
    of_device: dict[str, Any] = {}
    of_asset: dict[str, Any] = {}
    for key, text in said.items():
        if not key or not text.strip():
            continue
        mine = key in device_keys() and not apart
        keys, into = (device_keys(), of_device) if mine else (asset_keys(), of_asset)
        try:
            into[key] = typed(keys, key, text)
        except NotPossible as error:
            problems.append(_at(name, number, who, str(error)))
    return Row(line=number, id=who, device=of_device, asset=of_asset)


def _at(name: str, line: int, path: str, message: str, hint: str = "") -> Problem:
    return Problem(file=name, line=line, path=path, message=message, hint=hint)
