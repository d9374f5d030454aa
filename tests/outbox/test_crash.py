"""The collector is killed while it sends: what was put is in the cloud, once, in order."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from tests.outbox.cloud import Cloud
from tests.outbox.conftest import delivering, opened, until_empty
from tests.support.http_answers import Reply, Request, answering
from tests.support.processes import environment

KILLS = 6


class Killer:
    """A cloud that kills who speaks to it, after so many requests: what it took is not answered."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self.sender: asyncio.subprocess.Process | None = None
        self.after = 0

    def __call__(self, request: Request) -> Reply:
        reply = self.cloud(request)
        self.after -= 1
        if self.after == 0 and self.sender is not None:
            self.sender.kill()
            return Reply(hang=True)
        return reply


async def started(path: Path, url: str, first: int) -> asyncio.subprocess.Process:
    """A sender that goes on from record `first`."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.outbox.sender",
        str(path),
        url,
        str(first),
        stdout=asyncio.subprocess.PIPE,
        env=environment(PYTHONPATH=str(Path(__file__).parents[2])),
    )


@pytest.mark.parametrize("seed", [1, 2])
async def test_kills_between_send_and_answer_cost_and_double_nothing(
    tmp_path: Path, seed: int
) -> None:
    """Each time the cloud has taken records that the killed process never heard of."""
    draw = random.Random(seed)
    killer = Killer()
    first = 0
    async with answering(killer) as server:
        for _ in range(KILLS):
            killer.after = draw.randint(1, 25)
            killer.sender = await started(tmp_path / "node.db", server.url, first)
            said, _ = await killer.sender.communicate()
            assert killer.sender.returncode == -9
            first = int(said.split()[-1]) + 1
        killer.sender = None
        db = await opened(tmp_path / "node.db")
        async with delivering(db, server.url):
            await until_empty(db)
        await db.close()
    revisions = killer.cloud.revisions["events"]
    assert revisions == sorted(set(revisions)), "each put once, in order"
    numbers = {int(one[1:]) for one in killer.cloud.order["events"]}
    assert set(range(first)) <= numbers, "everything that was put is there"
    assert killer.cloud.known > 0, "no kill fell between send and answer: this test proves nothing"
