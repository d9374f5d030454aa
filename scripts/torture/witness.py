"""What was committed: the journal's files as a kill left them, copied and read by the journal's
own code."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from collector.config.paths import Home
from collector.journal import Batch, Journal

STEP_SAMPLES = 200_000
ENDLESS = 1 << 62


class Witness:
    """Every batch that was ever found committed, by its number; `head` is the newest.

    `faults` holds, in words, what no crash may do to a journal: a file that is damaged, a batch
    that is gone though nobody may have let it go, changed, or whose number was left out.
    """

    def __init__(self, home: Home, scratch: Path) -> None:
        self.batches: dict[int, Batch] = {}
        self.faults: list[str] = []
        self.head = 0
        self._home = home
        self._scratch = scratch

    def look(self, acknowledged: int, *, everything: bool = False) -> None:
        """Read what the dead collector left; `acknowledged` is the newest number that it had
        called durable. With `everything` what is known already is read again and compared."""
        copies = self._scratch / "copies"
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        for path in self._home.state.glob("*.db*"):
            shutil.copyfile(path, copies / path.name)
        self._check_sound(copies / self._home.node_db.name)
        journal = copies / self._home.journal_db.name
        if not journal.exists():
            if acknowledged:
                self.faults.append(f"batch {acknowledged} was acknowledged, there is no journal")
            return
        asyncio.run(self._read(journal, acknowledged, everything))
        self._check_sound(journal)

    async def _read(self, path: Path, acknowledged: int, everything: bool) -> None:
        journal = await Journal.open(path, cap_bytes=1 << 40, max_age_s=1e9)
        try:
            if journal.health().cause:
                self.faults.append(journal.health().cause)
            if journal.head < max(acknowledged, self.head):
                self.faults.append(
                    f"batches {journal.head + 1} to {max(acknowledged, self.head)} were "
                    "acknowledged or seen, and are gone"
                )
            at = journal.first if everything else max(journal.first, self.head + 1)
            while found := await journal.read(at, ENDLESS, max_samples=STEP_SAMPLES):
                for batch in found:
                    self._take(batch)
                at = found[-1].seq + 1
            lost = journal.health().lost_samples
            if lost:
                self.faults.append(f"the journal counts {lost} samples as lost at its cap")
        finally:
            await journal.close()

    def _take(self, batch: Batch) -> None:
        known = self.batches.get(batch.seq)
        if known is None:
            if self.batches and batch.seq != self.head + 1:
                self.faults.append(f"batch {batch.seq} follows batch {self.head}")
            self.batches[batch.seq] = batch
            self.head = max(self.head, batch.seq)
        elif not same(known, batch):
            self.faults.append(f"batch {batch.seq} is another one than before")

    def _check_sound(self, path: Path) -> None:
        if not path.exists():
            return
        with closing(sqlite3.connect(path)) as db:
            answer: str = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if answer != "ok":
            self.faults.append(f"{path.name} is damaged: {answer}")

    @property
    def corrupt(self) -> list[str]:
        """Files that the collector found damaged and set aside."""
        return sorted(path.name for path in self._home.state.glob("*.corrupt.*"))

    def kept(self, after_ms: int, to_ms: int) -> int:
        """How many ticks were journaled after one time up to another."""
        return sum(after_ms < batch.at_ms <= to_ms for batch in self.batches.values())


def same(one: Batch, other: Batch) -> bool:
    """Whether two batches are equal to the last bit."""
    return (
        one.at_ms == other.at_ms
        and list(one.series) == list(other.series)
        and one.values.tobytes() == other.values.tobytes()
        and one.times == other.times
    )
