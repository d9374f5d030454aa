"""Commands that may be given, against simulated GX at real brokers: what goes out, and what the
answer says of what came back."""

import asyncio
from typing import Any

import pytest

from collector.control.catalogue import COMMANDS
from collector.model.assets import AssetSettings, Ratings
from collector.simulator.physics.bess import Mode, Source
from collector.simulator.physics.genset import Engine
from tests.control.plant import QUICK, TLS, Yard, written
from tests.control.test_walk import ENGINE, VEBUS, A, B
from tests.serve.support import TOKENS

pytestmark = pytest.mark.timeout(120)

HUB4 = "hub4/0/Overrides/Setpoint"


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
        e for e in await place.feed.audit.read(0, 1 << 50, 100) if "later" not in e.deed.action
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
    """A GX that falls silent with the write answers no read: no reply, and no retry."""

    def silent(_: object) -> bool:
        place.a.gx.hung = True
        return False

    place.a.gx.services["system/0"].writes["Relay/1/State"] = silent
    place.hurry(A)
    told = await place.given(A, "relay-2", "on")
    assert (told["outcome"], told["value"]) == ("no reply", "off")
    assert len(await written(place.a)) == 1
    place.a.gx.hung = False


async def test_a_gx_that_has_just_hung_up(place: Yard) -> None:
    """One that does not say how it is set now, though it was heard seconds ago, is written
    nothing."""
    body = await place.request(A, "relay-2", "on")
    place.hurry(A)
    place.a.gx.hung = True
    response = await place.post(A, body)
    assert response.json()["error"]["code"] == "no_answer", response.text
    assert await written(place.a) == []
    place.a.gx.hung = False


async def test_what_was_never_told(place: Yard) -> None:
    """A change of which the message was lost is found when the GX is asked, before the write."""
    body = await place.request(A, "mode", "inverter-only")
    place.a.plan.bess.mode = Mode.CHARGER_ONLY
    response = await place.post(A, body)
    assert response.json()["error"]["code"] == "moved", response.text
    assert "charger-only now, not on" in response.json()["error"]["message"]
    assert await written(place.a) == []


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


async def _fingerprint(place: Yard, body: dict[str, Any]) -> str:
    """What a request's id stands for, as a first run keeps it."""
    other = body | {"id": body["id"] + "-other", "confirm": ""}
    assert (await place.post(A, other)).status_code == 422
    rows = await place.feed.db.run(
        "look", lambda db: db.execute("SELECT id, fingerprint FROM control_try").fetchall()
    )
    return str(dict(rows)[other["id"]])


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


async def test_a_generator_runs_its_time(place: Yard) -> None:
    """Started by hand with a run time it warms up, runs, and stops by itself."""
    engine = place.a.plan.bess.genset
    assert engine is not None
    place.a.plan.bess.started_by_soc = False
    engine.engine, engine.wanted = Engine.STOPPED, False
    await place.settled()
    told = await place.given(ENGINE, "generator", "start", for_s=60)
    assert told["outcome"] == "confirmed", told
    states = []
    for seconds in (3, 40, 25):
        await place.pass_s(seconds)
        states.append(engine.engine)
    assert states == [Engine.STARTING, Engine.RUNNING, Engine.COOL_DOWN]


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
    answer = await tls_place.client(TLS, TOKENS["berta"]).get(f"/v1/assets/{B}/control")
    assert "not control" in answer.json()["why_not"]


async def test_a_rating_of_the_registry_counts(place: Yard) -> None:
    """The lower of the plate's and the GX's rating is what an inverter can carry."""
    place.a.plan.bess.mode = Mode.ON
    place.settings = {A: AssetSettings(ratings=Ratings(inverter_kva=2.0))}
    await place.apply()
    response = await place.command(A, "mode", "inverter-only")
    assert response.json()["error"]["code"] == "precondition"
    assert "1600 W" in response.json()["error"]["message"]
    assert QUICK.resend < 60


async def later(place: Yard, command: str) -> list[str]:
    """What came of commands after their answers, by the audit, the newest first."""
    await place.desk._later.end()
    entries = await place.feed.audit.read(0, 1 << 50, 50)
    return [e.outcome for e in entries if e.deed.action == f"control {command} later"]


async def test_what_comes_of_a_start_later(place: Yard) -> None:
    """That the engine runs and feeds is written down when it does; that it does not within five
    minutes too, and it is shown at the asset."""
    bess = place.a.plan.bess
    bess.started_by_soc = False
    await place.until(lambda: bess.source is Source.NONE)
    await place.given(ENGINE, "generator", "start", for_s=1200)
    await place.pass_s(60)
    assert [words[:20] for words in await later(place, "generator")] == ["it runs and feeds af"]
    assert bess.source is Source.GENERATOR
    await place.given(ENGINE, "generator", "stop")
    await place.pass_s(90)
    assert "has stopped after" in (await later(place, "generator"))[0]
    assert bess.genset is not None
    bess.genset.engine, bess.genset.in_engine_s = Engine.COOL_DOWN, -9000.0
    bess.auto_start = False
    await place.given(ENGINE, "generator", "start", for_s=1200)
    bess.manual_start = False  # somebody else stops it
    bess.genset.wanted = False
    await place.pass_s(5)
    place.now += 300
    await place.until(lambda: place.live(A))
    await place.pass_s(5)
    assert "not within" in (await later(place, "generator"))[0]
    assert any("not within" in note for note in place.view(ENGINE).notes)
