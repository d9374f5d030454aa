"""What operators change: done once, kept, and written into the audit with their names."""

import asyncio
import os

import pytest
from msgspec import structs

from collector.alarms import Scene
from collector.journal import Dead
from collector.model.snapshot import JournalHealth
from collector.outbox import put as put_record
from collector.serve.access import Transport
from collector.serve.link import person_of
from tests.serve.desks import REGISTRY, home_in
from tests.serve.desks import Dead as RefusedSamples
from tests.serve.support import TOKENS, served
from tests.support.snapshots import START_MS, HandFeed, site

OVR, VIEW, TLS = Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET, Transport.TLS
ME = person_of(os.getuid())


async def audit(client):
    """The audit's lines, the oldest first: action, subject, outcome, person."""
    entries = (await client.get("/v1/audit")).json()["entries"]
    return [
        (e["deed"]["action"], e["deed"]["subject"], e["outcome"], e["deed"]["person"])
        for e in reversed(entries)
    ]


def raise_alarm(feed):
    """The node's journal fails for long enough; the alarm's id."""
    failing = JournalHealth(state="failing", cause="no space in /var/lib/ovr")
    for second in range(30):
        feed.alarms.tick(Scene(at_ms=START_MS + 1000 * second, now_s=second, journal=failing))
    (alarm,) = feed.alarms.active()
    return alarm.id


async def test_an_alarm_is_acknowledged_once_by_a_person(tmp_path):
    """Acknowledging keeps who and why; again it changes nothing and is no error."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR, TLS)) as api:
        alarm = raise_alarm(feed)
        async with api.client(OVR) as here, api.client(TLS, TOKENS["anna"]) as there:
            for client, note in ((here, "on it"), (there, "me too")):
                answer = await client.post(f"/v1/alarms/{alarm}/ack", json={"note": note})
                told = answer.json()["alarm"]
                assert (answer.status_code, told["state"]) == (200, "acknowledged")
                assert (told["acked_by"], told["ack_note"]) == (ME, "on it")
            assert (await there.post(f"/v1/alarms/{alarm}/ack")).status_code == 200
            assert await audit(here) == [
                ("ack", alarm, "done", ME),
                ("ack", alarm, "done", "anna"),
                ("ack", alarm, "done", "anna"),
            ]
            lines = (await here.get("/v1/audit")).json()["entries"]
            listed = (await there.get("/v1/alarms")).json()
        (which,) = {line["deed"]["before"] for line in lines}
        assert which == f"node: {listed['active'][0]['text']}"
        assert [one["id"] for one in listed["active"]] == [alarm]
        assert [one["id"] for one in listed["history"]] == [alarm]


async def test_an_alarm_is_shelved_for_a_reason_and_a_time(tmp_path):
    """A shelved alarm is out of sight until it is brought back; without a reason, a time, or for
    too long it is refused, and the audit holds the refusal."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        alarm = raise_alarm(feed)
        url = f"/v1/alarms/{alarm}"
        for body, status in (
            ({"reason": "x"}, 409),
            ({"reason": "x", "for_s": 5, "until_ms": START_MS}, 409),
            ({"reason": "", "for_s": 5}, 400),
            ({"for_s": 5}, 400),
            ({"reason": "x", "for_s": 604_801}, 400),
            ({"reason": "x", "until_ms": START_MS + 10**12}, 409),
            ({"reason": "x", "until_ms": 253_402_214_399_999}, 409),
            ({"reason": "x", "for_s": 5, "more": 1}, 400),
        ):
            assert (await client.post(f"{url}/shelve", json=body)).status_code == status, body
        good = {"reason": "known, part ordered", "for_s": 3600}
        assert (await client.post(f"{url}/shelve", json=good)).json()["alarm"]["state"] == "shelved"
        listed = (await client.get("/v1/alarms")).json()
        assert ([a["id"] for a in listed["active"]], len(listed["shelved"])) == ([], 1)
        assert (await client.post(f"{url}/unshelve")).status_code == 200
        assert (await client.post(f"{url}/unshelve")).status_code == 409
        outcomes = [(line[0], line[2].split(":")[0]) for line in await audit(client)]
    assert outcomes == [
        ("shelve", "refused"), ("shelve", "refused"), ("shelve", "done"), ("unshelve", "done"),
        ("unshelve", "refused"),
    ]  # fmt: skip


async def test_an_unknown_alarm_is_404(tmp_path):
    """An id that is none, or long over, is told as such."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        for verb, body in (("ack", {}), ("unshelve", {}), ("shelve", {"reason": "x", "for_s": 9})):
            answer = await client.post(f"/v1/alarms/no-such/{verb}", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_alarm")


async def test_viewers_see_alarms_without_how_and_who(tmp_path):
    """A viewer sees that there is an alarm, where and since when; no path, text, name or note."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR, VIEW)) as api:
        alarm = raise_alarm(feed)
        async with api.client(OVR) as client:
            await client.post(f"/v1/alarms/{alarm}/ack", json={"note": "call 555-0199"})
            await client.post("/v1/assets/bess-1/commission", json={"note": "clamp 555-0199"})
            full = (await client.get("/v1/alarms")).text
        async with api.client(VIEW) as client:
            seen = await client.get("/v1/alarms")
    for secret in ("/var/lib/ovr", "555-0199", ME):
        assert secret in full
        assert secret not in seen.text
    (shown,) = seen.json()["active"]
    assert (shown["id"], shown["rule"], shown["state"]) == (alarm, "journal", "acknowledged")


async def test_assets_are_commissioned_and_released(tmp_path):
    """Commissioning says since when and by whom, and stands; releasing twice is once; an asset
    that nobody knows is 404."""
    feed = HandFeed(site(2))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        url = "/v1/assets/bess-1"
        first = (await client.post(f"{url}/commission", json={"note": "clamp 21 A"})).json()
        assert first["commissioning"]["person"] == ME
        assert (await client.post(f"{url}/commission")).json() == first
        assert list(feed.alarms.commissioned) == ["bess-1"]
        for _ in range(2):
            answer = await client.post(f"{url}/release")
            assert (answer.status_code, answer.json()["commissioning"]) == (200, None)
        assert feed.alarms.commissioned == {}
        for verb in ("commission", "release"):
            answer = await client.post(f"/v1/assets/nobody/{verb}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_asset")
        actions = [line[0] for line in await audit(client)]
    assert actions == ["commission", "commission", "release"]


async def test_stop_is_audited(tmp_path):
    """Who stopped the collector stands in the audit, by uid and name."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        assert (await client.post("/v1/stop")).status_code == 202
        assert await audit(client) == [("stop", "", "done", ME)]
    assert feed.stops == 1


async def test_stop_works_without_an_audit(tmp_path):
    """A collector whose node.db takes nothing any more can still be stopped; what else is asked
    of it is refused, with the reason, and not done."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        await feed.audit._db.run("break", lambda db: db.execute("DROP TABLE audit"))
        refused = await client.post("/v1/assets/bess-1/commission")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_kept")
        assert feed.alarms.commissioned == {}
        assert (await client.post("/v1/stop")).status_code == 202
    assert feed.stops == 1


async def test_what_is_done_is_done_though_its_outcome_cannot_be_kept(tmp_path):
    """When node.db refuses only the outcome, the change stands, the answer says so, and the line
    in the audit stays as it was begun."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        block = "CREATE TRIGGER full BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        await feed.db.run("block", lambda db: db.execute(block))
        answer = await client.post("/v1/assets/bess-1/commission")
        assert (answer.status_code, answer.json()["commissioning"]["person"]) == (200, ME)
        assert list(feed.alarms.commissioned) == ["bess-1"]
        assert [line[:3] for line in await audit(client)] == [("commission", "bess-1", "begun")]


async def put(client, tables, etag):
    """Replace the registry."""
    headers = {} if etag is None else {"if-match": etag}
    return await client.put("/v1/registry", json={"registry": tables}, headers=headers)


async def test_registry_is_read_and_replaced(tmp_path):
    """What GET gives can be changed and PUT with its ETag; the file holds it, the earlier version
    is kept, and the audit says which devices came and went."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        first = await client.get("/v1/registry")
        tables = first.json()["registry"]
        assert tables["device"][0]["password_secret"] == "bess-1"
        tables["device"][0]["name"] = "Main stage"
        tables["device"].append({"id": "stage-a", "kind": "acuvim", "host": "10.20.0.31"})
        done = await put(client, tables, first.headers["etag"])
        assert done.status_code == 200, done.text
        assert done.headers["etag"] == done.json()["etag"] != first.headers["etag"]
        again = await client.get("/v1/registry")
        assert again.json()["registry"] == tables
        assert again.headers["etag"] == done.headers["etag"]
        lines = (await client.get("/v1/audit")).json()["entries"]
    home = home_in(tmp_path)
    assert (home.config / "registry.toml.1").read_text() == REGISTRY
    assert "Main stage" in home.registry_toml.read_text()
    assert lines[0]["deed"]["after"] == "added device stage-a; changed device bess-1"


async def test_two_people_do_not_overwrite_each_other(tmp_path):
    """Of two changes made for the same version one wins, the other is 412 and may look again;
    a hand edit in between counts too."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        first = await client.get("/v1/registry")
        tables, tag = first.json()["registry"], first.headers["etag"]
        both = [dict(tables, device=[dict(tables["device"][0], name=n)]) for n in ("a", "b")]
        answers = await asyncio.gather(*(put(client, one, tag) for one in both))
        assert sorted(a.status_code for a in answers) == [200, 412]
        home = home_in(tmp_path)
        tag = (await client.get("/v1/registry")).headers["etag"]
        home.registry_toml.write_text(REGISTRY + "# by hand\n")
        late = await put(client, tables, tag)
        assert (late.status_code, late.json()["error"]["code"]) == (412, "registry_changed")
        assert late.headers["etag"] == (await client.get("/v1/registry")).headers["etag"]
        assert "# by hand" in home.registry_toml.read_text()


@pytest.mark.parametrize("tag", [None, "", '"x"', 'W/"TAG"', "TAG", '"none"', '"TAG"x'])
async def test_without_the_right_etag_nothing_is_written(tmp_path, tag):
    """If-Match is needed (428) and compared strongly (412)."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        first = await client.get("/v1/registry")
        if tag is not None:
            tag = tag.replace("TAG", first.headers["etag"].strip('"'))
        answer = await put(client, {"version": 1}, tag)
        assert answer.status_code == (428 if tag is None else 412)
        assert (await client.get("/v1/registry")).text == first.text


async def test_a_list_of_etags_and_a_star(tmp_path):
    """If-Match takes several ETags, and `*` for whatever stands."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        first = await client.get("/v1/registry")
        tables, tag = first.json()["registry"], first.headers["etag"]
        assert (await put(client, tables, f'"x", {tag}')).status_code == 200
        assert (await put(client, tables, "*")).status_code == 200
        home_in(tmp_path).registry_toml.unlink()
        assert (await put(client, tables, "*")).status_code == 412
        none = (await client.get("/v1/registry")).headers["etag"]
        assert (await put(client, tables, none)).status_code == 200


async def test_all_problems_are_told_at_once(tmp_path):
    """A registry with three mistakes answers 422 with three lines, and the old one stands."""
    bad = {
        "version": 1,
        "device": [
            {"id": "Bad Id", "kind": "gx", "host": "10.0.0.1"},
            {"id": "b", "kind": "gyx", "host": "10.0.0.2"},
            {"id": "c", "kind": "gx", "host": "10.0.0.3", "password": "in the clear"},
        ],
    }
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        first = await client.get("/v1/registry")
        answer = await put(client, bad, first.headers["etag"])
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], len(error["details"])) == (422, "bad_config", 3)
        assert any("registry.toml" in line and "kind" in line for line in error["details"])
        assert "in the clear" not in answer.text
        assert (await client.get("/v1/registry")).text == first.text
        assert (await audit(client))[-1][2].startswith("refused: ")
        assert "in the clear" not in str(await audit(client))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"registry": []}', b'{"registry": {"device": null}}',
        b'{"registry": {"version": 1e999}}', b'{"registry": {"device": [{"id": null}]}}',
        b'{"registry":' + b"[" * 50_000, b'{"registry":{"a":' + b"[" * 40 + b"]" * 40 + b"}}",
        b'{"registry": {}, "schema": 7, "x": 1}', b"\xff\xfe", b'{"registry": {"version": 99}}',
    ],
)  # fmt: skip
async def test_nonsense_is_refused(tmp_path, body):
    """Whatever is no registry is a 4xx with a reason; the file stands."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        answer = await client.put("/v1/registry", content=body, headers={"if-match": "*"})
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["error"]["message"]
    assert home_in(tmp_path).registry_toml.read_text() == REGISTRY


async def test_too_large_is_413(tmp_path):
    """More than a megabyte is refused, told by its length or found out on the way."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        big = b'{"registry": {"x": "' + b"a" * 1_100_000 + b'"}}'

        async def parts():
            for at in range(0, len(big), 65_536):
                yield big[at : at + 65_536]

        for content in (big, parts()):
            answer = await client.put("/v1/registry", content=content, headers={"if-match": "*"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        assert (await client.get("/v1/health")).status_code == 200


async def test_secrets_in_a_hand_edit_are_not_shown(tmp_path):
    """A password that somebody wrote into the registry is not given out."""
    home_in(tmp_path).registry_toml.write_text(
        REGISTRY + 'password = "in the clear"\n[device.more]\napi_token = "also this"\n'
    )
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        text = (await client.get("/v1/registry")).text
    assert "in the clear" not in text
    assert "also this" not in text
    assert '"password_secret":"bess-1"' in text


async def test_a_broken_registry_is_told(tmp_path):
    """A file that is no TOML is 422 with its line."""
    home_in(tmp_path).registry_toml.write_text("version = = 1\n")
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        answer = await client.get("/v1/registry")
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_config")
        assert "registry.toml:1" in answer.json()["error"]["details"][0]


async def test_refused_samples_are_listed_sent_and_given_up(tmp_path):
    """Entries are listed, sending them again says what became of each, giving up needs ids or the
    word `all`."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        dead = Dead(
            sink="cloud", first_seq=1, last_seq=1, at_ms=5, reason="no", samples=1, body=b"\x00"
        )
        for _ in range(3):
            assert isinstance(feed.dead, RefusedSamples)
            await feed.dead.journal.bury(dead)
        entries = (await client.get("/v1/dead", params={"limit": 2})).json()["entries"]
        assert [e["id"] for e in entries] == [1, 2]
        after = await client.get("/v1/dead", params={"after": 2, "sink": "cloud"})
        assert [e["id"] for e in after.json()["entries"]] == [3]
        sent = (await client.post("/v1/dead/resend", json={"ids": [1, 9]})).json()["entries"]
        assert [(e["id"], e["outcome"]) for e in sent] == [(1, "impossible"), (9, "impossible")]
        for body in ({}, {"ids": None}, {"ids": "ALL"}, {"ids": ["x"]}, {"ids": [-1]}, {"id": [1]}):
            assert (await client.post("/v1/dead/forget", json=body)).status_code == 400, body
        assert (await client.post("/v1/dead/forget", json={"ids": [2]})).json()["forgotten"] == 1
        assert (await client.post("/v1/dead/forget", json={"ids": [2]})).json()["forgotten"] == 0
        assert (await client.post("/v1/dead/forget", json={"ids": "all"})).json()["forgotten"] == 2
        actions = [line[0] for line in await audit(client)]
    assert actions == ["resend", "forget", "forget", "forget"]


async def test_refused_records_are_listed_and_decided(tmp_path):
    """Records that wait or were refused are listed by kind and state; only refused ones get
    another turn or are deleted, and the audit holds it."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:

        def write(db):
            for number in range(3):
                body = {"n": number}
                put_record(db, kind="log", record_id=f"r{number}", body=body, at_ms=START_MS)
            db.execute("UPDATE outbox SET state = 'refused' WHERE record_id <> 'r2'")

        await feed.db.run("write", write)
        items = (await client.get("/v1/outbox")).json()["items"]
        first, second, third = (item["revision"] for item in items)
        refused = await client.get("/v1/outbox", params={"state": "refused", "kind": "log"})
        assert [item["revision"] for item in refused.json()["items"]] == [first, second]
        for wrong in ({"kind": "x"}, {"state": "lost"}, {"limit": 1001}):
            assert (await client.get("/v1/outbox", params=wrong)).status_code == 400
        again = await client.post("/v1/outbox/resend", json={"revisions": [first, third, 7]})
        assert again.json()["revisions"] == [first]
        gone = await client.post("/v1/outbox/forget", json={"revisions": [second, 7]})
        assert gone.json()["revisions"] == [second]
        left = (await client.get("/v1/outbox")).json()["items"]
        assert [(i["revision"], i["state"]) for i in left] == [
            (first, "waiting"),
            (third, "waiting"),
        ]
        assert (await client.post("/v1/outbox/forget", json={"revisions": []})).status_code == 400
        assert [line[0] for line in await audit(client)] == ["outbox resend", "outbox forget"]


async def test_audit_is_paged(tmp_path):
    """The audit comes newest first in pages, and of a window."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        for _ in range(5):
            await client.post("/v1/assets/bess-1/commission")
            await feed.push(structs.replace(feed.snapshot, at_ms=feed.snapshot.at_ms + 1000))
        page = (await client.get("/v1/audit", params={"limit": 2})).json()["entries"]
        times = [e["at_ms"] for e in page]
        assert times == [START_MS + 5000, START_MS + 4000]
        more = await client.get("/v1/audit", params={"before": page[-1]["id"]})
        assert len(more.json()["entries"]) == 3
        window = {"from": START_MS + 2000, "to": START_MS + 2000}
        assert len((await client.get("/v1/audit", params=window)).json()["entries"]) == 1
        for about, count in (("bess-1", 5), ("bess", 0)):
            of = await client.get("/v1/audit", params={"subject": about})
            assert len(of.json()["entries"]) == count
        for wrong in ({"limit": 0}, {"limit": 10_001}, {"from": "x"}, {"to": -1}):
            assert (await client.get("/v1/audit", params=wrong)).status_code == 400
