"""Two simulated GX that people control."""

import pytest

from tests.control.plant import OPERATOR, TLS, yard


@pytest.fixture
async def place(tmp_path, mosquitto, monkeypatch):
    """Both GX live."""
    async with yard(tmp_path, mosquitto, monkeypatch) as found:
        yield found


@pytest.fixture
async def tls_place(tmp_path, mosquitto, monkeypatch):
    """The same, which people also reach over TLS."""
    async with yard(tmp_path, mosquitto, monkeypatch, (OPERATOR, TLS)) as found:
        yield found
