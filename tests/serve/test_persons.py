"""Who asks, and what the API tells them of themselves."""

import os
import pwd

import msgspec
import pytest

from collector import __version__
from collector.control import pin as pins
from collector.serve.access import Transport
from collector.wire import MeAnswer
from tests.serve.support import TOKENS, served
from tests.support.snapshots import HandFeed, site

OVR, VIEW, TCP, TLS = Transport
HERE = f"uid {os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"


@pytest.mark.parametrize(
    ("transport", "name", "person", "role", "control"),
    [
        (OVR, "", HERE, "operator", True),
        (VIEW, "", HERE, "viewer", False),
        (TCP, "kiosk", "kiosk", "viewer", False),
        (TLS, "kiosk", "kiosk", "viewer", False),
        (TLS, "anna", "anna", "operator", True),
        (TLS, "berta", "berta", "operator", False),
    ],
)
async def test_everybody_learns_who_they_are(
    tmp_path, transport, name, person, role, control
) -> None:
    """The answer names whoever asks as the audit does, their role, over what they came, whether
    they may control devices, and the node."""
    feed = HandFeed(site(2))
    async with (
        served(tmp_path, feed, (transport,)) as api,
        api.client(transport, TOKENS.get(name)) as client,
    ):
        found = msgspec.json.decode((await client.get("/v1/me")).content, type=MeAnswer)
    assert found == MeAnswer(
        person=person,
        role=role,
        transport=transport.value,
        control=control,
        pin=False,
        node="ovr-node-07",
        site="Main field",
        timezone="America/Los_Angeles",
        version=__version__,
    )


async def set_pin(client, pin, old=None):
    """The answer to somebody who sets it."""
    return await client.put("/v1/pin", json={"pin": pin, "old": old})


async def lines(feed):
    """The audit: what was done, and how it ended."""
    return [(e.deed.action, e.outcome) for e in await feed.audit.read(0, 1 << 50, 100)]


async def test_the_pin_over_the_api(tmp_path, monkeypatch) -> None:
    """On the node a PIN is set; whoever may control gives it for a grant, keeps that in force and
    ends it. Right and wrong ones are in the audit, no PIN and no grant is."""
    monkeypatch.setattr("collector.serve.listener.peer_uid", lambda _: 4711)
    feed = HandFeed(site(2))
    async with (
        served(tmp_path, feed, (OVR, TLS)) as api,
        api.client(OVR) as here,
        api.client(TLS, TOKENS["anna"]) as anna,
    ):
        none = await anna.post("/v1/unlock", json={"pin": "4938"})
        assert (none.status_code, none.json()["error"]["code"]) == (409, "not_possible")
        assert (await set_pin(here, "4938")).json()["pin"] is True
        assert (await here.get("/v1/me")).json()["pin"] is True
        for _ in range(3):
            wrong = await anna.post("/v1/unlock", json={"pin": "1111"})
            assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "wrong_pin")
        waits = await anna.post("/v1/unlock", json={"pin": "4938"})
        assert (waits.status_code, waits.json()["error"]["code"]) == (429, "pin_waits")
        assert waits.headers["retry-after"] == "5"
        grant = (await here.post("/v1/unlock", json={"pin": "4938"})).json()["grant"]
        kept = await here.post("/v1/unlock", json={"grant": grant})
        assert kept.json() == {"schema": 1, "grant": grant, "idle_s": 600}
        assert (await anna.post("/v1/unlock", json={"grant": grant})).status_code == 403
        assert (await here.post("/v1/lock", json={"grant": grant})).status_code == 200
        gone = await here.post("/v1/unlock", json={"grant": grant})
        assert (gone.status_code, gone.json()["error"]["code"]) == (403, "pin_needed")
        assert sorted(await lines(feed)) == [
            ("pin given", "done"),
            ("pin given", f"refused: {pins.NOT_SET}"),
            *[("pin given", "refused: that is not the PIN")] * 2,
            ("pin given", "refused: that is not the PIN, and none is looked at for 5 s"),
            ("pin set", "done"),
        ]
        everything = str(await feed.audit.read(0, 1 << 50, 100))
        assert "4938" not in everything
        assert grant not in everything


async def test_another_pin_takes_the_old_one(tmp_path, monkeypatch) -> None:
    """Who sits at somebody's open terminal cannot set a PIN of their own; root, who could write
    into the file, may, which is the way back when nobody knows it."""
    uid = [4711]
    monkeypatch.setattr("collector.serve.listener.peer_uid", lambda _: uid[0])
    async with served(tmp_path, transports=(OVR,)) as api:
        async with api.client(OVR) as jo:
            assert (await set_pin(jo, "4938")).status_code == 200
            for pin in ("1111", None):
                refused = await set_pin(jo, pin)
                assert refused.json()["error"]["code"] == "old_pin_needed"
                assert (await set_pin(jo, pin, "0000")).json()["error"]["code"] == "wrong_pin"
            assert (await set_pin(jo, "77")).json()["error"]["code"] == "bad_body"
            assert (await jo.get("/v1/me")).json()["pin"] is True
        uid[0] = 0
        async with api.client(OVR) as root:
            assert (await set_pin(root, "5555")).status_code == 200
            assert (await root.post("/v1/unlock", json={"pin": "5555"})).status_code == 200
            assert (await set_pin(root, None)).json()["pin"] is False


async def test_the_pin_is_for_those_who_control(tmp_path) -> None:
    """An operator without the right to control is not asked for a PIN, and cannot guess."""
    async with (
        served(tmp_path, transports=(OVR, TLS)) as api,
        api.client(OVR) as here,
        api.client(TLS, TOKENS["berta"]) as berta,
    ):
        assert (await set_pin(here, "4938")).status_code == 200
        refused = await berta.post("/v1/unlock", json={"pin": "4938"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_control_right")
