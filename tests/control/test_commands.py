"""Commands that may be given, against simulated GX at real brokers: what goes out, and what the
answer says of what came back."""

import asyncio
import json

import pytest

from collector.control.catalogue import COMMANDS
from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.simulator.physics.bess import Mode
from collector.simulator.physics.genset import Engine
from tests.control.plant import OPERATOR, QUICK, TLS, Yard, yard
from tests.control.test_walk import ENGINE, VEBUS, A, B
from tests.serve.support import TOKENS

pytestmark = pytest.mark.timeout(120)

HUB4 = "hub4/0/Overrides/Setpoint"


@pytest.fixture
async def place(tmp_path, mosquitto, monkeypatch):
    """Both GX live."""
    async with yard(tmp_path, mosquitto, monkeypatch) as found:
        yield found


@pytest.fixture
async def tls_place(tmp_path, mosquitto, monkeypatch):
    """The same, which people also reach over TLS."""
    async with yard(tmp_path, mosquitto, monkeypatch, (OPERATOR, TLS)) as found:
        yield found


async def written(gx) -> list[tuple[str, str]]:
    """What was written to a GX, below its portal id; nothing of it may be kept by the broker."""
    root = f"W/{gx.plan.portal_id}/"
    heard = await gx.heard()
    assert not any(retained for _, _, retained in heard)
    assert all(topic.startswith(root) for topic, _, _ in heard)
    return [(topic.removeprefix(root), payload) for topic, payload, _ in heard]


async def test_each_command_is_confirmed(place: Yard) -> None:
    """Every command of the catalogue, given as it should be, is written once with integers as
    integers, read back, confirmed, and stands in the audit with who, from, to and the outcome."""
    place.a.plan.bess.started_by_soc = False
    await place.pass_s(5)
    tries = [
        (A, "mode", "inverter-only", {}, [("vebus/276/Mode", '{"value":2}')]),
        (A, "input-limit-1", 90.0, {}, [("vebus/276/Ac/In/1/CurrentLimit", '{"value":90.0}')]),
        (A, "input-limit-2", 80.5, {}, [("vebus/276/Ac/In/2/CurrentLimit", '{"value":80.5}')]),
        (
            ENGINE,
            "generator",
            "start",
            {"for_s": 600},
            [
                ("generator/1/ManualStartTimer", '{"value":600}'),
                ("generator/1/ManualStart", '{"value":1}'),
            ],
        ),
        (ENGINE, "generator-auto", "off", {}, [("generator/1/AutoStartEnabled", '{"value":0}')]),
        (B, "grid-setpoint", 4000.0, {"for_s": 600}, [(HUB4, '{"value":4000}')]),
        (
            A,
            "minimum-soc",
            25.0,
            {},
            [("settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit", '{"value":25.0}')],
        ),
        (A, "relay-1", "on", {}, [("system/0/Relay/0/State", '{"value":1}')]),
        (A, "relay-2", "on", {}, [("system/0/Relay/1/State", '{"value":1}')]),
        (
            A,
            "acknowledge",
            "done",
            {},
            [("platform/0/Notifications/AcknowledgeAll", '{"value":1}')],
        ),
    ]
    assert [each[1] for each in tries] == list(COMMANDS)
    for asset, command, value, more, wire in tries:
        gx = place.b if asset == B else place.a
        before = len(await written(gx))
        told = await place.given(asset, command, value, **more)
        assert told["outcome"] == "confirmed", told
        if command != "acknowledge":
            assert told["value"] == value
        assert (await written(gx))[before:] == wire
    entries = [
        e for e in await place.feed.audit.read(0, 1 << 50, 100) if "over" not in e.deed.action
    ]
    assert {e.deed.action for e in entries} == {f"control {name}" for name in COMMANDS}
    assert all(e.outcome.startswith("confirmed") and e.deed.person for e in entries)
    mode = next(e.deed for e in entries if e.deed.action == "control mode")
    assert (mode.subject, mode.before, mode.after) == (A, "on", "inverter-only")


async def test_a_limit_is_coerced(place: Yard) -> None:
    """The Multi sets what it can: the answer says which value that is."""
    told = await place.given(A, "input-limit-1", 90.04)
    assert (told["outcome"], told["value"]) == ("device set another value", 90.0)
    entry = (await place.feed.audit.read(0, 1 << 50, 1))[0]
    assert entry.outcome.startswith("device set 90 instead")


async def test_a_write_that_is_ignored(place: Yard) -> None:
    """A GX that takes the write not, without a word: the value is as it was, which is said."""
    place.a.gx.services[VEBUS].guards["Mode"] = "Alarms/Overload"
    place.a.gx.services[VEBUS].values["Alarms/Overload"] = 0
    told = await place.given(A, "mode", "inverter-only")
    assert (told["outcome"], told["value"]) == ("device set another value", "on")
    assert len(await written(place.a)) == 1


async def test_no_reply(place: Yard) -> None:
    """A path that is no more answers neither the write nor the reads: no reply, and no retry."""
    body = await place.request(A, "relay-2", "on")
    place.a.gx.hung = True
    told = (await place.post(A, body)).json()
    assert (told["outcome"], told["value"]) == ("no reply", "off")
    assert len(await written(place.a)) == 1
    place.a.gx.hung = False


async def test_the_same_id_again(place: Yard) -> None:
    """The same request again, at once, at the same time, after a restart and too late, gets the
    first answer and writes nothing; another request with its id is refused."""
    body = await place.request(A, "relay-2", "on")
    first, second = await asyncio.gather(place.post(A, body), place.post(A, body))
    assert first.json() == second.json()
    assert first.json()["outcome"] == "confirmed"
    other = await place.post(A, body | {"value": "off"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "id_used")
    await place.pass_s(20)
    assert (await place.post(A, body)).json() == first.json()
    place.new_desk()  # as after a restart
    await place.desk.lockouts.open()
    assert (await place.post(A, body)).json() == first.json()
    assert (await place.post(A, body | {"value": "off"})).status_code == 409
    assert await written(place.a) == [("system/0/Relay/1/State", '{"value":1}')]


async def test_an_id_that_was_cut_off(place: Yard) -> None:
    """A collector that was killed within a command does not run it again: nobody knows how it
    ended, and that is the answer."""
    body = await place.request(A, "relay-2", "on")
    fingerprint = (await _fingerprint(place, body), 0)

    def begun(db) -> None:
        db.execute(
            "INSERT INTO control_try (id, at_ms, fingerprint) VALUES (?,?,?)",
            (body["id"], body["made_ms"], fingerprint[0]),
        )

    await place.feed.db.run("begin", begun)
    response = await place.post(A, body)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "cut_off")
    assert await written(place.a) == []


async def _fingerprint(place: Yard, body: dict) -> str:
    """What a request's id stands for, as a first run keeps it."""
    other = body | {"id": body["id"] + "-other", "confirm": ""}
    assert (await place.post(A, other)).status_code == 422
    rows = await place.feed.db.run(
        "look", lambda db: db.execute("SELECT id, fingerprint FROM control_try").fetchall()
    )
    return dict(rows)[other["id"]]


async def test_one_at_a_time(place: Yard) -> None:
    """While a command to a device is under way, another one is refused, not queued."""
    one, two = await place.request(A, "relay-1", "on"), await place.request(A, "relay-2", "on")
    answers = await asyncio.gather(place.post(A, one), place.post(A, two))
    codes = sorted(response.status_code for response in answers)
    assert codes == [200, 409]
    refused = next(response for response in answers if response.status_code == 409)
    assert refused.json()["error"]["code"] == "busy"
    assert len(await written(place.a)) == 1


async def test_who_may_over_tls(tls_place: Yard) -> None:
    """A personal token with control over TLS may; the audit has its name."""
    body = await tls_place.request(A, "relay-2", "on")
    response = await tls_place.post(A, body, TLS, TOKENS["anna"])
    assert response.json()["outcome"] == "confirmed"
    entry = (await tls_place.feed.audit.read(0, 1 << 50, 1))[0]
    assert (entry.deed.person, entry.deed.transport) == ("anna", "tls")


# -- setpoints -------------------------------------------------------------------------------


async def setpoint(place: Yard, watts: object = 4000.0, **more: object) -> dict:
    """Have B draw this from the grid for ten minutes."""
    return await place.given(B, "grid-setpoint", watts, **({"for_s": 600} | more))


async def over(place: Yard) -> str:
    """Why the last setpoint ended, by the audit."""
    entries = await place.feed.audit.read(0, 1 << 50, 20)
    return next(e.outcome for e in entries if e.deed.action == "control grid-setpoint over")


async def test_a_setpoint_is_kept_up_and_released(place: Yard) -> None:
    """It is written again before it lapses, works, is seen at the asset, and ends with null when
    its time is over, which is in the audit."""
    await setpoint(place, for_s=120)
    await place.pass_s(90)
    assert place.b.plan.bess.grid_setpoint_w == 4000
    assert any("setpoint 4000 W" in note for note in place.view(B).notes)
    assert "kept up" in (await place.offer(B, "grid-setpoint")).holds
    assert place.b.plan.bess.input.total_w == pytest.approx(4000, abs=600)
    payloads = [payload for _, payload in await written(place.b)]
    assert 4 <= len(payloads) <= 6
    assert set(payloads) == {'{"value":4000}'}
    await place.pass_s(40)
    assert (await written(place.b))[-1] == (HUB4, '{"value":null}')
    assert place.b.plan.bess.grid_setpoint_w is None
    assert await over(place) == "its time is over"
    await place.tick()
    assert not any("setpoint" in note for note in place.view(B).notes)


async def test_a_setpoint_is_released_by_a_person(place: Yard) -> None:
    """Release is a command of its own, confirmed, and nothing is written after it."""
    await setpoint(place)
    told = await setpoint(place, "release", for_s=None)
    assert (told["outcome"], told["value"]) == ("confirmed", "release")
    await place.pass_s(40)
    assert [p for _, p in await written(place.b)] == ['{"value":4000}', '{"value":null}']


async def test_a_setpoint_ends_with_the_collector(place: Yard) -> None:
    """The orderly end releases it with the last word."""
    await setpoint(place)
    await place.fleet.end()
    assert (await written(place.b))[-1] == (HUB4, '{"value":null}')
    await place.desk.end()
    assert await over(place) == "the connection to the GX ended"


async def test_a_setpoint_of_a_killed_collector(place: Yard) -> None:
    """A collector that is killed releases nothing, its next life resumes nothing, and the GX lets
    the override lapse by itself."""
    await setpoint(place)
    source = place.fleet.source(B)
    source.control._hold = None  # what a kill leaves of it
    await place.fleet.again(B)
    await place.until(lambda: place.live(B))
    await place.pass_s(70)
    assert [p for _, p in await written(place.b)] == ['{"value":4000}']
    assert place.b.plan.bess.grid_setpoint_w is None


@pytest.mark.parametrize("how", ["lockout", "control off", "taken over", "silence"])
async def test_what_ends_a_setpoint(place: Yard, how: str) -> None:
    """A lockout and the registry release it; what somebody else has set stands; a GX that shows no
    life is left alone but for the release."""
    await setpoint(place)
    if how == "lockout":
        await place.post(B, {"name": "Jo", "reason": "feeder"}, verb="lockout")
    elif how == "control off":
        await place.apply(**{B: {"control": False}})
    elif how == "taken over":
        place.b.gx.received(f"W/{place.b.plan.portal_id}/{HUB4}", b'{"value":-2000}')
    else:
        await place.pass_s(30, silent=True)
    await place.until(lambda: place.live(B))
    await place.pass_s(30)
    payloads = [payload for _, payload in await written(place.b)]
    if how == "taken over":
        assert payloads == ['{"value":4000}']
        assert place.b.plan.bess.grid_setpoint_w == -2000
        assert await over(place) == "somebody else set -2000 W"
    else:
        assert payloads[-1] == '{"value":null}'
        assert set(payloads[:-1]) == {'{"value":4000}'}
        assert place.b.plan.bess.grid_setpoint_w is None


async def test_a_setpoint_that_is_not_confirmed(place: Yard) -> None:
    """An override that nobody has confirmed is not kept up, and taken back at once."""
    body = await place.request(B, "grid-setpoint", 4000.0, for_s=600)
    place.b.gx.hung = True
    assert (await place.post(B, body)).json()["outcome"] == "no reply"
    assert [p for _, p in await written(place.b)] == ['{"value":4000}', '{"value":null}']
    place.b.gx.hung = False


# -- generators ------------------------------------------------------------------------------


async def test_a_generator_runs_its_time(place: Yard) -> None:
    """Started by hand with a run time it warms up, runs, and stops by itself."""
    engine = place.a.plan.bess.genset
    place.a.plan.bess.started_by_soc = False
    await place.until(lambda: engine.engine is Engine.STOPPED)
    told = await place.given(ENGINE, "generator", "start", for_s=60)
    assert told["outcome"] == "confirmed", told
    await place.pass_s(3)
    assert engine.engine is Engine.STARTING
    await place.pass_s(40)
    assert engine.engine is Engine.RUNNING
    await place.pass_s(25)
    assert engine.engine is Engine.COOL_DOWN


async def test_no_start_without_its_run_time(place: Yard) -> None:
    """When the GX does not take the run time the engine is not started: it would not stop."""
    place.a.gx.services["generator/1"].writes.pop("ManualStartTimer")
    told = await place.given(ENGINE, "generator", "start", for_s=600)
    assert told["outcome"] == "no reply"
    assert "not started" in told["effect"]
    assert [tail for tail, _ in await written(place.a)] == ["generator/1/ManualStartTimer"]
    assert not place.a.plan.bess.manual_start


async def test_stop_while_the_charge_keeps_it_running(place: Yard) -> None:
    """A stop is confirmed, and the answer says why the engine runs on."""
    bess = place.a.plan.bess
    bess.started_by_soc = True
    bess.manual_start = True
    await place.pass_s(40)
    await place.settled()
    told = await place.given(ENGINE, "generator", "stop")
    assert (told["outcome"], told["value"]) == ("confirmed", "stop")
    assert "by state of charge" in told["effect"]


# -- lockouts --------------------------------------------------------------------------------


async def test_a_lockout_of_the_same_thing(place: Yard) -> None:
    """Who locks the generator's own controller has locked the start by the GX; it is shown at both,
    outlives a restart, and can be removed only once."""
    place.links = (Link(asset=ENGINE, type=LinkType.SAME_AS, other=B),)
    await place.apply()
    response = await place.post(B, {"reason": "oil change"}, verb="lockout")
    assert response.json()["lockout"]["name"] == response.json()["lockout"]["person"]
    again = await place.post(B, {"reason": "me too"}, verb="lockout")
    assert again.status_code == 409
    assert "oil change" in again.json()["error"]["message"]
    place.new_desk()
    await place.desk.lockouts.open()
    await place.tick()
    for asset in (B, ENGINE):
        assert place.view(asset).lockout.asset == B
        assert any("oil change" in note for note in place.view(asset).notes)
    refused = await place.command(ENGINE, "generator", "start", for_s=600)
    assert refused.json()["error"]["code"] == "locked_out"
    assert (await place.post(B, {}, verb="unlock")).status_code == 200
    assert (await place.post(B, {}, verb="unlock")).status_code == 409
    assert place.desk.lockouts.of(ENGINE) is None


async def test_who_may_unlock(tls_place: Yard) -> None:
    """Any operator locks; only who may control unlocks, and the refusal is in the audit."""
    lock = {"name": "Jo", "reason": "feeder"}
    assert (await tls_place.post(A, lock, TLS, TOKENS["berta"], verb="lockout")).status_code == 200
    response = await tls_place.post(A, {}, TLS, TOKENS["berta"], verb="unlock")
    assert response.json()["error"]["code"] == "no_control_right"
    entries = await tls_place.feed.audit.read(0, 1 << 50, 10)
    assert [(e.deed.action, e.outcome[:7]) for e in entries[:2]] == [
        ("unlock", "refused"),
        ("lockout", "done"),
    ]
    assert (await tls_place.post(A, {}, TLS, TOKENS["anna"], verb="unlock")).status_code == 200


# -- what is offered -------------------------------------------------------------------------


async def test_offers(tls_place: Yard) -> None:
    """What an asset offers, with ranges of the device's own, what is set now, and why not."""
    told = await tls_place.offers(A)
    assert (told.name, told.why_not) == ("BESS A Main stage", "")
    offers = {offer.command: offer for offer in told.offers}
    assert set(offers) == set(COMMANDS) - {"generator", "generator-auto"}
    assert offers["mode"].choices == ("on", "charger-only", "inverter-only", "off")
    assert offers["mode"].value == "on"
    assert "drops the loads" in offers["mode"].impossible["off"]
    assert (offers["minimum-soc"].low, offers["minimum-soc"].high) == (0, 100)
    assert {o.command for o in (await tls_place.offers(ENGINE)).offers} == {
        "generator",
        "generator-auto",
    }
    await tls_place.apply(**{A: {"control": False}})
    assert "not to be controlled" in (await tls_place.offers(A)).why_not
    async with tls_place.api.client(TLS, TOKENS["berta"]) as client:
        answer = json.loads((await client.get(f"/v1/assets/{B}/control")).content)
    assert "not control" in answer["why_not"]


async def test_a_rating_of_the_registry_counts(place: Yard) -> None:
    """The lower of the plate's and the GX's rating is what an inverter can carry."""
    from collector.model.assets import AssetSettings, Ratings

    place.a.plan.bess.mode = Mode.ON
    place.settings = {A: AssetSettings(ratings=Ratings(inverter_kva=2.0))}
    await place.apply()
    response = await place.command(A, "mode", "inverter-only")
    assert response.json()["error"]["code"] == "precondition"
    assert "1600 W" in response.json()["error"]["message"]
    assert QUICK.resend < 60
