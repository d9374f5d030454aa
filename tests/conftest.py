"""Fixtures that all tests share."""

import gc
import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

LONG_S = 300
pytest_plugins = [
    "tests.support.mosquitto",
    "tests.support.prometheus",
    "tests.support.victoriametrics",
    "tests.support.vmauth",
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests stay until the end: that they are never looked through for garbage saves
    half of the time in which they are collected, and some of each test's."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take more than LONG_S begins first: else all would wait for it at the end."""
    items.sort(key=lambda item: any(mark.args[0] > LONG_S for mark in item.iter_markers("timeout")),
               reverse=True)  # fmt: skip


@pytest.fixture
def recordings() -> Path:
    """The folder of recorded data that OVR_RECORDINGS names; without it the test is skipped."""
    folder = os.environ.get("OVR_RECORDINGS")
    if not folder:
        pytest.skip("OVR_RECORDINGS names no folder of recordings")
    return Path(folder)


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """A command that ran within a test has set the log up for itself."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
