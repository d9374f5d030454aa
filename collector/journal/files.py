"""Opening the journal's file: schema, check, setting a damaged one aside, the record beside it."""

import os
import sqlite3
from importlib.resources import files
from pathlib import Path

import structlog

from collector.damaged import damage
from collector.errors import JournalError

SCHEMA = 3
PAGE_BYTES = 8192
FULL_CHECK_BYTES = 256 << 20
WAL_LIMIT_BYTES = 16 << 20
WAL_FOLD_PAGES = 256
"""So often the WAL is folded into the file: what it holds beyond the file's end stays little."""
SMALL_TABLES = ("sink", "dead", "ledger", "boot", "gap")
"""The latter two came with schema 3."""
NUMBERS_AHEAD = 8192

HEADER_BYTES = 100
HEADER_START = b"SQLite format 3\0"
VERSION_AT = slice(60, 64)
"""Where a database file tells its `user_version` (sqlite.org/fileformat2.html)."""

log = structlog.get_logger("journal")


class Damaged(JournalError):
    """The file is no sound database; the message says what was found."""


def connect(path: Path) -> sqlite3.Connection:
    """The one connection to a sound, migrated journal; a damaged file raises Damaged.

    Raises JournalError for a file of a newer program, which is not touched, or a folder that
    cannot be used.
    """
    _refuse_newer(_version_in_header(path), path)
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=2.0)
    except sqlite3.Error as error:
        raise JournalError(_cannot_open(path, error)) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if damage(error):
            raise Damaged(str(error)) from error
        raise JournalError(_cannot_open(path, error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _cannot_open(path: Path, error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return f"the journal {path} is held by another program: end it, then start again"
    return f"the journal {path} cannot be opened: {error}; check the folder's owner and free space"


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    for pragma in (
        "locking_mode = EXCLUSIVE",
        f"page_size = {PAGE_BYTES}",
        *_at_first(path),
        "journal_mode = WAL",
        "synchronous = FULL",
        f"journal_size_limit = {WAL_LIMIT_BYTES}",
        f"wal_autocheckpoint = {WAL_FOLD_PAGES}",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    _check(connection, path)
    _migrate(connection, path)


def _at_first(path: Path) -> tuple[str, ...]:
    """What is set in a new file only: on a file that exists it changes nothing, but writes, which
    a full disk refuses."""
    made = path.exists() and path.stat().st_size > 0
    return () if made else ("auto_vacuum = INCREMENTAL",)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    _refuse_newer(version, path)
    for step in range(version + 1, SCHEMA + 1):
        script = files(__package__).joinpath(f"schema_v{step}.sql").read_text()
        connection.executescript(f"BEGIN EXCLUSIVE;\n{script}\nCOMMIT;")


def _version_in_header(path: Path) -> int:
    """The schema's number, read without SQLite, which may write on opening; 0 without a file."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError:
        return 0  # whatever it is, SQLite meets it too, and says so
    if len(header) < HEADER_BYTES or not header.startswith(HEADER_START):
        return 0
    return int.from_bytes(header[VERSION_AT], "big")


def _refuse_newer(version: int, path: Path) -> None:
    if version > SCHEMA:
        raise JournalError(
            f"the journal {path} was written by a newer program (schema {version}, this one knows "
            f"{SCHEMA}): run that program, or move the file away"
        )


def _check(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if path.stat().st_size <= FULL_CHECK_BYTES:
        checks = ["PRAGMA quick_check(1)"]
    else:
        small = SMALL_TABLES[:3] if version < 3 else SMALL_TABLES
        checks = [f"PRAGMA quick_check('{name}')" for name in small]
    for check in checks if version else []:
        found = connection.execute(check).fetchone()[0]
        if found != "ok":
            raise Damaged(str(found))


class GivenNumbers:
    """The record beside the journal: a number above every sequence number ever given."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.seq")
        self.above = self._read()

    def _read(self) -> int:
        try:
            return int(self.path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            log.warning(
                "The record of the journal's sequence numbers cannot be used; it is made anew",
                cause=str(error),
            )
            return 0

    def cover(self, seq: int) -> None:
        """Before `seq` is given: make sure that the record is above it. Raises OSError."""
        if seq >= self.above:
            above = seq + NUMBERS_AHEAD
            write_durably(self.path, str(above).encode())
            self.above = above


def write_durably(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: after a power cut it is the old file or the new one."""
    scratch = path.with_name(f"{path.name}.new")
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
