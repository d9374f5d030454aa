"""`ovr asset` as people use it, against the API on its socket."""

import argparse
import asyncio

import pytest
from msgspec import structs

from collector.alarms import Alarms
from collector.config.figures import AlarmSettings
from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.reading import Identity
from collector.model.snapshot import Overlap, Total
from collector.serve.access import Transport
from collector.site.energy import Happened, Missed
from collector.site.identities import Pin
from ovr_tui.commands import asset
from ovr_tui.commands.ask import at_ms
from ovr_tui.commands.asset_units import _place
from tests.serve.support import served
from tests.support.snapshots import START_MS, HandFeed, changed, reading, site

HOUR_BEFORE = "2026-06-25T13:32:07-07:00"


class Shell:
    """Runs commands against a served API."""

    def __init__(self, folder, capsys) -> None:
        self._home = Home(config=folder / "config", state=folder / "state", run=folder)
        self._capsys = capsys
        self._parser = argparse.ArgumentParser()
        asset.add(self._parser.add_subparsers(dest="command"))

    async def __call__(self, *words: str) -> str:
        """What it says."""
        args = self._parser.parse_args(["asset", *words])
        assert await asyncio.to_thread(asset.run, args, self._home) == 0
        said: str = self._capsys.readouterr().out
        return said


@pytest.fixture
async def shell(tmp_path, capsys):
    """A shell, and what is behind it."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (Transport.OPERATOR_SOCKET,)):
        yield feed, Shell(tmp_path, capsys)


async def test_what_is_said_is_shown(shell):
    """Rated, linked apart and moved: the registry has it, and the answer shows since when."""
    feed, ovr = shell
    await ovr("rate", "bess-1", "inverter_kva=45", "unit_no=B7", "--reason", "plate")
    await ovr("link", "bess-1", "apart-from", "bess-1.grid")
    await ovr("move", "bess-1", "--system", "camp", "--at", HOUR_BEFORE)
    tables = feed.changes[-1].after
    assert tables.settings["bess-1"].unit_no == "B7"
    assert tables.settings["bess-1"].ratings.inverter_kva == 45
    assert [(link.other, link.type.value) for link in tables.links] == [
        ("bess-1.grid", "apart_from")
    ]
    assert tables.devices[0].system == "camp"
    assert feed.changes[-1].at_ms == START_MS - 3_600_000
    await ovr("unlink", "bess-1", "bess-1.grid")
    assert feed.changes[-1].after.links == ()
    await ovr("rate", "bess-1", "inverter_kva=")
    assert feed.changes[-1].after.settings["bess-1"].ratings.inverter_kva is None


async def test_a_swap_and_a_move(shell):
    """A swap says who is pinned, a move where the device is now; a device that nobody has seen
    cannot be found, which is told with what to do."""
    feed, ovr = shell
    feed.site.identities.pins["bess-1"] = Pin("S1", "")
    feed.site.identities.strangers["bess-1"] = Identity(serial="S2")
    assert "bess-1 is unit B7 now; S2 is pinned" in await ovr("swap", "bess-1", "--unit", "B7")
    assert "S2" in await ovr("assignments", "bess-1")
    with pytest.raises(OvrError, match="ovr discover"):
        await ovr("move", "bess-1", "--seek")
    assert "bess-1 is at 10.0.0.9:1884" in await ovr("move", "bess-1", "--address", "10.0.0.9:1884")
    assert feed.changes[-1].after.devices[0].host == "10.0.0.9"
    assert "Whoever answers next is pinned as bess-1" in await ovr("forget", "bess-1")
    with pytest.raises(OvrError, match="--at is for --system"):
        await ovr("move", "bess-1", "--seek", "--at", "1h ago")


async def test_refused_and_twins(shell):
    """What was refused has its id, amount and register; it is accepted by the end of its id. Twins
    come with the three commands that decide."""
    feed, ovr = shell
    assert await ovr("refused") == "Nothing was refused.\n"
    assert await ovr("twins") == "No two assets seem to measure one flow.\n"
    missed = Missed(100.25, 1_234_567.2, 1_234_667.45, "S1", "p")
    happened = Happened("load_energy_kwh", "refused: +100 is more than the rating", missed)
    feed.site.refusals.note("bess-1", happened, START_MS)
    (one,) = feed.site.refusals.open
    said = await ovr("refused")
    assert one.id[-8:] in said
    assert "1,234,567.2 → 1,234,667.45 kWh" in said
    assert "100.25 kWh" in said
    with pytest.raises(OvrError, match="nothing that is open"):
        await ovr("dismiss", "zzz")
    assert "Nothing is added" in await ovr("dismiss", one.id[-8:], "--note", "moved")
    assert "nothing by" in await ovr("refused", "--all")
    pair = (Overlap(asset="load-1", other="stage-a", since_ms=START_MS),)
    total = Total(quantity="load_power_w", value=1.0, unverified=pair)
    await feed.push(changed(feed.snapshot, totals={"load_power_w": total}))
    said = await ovr("twins")
    for word in ("same-as", "behind", "apart-from"):
        assert f"ovr asset link load-1 {word} stage-a" in said


async def test_commissioned_by_a_clamp(shell):
    """What a clamp shows stands beside what the meter shows; a phase that is twice as much is told
    with what to look for. It is kept, also when the asset is watched already."""
    feed, ovr = shell
    view = feed.snapshot.assets[0]
    readings = {**view.readings, "current_a.L1": reading(40.0), "current_a.L2": reading(80.0)}
    meter = structs.replace(view, readings=readings)
    await feed.push(changed(feed.snapshot, assets=(meter, *feed.snapshot.assets[1:])))
    await ovr("commission", view.id)
    said = await ovr(
        "commission", view.id, "--clamp", "L1=41", "--clamp", "L2=40", "--clamp", "N=3"
    )
    assert "L1  clamp 41 A, meter 40.0 A\n" in said
    assert "L2  clamp 40 A, meter 80.0 A: +100.0 %, look at ratio" in said
    again = Alarms(feed.db, AlarmSettings())
    await again.open()
    kept = again.commissioned[view.id].clamps
    assert [(one.phase, one.clamp_a, one.meter_a) for one in kept][:2] == [
        ("L1", 41.0, 40.0),
        ("L2", 40.0, 80.0),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.0.0.1", ("10.0.0.1", None)),
        ("gx.local:8883", ("gx.local", 8883)),
        ("[fe80::1]:502", ("fe80::1", 502)),
        ("[fe80::1]", ("fe80::1", None)),
        ("fe80::1", ("fe80::1", None)),
    ],
)
def test_addresses(text, place):
    """A port stands behind the last colon, but not in a bare IPv6 address."""
    assert _place(text) == place


@pytest.mark.parametrize("text", ["tomorrow", "25:00", "2026-13-01", "5x ago"])
def test_times_that_are_none(text):
    """They are refused with what can be written."""
    with pytest.raises(argparse.ArgumentTypeError):
        at_ms(text)


def test_times():
    """An offset counts; a time of day is the last one; both are UTC ms."""
    assert at_ms("2026-06-25T14:32:07-07:00") == START_MS
    assert 0 <= at_ms("1s ago") - at_ms("2s ago") <= 2000
    assert at_ms("00:00") <= at_ms("1s ago") + 1000
