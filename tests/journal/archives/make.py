"""Writes a small journal by the program it is run with, and says what must be in it.

`git worktree add /tmp/then COMMIT; PYTHONPATH=/tmp/then python make.py FILE` makes the archive of
an earlier schema; a new schema gets its archive before it is changed again.
"""

import asyncio
import struct
import sys
from array import array
from pathlib import Path

from collector.journal import Batch, Dead, Journal, SinkRecord

START_MS = 1_790_000_000_000
BATCHES = 12
ODD = (0.1, -0.0, float("inf"), 5e-324, 1.7976931348623157e308, 1 / 3)


def expected(seq: int) -> Batch:
    """Batch `seq` of every archive: odd values, a stale marker, in each fourth own times."""
    count = 3 + seq
    series = [
        b"ovr_load_power_w\xffasset\xffa-%d\xffnode\xffn-%s" % (n, b"\xc3\xa9")
        for n in range(count)
    ]
    values = array("d", [ODD[(seq + n) % len(ODD)] * (n + 1) for n in range(count - 1)])
    values.frombytes(struct.pack("=Q", 0x7FF0000000000002))
    times = array("q", [START_MS - 60_000 * n for n in range(count)]) if seq % 4 == 0 else None
    return Batch(seq=seq, at_ms=START_MS + 1000 * seq, series=series, values=values, times=times)


SINK = SinkRecord(name="local", head=9, unsettled=((3, 4), (8, 9)))
DEAD = Dead(
    sink="local",
    first_seq=2,
    last_seq=2,
    at_ms=START_MS,
    reason="HTTP 400",
    samples=3,
    body=b"\x00\xff",
)


async def main(path: Path) -> None:
    """Write the archive."""
    journal = await Journal.open(path, cap_bytes=1 << 30, max_age_s=1e9, clock=lambda: START_MS)
    for seq in range(1, BATCHES + 1):
        await journal.append(expected(seq))
    await journal.save_sink(SINK)
    await journal.bury(DEAD)
    await journal.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
