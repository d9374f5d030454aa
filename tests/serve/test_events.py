"""Events, participations, corrections and the log over the API, on a real socket: who did it is in
the audit, and what cannot be says why."""

import os

import pytest

from collector.model.audit import STAY, STRIKE, TAKE_BACK
from collector.serve.access import Transport
from collector.serve.link import person_of
from tests.serve.support import served
from tests.support.snapshots import START_MS, HandFeed, changed, site

OVR = Transport.OPERATOR_SOCKET
ME = person_of(os.getuid())


@pytest.fixture
async def api(tmp_path):
    """The API with a clock that is right, a client of it, and what is behind it."""
    feed = HandFeed(site(6))
    async with served(tmp_path, feed, (OVR,)) as found, found.client(OVR) as client:
        await feed.clock.confirm("test")
        yield feed, client


def systems(feed):
    """The systems of the snapshot, in order."""
    return sorted({view.system for view in feed.snapshot.assets})


async def later(feed, ms):
    """Time passes."""
    await feed.push(changed(feed.snapshot, at_ms=feed.snapshot.at_ms + ms))


async def made(api, name="Show", **fields):
    """A planned event."""
    answer = await api.post("/v1/events", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["event"]


async def deeds(client):
    """Action, subject and outcome of each line of the audit, the oldest first."""
    entries = (await client.get("/v1/audit")).json()["entries"]
    assert {entry["deed"]["person"] for entry in entries} <= {ME, "test"}
    return [(e["deed"]["action"], e["deed"]["subject"], e["outcome"]) for e in reversed(entries)]


async def test_from_plan_to_end(api):
    """Created, begun, joined one by one and many at once, left, ended."""
    feed, client = api
    one, other, third = systems(feed)[:3]
    event = await made(client, job="J/1", client="Acme", fuel={"price_per_l": 1.4})
    assert event["terms"]["fuel"]["price_per_l"] == 1.4
    assert event["terms"]["fuel"]["slope_l_per_kwh"] == 0.247
    path = f"/v1/events/{event['id']}"
    assert (await client.post(f"{path}/start")).json()["event"]["status"] == "active"
    joined = (await client.post(f"{path}/systems/{one}/join")).json()["participations"]
    assert [(p["system"], p["to_ms"]) for p in joined] == [(one, None)]
    many = await client.post(f"{path}/join", json={"systems": [other, third]})
    assert len(many.json()["participations"]) == 2
    await later(feed, 60_000)
    left = (await client.post(f"{path}/systems/{one}/leave")).json()["participations"]
    assert left[0]["to_ms"] == feed.now_ms()
    ended = (await client.post(f"{path}/end")).json()
    assert (ended["event"]["status"], len(ended["participations"])) == ("ended", 2)
    found = (await client.get("/v1/events", params={"find": "j/1"})).json()["events"]
    assert [one["event"]["id"] for one in found] == [event["id"]]
    assert [action for action, _, _ in await deeds(client)] == [
        "event create", "event start", "event join", "event join", "event leave", "event end",
    ]  # fmt: skip


async def test_all_or_none(api):
    """Of several systems one cannot join: none has."""
    feed, client = api
    one, other = systems(feed)[:2]
    first, second = await made(client, "A"), await made(client, "B")
    for event in (first, second):
        await client.post(f"/v1/events/{event['id']}/start")
    await client.post(f"/v1/events/{first['id']}/systems/{one}/join")
    refused = await client.post(f"/v1/events/{second['id']}/join", json={"systems": [other, one]})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "not_possible")
    assert "“A”" in error["message"]
    shown = (await client.get(f"/v1/events/{second['id']}")).json()
    assert shown["participations"] == []
    assert (await deeds(client))[-1][2].startswith("refused: ")


async def test_revisions(api):
    """A change that was made for another revision is refused; what is said is kept, and nothing
    else is touched."""
    _, client = api
    event = await made(client, job="J-1", tariff={"currency": "EUR", "energy_per_kwh": 0.3})
    path, revision = f"/v1/events/{event['id']}", event["revision"]
    body = {"revision": revision, "tariff": {"energy_per_kwh": 0.4}, "notes": "x"}
    edited = await client.patch(path, json=body)
    assert edited.json()["event"]["terms"]["tariff"]["currency"] == "EUR"
    assert edited.json()["event"]["terms"]["tariff"]["energy_per_kwh"] == 0.4
    again = await client.patch(path, json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (412, "record_changed")


async def test_a_participation_is_corrected(api):
    """With its revision and a reason, which the trace keeps."""
    feed, client = api
    system = systems(feed)[0]
    event = await made(client)
    path = f"/v1/events/{event['id']}"
    await client.post(f"{path}/start", json={"at_ms": START_MS - 3_600_000})
    (part,) = (await client.post(f"{path}/systems/{system}/join")).json()["participations"]
    body = {"revision": part["revision"], "reason": "late", "from_ms": START_MS - 60_000}
    fixed = await client.patch(f"/v1/participations/{part['id']}", json=body)
    assert fixed.json()["participations"][0]["from_ms"] == START_MS - 60_000
    changes = (await client.get(path)).json()["changes"]
    assert [(c["person"], c["reason"]) for c in changes if c["reason"]] == [(ME, "late")]
    lines = [line["deed"] for line in (await client.get("/v1/audit")).json()["entries"]]
    (said,) = [one["before"] for one in lines if one["action"] == STAY]
    assert said == f"{system} in {event['name']}"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/events", {"name": ""}, 409),
        ("POST", "/v1/events", {"name": "x", "fuel": {"price": 1}}, 400),
        ("POST", "/v1/events", {"name": "x", "systems": [{"system": "nope"}]}, 409),
        ("POST", "/v1/events", {"name": "x", "shares": [
            {"asset": "a", "account": "b", "percent": 50}]}, 409),
        ("POST", "/v1/events", {"name": "x", "fuel": {"price_per_l": -1}}, 409),
        ("POST", "/v1/events/none/start", {}, 404),
        ("POST", "/v1/events/plan/systems/x/join", {}, 409),
        ("POST", "/v1/events/plan/systems/x/leave", {}, 409),
        ("POST", "/v1/events/plan/end", {}, 409),
        ("POST", "/v1/events/plan/start", {"at_ms": START_MS + 10**8}, 409),
        ("PATCH", "/v1/events/plan", {"revision": 1}, 412),
        ("PATCH", "/v1/participations/none", {"revision": 1, "reason": "x"}, 404),
        ("POST", "/v1/event-files", {"file": {}}, 400),
        ("POST", "/v1/corrections", {"asset": "none", "kind": "sign", "from_ms": 0,
                                     "reason": "x"}, 409),
        ("POST", "/v1/corrections/none/withdraw", {}, 404),
        ("POST", "/v1/log", {"kind": "fuel", "value": 5}, 409),
        ("POST", "/v1/log/none/withdraw", {}, 404),
        ("GET", "/v1/log?event=none", None, 404),
    ],
)  # fmt: skip
async def test_what_cannot_be(api, method, path, body, status):
    """It says why, and no event has changed."""
    _, client = api
    plan = await made(client, "plan")
    answer = await client.request(method, path, json=body)
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (status, True)
    shown = (await client.get("/v1/events")).json()["events"]
    assert [one["event"] for one in shown] == [plan]


async def test_no_event_by_a_clock_that_may_be_wrong(tmp_path):
    """Until somebody has confirmed the node's clock nothing begins."""
    feed = HandFeed(site(2))
    async with served(tmp_path, feed, (OVR,)) as found, found.client(OVR) as client:
        event = await made(client)
        answer = await client.post(f"/v1/events/{event['id']}/start")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "bad_clock")
        assert "ovr clock confirm" in answer.json()["error"]["message"]


async def test_what_people_add(api):
    """Corrections and the log: said, listed, withdrawn, with their persons."""
    feed, client = api
    view = feed.snapshot.assets[0]
    body = {"asset": view.id, "kind": "factor", "factor": 2, "from_ms": 5, "reason": "CT 400/5"}
    one = (await client.post("/v1/corrections", json=body)).json()["correction"]
    assert (one["factor"], one["person"]) == (2.0, ME)
    gone = await client.post(f"/v1/corrections/{one['id']}/withdraw", json={"reason": "no"})
    assert gone.json()["correction"]["withdrawn_by"] == ME
    listed = (await client.get("/v1/corrections", params={"asset": view.id})).json()
    assert [one["id"] for one in listed["corrections"]] == [one["id"]]
    entry = {"kind": "fuel", "value": 400, "system": view.system, "text": "truck\n2"}
    said = (await client.post("/v1/log", json=entry)).json()["entry"]
    assert (said["unit"], said["at_ms"], said["text"]) == ("l", feed.now_ms(), "truck 2")
    await client.post(f"/v1/log/{said['id']}/withdraw")
    (found,) = (await client.get("/v1/log")).json()["entries"]
    assert found["withdrawn_by"] == ME
    lines = [line["deed"] for line in (await client.get("/v1/audit")).json()["entries"]]
    named = {one["action"]: one["before"] for one in lines}
    assert named[TAKE_BACK] == f"{view.id}: factor, CT 400/5"
    assert named[STRIKE] == f"{view.system}: fuel truck 2"
    assert [action for action, _, _ in await deeds(client)] == [
        "correct", "correct remove", "log", "log remove",
    ]  # fmt: skip


async def test_carried_to_another_node(api, tmp_path):
    """What one node gives another one takes, the same again changes nothing."""
    _, client = api
    event = await made(client, job="J-8")
    await client.post(f"/v1/events/{event['id']}/start")
    file = (await client.get(f"/v1/events/{event['id']}/export")).json()["file"]
    (tmp_path / "other").mkdir()
    there = HandFeed(site(2))
    async with served(tmp_path / "other", there, (OVR,)) as found, found.client(OVR) as other:
        for _ in range(2):
            answer = await other.post("/v1/event-files", json={"file": file})
            assert answer.status_code == 200, answer.text
            assert answer.json()["event"] == file["event"]
        await made(other, "Apart")
        merged = await other.post("/v1/events/J-8/merge", json={"other": "Apart"})
        assert merged.json()["event"]["id"] == event["id"]
        assert len((await other.get("/v1/events")).json()["events"]) == 1
