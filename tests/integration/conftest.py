"""Servers of these tests, and an end for what a failed one leaves."""

from collections.abc import Iterator

import pytest

from tests.support.modbus import modbus
from tests.support.processes import end_left_over

__all__ = ["modbus"]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    end_left_over()
