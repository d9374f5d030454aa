"""The node's clock: what confirms it, and what happens before and then."""

import asyncio
import itertools
from pathlib import Path

import pytest

from collector.app import kernel
from collector.app.clock import Kernel, NodeClock
from collector.app.recorder import Stamp
from collector.config.load import load
from collector.errors import BadClock, JournalError
from collector.journal import Journal
from tests.journal.test_unconfirmed import early
from tests.support.batches import START_MS, batch
from tests.support.nodes import NODE, make_home, running
from tests.support.whole import site


class System:
    """A machine whose clocks tests turn; times in ms."""

    def __init__(self, wall_ms: int = START_MS, steady_ms: int = 50_000, boot: str = "b") -> None:
        self.wall_ms = wall_ms
        self.steady_ms = steady_ms
        self.boot = boot
        self.ntp = False

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.wall_ms += int(seconds * 1000)
        self.steady_ms += int(seconds * 1000)

    def clock(self, journal: Journal, trusted: str = "") -> NodeClock:
        """The clock of a collector that starts now."""
        kernel_of_it = Kernel(
            self.boot, lambda: self.wall_ms, lambda: self.steady_ms, lambda: self.ntp
        )
        return NodeClock(journal, trusted=trusted, system=kernel_of_it)


@pytest.fixture
async def journal(tmp_path: Path):
    """An empty one."""
    opened = await Journal.open(tmp_path / "journal.db", cap_bytes=10**8, max_age_s=1e9)
    yield opened
    await opened.close()


async def tick(journal: Journal, clock: NodeClock, system: System) -> Stamp | None:
    """A tick of now is journaled."""
    stamp = clock.stamp(0.0)
    seq = journal.next_seq
    if stamp is None:
        await journal.append(batch(seq, at_ms=system.wall_ms))
    else:
        await journal.append(
            early(seq, stamp.boot, stamp.mono_ms // 1000, clock_ms=system.wall_ms - stamp.mono_ms)
        )
    return stamp


async def test_nothing_confirms_by_itself(journal: Journal) -> None:
    """Without evidence ticks are stamped with whole steady seconds, and a person is told."""
    system = System(steady_ms=50_480)
    clock = system.clock(journal)
    await clock.begin()
    assert not clock.confirmed
    assert clock.word == "unconfirmed"
    assert clock.stamp(0.0) == Stamp("b", 50_000)
    system.later(1)
    assert clock.stamp(0.0) == Stamp("b", 51_000)
    system.later(0.1)
    assert clock.stamp(0.0) == Stamp("b", 52_000), "they rise whatever happens"
    assert "nobody has confirmed the clock" in clock.problem()
    assert "2026-09-21 14:13 UTC" in clock.problem()
    assert "`ovr clock confirm` (in the console: h, 4, C)" in clock.problem()


async def test_ntp_confirms_and_stamps_to_the_second(journal: Journal) -> None:
    """The clock was an hour wrong; NTP sets it; then ticks journaled before have the times at
    which they really were, and the newest is told to the ticker."""
    system = System(wall_ms=START_MS - 3_600_000, steady_ms=50_300)
    clock = system.clock(journal)
    told: list[int] = []
    clock.on_confirmed = told.append
    await clock.begin()
    for _ in range(3):
        assert await tick(journal, clock, system)
        system.later(1)
    system.wall_ms += 3_600_000
    system.ntp = True
    await asyncio.wait_for(clock.run(), 5)
    assert clock.word == "confirmed by NTP"
    assert clock.problem() == ""
    assert clock.stamp(0.0) is None
    times = [one.at_ms for one in await journal.read(1, 9, max_samples=999)]
    assert times == [START_MS, START_MS + 1000, START_MS + 2000]
    assert told == [START_MS + 2000]


async def test_a_late_tick_counts_when_it_was_due(journal: Journal) -> None:
    """A tick that came 700 ms late is stamped with the second in which it was due."""
    system = System(wall_ms=START_MS, steady_ms=50_000)
    clock = system.clock(journal)
    system.later(0.7)
    assert clock.stamp(700.0) == Stamp("b", 50_000)
    await journal.append(early(1, "b", 50, clock_ms=START_MS - 50_000))
    system.ntp = True
    await clock.begin()
    assert [one.at_ms for one in await journal.read(1, 1, max_samples=99)] == [START_MS]


@pytest.mark.parametrize("how", ["trusted", "simulated"])
async def test_a_trusted_clock_needs_nothing(journal: Journal, how: str) -> None:
    """By configuration, or for simulated devices, and named so; but not one that was reset."""
    system = System(wall_ms=86_400_000)
    clock = system.clock(journal, how)
    await clock.begin()
    assert not clock.confirmed
    system.wall_ms = START_MS
    await clock.begin()
    assert (clock.confirmed, clock.word) == (True, how)


async def test_a_restart_within_the_boot_stays_confirmed(journal: Journal) -> None:
    """The next run of the same boot needs no evidence, one of the next boot does."""
    system = System()
    first = system.clock(journal)
    await first.confirm("ann")
    assert system.clock(journal).word == "confirmed by ann"
    system.boot = "c"
    assert not system.clock(journal).confirmed


async def test_an_unconfirmed_restart_goes_on_with_rising_seconds(journal: Journal) -> None:
    """A run that starts right after another one in the same boot repeats no second."""
    system = System(steady_ms=50_400)
    clock = system.clock(journal)
    assert await tick(journal, clock, system) == Stamp("b", 50_000)
    system.later(0.05)
    again = system.clock(journal)
    await again.begin()
    assert await tick(journal, again, system) == Stamp("b", 51_000)


async def hear(clock: NodeClock, system: System, device: str, ahead_s: float, count: int) -> None:
    """Heartbeats every three seconds."""
    for _ in range(count):
        clock.told(device, int(system.wall_ms + ahead_s * 1000) // 1000 * 1000)
        system.later(3)
    await clock.begin()


async def test_a_gx_confirms_when_several_readings_agree(journal: Journal) -> None:
    """Two heartbeats are too few; the third one within five seconds of the clock is enough."""
    system = System()
    clock = system.clock(journal)
    await hear(clock, system, "bess-1", 1.2, 2)
    assert not clock.confirmed
    await hear(clock, system, "bess-1", 1.2, 1)
    assert clock.word == "confirmed by GX bess-1"


async def test_a_burst_of_heartbeats_proves_little(journal: Journal) -> None:
    """Readings that came at once are no more than one."""
    system = System()
    clock = system.clock(journal)
    for _ in range(10):
        clock.told("bess-1", system.wall_ms)
    await clock.begin()
    assert not clock.confirmed


async def test_a_gx_that_differs_is_named(journal: Journal) -> None:
    """It confirms nothing; a person reads by how much it differs, as long as it is heard."""
    system = System()
    clock = system.clock(journal)
    await hear(clock, system, "bess-1", 3 * 60 + 12, 5)
    await hear(clock, system, "bess-2", -90_000, 5)
    assert not clock.confirmed
    assert "bess-1's clock is 3 min 12 s ahead of it" in clock.problem()
    assert "bess-2's clock is 1 d 1 h behind it" in clock.problem()
    system.later(120)
    assert "bess-1" not in clock.problem()


async def test_agreement_must_last(journal: Journal) -> None:
    """A reading that differs in between starts the count again."""
    system = System()
    clock = system.clock(journal)
    await hear(clock, system, "bess-1", 0, 2)
    await hear(clock, system, "bess-1", 60, 1)
    await hear(clock, system, "bess-1", 0, 2)
    assert not clock.confirmed
    await hear(clock, system, "bess-1", 0, 1)
    assert clock.confirmed


async def test_two_clocks_that_were_reset_prove_nothing(journal: Journal) -> None:
    """A GX that agrees with a clock of 1970, or of before the newest samples, is not believed."""
    await journal.append(batch(1, at_ms=START_MS + 86_400_000))
    for wall_ms in (86_400_000, START_MS):
        system = System(wall_ms=wall_ms)
        clock = system.clock(journal)
        await hear(clock, system, "bess-1", 0, 5)
        assert not clock.confirmed


async def test_a_person_confirms(journal: Journal) -> None:
    """By name, of which control characters do not stay; not a clock that was reset."""
    system = System(wall_ms=1000)
    clock = system.clock(journal)
    with pytest.raises(BadClock, match="set date and time"):
        await clock.confirm("ann")
    system.wall_ms = START_MS
    await clock.confirm("ann\x1b[2J")
    assert clock.word.startswith("confirmed by ann")
    assert "\x1b" not in clock.word


async def test_what_cannot_be_noted_is_tried_again(journal: Journal) -> None:
    """On a disk that refuses, the clock stays unconfirmed and says why; then it is confirmed."""
    system = System()
    clock = system.clock(journal)
    await clock.begin()
    database = journal._database
    await journal._call(lambda: database._db.execute("PRAGMA query_only = 1"))
    system.ntp = True
    running_clock = asyncio.create_task(clock.run())
    async with asyncio.timeout(10):
        while "cannot be noted" not in clock.problem():  # noqa: ASYNC110  nothing wakes on it
            await asyncio.sleep(0.05)
    assert not clock.confirmed
    with pytest.raises(JournalError):
        await clock.confirm("ann")
    await journal._call(lambda: database._db.execute("PRAGMA query_only = 0"))
    await asyncio.wait_for(running_clock, 10)
    assert clock.word == "confirmed by NTP"


def test_the_kernel_is_asked() -> None:
    """This machine has a boot id, a steady time, and an opinion about NTP."""
    assert kernel.boot_id() == kernel.boot_id()
    assert len(kernel.boot_id()) == 36
    before = kernel.steady_ms()
    assert 0 < before <= kernel.steady_ms()
    assert kernel.synchronised() in (True, False)


# -- the whole collector


async def test_a_collector_holds_back_until_a_person_confirms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its snapshots say so and go on; with the confirmation all that was kept may be sent, and
    times go on rising; the next run of the boot starts confirmed."""
    monkeypatch.setattr(kernel, "synchronised", lambda: False)
    home = make_home(tmp_path, node={"node": NODE | {"trust_clock": False}})
    async with running(home) as node:
        await node.ticks(3)
        assert node.snapshot.health.clock == "unconfirmed"
        assert not node.snapshot.health.clock_confirmed
        assert "nobody has confirmed the clock" in node.snapshot.health.problems[0]
        journal = node.collector.parts.journal
        assert journal.head == 0
        assert node.snapshot.journal.unconfirmed >= 2
        await node.collector.parts.clock.confirm("ann")
        await node.ticks(3)
        assert node.snapshot.health.clock == "confirmed by ann"
        assert node.snapshot.health.clock_confirmed
        assert node.snapshot.journal.unconfirmed == 0
        found = await journal.read(1, 1 << 40, max_samples=1 << 40)
        times = [one.at_ms for one in found]
        assert len(times) >= 5
        assert times == sorted(set(times))
        assert all(at % 1000 == 0 for at in times)
        assert max(b - a for a, b in itertools.pairwise(times)) <= 3000
    async with running(home) as node:
        await node.ticks(1)
        assert node.snapshot.health.clock == "confirmed by ann"


async def test_a_real_heartbeat_confirms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GX behind MQTT whose clock agrees is enough for the whole collector."""
    monkeypatch.setattr(kernel, "synchronised", lambda: False)
    untrusted = {"node": NODE | {"trust_clock": False}}
    async with site(tmp_path, 8, node_toml=untrusted) as (sim, node):
        gx = {device["id"] for device in sim.devices if device["kind"] == "gx"}
        await node.until(lambda: node.snapshot.health.clock_confirmed, 40)
        word, _, device = node.snapshot.health.clock.rpartition(" ")
        assert word == "confirmed by GX"
        assert device in gx
        await node.until(lambda: node.snapshot.journal.unconfirmed == 0, 10)
        assert node.snapshot.journal.head > 5


async def test_a_trusted_node_is_confirmed_from_the_start(tmp_path: Path) -> None:
    """`trust_clock` of node.toml is read, and shown."""
    home = make_home(tmp_path)
    assert load(home, {}).node.trust_clock
    async with running(home) as node:
        await node.ticks(1)
        assert node.snapshot.health.clock == "trusted"
        await asyncio.wait_for(node.collector.parts.journal.wait_beyond(0), 10)
