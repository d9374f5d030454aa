"""One flow counts once."""

from hypothesis import given
from hypothesis import strategies as st

from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.model.totals import Flow, groups, total

SAME, BEHIND = LinkType.SAME_AS, LinkType.BEHIND


def link(asset, kind, other, *quantities):
    """A link, for all quantities when none is named."""
    return Link(asset=asset, type=kind, other=other, quantities=frozenset(quantities) or None)


def summed(values, links, quantity="load_power_w", stale=(), *, gone=(), counter=False):
    """The total over assets with these values."""
    flows = {
        name: Flow(value, name not in (*stale, *gone), name in gone)
        for name, value in values.items()
    }
    return total(quantity, flows, groups(values, links, quantity), counter=counter)


def test_plain_sum():
    """Assets without links add up."""
    assert summed({"a": 1000.0, "b": 500.0}, []).value == 1500


def test_twin_is_a_check():
    """A second meter on the same flow is not added; its deviation is told."""
    found = summed({"a": 1000.0, "b": 1050.0}, [link("b", SAME, "a")])
    assert (found.value, found.counted) == (1000, ("a",))
    assert [(c.asset, c.of, c.deviation_pct) for c in found.checks] == [("b", "a", 5.0)]


def test_child_is_a_part():
    """What a battery system feeds is counted at the battery system; the rest is unmetered."""
    found = summed(
        {"bess": 1000.0, "s1": 600.0, "s2": 300.0},
        [link("s1", BEHIND, "bess"), link("s2", BEHIND, "bess")],
    )
    assert found.value == 1000
    assert [(r.parent, r.children, r.value) for r in found.remainders] == [
        ("bess", ("s1", "s2"), 100.0)
    ]


def test_child_of_something_without_the_quantity_counts():
    """A generator behind a battery system counts where the system itself measures no generator."""
    assert summed({"gen": 700.0}, [link("gen", BEHIND, "bess")]).value == 700


def test_fed_through_something_that_measures_no_load():
    """A stage behind a feeder that only says its voltage, which is behind a battery system, is a
    part of the battery system's load; a panel there is no part of its solar power."""
    links = [link("stage", BEHIND, "feeder"), link("feeder", BEHIND, "bess")]
    for quantity in ("load_power_w", "load_energy_kwh"):
        found = summed({"bess": 1000.0, "stage": 600.0}, links, quantity)
        assert (found.value, found.counted) == (1000, ("bess",))
        assert found.remainders[0].value == 400
    links = [link("panel", BEHIND, "feeder"), link("feeder", BEHIND, "bess")]
    assert summed({"bess": 1000.0, "panel": 600.0}, links, "pv_power_w").value == 1600


def test_twin_of_a_twin_that_has_no_value_of_it():
    """The same as the same is the same, also when the one between does not measure it."""
    links = [link("a", SAME, "b"), link("b", SAME, "c")]
    found = summed({"a": 90.0, "c": 100.0}, links, "pv_power_w")
    assert (found.value, found.counted) == (100, ("c",))


def test_ring_through_assets_without_the_quantity():
    """Links that lead round in a ring without anybody to count lead nowhere; nothing is lost."""
    links = [link("a", BEHIND, "x"), link("x", BEHIND, "y"), link("y", BEHIND, "x")]
    assert summed({"a": 5.0}, links).value == 5
    links = [link("a", BEHIND, "x"), link("x", BEHIND, "a")]
    assert summed({"a": 5.0}, links).value == 5


def test_energy_deviation():
    """A check of energies is told from 5 kWh on."""
    links = [link("b", SAME, "a")]
    small = summed({"a": 4.0, "b": 5.0}, links, "load_energy_kwh", counter=True)
    found = summed({"a": 100.0, "b": 95.0}, links, "load_energy_kwh", counter=True)
    assert [c.deviation_pct for c in (*small.checks, *found.checks)] == [None, -5.0]


def test_chain_of_twins_has_one_end():
    """The inverter's view, the GX's generator meter and the generator's own meter are one flow."""
    links = [link("bess", SAME, "bess.genset"), link("bess.genset", SAME, "genset-1")]
    found = summed({"bess": 90.0, "bess.genset": 95.0, "genset-1": 100.0}, links)
    assert (found.value, found.counted) == (100, ("genset-1",))


def test_twin_of_a_child_is_behind_too():
    """An inverter read directly is behind the battery system whose GX sees the same inverter."""
    links = [link("bess.pvinverter", SAME, "pv-1"), link("bess.pvinverter", BEHIND, "bess")]
    found = summed({"bess": 900.0, "bess.pvinverter": 400.0, "pv-1": 405.0}, links)
    assert (found.value, found.counted) == (900, ("bess",))


def test_links_may_be_for_some_quantities_only():
    """A link about generator power says nothing about load."""
    links = [link("bess", SAME, "gen", "generator_power_w")]
    assert summed({"bess": 1.0, "gen": 2.0}, links, "load_power_w").value == 3
    assert summed({"bess": 1.0, "gen": 2.0}, links, "generator_power_w").value == 2


def test_stale_is_left_out_and_said():
    """A stale asset is not in the total, which then is partial; its check does not replace it."""
    found = summed({"a": 1000.0, "b": 500.0, "t": 1.0}, [link("t", SAME, "a")], stale=("a",))
    assert (found.value, found.left_out, found.partial) == (500, ("a",), True)


def test_a_check_stands_in_for_what_is_gone():
    """A battery system sees the flow of a meter at its input that was taken away: nothing is
    missing. With a meter of its own beside, the flow counts once; a check that is stale does not
    stand in, and energy that was counted stays."""
    links = [link("bess", SAME, "bess.genset"), link("bess.genset", SAME, "gen")]
    values = {"bess": 47.0, "bess.genset": 46.0, "other": 5.0}
    found = summed(values, links, "generator_power_w", gone=("bess.genset",))
    assert (found.value, found.counted, found.partial) == (52, ("bess", "other"), False)
    found = summed(values | {"gen": 48.0}, links, "generator_power_w", gone=("bess.genset",))
    assert (found.value, found.counted, found.partial) == (53, ("gen", "other"), False)
    gone = {"gone": ("bess.genset",), "stale": ("bess",)}
    found = summed(values, links, "generator_power_w", **gone)
    assert (found.value, found.left_out) == (5, ("bess.genset",))
    found = summed(values, links, "generator_energy_kwh", gone=("bess.genset",), counter=True)
    assert (found.value, found.left_out) == (51, ("bess.genset",))


def test_missing_value_of_a_flow_that_others_see():
    """A generator whose own meter lives without a power is switched off, unless a check of it says
    that it runs: then its power is missing, and the total says so."""
    links = [link("gx.genset", SAME, "genset"), link("feeder", BEHIND, "genset")]
    for check, part, partial in ((0.0, 0.0, False), (9000.0, 0.0, True), (0.0, 9000.0, True)):
        values = {"genset": None, "gx.genset": check, "feeder": part, "other": 5.0}
        found = summed(values, links, "generator_power_w")
        assert (found.value, found.partial) == (5.0, partial)
        assert found.left_out == (("genset",) if partial else ())


def test_counter_keeps_what_was_counted():
    """Energy that was counted does not vanish with its meter; the total says partial."""
    found = summed({"a": 10.0, "b": 5.0}, [], "load_energy_kwh", stale=("a",), counter=True)
    assert (found.value, found.partial) == (15, True)


def test_nobody_has_it():
    """Without a single value there is no total, not zero."""
    assert summed({}, []).value is None
    assert summed({"a": None}, []).value is None


def test_twins_of_something_that_has_no_value_of_it():
    """Two views of a generator whose own meter is not read are one generator: the second does not
    count beside the first."""
    links = [link("gx1.genset", SAME, "genset"), link("gx2.genset", SAME, "genset")]
    found = summed({"gx1.genset": 95.0, "gx2.genset": 96.0}, links, "generator_power_w")
    assert (found.value, found.counted) == (95, ("gx1.genset",))
    assert [check.asset for check in found.checks] == ["gx2.genset"]


def test_twin_of_two():
    """What is the same as two things says that those are the same."""
    links = [link("b", SAME, "a"), link("b", SAME, "c")]
    assert summed({"a": 1000.0, "b": 1000.0, "c": 1000.0}, links).value == 1000


@st.composite
def sites(draw):
    """A tree of flows, each measured by up to three assets: true watts of each flow, the feeder of
    each (None: none), its assets, who has the quantity, and the links that people and devices made
    of it."""
    true: list[float] = []
    feeder: list[int | None] = []
    members: list[list[str]] = []
    links = []
    for flow in range(draw(st.integers(1, 8))):
        feeder.append(draw(st.none() | st.integers(0, flow - 1)) if flow else None)
        members.append([f"{flow}{letter}" for letter in "abc"[: draw(st.integers(1, 3))]])
        for number, name in enumerate(members[flow][1:], 1):
            links.append(link(name, SAME, draw(st.sampled_from(members[flow][:number]))))
        parent = feeder[flow]
        if parent is not None:
            one, other = (draw(st.sampled_from(members[each])) for each in (flow, parent))
            links.append(link(one, BEHIND, other))
        true.append(draw(st.integers(1, 1000)) * 1.0)
    for flow in range(len(true) - 1, 0, -1):
        if (parent := feeder[flow]) is not None:
            true[parent] += true[flow]
    having = draw(st.sets(st.sampled_from([name for names in members for name in names])))
    return true, feeder, members, having, draw(st.permutations(links))


@given(sites())
def test_total_is_the_truth(site):
    """Whoever has a value and however the links are written: the total is the sum of the flows that
    are measured and lie in no other one that is, each once, and every remainder is what the parent
    measured beyond the measured flows next below it."""
    true, feeder, members, having, links = site
    measured = [bool(having & set(names)) for names in members]
    above: list[int | None] = []
    for flow in range(len(true)):
        at = feeder[flow]
        while at is not None and not measured[at]:
            at = feeder[at]
        above.append(at)
    tops = [flow for flow in range(len(true)) if measured[flow] and above[flow] is None]
    values = {name: true[flow] for flow, names in enumerate(members) for name in names}
    found = summed({name: values[name] for name in having}, links)
    assert found.value == (sum(true[flow] for flow in tops) if tops else None)
    assert len(found.counted) == len(tops)
    rest: dict[int, float] = {}
    for flow, parent in enumerate(above):
        if measured[flow] and parent is not None:
            rest[parent] = rest.get(parent, true[parent]) - true[flow]
    assert {int(r.parent[0]): r.value for r in found.remainders} == rest


names = st.sampled_from("abcdefg")
some_links = st.lists(st.builds(link, names, st.sampled_from([SAME, BEHIND]), names), max_size=12)


@given(some_links, st.sets(names, min_size=1))
def test_each_flow_once_whatever_the_links(links, having):
    """Rings and tangles never lose an asset nor count one twice, whoever has the quantity."""
    plan = groups(having, links, "load_power_w")
    standing = [g.asset for g in plan]
    checks = [name for g in plan for name in g.checks]
    assert sorted(standing + checks) == sorted(having)
    assert any(g.parent is None for g in plan)
    for g in plan:
        seen = {g.asset}
        at = g
        while at.parent is not None:
            at = next(h for h in plan if h.asset == at.parent)
            assert at.asset not in seen
            seen.add(at.asset)
