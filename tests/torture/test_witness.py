"""The witness of a kill finds what no kill may do to a journal."""

import asyncio
import sqlite3
from contextlib import closing

from collector.config.paths import find_home
from collector.journal import Journal
from scripts.torture.plan import Moment, random_lives
from scripts.torture.witness import Witness
from tests.support.batches import batch


async def _append(path, count, *, shift=0):
    journal = await Journal.open(path, cap_bytes=1 << 40, max_age_s=1e9)
    for seq in range(journal.next_seq, journal.next_seq + count):
        await journal.append(batch(seq, 10 + shift))
    await journal.close()


def make(tmp_path, count=20):
    """A home whose journal holds some batches, and a witness of it."""
    home = find_home(str(tmp_path / "home"), {})
    home.ensure()
    asyncio.run(_append(home.journal_db, count))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return home, Witness(home, scratch)


def test_what_was_committed_is_seen_once(tmp_path):
    """Each look adds what is new; what is read again is the same, bit by bit."""
    home, witness = make(tmp_path)
    witness.look(20)
    asyncio.run(_append(home.journal_db, 5))
    witness.look(25)
    witness.look(25, everything=True)
    assert sorted(witness.batches) == list(range(1, 26))
    assert witness.head == 25
    assert witness.faults == []
    assert witness.corrupt == []


def test_an_acknowledged_batch_that_is_gone_is_a_fault(tmp_path):
    """A journal that ends before what was called durable."""
    _, witness = make(tmp_path)
    witness.look(21)
    assert "batches 21 to 21 were acknowledged or seen, and are gone" in witness.faults


def test_a_journal_that_is_gone_is_a_fault(tmp_path):
    """There is no file any more."""
    home, witness = make(tmp_path)
    home.journal_db.unlink()
    witness.look(20)
    assert witness.faults == ["batch 20 was acknowledged, there is no journal"]


def test_another_batch_of_the_same_number_is_a_fault(tmp_path):
    """A journal that began anew and gave numbers again."""
    home, witness = make(tmp_path)
    witness.look(20)
    for path in home.state.glob("journal.db*"):
        path.unlink()
    asyncio.run(_append(home.journal_db, 20, shift=1))
    witness.look(20, everything=True)
    assert len(witness.faults) == 20
    assert witness.faults[0] == "batch 1 is another one than before"


def test_a_number_left_out_is_a_fault(tmp_path):
    """A batch that vanished from the middle."""
    home, witness = make(tmp_path)
    with closing(sqlite3.connect(home.journal_db)) as db, db:
        db.execute("DELETE FROM batch WHERE seq = 7")
    witness.look(20)
    assert witness.faults == ["batch 8 follows batch 6"]


def test_a_damaged_file_is_a_fault(tmp_path):
    """A page of node.db that was overwritten, and a file that the collector set aside."""
    home, witness = make(tmp_path)
    with closing(sqlite3.connect(home.node_db)) as db:
        db.execute("CREATE TABLE t (a)")
        db.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 50)
        db.commit()
    with home.node_db.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * 4096)
    (home.state / "journal.db.corrupt.20260101T000000.000000Z").touch()
    witness.look(20)
    assert len(witness.faults) == 1
    assert witness.faults[0].startswith("node.db is damaged")
    assert len(witness.corrupt) == 1


def test_lives_are_of_all_sorts_and_the_same_for_a_seed():
    """All moments come, all deaths lie within a life, and a seed says it all."""
    lives = random_lives(7, 100, 20)
    assert lives == random_lives(7, 100, 20)
    assert lives != random_lives(8, 100, 20)
    assert len(lives) == 100
    assert {life.moment for life in lives} == set(Moment)
    deaths = [(life, death) for life in lives for death in life.deaths]
    assert len(deaths) == 20
    assert all(0 <= death.at_s <= life.after_s for life, death in deaths)
