"""The torture itself, small: what it finds when all is well, and that it finds what is not."""

import pytest

from scripts.torture.plan import Life, Moment, Plan, ReceiverDeath
from scripts.torture.run import torture

pytestmark = pytest.mark.timeout(180)

LIVES = (
    Life(Moment.ANY, after_s=12.0, deaths=(ReceiverDeath(at_s=11.0, down_s=0.5),)),
    Life(Moment.START, after_s=0.7),
)


def run(settle_s):
    """Two kills of a small collector, and one of its receiver."""
    return torture(Plan(lives=LIVES, assets=3, settle_s=settle_s, disk_mb=0), "", lambda _: None)


def test_kills_lose_nothing():
    """A sink that waits longer than VictoriaMetrics keeps samples in memory only."""
    outcome = run(15.0)
    assert outcome.good, list(outcome.lines())
    assert sum(outcome.kills.values()) == 2
    assert outcome.receiver_kills == 1
    assert outcome.comparison.batches > 10
    assert outcome.comparison.samples > 1000


def test_a_sink_that_believes_at_once_is_found_out():
    """What VictoriaMetrics took and had not written when it was killed is missing, and named."""
    outcome = run(0.0)
    assert not outcome.good
    assert outcome.comparison.missing > 0
    assert outcome.comparison.changed == outcome.comparison.doubled == 0
    assert outcome.faults == []
    assert "FAILED" in list(outcome.lines())
