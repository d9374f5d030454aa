"""Files that a person takes along: what a screen shows, a table as CSV or JSON."""

import asyncio
import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from collector.errors import ApiError
from collector.model.rounding import half_up
from ovr_tui.console.format import Figure, local
from ovr_tui.console.rows import Row

MOST_CHARS = 80
"""So much of what a file shows is in its name."""
MOST_SAME = 100
"""So many files of one name, numbered, before it is refused."""


def folders() -> list[Path]:
    """Where files of a person go: the present folder, else their home."""
    found = []
    for make in (Path.cwd, Path.home):
        try:
            found.append(make())
        except (OSError, RuntimeError):
            continue
    return [folder for folder in found if os.access(folder, os.W_OK)]


def named(what: str, at_ms: int, timezone: str) -> str:
    """A file's name: what it shows and when, local time; nothing in it is a path."""
    what = re.sub(r"[^A-Za-z0-9._-]+", "-", what)[:MOST_CHARS].strip(".-")
    when = local(at_ms, timezone).strftime("%Y-%m-%d-%H%M%S")
    return f"ovr-{what or 'view'}-{when}"


def write_new(data: bytes, name: str, suffix: str, into: Sequence[Path]) -> Path:
    """Write a new file in the first folder that takes it; nothing is ever replaced. Raises OSError
    when none does."""
    problem: OSError | None = None
    for folder in into:
        for number in range(1, MOST_SAME):
            path = folder / (f"{name}.{suffix}" if number == 1 else f"{name}-{number}.{suffix}")
            try:
                _create(path, data)
            except FileExistsError:
                continue
            except OSError as error:
                problem = error
                break
            return path
    raise problem or OSError("no folder to write into")


def typed_path(text: str) -> Path:
    """A path as a person typed it, ~ for their home. Raises ApiError."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ApiError(f"{text}: there is no such home folder") from None


async def read_at(path: Path, most: int, what: str) -> bytes:
    """A file that a person named, beside the event loop; `what` it should be is never longer than
    `most` bytes. Raises ApiError, in words."""

    def content() -> bytes:
        with path.open("rb") as file:
            return file.read(most + 1)

    try:
        found = await asyncio.to_thread(content)
    except OSError as error:
        raise ApiError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(found) > most:
        raise ApiError(f"{path} is longer than any {what}: is it the right file?")
    return found


async def write_at(path: Path, content: bytes) -> None:
    """Write a new file where a person typed, beside the event loop; nothing is ever replaced.
    Raises ApiError, in words."""
    try:
        await asyncio.to_thread(_create, path, content)
    except FileExistsError:
        raise ApiError(f"{path} is there already: choose another name") from None
    except FileNotFoundError:
        raise ApiError(f"there is no folder {path.parent}: make it, or choose another") from None
    except OSError as error:
        raise ApiError(f"{path} cannot be written: {error.strerror or error}") from None


def _create(path: Path, content: bytes) -> None:
    """A new file, whole or not at all. Raises OSError."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def as_csv(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue().encode()


def as_json(rows: Sequence[Sequence[object]]) -> bytes:
    """Rows, the first of which is the head, as a list of objects; what is not known is null."""
    head, *others = rows
    found = [dict(zip(map(str, head), row, strict=True)) for row in others]
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def as_table(rows: Sequence[Sequence[object]], kind: str) -> bytes:
    """Rows with a head as a file of a kind: `csv` or `json`."""
    return as_json(rows) if kind == "json" else as_csv(rows)


HEAD = ("asset", "name", "kind", "system", "status", "age_s", "power_w", "soc_pct", "voltage_v",
        "current_a", "state")  # fmt: skip


def site_table(rows: Sequence[Row], at_ms: int) -> list[Sequence[object]]:
    """The site's table: its head, then one row for each asset, values as measured and None where
    they are not good, with the time of the snapshot (UTC ms) in front."""
    lines: list[Sequence[object]] = [("at_ms", *HEAD)]
    for row in rows:
        words = (row.id, row.name, row.kind.value, row.system, row.status.value)
        age = None if row.age_s is None else round(row.age_s, 1)
        figures = (row.power, row.soc, row.volts, row.amps)
        lines.append((at_ms, *words, age, *map(_good, figures), row.state))
    return lines


def _good(figure: Figure) -> float | None:
    return None if figure.good is None else half_up(figure.good, 3)


def _harmless(value: object) -> object:
    """Text that no spreadsheet takes for a formula."""
    formula = isinstance(value, str) and value[:1] in ("=", "+", "-", "@")
    return f"'{value}" if formula else value
