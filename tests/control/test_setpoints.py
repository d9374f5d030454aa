"""Grid setpoints: kept up, released, and never gone on with."""

import asyncio
from typing import Any

import pytest

from collector.model.kinds import AssetStatus
from collector.sources.victron import VictronSource
from tests.control.plant import Yard, written
from tests.control.test_walk import B

pytestmark = pytest.mark.timeout(120)

HUB4 = "hub4/0/Overrides/Setpoint"


async def setpoint(place: Yard, watts: object = 4000.0, **more: object) -> Any:
    """Have B draw this from the grid for ten minutes."""
    return await place.given(B, "grid-setpoint", watts, **({"for_s": 600} | more))


async def over(place: Yard) -> str:
    """Why the last setpoint ended, by the audit."""
    await place.desk._later.end()
    entries = await place.feed.audit.read(0, 1 << 50, 20)
    return next(e.outcome for e in entries if e.deed.action == "control grid-setpoint later")


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
    assert isinstance(source, VictronSource)
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
        place.b._received(f"W/{place.b.plan.portal_id}/{HUB4}", b'{"value":-2000}')
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


def falls_silent(place: Yard) -> None:
    """With the next setpoint the GX says nothing more."""

    def silent(_: object) -> bool:
        place.b.gx.hung = True
        return False

    place.b.gx.services["hub4/0"].writes["Overrides/Setpoint"] = silent
    place.hurry(B)


async def test_a_setpoint_that_is_not_confirmed(place: Yard) -> None:
    """An override that nobody has confirmed is not kept up, and taken back at once."""
    falls_silent(place)
    told = await setpoint(place)
    assert told["outcome"] == "no reply"
    assert "taken back" in told["effect"]
    assert [p for _, p in await written(place.b)] == ['{"value":4000}', '{"value":null}']
    place.b.gx.hung = False


async def test_two_gx_exchange_addresses_while_a_setpoint_stands(place: Yard) -> None:
    """It is released at the GX that it was given to, and nothing goes to the other one."""
    await setpoint(place)
    await place.apply(**{"bess-a": {"port": place.b.port}, B: {"port": place.a.port}})
    await place.until(lambda: place.view(B).status is AssetStatus.WRONG)
    await place.pass_s(60)
    assert await written(place.b) == [(HUB4, '{"value":4000}'), (HUB4, '{"value":null}')]
    assert await place.a.heard() == []
    assert place.b.plan.bess.grid_setpoint_w is None


async def test_the_collector_ends_within_a_setpoint(place: Yard) -> None:
    """An override whose write is under way when the collector ends is taken back."""
    body = await place.request(B, "grid-setpoint", 4000.0, for_s=600)
    falls_silent(place)
    asking = asyncio.create_task(place.post(B, body))
    while not await place.b.heard():  # noqa: ASYNC110  the ear has no sign
        await asyncio.sleep(0.01)
    await place.fleet.end()
    response = await asking
    assert response.json()["outcome"] == "no reply"
    assert [p for _, p in await written(place.b)] == ['{"value":4000}', '{"value":null}']
    place.b.gx.hung = False
