"""Which batches may be sent, and of when each is: the `boot` table in memory."""

import sqlite3

from msgspec.structs import replace

from collector.errors import JournalError
from collector.journal import boots
from collector.journal.batch import Batch
from collector.journal.boots import Boot, utc_ms
from collector.journal.placing import SECOND
from collector.model.snapshot import Gap


class Times:
    """What is known of each boot's clock.

    `head` is the newest batch that may be sent: those behind it wait until their clock is
    confirmed. `last_ms` is its time. `offsets` makes UTC of the steady time of confirmed boots.
    """

    def __init__(self) -> None:
        self.boots: dict[str, Boot] = {}
        self.offsets: dict[str, int] = {}
        self.head = 0
        self.last_ms = 0

    def learn(self, db: sqlite3.Connection, newest: int) -> None:
        """Read it anew; `newest` is the newest batch ever given."""
        self.boots = boots.load(db)
        self.offsets = {
            name: boot.offset_ms for name, boot in self.boots.items() if boot.offset_ms is not None
        }
        waiting = [boot.first_seq for boot in self.boots.values() if boot.offset_ms is None]
        self.head = min(waiting, default=newest + 1) - 1
        self.last_ms = boots.time_before(db, self.head + 1, self.boots)

    def kept(self, batch: Batch) -> None:
        """One more batch is in the file, the newest one."""
        if self.head == batch.seq - 1 and not batch.boot:
            self.head = batch.seq
            self.last_ms = batch.at_ms

    def stamped(self, batch: Batch) -> Batch:
        """A batch that is to be kept: with its time, if its boot was confirmed meanwhile."""
        offset = self.offsets.get(batch.boot)
        if offset is None:
            return batch
        at_ms = max(batch.mono_ms + offset, self.last_ms + SECOND)
        return replace(batch, at_ms=at_ms, boot="", mono_ms=0)

    def dated(self, gap: Gap) -> Gap:
        """The same for a gap."""
        offset = self.offsets.get(gap.boot)
        if offset is None:
            return gap
        return replace(gap, from_ms=gap.from_ms + offset, to_ms=gap.to_ms + offset, boot="")

    def timed(self, batch: Batch, boot: str, mono_ms: int) -> Batch:
        """A batch that was kept unconfirmed: with its right time, if that is known by now.

        Raises JournalError where it should be known and is not.
        """
        offset = self.offsets.get(boot)
        if offset is not None:
            return replace(batch, at_ms=mono_ms + offset)
        if batch.seq <= self.head:
            raise JournalError(f"batch {batch.seq} is damaged: its boot is not known")
        return replace(batch, boot=boot, mono_ms=mono_ms)

    def utc_ms(self, at_ms: int, boot: str | None, mono_ms: int | None) -> int:
        """The time of a batch with these columns: right, or provisional behind `head`."""
        return utc_ms(self.offsets, at_ms, boot, mono_ms)
