"""What counters are not given is listed, and added once when a person accepts it."""

import pytest

from collector.app.saver import Saver
from collector.errors import NotPossible, StoreError
from collector.model.assets import AssetSettings, Ratings
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.site.energy import Happened, Missed
from collector.site.refused import MOST, MOST_OF_ONE, Refusals, decision
from collector.site.store import Store
from collector.store import NodeDb
from tests.site.test_energy import energy, meter, near, poll
from tests.support.sites import START_MS, Clocked, device

RATED = {"d1": AssetSettings(ratings=Ratings(rated_kva=100.0))}
KEY = ("d1", "load_energy_kwh")


def rated(memory=None):
    """A site with a meter of 100 kVA, which says who it is."""
    c = Clocked(device(), settings=RATED, memory=memory)
    c.image().identify(Identity(serial="S1"))
    c.image().declare("", AssetKind.LOAD)
    return c


def jumped():
    """One whose register jumped by 5,000 kWh within a second, and goes on from there."""
    c = rated()
    for register in (100.0, 100.01, 5100.0, 5100.02):
        poll(c, register)
    return c


def test_a_jump_is_listed_and_counting_goes_on():
    """A meter with a register of 5,000 kWh more takes the place of another within a second: the
    difference is not counted, and stands in the list with both ends of the register."""
    c = jumped()
    (one,) = c.site.refusals.open
    assert energy(c) == near(0.03)
    assert (one.asset, one.measurement, one.unit) == ("d1", "load_energy_kwh", "S1")
    assert (one.raw_before, one.raw_after) == (100.01, 5100.0)
    assert one.amount == pytest.approx(4999.99)
    assert one.alarms
    assert one.at_ms == START_MS + (int(c.now_s) - 1) * 1000
    assert one.why == "refused: +4 999.99 kWh is more than the rating"


@pytest.fixture
async def db(tmp_path):
    """An open node.db."""
    found = NodeDb(tmp_path / "node.db")
    await found.open()
    yield found
    await found.close()


def accept(c, amount=None, *, yes=True):
    """What a person decides about the only thing in the list."""
    (one,) = c.site.refusals.open
    return decision(one, accept=yes, amount=amount, person="anna", note="read", now_ms=START_MS)


async def test_accepted_energy_is_added_once(db):
    """It is in the total at the next tick, as gap, in no list any more, and after a restart as
    well; the register's own counting is untouched by it."""
    c = jumped()
    saver = Saver(c.site, Store(db, mono=lambda: c.now_s))
    await saver.decide(accept(c, 12.5))
    poll(c, 5100.03)
    assert energy(c) == near(12.54)
    assert c.site.counters[KEY].gap == 12.5
    assert c.site.refusals.open == ()
    assert c.asset("d1").notes == ()
    await saver.save()
    again = rated(await Store(db, mono=lambda: c.now_s).load())
    again.now_s = c.now_s
    poll(again, 5100.04)
    assert energy(again) == near(12.55)
    assert again.site.refusals.open == ()


async def test_dismissed_energy_is_not_added(db):
    """A person says that it never flowed."""
    c = jumped()
    await Saver(c.site, Store(db)).decide(accept(c, yes=False))
    poll(c, 5100.03)
    assert energy(c) == near(0.04)
    assert c.site.refusals.open == ()


async def test_what_cannot_be_kept_is_not_decided(db):
    """Where the file takes nothing, nothing is added, and it stays in the list."""
    c = jumped()
    await db.run("lock it", lambda file: file.execute("PRAGMA query_only=ON").fetchall())
    with pytest.raises(StoreError):
        await Saver(c.site, Store(db)).decide(accept(c))
    poll(c, 5100.03)
    assert energy(c) == near(0.04)
    assert len(c.site.refusals.open) == 1


async def test_open_ones_survive_a_restart(db):
    """They are kept with the counters, and found again."""
    c = jumped()
    store = Store(db, mono=lambda: c.now_s)
    await Saver(c.site, store).save()
    assert c.site.refusals.unsaved == ()
    again = rated(await store.load())
    assert [one.amount for one in again.site.refusals.open] == [pytest.approx(4999.99)]


def test_energy_of_an_unproven_meter_can_be_accepted():
    """Nobody can prove that the meter after the pause is the one before it; what it counted
    meanwhile is listed, without an alarm, for a person who knows."""
    c = meter()
    poll(c, 100.0)
    c.tick(600)
    poll(c, 107.0)
    (one,) = c.site.refusals.open
    assert (one.amount, one.alarms, energy(c)) == (7.0, False, 0.0)
    for register in (107.05, 108.0):
        c.tick(600)
        poll(c, register)
    (one,) = c.site.refusals.open
    assert (one.raw_before, one.raw_after, one.times) == (100.0, 108.0, 3)
    assert one.amount == pytest.approx(8.0)


def test_a_power_that_cannot_be_is_one_event():
    """A misread power tick after tick is one line; nobody can say how much it was."""
    c = meter()
    for _ in range(30):
        poll(c, power=5e10)
    (one,) = c.site.refusals.open
    assert (one.amount, one.times) == (0.0, 29)
    with pytest.raises(NotPossible, match="say the amount"):
        accept(c)


def test_a_register_that_flaps_fills_no_list():
    """A register that jumps there and back is some lines, counted on in the last of them."""
    c = rated()
    poll(c, 0.0)
    for number in range(200):
        poll(c, float(1000 * (number + 1)))
    found = c.site.refusals.open
    assert len(found) == MOST_OF_ONE
    assert sum(one.times for one in found) == 200


def test_the_list_is_bounded():
    """Beyond the most the oldest goes, and is counted."""
    c = jumped()
    (one,) = c.site.refusals.open
    refusals = Refusals()
    for number in range(MOST + 5):
        missed = Missed(1.0, 0.0, 1.0, "S", "p")
        refusals.note(f"d{number}", Happened(one.measurement, "refused: +1", missed), START_MS)
    assert (len(refusals.open), refusals.left_out) == (MOST, 5)
    assert refusals.open[-1].asset == "d5"
