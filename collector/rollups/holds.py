"""What must not expire, and what does: holds of participations, and retention.

Plain functions over the connection to `node.db`, so that a hold is made in the very transaction
that makes its participation. A hold keeps the minutes of its assets until the cloud has confirmed
all of them or a person has released it. Its beginning and its end are cuts (`cuts`): also minutes
that are made again from the journal are split there.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from collector.model.rollup_codec import MINUTE_MS
from collector.rollups.tables import row_id, tracks

Db = sqlite3.Connection
_COLUMNS = "id, from_ms, to_ms, queued_ms, confirmed_ms, released_ms, released_by"


class Hold(Struct, frozen=True, kw_only=True):
    """One hold; times UTC ms, `to_ms` None while it goes on. `queued_ms`: up to when its records
    were made for the cloud."""

    id: str
    assets: tuple[str, ...]
    from_ms: int
    to_ms: int | None = None
    queued_ms: int = 0
    confirmed_ms: int | None = None
    released_ms: int | None = None
    released_by: str | None = None

    @property
    def active(self) -> bool:
        """Whether it still keeps its minutes."""
        return self.confirmed_ms is None and self.released_ms is None


def hold(db: Db, id_: str, assets: Sequence[str], from_ms: int, to_ms: int | None = None) -> None:
    """Keep the minutes of `assets` from `from_ms` on. The same again changes nothing; with other
    assets or times it is a new hold under the same id, to be confirmed anew.

    Raises ValueError for a hold that ends before it begins.
    """
    if to_ms is not None and to_ms < from_ms:
        raise ValueError(f"hold {id_} ends at {to_ms}, before it begins at {from_ms}")
    known = find(db, id_)
    wanted = tuple(sorted(set(assets)))
    if known is not None and (known.assets, known.from_ms, known.to_ms) == (wanted, from_ms, to_ms):
        return
    db.execute("DELETE FROM hold WHERE id = ?", (id_,))
    db.execute(
        "INSERT INTO hold (id, from_ms, to_ms, queued_ms) VALUES (?, ?, ?, ?)",
        (id_, from_ms, to_ms, from_ms),
    )
    db.executemany("INSERT INTO hold_asset VALUES (?, ?)", ((id_, asset) for asset in wanted))


def close_hold(db: Db, id_: str, to_ms: int) -> None:
    """The hold ends at `to_ms`; an earlier end that it had stays. Raises KeyError for none."""
    known = _known(db, id_)
    if known.to_ms is None:
        db.execute("UPDATE hold SET to_ms = ? WHERE id = ?", (max(to_ms, known.from_ms), id_))


def confirm(db: Db, id_: str, at_ms: int) -> None:
    """The cloud has all minutes of the hold: they may expire. Raises KeyError for no such hold."""
    _known(db, id_)
    db.execute(
        "UPDATE hold SET confirmed_ms = ? WHERE id = ? AND confirmed_ms IS NULL", (at_ms, id_)
    )


def release(db: Db, id_: str, by: str, at_ms: int) -> None:
    """A person lets the minutes of the hold expire though the cloud has not confirmed them.

    Raises KeyError for no such hold, ValueError for one that goes on.
    """
    if _known(db, id_).to_ms is None:
        raise ValueError(f"hold {id_} goes on: end it first, then release it")
    db.execute(
        "UPDATE hold SET released_ms = ?, released_by = ? WHERE id = ? AND released_ms IS NULL",
        (at_ms, by, id_),
    )


def find(db: Db, id_: str) -> Hold | None:
    """The hold of that id."""
    row = db.execute(f"SELECT {_COLUMNS} FROM hold WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    if row is None:
        return None
    rows = db.execute("SELECT asset FROM hold_asset WHERE hold = ? ORDER BY asset", (id_,))
    return _hold(row, [asset for (asset,) in rows])


def holds(db: Db) -> list[Hold]:
    """All holds, the oldest first."""
    assets: dict[str, list[str]] = {}
    for id_, asset in db.execute("SELECT hold, asset FROM hold_asset ORDER BY asset"):
        assets.setdefault(id_, []).append(asset)
    rows = db.execute(f"SELECT {_COLUMNS} FROM hold ORDER BY from_ms, id")  # noqa: S608
    return [_hold(row, assets.get(row[0], ())) for row in rows]


def _hold(row: tuple[Any, ...], assets: Sequence[str]) -> Hold:
    id_, from_ms, to_ms, queued_ms, confirmed_ms, released_ms, released_by = row
    return Hold(
        id=id_,
        assets=tuple(assets),
        from_ms=from_ms,
        to_ms=to_ms,
        queued_ms=queued_ms,
        confirmed_ms=confirmed_ms,
        released_ms=released_ms,
        released_by=released_by,
    )


def open_since(db: Db, before_ms: int) -> bool:
    """Whether a hold that began before then goes on."""
    row = db.execute(
        "SELECT 1 FROM hold WHERE to_ms IS NULL AND from_ms <= ? LIMIT 1", (before_ms,)
    ).fetchone()
    return row is not None


def cuts(db: Db, from_ms: int) -> dict[str, list[int]]:
    """Where holds begin or end after `from_ms`, by asset."""
    found: dict[str, list[int]] = {}
    for each in holds(db):
        for asset in each.assets:
            times = [t for t in (each.from_ms, each.to_ms) if t is not None and t > from_ms]
            found[asset] = sorted({*found.get(asset, ()), *times})
    return {asset: times for asset, times in found.items() if times}


def _known(db: Db, id_: str) -> Hold:
    found = find(db, id_)
    if found is None:
        raise KeyError(id_)
    return found


# -- retention -------------------------------------------------------------------------------


def expire(db: Db, before_ms: int, limit: int) -> int:
    """Delete at most `limit` rows that began before `before_ms` and that no hold keeps; how many
    were deleted. Call it again while it deletes `limit`."""
    kept = [each for each in holds(db) if each.active]
    left = limit
    for no, subject in tracks(db).items():
        own = [(each.from_ms, each.to_ms) for each in kept if subject.asset in each.assets]
        for first_ms, last_ms in _free(own, before_ms):
            if left <= 0:
                return limit
            left -= db.execute(
                "DELETE FROM rollup WHERE id IN "
                "(SELECT id FROM rollup WHERE id >= ? AND id < ? ORDER BY id LIMIT ?)",
                (row_id(no, first_ms), row_id(no, last_ms), left),
            ).rowcount
    return limit - left


def _free(held: Iterable[tuple[int, int | None]], before_ms: int) -> list[tuple[int, int]]:
    """What of the time before `before_ms` is not held, as (from, to). A minute in which a hold
    begins is held from its beginning."""
    found: list[tuple[int, int]] = []
    at_ms = 0
    for from_ms, to_ms in sorted(held, key=lambda each: each[0]):
        start_ms = min(from_ms // MINUTE_MS * MINUTE_MS, before_ms)
        if start_ms > at_ms:
            found.append((at_ms, start_ms))
        at_ms = before_ms if to_ms is None else max(at_ms, to_ms)
    if at_ms < before_ms:
        found.append((at_ms, before_ms))
    return found
