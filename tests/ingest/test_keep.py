"""Posts into a real journal and node.db: once, with their own times, in series of their own."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from collector.app.recorder import Recorder, Tick
from collector.errors import JournalError
from collector.ingest import BadPost, Ingest, Meter, NotNow, UnknownMeter, posted
from collector.ingest.axm import Row
from collector.journal import Journal
from collector.model.kinds import AssetKind
from collector.model.series import decode_series
from collector.site.samples import Samples
from collector.store import NodeDb
from collector.supervisor import end
from tests.ingest.posts import CSV, FORM, SHAPE_A, SHAPE_B, form, text

NOW_MS = 1764955600_000
"""A minute and a half after the log of `CSV`."""
DAY_MS = 86_400_000
METER = Meter(
    device="stage-a", serial="AL12345678", asset="stage-a", kind=AssetKind.LOAD, system="stage-a"
)


class Node:
    """A journal, a recorder, a node.db, and posts."""

    def __init__(self, folder, db, journal):
        self.folder, self.db, self.journal = folder, db, journal
        self.now_ms = NOW_MS
        self.confirmed = True
        self.meters = [METER]
        self.filled = []
        self.recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
        self.ingest = Ingest(
            db,
            node="n1",
            site="field",
            zone="Europe/Berlin",
            meters=lambda: self.meters,
            append=self.recorder.keep,
            fill=self.fill,
            confirmed=lambda: self.confirmed,
            keep_ms=365 * DAY_MS,
            now_ms=lambda: self.now_ms,
        )

    async def fill(self, minutes):
        self.filled += minutes

    async def post(self, body, kind=FORM, serial=""):
        return await self.ingest.take(kind, body, serial)

    async def samples(self):
        """Everything journaled: series' names and labels, values, times."""
        found = []
        for batch in await self.journal.read(1, self.journal.newest, max_samples=10**6):
            assert batch.times is not None
            for series, value, at_ms in zip(batch.series, batch.values, batch.times, strict=True):
                found.append((*decode_series(series), value, at_ms))
        return found


@asynccontextmanager
async def running(folder):
    """A node on files in `folder`."""
    db = NodeDb(folder / "node.db")
    await db.open()
    journal = await Journal.open(folder / "journal.db", cap_bytes=1 << 26, max_age_s=1e9)
    node = Node(folder, db, journal)
    task = asyncio.create_task(node.recorder.run())
    try:
        yield node
    finally:
        await end(task)
        await journal.close()
        await db.close()


async def test_a_post_becomes_samples_with_their_own_times(tmp_path):
    """Each value is a sample of the meter's own series at the time that the meter says."""
    async with running(tmp_path) as node:
        kept = await node.post(form(CSV, "x.csv"))
        assert (kept.device, kept.rows, kept.samples, kept.repeated) == ("stage-a", 2, 7, 0)
        found = await node.samples()
    assert ("acuvim_ep_import", 36854.5, 1764955440000) in [(n, v, t) for n, _, v, t in found]
    assert len(found) == 7
    for _, labels, _, _ in found:
        assert labels == {
            "db": "telegraf", "node": "n1", "site": "field", "device": "stage-a", "unit": "1",
            "via": "axm",
        }  # fmt: skip


async def test_the_same_again_changes_nothing(tmp_path):
    """A post that comes again, whole, in part, in another form, or after a restart, is taken once;
    one that says something else of the same time is taken too."""
    async with running(tmp_path) as node:
        await node.post(text(SHAPE_B), "application/json")
        before = await node.samples()
        for again in (text(SHAPE_B), form(text(SHAPE_B), "1.json"), text([SHAPE_B, SHAPE_B])):
            kept = await node.post(again, FORM if again.startswith(b"--") else "application/json")
            assert (kept.rows, kept.samples) == (0, 0)
            assert kept.repeated >= 1
        assert await node.samples() == before
    async with running(tmp_path) as node:
        assert (await node.post(text(SHAPE_B), "application/json")).samples == 0
        more = {
            **SHAPE_B,
            "device": {**SHAPE_B["device"], "readings": [{"param": "V2", "value": 1}]},
        }
        assert (await node.post(text(more), "application/json")).samples == 1


async def test_two_at_once_are_taken_once(tmp_path):
    """The same post over two connections at the same instant is taken once."""
    async with running(tmp_path) as node:
        both = await asyncio.gather(*(node.post(form(CSV, "x.csv")) for _ in range(3)))
        assert sorted(kept.samples for kept in both) == [0, 0, 7]
        assert len(await node.samples()) == 7


async def test_overlapping_files_are_taken_row_by_row(tmp_path):
    """A file that repeats the end of the last one adds only what is new."""
    async with running(tmp_path) as node:
        await node.post(form(CSV, "x.csv"))
        longer = CSV + "3,2025-12-05 18:26:00 ,36855.1 ,9953.4 ,3.3 ,52653.6 ,\r\n"
        kept = await node.post(form(longer, "y.csv"))
        assert (kept.rows, kept.repeated, kept.samples) == (1, 2, 4)


async def test_nothing_from_the_future(tmp_path):
    """A clock that is a little ahead is waited for, the post comes again and loses nothing; rows
    that are far ahead are left out and told."""
    async with running(tmp_path) as node:
        node.now_ms = 1764955480_000  # between the two rows
        with pytest.raises(NotNow, match="ahead") as caught:
            await node.post(form(CSV, "x.csv"))
        assert caught.value.after_s == 21
        assert node.journal.newest == 0
        node.now_ms += 1000 * caught.value.after_s
        assert (await node.post(form(CSV, "x.csv"))).rows == 2
        far = CSV.replace("2025-12-05 18:25", "2027-12-05 18:25")
        kept = await node.post(form(far, "z.csv"))
        assert kept.left_out == {"from the future": 1}
        assert all(at_ms <= node.now_ms for *_, at_ms in await node.samples())


async def test_nothing_older_than_the_journal_keeps(tmp_path):
    """What the journal would not hold any more is left out and told."""
    async with running(tmp_path) as node:
        node.now_ms += 366 * DAY_MS
        kept = await node.post(form(CSV, "x.csv"))
        assert (kept.rows, kept.left_out) == (0, {"older than the journal keeps": 2})
        assert node.journal.newest == 0


async def test_only_meters_of_the_registry(tmp_path):
    """A post of a serial that nobody knows is refused as a whole; the surest word counts: a module
    that was put on another meter is not taken for the one before."""
    async with running(tmp_path) as node:
        for body, kind in (
            (form(CSV, "x.csv", "ZZ99/Acuvim"), FORM),
            (text(SHAPE_A), "application/json"),
            (CSV.encode(), "text/csv"),
        ):
            with pytest.raises(UnknownMeter, match="serial"):
                await node.post(body, kind)
        node.meters = [METER, Meter(
            device="b", serial="AND00123456", asset="b", kind=AssetKind.LOAD, system="b"
        )]  # fmt: skip
        assert (await node.post(text(SHAPE_A), "application/json")).device == "b"
        other = {**SHAPE_B, "device": {**SHAPE_B["device"], "serial": "ZZ99"}}
        with pytest.raises(UnknownMeter, match="ZZ99"):
            await node.post(text(other), "application/json")
        assert (await node.post(CSV.encode(), "text/csv", "al12345678")).device == "stage-a"


async def test_nothing_before_the_clock_is_right(tmp_path):
    """A node that does not know the time cannot say what is from the future: later."""
    async with running(tmp_path) as node:
        node.confirmed = False
        with pytest.raises(NotNow, match="what time it is"):
            await node.post(form(CSV, "x.csv"))


async def test_a_journal_that_keeps_nothing_takes_nothing(tmp_path):
    """When the journal refuses, the post is not remembered: it comes again and is taken then."""
    async with running(tmp_path) as node:
        real = node.journal.append

        async def full(*_):
            raise JournalError("no space left")

        node.journal.append = full
        with pytest.raises(JournalError, match="no space"):
            await node.post(form(CSV, "x.csv"))
        node.journal.append = real
        assert (await node.post(form(CSV, "x.csv"))).samples == 7


async def test_ticks_go_on_between_the_batches_of_a_large_post(tmp_path):
    """A post of a day of seconds is kept in small batches, and ticks go between them, in order;
    the numbers of the journal have no hole."""
    rows = "".join(f"{1764900000 + n},{n},{n},{n}\n" for n in range(20_000))
    async with running(tmp_path) as node:
        post = asyncio.create_task(
            node.post(f"Time Stamp,V1,V2,V3\n{rows}".encode(), "text/csv", METER.serial)
        )
        ticks = 0
        while not post.done():
            samples = Samples()
            samples.add(b"x", 1.0)
            node.recorder.offer(Tick(1_000_000 + 1000 * ticks, samples, []))
            ticks += 1
            await asyncio.sleep(0.02)
        assert (await post).samples == 60_000
        await node.recorder.flush(5)
        batches = await node.journal.read(1, node.journal.newest, max_samples=10**7)
    kinds = ["tick" if batch.times is None else "post" for batch in batches]
    assert kinds.count("tick") == ticks
    assert kinds.index("tick") < len(kinds) - 1 - kinds[::-1].index("post")
    assert max(len(batch) for batch in batches) <= 4000
    assert [batch.seq for batch in batches] == list(range(1, len(batches) + 1))
    assert [b.at_ms for b in batches] == sorted(b.at_ms for b in batches)


async def test_unknown_names_are_bounded(tmp_path):
    """Parameters that nobody knows are kept as they are, but not any number of them."""
    readings = [{"param": f"Odd{n}", "value": n} for n in range(399)]
    more = [{"param": f"Odder{n}", "value": n} for n in range(10)]
    async with running(tmp_path) as node:
        for number, some in enumerate((readings, more)):
            told = {"timestamp": 1757932200 + number, "device": {"serial": "AL12345678"}}
            kept = await node.post(text({**told, "readings": some}), "application/json")
    assert (kept.samples, kept.left_out) == (1, {"too many names": 9})


async def test_minutes_are_filled_when_they_are_settled(tmp_path):
    """Minutes of a log are given on once they are over for three minutes, merged over posts."""
    async with running(tmp_path) as node:
        for second, watts in ((0, 1000), (30, 3000)):
            body = f"Time Stamp,Psum [W]\n{1764955440 + second},{watts}\n".encode()
            await node.post(body, "text/csv", METER.serial)
        await node.ingest.fill_minutes()
        assert node.filled == []
        node.now_ms = 1764955440_000 + 60_000 + 180_000
        await node.ingest.fill_minutes()
        ((meter, minute),) = node.filled
        assert (meter, minute.means()) == (METER, {"load_power_w": 2000.0})
        await node.ingest.fill_minutes()
        assert len(node.filled) == 1


async def test_what_is_no_post_is_told(tmp_path):
    """Nonsense raises BadPost and leaves nothing behind."""
    async with running(tmp_path) as node:
        with pytest.raises(BadPost):
            await node.post(b"\x00\x01", "text/csv", METER.serial)
        assert node.journal.newest == 0


async def test_posts_that_wait_are_bounded(tmp_path):
    """More than a few posts at a time are put off: they come again."""
    async with running(tmp_path) as node:
        posts = [asyncio.create_task(node.post(form(CSV, "x.csv"))) for _ in range(6)]
        results = await asyncio.gather(*posts, return_exceptions=True)
        refused = [r for r in results if isinstance(r, NotNow)]
        assert len(refused) == 3
        assert (await node.post(form(CSV, "x.csv"))).repeated == 2


async def test_memory_of_rows_is_bounded(tmp_path):
    """Rows that were taken are remembered up to a number, the oldest times go first, and none that
    is older than what is taken at all."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    rows = [Row(1000 * n, {"u1": 1.0}) for n in range(100)]

    def remember(db):
        posted.remember(db, "a", rows, before_ms=20_000, most=50)
        return [at_ms for (at_ms,) in db.execute("SELECT at_ms FROM posted ORDER BY at_ms")]

    left = await db.run("remember", remember)
    assert left == [1000 * n for n in range(50, 100)]
    await db.close()
