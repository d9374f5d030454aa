"""The figures of a display."""

import msgspec
import pytest

from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import Snapshot, Total
from ovr_tui.console.format import Trust
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.kiosk.figures import GONE_S, share, tiles
from ovr_tui.console.kiosk.wish import BadWish, Name, read_names
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import Now
from tests.support.snapshots import START_MS, asset, snapshot, total


def moment(shot: Snapshot | None, silent_s: float = 0.0) -> Now:
    """A moment so long after the snapshot came."""
    return Now(
        snapshot=shot,
        silent_s=silent_s,
        link=LinkState(attached=True),
        retry_in_s=None,
        wall_ms=START_MS,
        at_s=0.0,
        glyphs=UNICODE,
    )


def powers(**values: float | None) -> Snapshot:
    """A snapshot with these total powers in W; None: all that should count is left out."""
    totals = {
        f"{name}_power_w": total(f"{name}_power_w", value, left_out=int(value is None))
        for name, value in values.items()
    }
    return snapshot(totals=totals)


@pytest.mark.parametrize(
    ("flows", "percent"),
    [
        ({"pv": 30e3, "battery": -10e3, "generator": 60e3}, 40),
        ({"pv": 30e3, "battery": 20e3, "generator": 30e3}, 50),
        ({"battery": -10e3}, 100),
        ({"pv": 0.0, "battery": 5e3, "generator": 20e3}, 0),
        ({"pv": 10e3, "grid": -8e3}, 100),
        ({"pv": 10e3, "grid": 10e3}, 50),
    ],
)
def test_share_of_battery_and_sun(flows, percent) -> None:
    """Of all that is delivered: a battery that charges and a grid that takes deliver nothing."""
    shown, _ = share(powers(**flows))
    assert shown.value == pytest.approx(percent)
    assert shown.trust is Trust.GOOD


def test_load_that_no_metered_source_feeds() -> None:
    """Where more is taken than the metered sources give, the share is of all that is taken."""
    assert share(powers(pv=10e3, load=100e3))[0].value == pytest.approx(10)
    assert share(powers(pv=30e3, battery=20e3, load=40e3))[0].value == pytest.approx(50)
    assert share(powers(pv=30e3, generator=30e3, load=58e3))[0].value == pytest.approx(50)


def test_an_asset_is_out_once() -> None:
    """One that is left out of several sources is one that is missing."""
    totals = {
        f"{name}_power_w": Total(quantity=f"{name}_power_w", value=1e4, left_out=("a", "b", last))
        for name, last in (("pv", "c"), ("battery", "d"))
    }
    assert share(snapshot(totals=totals))[1] == 4


def test_share_is_not_guessed() -> None:
    """Unknown while one source is, or while nothing flows; absent without battery and sun."""
    assert share(powers(pv=1e4, generator=None))[0].trust is Trust.INVALID
    assert share(powers(pv=100.0, battery=0.0))[0].trust is Trust.INVALID
    assert share(powers(generator=1e4))[0].trust is Trust.ABSENT


def test_old_figures_are_bracketed_then_gone() -> None:
    """A crew sees a stale figure in brackets for a while and then none; the public none at once."""
    shot = powers(load=412_600.0)
    texts = [
        [tile.text for tile in tiles(moment(shot, age), [Name.LOAD], public=public)]
        for public in (False, True)
        for age in (0, 4, GONE_S + 1)
    ]
    assert texts == [["412.6"], ["(412.6)"], [""], ["412.6"], [""], [""]]


def test_partial_says_so() -> None:
    """What is missing from a total stands beside it; the public is not told how many."""
    shot = snapshot(totals={"load_power_w": total("load_power_w", 1e5, left_out=2)})
    crew, public = (tiles(moment(shot), [Name.LOAD], public=public)[0] for public in (False, True))
    assert (crew.lacks, public.lacks) == ("partial: 2 out", "partial")


def test_who_was_never_heard_is_missing() -> None:
    """A GX that has told nothing so far may have a part in every power, in the share and among the
    batteries; what the site has is partial, and what nobody has told of is no figure."""
    totals = {"pv_power_w": total("pv_power_w", 9e3), "generator_power_w": total("g", 9e3)}
    heard = asset(readings={"battery_soc_pct": 71.0})
    names = (Name.GENERATOR, Name.PV, Name.RENEWABLE, Name.BATTERY, Name.GRID)
    for status, lacks in ((AssetStatus.WAITING, "partial: 1 out"), (AssetStatus.LIVE, "")):
        shot = snapshot(heard, asset("bess-2", status=status), totals=totals)
        told = {tile.name: tile.lacks for tile in tiles(moment(shot), names, public=False)}
        assert told == dict.fromkeys(names[:4], lacks)


def test_what_nothing_live_remains_of_is_not_available_to_the_public() -> None:
    """A total, a share or a battery of which all is silent is no *partial* figure: the public is
    told that there is none, a crew how many are out."""
    silent = [asset("b1", AssetKind.BESS, AssetStatus.LOST, {"battery_soc_pct": 4.0})]
    totals = {
        f"{name}_power_w": total(f"{name}_power_w", None, left_out=2) for name in ("load", "pv")
    }
    now = moment(snapshot(*silent, totals=totals))
    names = [Name.LOAD, Name.RENEWABLE, Name.PV, Name.BATTERY]
    crew, public = (tiles(now, names, public=public) for public in (False, True))
    assert [(tile.text, tile.lacks) for tile in public] == [("", "")] * 4
    assert [tile.lacks for tile in crew] == [f"partial: {n} out" for n in (2, 2, 2, 1)]


def test_a_quantity_that_the_site_lacks_is_left_out() -> None:
    """No grid, no figure of the grid; one whose meters are all silent stays, without a number."""
    shot = powers(load=1e4, pv=None)
    found = tiles(moment(shot), [Name.LOAD, Name.PV, Name.GRID], public=False)
    assert [(tile.name, tile.text) for tile in found] == [(Name.LOAD, "10.0"), (Name.PV, "")]


@pytest.mark.parametrize(
    ("left", "told"),
    [(20_000.0, " │ 5 h 33 left"), (0.0, " │ 0 min left"), (75.0, " │ 1 min left"), (None, "")],
)
def test_the_emptiest_battery_counts(left: float | None, told: str) -> None:
    """The lowest of what is live is shown, with the highest and its own time left; one that is not
    live makes it partial."""
    batteries = [
        asset(f"b{n}", readings={"battery_soc_pct": soc, "time_to_go_s": to_go})
        for n, (soc, to_go) in enumerate([(71.0, 11_400.0), (58.4, left)])
    ]
    lost = asset("b9", AssetKind.BESS, AssetStatus.LOST, {"battery_soc_pct": 4.0})
    (tile,) = tiles(moment(snapshot(*batteries, lost)), [Name.BATTERY], public=False)
    assert (tile.text, tile.unit, tile.lacks) == ("58", "%", "partial: 1 out")
    assert tile.note == f"fullest 71 %{told}"
    assert tile.title == "EMPTIEST BATTERY"


def test_names_of_the_command_line() -> None:
    """Names are read in their order, each once; a strange one is refused with those that exist."""
    assert read_names("pv, load,pv") == (Name.PV, Name.LOAD)
    for wrong in ("", "pv,sun"):
        with pytest.raises(BadWish, match="renewable"):
            read_names(wrong)


def test_a_reading_that_is_no_number() -> None:
    """Whatever a device says is drawn, or left out, and breaks nothing."""
    odd = asset("b", readings={"battery_soc_pct": float("nan"), "time_to_go_s": float("inf")})
    (tile,) = tiles(moment(msgspec.structs.replace(snapshot(odd))), [Name.BATTERY], public=False)
    assert tile.text == ""
