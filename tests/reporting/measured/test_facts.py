"""What held when decides: units, systems, roles and links by the assignments of each minute."""

from collector.model.assets import ASSUMED, Link, Ratings
from collector.model.assignment import Fact, Held
from collector.model.kinds import AssetKind, LinkType
from reporting.measured import read
from tests.reporting.support import (
    MINUTE,
    START_MS,
    asset,
    counter,
    inputs,
    rollup_file,
    row,
    steady,
)

GENERATOR = AssetKind.GENERATOR


def held(what, value, begin=None, end=None, *, name="a", key=""):
    """A fact about asset `a`; times in minutes, None: since or for ever."""
    return Held(
        asset=name,
        what=Fact(what),
        key=key,
        value=value,
        from_ms=0 if begin is None else START_MS + round(begin * MINUTE),
        to_ms=None if end is None else START_MS + round(end * MINUTE),
        id=f"{name}-{what}-{key}-{begin}",
        person="tech",
    )


def test_each_unit_has_its_own_line():
    """A generator swapped after 20 minutes: 10 kW · 20 min, then 30 kW · 40 min."""
    rows = [
        *steady("generator_power_w", 10_000, range(20)),
        *steady("generator_power_w", 30_000, range(20, 60)),
    ]
    said = (
        held("unit", "G-1", None, 20, key="number"),
        held("unit", "G-2", 20, key="number"),
        held("rating", "20", None, 20, key="rated_kw"),
        held("rating", "60", 20, key="rated_kw"),
    )
    one = inputs([asset("a", GENERATOR)], assignments=said)
    found = read(one, rollup_file({"a": rows}, {"a": GENERATOR}))
    assert [(t.unit, t.asset.ratings.rated_kw, len(t.rows)) for t in found.tracks] == [
        ("G-1", 20.0, 20),
        ("G-2", 60.0, 40),
    ]
    assert [(e.unit, e.kwh) for e in found.evidence] == [("G-1", 3.333), ("G-2", 20.0)]
    assert found.energy.generator_kwh == 23.333
    assert found.quality.coverage_pct == 100.0


def test_a_number_that_was_written_down_late_is_the_unit_s_from_the_beginning():
    """Nothing else was said of the time before: one line."""
    said = (held("unit", "G-1", 30, key="number"), held("rating", "1", 40, key="accuracy_class"))
    found = read(
        inputs([asset("a", serial="")], assignments=said),
        rollup_file({"a": steady("load_power_w", 1000, range(60))}),
    )
    assert [(t.unit, t.asset.accuracy_class) for t in found.tracks] == [("G-1", "1")]
    assert found.energy.uncertainty["load_kwh"] == 0.01


def test_an_asset_that_came_into_the_system_later_counts_from_then_on():
    """Back-dated: its rows still name the other system. The minute of the change is shared."""
    said = (held("system", "s2", None, 29.5), held("system", "s1", 29.5))
    file = rollup_file(
        {"a": steady("load_power_w", 6000, range(60)), "b": steady("load_power_w", 60, range(60))},
        systems={"a": "s2"},
    )
    found = read(inputs([asset("a"), asset("b")], assignments=said), file)
    assert found.energy.load_kwh == 3.11  # 6 kW · 30.5 min + 0.06 kW · 1 h
    assert "shared-by-time" in {note.code for note in found.notes}
    load = found.flows["load_power_w"]
    assert [load.mean_kw(i) for i in (28, 30)] == [0.06, 6.06]
    assert load.mean_kw(29) == 3.06  # half of the minute with it
    (track,) = [t for t in found.tracks if t.asset.id == "a"]
    assert track.from_ms == START_MS + round(29.5 * MINUTE)


def test_a_source_that_had_not_come_yet_gave_nothing():
    """The generator joins after 30 minutes: before, nought of the system's load came from it."""
    said = (held("system", "s2", None, 30), held("system", "s1", 30))
    file = rollup_file(
        {
            "a": steady("generator_power_w", 6000, range(30, 60)),
            "b": steady("load_power_w", 3000, range(60)),
        },
        {"a": GENERATOR},
    )
    found = read(inputs([asset("a", GENERATOR), asset("b")], assignments=said), file)
    assert [found.flows["generator_power_w"].mean_kw(i) for i in (0, 29, 30)] == [0.0, 0.0, 6.0]
    assert found.energy.generator_kwh == 3.0


def test_a_role_of_some_time_makes_another_flow_of_that_time():
    """A meter on the load, from minute 30 on the grid."""
    rows = steady("load_power_w", 6000, range(30)) + steady("grid_power_w", 1200, range(30, 60))
    said = (held("role", "load", None, 30), held("role", "grid", 30))
    found = read(inputs([asset("a")], assignments=said), rollup_file({"a": rows}))
    assert (found.energy.load_kwh, found.energy.grid_import_kwh) == (3.0, 0.6)
    assert [t.kind for t in found.tracks] == [AssetKind.LOAD, AssetKind.GRID]


def test_links_hold_from_when_they_were_said():
    """Two loads of 6 and 4 kW; from minute 30 the second is behind the first. 6 kW · 1 h and
    4 kW · ½ h; of the time since, 2 kW · ½ h are the first one's own."""
    said = (held("link", "behind", 30, key="a", name="b"),)
    file = rollup_file(
        {"a": steady("load_power_w", 6000, range(60)), "b": steady("load_power_w", 4000, range(60))}
    )
    found = read(inputs([asset("a"), asset("b")], assignments=said), file)
    assert found.energy.load_kwh == 8.0
    assert [(r.parent, r.children, r.kwh) for r in found.energy.remainders] == [("a", ("b",), 1.0)]
    assert [found.flows["load_power_w"].mean_kw(i) for i in (29, 30)] == [10.0, 6.0]


def test_a_check_is_never_added_and_has_its_deviation():
    """A second meter on the same flow reads 10 % more."""
    file = rollup_file(
        {"a": steady("load_power_w", 6000, range(60)), "b": steady("load_power_w", 6600, range(60))}
    )
    link = Link(asset="b", type=LinkType.SAME_AS, other="a")
    found = read(inputs([asset("a"), asset("b")], links=(link,)), file)
    assert found.energy.load_kwh == 6.0
    check = next(f for f in found.energy.flows if f.asset == "b")
    assert (check.same_as, check.counted, check.deviation_pct) == ("a", False, 10.0)


def test_a_device_s_link_holds_for_its_time():
    """What a GX reads at its input was a part of nothing at first; from minute 30 on it is the same
    as the main asset's: 6 + 6 kW for half an hour, then 6 kW."""
    at_ms = START_MS + 30 * MINUTE
    link = Link(asset="b", type=LinkType.SAME_AS, other="a", from_ms=at_ms)
    before = Link(asset="b", type=LinkType.SAME_AS, other="a", to_ms=at_ms)
    file = rollup_file({n: steady("load_power_w", 6000, range(60)) for n in "ab"})
    for links, kwh in (((link,), 9.0), ((before,), 9.0), ((before, link), 6.0)):
        found = read(inputs([asset("a"), asset("b")], links=links), file)
        assert found.energy.load_kwh == kwh
    assert not [note for note in found.notes if note.code == "shared-by-time"]


def test_a_link_that_nobody_knows_is_said():
    """An asset of which nobody knows how it lies to its device counts as a part of it, and the
    report is blocked; where it has nothing of what the device measures, there is nothing to say."""
    link = Link(asset="a.b", type=LinkType.BEHIND, other="a", why=ASSUMED)
    made = inputs([asset("a"), asset("a.b")], links=(link,))
    file = rollup_file({n: steady("load_power_w", 6000, range(60)) for n in ("a", "a.b")})
    found = read(made, file)
    assert found.energy.load_kwh == 6.0
    (note,) = [one for one in found.notes if one.code == "link-not-known"]
    assert (note.level, note.about) == ("blocks", "a.b")
    alone = rollup_file(
        {
            "a": steady("load_power_w", 6000, range(60)),
            "a.b": steady("generator_power_w", 6000, range(60)),
        },
        {"a.b": GENERATOR},
    )
    found = read(inputs([asset("a"), asset("a.b", GENERATOR)], links=(link,)), alone)
    assert found.energy.generator_kwh == 6.0
    assert not [one for one in found.notes if one.code == "link-not-known"]


def test_a_person_s_word_replaces_what_a_device_says_of_its_links():
    """The device calls b the same as a; a person says that it is the same as c."""
    link = Link(asset="b", type=LinkType.SAME_AS, other="a")
    said = (held("link", "same_as", key="c", name="b"),)
    file = rollup_file({n: steady("load_power_w", 6000, range(60)) for n in "abc"})
    found = read(inputs([asset(n) for n in "abc"], links=(link,), assignments=said), file)
    assert {f.asset: f.same_as for f in found.energy.flows} == {"a": "", "b": "c", "c": ""}
    assert found.energy.load_kwh == 12.0


def test_sources_and_uses_balance():
    """Grid 6 + battery out 2 + PV 1 against a load of 8.5 and 0.4 charged: 0.1 of 9 is left."""
    powers = {"load_power_w": 8500, "grid_power_w": 6000, "pv_power_w": 1000}
    minute = 1 / 60
    rows = [
        row(
            i,
            {**powers, "battery_soc_pct": 80 - i / 2},
            {
                "battery_discharged_kwh": counter(2 * i * minute, 2 * (i + 1) * minute),
                "battery_charged_kwh": counter(0.4 * i * minute, 0.4 * (i + 1) * minute),
            },
        )
        for i in range(60)
    ]
    bess = asset("a", AssetKind.BESS, ratings=Ratings(battery_kwh=10))
    found = read(inputs([bess]), rollup_file({"a": rows}, {"a": AssetKind.BESS})).energy
    assert (found.grid_import_kwh, found.pv_kwh, found.load_kwh) == (6.0, 1.0, 8.5)
    assert (found.charged_kwh, found.discharged_kwh) == (0.4, 2.0)
    assert (found.residual_kwh, found.residual_pct) == (0.1, 1.11)
    assert (found.stored_start_kwh, found.stored_end_kwh) == (8.0, 5.05)
    assert found.battery_losses_kwh == 1.35  # 0.4 − 2.0 + 2.95
