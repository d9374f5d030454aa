"""Posts of an AXM-WEB2 as rows of values by raw names. Pure; raises nothing but BadPost."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from collector.errors import OvrError
from collector.ingest.multipart import boundary, parts
from collector.ingest.names import Named, named
from collector.ingest.times import row_time
from collector.model.text import clean

MAX_ROWS = 200_000
MAX_VALUES = 1_000_000
MAX_COLUMNS = 400
LARGEST = 1e12
NOT_A_NUMBER = "not a number"
NOTHING = "no value"
_TIME_COLUMNS = ("time stamp", "timestamp", "time", "date time", "datetime")
_STEM = re.compile(r"[_.\s-]")
_NOT_VALUES = ("no.", "no", "index", "")


class BadPost(OvrError):
    """The post cannot be understood at all."""


class Row(NamedTuple):
    """What a meter logged at one time (UTC ms): values by raw name, in the raw series' units."""

    at_ms: int
    values: Mapping[str, float]


class Post(Struct, frozen=True, kw_only=True):
    """One post. `serials` are those that it says are the meter's, the surest first; `hints` may be
    it. `left_out` counts what could not be used, by reason."""

    serials: tuple[str, ...]
    hints: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, int]


class _Reader:
    """Gathers what one post holds."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.serials: list[str] = []
        self.hints: list[str] = []
        self.rows: list[Row] = []
        self.left_out: Counter[str] = Counter()
        self.values = 0
        self._names: dict[tuple[str, str], Named | str] = {}

    def post(self) -> Post:
        """What was gathered."""
        return Post(
            serials=_each_once(self.serials),
            hints=_each_once(self.hints),
            rows=tuple(self.rows),
            left_out=dict(self.left_out),
        )

    def row(self, told: object, readings: Iterable[tuple[str, str, object]]) -> None:
        """One row: its time, and for each parameter its name, unit and value."""
        at_ms = row_time(told, self.zone)
        if isinstance(at_ms, str):
            self.left_out[at_ms] += 1
            return
        values: dict[str, float] = {}
        for param, unit, value in readings:
            self._value(values, param, unit, value)
        if values:
            self.rows.append(Row(at_ms, values))
        if len(self.rows) > MAX_ROWS or self.values > MAX_VALUES:
            raise BadPost(
                f"the post holds more than {MAX_ROWS} rows or {MAX_VALUES} values: post more often"
            )

    def _value(self, values: dict[str, float], param: str, unit: str, told: object) -> None:
        self.values += 1
        number = _number(told)
        if isinstance(number, str):
            if number != NOTHING:
                self.left_out[number] += 1
            return
        key = (param, unit)
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = named(param, unit)
        if isinstance(known, str):
            self.left_out[known] += 1
        else:
            values[known.name] = number * known.factor


def parse(content_type: str, body: bytes, zone: ZoneInfo) -> Post:
    """What `body` says. `zone` is the node's, for times without one. Raises BadPost."""
    reader = _Reader(zone)
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        _form(reader, content_type, body)
    else:
        _file(reader, kind, "", body)
    return reader.post()


def _form(reader: _Reader, content_type: str, body: bytes) -> None:
    mark = boundary(content_type)
    if mark is None:
        raise BadPost("the form names no boundary: is it a post of an AXM-WEB2?")
    files = 0
    for part in parts(body, mark):
        if part.filename or part.name == "file":
            files += 1
            _file(reader, part.kind, part.filename, part.content)
        elif part.name == "datasource":
            serial = part.content.decode("utf-8", "replace").partition("/")[0]
            reader.serials.append(serial)
    if not files:
        raise BadPost("the form holds no file: is it a post of an AXM-WEB2?")


def _file(reader: _Reader, kind: str, filename: str, content: bytes) -> None:
    reader.hints.append(_STEM.split(filename, maxsplit=1)[0])
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if "json" in kind or filename.lower().endswith(".json") or start in (b"{", b"["):
        _json(reader, content)
    else:
        _csv(reader, content)


def _json(reader: _Reader, content: bytes) -> None:
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        told: Any = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as whole:
        try:
            told = [msgspec.json.decode(line) for line in content.splitlines() if line.strip()]
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            raise BadPost(f"the file is no JSON: {clean(str(whole), 200)}") from whole
    objects = told if isinstance(told, list) else [told]
    good = [one for one in objects if isinstance(one, Mapping)]
    if not good:
        raise BadPost("the JSON holds no object with readings: is it a post of an AXM-WEB2?")
    for one in good:
        _object(reader, one)


def _object(reader: _Reader, told: Mapping[str, Any]) -> None:
    device, gateway = _table(told.get("device")), _table(told.get("gateway"))
    reader.serials += _texts(device.get("serial"))
    reader.hints += _texts(gateway.get("serial"))
    readings = told.get("readings")
    if not isinstance(readings, list):
        readings = device.get("readings")
    if not isinstance(readings, list):
        reader.left_out["no readings"] += 1
        return
    reader.row(told.get("timestamp"), _readings(readings))


def _readings(readings: list[Any]) -> Iterator[tuple[str, str, object]]:
    for one in readings[:MAX_COLUMNS]:
        if isinstance(one, Mapping):
            param, unit = one.get("param"), one.get("unit")
            if isinstance(param, str):
                yield param, unit if isinstance(unit, str) else "", one.get("value")


def _csv(reader: _Reader, content: bytes) -> None:
    lines = io.BytesIO(content.removeprefix(b"\xef\xbb\xbf"))
    try:
        rows = csv.reader(line.decode("utf-8", "replace").replace("\0", "") for line in lines)
        header, column = _header(rows)
        for row in rows:
            if column < len(row):
                pairs = zip(header, row, strict=False)
                cells = [
                    (name, "", cell)
                    for at, (name, cell) in enumerate(pairs)
                    if at != column and name.lower() not in _NOT_VALUES
                ]
                reader.row(row[column], cells)
            elif any(cell.strip() for cell in row):
                reader.left_out["cut row"] += 1
    except csv.Error as error:
        raise BadPost(f"the file is no CSV: {clean(str(error), 200)}") from error


def _header(rows: Iterator[list[str]]) -> tuple[list[str], int]:
    """The names of the columns, and which one holds the time."""
    for _, row in zip(range(20), rows, strict=False):
        names = [cell.strip() for cell in row]
        if len(names) > MAX_COLUMNS:
            break
        for at, name in enumerate(names):
            if name.lower() in _TIME_COLUMNS:
                return names, at
    raise BadPost("the file is neither JSON nor CSV with a column Time Stamp")


def _number(told: object) -> float | str:
    """A finite number; else why not. Dashes and nothing at all say that there is no value."""
    if told is None or isinstance(told, bool):
        return NOTHING
    if isinstance(told, str):
        text = told.strip()
        if not text.strip("-"):
            return NOTHING
        if len(text) > 40 or "_" in text:
            return NOT_A_NUMBER
    elif isinstance(told, int | float):
        text = str(told) if not isinstance(told, int) or abs(told) < 1e18 else "inf"
    else:
        return NOT_A_NUMBER
    try:
        number = float(text)
    except ValueError:
        return NOT_A_NUMBER
    return number if math.isfinite(number) and abs(number) <= LARGEST else NOT_A_NUMBER


def _table(told: object) -> Mapping[str, Any]:
    return told if isinstance(told, Mapping) else {}


def _texts(told: object) -> list[str]:
    return [told] if isinstance(told, str) else []


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for told in texts if (text := clean(told.strip(), 64))))
