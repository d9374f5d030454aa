"""Fixtures of the profile tests."""

from collections.abc import Awaitable, Callable

import pytest

from tests.profiles.bench import Bench, written
from tests.support.modbus import Make, modbus

__all__ = ["modbus"]


@pytest.fixture
def bench(modbus: Make, tmp_path) -> Callable[..., Awaitable[Bench]]:
    """Makes a bench around one unit (id 1) that is read by a profile of this body."""

    async def make(unit, body: str, kind: str = "load", **more):
        server = await modbus({more.get("unit", 1): unit})
        return Bench(tmp_path, server, written(body, kind), **more)

    return make
