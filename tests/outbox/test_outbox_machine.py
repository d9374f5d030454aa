"""The outbox against a simple model, through puts, sends, lost answers, refusals and power cuts.

Whatever happens: in the end the cloud holds the newest revision of each record, stored each
revision at most once, and in the order in which they were put.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from collector.model.outbox import KINDS
from tests.outbox.cloud import CUT, Cloud, problem
from tests.outbox.conftest import delivering, left, opened, queue, until_empty
from tests.support.http_answers import Reply, Request, answering

USED = ("events", "log", "systems", "rollups")
BEFORE = {
    "cut": CUT,
    "cut in the answer": Reply(200, b"x" * 50, cut=60),
    "400": problem(400, "bad"),
    "foreign 400": Reply(400, b"who are you"),
    "413": Reply(413),
    "429": Reply(429, headers=(("Retry-After", "0.01"),)),
    "500": Reply(500),
    "nonsense": Reply(200, b"{}"),
    "nothing looked at": Reply(200, b'{"schema": 1, "results": []}'),
}
"""What goes wrong before the cloud has done anything."""
FATES = ("well", "answer lost", *BEFORE)


class Fates:
    """Deals one fate to each request; all is well when none is left."""

    def __init__(self, cloud: Cloud, fates: list[str]) -> None:
        self.left = list(fates)
        self._now = "well"
        cloud.trouble, cloud.lose = self._before, self._after

    def _before(self, request: Request) -> Reply | None:
        self._now = self.left.pop(0) if self.left else "well"
        return BEFORE.get(self._now)

    def _after(self, request: Request) -> Reply | None:
        return CUT if self._now == "answer lost" else None


class OutboxMachine(RuleBasedStateMachine):
    """`put` is every put by kind, in order: record id and revision."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.generation = 0
        self.cloud = Cloud()
        self.put: dict[str, list[tuple[str, int]]] = {kind: [] for kind in USED}
        self.overtaken = False
        self.db = self.runner.run(opened(self._folder() / "node.db"))

    def _folder(self) -> Path:
        folder = self.folder / str(self.generation)
        folder.mkdir(exist_ok=True)
        return folder

    @rule(kind=st.sampled_from(USED), name=st.sampled_from("abc"), again=st.integers(1, 30))
    def a_record_changes(self, kind: str, name: str, again: int) -> None:
        for _ in range(again):
            number = len(self.put[kind])
            revision = self.runner.run(queue(self.db, kind, name, {"number": number}))
            self.put[kind].append((name, revision))

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=12))
    def it_sends(self, fates: list[str]) -> None:
        self.runner.run(self._send(fates))

    async def _send(self, fates: list[str]) -> None:
        dealt = Fates(self.cloud, fates)
        async with answering(self.cloud) as server, delivering(self.db, server.url) as outbox:
            while dealt.left and await outbox.items(state="waiting", limit=1):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            self.overtaken |= bool(await outbox.items(state="refused"))

    @rule()
    def the_power_fails(self) -> None:
        """What is on disk at this moment, WAL included, is what the next program finds."""
        before = self._folder()
        self.generation += 1
        shutil.copytree(before, self._folder(), dirs_exist_ok=True)
        self.runner.run(self.db.close())
        self.db = self.runner.run(opened(self._folder() / "node.db"))

    @rule()
    def a_person_sends_refused_ones_again(self) -> None:
        self.runner.run(self._send_again())

    async def _send_again(self) -> None:
        async with delivering(self.db, None) as outbox:
            await outbox.resend([one.revision for one in await outbox.items(state="refused")])

    async def _deliver_all(self) -> None:
        Fates(self.cloud, [])
        await self._send_again()
        async with answering(self.cloud) as server, delivering(self.db, server.url):
            await until_empty(self.db)

    def teardown(self) -> None:
        try:
            self.runner.run(self._deliver_all())
            assert self.runner.run(left(self.db)) == []
            for kind, put in self.put.items():
                self._check(kind, put)
        finally:
            self.runner.run(self.db.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def _check(self, kind: str, put: list[tuple[str, int]]) -> None:
        revisions = self.cloud.revisions.get(kind, [])
        assert len(revisions) == len(set(revisions)), "a revision was stored twice"
        for name, revision in dict(put).items():
            record = self.cloud.newest[kind, name]
            assert record.revision == revision, "the newest revision is there"
            number = msgspec.json.decode(record.body)["number"]
            assert put[number] == (name, revision), "with its own body"
        if not self.overtaken:
            assert revisions == sorted(revisions)
            if not KINDS[kind].newest:
                assert revisions == [revision for _, revision in put], "each one was sent"


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=40, stateful_step_count=12)
