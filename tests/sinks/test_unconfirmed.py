"""Sinks and batches whose clock nobody has confirmed."""

from msgspec.structs import replace

from collector.journal import Journal
from tests.sinks.conftest import delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.support.batches import START_MS, batch
from tests.support.http_answers import answering
from tests.support.waiting import until


async def test_nothing_is_sent_before_the_clock_is_confirmed(journal: Journal) -> None:
    """A sink at work sends what was before, waits while ticks of an unconfirmed clock come, and
    then has all of them; it was never behind."""
    receiver = Receiver()
    async with (
        answering(receiver) as server,
        delivering(journal, local(server.url)) as sink,
    ):
        await fill(journal, 3)
        await sink.drain()
        for mono_s in range(1, 41):
            one = batch(journal.next_seq, at_ms=1000 * mono_s)
            await journal.append(replace(one, boot="b", mono_ms=1000 * mono_s))
        await sink.drain()
        assert receiver.samples == 30
        assert sink.health().behind_s == 0
        right = START_MS + 100_000
        await journal.confirm("b", right, "NTP", now_ms=right + 41_000)
        await until(lambda: receiver.samples >= 430, "all of it is sent")
        await sink.drain()
        assert receiver.samples == 430
        assert sink.state.head == 43
        assert not sink.state.pending
