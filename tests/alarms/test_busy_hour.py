"""A few minutes of a simulated festival in virtual time, with the real sources, site and rules."""

import pytest

from collector.model.alarm import Rule
from collector.simulator.faults import Fault, FaultKind
from collector.simulator.virtual.loop import run
from scripts.bench.alarms import Hour, watch

pytestmark = pytest.mark.timeout(300)  # some CPU seconds, which a busy machine stretches

FAULTS = (
    Fault(kind=FaultKind.LINK_DOWN, target="gen-2", at_s=10, for_s=200),
    Fault(kind=FaultKind.DEVICE_LOST, target="stage-1", at_s=20, for_s=220),
    Fault(kind=FaultKind.GX_REBOOT, target="bess-2", at_s=30, for_s=60),
    Fault(kind=FaultKind.STALE_SENSOR, target="bess-1", at_s=40, for_s=60),
    Fault(kind=FaultKind.LOW_CHARGE, target="bess-1", at_s=120),
    Fault(kind=FaultKind.LINK_DOWN, target="stage-2", at_s=150, for_s=25),
)


def hour(faults, seconds) -> Hour:
    """Some time with 17 assets."""
    return run(lambda loop: watch(loop, faults, assets=17, seed=1, seconds=seconds))


def test_each_fault_that_needs_a_person_calls_once():
    """A gateway with three meters, a lost meter and a low battery are three calls; a short reboot,
    a short outage and values that stand still are none. Judged without common causes and delays
    the same scenes call far more often."""
    done = hour(FAULTS, 260)
    called = {alarm.rule: alarm for _, _, alarm in done.called}
    assert [word for _, word, _ in done.called] == ["raised"] * 3
    assert set(called) == {Rule.GATEWAY, Rule.SILENT, Rule.LOW_SOC}
    assert called[Rule.SILENT].subject == "stage-1"
    assert called[Rule.LOW_SOC].subject == "bess-1"
    assert set(called[Rule.GATEWAY].members) == {"gen-2", "load-1", "load-2"}
    assert done.plain.calls > len(done.called)
    assert done.bare.calls > 2 * len(done.called)


def test_a_site_in_order_calls_nobody():
    """Without a fault the simulated festival is quiet."""
    assert hour((), 60).called == []
