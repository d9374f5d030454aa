"""Fixtures of the Modbus tests."""

from collections.abc import Awaitable, Callable

import pytest

from tests.modbus.acuvim_bench import Bench
from tests.support.modbus import Make, modbus, rogue

__all__ = ["modbus", "rogue"]


@pytest.fixture
def bench(modbus: Make) -> Callable[..., Awaitable[Bench]]:
    """Makes a bench around one ACUVIM at unit id 1."""

    async def make(unit, **more):
        return Bench(await modbus({more.get("unit", 1): unit}), **more)

    return make
