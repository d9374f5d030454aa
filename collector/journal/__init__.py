"""The journal: the durable log of samples. This text is its specification.

**Invariants**

1. What `append` has returned for is on disk (WAL, `synchronous=FULL`: fsync on each commit) and
   survives a power cut. A batch is there whole or not at all.
2. A sequence number is given once, for ever: rising by one, never reused, not after deletion, not
   after a damaged file was set aside. A failed `append` uses none.
3. Bits do not change: label bytes, values (stale markers included) and times come back as they
   went in, or `read` leaves the batch out, counts it as lost and keeps its bytes in `dead`.
4. A batch that some sink has not settled is deleted only when the size cap leaves no choice, and
   then it is counted in `lost_samples`, which is kept in the file. What could not be kept at all is
   a gap, written with the next batch that is.
5. Exactly one connection, on one thread, holds the file (SQLite before 3.51.3 can damage a WAL
   database with two). It is locked exclusively: nobody else can open it meanwhile.
6. The journal always opens: a damaged file is moved to `journal.db.corrupt.<UTC time>` (with its
   `-wal`) and a new one begun. Only a file of a newer schema, which is not touched, or a folder
   that cannot be written, is refused.
7. A sink is given only batches whose clock is confirmed (up to `head`), and each of them with the
   same time whenever it is read.

**File** (`schema_v1.sql` and the steps after it; `user_version` is the schema's number. Schema 2
has the tables of 1: its number keeps programs that know no body of version 2 from opening it)

- `batch`: one row for each batch; `body` as below. `boot` and `mono_ms` are NULL when the clock
  behind `at_ms` was confirmed; else the boot's id and its steady time, whole seconds in ms that
  rise, and `at_ms` (here and in the body) is provisional: what the clock said.
- `boot`: from its batch `first_seq` on a boot was unconfirmed; `offset_ms` is what makes UTC of
  its steady time, NULL before it is confirmed; `how` says what did it. No batch of a confirmed
  boot is behind one of an unconfirmed one.
- `gap`: ticks that could not be journaled, before batch `next_seq`; the newest 1,000. With a
  `boot` their times are steady ones, which become UTC when it is confirmed.
- `spare`: rows of zeros, the reserve for a full disk.
- `sink`: what each known sink has not settled: everything above `head`, and the ranges.
- `dead`: what a receiver refused for good, or what was found damaged; at most 64 MiB, the oldest
  goes first and is counted.
- `ledger`: counters that outlive the process.

Beside it `journal.db.seq` holds a number that no sequence number has reached; it is raised in
steps before it is reached, and a new file begins there, as does an earlier copy of the file.

**Body**: `OVRB`, version u8 (2), flags u8 (1: with times), 0 u16, CRC-32 u32 of all that follows;
seq u64, at_ms i64, table u64, count u32, columns u32, packed u32, labels u32; a zstd frame of
`packed` bytes, and another one. Little endian. The first frame unpacks to `columns` bytes: the
series' numbers, values count f64, and with times count i64. The numbers are differences (the first
one from 0) of i32 as four planes: all their lowest bytes, all their second ones, and so on. The
second frame unpacks to `labels` bytes: for each different number, in rising order, the length of
its label bytes u32; then those bytes one after another. Numbers mean the same in all batches of
one `table`, a random number for each run of the program: whoever knows the labels of a table's
numbers need not unpack them again.

Version 1 (schema 1) is still read: seq u64, at_ms i64, count u32, size u32; one zstd frame of
`size` bytes: count lengths u32, the label bytes of each sample, values, and with times count i64.

**Recovery**: at open SQLite replays the WAL up to the last whole commit. Then `quick_check` reads
a file of up to 256 MiB in full, of a larger one only the small tables: each body carries its own
checksum and is verified when it is read. Damage that shows later leads to the same replacement
while the collector runs.

**Time**: `confirm` gives a boot its offset, and all earlier unconfirmed ones theirs (`placing.py`),
in one transaction; nothing of `batch` is written again, the offset is applied when it is read.
From then on `head` is the newest batch. A batch that was taken before and comes after it is
stamped as it is kept. An offset once given stays. When a damaged file is replaced, the new one
takes over that the boot is confirmed.

**Space**: above the size cap the oldest batches go that every known sink has settled, 16 at a
time; only if there is none the oldest of all. Without any known sink all are settled. Above the
age cap (against the newest batch, never the wall clock) settled ones go. Freed pages are used
again and given back to the file system little by little. When less than 64 MiB of the disk is
left, new batches take the pages of the oldest settled ones. Age counts for confirmed batches only.

When less than 8 MiB are left and nothing is settled, or a commit finds the disk full, 4 MiB of
`spare` become free pages, until none is left; it is filled again (a 64th of the cap, 32 MiB at
most) while more than 256 MiB of the disk are free. The WAL has its 16 MiB on disk from the start.
Then `append` raises JournalError, health says so, and the next `append` tries again.
"""

from collector.journal.batch import Batch
from collector.journal.records import Dead, SinkRecord
from collector.journal.store import Journal

__all__ = ["Batch", "Dead", "Journal", "SinkRecord"]
