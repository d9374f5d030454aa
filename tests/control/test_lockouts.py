"""Lockouts: who works at an asset, so that nobody commands it."""

import pytest

from collector.model.assets import Link
from collector.model.kinds import LinkType
from tests.control.plant import OPERATOR, TLS, Yard, written
from tests.control.test_walk import ENGINE, A, B
from tests.serve.support import TOKENS

pytestmark = pytest.mark.timeout(120)


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
        lockout = place.view(asset).lockout
        assert lockout is not None
        assert lockout.asset == B
        assert lockout.reason == "oil change"
        assert not place.view(asset).notes, "it is no hint at a fault"
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


async def test_commands_take_the_pin(place: Yard) -> None:
    """Where a PIN is set no command is given and no lockout removed without it; the try is in the
    audit. A lockout may be set without: it only ever forbids. What is offered is shown all the
    same."""
    assert (await place.offers(A)).pin is False
    await place.desk.pin.put("4938", old=None, who="x", at_ms=1)
    told = await place.offers(A)
    assert told.pin
    assert told.why_not == ""
    refused = await place.command(A, "relay-2", "on")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "pin_needed")
    assert await written(place.a) == []
    entry = (await place.feed.audit.read(0, 1 << 50, 1))[0]
    assert (entry.deed.action, entry.outcome[:22]) == ("control relay-2", "refused: it takes the ")
    assert (await place.post(A, {"reason": "feeder"}, verb="lockout")).status_code == 200
    denied = await place.post(A, {}, verb="unlock")
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "pin_needed")
    answer = await place.client(OPERATOR).post("/v1/unlock", json={"pin": "4938"})
    grant = answer.json()["grant"]
    assert (await place.post(A, {"grant": grant}, verb="unlock")).status_code == 200
    assert (await place.given(A, "relay-2", "on", grant=grant))["outcome"] == "confirmed"
