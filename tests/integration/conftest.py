"""Servers of these tests, and an end for what a failed one leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.modbus import modbus
from tests.support.processes import end_left_over

__all__ = ["modbus"]


HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of whole processes run two at a time: more would make a machine of two cores slower
    than they allow for. Those of one file run one after the other."""
    files = sorted({item.path for item in items if item.path.is_relative_to(HERE)})
    turn = {path: number % 2 for number, path in enumerate(files)}
    for item in items:
        if item.path in turn:
            item.add_marker(pytest.mark.xdist_group(f"processes {turn[item.path]}"))


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    end_left_over()
