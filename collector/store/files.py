"""Opening `node.db`: check, schema steps, setting a damaged file aside, carrying rows over."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import structlog

from collector.damaged import damage
from collector.errors import StoreError

VERSION = 8
OLDEST_CARRIED = 4
"""Of a damaged file of this version or a later one, what can be read is carried over."""
FULL_CHECK_BYTES = 256 << 20
"""A larger file is checked without its rollups, which would take minutes."""
BUSY_S = 0.5
"""Nobody else has business in the file; a moment for a backup that reads it."""
REMADE = ("rollup",)
"""Beginnings of the names of tables that are made again from the journal."""

IN_VERSION_4 = frozenset({"alarms", "audit", "ingest", "outbox", "rollups"})
"""Files of `schema/` that a file of version 4 has. A statement that changes one of their tables
belongs into `upgrade`, for versions 4 and older alike."""
IN_VERSION_5 = IN_VERSION_4 | {"assignments", "clamps", "control", "refused"}
"""And what a file of version 5 has."""
IN_VERSION_6 = IN_VERSION_5 | {"events", "reports"}
"""And what a file of version 6 has."""
IN_VERSION_7 = IN_VERSION_6 | {"control_pin"}
"""And what a file of version 7 has."""
HAD = {4: IN_VERSION_4, 5: IN_VERSION_5, 6: IN_VERSION_6, 7: IN_VERSION_7}

FROM_1 = """
ALTER TABLE counter ADD COLUMN dip_raw REAL;
ALTER TABLE counter ADD COLUMN fell REAL NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN anew INTEGER NOT NULL DEFAULT 0;
"""

log = structlog.get_logger("node.db")


class Damaged(StoreError):
    """The file is no sound database; the message says what was found."""


def script(name: str) -> str:
    """The statements of `schema/<name>.sql`."""
    return files(__package__).joinpath("schema", f"{name}.sql").read_text()


def domains(since: int = 0) -> list[str]:
    """The tables that versions after `since` added beside the counters, one file for each package
    that owns some. A new file in `schema/` belongs to the newest version."""
    names = {Path(entry.name).stem for entry in files(__package__).joinpath("schema").iterdir()}
    return sorted(names - HAD.get(since, frozenset()) - {"counters"})


def upgrade(version: int) -> str:
    """What makes a file of `version` (0: a new file) one of this version."""
    first = {
        0: script("counters"),
        1: FROM_1,
        2: f"ALTER TABLE counter DROP COLUMN dip_low;{FROM_1}",
    }
    return first.get(version, "") + "\n".join(script(name) for name in domains(version))


def connect(path: Path) -> sqlite3.Connection:
    """The one connection to a sound file of this version; a damaged file raises Damaged.

    Raises StoreError when it cannot be used as it is now (disk full, no right, newer program).
    """
    try:
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(_cannot_use(path, error)) from error
    try:
        for pragma in (
            "locking_mode=EXCLUSIVE",  # nor is there a -shm, which a full disk has no room for
            *_at_first(path),
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            db.execute(f"PRAGMA {pragma}").fetchall()
        _check(db, path)
        _migrate(db, path)
    except sqlite3.Error as error:
        db.close()
        if damage(error):
            raise Damaged(str(error)) from error
        raise StoreError(_cannot_use(path, error)) from error
    except BaseException:
        db.close()
        raise
    return db


def _at_first(path: Path) -> tuple[str, ...]:
    """What is set in a new file only: later it changes nothing, but writes, which a full disk
    refuses."""
    made = path.exists() and path.stat().st_size > 0
    return () if made else ("auto_vacuum=INCREMENTAL",)


def _cannot_use(path: Path, error: sqlite3.Error) -> str:
    return f"{path} cannot be used: {error}; check its owner and the free space"


def _check(db: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size <= FULL_CHECK_BYTES:
        checks = ["PRAGMA quick_check(1)"]
    else:
        checks = [f"PRAGMA quick_check('{name}')" for name in kept_tables(db)]
    for check in checks:
        found = db.execute(check).fetchone()[0]
        if found != "ok":
            raise Damaged(f"quick_check: {found}")


def kept_tables(db: sqlite3.Connection, schema: str = "main") -> list[str]:
    """The tables that cannot be made again, those that others refer to first."""
    rows = db.execute(
        f"SELECT name FROM {schema}.sqlite_schema WHERE type = 'table' "  # noqa: S608  a constant
        "AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return [name for (name,) in rows if not name.startswith(REMADE)]


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer program (schema {version}, this one knows "
            f"{VERSION}): run that program, or move the file away and count anew"
        )
    if version < VERSION:
        db.executescript(f"BEGIN;{upgrade(version)}\nPRAGMA user_version={VERSION};COMMIT;")


def carry_over(aside: Path, db: sqlite3.Connection) -> int:
    """Copy what can still be read of the kept tables of `aside` into the new file; the rows."""
    rows = 0
    try:
        with closing(sqlite3.connect(f"file:{aside}?mode=ro", uri=True)) as old:
            version = old.execute("PRAGMA user_version").fetchone()[0]
            if not OLDEST_CARRIED <= version <= VERSION:
                return 0
            db.execute("PRAGMA foreign_keys=OFF")
            there = set(kept_tables(old))
            for table in kept_tables(db):
                if table in there:
                    rows += _copy(old, db, table)
    except sqlite3.Error as error:
        log.warning("No more could be read of the damaged node.db", cause=str(error))
    finally:
        db.execute("PRAGMA foreign_keys=ON")
    return rows


def _copy(old: sqlite3.Connection, db: sqlite3.Connection, table: str) -> int:
    """The readable rows of one table, up to the first damage from either end."""
    copied = 0
    for order in ("ASC", "DESC"):
        try:
            rows = old.execute(f"SELECT * FROM {table} ORDER BY 1 {order}")  # noqa: S608
            names = [column[0] for column in rows.description]
            marks = ",".join("?" * len(names))
            columns = ",".join(names)
            statement = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
            for row in rows:
                copied += db.execute(statement, row).rowcount
        except sqlite3.Error as error:
            log.warning(
                "Of the damaged node.db only {copied} rows of {table} could be saved",
                table=table,
                copied=copied,
                cause=str(error),
            )
            continue
        break
    return copied
