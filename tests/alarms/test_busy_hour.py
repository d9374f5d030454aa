"""A few minutes of a simulated festival in virtual time, with the real sources, site and rules."""

import pytest

from collector.model.alarm import Rule
from collector.simulator.faults import Fault, FaultKind
from scripts.bench.alarms import Hour, watch
from scripts.bench.virtual import run

pytestmark = pytest.mark.timeout(300)  # some CPU seconds, which a busy machine stretches

FAULTS = (
    Fault(kind=FaultKind.LINK_DOWN, target="gen-2", at_s=10, for_s=120),
    Fault(kind=FaultKind.DEVICE_LOST, target="stage-1", at_s=20, for_s=150),
    Fault(kind=FaultKind.GX_REBOOT, target="bess-2", at_s=30, for_s=30),
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
    done = hour(FAULTS, 240)
    called = [(word, alarm.rule, alarm.subject) for _, word, alarm in done.called]
    assert [(word, rule) for word, rule, _ in called] == [
        ("raised", Rule.GATEWAY),
        ("raised", Rule.SILENT),
        ("raised", Rule.LOW_SOC),
    ]
    assert [subject for _, _, subject in called][1:] == ["stage-1", "bess-1"]
    gateway = done.called[0][2]
    assert set(gateway.members) == {"gen-2", "load-1", "load-2"}
    assert done.plain.calls > len(called)
    assert done.bare.calls > 2 * len(called)


def test_a_site_in_order_calls_nobody():
    """Without a fault the simulated festival is quiet."""
    assert hour((), 60).called == []
