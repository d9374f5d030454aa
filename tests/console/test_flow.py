"""Where the site's power comes from and where it goes."""

import pytest

from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot, Total
from ovr_tui.console.flow import flow, parts
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import Now
from ovr_tui.console.text import plain, width
from tests.support.snapshots import START_MS, asset, snapshot, total


def now_of(shot: Snapshot, *, silent_s: float = 0.0) -> Now:
    """A moment with this snapshot."""
    link = LinkState(attached=True)
    return Now(snapshot=shot, silent_s=silent_s, link=link, retry_in_s=None, wall_ms=START_MS,
               at_s=0.0, glyphs=UNICODE)  # fmt: skip


def with_totals(left_out: int = 0, **watts: float) -> Snapshot:
    """A site with these totals."""
    totals = {name: total(name, value, left_out=left_out) for name, value in watts.items()}
    return snapshot(asset(), totals=totals)


def test_sources_and_takers_by_their_signs() -> None:
    """A battery that charges and a grid that is fed take power; discharging and importing they
    give it."""
    charging = with_totals(
        generator_power_w=90_000, battery_power_w=40_000, grid_power_w=-5_000, load_power_w=45_000
    )
    sources, takers = parts(charging)
    assert [(p.name, p.watts) for p in sources] == [("generator", 90_000)]
    assert [(p.name, p.watts) for p in takers] == [
        ("load", 45_000), ("battery", 40_000), ("grid", 5_000)
    ]  # fmt: skip
    sources, takers = parts(with_totals(battery_power_w=-30_000, load_power_w=30_000))
    assert [p.name for p in sources] == ["battery"]
    assert [p.name for p in takers] == ["load"]


def test_what_is_not_accounted_for_is_said() -> None:
    """Sources that give more than is known to be taken: losses; with assets left out nobody
    knows."""
    text = plain(flow(now_of(with_totals(generator_power_w=100_000, load_power_w=90_000)), 200))
    assert "generator 100 %" in text
    assert "load 90 %" in text
    assert "losses, unmetered 10 %" in text
    out = with_totals(left_out=1, generator_power_w=100_000, load_power_w=60_000)
    text = plain(flow(now_of(out), 200))
    assert "not known 40 %" in text
    assert text.endswith("partial")


def test_what_no_metered_source_feeds_is_said() -> None:
    """Takers that take more than the metered sources give: the rest has a source too, which is not
    metered, or with assets left out not known; also where no source gives anything."""
    text = plain(flow(now_of(with_totals(pv_power_w=10_000, load_power_w=100_000)), 200))
    assert "pv 10 %" in text
    assert "not metered 90 %" in text
    assert "load 100 %" in text
    alone = plain(flow(now_of(with_totals(load_power_w=100_000)), 200))
    assert "not metered 100 %" in alone
    out = plain(flow(now_of(with_totals(1, pv_power_w=60_000, load_power_w=100_000)), 200))
    assert "not known 40 %" in out
    near = plain(flow(now_of(with_totals(generator_power_w=99_000, load_power_w=100_000)), 200))
    assert "generator 100 %" in near
    assert "metered" not in near


def test_shares_are_rounded_as_all_figures() -> None:
    """Half goes up: 12.5 and 87.5 %."""
    shot = with_totals(pv_power_w=12_500, generator_power_w=87_500, load_power_w=100_000)
    text = plain(flow(now_of(shot), 200))
    assert "generator 88 %" in text
    assert "pv 13 %" in text


def test_stale_figures_draw_no_flow() -> None:
    """What is not the present is not drawn as a flow."""
    shot = with_totals(generator_power_w=100_000, load_power_w=90_000)
    text = plain(flow(now_of(shot, silent_s=10.0), 120))
    assert text.strip() == "the flow of power is not known now"
    nothing = plain(flow(now_of(snapshot(asset(), totals={"pv_power_w": Total(
        quantity="pv_power_w", value=None)})), 120))  # fmt: skip
    assert nothing.strip() == "no source gives power"


def test_nothing_known_is_not_nothing_given() -> None:
    """That no source gives power is said only where each that there is says so."""
    still = total("generator_power_w", 0.0)
    deaf = total("pv_power_w", None, counted=0, left_out=2)
    for totals in ({"pv_power_w": deaf}, {"pv_power_w": deaf, "generator_power_w": still}):
        text = plain(flow(now_of(snapshot(asset(), totals=totals)), 120))
        assert text.strip() == "the flow of power is not known now"
    text = plain(flow(now_of(snapshot(asset(), totals={"generator_power_w": still})), 120))
    assert text.strip() == "no source gives power"


def test_who_was_never_heard_may_give_power() -> None:
    """A device that has told nothing so far may have any source behind it: nothing is said not to
    give power, and what is not accounted for is not known."""
    waiting = asset("bess-1", status=AssetStatus.WAITING, age_s=None)
    load = total("load_power_w", None, counted=0, left_out=1)
    for totals in ({}, {"load_power_w": load}, {"pv_power_w": total("pv_power_w", 0.0)}):
        text = plain(flow(now_of(snapshot(waiting, totals=totals)), 120))
        assert text.strip() == "the flow of power is not known now"
    given = {"generator_power_w": total("generator_power_w", 90_000.0)}
    text = plain(flow(now_of(snapshot(waiting, totals=given)), 160))
    assert "not known 100 %" in text
    assert text.endswith("partial")


@pytest.mark.parametrize("cells", [100, 120, 160, 250])
def test_it_fits(cells: int) -> None:
    """Bars shrink, and go, before words do."""
    shot = with_totals(
        generator_power_w=90_000, pv_power_w=45_000, grid_power_w=5_000, battery_power_w=50_000,
        load_power_w=80_000,
    )  # fmt: skip
    line = flow(now_of(shot), cells)
    assert width(line) < cells
    assert "losses" in plain(line)
