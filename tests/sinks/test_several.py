"""Any number of sinks on one journal: each goes its own way."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import cramjam

from collector.journal import Journal
from collector.model.series import encode_series
from collector.sinks import Deliverer
from collector.sinks.state import SinkState
from tests.sinks.conftest import delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.support.batches import batch
from tests.support.http_answers import Reply, answering
from tests.support.waiting import until

EPOCH = b'{"epoch": "a", "encodings": ["zstd"]}'


async def test_two_clouds_and_a_local_one(journal: Journal) -> None:
    """Two thinned sinks and a full one: what is wrong with one of them harms no other, and each
    gets all that is for it."""
    await fill(journal, 300)
    up, down, here = Receiver(epoch=EPOCH), Receiver(lambda r, n: Reply(401)), Receiver()
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(answering(one)) for one in (up, down, here)]
        settings = [
            local(servers[0].url, name="cloud", resolution_s=10, epoch_url=f"{servers[0].url}/e"),
            local(servers[1].url, name="cloud-2", resolution_s=10),
            local(servers[2].url),
        ]
        sinks = [await stack.enter_async_context(delivering(journal, one)) for one in settings]
        await sinks[0].drain()
        await sinks[2].drain()
        assert here.samples == 3000
        await until(lambda: sinks[1].health().state == "backoff", "one backs off")
        assert "401" in sinks[1].health().cause
        assert [sinks[n].health().cause for n in (0, 2)] == ["", ""]
        down.refuse = lambda request, number: None
        await sinks[1].drain()
        assert set(up.taken) == set(down.taken) == set(batch(1).series)
        assert up.taken == down.taken
        assert sinks[0].health().sent_bytes < sinks[2].health().sent_bytes
        await until(lambda: sinks[0].health().lossless is True, "one vouches")
        assert sinks[1].health().lossless is False


async def test_each_keeps_what_it_refused_for_itself(journal: Journal) -> None:
    """What one receiver refuses is dead for it alone; the other one has it."""
    picky = Receiver(lambda r, n: Reply(400) if b"bess-3" in _raw(r.body) else None)
    good = Receiver()
    await fill(journal, 2, samples=8)
    async with (
        answering(picky) as one,
        answering(good) as two,
        delivering(journal, local(one.url, name="one")) as first,
        delivering(journal, local(two.url, name="two")) as second,
    ):
        await until(lambda: first.health().dead_samples == 2, "two are refused")
        await second.drain()
        assert second.health().dead_samples == 0
    assert good.samples == 16
    assert await journal.dead_samples() == {"one": 2}
    assert encode_series("ovr_load_power_w", {"asset": "bess-3", "node": "n1"}) in good.taken


def _raw(body: bytes) -> bytes:
    return bytes(cramjam.snappy.decompress_raw(body))


async def _tidy(journal: Journal) -> None:
    """Wait until the journal keeps its cap and has nothing left to tidy up."""
    health = journal.health
    await until(
        lambda: journal._tidying is None and health().bytes <= health().cap_bytes,
        "the cap is kept",
    )


async def test_one_that_is_gone_holds_nothing_one_that_is_new_gets_all(tmp_path: Path) -> None:
    """A journal at its cap loses batches, counted, while a known sink waits for them; once that one
    is taken out of the configuration none is lost any more, and a new one gets all that is held."""
    journal = await Journal.open(tmp_path / "j.db", cap_bytes=600_000, max_age_s=1e9)
    try:
        async with delivering(journal, local("http://127.0.0.1:9", name="away")) as away:
            await fill(journal, 1)
            await until(lambda: away.health().state == "backoff", "nobody is there")
        await fill(journal, 600, samples=100)
        await _tidy(journal)
        lost = journal.health().lost_samples
        assert lost > 0
        await journal.keep_sinks(["new"])
        await fill(journal, 600, samples=100)
        await _tidy(journal)
        assert journal.health().lost_samples == lost
        held = journal.head - journal.first + 1
        assert 0 < held < 600
        receiver = Receiver()
        async with (
            answering(receiver) as server,
            delivering(journal, local(server.url, name="new")) as new,
        ):
            await new.drain()
            assert receiver.samples == held * 100
            await until(lambda: new.health().behind_s == 0, "it is not behind any more")
    finally:
        await journal.close()


async def test_one_at_a_time_is_enough(journal: Journal) -> None:
    """Ten sinks on one journal come to rest; each has everything once."""
    await fill(journal, 20)
    receivers = [Receiver() for _ in range(10)]
    async with AsyncExitStack() as stack:
        sinks = []
        for number, receiver in enumerate(receivers):
            server = await stack.enter_async_context(answering(receiver))
            settings = local(server.url, name=f"s{number}")
            sinks.append(await stack.enter_async_context(delivering(journal, settings)))
        await asyncio.gather(*(sink.drain() for sink in sinks))
    assert [receiver.samples for receiver in receivers] == [200] * 10


async def test_what_is_under_way_counts_as_behind(journal: Journal) -> None:
    """While the oldest batches are read and sent, the sink is as far behind as they are old, not as
    those that wait behind them."""
    await fill(journal, 100)
    sink = Deliverer(local("http://127.0.0.1:9"), journal)
    sink.state = SinkState(head=100, owed=((51, 100),), flying=((1, 50),))
    assert await sink._measure_behind() == 99
    sink.state = SinkState(head=100, owed=((51, 100),))
    assert await sink._measure_behind() == 49
    sink.state = SinkState(head=100)
    assert await sink._measure_behind() == 0
