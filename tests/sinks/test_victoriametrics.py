"""Against the real receiver: what was journaled is there, once, whatever dies meanwhile."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from collector.journal import Journal
from collector.model.series import STALE
from collector.sinks.pace import Pace
from tests.sinks.conftest import FAST, delivering, fill, local, open_journal
from tests.support.batches import START_MS, batch, value
from tests.support.victoriametrics import VictoriaMetrics
from tests.support.waiting import until

Make = Callable[..., VictoriaMetrics]

NOTHING_SETTLES = Pace(settle_s=1e9, look_s=0.1, save_s=0.1, rest=0.0, back_off=lambda tries: 0.05)


def _stored(vm: VictoriaMetrics) -> dict[str, dict[int, float]]:
    """Value by time, of each series by its asset (or name)."""
    found: dict[str, dict[int, float]] = {}
    for line in vm.export('{node="n1"}'):
        name = line["metric"].get("asset") or line["metric"]["__name__"]
        assert len(set(line["timestamps"])) == len(line["timestamps"]), "a sample is there twice"
        found[name] = dict(zip(line["timestamps"], line["values"], strict=True))
    return found


def _missing(vm: VictoriaMetrics, last: int, samples: int, first: int = 1) -> list[str]:
    """What differs between the receiver and what was journaled, sample by sample."""
    stored = _stored(vm)
    wrong = []
    for seq in range(first, last + 1):
        at = START_MS + 1000 * seq
        for number in range(samples - 2):
            want = value(seq, number)
            got = stored.get(f"bess-{number}", {}).get(at)
            if got is None or abs(got - want) > 1e-9 * abs(want):
                wrong.append(f"batch {seq}, series {number}: {got} instead of {want}")
        if stored.get("ovr_node_batch_seq", {}).get(at) != seq:
            wrong.append(f"batch {seq}: its number is missing")
        if stored.get("ovr_node_batch_samples", {}).get(at) != samples:
            wrong.append(f"batch {seq}: its count is missing")
    return wrong


async def _check(vm: VictoriaMetrics, last: int, samples: int) -> None:
    """Nothing is missing and nothing is changed; stored samples are visible after seconds."""
    deadline = time.monotonic() + 20
    while wrong := await asyncio.to_thread(_missing, vm, last, samples):
        assert time.monotonic() < deadline, (len(wrong), wrong[:5])
        await asyncio.sleep(0.2)


async def test_the_receiver_holds_what_was_journaled(
    journal: Journal, victoriametrics: Make
) -> None:
    """Delivered equals journaled, counted and compared by export, sample by sample."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url)) as sink:
        await fill(journal, 100, samples=50)
        await sink.drain()
        assert sink.health().lossless is True
        assert sink.health().dead_samples == 0
        await _check(vm, 100, 50)
    count = vm.get("/api/v1/query", query="count(ovr_load_power_w)", time=str(START_MS / 1000 + 50))
    assert b'"48"' in count


async def test_a_stale_marker_ends_a_series(journal: Journal, victoriametrics: Make) -> None:
    """A journaled stale marker reaches the receiver as one (export shows null)."""
    vm = victoriametrics()
    marked = batch(2, 5)
    marked.values[2] = STALE
    async with delivering(journal, local(vm.url)) as sink:
        await journal.append(batch(1, 5))
        await journal.append(marked)
        await sink.drain()
        await until(lambda: len(_stored(vm).get("bess-0", {})) == 2, "both are stored")
    assert list(_stored(vm)["bess-0"].values())[1] is None


async def test_a_killed_receiver_gets_everything_again(
    journal: Journal, victoriametrics: Make
) -> None:
    """Killed by SIGKILL in mid-run, twice: what it had answered and lost is sent again."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url)) as sink:
        for _ in range(2):
            await fill(journal, 40, samples=30)
            await sink.drain()
            await asyncio.to_thread(vm.kill)
            await fill(journal, 20, samples=30)
            await asyncio.to_thread(vm.start)
            await fill(journal, 20, samples=30)
        await _check(vm, 160, 30)


async def test_a_receiver_killed_while_idle_is_noticed(
    journal: Journal, victoriametrics: Make
) -> None:
    """No request fails: only the changed start time tells of the restart, and that is enough."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url), NOTHING_SETTLES) as sink:
        await fill(journal, 30, samples=20)
        await sink.drain()
        second = time.time() + 1.1
        await until(lambda: time.time() > second, "start times are whole seconds")
        await asyncio.to_thread(vm.kill)
        await asyncio.to_thread(vm.start)
        await until(lambda: sink.health().sent_samples >= 1200, "all is sent again")
        await sink.drain()
        await _check(vm, 30, 20)


async def test_without_the_settled_rule_samples_are_lost(
    journal: Journal, victoriametrics: Make
) -> None:
    """The check can fail: a sink that trusts each answer at once loses samples."""
    vm = victoriametrics()
    careless = Pace(settle_s=-1e9, look_s=0.05, save_s=0.1, rest=0.0, back_off=lambda tries: 0.05)
    async with delivering(journal, local(vm.url), careless) as sink:
        await fill(journal, 30, samples=20)
        await sink.drain()
        await until(lambda: sink.health().settled == 30, "it believes the answers")
        await asyncio.to_thread(vm.kill)
        await asyncio.to_thread(vm.start)
        await fill(journal, 5, samples=20)
        await sink.drain()
        await until(lambda: len(_stored(vm).get("bess-1", {})) >= 5, "the newest are stored")
    assert len(_missing(vm, 30, 20)) > 100


async def test_an_outage_is_caught_up(journal: Journal, victoriametrics: Make) -> None:
    """Down for 400 batches: afterwards the newest is there first, and then all of them."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url)) as sink:
        await fill(journal, 10, samples=30)
        await sink.drain()
        vm.stop()
        await fill(journal, 400, samples=30)
        await until(lambda: sink.health().state == "backoff", "it backs off")
        vm.start()
        await sink.drain()
        await _check(vm, 410, 30)
        await until(lambda: sink.health().owed_batches == 0, "nothing is owed")


async def test_the_collector_side_restarts(tmp_path: Path, victoriametrics: Make) -> None:
    """A new journal object and a new sink on the same file send what the old ones had not."""
    vm = victoriametrics()
    path = tmp_path / "j.db"
    for run in range(4):
        journal = await open_journal(path)
        try:
            async with delivering(journal, local(vm.url)) as sink:
                await fill(journal, 25, samples=20)
                if run % 2:
                    await sink.drain()
        finally:
            await journal.close()
    journal = await open_journal(path)
    try:
        async with delivering(journal, local(vm.url)) as sink:
            await sink.drain()
            await _check(vm, 100, 20)
    finally:
        await journal.close()


async def test_samples_that_the_receiver_throws_away_are_noticed(
    journal: Journal, victoriametrics: Make
) -> None:
    """A sample far ahead of its clock is answered 2xx and not stored: such a sink is not called
    lossless, and says why."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url)) as sink:
        await journal.append(batch(1, 5))
        await sink.drain()
        assert sink.health().lossless is True
        ahead_ms = int(time.time() * 1000) + 30 * 86_400_000
        await journal.append(batch(2, 5, at_ms=ahead_ms))
        await until(lambda: sink.health().lossless is False, "it is noticed")
        assert "took 5 samples and threw them away" in sink.health().cause
        assert sink.health().state == "running"


async def test_a_journal_from_before_the_sink_is_sent(
    journal: Journal, victoriametrics: Make
) -> None:
    """A sink that is configured later gets the journal from its oldest batch on."""
    await fill(journal, 50, samples=20)
    vm = victoriametrics()
    async with delivering(journal, local(vm.url), FAST) as sink:
        await sink.drain()
        await _check(vm, 50, 20)


async def test_a_restart_is_seen_as_soon_as_the_receiver_is_back(
    journal: Journal, victoriametrics: Make
) -> None:
    """A sink that looks once a minute does not send a long past first, and then all of it again:
    it looks at its first success after a failure."""
    vm = victoriametrics()
    async with delivering(journal, local(vm.url), structs.replace(FAST, look_s=60.0)) as sink:
        await fill(journal, 20)
        await sink.drain()
        before = sink.state.epoch
        vm.kill()
        await fill(journal, 20)
        await until(lambda: sink.health().state == "backoff", "the outage is noticed")
        await until(lambda: sink._link.tries > 40, "the look that a failure asks for was in vain")
        vm.start()
        await until(lambda: sink.state.epoch != before, "the restart is seen")
