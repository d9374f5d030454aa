"""Servers of these tests, and an end for what a failed one leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.modbus import modbus
from tests.support.processes import end_left_over

__all__ = ["modbus"]


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole processes are run one test after the other, beside the rest: two at a time would make
    a machine of two cores slower than these tests allow for."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("processes"))


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    end_left_over()
