"""A real local API over a feed by hand."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from collector.serve.api import make_app
from collector.serve.server import serve
from tests.serve.desks import desks
from tests.support.snapshots import HandFeed, site


@pytest.fixture
def socket() -> Iterator[Path]:
    """A socket path short enough for any test's name."""
    with tempfile.TemporaryDirectory(prefix="ovr-") as folder:
        yield Path(folder) / "ovr.sock"


@pytest.fixture
async def feed(socket: Path) -> AsyncIterator[HandFeed]:
    """A feed of 20 assets, served on `socket`."""
    feed = HandFeed(site(20))
    async with desks(feed, socket.parent / "home"), serve(make_app(feed), socket):
        yield feed
        await feed.end()
        await asyncio.sleep(0)
