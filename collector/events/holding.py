"""What a participation keeps of the node's rollups: the minutes of all assets of its system.

An asset that belonged to the system at any time of the window is held, also one that comes later,
or of which it is told later that it was there.
"""

import sqlite3
from collections.abc import Collection, Mapping

from collector.assignments import table
from collector.model.assignment import OTHERS, About, Fact, Timeline
from collector.model.event import Participation
from collector.rollups import holds

Db = sqlite3.Connection


class Belonging:
    """Which assets belonged to which system, by the assignments that were made. `now` are the
    assets of each system as they are known now."""

    def __init__(self, db: Db, now: Mapping[str, Collection[str]]) -> None:
        told = table.select(db, what=Fact.SYSTEM)
        tracks = (asset for (asset,) in db.execute("SELECT DISTINCT asset FROM rollup_track"))
        assets = {one for own in now.values() for one in own}
        assets.update(tracks, (one.asset for one in told))
        said: dict[str, set[str]] = {}
        for one in told:
            said.setdefault(one.asset, set()).add(one.value)
        self._timeline = Timeline(told)
        self._now = now
        self._candidates: dict[str, set[str]] = {}
        for asset in assets:
            for system in said.get(asset, set()) | said.get(asset.partition(".")[0], set()):
                self._candidates.setdefault(system, set()).add(asset)

    def of(self, one: Participation) -> set[str]:
        """The assets that were of the participation's system at any time of it."""
        found = set(self._now.get(one.system, ())) if one.to_ms is None else set()
        candidates = self._candidates.get(one.system, set())
        return found | {asset for asset in candidates if self._was_of(asset, one)}

    def _was_of(self, asset: str, one: Participation) -> bool:
        device = asset.partition(".")[0]
        abouts = (
            About(asset, Fact.SYSTEM),
            About(device, Fact.SYSTEM, OTHERS),
            About(device, Fact.SYSTEM),
        )
        last_ms = one.to_ms if one.to_ms is not None else 1 << 62
        times = {one.from_ms}
        for about in abouts:
            since = self._timeline.since(about, one.from_ms, last_ms)
            times.update(each.from_ms for each in since)
        return any(self._timeline.system(asset, at_ms) == one.system for at_ms in sorted(times))


def keep(db: Db, one: Participation, belonging: Belonging) -> None:
    """Hold what the participation needs, and what it held before."""
    known = holds.find(db, one.id)
    found = belonging.of(one) | (set() if known is None else set(known.assets))
    if (
        known is not None
        and (known.from_ms, known.to_ms) == (one.from_ms, None)
        and set(known.assets) == found
    ):
        if one.to_ms is not None:
            holds.close_hold(db, one.id, one.to_ms)
        return
    holds.hold(db, one.id, sorted(found), one.from_ms, one.to_ms)


def holding(db: Db, asset: str) -> set[str]:
    """The participations that hold an asset's minutes."""
    rows = db.execute("SELECT hold FROM hold_asset WHERE asset = ?", (asset,))
    return {id_ for (id_,) in rows}


def held(db: Db, participation: str) -> set[str]:
    """The assets whose minutes a participation holds."""
    rows = db.execute("SELECT asset FROM hold_asset WHERE hold = ?", (participation,))
    return {asset for (asset,) in rows}


def unseen(db: Db) -> list[tuple[str, int]]:
    """Assignments that were made since this was asked last: about which asset, since when."""
    row = db.execute("SELECT assignment FROM event_mark").fetchone()
    newest = db.execute("SELECT coalesce(max(rowid), 0) FROM assignment").fetchone()[0]
    if row is not None and row[0] >= newest:
        return []
    db.execute("INSERT OR REPLACE INTO event_mark (only, assignment) VALUES (1, ?)", (newest,))
    if row is None:
        return []  # what holds at the first start is nothing new
    rows = db.execute("SELECT asset, from_ms FROM assignment WHERE rowid > ?", (row[0],))
    return [(asset, from_ms) for asset, from_ms in rows]
