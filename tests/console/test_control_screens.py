"""Pictures of control: each must stay as it was when a person last looked at it."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.errors import ApiError
from collector.model.audit import AuditEntry, Deed
from collector.model.control import Danger, Lockout, Offer
from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot
from collector.wire import (
    AuditAnswer,
    ControlAnswer,
    ControlRequest,
    GrantAnswer,
    GrantRequest,
    LockedAnswer,
    OffersAnswer,
    UnlockRequest,
)
from ovr_tui.console.pages.control import ControlPage
from ovr_tui.console.pages.give import GivePage
from tests.console.readers import Clock, HandReader, burst, make_app, screen_text, settle, shows
from tests.support.kinds import answers, one_of_each
from tests.support.pictures import TextPicture, at_each_size
from tests.support.snapshots import START_MS, changed

GX, NAME = "bess-1", "BESS 1 Main stage"
WHERE = f"/v1/assets/{GX}/control"
GRANT = "a-grant-that-nobody-sees"


def offer(command: str, label: str, danger: Danger, **more: object) -> Offer:
    """A command as the collector offers it."""
    made: dict[str, object] = {
        "command": command, "label": label, "unit": "", "danger": danger, "value": None,
        "choices": (), "low": None, "high": None, "step": None, "lasting": "no", "least_s": 0,
        "most_s": 0, "effect": "", "holds": "", "why_not": "",
    }  # fmt: skip
    return msgspec.convert({**made, **more}, Offer)


OFFERS = (
    offer("mode", "inverter mode", Danger.DANGEROUS, value="on",
          effect="its state is inverting",
          choices=("on", "charger-only", "inverter-only", "off"),
          impossible={"off": "off drops the loads: they take 48.2 kW; take them off first"}),
    offer("input-limit-1", "current limit of AC input 1", Danger.DANGEROUS, value=63.0, unit="A",
          low=0.0, high=100.0, effect="AC input 1 feeds it, its state is inverting"),
    offer("grid-setpoint", "power drawn from the grid (ESS)", Danger.CAREFUL, value=-5000.0,
          unit="W", choices=("release",), low=-45_000.0, high=45_000.0, step=1.0, lasting="must",
          least_s=60, most_s=86_400,
          holds="grid setpoint -5000 W, kept up for 21 min 4 s"),
    offer("relay-1", "relay 1", Danger.DANGEROUS, value="off", choices=("on", "off"),
          why_not="the GX itself switches this relay: its function is generator, not manual"),
    offer("acknowledge", "acknowledge the notifications of the device", Danger.HARMLESS, value=2.0,
          unit="waiting", choices=("done",)),
)  # fmt: skip
TOLD = OffersAnswer(
    asset=GX, name=NAME, at_ms=START_MS, why_not="", pin=True, lockout=None, offers=OFFERS
)


def entry(minutes: int, action: str, before: str, after: str, outcome: str) -> AuditEntry:
    """A line of the audit."""
    deed = Deed(person="uid 1000 (kim)", transport="ovr.sock", action=action, subject=GX,
                before=before, after=after)  # fmt: skip
    return AuditEntry(
        id=str(minutes), at_ms=START_MS - minutes * 60_000, deed=deed, outcome=outcome
    )


ENTRIES = (
    entry(8, "control grid-setpoint", "release", "-5000 for 1800 s", "confirmed"),
    entry(31, "control mode", "on", "off", "refused: off drops the loads: they take 47.1 kW"),
    entry(95, "lockout", "", "Jo: new filter", "done"),
)


def reader(shot: Snapshot | None = None, told: OffersAnswer = TOLD) -> HandReader:
    """An operator's collector that takes any PIN."""
    found = HandReader(shot or one_of_each("normal"))
    found.answers |= answers(GX)
    me = found.answers["/v1/me"]
    found.answers["/v1/me"] = msgspec.structs.replace(me, role="operator", control=True)
    found.answers[WHERE] = told
    found.answers["/v1/audit"] = AuditAnswer(entries=ENTRIES)
    found.answers["POST /v1/unlock"] = GrantAnswer(grant=GRANT, idle_s=600)
    found.answers["POST /v1/lock"] = LockedAnswer()
    return found


def answered(outcome: str, value: object) -> Callable[[], HandReader]:
    """A collector that ends the command like this."""

    def make() -> HandReader:
        found = reader()
        found.answers[f"POST {WHERE}"] = ControlAnswer(
            id="1", asset=GX, command="input-limit-1", outcome=outcome,
            value=value,  # type: ignore[arg-type]  # a value
            effect="AC input 1 feeds it, its state is assisting",
        )  # fmt: skip
        return found

    return make


def locked_out() -> HandReader:
    """Jo works there."""
    shot = one_of_each("normal")
    lockout = Lockout(asset=GX, name="Jo", reason="new filter", at_ms=START_MS - 720_000,
                      person="uid 1001 (jo)")  # fmt: skip
    views = tuple(
        msgspec.structs.replace(v, lockout=lockout) if v.id == GX else v for v in shot.assets
    )
    why = "bess-1 is locked out by Jo: new filter"
    told = msgspec.structs.replace(
        TOLD, lockout=lockout, why_not=why,
        offers=tuple(msgspec.structs.replace(o, why_not=why, holds="") for o in OFFERS),
    )  # fmt: skip
    return reader(changed(shot, assets=views), told)


def stale() -> HandReader:
    """The GX is silent."""
    why = "bess-1 is stale: it says nothing"
    told = msgspec.structs.replace(
        TOLD, why_not=why, offers=tuple(msgspec.structs.replace(o, why_not=why) for o in OFFERS)
    )
    return reader(one_of_each("stale"), told)


def silenced() -> Snapshot:
    """The plant a moment later, and nothing of it is heard."""
    shot = one_of_each("normal")
    views = tuple(
        msgspec.structs.replace(v, status=AssetStatus.STALE, reason="it says nothing")
        for v in shot.assets
    )
    return changed(shot, assets=views, seq=9)


def no_pin() -> HandReader:
    """A node without a PIN."""
    return reader(told=msgspec.structs.replace(TOLD, pin=False))


UNLOCK = ("U", *"4938", "enter")
GIVE = (*UNLOCK, "down", "enter", *"40", "enter")
DONE = (*GIVE, *("space" if ch == " " else ch for ch in NAME), "enter")
STATES: dict[str, tuple[Callable[[], HandReader], tuple[str, ...]]] = {
    "locked": (reader, ()),
    "pin": (reader, UNLOCK[:-1]),
    "unlocked": (reader, UNLOCK),
    "form": (reader, GIVE[:-3]),
    "dangerous": (reader, GIVE),
    "confirmed": (answered("confirmed", 40.0), DONE),
    "instead": (answered("device set another value", 45.0), DONE),
    "no-reply": (answered("no reply", 63.0), DONE),
    "nobody-knows": (reader, DONE),
    "locked-out": (locked_out, ()),
    "stale": (stale, UNLOCK),
    "no-pin": (no_pin, ()),
}


async def opened(pilot: Pilot[Any], keys: tuple[str, ...]) -> None:
    """The page of control, and then some keys."""
    await settle(pilot)
    pilot.app.open_asset(GX)  # type: ignore[attr-defined]  # ours
    await settle(pilot)
    for key in ("c", *keys):
        await pilot.press(key)
        await settle(pilot)


@pytest.mark.parametrize("state", STATES)
async def test_control(state: str, snapshot: SnapshotAssertion) -> None:
    """Each state of control at each size; the PIN and its grant stand in none of them."""
    make, keys = STATES[state]
    app, _ = make_app(reader=make())
    kept = snapshot.use_extension(TextPicture)
    async with app.run_test() as pilot:
        await opened(pilot, keys)
        async for size, screen in at_each_size(pilot, settle):
            assert GRANT not in screen
            assert "4938" not in screen
            assert "4938" not in app.export_screenshot()
            assert screen == kept(name=f"{state}-{size}")


@pytest.mark.parametrize("size", [(60, 16), (80, 20), (80, 24)])
async def test_keys_stay_in_sight(size: tuple[int, int]) -> None:
    """However much is said of the asset, the last line is there, and the command at the cursor."""
    app, _ = make_app(reader=stale())
    async with app.run_test(size=size) as pilot:
        await opened(pilot, ("end",))
        lines = screen_text(app).splitlines()
        assert "q leave" in lines[-1]
        assert "acknowledge the" in "".join(lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_why_not_now(size: tuple[int, int]) -> None:
    """At each size what is not possible now says so below a title, with as much of the reason as
    fits, and the whole of it where the cursor stands."""
    app, _ = make_app(reader=reader())
    async with app.run_test(size=size) as pilot:
        await opened(pilot, ("down", "down", "down"))
        lines = screen_text(app).splitlines()
        titles = next(line for line in lines if "COMMAND" in line)
        row = next(line for line in lines if "not now: " in line)
        assert row.index("not now: the GX itself") == titles.index("TAKES, OR WHY NOT NOW")
        below = "".join(lines[lines.index(row) + 1 :])
        assert "not possible now" in below
        assert "not manual" in below


async def test_a_command_is_sent_once() -> None:
    """Many presses of enter send one request, with what was seen, the name typed and the grant;
    the end of the collector's answer is not answered by another try."""
    app, found = make_app(reader=answered("no reply", 63.0)())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, (*DONE[:-1],))
        await pilot.press("enter", "enter", "enter", "enter")
        await settle(pilot)
        sent = [body for method, path, body in found.sent if path == WHERE]
        assert len(sent) == 1
        request = sent[0]
        assert isinstance(request, ControlRequest)
        assert (request.seen, request.value, request.confirm) == (63.0, 40.0, NAME)
        assert (request.grant, request.made_ms) == (GRANT, START_MS)
        assert "No reply: look at the device" in screen_text(app)
        given = [body for _, path, body in found.sent if path == "/v1/unlock"]
        assert given == [UnlockRequest(pin="4938")]
    ended = [body for _, path, body in found.sent if path == "/v1/lock"]
    assert ended == [GrantRequest(grant=GRANT)]


@pytest.mark.parametrize("ahead", [("enter", "down", "down"), ("down", "enter", "up")])
async def test_enter_is_about_the_row_where_it_was_pressed(ahead: tuple[str, ...]) -> None:
    """Keys that come in one burst, from a slow line, move the cursor on before the page hears of
    enter: the command that was chosen is asked about all the same."""
    app, _ = make_app(reader=reader())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, UNLOCK)
        burst(app, *ahead)
        await settle(pilot)
        wanted = OFFERS[ahead.index("enter")].label
        assert screen_text(app).splitlines()[2] == f" {NAME}: {wanted}"


async def test_what_moves_as_enter_is_pressed_is_decided_anew() -> None:
    """The page is asking how it is set when enter is pressed, and somebody has set it meanwhile:
    whichever answer comes first, nothing is given against a value that the person did not see."""
    found = answered("confirmed", 40.0)()
    go, asked = asyncio.Event(), 0
    get = found.get

    async def slow(path: str, kind: type[Any], **query: Any) -> Any:
        nonlocal asked
        if path == WHERE and isinstance(app.screen, GivePage):
            asked += 1
            await go.wait()
        return await get(path, kind, **query)

    app, _ = make_app(reader=found)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, DONE[:-1])
        page = app.screen
        assert isinstance(page, GivePage)
        found.get = slow  # type: ignore[method-assign]  # answers when it is told to
        page.reload()
        while asked < 1:
            await pilot.pause()
        await pilot.press("enter")
        while asked < 2:
            await pilot.pause()
        moved = [msgspec.structs.replace(o, value=80.0) if o.value == 63.0 else o for o in OFFERS]
        found.answers[WHERE] = msgspec.structs.replace(TOLD, offers=tuple(moved))
        go.set()
        await settle(pilot)
        assert not [path for _, path, _ in found.sent if path == WHERE]
        assert "It was 63 A and is 80 A now" in screen_text(app)


async def test_nothing_is_given_into_a_stale_plant() -> None:
    """The asset falls silent while the question stands: enter gives nothing, and it says why."""
    app, found = make_app(reader=answered("confirmed", 40.0)())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, (*DONE[:-1],))
        found.push(silenced())
        await settle(pilot)
        assert "Nothing can be given until it is live" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert not [path for _, path, _ in found.sent if path == WHERE]


async def test_what_came_of_it_is_no_present_of_a_silent_device() -> None:
    """The asset falls silent after a command: what it was set to stands in brackets, and nothing is
    said of how it is now; before a command neither."""
    for keys, before in ((DONE, "input 1 is 63 A, AC input"), (GIVE, "As it is now: AC input")):
        app, found = make_app(reader=answered("confirmed", 40.0)())
        async with app.run_test(size=(80, 40)) as pilot:
            await opened(pilot, keys)
            assert before in screen_text(app)
            found.push(silenced())
            await settle(pilot)
            screen = screen_text(app)
            assert before not in screen
            assert keys is GIVE or "input 1 is (63 A)" in screen


async def test_how_it_was_set_long_ago_is_in_brackets() -> None:
    """The device is heard, but the collector says nothing of how it is set: what it said before is
    not how it is now."""
    clock = Clock()
    app, found = make_app(reader=reader(), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, UNLOCK)
        assert "(63 A)" not in screen_text(app)
        del found.answers[WHERE]
        for second in range(12):
            clock.at += 1
            found.push(changed(one_of_each("normal"), seq=10 + second))
            await settle(pilot)
        assert "(63 A)" in screen_text(app)


async def test_an_asset_that_offers_nothing_has_no_control() -> None:
    """Neither the key nor the page, where the registry forbids control or nothing is offered."""
    for told in (
        msgspec.structs.replace(TOLD, control=False),
        msgspec.structs.replace(TOLD, offers=()),
    ):
        app, _ = make_app(reader=reader(told=told))
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot, ("L",))
            assert not isinstance(app.screen, ControlPage)
            assert " c control" not in screen_text(app)
            assert "lock out" not in screen_text(app)


async def test_only_what_was_sent_is_called_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the request is under way the page says that nothing is given yet. A collector that is
    lost before leaves the word that nothing was done in sight, and no key offers to give it."""
    found = answered("confirmed", 40.0)()
    app, _ = make_app(reader=found)
    go, stuck = asyncio.Event(), [False]
    get = found.get

    async def slow(path: str, kind: Any, **query: Any) -> Any:
        if path == WHERE and stuck[0]:
            await go.wait()
            raise ApiError("no answer from the collector within 10 s")
        return await get(path, kind, **query)

    monkeypatch.setattr(found, "get", slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, DONE[:-1])
        assert "set it to 40 A" in screen_text(app).splitlines()[-1]
        stuck[0] = True
        await pilot.press("enter")
        text = await shows(pilot, "not given yet")
        assert " given, " not in text.replace("not given yet, ", "")
        found.lose("nobody listens")
        await shows(pilot, "COLLECTOR LOST")
        go.set()
        text = await shows(pilot, "Nothing was done: no answer from the collector within 10 s")
        assert "The collector is lost: nothing can be given." in text
        assert "set it to" not in text.splitlines()[-1]
        assert not [path for method, path, _ in found.sent if path == WHERE]


async def test_what_was_sent_is_called_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """From then on it is given, and not a second time."""
    found = answered("confirmed", 40.0)()
    app, _ = make_app(reader=found)
    go, post = asyncio.Event(), found.post

    async def slow(path: str, kind: Any, body: Any = None, **more: Any) -> Any:
        if path == WHERE:
            await go.wait()
        return await post(path, kind, body, **more)

    monkeypatch.setattr(found, "post", slow)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, DONE)
        text = await shows(pilot, " given, 0 s: waiting for what the device says of it")
        assert "It is not given a second time." in text
        go.set()
        await shows(pilot, "40 A")
