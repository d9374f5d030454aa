"""Asking a collector over its socket, from plain code."""

import asyncio
import http.client
import socket

from collector.client import Client, decode
from collector.config.paths import Home
from collector.errors import ApiError
from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot
from collector.wire import HealthAnswer

ANSWER_S = 5.0


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


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the Unix socket `path`."""

    def __init__(self, path: str, answer_s: float = ANSWER_S) -> None:
        super().__init__("collector", timeout=answer_s)
        self._path = path
        self._answer_s = answer_s

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._answer_s)
        self.sock.connect(self._path)


def health(home: Home) -> HealthAnswer | None:
    """The collector's own state, cheaply enough to be asked many times a second; None when no
    collector answers."""
    connection = UnixConnection(str(home.operator_socket))
    try:
        connection.request("GET", "/v1/health")
        return decode(connection.getresponse().read(), HealthAnswer)
    except (OSError, http.client.HTTPException, ApiError):
        return None
    finally:
        connection.close()
