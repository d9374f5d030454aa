"""Every answer a receiver can give, by a real HTTP server: right behaviour, and no sample lost."""

from array import array
from collections import Counter
from collections.abc import Callable
from math import inf, nan
from pathlib import Path

import cramjam
import pytest

from collector.journal import Batch, Journal, SinkRecord
from collector.model.series import STALE, decode_series
from collector.net.http import Answer, Unreachable
from collector.sinks import Http
from collector.sinks.remote_write import Gatherer, TimeSeries, decode
from tests.sinks.conftest import FAST, delivering, fill, local, open_journal
from tests.support.batches import SERIES, batch
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until

OK = Reply(204)
NOT_FOUND = Reply(404)


def _series(request: Request) -> list[TimeSeries]:
    pack = cramjam.zstd.decompress if _coding(request) == "zstd" else cramjam.snappy.decompress_raw
    return decode(bytes(pack(request.body)))


def _coding(request: Request) -> str:
    return request.headers["content-encoding"]


class Receiver:
    """Takes samples like a real one; `refuse` may answer otherwise first."""

    def __init__(
        self,
        refuse: Callable[[Request, int], Reply | None] = lambda request, number: None,
        epoch: bytes | None = None,
    ) -> None:
        self.refuse = refuse
        self.epoch = epoch
        self.taken: Counter[bytes] = Counter()
        self.posts = 0

    def __call__(self, request: Request) -> Reply:
        if request.method == "GET":
            return NOT_FOUND if self.epoch is None else Reply(200, self.epoch)
        self.posts += 1
        refusal = self.refuse(request, self.posts)
        if refusal is not None:
            return refusal
        for series in _series(request):
            self.taken[series.labels] += series.number
        return OK

    @property
    def samples(self) -> int:
        return self.taken.total()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 401, 403, 404, 409, 408, 418, 301])
async def test_an_unwelcome_status_keeps_everything(journal: Journal, status: int) -> None:
    """Back-off statuses cost no sample: all are sent again until they are taken."""
    receiver = Receiver(lambda _, number: Reply(status) if number <= 3 else None)
    await fill(journal, 5)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: receiver.posts >= 3, "it tries again")
        await until(lambda: receiver.samples >= 50, "all samples are taken in the end")
        await until(lambda: sink.health().state == "running", "it has recovered")
        assert sink.health().dead_samples == 0
    assert receiver.samples == 50


async def test_health_names_the_cause_while_it_lasts(journal: Journal) -> None:
    """A refused login is shown in words with what to do, and is gone after the recovery."""
    receiver = Receiver(lambda request, number: Reply(401, b"no such token"))
    await fill(journal, 1)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert "401" in sink.health().cause
        assert "no such token" in sink.health().cause
        assert "token or password" in sink.health().cause
        assert sink.health().owed_batches == 1 or sink.state.flying
        receiver.refuse = lambda request, number: None
        await until(lambda: sink.health().state == "running", "it has recovered")
        assert sink.health().cause == ""


async def test_retry_after_is_honoured(journal: Journal) -> None:
    """A receiver that asks for a minute is not asked again within it."""
    receiver = Receiver(lambda request, number: Reply(429, headers=(("Retry-After", "60"),)))
    await fill(journal, 1)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert sink._link._retry_at - sink._clock() > 50
        await fill(journal, 3)
        assert receiver.posts == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("-3", 0.0), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0)],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    """Both forms of Retry-After are understood; anything else counts as not said."""
    assert Answer(status=429, retry_after=text).retry_after_s(60.0) == seconds


async def test_a_web_page_is_no_receiver(journal: Journal) -> None:
    """A captive portal that answers 200 with HTML takes no samples: everything stays owed."""
    portal = Reply(200, b"<html>log in</html>", (("Content-Type", "text/html; charset=x"),))
    receiver = Receiver(lambda request, number: portal if number <= 2 else None)
    await fill(journal, 2)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: "portal" in sink.health().cause, "it says what is wrong")
        await until(lambda: receiver.samples == 20, "all samples are taken in the end")


async def test_too_large_is_halved(journal: Journal) -> None:
    """413 halves the request until it fits; every sample arrives once, none is refused."""
    receiver = Receiver(lambda request, number: Reply(413) if len(request.body) > 2000 else None)
    await fill(journal, 4, samples=200)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: receiver.samples >= 800, "all samples are taken")
        assert sink.health().dead_samples == 0
        assert sink.health().cause == ""
    assert receiver.samples == 800


async def test_a_poisoned_series_goes_to_dead_alone(journal: Journal) -> None:
    """400 for one series: the others are taken, its samples are kept apart, counted, and named."""

    def refuse(request: Request, number: int) -> Reply | None:
        bad = any(series.labels == SERIES[33] for series in _series(request))
        return Reply(400, b"bad [bold]label\x1b[31m") if bad else None

    receiver = Receiver(refuse)
    await fill(journal, 3, samples=100)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().dead_samples == 3, "three samples are refused")
        await until(lambda: not sink.state.flying and not sink.state.pending, "the rest is taken")
        dead = await journal.dead("local")
        posts = receiver.posts
        await fill(journal, 1, samples=100)
        await until(lambda: sink.health().dead_samples == 4, "it stays refused")
        assert receiver.posts - posts <= 4
    assert all(SERIES[33] not in labels for labels in receiver.taken)
    assert receiver.samples >= 99 * 3
    assert {row.reason for row in dead} == {"HTTP 400 bad [bold]label·[31m"}
    kept = [series for row in dead for series in decode(row.body)]
    assert {series.labels for series in kept} == {SERIES[33]}
    assert sum(series.number for series in kept) == 3


async def test_when_everything_is_refused_nothing_is_poison(journal: Journal) -> None:
    """400 for all (vmauth with a wrong token): few small requests, nothing dead, all kept."""
    receiver = Receiver(lambda request, number: Reply(400, b"missing auth"))
    await fill(journal, 3, samples=100)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert receiver.posts <= 40
        assert "refuses everything" in sink.health().cause
        assert sink.health().dead_samples == 0
        receiver.refuse = lambda request, number: None
        await until(lambda: receiver.samples >= 300, "all samples are taken in the end")
        assert await journal.dead() == []


async def test_a_token_that_ends_in_mid_bisection_kills_nothing(journal: Journal) -> None:
    """When the receiver takes parts and then refuses everything, no refused part is poison."""

    def refuse(request: Request, number: int) -> Reply | None:
        return None if number == 2 else Reply(400, b"go away") if number < 60 else None

    receiver = Receiver(refuse)
    await fill(journal, 1, samples=8)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert sink.health().dead_samples == 0
        await until(lambda: sink.health().state == "running", "all is taken in the end")
        assert sink.health().dead_samples == 0
    assert set(receiver.taken) == set(batch(1, 8).series)


@pytest.mark.parametrize("reply", [Reply(204, cut=0), Reply(200, b"x" * 50, cut=70)])
async def test_a_broken_connection_costs_nothing(journal: Journal, reply: Reply) -> None:
    """Closed before or within the answer: sent again, and nothing is missing."""
    receiver = Receiver(lambda request, number: reply if number <= 4 else None)
    await fill(journal, 3)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "running", "it has recovered")
        await until(lambda: not sink.state.pending and not sink.state.flying, "all is taken")
    assert set(receiver.taken) == set(batch(1).series)
    assert all(number >= 3 for number in receiver.taken.values())


async def test_an_idle_reset_is_tried_again_at_once(journal: Journal) -> None:
    """A connection that breaks without an answer is replaced without backing off."""
    receiver = Receiver(lambda request, number: Reply(204, cut=0) if number == 2 else None)
    await fill(journal, 1)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: receiver.samples == 10, "the first is taken")
        await fill(journal, 1)
        await until(lambda: receiver.samples >= 20, "the second is taken")
        assert sink._link.tries == 0
        assert sink.health().cause == ""


async def test_a_failure_on_the_way_sends_the_last_minute_again(journal: Journal) -> None:
    """After a 503 everything answered within the last minute goes out once more."""
    receiver = Receiver()
    await fill(journal, 5)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: receiver.samples == 50, "five are taken")
        failing = receiver.posts + 1
        receiver.refuse = lambda request, number: Reply(503) if number == failing else None
        await fill(journal, 1)
        await until(lambda: receiver.samples >= 110, "all six are taken again")
        await until(lambda: not sink.state.pending, "then it rests")
        assert sink.health().settled == 0


async def test_a_changed_epoch_sends_the_last_minute_again(journal: Journal) -> None:
    """When `epoch_url` names another epoch, everything unsettled is sent again, unasked."""
    receiver = Receiver(epoch=b'{"epoch": "a", "encodings": ["snappy"]}')
    await fill(journal, 5)
    async with answering(receiver) as server:
        settings = local(server.url, epoch_url=f"{server.url}/v1/receiver")
        async with delivering(journal, settings) as sink:
            await until(lambda: receiver.samples == 50, "five are taken")
            assert sink.health().lossless is True
            receiver.epoch = b'{"epoch": "b", "encodings": ["snappy"]}'
            await until(lambda: receiver.samples == 100, "they are taken again")


async def test_an_invisible_epoch_is_never_called_lossless(journal: Journal) -> None:
    """A receiver that shows no start time, or a proxy that shows its own, is not lossless."""
    receiver = Receiver()
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().lossless is False, "no epoch is seen")
        receiver.epoch = b"process_start_time_seconds 1.7e9\nvmauth_http_requests_total 3\n"
        await until(lambda: sink.state.epoch is not None, "the proxy's epoch is seen")
        assert sink.health().lossless is False
        receiver.epoch += b'vm_rows{type="storage/big"} 0\n'
        await until(lambda: sink.health().lossless is True, "a storage's epoch vouches")


async def test_zstd_only_where_the_receiver_says_so(journal: Journal) -> None:
    """Snappy by default; zstd once the receiver offers it, and back when it refuses it."""
    receiver = Receiver(epoch=b'{"epoch": 1, "encodings": ["zstd"]}')
    async with answering(receiver) as server:
        settings = local(server.url, epoch_url=f"{server.url}/v1/receiver")
        async with delivering(journal, settings):
            await fill(journal, 1)
            await until(lambda: receiver.samples == 10, "the first is taken")
            assert {_coding(post) for post in server.posts()} == {"zstd"}
        receiver.epoch = None
        receiver.refuse = lambda r, number: Reply(415) if _coding(r) == "zstd" else None
        async with delivering(journal, local(server.url)):
            await fill(journal, 1)
            await until(lambda: receiver.samples >= 20, "the second is taken")
            assert _coding(server.posts()[-1]) == "snappy"


async def test_the_login_goes_only_where_samples_go(journal: Journal) -> None:
    """Token and password are sent to the receiver, never to an epoch URL of another host."""
    async with answering(Receiver()) as server, answering(Receiver()) as stranger:
        settings = local(server.url, token="secret-1", epoch_url=f"{stranger.url}/v1/receiver")
        async with delivering(journal, settings) as sink:
            await fill(journal, 1)
            await until(lambda: sink.state.head == 1 and not sink.state.flying, "it is taken")
        assert server.posts()[0].headers["authorization"] == "Bearer secret-1"
        assert server.posts()[0].path == "/api/v1/write"
        assert stranger.requests
        assert all("authorization" not in request.headers for request in stranger.requests)
        assert "secret-1" not in repr(settings)


async def test_live_goes_first_after_an_outage(journal: Journal) -> None:
    """After an outage the newest batch is in the first request, the backlog follows beside."""
    await fill(journal, 300)
    receiver = Receiver()
    seen: list[set[int]] = []

    def note(request: Request, number: int) -> None:
        stamps = {int.from_bytes(s.samples[-6:], "little") for s in _series(request)}
        seen.append(stamps)

    receiver.refuse = note
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await sink.drain()
        assert receiver.samples == sink.health().sent_samples == 3000
        assert sink.health().sent_bytes == sum(len(p.body) for p in server.posts())
        assert sink.health().sent_batches == 300
    newest = {int.from_bytes(s.samples[-6:], "little") for s in _newest()}
    assert seen[0] == newest


def _newest() -> list[TimeSeries]:
    gatherer = Gatherer()
    gatherer.add(batch(300))
    return gatherer.series()


async def test_in_order_nothing_overtakes(journal: Journal) -> None:
    """`oldest-first` sends batches strictly in the order of their ticks, failures or not."""
    await fill(journal, 50)
    stamps: list[int] = []

    def note(request: Request, number: int) -> Reply | None:
        if number in (2, 4):
            return Reply(429)
        for series in _series(request):
            if series.labels == SERIES[0]:
                stamps.extend(_times(series))
        return None

    receiver = Receiver(note)
    async with answering(receiver) as server:
        settings = local(server.url, order="oldest-first")
        async with delivering(journal, settings, FAST) as sink:
            sink._reader.samples = 100
            await until(lambda: receiver.samples >= 500, "all is taken")
            await fill(journal, 10)
            await until(lambda: receiver.samples >= 600, "the new ones too")
    assert len(stamps) == 60
    assert stamps == sorted(stamps)


def _times(series: TimeSeries) -> list[int]:
    size = len(series.samples) // series.number
    times = []
    for start in range(0, len(series.samples), size):
        number = shift = 0
        for byte in series.samples[start + 12 : start + size]:
            number |= (byte & 0x7F) << shift
            shift += 7
        times.append(number)
    return times


async def test_the_past_is_known_after_a_restart(journal: Journal, tmp_path: Path) -> None:
    """A new sink object on the same journal sends what was owed, and not what had settled."""
    receiver = Receiver(epoch=b'{"epoch": 1}')
    await fill(journal, 10)
    async with answering(receiver) as server:
        settings = local(server.url, epoch_url=f"{server.url}/e")
        pace = FAST.__class__(settle_s=0.0, look_s=0.1, save_s=0.1, rest=0.0)
        async with delivering(journal, settings, pace) as sink:
            await until(lambda: sink.health().settled == 10, "ten have settled")
        await fill(journal, 5)
        async with delivering(journal, settings, pace) as sink:
            await until(lambda: sink.health().settled == 15, "five more have settled")
    assert receiver.samples == 150


async def test_batches_that_are_gone_hold_nothing_up(tmp_path: Path) -> None:
    """When the journal has deleted what was owed, the sink goes on with what is there."""
    journal = await Journal.open(tmp_path / "j.db", cap_bytes=300_000, max_age_s=1e9)
    try:
        await journal.save_sink(SinkRecord(name="local", head=100, unsettled=((1, 100),)))
        await fill(journal, 300, samples=200)
        first = journal.first
        assert first > 50
        receiver = Receiver()
        async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
            await until(
                lambda: not sink.state.pending and sink.state.head == 300, "nothing is owed"
            )
            await until(lambda: not sink.state.flying, "nothing flies")
        assert receiver.samples == (301 - first) * 200
    finally:
        await journal.close()


async def test_a_refused_connection_names_the_place(journal: Journal) -> None:
    """Nobody listens: the cause names host and port, without user and password."""
    await fill(journal, 1)
    settings = local("http://who:secret@127.0.0.1:9")
    async with delivering(journal, settings) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert "127.0.0.1:9" in sink.health().cause
        assert "secret" not in sink.health().cause


async def test_a_hostile_token_is_no_header(journal: Journal) -> None:
    """A token with line breaks can neither split the request nor be shown."""
    receiver = Receiver()
    await fill(journal, 1)
    async with (
        answering(receiver) as server,
        delivering(journal, local(server.url, token="a\r\nX-Evil: 1")) as sink,
    ):
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert "Evil" not in sink.health().cause
    assert receiver.posts == 0


async def test_a_hanging_receiver_times_out(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that takes a request and says nothing is given up after the limit."""
    monkeypatch.setattr("collector.net.http.WHOLE_S", 0.2)
    async with answering(lambda request: Reply(hang=True)) as server, Http() as http:
        with pytest.raises(Unreachable, match="no answer in time"):
            await http.post(f"{server.url}/api/v1/write", b"x", {})


async def test_drain_waits_for_the_last_answer(journal: Journal) -> None:
    """`drain` returns once everything journaled has been answered."""
    receiver = Receiver()
    await fill(journal, 20)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await sink.drain()
        assert receiver.samples == 200


async def test_bad_numbers_never_leave(journal: Journal) -> None:
    """Infinite values, other NaNs and impossible times are left out and counted; the rest goes."""
    await journal.append(
        Batch(
            seq=1,
            at_ms=1_790_000_000_000,
            series=[SERIES[0], SERIES[1], SERIES[2], SERIES[3], b"junk"],
            values=array("d", [1.0, nan, inf, STALE, 2.0]),
        )
    )
    await journal.append(Batch(seq=2, at_ms=-5, series=[SERIES[4]], values=array("d", [1.0])))
    receiver = Receiver()
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await sink.drain()
        assert sink._sender.dropped == {
            "value not finite": 2,
            "series without name": 1,
            "time out of range": 1,
        }
    assert {decode_series(labels)[1]["asset"] for labels in receiver.taken} == {"bess-0", "bess-3"}


async def test_a_full_journal_keeps_refused_samples_owed(tmp_path: Path) -> None:
    """When refused samples cannot be kept apart, their batch stays owed instead of vanishing."""
    journal = await open_journal(tmp_path / "j.db")
    try:
        await fill(journal, 1, samples=100)
        receiver = Receiver(
            lambda request, number: (
                Reply(400)
                if any(series.labels == SERIES[5] for series in _series(request))
                else None
            )
        )
        database = journal._database
        await journal._call(lambda: database._db.execute("PRAGMA query_only = 1"))
        async with answering(receiver) as server:
            async with delivering(journal, local(server.url)) as sink:
                pass
            await journal._call(lambda: database._db.execute("PRAGMA query_only = 0"))
            async with delivering(journal, local(server.url)) as sink:
                await until(lambda: sink.health().dead_samples == 1, "it is kept apart at last")
    finally:
        await journal.close()
