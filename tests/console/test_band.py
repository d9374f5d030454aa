"""The line of truth, the totals and the banner."""

from typing import Any

import pytest
from msgspec.structs import replace

from collector.client import decode
from collector.errors import ApiError
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, Check, Overlap, SinkHealth, Snapshot, Total
from collector.wire import MeAnswer, SnapshotAnswer
from ovr_tui.console.band import band, banner, height, status_line, text_of, top_line
from ovr_tui.console.console_font import WESTERN
from ovr_tui.console.glyphs import TTY, UNICODE, Glyphs
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import ConsoleHealth, Now
from ovr_tui.console.text import plain, width
from tests.support.snapshots import START_MS, alarm, asset, changed, site, snapshot, total

SINKS = (
    SinkHealth(sink="local", state="live"),
    SinkHealth(sink="cloud", state="live", behind_s=41),
)


def moment(
    shot: Snapshot | None,
    *,
    silent_s: float = 0.0,
    attached: bool = True,
    cause: str = "",
    losses: int = 0,
    retry_in_s: float | None = None,
    paused_s: float | None = None,
    held_s: float = 0.0,
    glyphs: Glyphs = UNICODE,
    fault: str = "",
) -> Now:
    """A moment around a snapshot."""
    return Now(
        snapshot=shot,
        silent_s=silent_s,
        link=LinkState(attached=attached, cause=cause, losses=losses),
        retry_in_s=retry_in_s,
        wall_ms=START_MS,
        at_s=0.0,
        glyphs=glyphs,
        paused_s=paused_s,
        held_s=held_s,
        console=ConsoleHealth(fault=fault),
    )


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
def test_line_of_truth(cells: int) -> None:
    """At any width: the site, each sink's lag, local time with its zone, in exactly one line."""
    line = top_line(moment(snapshot(sinks=SINKS, problems=("disk",))), cells)
    text = plain(line)
    assert width(line) == cells
    assert "Main field" in text
    assert "local ✓ 0 s" in text
    assert "14:32:07 PDT" in text
    assert ("ovr-node-07 · ● collecting" in text) == (cells > 80)


def test_who_has_started_the_collector_gives_way() -> None:
    """Where there is no room it is left out, and that values are the present stays."""
    shot = changed(snapshot(), alarms=(alarm(),))
    hosted = replace(moment(shot), hosted=True)
    told = {cells: plain(top_line(hosted, cells)) for cells in range(60, 101)}
    assert "● collecting, hosted" in told[100]
    without = [cells for cells, text in told.items() if "hosted" not in text]
    assert any("● collecting " in told[cells] for cells in without)
    assert all("● collecting" in text for cells, text in told.items() if cells >= 70), told[70]


def test_line_of_truth_when_things_go_wrong() -> None:
    """A sink far behind, problems and a lost collector each have their words."""
    behind = (SinkHealth(sink="cloud", state="retry", behind_s=7200, cause="429"),)
    shot = snapshot(sinks=behind, problems=("disk", "clock"))
    assert "cloud ▲ 2 h 00 behind" in plain(top_line(moment(shot), 120))
    assert "▲ 2 problems" in plain(top_line(moment(shot), 120))
    assert "✗ collector lost" in plain(top_line(moment(shot, attached=False, losses=1), 120))
    assert "looking for the collector" in plain(top_line(moment(None, attached=False), 120))
    silent = plain(top_line(moment(snapshot(sinks=SINKS), silent_s=9), 120))
    assert "silent 9 s" in silent
    assert "cloud (41 s)" in silent
    assert "✓" not in silent


def test_totals() -> None:
    """Each total has its number, direction and what goes with it."""
    view = asset(readings={"battery_soc_pct": 71.0})
    low = asset("bess-2", readings={"battery_soc_pct": 40.2})
    gens = [
        asset(f"g{n}", AssetKind.GENERATOR, readings={"generator_state": float(state)})
        for n, state in enumerate((3, 3, 0))
    ]
    totals = {
        "load_power_w": total("load_power_w", 412_600.0),
        "battery_power_w": total("battery_power_w", -186_200.0),
        "generator_power_w": Total(
            quantity="generator_power_w", value=154_000.0, counted=("g0", "g1", "g2")
        ),
        "pv_power_w": total("pv_power_w", 72_400.0, left_out=2),
    }
    today = {"load_energy_kwh": total("load_energy_kwh", 3214.2)}
    lines = text_of(
        band(moment(snapshot(view, low, *gens, totals=totals, today=today)), 120, tall=True)
    )
    for part in (
        "412.6 kW", "186.2 kW out", "40–71 %", "154.0 kW", "2 of 3 running", "72.4 kW",
        "partial: 2 out", "not connected", "3 214 kWh served",
    ):  # fmt: skip
        assert part in lines


def test_a_total_that_may_count_twice() -> None:
    """It says that it is unverified."""
    twins = (Overlap(asset="a", other="b", since_ms=0),)
    doubtful = Total(quantity="load_power_w", value=9000.0, counted=("a", "b"), unverified=twins)
    lines = text_of(band(moment(snapshot(totals={"load_power_w": doubtful})), 120, tall=True))
    assert "unverified" in lines


def test_a_total_without_value() -> None:
    """Nothing has the quantity: a dash. Everything that has it is left out: `--`, and partial."""
    shot = snapshot(
        asset(), totals={"pv_power_w": total("pv_power_w", None, counted=0, left_out=3)}
    )
    lines = text_of(band(moment(shot), 120, tall=True)).splitlines()
    assert "--" in lines[1]
    assert "partial: 3 out" in lines[2]
    assert lines[1].strip().startswith("—")


@pytest.mark.parametrize(
    ("out", "status", "told"),
    [
        (0, None, True),
        (1, None, False),
        (0, AssetStatus.WAITING, False),
        (0, AssetStatus.LOST, False),
        (0, AssetStatus.DISABLED, True),
    ],
)
def test_no_grid_is_said_where_none_is_expected(
    out: int, status: AssetStatus | None, told: bool
) -> None:
    """A grid whose meters are lost or not heard yet may well be there."""
    meters = [] if status is None else [asset("g", AssetKind.GRID, status)]
    totals = {"grid_power_w": total("grid_power_w", None, counted=0, left_out=out)}
    for cells in (120, 200):
        lines = text_of(band(moment(snapshot(*meters, totals=totals)), cells, tall=True))
        assert ("not connected" in lines) == told
        assert ("partial: 1 out" in lines) == bool(out)


@pytest.mark.parametrize("status", [AssetStatus.WAITING, AssetStatus.LOST, AssetStatus.WRONG])
def test_what_is_behind_a_device_that_was_never_heard_is_not_known(status: AssetStatus) -> None:
    """A GX may have everything behind it: until it speaks no total is said not to exist, and those
    that others have are partial. A meter of loads has a part in the load only."""
    load = total("load_power_w", None, counted=0)
    totals = {"load_power_w": replace(load, left_out=("bess-1", "load-1"))}
    meter = asset("load-1", AssetKind.LOAD, status)

    def says(*views: AssetView, **more: Total) -> list[list[str]]:
        shot = snapshot(*views, totals=totals | more)
        lines = text_of(band(moment(shot), 210, tall=True)).splitlines()
        return [[line[at : at + 34].strip() for at in range(2, 172, 34)] for line in lines[1:3]]

    out = "partial: 1 out"
    assert says(asset("bess-1", status=status), meter) == [
        ["--"] * 5,
        ["partial: 2 out", *[out] * 4],
    ]
    heard = says(asset("bess-1", readings={"battery_soc_pct": 71.0}), meter)
    assert heard == [["--", *["—"] * 4], ["partial: 2 out", "71 %", "", "", "not connected"]]
    counted = says(meter, load_power_w=total("load_power_w", 9e3))
    assert (counted[0][0], counted[1][0]) == ("9.0 kW", "")  # what feeds that meter counts its load
    others = says(asset("bess-1", status=status), meter, pv_power_w=total("pv_power_w", 9e3))
    assert (others[0][3], others[1][3]) == ("9.0 kW", out)


def test_a_device_that_is_silent_now_may_have_got_a_grid() -> None:
    """What it told of is known, so no grid is missing; but none is said to be unconnected."""
    told = asset("bess-1", status=AssetStatus.STALE, readings={"battery_soc_pct": 71.0})
    lines = text_of(band(moment(snapshot(told)), 120, tall=True))
    assert "not connected" not in lines
    assert "partial" not in lines


def test_a_partial_battery_keeps_its_level() -> None:
    """How full the batteries are matters more than how many are missing: that is said in fewer
    words where there is little room."""
    views = [
        asset(f"b{n}", readings={"battery_soc_pct": level}) for n, level in enumerate((0.0, 100.0))
    ]
    totals = {"battery_power_w": total("battery_power_w", 9e3, left_out=1)}
    whole, one = snapshot(*views, totals=totals), snapshot(views[0], totals=totals)

    def says(shot: Snapshot, cells: int, silent_s: float = 0.0) -> str:
        return text_of(band(moment(shot, silent_s=silent_s), cells, tall=True))

    assert "0–100 % · partial: 1 out" in says(whole, 200)
    assert "0–100 % · partial " in says(whole, 120)
    assert "(0–100 %) · 1 out " in says(whole, 120, 9)
    assert "0 % · partial " in says(one, 120)


def test_the_bracket_of_what_is_stale_closes() -> None:
    """Also where the note is too long for its box."""
    sets = [
        asset(f"g{n}", AssetKind.GENERATOR, readings={"generator_state": 3.0} if n else {})
        for n in range(15)
    ]
    members = tuple(view.id for view in sets)
    power = Total(quantity="generator_power_w", value=9e4, counted=members)
    shot = snapshot(*sets, totals={"generator_power_w": power})
    lines = text_of(band(moment(shot, silent_s=9), 120, tall=True)).splitlines()
    assert "(14 of 15 run, 1…) " in lines[2] + " "


def test_small_exchange_has_no_direction() -> None:
    """Around zero a battery is neither charged nor discharged, and never minus zero."""
    shot = snapshot(asset(), totals={"battery_power_w": total("battery_power_w", -12.0)})
    text = text_of(band(moment(shot), 80, tall=False))
    assert "0.0 kW" in text
    assert "-0" not in text
    assert "out" not in text


@pytest.mark.parametrize(("cells", "lines"), [(60, 2), (80, 2), (100, 2), (131, 1)])
def test_flat_band_fits(cells: int, lines: int) -> None:
    """On a low screen the totals stand one after another on lines that fit, partial ones marked."""
    found = band(moment(site(150)), cells, tall=False)
    assert len(found) == height(cells, tall=False) == lines
    assert all(width(line) <= cells for line in found)
    assert "!" in text_of(found)
    assert "kWh served" in text_of(found)


def test_flat_band_shows_every_total() -> None:
    """The smallest screen has all of them, the grid and the day's energy too."""
    powers = {
        f"{name}_power_w": total(f"{name}_power_w", 512_300.0)
        for name in ("load", "battery", "generator", "pv", "grid")
    }
    today = {
        name: total(name, 12_345.0)
        for name in ("load_energy_kwh", "pv_energy_kwh", "generator_energy_kwh")
    }
    shot = snapshot(asset(), totals=powers, today=today)
    text = text_of(band(moment(shot), 80, tall=False))
    for word in (
        "load 512.3",
        "bat 512.3",
        "gen 512.3",
        "pv 512.3",
        "grid 512.3 kW in",
        "today 12",
    ):
        assert word in text


def test_totals_of_a_silent_collector_are_in_brackets() -> None:
    """When no snapshot comes the totals are not of now, and say so."""
    shot = snapshot(asset(), totals={"load_power_w": total("load_power_w", 412_600.0)})
    assert "(412.6) kW" in text_of(band(moment(shot, silent_s=9), 120, tall=True))
    low = text_of(band(moment(site(150), silent_s=9), 120, tall=False))
    for word in ("load (", "bat (", "gen (", "pv ("):
        assert word in low


def test_a_lost_collector_makes_the_picture_old_at_once() -> None:
    """From the moment the link is lost nothing counts as live, as the banner says; before, the
    picture is the present for up to 3 s."""
    shot = snapshot(asset(), totals={"load_power_w": total("load_power_w", 412_600.0)})
    lost = moment(shot, silent_s=0.2, attached=False, losses=1)
    assert lost.stale_s == 0.2
    assert "(412.6) kW" in text_of(band(lost, 120, tall=True))
    assert moment(shot, silent_s=2.9).stale_s is None
    assert moment(shot, silent_s=3.1).stale_s == 3.1


def test_generators_that_are_not_heard_are_not_said_to_run() -> None:
    """Only live generators count as running; of the others it is not known."""
    sets = [
        asset(f"g{n}", AssetKind.GENERATOR, status, {"generator_state": 3.0})
        for n, status in enumerate((AssetStatus.LIVE, AssetStatus.LIVE, AssetStatus.STALE))
    ]

    def says(count: int, *out: str) -> str:
        members = tuple(view.id for view in sets[:count] if view.id not in out)
        power = Total(quantity="generator_power_w", value=9e4, counted=members, left_out=out)
        shot = snapshot(*sets[:count], totals={"generator_power_w": power})
        return text_of(band(moment(shot), 260, tall=True))

    assert "2 of 2 running" in says(2)
    assert "2 of 3 running, 1 unknown" in says(3, "g2")


def test_a_controller_tells_of_the_generator_that_a_meter_counts() -> None:
    """Where a meter counts and the generator's controller is its check, the controller says
    whether it runs; each generator is told of once."""
    power = Total(
        quantity="generator_power_w",
        value=9e4,
        counted=("meter", "g1"),
        checks=(Check(asset="g0", of="meter", deviation_pct=0.1),),
    )
    shot = snapshot(
        asset("meter", AssetKind.GENERATOR, readings={"generator_power_w": 9e4}),
        asset("g0", AssetKind.GENERATOR, readings={"generator_state": 3.0}),
        asset("g1", AssetKind.GENERATOR, readings={"generator_state": 0.0}),
        totals={"generator_power_w": power},
    )
    assert "1 of 2 running" in text_of(band(moment(shot), 200, tall=True))


def test_a_controller_tells_of_the_generator_behind_its_own_device() -> None:
    """A GX counts what its input takes and its generator's controller, which measures no power and
    has no link, tells the state; with two of them nobody knows whose it is."""
    power = Total(quantity="generator_power_w", value=4e4, counted=("bess-1", "bess-2", "meter"))
    views = [
        asset("bess-1", readings={"generator_power_w": 4e4}),
        asset("bess-1.genset", AssetKind.GENERATOR, readings={"generator_state": 3.0}),
        asset("bess-2", readings={"generator_power_w": 0.0}),
        asset("bess-2.genset", AssetKind.GENERATOR, readings={"generator_state": 0.0}),
        asset("meter", AssetKind.GENERATOR, readings={"generator_power_w": 0.0}),
    ]

    def says(cells: int, *more: AssetView) -> str:
        shot = snapshot(*views, *more, totals={"generator_power_w": power})
        return text_of(band(moment(shot), cells, tall=True))

    assert "1 of 3 running, 1 unknown" in says(200)
    assert "1 of 3 run, 1 ? " in says(120)
    other = asset("bess-2.engine", AssetKind.GENERATOR, readings={"generator_state": 0.0})
    assert "1 of 3 running, 2 unknown" in says(200, other)


def test_a_generator_that_gives_power_runs() -> None:
    """A meter knows no state: power says that its generator runs, no power says nothing."""

    def says(watts: float, status: AssetStatus = AssetStatus.LIVE) -> str:
        power = Total(quantity="generator_power_w", value=watts, counted=("meter",))
        meter = asset("meter", AssetKind.GENERATOR, status, {"generator_power_w": watts})
        shot = snapshot(meter, totals={"generator_power_w": power})
        return text_of(band(moment(shot), 200, tall=True))

    assert "1 of 1 running" in says(9e4)
    assert "0 of 1 running, 1 unknown" in says(20.0)
    assert "0 of 1 running, 1 unknown" in says(9e4, AssetStatus.STALE)


def test_small_energies_have_a_decimal() -> None:
    """In the first hours of a day a kilowatt-hour is much: below 100 kWh one decimal is shown."""
    energy = {"load_energy_kwh": 1.24, "pv_energy_kwh": 99.96, "generator_energy_kwh": 100.4}
    shot = snapshot(today={name: total(name, value) for name, value in energy.items()})
    text = text_of(band(moment(shot), 200, tall=True))
    assert "1.2 kWh served" in text
    assert "pv 100.0 · gen 100" in text


def test_banner() -> None:
    """A person sees why the picture is not live, and what will happen; live has no banner."""
    shot = snapshot()

    def said(cells: int = 120, **fields: Any) -> str:
        return text_of(banner(moment(shot, **fields), cells))

    assert banner(moment(shot), 120) == []
    lost = said(silent_s=12, attached=False, cause="it was ended", losses=1, retry_in_s=3)
    assert "COLLECTOR LOST 12 s ago, all values are stale · next try in 3 s" in lost
    assert lost.endswith(" · it was ended")
    assert "PAUSED 7 s" in said(paused_s=7)
    assert "No snapshot for 8 s" in said(silent_s=8)
    assert "broken" in said(fault="broken")
    assert "PAUSED 7 s" in said(fault="broken", paused_s=7).splitlines()[1]
    assert "No snapshot for 8 s" in said(fault="broken", silent_s=8).splitlines()[1]
    assert "broken" in said(fault="broken", silent_s=8).splitlines()[0]
    gone = said(40, fault="broken", silent_s=12, attached=False, cause="no collector", losses=1)
    assert "COLLECTOR LOST 12 s ago" in gone.splitlines()[1]
    assert len(gone.splitlines()) == 2
    both = said(80, silent_s=720, attached=False, losses=1, paused_s=780, retry_in_s=13)
    assert "COLLECTOR LOST 12 min ago · PAUSED 13 min" in both
    assert "next try in 13 s" in both
    assert "PAUSED 9 s: no snapshot for 8 s" in said(silent_s=8, paused_s=9)


def test_a_held_picture_ages() -> None:
    """Held for longer than a snapshot is believed, its figures are stale, as old as they are; the
    line of truth goes on to say how the collector is."""
    totals = {"load_power_w": total("load_power_w", 412_600.0)}
    shot = snapshot(asset(), totals=totals)
    assert moment(shot, paused_s=2, held_s=2.9).stale_s is None
    held = moment(shot, paused_s=29, held_s=29.5)
    assert (held.stale_s, held.unheard_s) == (29.5, None)
    assert "(412.6) kW" in text_of(band(held, 120, tall=True))
    assert "● collecting" in plain(top_line(held, 120))
    lost = moment(shot, attached=False, losses=1, silent_s=1, paused_s=2, held_s=2.5)
    assert (lost.stale_s, lost.unheard_s) == (2.5, 1)


def test_why_a_collector_is_lost_is_never_cut() -> None:
    """On 80 columns the cause, with what to do about it, has a line of its own."""
    with pytest.raises(ApiError) as refused:
        decode(b'{"schema": 2}', SnapshotAnswer)
    now = moment(
        snapshot(), attached=False, cause=str(refused.value), losses=1, retry_in_s=5, silent_s=30
    )
    lines = banner(now, 80)
    assert len(lines) == 2
    assert max(width(line) for line in lines) <= 80
    assert "restart the older one" in text_of(lines)


def test_a_collector_that_stays_away_has_a_way_out() -> None:
    """After a while without one that runs the banner says what whoever looks can do about it."""

    def said(silent_s: float, cause: str, **more: Any) -> str:
        now = moment(snapshot(), silent_s=silent_s, attached=False, cause=cause, losses=1)
        lines = banner(replace(now, retry_in_s=5, **more), 60)
        assert max(width(line) for line in lines[1:]) <= 60
        return text_of(lines).splitlines()[1]

    gone = "no collector runs: nobody listens on /x"
    me = MeAnswer(person="kim", role="operator", transport="ovr.sock", control=True, pin=False,
                  node="n1", site="s", timezone="UTC", version="1")  # fmt: skip
    assert gone in said(5, gone, me=me)
    assert "ended" in said(39, "the collector has ended", me=me)
    assert said(39, gone, me=me, hosted=True).endswith(": q, then ovr starts one")
    assert said(39, gone, me=me).endswith(": q, then ovr starts one or says how")
    viewer = said(39, gone, me=replace(me, role="viewer"))
    assert viewer.endswith(": whoever operates this node starts one")
    assert "ovr" not in viewer


def test_status_line_always_counts() -> None:
    """`37 of 150` stands there whatever is filtered, and how many assets the totals leave out."""
    shot = snapshot(asset(), totals={"load_power_w": total("load_power_w", 1.0, left_out=2)})
    text = plain(status_line(moment(shot), 37, 150, ["filter stage", "power ▼"], 120))
    assert "37 of 150 assets · filter stage · power ▼" in text
    assert "totals partial: 2 assets left out" in text
    assert width(status_line(moment(shot), 37, 150, ["filter " + "x" * 90], 80)) == 80


def test_hostile_site_names_stay_text() -> None:
    """Names of site, node and sinks are shown as they are, without what a terminal obeys."""
    shot = snapshot(asset(), sinks=(SinkHealth(sink="[/]\x1b[2J", state="x"),), site="[bold]\x07x")
    text = plain(top_line(moment(shot), 120))
    assert "[bold]·x" in text
    assert "[/]·[2J" in text
    assert "\x1b" not in text


def test_tty_needs_only_its_font() -> None:
    """On a console the head of the page uses only characters that its fonts hold."""
    now = moment(site(40), glyphs=TTY, attached=False, losses=1, cause="“gone”…")
    text = (
        plain(top_line(now, 120)) + text_of(banner(now, 120)) + text_of(band(now, 120, tall=True))
    )
    assert set(text) <= WESTERN | {"\n"}
    assert AssetStatus.LOST in now.glyphs.status
