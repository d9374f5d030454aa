"""Reading `profile.csv` back, to the very integers that it was written from."""

import csv
import io
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from collector.model.catalogue import CATALOGUE
from collector.model.text import clean
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile.columns import GOOD, PARTS, TIMES, WINDOW
from reporting.profile.columns import UTC as TIME

MOST_BYTES = 1 << 30
MOST_MINUTES = 600 * 1440
_FLOW = re.compile(r"\A([a-z0-9][a-z0-9.-]*)\.([a-z_]+)\.([a-z_]+)\Z")
_UTC = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
_NUMBERS = {
    decimals: re.compile(rf"-?[0-9]{{1,11}}(?:\.[0-9]{{1,{decimals}}})?") for decimals in (1, 3, 4)
}
_COLUMNS = {
    decimals: re.compile(rf"(?:{one.pattern})?(?:,(?:{one.pattern})?)*")
    for decimals, one in _NUMBERS.items()
}


class BadProfile(ValueError):
    """A file that is no profile of ours; the message names the line."""


class ProfileTable(Struct, frozen=True, kw_only=True):
    """A profile. `starts_ms`: its UTC minutes, rising; `window_ms`: how much of each lies in the
    report's time; `flows` by (asset, power); `rest` the cells of all other columns, by name."""

    starts_ms: Sequence[int]
    window_ms: Sequence[int]
    flows: Mapping[tuple[str, str], Minutes]
    rest: Mapping[str, Sequence[str]] = {}


def read_profile(content: bytes, *, rest: bool = False) -> ProfileTable:
    """The profile in `content`; `rest`: with the columns of the system as a whole.

    Raises BadProfile.
    """
    if len(content) > MOST_BYTES:
        raise BadProfile(f"it has {len(content)} bytes, more than any profile")
    try:
        text = content.decode()
    except UnicodeDecodeError as why:
        raise BadProfile("it is not UTF-8") from why
    try:
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        head = next(lines, [])
        body = list(lines)
    except csv.Error as why:
        raise BadProfile(f"it is no CSV: {why}") from why
    _check(head, body)
    cells = (
        dict(zip(head, zip(*body, strict=True), strict=True)) if body else dict.fromkeys(head, ())
    )
    starts = array("q", _minutes(cells[TIME]))
    window = _counts(WINDOW, cells[WINDOW], 3)
    if any(not 0 <= one <= MINUTE_MS for one in window):
        raise BadProfile(f"column {WINDOW}: a minute has at most 60 s")
    return ProfileTable(
        starts_ms=starts,
        window_ms=window,
        flows={key: _flow(key, cells) for key in _flows_of(head)},
        rest={name: values for name, values in cells.items() if rest and not _FLOW.match(name)},
    )


def _check(head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    wanted = [column.name for column in TIMES]
    if list(head[: len(wanted)]) != wanted:
        raise BadProfile(f"line 1: it does not begin with {','.join(wanted)}")
    if len(set(head)) != len(head):
        raise BadProfile("line 1: two columns have one name")
    if len(body) > MOST_MINUTES:
        raise BadProfile(f"it has {len(body)} rows, more than any event has minutes")
    for number, row in enumerate(body, start=2):
        if len(row) != len(head):
            raise BadProfile(f"line {number}: {len(row)} cells where the head has {len(head)}")


def _flows_of(head: Sequence[str]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for name in head:
        match = _FLOW.match(name)
        if match and match[2] in CATALOGUE:
            found.setdefault((match[1], match[2]), set()).add(match[3])
    parts = {part for part, _, _, _ in PARTS}
    for (asset, power), having in found.items():
        if having != parts:
            raise BadProfile(f"line 1: {asset}.{power} lacks {', '.join(sorted(parts - having))}")
    return sorted(found)


def _flow(key: tuple[str, str], cells: Mapping[str, Sequence[str]]) -> Minutes:
    name = ".".join(key)
    good, *others = (
        _counts(f"{name}.{part}", cells[f"{name}.{part}"], decimals)
        for part, _, decimals, _ in PARTS
    )
    if any(not 0 <= one <= MINUTE_MS for one in good):
        raise BadProfile(f"column {name}.{GOOD}: a minute has at most 60 s")
    pos, neg, least, greatest = others
    return Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)


def _counts(name: str, values: Sequence[str], decimals: int) -> "array[int]":
    """Each cell in steps of 10^-decimals; an empty one is 0 (its good time says so).

    The nearest whole number of a double is exact here: below 10^15 it is off by less than a fifth.
    """
    if not _COLUMNS[decimals].fullmatch(",".join(values)):
        number = _NUMBERS[decimals]
        for line, value in enumerate(values, start=2):
            if value and not number.fullmatch(value):
                raise BadProfile(
                    f"line {line}, column {name}: {clean(value, 20)} is no such number"
                )
    steps = 10**decimals
    known = {"": 0}
    return array(
        "q",
        [
            known[value] if value in known else known.setdefault(value, round(float(value) * steps))
            for value in values
        ],
    )


def _minutes(values: Sequence[str]) -> Iterator[int]:
    before = None
    for number, value in enumerate(values, start=2):
        at_ms = _moment(value)
        if at_ms is None:
            raise BadProfile(f"line {number}: {clean(value, 30)} is no time in UTC")
        if at_ms % MINUTE_MS or (before is not None and at_ms <= before):
            raise BadProfile(f"line {number}: {value} is no minute after the one before it")
        before = at_ms
        yield at_ms


def _moment(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(text) if _UTC.match(text) else None
    except ValueError:
        return None
    return None if found is None else round(found.timestamp()) * 1000
