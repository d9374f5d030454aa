"""A process that puts records and sends them, until it is killed: `sender.py NODE.DB URL FIRST`.

Prints each record's number once its put has returned.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path

from tests.outbox.conftest import delivering, opened, queue


async def main(path: Path, url: str, first: int) -> None:
    """Put and send for ever."""
    db = await opened(path)
    async with delivering(db, url):
        for number in count(first):
            await queue(db, "events", f"e{number}", {"number": number})
            print(number, flush=True)  # noqa: T201  what the test reads
            await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
