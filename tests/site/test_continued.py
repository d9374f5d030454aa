"""A power cut between two saves neither takes back what was journaled nor counts it again."""

import pytest

from collector.journal.batch import Batch
from collector.journal.store import Journal
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.site.continued import LOOKED_AT, recall
from collector.site.memory import Memory
from tests.support.sites import Clocked, device

KWH_A_S = 3_600_000.0


def meter(memory=None, now_s=1000.0):
    """A proven meter whose connection has just begun."""
    c = Clocked(device(), memory=memory)
    c.now_s = now_s
    c.image().reset()
    c.image().identify(Identity(serial="S1"))
    c.image().declare("", AssetKind.LOAD)
    return c


def poll(c, power=None, register=None):
    """One poll, and the tick after it."""
    c.image().put("", "load_power_w", power)
    if register is not None:
        c.image().put_counter("", "load_energy_kwh", register, path="p")
    c.image().alive()
    c.tick()


def energy(c):
    """The asset's own total."""
    return c.asset("d1").readings["load_energy_kwh"].value


async def keep(journal, c):
    """Journal the last tick."""
    await journal.append(
        Batch(
            seq=journal.next_seq,
            at_ms=int(c.now_s) * 1000,
            series=list(c.taken.samples.series),
            values=c.taken.samples.values,
        )
    )


@pytest.fixture
async def journal(tmp_path):
    """An empty journal."""
    opened = await Journal.open(tmp_path / "journal.db", cap_bytes=100_000_000, max_age_s=1e6)
    yield opened
    await opened.close()


async def test_integral_never_falls(journal):
    """An integral goes on from its newest sample, which was journaled after the last save."""
    c = meter()
    poll(c, KWH_A_S)
    poll(c, KWH_A_S)
    saved = c.site.memory()
    for _ in range(8):
        poll(c, KWH_A_S)
        await keep(journal, c)
    again = meter(await recall(journal, saved), c.now_s + 30)
    poll(again, KWH_A_S)
    assert energy(again) == energy(c) == pytest.approx(9.0)


@pytest.mark.parametrize(("register", "added"), [(102.0, 1.0), (0.0, 0.0)])
async def test_register_is_not_added_again(journal, register, added):
    """What a register counted between save and cut stands in the total once, whether the register
    goes on or has begun anew meanwhile."""
    c = meter()
    poll(c, 1.0, 100.0)
    saved = c.site.memory()
    poll(c, 1.0, 101.0)
    await keep(journal, c)
    again = meter(await recall(journal, saved), c.now_s + 90)
    poll(again, 1.0, register)
    assert energy(again) == pytest.approx(1.0 + added)
    for _ in range(62):
        poll(again, 1.0, register)
    assert energy(again) == pytest.approx(1.0 + added)


async def test_newest_sample_counts(journal):
    """A total that began anew because node.db was damaged is not raised to what it was before, nor
    by a stale marker; and only the newest batches are looked at."""
    c = meter()
    poll(c, KWH_A_S)
    for _ in range(30):
        poll(c, KWH_A_S)
    await keep(journal, c)
    c = meter(now_s=2000.0)
    for _ in range(3):
        poll(c, KWH_A_S)
        await keep(journal, c)
    saved = c.site.memory()
    c.tick(60)
    await keep(journal, c)
    assert await recall(journal, saved) == saved
    for _ in range(LOOKED_AT):
        c.tick()
        await keep(journal, c)
    less = saved._replace(
        counters={key: type(s)(**{**_fields(s), "total": 0.5}) for key, s in saved.counters.items()}
    )
    assert await recall(journal, less) == less


@pytest.mark.parametrize("register", [None, 100.0])
async def test_totals_outlive_the_loss_of_node_db(journal, register):
    """Where node.db is gone, totals go on from the journal, whether a register or a power is
    counted; what the register shows then is a baseline."""
    c = meter()
    for second in range(9):
        poll(c, KWH_A_S, None if register is None else register + second)
        await keep(journal, c)
    assert energy(c) == pytest.approx(8.0)
    again = meter(await recall(journal, Memory({}, "", {}, {})), c.now_s + 30)
    poll(again, KWH_A_S, None if register is None else register + 500)
    for second in range(1, 4):
        poll(again, KWH_A_S, None if register is None else register + 500 + second)
    assert energy(again) - 8.0 == pytest.approx(3.0)


def _fields(state):
    return {name: getattr(state, name) for name in state.__struct_fields__}
