"""What people say about units over the API: done once, dated, in the audit with their names."""

import os

import pytest

from collector.errors import StoreError
from collector.model.reading import Identity
from collector.model.snapshot import Overlap, Total
from collector.serve.access import Transport
from collector.serve.link import person_of
from collector.serve.units import Said
from collector.site.counters import CounterState
from collector.site.energy import Happened, Missed
from collector.site.identities import Pin
from tests.serve.support import served
from tests.support.snapshots import START_MS, HandFeed, changed, site

OVR = Transport.OPERATOR_SOCKET
ME = person_of(os.getuid())
KEY = ("bess-1", "load_energy_kwh")


@pytest.fixture
async def api(tmp_path):
    """The API, a client of it, and what is behind it."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as found, found.client(OVR) as client:
        yield feed, client


async def audited(client):
    """Action, subject and outcome of each line, the oldest first."""
    entries = (await client.get("/v1/audit")).json()["entries"]
    return [
        (e["deed"]["action"], e["deed"]["subject"], e["outcome"], e["deed"]["person"])
        for e in reversed(entries)
    ]


async def held(client, **query):
    """What held when: (asset, what, key) → (value, from, to), the newest of each."""
    found = (await client.get("/v1/assignments", params=query)).json()["held"]
    return {
        (h["asset"], h["what"], h["key"]): (h["value"], h["from_ms"], h["to_ms"]) for h in found
    }


async def test_a_change_of_now_is_in_the_registry(api):
    """Rated, linked and moved since an hour ago: the registry says so, from that time on."""
    feed, client = api
    hour_ago = START_MS - 3_600_000
    facts = [
        {"what": "rating", "key": "battery_kwh", "value": "120"},
        {"what": "system", "value": "camp"},
    ]
    body = {"asset": "bess-1", "facts": facts, "from_ms": hour_ago, "reason": "moved"}
    answer = await client.post("/v1/assignments", json=body)
    assert answer.status_code == 200, answer.text
    tables = (await client.get("/v1/registry")).json()["registry"]
    assert tables["device"][0]["system"] == "camp"
    assert tables["asset"] == [{"id": "bess-1", "battery_kwh": 120.0}]
    (change,) = feed.changes
    assert (change.person, change.reason, change.at_ms) == (ME, "moved", hour_ago)
    assert await audited(client) == [("assign", "bess-1", "done", ME)]


async def test_a_word_about_the_past_leaves_the_registry(api):
    """With an end it is what was: the book has it, the registry stays."""
    feed, client = api
    body = {
        "asset": "bess-1",
        "facts": [{"what": "unit", "key": "number", "value": "104"}],
        "from_ms": START_MS - 7_200_000,
        "to_ms": START_MS - 3_600_000,
        "reason": "delivery note",
    }
    assert (await client.post("/v1/assignments", json=body)).status_code == 200
    assert feed.changes == []
    found = (await client.get("/v1/assignments", params={"asset": "bess-1"})).json()["held"]
    assert [(h["value"], h["from_ms"], h["to_ms"]) for h in found] == [
        ("104", START_MS - 7_200_000, START_MS - 3_600_000),
        ("", START_MS - 3_600_000, None),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/assignments", {"asset": "bess-9", "facts": [{"what": "account", "value": "x"}]}, 409),
        ("/v1/assignments", {"asset": "bess-1", "facts": []}, 400),
        ("/v1/assignments", {"asset": "bess-1", "facts": [{"what": "name", "value": "x"}]}, 400),
        (
            "/v1/assignments",
            {
                "asset": "bess-1",
                "facts": [{"what": "account", "value": "x"}],
                "from_ms": START_MS + 10**7,
            },
            409,
        ),
        ("/v1/assets/bess-9/swap", {}, 409),
        ("/v1/assets/bess-1/swap", {"at_ms": START_MS + 10**7}, 409),
        ("/v1/assets/bess-9/forget", {}, 409),
        ("/v1/assets/bess-1/move", {}, 409),
        ("/v1/assets/bess-1/move", {"host": "not a host!"}, 422),
        ("/v1/refused/none/accept", {}, 409),
        ("/v1/refused/none/dismiss", {"amount": 1}, 400),
    ],
)
async def test_what_cannot_be_said(api, path, body, status):
    """It is refused with a reason, and nothing has changed."""
    feed, client = api
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["error"]["message"] != "") == (status, True)
    assert feed.changes == []
    assert feed.site.identities.pins == {}
    assert (await client.get("/v1/assignments")).json()["statements"] == []


async def test_a_swap_pins_the_stranger_and_begins_anew(api):
    """The unit that answers instead of the expected one is pinned, the facts of the former are
    gone, and its registers are a baseline whoever they say that they are."""
    feed, client = api
    identities = feed.site.identities
    identities.pins |= {"bess-1": Pin("S1", ""), "bess-1 certificate": Pin("aa", "")}
    identities.strangers["bess-1"] = Identity(serial="S2", model="GX")
    state = CounterState(unit="S2", path="p", raw=10.0, total=3.0, heard_ms=0, changed_ms=0)
    feed.site.counters[KEY] = state
    answer = await client.post(
        "/v1/assets/bess-1/swap", json={"unit_no": "B7", "at_ms": START_MS - 60_000}
    )
    assert answer.json() == {"schema": 1, "asset": "bess-1", "serial": "S2", "unit_no": "B7"}
    assert identities.pins == {"bess-1": Pin("S2", "GX")}
    assert feed.site.counters[KEY].unit not in ("S1", "S2")
    assert feed.site.counters[KEY].total == 3.0
    facts = await held(client)
    assert facts["bess-1", "unit", "serial"] == ("S2", START_MS - 60_000, None)
    assert await audited(client) == [("swap", "bess-1", "done", ME)]


async def test_a_swap_for_a_device_of_another_entry(api):
    """Who is expected elsewhere is not pinned here too: it is told what to do."""
    feed, client = api
    other = feed.site.images["bess-1"]
    tables = (await client.get("/v1/registry")).json()
    assert other.device.portal_id == ""
    feed.site.identities.pins["bess-1"] = Pin("S1", "")
    device = {"id": "bess-2", "kind": "gx", "host": "10.20.0.22"}
    registry = {**tables["registry"], "device": [*tables["registry"]["device"], device]}
    headers = {"If-Match": tables["etag"]}
    await client.put("/v1/registry", json={"registry": registry}, headers=headers)
    feed.site.apply(feed.changes[-1].after.devices, {}, ())
    answer = await client.post("/v1/assets/bess-2/swap", json={"serial": "s1"})
    assert answer.status_code == 409
    assert "move bess-2 --seek" in answer.json()["error"]["message"]
    assert "bess-2" not in feed.site.identities.pins


@pytest.mark.parametrize(
    ("action", "body", "left"),
    [
        ("swap", {"serial": "b827eb000009"}, {"portal_id": "b827eb000009"}),
        ("swap", {}, {}),
        ("forget", {}, {}),
    ],
)
async def test_what_the_registry_states_of_an_identity_goes_with_it(api, action, body, left):
    """An identity that stands in registry.toml is another one after a swap, and gone where nobody
    knows the new one; the former unit's certificate is gone in any case."""
    feed, client = api
    read = (await client.get("/v1/registry")).json()
    stated = {"portal_id": "b827eb000001", "tls": True, "fingerprint": "ab" * 32}
    read["registry"]["device"][0] |= stated
    headers = {"If-Match": read["etag"]}
    body_of_all = {"registry": read["registry"]}
    assert (await client.put("/v1/registry", json=body_of_all, headers=headers)).status_code == 200
    feed.site.apply(feed.changes[-1].after.devices, {}, ())
    answer = await client.post(f"/v1/assets/bess-1/{action}", json=body)
    assert answer.status_code == 200, answer.text
    (device,) = (await client.get("/v1/registry")).json()["registry"]["device"]
    kept = {key: device[key] for key in ("portal_id", "fingerprint") if key in device}
    assert kept == left


async def test_a_swap_that_cannot_be_kept_changes_nothing(api):
    """Where node.db takes nothing, who was pinned stays pinned, and the audit cannot even begin."""
    feed, client = api
    feed.site.identities.pins["bess-1"] = Pin("S1", "")
    await feed.db.run("lock it", lambda db: db.execute("PRAGMA query_only=ON").fetchall())
    answer = await client.post("/v1/assets/bess-1/swap", json={"serial": "S2"})
    assert answer.status_code >= 500
    assert feed.site.identities.pins == {"bess-1": Pin("S1", "")}
    with pytest.raises(StoreError):
        await feed.units.swap("bess-1", Said(person="anna"), serial="S2")
    assert feed.site.identities.pins == {"bess-1": Pin("S1", "")}


async def test_forgotten(api):
    """Nobody is expected any more, and whoever answers next is pinned and stated."""
    feed, client = api
    feed.site.identities.pins["bess-1"] = Pin("S1", "")
    assert (await client.post("/v1/assets/bess-1/forget")).status_code == 200
    assert feed.site.identities.expected(feed.site.images["bess-1"].device) == ""
    feed.site.images["bess-1"].identify(Identity(serial="S9"))
    assert feed.site.identities.serials() == {"bess-1": "S9"}


async def test_refused_energy_is_accepted_once(api):
    """It is listed, accepted by a person with an amount, and then it is no more in the list: a
    second time nothing is added."""
    feed, client = api
    feed.site.counters[KEY] = CounterState(
        unit="S1", path="p", raw=110.0, total=3.0, heard_ms=0, changed_ms=0
    )
    missed = Missed(100.0, 10.0, 110.0, "S1", "p")
    happened = Happened(KEY[1], "refused: +100 is more than the rating", missed)
    feed.site.refusals.note("bess-1", happened, START_MS)
    (one,) = (await client.get("/v1/refused")).json()["open"]
    path = f"/v1/refused/{one['id']}"
    done = await client.post(f"{path}/accept", json={"amount": 40, "note": "read on site"})
    told = done.json()["refused"]
    assert (told["accepted"], told["person"], told["note"]) == (40.0, ME, "read on site")
    assert feed.site.counters[KEY].total == 43.0
    for again in ("accept", "dismiss"):
        assert (await client.post(f"{path}/{again}")).status_code == 409
    assert feed.site.counters[KEY].total == 43.0
    listed = (await client.get("/v1/refused")).json()
    assert (listed["open"], [d["id"] for d in listed["decided"]]) == ([], [one["id"]])
    assert await audited(client) == [("accept refused", " ".join(KEY), "done", ME)]


async def test_twins_are_listed_with_their_choices(api):
    """A pair is one proposal, whatever number of totals it stands in."""
    feed, client = api
    pair = (Overlap(asset="load-1", other="stage-a", since_ms=START_MS - 600_000),)
    shot = changed(
        feed.snapshot,
        totals={"load_power_w": Total(quantity="load_power_w", value=1.0, unverified=pair)},
        today={"load_energy_kwh": Total(quantity="load_energy_kwh", value=1.0, unverified=pair)},
    )
    await feed.push(shot)
    assert (await client.get("/v1/twins")).json()["twins"] == [
        {
            "asset": "load-1",
            "other": "stage-a",
            "quantities": ["load_energy_kwh", "load_power_w"],
            "since_ms": START_MS - 600_000,
            "choices": ["same_as", "behind", "apart_from"],
        }
    ]
