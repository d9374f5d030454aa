"""The local API on real sockets for tests: who may ask is known, what is told is turned by hand."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from collector.config.services import ListenSettings, ListenToken
from collector.serve.access import Role, Transport
from collector.serve.api import LocalApi, make_app
from collector.serve.doorman import Doorman
from collector.serve.server import serve
from collector.serve.tcp import TcpApi
from collector.supervisor import end, supervise
from tests.serve.desks import desks
from tests.support.ports import free_port
from tests.support.snapshots import HandFeed, site

TOKENS = {
    "kiosk": "viewer-token-5f0c1e",
    "berta": "operator-token-4c1d",
    "anna": "operator-token-9ab2",
    "meter": "ingest-token-77d0",
}
ROLES = {
    "kiosk": Role.VIEWER,
    "berta": Role.OPERATOR,
    "anna": Role.OPERATOR,
    "meter": Role.INGEST,
}
UNTRUSTED = {"berta"}
"""An operator without the right to control; of the others only an operator has it."""


def listen_settings(port: int, *, tls: bool) -> ListenSettings:
    """TCP on loopback with one token for each role."""
    return ListenSettings(
        address=f"127.0.0.1:{port}",
        tls=tls,
        token=tuple(
            ListenToken(name=name, role=role.value, secret=name, control=name not in UNTRUSTED)
            for name, role in ROLES.items()
        ),
    )


class Served:
    """An API on some transports, and clients of it."""

    def __init__(self, api: LocalApi, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self.ports: dict[Transport, int] = {}
        self.tcp: dict[Transport, TcpApi] = {}
        self.held: list[float] = []
        """For how long answers to refused logins would have been held back."""

    async def hold(self, seconds: float) -> None:
        """Hold nothing back, but remember it."""
        self.held.append(seconds)

    def client(self, transport: Transport, token: str | None = None) -> httpx.AsyncClient:
        """A client over this transport; the caller closes it."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        if transport in self.ports:
            scheme = "https" if transport is Transport.TLS else "http"
            return httpx.AsyncClient(
                base_url=f"{scheme}://127.0.0.1:{self.ports[transport]}",
                verify=False,  # noqa: S501  the certificate is the test's own
                headers=headers,
                timeout=10,
                trust_env=False,
            )
        return httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(self.folder / transport.value)),
            base_url="http://ovr",
            headers=headers,
            timeout=10,
        )


@asynccontextmanager
async def served(
    folder: Path,
    feed: HandFeed | None = None,
    transports: tuple[Transport, ...] = tuple(Transport),
) -> AsyncIterator[Served]:
    """The API over these transports while the block runs."""
    feed = feed or HandFeed(site(4))
    api = make_app(feed)
    found = Served(api, folder)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(desks(feed, folder))
        for transport in transports:
            if transport in (Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET):
                await stack.enter_async_context(serve(api, folder / transport.value, transport))
            else:
                await stack.enter_async_context(_listening(found, transport))
        stack.push_async_callback(api.close)
        yield found


@asynccontextmanager
async def _listening(served: Served, transport: Transport) -> AsyncIterator[None]:
    port = served.ports[transport] = free_port()
    settings = listen_settings(port, tls=transport is Transport.TLS)
    doorman = Doorman(settings.token, TOKENS, sleep=served.hold)
    tcp = TcpApi(served.api, settings, TOKENS, served.folder, doorman=doorman)
    served.tcp[transport] = tcp
    ready = asyncio.Event()

    async def run(told):
        def both() -> None:
            told()
            ready.set()

        await tcp.run(both)

    task = asyncio.create_task(supervise(tcp.watch, run))
    try:
        async with asyncio.timeout(10):
            await ready.wait()
        yield
    finally:
        await end(task)


async def until(true: Callable[[], object], limit_s: float = 20) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(limit_s):
        while not true():  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0.01)


async def raw(
    path: Path | int, request: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has sent these bytes, to a Unix socket or a port."""
    if isinstance(path, int):
        reader, writer = await asyncio.open_connection("127.0.0.1", path)
    else:
        reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request)
    await writer.drain()
    return reader, writer


def small_buffers(sock: socket.socket) -> None:
    """A peer that can hold little that it has not read."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
