"""No write reaches a device that the rules forbid: every command × every rule, at real brokers."""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from collector.control.catalogue import COMMANDS
from collector.model.control import Danger
from collector.model.kinds import AssetStatus
from collector.simulator.physics.bess import Mode, Source
from tests.control.plant import OPERATOR, TLS, VIEWER, SimulatedGx, Yard, yard
from tests.serve.support import TOKENS

pytestmark = pytest.mark.timeout(120)

VEBUS, SETTINGS = "vebus/276", "settings/0"
A, B, ENGINE = "bess-a", "bess-b", "bess-a.genset"


class Try(NamedTuple):
    """A command that is sound by itself: where, with what, what else it takes, a value that is out
    of range, and what the device says that forbids it (service, path, value)."""

    asset: str
    command: str
    value: object
    bad: object
    guard: tuple[str, str, object]
    more: dict[str, object] = {}  # noqa: RUF012  nobody changes it


TRIES = (
    Try(A, "mode", "inverter-only", "eco", (VEBUS, "ModeIsAdjustable", 0)),
    Try(A, "input-limit-1", 90.0, -1.0, (VEBUS, "Ac/In/1/CurrentLimitIsAdjustable", 0)),
    Try(A, "input-limit-2", 90.0, 1e6, (VEBUS, "Ac/In/2/CurrentLimitIsAdjustable", 0)),
    Try(ENGINE, "generator", "start", "warm-up", ("generator/1", "Enabled", 0), {"for_s": 600}),
    Try(ENGINE, "generator-auto", "off", 2.0, ("generator/1", "Enabled", 0)),
    Try(B, "grid-setpoint", 4000.0, 1e8, (SETTINGS, "Settings/CGwacs/Hub4Mode", 3), {"for_s": 600}),
    Try(A, "minimum-soc", 25.0, 17.0, (SETTINGS, "Settings/CGwacs/Hub4Mode", 3)),
    Try(A, "relay-1", "on", "maybe", (SETTINGS, "Settings/Relay/Function", 1)),
    Try(A, "relay-2", "on", "open", (SETTINGS, "Settings/Relay/1/Function", 5)),
    Try(A, "acknowledge", "done", "all", ("platform/0", "Notifications/AcknowledgeAll", None)),
)
BY_COMMAND = {each.command: each for each in TRIES}


def test_every_command_is_walked() -> None:
    """The table of this file has each command of the catalogue once."""
    assert [each.command for each in TRIES] == list(COMMANDS)


class Walk:
    """One command on the way through all rules."""

    def __init__(self, place: Yard, tried: Try) -> None:
        self.yard = place
        self.tried = tried
        self.device = tried.asset.partition(".")[0]
        self.gx: SimulatedGx = place.a if self.device == A else place.b

    async def body(self, **more: object) -> dict[str, Any]:
        """A sound request for it."""
        tried = self.tried
        return await self.yard.request(
            tried.asset, tried.command, tried.value, **tried.more, **more
        )

    async def refused(self, body: dict[str, Any], code: str, **how: Any) -> None:
        """It is refused with this code, and nothing was written to anybody."""
        response = await self.yard.post(self.tried.asset, body, **how)
        assert response.status_code >= 400, (code, response.text)
        assert response.json()["error"]["code"] == code, response.text
        assert response.json()["error"]["message"]
        assert await self.yard.a.heard() == []
        assert await self.yard.b.heard() == []

    @asynccontextmanager
    async def said(self, name: str, path: str, value: object):
        """The device says otherwise at a path for a while."""
        before = self.gx.value(name, path)
        self.gx.say(name, path, value)
        await self.yard.settled()
        yield
        self.gx.say(name, path, before)
        await self.yard.settled()

    def now(self) -> dict[str, int]:
        """Asked just now."""
        return {"made_ms": self.yard.feed.now_ms()}


Walks = list[Walk]
Rule = Callable[[Walks], Awaitable[None]]


async def viewer(walks: Walks) -> None:
    """Whoever may only look; also with a token that says control."""
    how = {"transport": TLS, "token": TOKENS["kiosk"]}
    for walk in walks:
        body = await walk.body()
        await walk.refused(body, "not_allowed", transport=VIEWER)
        await walk.refused(body, "not_allowed", **how)


async def no_control_right(walks: Walks) -> None:
    """An operator whose token does not say control."""
    for walk in walks:
        how = {"transport": TLS, "token": TOKENS["berta"]}
        await walk.refused(await walk.body(), "no_control_right", **how)


async def stale(walks: Walks) -> None:
    """The GX has not been heard for a while."""
    place = walks[0].yard
    bodies = [await walk.body() for walk in walks]
    await place.pass_s(30, silent=True)
    for walk, body in zip(walks, bodies, strict=True):
        assert place.view(walk.tried.asset).status is AssetStatus.STALE
        await walk.refused(body | walk.now(), "stale")
    await place.until(lambda: place.live(A, B, ENGINE))


async def silent_since_the_tick(walks: Walks) -> None:
    """It has fallen silent and no tick has told so yet."""
    place = walks[0].yard
    bodies = [await walk.body() for walk in walks]
    await place.settled()
    place.now += 30
    for walk, body in zip(walks, bodies, strict=True):
        assert place.live(walk.tried.asset)
        await walk.refused(body, "stale")
    await place.until(lambda: place.live(A, B, ENGINE))


async def wrong_device(walks: Walks) -> None:
    """Both GX have exchanged addresses."""
    place = walks[0].yard
    bodies = [await walk.body() for walk in walks]
    await place.apply(**{A: {"port": place.b.port}, B: {"port": place.a.port}})
    for walk, body in zip(walks, bodies, strict=True):
        await walk.refused(body, "stale")  # while it is not known yet who answers
    tried = {walk.tried.asset for walk in walks}
    await place.until(lambda: all(place.view(a).status is AssetStatus.WRONG for a in tried))
    for walk, body in zip(walks, bodies, strict=True):
        await walk.refused(body | walk.now() | {"id": body["id"] + "-again"}, "wrong_device")
    await place.apply(**{A: {"port": place.a.port}, B: {"port": place.b.port}})
    await place.until(lambda: place.live(A, B, ENGINE))
    await place.settled()


async def locked_out(walks: Walks) -> None:
    """Somebody works there."""
    lock = {"name": "Jo", "reason": "new fuel filter"}
    for walk in walks:
        place, asset = walk.yard, walk.tried.asset
        assert (await place.post(asset, lock, verb="lockout")).status_code == 200
        await walk.refused(await walk.body(), "locked_out")
        assert (await place.post(asset, {}, verb="unlock")).status_code == 200


async def not_adjustable(walks: Walks) -> None:
    """The device itself says that it is not to be set."""
    for walk in walks:
        name, path, value = walk.tried.guard
        body = await walk.body()
        if value is None:  # somebody acknowledges at the GX itself: nothing waits any more
            walk.gx.gx.services[name].write(path, 1)
            path, value = "Notifications/0/Acknowledged", True
        async with walk.said(name, path, value):
            await walk.refused(body | walk.now(), "not_adjustable")


async def out_of_range(walks: Walks) -> None:
    """A value that it does not take, no number at all, and a time that it does not take."""
    for walk in walks:
        body = await walk.body()
        worse: tuple[dict[str, Any], ...] = ({"value": "☃"}, {"for_s": 5})
        for number, bad in enumerate(({"value": walk.tried.bad}, *worse)):
            await walk.refused(body | bad | {"id": f"{body['id']}-{number}"}, "out_of_range")


async def precondition(walks: Walks) -> None:
    """As the plant is now a load would drop."""
    free = set()
    for walk in walks:
        bess, command, body = walk.gx.plan.bess, walk.tried.command, await walk.body()
        if command == "mode":
            bess.started_by_soc = False
            await walk.yard.pass_s(5)
            await walk.yard.settled()
            assert bess.source is Source.NONE
            body |= walk.now()
            for value in ("off", "charger-only"):
                told = {"value": value, "id": f"{body['id']}-{value}"}
                await walk.refused(body | told, "precondition")
        elif command.startswith("input-limit"):
            async with walk.said(VEBUS, "Ac/Out/NominalInverterPower", 500):
                await walk.refused(body | walk.now() | {"value": 1.0}, "precondition")
        elif command in ("generator", "generator-auto"):
            value = "stop" if command == "generator" else "off"
            more = {"value": value, "for_s": None}
            async with walk.said(VEBUS, "Ac/Out/NominalInverterPower", 500):
                await walk.refused(body | more | walk.now(), "precondition")
            bess.battery.soc_pct = 12.0
            await walk.yard.pass_s(5)
            await walk.yard.settled()
            again = more | walk.now() | {"id": body["id"] + "-again"}
            await walk.refused(body | again, "precondition")
            bess.battery.soc_pct = 60.0
            await walk.yard.pass_s(5)
            await walk.yard.settled()
        elif command == "grid-setpoint":
            bess.mode = Mode.INVERTER_ONLY
            await walk.yard.pass_s(5)
            await walk.yard.settled()
            await walk.refused(body | walk.now(), "precondition")
        else:
            free.add(command)
    assert free == {"minimum-soc", "relay-1", "relay-2", "acknowledge"}


async def moved_meanwhile(walks: Walks) -> None:
    """What the person saw is not what there is, or they say nothing of it."""
    for walk in walks:
        body = await walk.body()
        for number, seen in enumerate((None, "something", 12_345.0)):
            told = {"seen": seen, "id": f"{body['id']}-{number}"}
            await walk.refused(body | told, "moved")


async def not_confirmed(walks: Walks) -> None:
    """The name was not typed, or another one."""
    free = set()
    for walk in walks:
        if COMMANDS[walk.tried.command].danger is not Danger.DANGEROUS:
            free.add(walk.tried.command)
            continue
        body = await walk.body()
        for number, typed in enumerate(("", "bess", "yes", body["confirm"] + "x")):
            told = {"confirm": typed, "id": f"{body['id']}-{number}"}
            await walk.refused(body | told, "not_confirmed")
    assert free == {"grid-setpoint", "minimum-soc", "acknowledge"}


async def expired(walks: Walks) -> None:
    """The request was made too long ago, or in the future."""
    for walk in walks:
        body = await walk.body()
        for late_ms in (5_001, 60_000, -1_001):
            told = {"made_ms": body["made_ms"] - late_ms, "id": f"{body['id']}-{abs(late_ms)}"}
            await walk.refused(body | told, "expired")


async def control_off(walks: Walks) -> None:
    """The registry does not let the devices be controlled; live, without another connection."""
    place = walks[0].yard
    await place.apply(**{A: {"control": False}, B: {"control": False}})
    for walk in walks:
        await walk.refused(await walk.body(), "control_off")
    await place.apply(**{A: {"control": True}, B: {"control": True}})


RULES: tuple[Rule, ...] = (
    viewer,
    no_control_right,
    stale,
    silent_since_the_tick,
    wrong_device,
    locked_out,
    not_adjustable,
    out_of_range,
    precondition,
    moved_meanwhile,
    not_confirmed,
    expired,
    control_off,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_no_forbidden_write(rule: Rule, tmp_path, mosquitto, monkeypatch) -> None:
    """Each command is refused by this rule with its reason, and the brokers hear no write; with the
    rule kept it would have been written: the last command of each walk is, as a proof."""
    over = (OPERATOR, VIEWER, TLS) if rule in (viewer, no_control_right) else (OPERATOR,)
    async with yard(tmp_path, mosquitto, monkeypatch, over) as place:
        await rule([Walk(place, tried) for tried in TRIES])
        entries = await place.feed.audit.read(0, 1 << 50, 1000)
        assert all(entry.outcome.startswith(("refused", "done")) for entry in entries)
        assert any(entry.outcome.startswith("refused") for entry in entries)
        proof = BY_COMMAND["relay-2"]
        done = await place.command(proof.asset, proof.command, proof.value)
        assert done.json()["outcome"] == "confirmed", done.text
        portal = place.a.plan.portal_id
        written = [(f"W/{portal}/system/0/Relay/1/State", '{"value":1}', False)]
        assert await place.a.heard() == written
        assert await place.b.heard() == []
