"""Asking a collector over its socket, from plain code."""

import asyncio

from collector.client import Client
from collector.config.paths import Home
from collector.errors import ApiError
from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot


def snapshot(home: Home) -> Snapshot | None:
    """The newest snapshot; None when no collector answers."""

    async def ask() -> Snapshot:
        async with Client(home.operator_socket) as client:
            return await client.snapshot()

    if not home.operator_socket.exists():
        return None
    try:
        return asyncio.run(ask())
    except ApiError:
        return None


def live(home: Home, least: int = 1) -> Snapshot | None:
    """The newest snapshot if at least `least` assets live."""
    seen = snapshot(home)
    if seen is None:
        return None
    count = sum(asset.status is AssetStatus.LIVE for asset in seen.assets)
    return seen if count >= least else None


def all_running(home: Home) -> Snapshot | None:
    """The newest snapshot if every device is read and every asset lives."""
    seen = snapshot(home)
    if seen is None or not seen.assets:
        return None
    running = all(source.state == "running" for source in seen.sources)
    lives = all(asset.status is AssetStatus.LIVE for asset in seen.assets)
    return seen if running and lives else None
