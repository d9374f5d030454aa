"""Splitting minutes that are stored already: a join or leave that was told late, or moved."""

from functools import partial
from itertools import chain

import structlog
from msgspec import structs

from collector.journal.store import Journal
from collector.model.rollup import Counter, Rollup, merge
from collector.model.rollup_codec import BadRollup
from collector.rollups import holds, tables
from collector.rollups.remake import replayed
from collector.rollups.replay import Replay
from collector.rollups.tables import Db, Row, packed
from collector.rollups.track import Closed
from collector.store import NodeDb

Cut = tuple[str, int]
"""An asset, and where its rows must be split."""

log = structlog.get_logger("rollups")


class Recut:
    """Sees to it that rows are split where holds begin and end, whenever that was said.

    The parts are made from the journal and take the row's place only if they merge to that very
    row; so nothing can change but the cut. Where the journal no longer has the minute, it stays
    whole, which is said once: `whole` counts them.
    """

    def __init__(self, db: NodeDb, journal: Journal) -> None:
        self.whole = 0
        self._db = db
        self._journal = journal
        self._seen: set[Cut] = set()

    async def look(self, upto_ms: int) -> None:
        """Split what has to be split before `upto_ms`, up to where all rows are stored. Raises
        StoreError and JournalError; what was not looked at then is at the next time."""
        cuts = await self._db.run("read the holds", _wanted)
        for cut in sorted(set(cuts) - self._seen):
            asset, at_ms = cut
            if at_ms >= upto_ms:
                continue
            find = partial(tables.straddling, asset=asset, at_ms=at_ms)
            for row in await self._db.run("find a minute to be split", find):
                await self._split(row, at_ms)
            self._seen.add(cut)
        self._seen &= set(cuts)

    async def _split(self, row: Row, at_ms: int) -> None:
        try:
            whole = row.rollup()
        except BadRollup:
            return
        parts = await self._parts(row, whole, at_ms)
        if parts and _content(merge(parts)) == _content(whole):
            rows = [packed(Closed(row.subject, part)) for part in parts]
            await self._db.run("split a minute", partial(tables.replace, row=row, parts=rows))
            return
        self.whole += 1
        log.warning(
            "{asset}: a minute is not split at a join or leave that was told late, the journal "
            "does not hold it any more; its energy is shared by time.",
            asset=row.subject.asset,
            from_ms=row.from_ms,
            at_ms=at_ms,
        )

    async def _parts(self, row: Row, whole: Rollup, at_ms: int) -> list[Rollup]:
        replay = Replay(whole.from_ms, whole.to_ms, cuts={row.subject.asset: [at_ms]})
        made = [rows async for rows in replayed(self._journal, replay, whole.from_ms)]
        parts = [one.rollup() for one in chain(*made) if one.subject == row.subject]
        return with_registers(parts, whole)


def _wanted(db: Db) -> list[Cut]:
    """Where holds that are still active begin and end."""
    return [
        (asset, at_ms)
        for hold in holds.holds(db)
        if hold.active
        for asset in hold.assets
        for at_ms in (hold.from_ms, hold.to_ms)
        if at_ms is not None
    ]


def with_registers(parts: list[Rollup], whole: Rollup) -> list[Rollup]:
    """`parts` with the registers that `whole` has at its ends: at the cut nobody knows them."""
    found = list(parts)
    for key, counter in whole.counters.items():
        having = [number for number, part in enumerate(found) if key in part.counters]
        if having:
            first, last = having[0], having[-1]
            found[first] = _registers(found[first], key, raw_first=counter.raw_first)
            found[last] = _registers(found[last], key, raw_last=counter.raw_last)
    return found


def _registers(part: Rollup, key: str, **known: int | None) -> Rollup:
    counter: Counter = structs.replace(part.counters[key], **known)
    return structs.replace(part, counters={**part.counters, key: counter})


def _content(row: Rollup) -> Rollup:
    """A row without its ends, which parts without good time may lack."""
    return structs.replace(row, from_ms=0, to_ms=0)
