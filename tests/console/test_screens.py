"""Pictures of the screens: each must stay as it was when a person last looked at it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import Check, Snapshot, Total
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, settle
from tests.support.pictures import DrawnPicture, at_each_size, drawing
from tests.support.snapshots import asset, site, snapshot

PROFILES = {
    "dark": Profile(),
    "ansi": Profile(theme=ThemeName.ANSI),
    "mono": Profile(theme=ThemeName.MONO),
    "tty": Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False),
}

Compare = Callable[..., bool]
Before = Callable[[Pilot[Any]], Awaitable[None]]


def keys(*pressed: str) -> Before:
    """Press keys and let everything be drawn."""

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press(*pressed)
        await settle(pilot)

    return before


def troubled() -> Snapshot:
    """A small site with one asset in every state, a check and hostile names."""
    shot = site(12, troubles=False)
    assets = (
        *shot.assets,
        asset(
            "stage-b", AssetKind.LOAD, AssetStatus.STALE,
            {"load_power_w": 88_100.0, "voltage_v.L1": 229.6, "current_a.L1": 139.0},
            name="Stage B transformer", age_s=43,
        ),
        asset(
            "pv-9", AssetKind.PV, AssetStatus.LOST, {"pv_power_w": None},
            name="PV 9", age_s=722, reason="no route to host",
        ),
        asset("gx-7", AssetKind.BESS, AssetStatus.WRONG, reason="serial b827eb02", age_s=90),
        asset("tank", AssetKind.TANK, AssetStatus.WAITING, age_s=None),
        asset("meter", AssetKind.LOAD, AssetStatus.DISABLED, age_s=None, name="MPPT [/dev/tty]"),
        asset(
            "ct", AssetKind.LOAD, readings={"load_power_w": -12_000.0}, name="Café 日本 [/]",
            notes=("power is negative: clamps reversed?",),
        ),
    )  # fmt: skip
    left_out = Total(
        quantity="load_power_w",
        value=412_600.0,
        counted=("load-1",),
        left_out=("stage-b", "gx-7"),
        checks=(Check(asset="ct", of="load-1", deviation_pct=2.3),),
    )
    return snapshot(
        *assets,
        seq=2,
        at_ms=shot.at_ms,
        totals={**shot.totals, "load_power_w": left_out},
        today=dict(shot.today),
        sources=shot.sources,
        sinks=shot.sinks,
        problems=("node disk 91 % full",),
    )


@pytest.mark.parametrize("profile", PROFILES)
async def test_site(snapshot: SnapshotAssertion, profile: str) -> None:
    """The site page at each size, in each theme."""
    kept = snapshot.use_extension(DrawnPicture)
    app, _ = make_app(site(60), profile=PROFILES[profile])
    async with app.run_test() as pilot:
        await keys("down", "down")(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=f"{size}-{profile}")


async def test_site_in_trouble(snapshot: SnapshotAssertion) -> None:
    """Stale, lost, wrong, waiting, disabled, hints and a partial total."""
    kept = snapshot.use_extension(DrawnPicture)
    app, _ = make_app(troubled())
    async with app.run_test() as pilot:
        await keys("5")(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=size)


@pytest.mark.parametrize("profile", ["dark", "tty"])
def test_collector_lost(snap_compare: Compare, profile: str) -> None:
    """Everything kept, everything stale, and why."""
    clock = Clock()
    reader = HandReader(site(20))
    app, _ = make_app(reader=reader, clock=clock, profile=PROFILES[profile])

    async def lose(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        reader.lose("no collector runs: nobody listens on /run/ovr/ovr.sock")
        await settle(pilot)
        pass_seconds(app, clock, 30)
        await settle(pilot)

    assert snap_compare(app, terminal_size=(120, 40), run_before=lose)


def test_empty(snap_compare: Compare) -> None:
    """A node without devices says what to do next."""
    amiss = "/etc/ovr/registry.toml: there is no registry, hence no device"
    app, _ = make_app(snapshot(problems=(amiss,)))
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys())


@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("health", ("h",)),
        ("help", ("question_mark",)),
        ("leave", ("q",)),
        ("filter", ("slash", "b")),
    ],
)
def test_other_pages(snap_compare: Compare, name: str, pressed: tuple[str, ...]) -> None:
    """Health, help, the question on leaving, and the filter line."""
    app, _ = make_app(troubled(), hosted=True)
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys(*pressed))
