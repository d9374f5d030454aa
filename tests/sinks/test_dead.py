"""The store of refused samples: looked at, sent again, given up."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from collector.journal import Dead, Journal
from collector.journal.refused import damaged
from collector.model.series import STALE, decode_series
from collector.sinks.dead import forget_dead, list_dead, resend_dead
from collector.sinks.deliver import Deliverer
from collector.sinks.remote_write import Gatherer, encode
from collector.sinks.resend import PATIENCE
from tests.sinks.conftest import FAST, delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.sinks.test_answers import _series as sent
from tests.sinks.test_victoriametrics import NOTHING_SETTLES, _stored
from tests.support.batches import SERIES, START_MS, batch, value
from tests.support.http_answers import Reply, Request, answering
from tests.support.victoriametrics import VictoriaMetrics
from tests.support.waiting import until

AT_ONCE = msgspec.structs.replace(FAST, settle_s=-10.0)
EPOCH = b'{"epoch": "a"}'


class Picky(Receiver):
    """Refuses one series until `content`."""

    def __init__(self) -> None:
        super().__init__(self._judge, epoch=EPOCH)
        self.content = False

    def _judge(self, request: Request, number: int) -> Reply | None:
        bad = any(series.labels == SERIES[3] for series in sent(request))
        return Reply(400, b"too many labels") if bad and not self.content else None


async def bury(journal: Journal, sink: str, count: int = 1) -> list[int]:
    """Entries in the store, one sample each."""
    for seq in range(1, count + 1):
        gatherer = Gatherer()
        gatherer.add(batch(seq, 3))
        (series,) = (one for one in gatherer.series() if one.labels == SERIES[0])
        await journal.bury(
            Dead(
                sink=sink,
                first_seq=seq,
                last_seq=seq,
                at_ms=5,
                reason="HTTP 400 x",
                samples=1,
                body=encode([series]),
            )
        )
    return [one.id for one in await journal.dead(sink)]


async def test_what_was_refused_is_shown(journal: Journal) -> None:
    """Each entry tells its sink, batch, reason and sample; pages follow each other by id."""
    receiver = Picky()
    await fill(journal, 3, samples=8)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().dead_samples == 3, "three are refused")
        sinks = {"local": sink}
        found = await list_dead(journal, sinks)
        assert [one.samples for one in found] == [1, 1, 1]
        assert sorted((one.sample_ms, one.value) for one in found) == [
            (START_MS + 1000 * seq, value(seq, 3)) for seq in (1, 2, 3)
        ]
        first = found[0]
        assert first.series == 'ovr_load_power_w{asset="bess-3",node="n1"}'
        assert first.reason == "HTTP 400 too many labels"
        assert (first.state, first.obstacle) == ("refused", "")
        assert first.first_seq <= (first.sample_ms - START_MS) / 1000 <= first.last_seq  # type: ignore[operator]
        page = await list_dead(journal, sinks, "local", after=first.id, limit=1)
        assert [one.id for one in page] == [found[1].id]
        assert await list_dead(journal, sinks, "other") == []


async def test_sent_again_it_leaves_the_store_once_the_receiver_surely_has_it(
    journal: Journal,
) -> None:
    """2xx alone takes nothing out of the store; the same receiver seen alive later does."""
    receiver = Picky()
    await fill(journal, 3, samples=8)
    slow = msgspec.structs.replace(FAST, settle_s=1e9)
    async with answering(receiver) as server:
        settings = local(server.url, epoch_url=f"{server.url}/e")
        async with delivering(journal, settings, slow) as sink:
            await until(lambda: sink.health().dead_samples == 3, "three are refused")
            assert sink.health().lossless is False
            assert "refuses 3 samples" in sink.health().lossless_why
            receiver.content = True
            done = await resend_dead(journal, {"local": sink}, None)
            assert [one.outcome for one in done] == ["sent"] * 3
            assert receiver.taken[SERIES[3]] == 3
            looks = len(server.requests)
            await until(lambda: len(server.requests) > looks + 2, "it is looked at again")
            found = await list_dead(journal, {"local": sink})
            assert [one.state for one in found] == ["sent"] * 3
        async with delivering(journal, settings, AT_ONCE) as sink:
            assert [one.state for one in await list_dead(journal, {"local": sink})] == [
                "refused"
            ] * 3
            await resend_dead(journal, {"local": sink}, None, "local")
            await until(lambda: sink.health().dead_samples == 0, "they have settled")
            assert await journal.dead() == []
            await until(lambda: sink.health().lossless is True, "nothing is missing any more")


async def test_a_restart_before_that_sends_it_again(
    journal: Journal, victoriametrics: Callable[..., VictoriaMetrics]
) -> None:
    """A receiver killed after its answer loses the sample; it is sent again by itself."""
    vm = victoriametrics()
    ids = await bury(journal, "local", 5)
    async with delivering(journal, local(vm.url), NOTHING_SETTLES) as sink:
        await resend_dead(journal, {"local": sink}, ids)
        assert sink.health().sent_samples == 5
        second = time.time() + 1.1
        await until(lambda: time.time() > second, "start times are whole seconds")
        await asyncio.to_thread(vm.kill)
        await asyncio.to_thread(vm.start)
        await until(lambda: sink.health().sent_samples == 10, "all five are sent again")
        await until(lambda: len(_stored(vm).get("bess-0", {})) == 5, "they are there")
        assert len(await journal.dead()) == 5


async def test_a_broken_connection_sends_it_again(journal: Journal) -> None:
    """Without a visible epoch any failure on the way puts what was answered in doubt."""
    receiver = Receiver()
    ids = await bury(journal, "local", 2)
    slow = msgspec.structs.replace(FAST, settle_s=1e9)
    async with answering(receiver) as server, delivering(journal, local(server.url), slow) as sink:
        await resend_dead(journal, {"local": sink}, ids)
        assert receiver.samples == 2
        failing = receiver.posts + 1
        receiver.refuse = lambda request, number: Reply(503) if number == failing else None
        await fill(journal, 1)
        await until(lambda: receiver.taken[SERIES[0]] == 5, "both, and the new one")


async def test_refused_again_it_stays(journal: Journal) -> None:
    """The receiver still refuses: the entry stays, with what the receiver says now."""
    receiver = Picky()
    await fill(journal, 1, samples=8)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().dead_samples == 1, "it is refused")
        (done,) = await resend_dead(journal, {"local": sink}, None)
        assert (done.outcome, done.why) == ("refused", "HTTP 400 too many labels")
        assert [one.state for one in await list_dead(journal, {"local": sink})] == ["refused"]
        assert sink.health().cause == ""


async def test_a_receiver_that_refuses_everything_is_not_asked_for_each(journal: Journal) -> None:
    """After twenty refusals in a row the rest is not tried, and says so; nothing is given up."""
    receiver = Receiver(lambda request, number: Reply(400, b"no"))
    ids = await bury(journal, "local", 60)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        done = await resend_dead(journal, {"local": sink}, ids)
        assert receiver.posts == PATIENCE
        assert [one.outcome for one in done] == ["refused"] * 60
        assert "not tried" in done[-1].why
        assert len(await journal.dead(limit=1000)) == 60
        receiver.refuse = lambda request, number: None
        done = await resend_dead(journal, {"local": sink}, ids)
        assert [one.outcome for one in done] == ["sent"] * 60


async def test_a_receiver_that_is_away_gets_it_later(journal: Journal) -> None:
    """While the link is down an entry waits, with the link's cause, and goes out by itself."""
    receiver = Receiver(lambda request, number: Reply(401, b"who?"), epoch=EPOCH)
    ids = await bury(journal, "local", 2)
    async with answering(receiver) as server:
        settings = local(server.url, epoch_url=f"{server.url}/e")
        async with delivering(journal, settings, AT_ONCE) as sink:
            done = await resend_dead(journal, {"local": sink}, ids, wait_s=0.3)
            assert [one.outcome for one in done] == ["waiting"] * 2
            assert "check the token" in done[0].why
            found = await list_dead(journal, {"local": sink})
            assert [one.state for one in found] == ["waiting"] * 2
            receiver.refuse = lambda request, number: None
            await until(lambda: sink.health().dead_samples == 0, "they are sent by themselves")
    assert receiver.taken == {SERIES[0]: 2}


async def test_damaged_batches_and_former_sinks_cannot_be_sent(journal: Journal) -> None:
    """They are shown with the reason; a damaged batch goes to no receiver, a former sink has
    none, an unknown id is told."""
    await journal.bury(damaged(7, START_MS, 10, b"junk", "a batch is damaged"))
    await bury(journal, "former")
    sinks: dict[str, Deliverer] = {}
    found = await list_dead(journal, sinks)
    assert [(one.sink, one.series, one.samples) for one in found] == [
        ("", "", 10),
        ("former", 'ovr_load_power_w{asset="bess-0",node="n1"}', 1),
    ]
    assert "damaged" in found[0].obstacle
    assert "node.toml" in found[1].obstacle
    done = await resend_dead(journal, sinks, [one.id for one in found] + [99])
    assert [(one.id, one.outcome) for one in done] == [
        (found[0].id, "impossible"),
        (found[1].id, "impossible"),
        (99, "impossible"),
    ]
    assert done[2].why == "there is no such entry"
    assert len(await journal.dead()) == 2


async def test_given_up_is_gone(journal: Journal) -> None:
    """Chosen entries, those of one sink, or all are given up, and health counts no more of them."""
    receiver = Picky()
    await fill(journal, 3, samples=8)
    await bury(journal, "former", 2)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        sinks = {"local": sink}
        await until(lambda: sink.health().dead_samples == 3, "three are refused")
        first = (await list_dead(journal, sinks, "local"))[0]
        assert await forget_dead(journal, sinks, [first.id, 999]) == 1
        assert sink.health().dead_samples == 2
        assert await forget_dead(journal, sinks, [first.id]) == 0
        former = (await journal.dead("former"))[0].id
        assert await forget_dead(journal, sinks, [former], "local") == 0
        assert await forget_dead(journal, sinks, None, "local") == 2
        assert sink.health().dead_samples == 0
        assert await forget_dead(journal, sinks, None) == 2
        assert await journal.dead() == []


async def test_what_is_given_up_on_its_way_is_sent_no_more(journal: Journal) -> None:
    """An entry that waits for its receiver and is given up meanwhile does not go out."""
    receiver = Receiver(lambda request, number: Reply(429, headers=(("Retry-After", "1"),)))
    ids = await bury(journal, "local", 2)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await resend_dead(journal, {"local": sink}, ids, wait_s=0.1)
        await until(lambda: sink.health().state == "backoff", "the first one waits")
        assert await forget_dead(journal, {"local": sink}, ids[:1]) == 1
        receiver.refuse = lambda request, number: None
        await until(lambda: receiver.samples > 0, "the other one goes out")
        assert receiver.taken == {SERIES[0]: 1}
        await until(lambda: sink.resends.condition(ids[1]) == "sent", "it is taken")


async def test_hostile_labels_and_stale_markers_are_shown_harmlessly(journal: Journal) -> None:
    """Control characters in labels are cleaned; a stale marker has no value; junk no content."""
    marked = batch(1, 3)
    marked.values[2] = STALE
    gatherer = Gatherer()
    gatherer.add(marked)
    (series,) = (one for one in gatherer.series() if one.labels == SERIES[0])
    evil = series._replace(labels=series.labels.replace(b"bess-0", b"\x1b[2J-0"))
    for body in (encode([evil]), b"\x0a\xff\xff", b""):
        await journal.bury(
            Dead(sink="local", first_seq=1, last_seq=1, at_ms=5, reason="x", samples=1, body=body)
        )
    found = await list_dead(journal, {})
    assert [one.series for one in found] == [
        'ovr_load_power_w{asset="·[2J-0",node="n1"}', "", "",
    ]  # fmt: skip
    assert [one.value for one in found] == [None] * 3
    assert found[0].sample_ms == START_MS + 1000
    async with answering(Receiver()) as server, delivering(journal, local(server.url)) as sink:
        done = await resend_dead(journal, {"local": sink}, None)
        assert {one.why for one in done if one.outcome == "refused"} == {"its bytes are damaged"}
    assert decode_series(SERIES[0])[0] == "ovr_load_power_w"
