"""What judges in the fuzz must itself be able to fail."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.modbus.frame import Asked, fault
from collector.sources.modbus.gateway import Gateway
from scripts.fuzz import door, maps
from scripts.fuzz.frames import Hostile, Request, honest, read_request
from scripts.fuzz.outcome import Outcome, Quarters

ASKED = Request(77, 3, 3, 100, 4)
WORDS = (1, 2, 3, 4)


class _Gullible(Gateway):
    """A door that makes registers up."""

    async def read(self, unit, address, count, *, function=3, timeout_s=1.0):
        """Registers that nobody said."""
        return [7] * count


async def test_a_foreign_answer_that_is_taken_is_a_fault():
    """The door's judge notices registers that were no answer to the question."""
    outcome = Outcome(name="x")
    wire = door._Wire(0, 1, outcome)
    proper = Hostile(random.Random(1), contents=False, honesty=1.0)
    wire.server.last = (ASKED, proper.reply(ASKED, WORDS))
    wire.gateway = _Gullible("127.0.0.1", 1)
    await wire.ask()
    assert outcome.faults


@given(st.integers(0, 1 << 30))
def test_what_may_not_be_taken_is_refused_by_the_judge_of_frames(seed):
    """No reply that is not meant to be taken becomes an answer, whole or in part; those that must
    be taken have no fault."""
    hostile = Hostile(random.Random(seed), contents=False, honesty=0.1)
    for transaction in range(20):
        asked = ASKED._replace(transaction=transaction + 1, address=transaction)
        reply = hostile.reply(asked, WORDS)
        verdict = fault(
            b"".join(reply.pieces), Asked(asked.transaction, asked.unit, 3, asked.registers)
        )
        whole = honest(asked, WORDS)
        if reply.must:
            assert not verdict
        elif reply.words is None and b"".join(reply.pieces).startswith(whole):
            assert verdict


def test_memory_that_grows_is_not_flat():
    """Memory that doubles after the first quarter is no good outcome."""
    outcome = Outcome(name="x", right_s=1.0, rss_mb=[50.0, 60.0, 70.0, 90.0, 130.0])
    assert not outcome.good
    assert "IT GREW" in "".join(outcome.lines())
    assert Outcome(name="x", right_s=1.0, rss_mb=[50.0, 60.0, 61.0, 62.0, 63.0]).good
    assert not Outcome(name="x").good


def test_quarters_are_noted_once():
    """The start, and the memory after each quarter."""
    outcome = Outcome(name="x")
    quarters = Quarters(outcome, 100)
    assert [quarters.pass_by(done, 50.0 + done) for done in (0, 10, 25, 60, 99, 100)] == [
        True, False, True, True, True, True,
    ]  # fmt: skip
    assert outcome.rss_mb == [50, 75, 110, 149, 150]


@pytest.mark.parametrize("known", [maps.acuvim_ii(9000.0, "AH1"), maps.fronius(500.0, "3")])
def test_reads_of_a_map_find_only_registers(known):
    """What is asked of a map exists, each register once."""
    reads = maps.readable(known)
    asked = [address + n for address, count in reads for n in range(count)]
    assert sorted(known) == asked
    assert max(count for _, count in reads) <= 125


def test_requests_are_read_back():
    """A request's twelve bytes."""
    data = bytes((0, 77, 0, 0, 0, 6, 3, 3, 0, 100, 0, 4))
    assert read_request(data) == ASKED
