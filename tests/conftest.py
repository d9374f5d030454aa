"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.support.mosquitto",
    "tests.support.prometheus",
    "tests.support.victoriametrics",
    "tests.support.vmauth",
]


@pytest.fixture
def recordings() -> Path:
    """The folder of recorded data that OVR_RECORDINGS names; without it the test is skipped."""
    folder = os.environ.get("OVR_RECORDINGS")
    if not folder:
        pytest.skip("OVR_RECORDINGS names no folder of recordings")
    return Path(folder)
