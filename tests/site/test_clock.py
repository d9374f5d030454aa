"""Tick times only ever rise."""

from hypothesis import given
from hypothesis import strategies as st

from collector.site.clock import plan_tick


def test_whole_seconds():
    """A tick is at the next whole second of the wall clock."""
    plan = plan_tick(None, 0, 1_700_000_000_250)
    assert (plan.at_ms, plan.wait_s) == (1_700_000_001_000, 0.75)


def test_missed_ticks_are_not_made_up_for():
    """After a stall of five seconds the next tick is the next second, not the missed one."""
    plan = plan_tick(10_000, 5.4, 15_400)
    assert (plan.at_ms, round(plan.wait_s, 3)) == (16_000, 0.6)


def test_step_back_stretches():
    """After a backward step ticks come every 1.1 s until the clocks meet."""
    plan = plan_tick(100_000, 0.0, 40_000)
    assert (plan.at_ms, plan.wait_s) == (101_000, 1.1)


def test_small_step_forward_is_followed():
    """Half an hour forward is a clock set right."""
    assert plan_tick(100_000, 1.0, 1_900_000).at_ms == 1_901_000


def test_over_an_hour_is_not_followed():
    """A jump of a day needs a person: ticks go on by the steady clock."""
    plan = plan_tick(100_000, 0.4, 100_400 + 86_400_000)
    assert (plan.at_ms, round(plan.wait_s, 3), plan.stepped_ms) == (101_000, 0.6, 86_400_000)


steps = st.lists(st.integers(-7_200_000, 7_200_000) | st.just(0), min_size=1, max_size=60)


@given(steps, st.floats(0, 3))
def test_strictly_rising_whole_seconds(jumps, busy_s):
    """Whatever the wall clock does, tick times are whole seconds and rise."""
    wall, last, since = 1_700_000_000_123, None, 0.0
    for jump in jumps:
        wall += jump
        plan = plan_tick(last, since, wall)
        assert plan.wait_s >= 0
        assert plan.at_ms % 1000 == 0
        assert last is None or plan.at_ms > last
        last, since = plan.at_ms, busy_s
        wall += int((plan.wait_s + busy_s) * 1000)


def test_clocks_meet_again():
    """A minute back is made good after ten minutes, by ticks of 1.1 s."""
    wall, last, since, ticks = 40_000.0, 100_000, 0.0, 0
    while True:
        plan = plan_tick(last, since, int(wall))
        wall += plan.wait_s * 1000
        last, ticks = plan.at_ms, ticks + 1
        if plan.wait_s < 1.05:
            break
    assert 590 <= ticks <= 612
    assert abs(wall - last) < 1100
