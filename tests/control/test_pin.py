"""The PIN of a node, and the grants of those who gave it. Time is in the test's hand."""

from contextlib import asynccontextmanager

import pytest

from collector.control import pin as pins
from collector.control.pin import Pin
from collector.errors import NotPossible, PinNeeded, PinWaits, WrongPin
from collector.store import NodeDb

ANNA, JO = "ovr.sock uid 1000 (anna)", "tls jo"


class Hand:
    """A clock that a test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def node(path, clock=None):
    """The PIN of a node whose file is at `path`."""
    db = NodeDb(path / "node.db")
    await db.open()
    try:
        found = Pin(db, mono=clock or Hand())
        await found.open()
        yield found, db
    finally:
        await db.close()


async def test_it_is_kept_and_never_readable(tmp_path) -> None:
    """A PIN outlives a restart; nothing in the file is it, and two equal ones look different."""
    async with node(tmp_path) as (pin, db):
        assert not pin.is_set
        with pytest.raises(NotPossible, match="ovr control --set-pin"):
            await pin.unlock("1234", ANNA)
        rows = []
        for _ in range(2):
            await pin.put("493817", old=None, who=ANNA, at_ms=5)
            rows.append(
                await db.run("look", lambda c: c.execute("SELECT * FROM control_pin").fetchall())
            )
    assert len(rows[1]) == 1
    assert rows[0][0][1:3] != rows[1][0][1:3]
    for file in tmp_path.iterdir():
        assert b"493817" not in file.read_bytes()
    async with node(tmp_path) as (pin, _):
        assert pin.is_set
        assert await pin.unlock("493817", ANNA)


async def test_a_grant_is_of_one_person_and_ends_unused(tmp_path) -> None:
    """A grant counts for ten minutes after its last use, for who got it, until it is locked, the
    PIN is another, or the collector starts anew."""
    clock = Hand()
    async with node(tmp_path, clock) as (pin, _):
        await pin.put("1234", old=None, who=ANNA, at_ms=5)
        grant = await pin.unlock("1234", ANNA)
        assert not pin.use(grant, JO)
        assert not pin.use("", ANNA)
        for _ in range(5):
            clock.now += pins.IDLE_S - 1
            assert pin.use(grant, ANNA)
        clock.now += pins.IDLE_S
        assert not pin.use(grant, ANNA)
        with pytest.raises(PinNeeded):
            pin.demand(grant, ANNA)
        first, second = await pin.unlock("1234", ANNA), await pin.unlock("1234", JO)
        assert first != second
        pin.lock(first, JO)
        assert pin.use(first, ANNA)
        pin.lock(first, ANNA)
        assert not pin.use(first, ANNA)
        await pin.put("5678", old="1234", who=ANNA, at_ms=6)
        assert not pin.use(second, JO)
        third = await pin.unlock("5678", JO)
    async with node(tmp_path, clock) as (pin, _):
        assert not pin.use(third, JO)
        await pin.put(None, old="5678", who=ANNA, at_ms=7)
        assert not pin.is_set
        pin.demand("", ANNA)


async def test_who_guesses_waits(tmp_path) -> None:
    """From the third wrong PIN on none of that person is looked at for 5, 10, … 60 s, the right one
    neither; others are not held up, and a right one clears it."""
    clock = Hand()
    async with node(tmp_path, clock) as (pin, _):
        await pin.put("1234", old=None, who=ANNA, at_ms=5)
        waits = []
        for _ in range(8):
            with pytest.raises(WrongPin):
                await pin.unlock("9999", JO)
            try:
                pin.waits(JO)
                waits.append(0.0)
            except PinWaits as error:
                waits.append(error.after_s)
                with pytest.raises(PinWaits):
                    await pin.unlock("1234", JO)
                with pytest.raises(PinWaits):
                    await pin.put("5678", old="1234", who=JO, at_ms=6)
                clock.now += error.after_s
        assert waits == [0, 0, 5, 10, 20, 40, 60, 60]
        assert pin.wrong == 8
        assert await pin.unlock("1234", ANNA)
        assert await pin.unlock("1234", JO)
        with pytest.raises(WrongPin):
            await pin.unlock("9999", JO)
        pin.waits(JO)


async def test_a_pin_that_is_changed_while_the_old_one_is_looked_at(tmp_path, monkeypatch) -> None:
    """Nobody unlocks with a PIN that was replaced while it was being compared."""
    async with node(tmp_path) as (pin, _):
        await pin.put("1234", old=None, who=ANNA, at_ms=5)

        def slow(kept, given):
            pin._kept = pins._kept("5678")
            return kept.hash == pins._hash(given, kept.salt)

        monkeypatch.setattr(pins, "_right", slow)
        with pytest.raises(WrongPin):
            await pin.unlock("1234", ANNA)


async def test_what_is_remembered_is_bounded(tmp_path, monkeypatch) -> None:
    """Grants and guessers are few: the oldest go."""
    monkeypatch.setattr(pins, "GRANTS", 2)
    monkeypatch.setattr(pins, "PERSONS", 2)
    async with node(tmp_path) as (pin, _):
        await pin.put("1234", old=None, who=ANNA, at_ms=5)
        grants = [await pin.unlock("1234", ANNA) for _ in range(3)]
        assert [pin.use(grant, ANNA) for grant in grants] == [False, True, True]
        for number in range(3):
            with pytest.raises(WrongPin):
                await pin.unlock("9999", f"tls {number}")
        assert list(pin._failures) == ["tls 1", "tls 2"]
