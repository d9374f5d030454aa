"""Pictures of the devices place: each must stay as it was when a person last looked at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.errors import ApiError
from collector.model.alarm import AlarmHealth
from collector.model.discovery import Found, Search
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind
from collector.model.refused import RefusedCount
from collector.model.snapshot import Snapshot, SourceHealth
from collector.wire import (
    AlarmsAnswer,
    AssignmentsAnswer,
    DiscoverAnswer,
    ProfilesAnswer,
    RefusedAnswer,
    RegistryAnswer,
    Twin,
    TwinsAnswer,
    UndoRequest,
)
from ovr_tui.console.pages.device import AssetMenuPage
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, screen_text, settle
from tests.console.test_shell import ME
from tests.support.pictures import TextPicture, at_each_size, picture
from tests.support.snapshots import START_MS, asset
from tests.support.snapshots import snapshot as shot_of

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)
STATES = ["normal", "alarm", "stale", "empty", "disconnected"]
HOSTILE = "MPPT [/dev/ttyUSB0] [red]\u202eevil\x1b[31m 日本 " + "x" * 200
TABLES: dict[str, Any] = {
    "version": 1,
    "device": [
        {"id": "bess-1", "kind": "gx", "host": "10.20.0.21", "name": "BESS 1 Main stage",
         "username": "ovr", "password_secret": "bess-1", "control": True},
        {"id": "stage-a", "kind": "acuvim", "host": "10.20.0.31", "name": HOSTILE,
         "system": "bess-1"},
        {"id": "pv-2", "kind": "fronius", "host": "10.20.0.41", "enabled": False},
        {"id": "genset-1", "kind": "modbus", "host": "10.20.0.51", "unit": 10,
         "profile": "dse-gencomm"},
    ],
    "asset": [{"id": "stage-a", "behind": "bess-1", "rated_kva": 250.0}],
}  # fmt: skip
FOUND = (
    Found(kind=DeviceKind.ACUVIM, host="10.20.0.61", port=502, units=(1,), unit=1, model=HOSTILE,
          serial="AH77", id="meter-1", title="Meter 1",
          table={"id": "meter-1", "kind": "acuvim", "host": "10.20.0.61"}),
    Found(kind=DeviceKind.GX, host="10.20.0.62", port=1883, serial="c0ffee000001", id="gx-1",
          needs_password=True, title="Cerbo", table={"id": "gx-1", "kind": "gx",
                                                       "host": "10.20.0.62"}),
    Found(kind=DeviceKind.ACUVIM, host="10.20.0.63", port=502, standing="moved",
          device="stage-a", moved_from="10.20.0.31:502", serial="AH1"),
)  # fmt: skip
PAGES = {"list": (), "device": ("enter",), "find": ("f",)}
BEHIND = {
    "new": ("n",),
    "change": ("c",),
    "add": ("f", "x", "x", "n"),
    "remove": ("D",),
    "power": ("o",),
    "move": ("enter", "down", "down", "enter"),
    "decide": ("y",),
    "twin": ("y", "enter"),
    "refused": ("y", "down", "enter"),
    "import": ("i",),
    "kinds": ("g",),
}


def source(device: str, state: str = "running", **more: Any) -> SourceHealth:
    """A source of ten minutes."""
    return SourceHealth(device=device, kind="gx", address="10.20.0.21:1883", state=state,
                        since_ms=START_MS - 600_000, **more)  # fmt: skip


def scene(state: str) -> Snapshot:
    """Four devices; with `alarm` one is lost and one is another than expected."""
    if state == "empty":
        return shot_of()
    ill = state == "alarm"
    wrong = AssetStatus.WRONG if ill else AssetStatus.LIVE
    return shot_of(
        asset("bess-1", AssetKind.BESS, name="BESS 1 Main stage"),
        asset("stage-a", AssetKind.LOAD, wrong, name=HOSTILE),
        asset("genset-1", AssetKind.GENERATOR, name="Twin pack"),
        sources=(
            source("bess-1", latency_ms=12.0),
            source("stage-a", "wrong device", cause="AH9 answers, AH1 is pinned")
            if ill
            else source("stage-a"),
            source("pv-2", "disabled"),
            source("genset-1", "backoff", cause="no route to host", retry_in_s=12.0, tries=4)
            if ill
            else source("genset-1"),
        ),
    )


def reader_of(state: str) -> HandReader:
    """A collector that answers for the scene."""
    reader = HandReader(scene(state))
    tables = {"version": 1} if state == "empty" else TABLES
    problem = "the edited registry waits for `ovr registry apply`: pv-2 is removed"
    refused = RefusedCount(
        id="r1", asset="stage-a", measurement="load_energy_kwh", unit="AH1", path="0x4048",
        at_ms=START_MS, raw_before=100.0, raw_after=5100.0, amount=5000.0,
        why="more than it can have measured", alarms=True,
    )  # fmt: skip
    full = state == "alarm"
    twin = Twin(asset="stage-a", other="bess-1", quantities=("load_power_w",), since_ms=START_MS)
    search = Search(state="done", hosts=254, asked=254, found=FOUND)
    reader.answers |= {
        "/v1/me": ME,
        "/v1/registry": RegistryAnswer(
            registry=tables, etag='"e"', problem=problem if full else ""
        ),
        "/v1/assignments": AssignmentsAnswer(held=(), statements=()),
        "/v1/twins": TwinsAnswer(twins=(twin,) if full else ()),
        "/v1/refused": RefusedAnswer(open=(refused,) if full else (), decided=(), left_out=0),
        "/v1/alarms": AlarmsAnswer(
            active=(), shelved=(), history=(), commissioned=(), health=AlarmHealth()
        ),
        "/v1/profiles": ProfilesAnswer(profiles=()),
        "/v1/discover": DiscoverAnswer(
            search=structs.replace(search, found=()) if state == "empty" else search,
            networks=("10.20.0.0/24",),
        ),
    }
    return reader


@asynccontextmanager
async def shown(
    state: str, keys: tuple[str, ...], profile: Profile | None = None
) -> AsyncIterator[Pilot[Any]]:
    """What there is after these keys."""
    clock, reader = Clock(), reader_of(state)
    app, _ = make_app(clock=clock, reader=reader, profile=profile)
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in ("d", *keys):
            await pilot.press(key)
            await settle(pilot)
        if state == "disconnected":
            reader.lose("the collector has ended")
        if state in ("stale", "disconnected"):
            await settle(pilot)
            pass_seconds(app, clock, 30)
            await settle(pilot)
        yield pilot


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("page", PAGES)
async def test_pages(snapshot: SnapshotAssertion, page: str, state: str) -> None:
    """The list, a device, and what was found, at each size in each state; hostile names are text
    and break no line."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(state, PAGES[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{state}-{size}")


@pytest.mark.parametrize("page", BEHIND)
async def test_behind_keys(snapshot: SnapshotAssertion, page: str) -> None:
    """What is asked before something is done."""
    kept = snapshot.use_extension(TextPicture)
    async with shown("alarm", BEHIND[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{size}")


@pytest.mark.parametrize("page", PAGES)
async def test_on_a_linux_console(snapshot: SnapshotAssertion, page: str) -> None:
    """With the signs and colours that a Linux console has."""
    async with shown("alarm", PAGES[page], TTY) as pilot:
        assert picture(pilot.app) == snapshot.use_extension(TextPicture)


async def test_an_asset_called_like_a_deed_is_an_asset() -> None:
    """A GX whose id is the name of something that can be done with it: its row is its page."""
    reader = HandReader(
        shot_of(asset("remove"), asset("remove.genset", AssetKind.GENERATOR),
                sources=(source("remove"),))
    )  # fmt: skip
    tables = {"version": 1, "device": [{"id": "remove", "kind": "gx", "host": "10.20.0.21"}]}
    reader.answers |= reader_of("normal").answers
    reader.answers["/v1/registry"] = RegistryAnswer(registry=tables, etag='"e"')
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for key in ("d", "enter", "end", "up", "enter"):
            await pilot.press(key)
            await settle(pilot)
        assert isinstance(app.screen, AssetMenuPage)
        assert app.screen.subject == "remove"


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_undo_takes_back_what_was_shown(meanwhile: bool) -> None:
    """Where somebody else changes the registry while the question stands, their change is not the
    one that is taken back."""
    reader = reader_of("normal")
    before = reader.answers["/v1/registry"]
    reader.answers["POST /v1/registry/undo"] = RegistryAnswer(
        registry={**TABLES, "device": TABLES["device"][:-1]}, etag='"d"', changes="- genset-1"
    )
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for key in ("d", "u", "down"):
            await pilot.press(key)
            await settle(pilot)
        assert "before its last change" in screen_text(app)
        if meanwhile:
            reader.answers["/v1/registry"] = structs.replace(before, etag='"f"')
        await pilot.press("enter")
        await settle(pilot)
        asked = [body for _, path, body in reader.sent if path == "/v1/registry/undo"]
        assert asked == [UndoRequest(dry_run=True), *([] if meanwhile else [UndoRequest()])]
        assert ("changed the registry meanwhile" in screen_text(app)) is meanwhile


async def test_who_may_only_look_changes_nothing() -> None:
    """A viewer sees how each device is, asks for no registry, and is offered no deed."""
    reader = reader_of("alarm")
    reader.answers["/v1/me"] = structs.replace(ME, role="viewer", control=False)
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("d")
        await settle(pilot)
        before = picture(app)
        assert "wrong" in before
        assert "find" not in before
        for key in ("n", "c", "D", "o", "u", "i", "x", "t"):
            await pilot.press(key)
            await settle(pilot)
        assert picture(app) == before
        assert not [path for path, _ in reader.got if path == "/v1/registry"]
        assert not reader.sent


async def test_nothing_to_undo_is_said_in_the_last_line(monkeypatch) -> None:
    """No page opens for it, however narrow the terminal."""

    async def refused(*_: object) -> None:
        raise ApiError("the collector refused: /a/long/path/registry.toml: there is no "
                       "earlier version to go back to", "not_possible")  # fmt: skip

    async with shown("normal", ()) as pilot:
        monkeypatch.setattr(HandReader, "post", refused)
        page = pilot.app.screen
        await pilot.press("u")
        await settle(pilot)
        assert pilot.app.screen is page
        assert "Nothing to undo." in screen_text(pilot.app).splitlines()[-1]


async def test_passwords_are_only_for_what_logs_in() -> None:
    """An inverter is changed and tested without a word of them; a GX has one."""
    for downs, kind, logs_in in ((0, "gx", True), (3, "fronius", False)):
        async with shown("normal", ("down",) * downs) as pilot:
            await pilot.press("c")
            await settle(pilot)
            text = " ".join(screen_text(pilot.app).split())
            assert f"is read as {kind}." in text
            assert ("Its password is" in text) is logs_in
            await pilot.press("escape", "t")
            await settle(pilot)
            assert ("w other password" in screen_text(pilot.app)) is logs_in
