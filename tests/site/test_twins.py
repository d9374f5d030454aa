"""Two counted flows that may be one."""

import math

from collector.model.assets import Link
from collector.model.kinds import AssetKind, LinkType
from collector.site.twins import Twins
from tests.support.sites import Clocked, device

QUANTITY = "load_power_w"


def show(*, seconds=700, one, other, decided=(), quantity=QUANTITY, twins=None, start=0, selves=()):
    """Two flows over time; what is proposed at the end."""
    twins = twins or Twins()
    for second in range(start, start + seconds):
        flows = {quantity: {"a": one(second), "b": other(second)}}
        twins.look(flows, decided, float(second), second * 1000, selves=selves)
    return twins.overlaps({quantity: ("a", "b")}).get(quantity, ())


def stage(second):
    """A load that moves between 3 and 13 kW."""
    return 8000 + 5000 * math.sin(second / 90)


def another(second):
    """A load of the same size with a life of its own."""
    return 8000 + 5000 * math.sin(second / 70 + 1)


def meter(of, pct=0.8):
    """A second meter on a flow, that much apart."""
    return lambda second: of(second) * (1 + pct / 100)


def test_one_flow_at_two_meters_is_found():
    """Nearly equal for ten minutes and moving: proposed, with since when."""
    (found,) = show(one=stage, other=meter(stage))
    assert (found.asset, found.other, found.since_ms) == ("a", "b", 0)


def test_ten_minutes_are_needed():
    """Before that it may be chance."""
    assert show(one=stage, other=meter(stage), seconds=590) == ()


def test_what_stands_still_proves_nothing():
    """Two lamps of 2 kW are not one."""
    assert show(one=lambda _: 2000.0, other=lambda _: 2001.0, seconds=7200) == ()


def test_equal_sizes_are_no_twins():
    """Two loads of one size that live for themselves cross now and then."""
    assert show(one=stage, other=another, seconds=7200) == ()


def test_meters_that_are_read_at_different_moments():
    """A switched load is seen a few seconds later by one of them: still one flow."""

    def switched(second):
        return 9000.0 if second // 120 % 2 else 5000.0

    assert show(one=switched, other=lambda s: switched(s - 3) * 1.005, seconds=900)


def test_equal_panels_under_one_sun_are_no_twins():
    """Two inverters that each tell what they deliver are two, however alike; a meter beside an
    inverter may be one with it."""
    alike = {"one": stage, "other": meter(stage), "quantity": "pv_power_w"}
    assert show(**alike, selves={"a", "b"}) == ()
    assert show(**alike, selves={"a"})
    assert show(one=stage, other=meter(stage), selves={"a", "b"}), "their loads may be one flow"


def test_a_person_has_decided():
    """Nothing is proposed of a pair of which a person has spoken, now or later."""
    both = frozenset({"a", "b"})
    assert show(one=stage, other=meter(stage), decided={both}) == ()
    twins = Twins()
    assert show(one=stage, other=meter(stage), twins=twins)
    assert show(one=stage, other=meter(stage), twins=twins, decided={both}, start=700) == ()


def test_ten_minutes_apart_prove_that_they_are_two():
    """A proposal goes when it is disproved, not because one of them was not heard."""
    twins = Twins()
    assert show(one=stage, other=meter(stage), twins=twins)
    for second in range(700, 3000):
        twins.look({QUANTITY: {"a": stage(second)}}, (), float(second), second * 1000)
    assert twins.overlaps({QUANTITY: ("a", "b")})
    assert show(one=stage, other=another, twins=twins, start=3000, seconds=2000) == ()


def test_only_flows_that_count_are_compared():
    """What is a check or a part of another counts nowhere twice."""
    twins = Twins()
    show(one=stage, other=meter(stage), twins=twins)
    assert twins.overlaps({QUANTITY: ("a",)}) == {}


def run_site(*, links=(), seconds=700):
    """Two meters on one load, in a site."""
    clocked = Clocked(device("d1"), device("d2"), links=links)
    for name in ("d1", "d2"):
        clocked.image(name).declare("", AssetKind.LOAD)
    for second in range(seconds):
        for name, factor in (("d1", 1.0), ("d2", 1.004)):
            clocked.image(name).put("", QUANTITY, stage(second) * factor)
            clocked.image(name).alive()
        clocked.tick()
    return clocked.taken


def test_totals_say_that_they_are_unverified():
    """Power and energy alike name the two, until a link decides it either way."""
    taken = run_site()
    (found,) = taken.totals[QUANTITY].unverified
    assert (found.asset, found.other) == ("d1", "d2")
    assert taken.today["load_energy_kwh"].unverified == (found,)
    assert taken.totals["grid_power_w"].unverified == ()
    for kind in (LinkType.SAME_AS, LinkType.BEHIND, LinkType.APART):
        decided = run_site(links=(Link(asset="d2", type=kind, other="d1"),))
        assert decided.totals[QUANTITY].unverified == (), kind
        both = kind is LinkType.APART
        assert len(decided.totals[QUANTITY].counted) == (2 if both else 1)
