"""Rows in node.db: found again, held, expired, filled, sent, and safe when the disk is not."""

import pytest

from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Gauge, Rollup, Spell
from collector.model.rollup_codec import BadRollup
from collector.model.rollup_record import read_record
from collector.rollups import Fill, Subject, holds, reads, records, tables
from collector.rollups.fills import fill
from collector.rollups.queue import MAX_WAITING, Queue
from collector.rollups.track import Closed
from collector.store import NodeDb

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
T0 = 1_780_012_800_000 // DAY * DAY
A = Subject("a", AssetKind.LOAD, "s1")
B = Subject("b", AssetKind.PV, "s1")
POWER = "load_power_w"


@pytest.fixture
async def db(tmp_path):
    """A node.db."""
    found = NodeDb(tmp_path / "node.db")
    await found.open()
    yield found
    await found.close()


def minute(subject, start, value=10.0, span=MINUTE, good=None):
    """A row of a steady power."""
    count, good = round(value * 10), good or span
    integral = count * good
    gauge = Gauge(good, max(0, integral), max(0, -integral), count, count, count, count)
    row = Rollup(from_ms=start, to_ms=start + span, gauges={POWER: gauge})
    return tables.packed(Closed(subject, row))


async def put(db, rows, upto_ms=None):
    """Store rows."""
    await db.run("keep", lambda conn: tables.write(conn, rows, upto_ms))


def confirmed_ms(conn):
    """When the hold p1 was confirmed."""
    found = holds.find(conn, "p1")
    assert found is not None
    return found.confirmed_ms


async def starts(db, assets=("a", "b"), from_ms=0, to_ms=2**41, **more):
    """Which rows are found, by asset and beginning."""
    pieces = reads.rows(db, assets, from_ms, to_ms, **more)
    return [(row.subject.asset, row.from_ms) async for piece in pieces for row in piece]


# -- finding -----------------------------------------------------------------------------------


async def test_rows_come_in_order_of_time_over_all_subjects_of_an_asset(db):
    """Also when an asset was moved to another system and back."""
    moved = A._replace(system="s2")
    order = [(A, 0), (moved, 1), (A, 2), (B, 0), (A, 200), (A, 10_000)]
    await put(db, [minute(subject, T0 + n * MINUTE) for subject, n in order])
    assert await starts(db, ["a"]) == [("a", T0 + n * MINUTE) for n in (0, 1, 2, 200, 10_000)]


async def test_only_rows_that_touch_the_window_are_found(db):
    """A part that ends before a join is not part of the participation; a row over it is."""
    join = T0 + 20_250
    parts = [minute(A, T0, span=20_250), minute(A, join, span=39_750), minute(B, T0)]
    await put(db, [*parts, minute(A, T0 + MINUTE)])
    assert await starts(db, from_ms=join, to_ms=T0 + MINUTE) == [("b", T0), ("a", join)]


async def test_rows_that_wait_are_found_once(db):
    """What is stored while it is read is not given twice."""
    stored, waits = minute(A, T0), minute(A, T0 + MINUTE)
    await put(db, [stored])
    found = await starts(db, ["a"], fresh=[stored, waits])
    assert found == [("a", T0), ("a", T0 + MINUTE)]


async def test_history_is_weighted_by_good_time(db):
    """Means of steps; least and greatest; None where nothing was good."""
    await put(db, [
        minute(A, T0, 10.0, good=20_000), minute(A, T0 + MINUTE, 40.0, good=40_000),
        minute(A, T0 + 5 * MINUTE, -3.0),
    ])  # fmt: skip
    found = await reads.history(db, "a", POWER, from_ms=T0 + 1, to_ms=T0 + 6 * MINUTE, step_s=120)
    assert found is not None
    assert found.times == [T0, T0 + 2 * MINUTE, T0 + 4 * MINUTE]
    assert found.values == [30.0, None, -3.0]
    assert found.least == [10.0, None, -3.0]
    assert found.greatest == [40.0, None, -3.0]


async def test_history_of_counters_and_states(db):
    """A counter shows its last total, a state the value that it had for longest."""
    row = Rollup(
        from_ms=T0, to_ms=T0 + MINUTE,
        counters={"load_energy_kwh": Counter(10_000, 25_000)},
        states={"inverter_state": {3: Spell(20_000, 0), 9: Spell(40_000, 1)}},
    )  # fmt: skip
    await put(db, [tables.packed(Closed(A, row))])

    async def ask(asset, key):
        found = await reads.history(db, asset, key, from_ms=T0, to_ms=T0 + MINUTE, step_s=60)
        return None if found is None else found.values

    assert await ask("a", "load_energy_kwh") == [2.5]
    assert await ask("a", "inverter_state") == [9.0]
    assert await ask("nobody", POWER) is None
    assert await ask("a", "no_such_key") is None


async def test_a_damaged_row_is_a_gap_in_history_and_an_error_when_read(db):
    """It is never taken for other figures."""
    await put(db, [minute(A, T0), minute(A, T0 + MINUTE)])
    await db.run(
        "damage",
        lambda conn: conn.execute(
            "UPDATE rollup SET body = zeroblob(9) WHERE id = (SELECT min(id) FROM rollup)"
        ),
    )
    found = await reads.history(db, "a", POWER, from_ms=T0, to_ms=T0 + 2 * MINUTE, step_s=60)
    assert found is not None
    assert found.values == [None, 10.0]
    with pytest.raises(BadRollup):
        (await anext(reads.rows(db, ["a"], T0, T0 + MINUTE)))[0].rollup()


# -- keeping -----------------------------------------------------------------------------------


async def expire(db, before_ms, limit=1000):
    """One step of expiry."""
    return await db.run("expire", lambda conn: holds.expire(conn, before_ms, limit))


async def test_what_is_held_does_not_expire(db):
    """Rows before, after and beside a hold go; the held asset's minutes stay, in small steps."""
    await put(db, [minute(who, T0 + n * MINUTE) for who in (A, B) for n in range(10)])
    hold = ("p1", ["a"], T0 + 3 * MINUTE + 20_000, T0 + 6 * MINUTE)
    await db.run("hold", lambda conn: holds.hold(conn, *hold))
    assert await expire(db, T0 + DAY, limit=4) == 4
    while await expire(db, T0 + DAY, limit=4):
        pass
    assert await starts(db) == [("a", T0 + n * MINUTE) for n in (3, 4, 5)]


async def test_an_open_hold_keeps_all_that_follows(db):
    """A participation that goes on."""
    await put(db, [minute(A, T0 + n * MINUTE) for n in range(5)])
    await db.run("hold", lambda conn: holds.hold(conn, "p1", ["a"], T0 + 2 * MINUTE))
    await expire(db, T0 + DAY)
    assert await starts(db) == [("a", T0 + n * MINUTE) for n in (2, 3, 4)]


@pytest.mark.parametrize("how", ["confirmed", "released"])
async def test_a_confirmed_or_released_hold_lets_go(db, how):
    """Either the cloud has it, or a person decided."""
    await put(db, [minute(A, T0)])

    def let_go(conn):
        holds.hold(conn, "p1", ["a"], T0)
        holds.close_hold(conn, "p1", T0 + MINUTE)
        if how == "confirmed":
            holds.confirm(conn, "p1", T0 + HOUR)
        else:
            holds.release(conn, "p1", "Ada", T0 + HOUR)
        return holds.find(conn, "p1")

    found = await db.run("let go", let_go)
    assert not found.active
    assert (found.confirmed_ms or found.released_ms, found.released_by) == (
        T0 + HOUR, "Ada" if how == "released" else None,
    )  # fmt: skip
    assert await expire(db, T0 + DAY) == 1


async def test_a_hold_that_goes_on_cannot_be_released(db):
    """And one that nobody knows can be neither ended nor confirmed."""
    await db.run("hold", lambda conn: holds.hold(conn, "p1", ["a"], T0))
    with pytest.raises(ValueError, match="goes on"):
        await db.run("release", lambda conn: holds.release(conn, "p1", "Ada", T0))
    for call in (holds.close_hold, holds.confirm):
        with pytest.raises(KeyError):
            await db.run("no such", lambda conn, call=call: call(conn, "p2", T0))
    with pytest.raises(ValueError, match="before it begins"):
        await db.run("hold", lambda conn: holds.hold(conn, "p3", ["a"], T0, T0 - 1))


async def test_a_hold_is_idempotent_and_changed_times_must_be_confirmed_anew(db):
    """The same again keeps what is known of it."""

    def twice(conn):
        holds.hold(conn, "p1", ["b", "a"], T0, T0 + HOUR)
        holds.confirm(conn, "p1", T0 + DAY)
        holds.hold(conn, "p1", ["a", "b"], T0, T0 + HOUR)
        same = holds.find(conn, "p1")
        holds.hold(conn, "p1", ["a", "b"], T0 - HOUR, T0 + HOUR)
        return same, holds.find(conn, "p1"), holds.cuts(conn, 0)

    same, changed, cuts = await db.run("hold", twice)
    assert same.confirmed_ms == T0 + DAY
    assert (changed.confirmed_ms, changed.from_ms) == (None, T0 - HOUR)
    assert cuts == {"a": [T0 - HOUR, T0 + HOUR], "b": [T0 - HOUR, T0 + HOUR]}


# -- filling -----------------------------------------------------------------------------------


async def test_only_minutes_without_good_data_are_filled_and_marked(db):
    """A measured minute is never touched; one that is not over waits; the same again is nothing."""
    await put(db, [minute(A, T0, 10.0, good=1000)], T0 + 2 * MINUTE)
    fills = [
        Fill(A, T0 + n * MINUTE, {POWER: -5.0, "load_energy_kwh": 3.0, "nonsense": 1.0})
        for n in range(3)
    ]
    assert await db.run("fill", lambda conn: fill(conn, fills, "n1")) == (1, 1)
    assert await db.run("fill", lambda conn: fill(conn, fills, "n1")) == (0, 1)
    rows = [row.rollup() async for some in reads.rows(db, ["a"], T0, T0 + HOUR) for row in some]
    assert [(row.from_ms, row.mean(POWER), row.filled_ms) for row in rows] == [
        (T0, 10.0, 0), (T0 + MINUTE, -5.0, MINUTE),
    ]  # fmt: skip
    assert rows[1].counters == {}
    with pytest.raises(ValueError, match="beginning of a minute"):
        await db.run("fill", lambda conn: fill(conn, [Fill(A, T0 + 1, {POWER: 1.0})], "n1"))


# -- sending -----------------------------------------------------------------------------------


async def test_blocks_of_a_hold_are_queued_once_as_they_become_whole(db):
    """Six hours of an asset each, cut off at the hold's ends; ids tell the minutes."""
    start, end = T0 + 5 * HOUR + 20_250, T0 + 13 * HOUR

    def queue(upto_ms):
        return lambda conn: (
            records.queue(conn, "n1", upto_ms),
            [row[0] for row in conn.execute("SELECT record_id FROM outbox ORDER BY revision")],
        )

    await db.run("hold", lambda conn: holds.hold(conn, "p1", ["a"], start))
    assert await db.run("queue", queue(T0 + 6 * HOUR - 1)) == (0, [])
    first = f"n1/a/{start}-{T0 + 6 * HOUR}"
    assert await db.run("queue", queue(T0 + 6 * HOUR)) == (1, [first])
    assert (await db.run("queue", queue(T0 + 11 * HOUR)))[0] == 0
    await db.run("close", lambda conn: holds.close_hold(conn, "p1", end))
    made, ids = await db.run("queue", queue(T0 + 14 * HOUR))
    assert (made, ids[1:]) == (2, [
        f"n1/a/{T0 + 6 * HOUR}-{T0 + 12 * HOUR}", f"n1/a/{T0 + 12 * HOUR}-{end}",
    ])  # fmt: skip
    assert (await db.run("queue", queue(T0 + 20 * HOUR)))[0] == 0


async def test_a_hold_is_confirmed_when_it_has_ended_and_the_cloud_has_all_of_it(db):
    """Not before the last record, and not while it goes on."""

    def confirm(id_):
        def call(conn):
            records.confirmed(conn, id_, T0 + DAY)
            return confirmed_ms(conn)

        return call

    await db.run("hold", lambda conn: holds.hold(conn, "p1", ["a"], T0))
    await db.run("queue", lambda conn: records.queue(conn, "n1", T0 + 6 * HOUR))
    assert await db.run("confirm", confirm(f"n1/a/{T0}-{T0 + 6 * HOUR}")) is None
    await db.run("close", lambda conn: holds.close_hold(conn, "p1", T0 + 7 * HOUR))
    await db.run("queue", lambda conn: records.queue(conn, "n1", T0 + 7 * HOUR))
    assert await db.run("look", confirmed_ms) is None
    last = f"n1/a/{T0 + 6 * HOUR}-{T0 + 7 * HOUR}"
    assert await db.run("confirm", confirm(last)) == T0 + DAY


async def test_a_hold_that_ends_before_what_was_queued_is_confirmed_too(db):
    """A leave that is told late: what went to the cloud already is enough."""

    def play(conn):
        holds.hold(conn, "p1", ["a"], T0)
        records.queue(conn, "n1", T0 + 7 * HOUR)
        holds.close_hold(conn, "p1", T0 + 5 * HOUR)
        records.confirmed(conn, records.record_id("n1", "a", T0, T0 + 6 * HOUR), T0 + DAY)
        return records.queue(conn, "n1", T0 + 8 * HOUR), confirmed_ms(conn)

    assert await db.run("play", play) == (0, T0 + DAY)


async def test_a_filled_minute_goes_to_the_cloud_once_more(db):
    """The record of its block is queued again, and the hold is not confirmed until it is there."""
    await put(db, [], T0 + 7 * HOUR)

    def play(conn):
        holds.hold(conn, "p1", ["a"], T0, T0 + HOUR)
        records.queue(conn, "n1", T0 + HOUR)
        id_ = records.record_id("n1", "a", T0, T0 + HOUR)
        records.confirmed(conn, id_, T0 + DAY)
        before = confirmed_ms(conn)
        conn.execute("DELETE FROM outbox")
        fill(conn, [Fill(A, T0 + MINUTE, {POWER: 1.0})], "n1")
        queued = [row[0] for row in conn.execute("SELECT record_id FROM outbox")]
        return before, confirmed_ms(conn), queued == [id_]

    assert await db.run("play", play) == (T0 + DAY, None, True)


async def test_a_record_says_what_it_holds_and_comes_back(db):
    """Rows with their kind and system then; an id that is none of ours has no packet."""
    rows = [minute(A, T0, 1.0), minute(A._replace(system="s2"), T0 + MINUTE, 2.0)]
    await put(db, [*rows, minute(A, T0 + 2 * MINUTE), minute(B, T0)])
    load = records.load
    packet = await db.run("load", lambda conn: load(conn, f"n1/a/{T0}-{T0 + 2 * MINUTE}"))
    assert packet is not None
    found = read_record(packet.body, packet.blobs["rows"])
    assert [(row.kind, row.system, row.rollup.mean(POWER)) for row in found] == [
        (AssetKind.LOAD, "s1", 1.0), (AssetKind.LOAD, "s2", 2.0),
    ]  # fmt: skip
    with pytest.raises(BadRollup, match="do not fit"):
        read_record(packet.body, packet.blobs["rows"] + b"x")
    for id_ in ("", "x", "n1/a/1-", "n1/a/x-2", "n1/a/b/1-2"):
        assert await db.run("load", lambda conn, id_=id_: load(conn, id_)) is None


# -- waiting -----------------------------------------------------------------------------------


def closed(n):
    """A part of one minute."""
    row = Rollup(from_ms=T0 + n * MINUTE, to_ms=T0 + (n + 1) * MINUTE, gauges={
        POWER: Gauge(1000, 1000, 0, 1, 1, 1, 1)
    })  # fmt: skip
    return Closed(A, row)


def test_a_tick_packs_only_a_few_parts():
    """A minute of 60 assets is spread over ticks, and offered when it is whole."""
    queue = Queue()
    queue.add([closed(0)] * 60, T0 + MINUTE)
    assert [queue.pack(), queue.pack(), queue.pack(), queue.pack()] == [False, False, True, False]
    parcel = queue.first()
    assert parcel is not None
    assert (len(parcel.rows), parcel.upto_ms) == (60, T0 + MINUTE)


def test_when_too_much_waits_the_oldest_stay_and_the_rest_is_left_to_the_journal():
    """Counted; rows are wanted again from the end of what was left, once the rest is stored."""
    queue = Queue()
    for n in range(MAX_WAITING + 5):
        queue.add([closed(n)], T0 + (n + 1) * MINUTE)
        queue.pack()
    assert (queue.left, queue.resume()) == (5, None)
    queue.add([closed(99)], None)  # a part that was split off in a minute that goes on
    queue.pack()
    while queue.first():
        queue.done()
    assert queue.resume() is None
    queue.add([closed(99)], T0 + 100 * MINUTE)
    queue.pack()
    assert queue.first() is None
    assert (queue.left, queue.resume(), queue.resume()) == (7, T0 + 100 * MINUTE, None)
