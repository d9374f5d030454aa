"""Some thousands of what `python -m scripts.fuzz` does a million times."""

import asyncio

import pytest

from scripts.fuzz import door, mqtt, polled


def _nothing(_: str) -> None:
    """Nobody watches."""


def _held(outcome):
    assert outcome.good, "\n".join(outcome.lines())


async def test_the_door_lets_no_lie_through():
    """Mutilated, foreign, stale and senseless answers: what is taken was said to this question,
    nothing raises, and the next true answer is right."""
    loop = asyncio.get_running_loop()
    handler = loop.get_exception_handler()
    try:
        outcome = await door.run(2_000, 3, _nothing)
    finally:
        loop.set_exception_handler(handler)
    _held(outcome)
    assert outcome.counted >= 2_000
    assert set(outcome.kinds) >= {
        "replayed",
        "truncated",
        "another transaction",
        "senseless",
        "huge",
    }


@pytest.mark.timeout(180)
async def test_a_collector_survives_a_mad_gx():
    """Hostile payloads: it lives, shows the honest GX rightly throughout, and the mad
    one within seconds once it speaks properly."""
    outcome = await mqtt.run(1_000, 3, _nothing, broker=False)
    _held(outcome)
    assert outcome.drops["payload"] > 30


@pytest.mark.timeout(180)
async def test_a_collector_shows_no_wrong_value_of_bad_frames():
    """Meters behind gateways that mix up, cut and repeat their answers: what is live is true."""
    outcome = await polled.run(24, 3, _nothing)
    _held(outcome)
