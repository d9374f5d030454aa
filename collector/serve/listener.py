"""Accepts connections on one socket, bounded, and speaks HTTP on them until it is closed."""

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator

import structlog
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from collector.serve.access import Transport
from collector.serve.doorman import Doorman
from collector.serve.link import Link, peer_uid
from collector.serve.protocol import Protocol, make_config, raw_refusal

CONNECTIONS = 96
"""On one listener; 32 streams, each with a second connection for questions, and some to spare."""
TCP_CONNECTIONS = 64
PER_ADDRESS = 24
"""Of one IP address, so that one machine cannot take all places of the others."""
PER_VIEWER = 48
"""Of one user on the viewers' socket."""
HANDSHAKE_S = 10.0
GRACE_S = 0.5
"""How long answers under way may take when the listener closes."""
PAUSE_S = 0.5
TURNED = 16
"""So many of those without a place are told so at a time; further ones are just closed."""
TURN_S = 0.3
FULL = raw_refusal(
    503,
    "too_many_connections",
    "the collector has as many connections as it takes",
    "close a console or a script that nobody needs",
)
DEAD_PEER_MS = 45_000
"""After so long without an acknowledgement TCP gives a peer up."""

log = structlog.get_logger("serve")


class Listener:
    """HTTP for `app` on a bound, listening, non-blocking socket, which it owns from now on.

    With `tls` each connection begins with a handshake. `doorman` asks for tokens on TCP.
    """

    def __init__(
        self,
        app: ASGIApp,
        sock: socket.socket,
        transport: Transport,
        *,
        doorman: Doorman | None = None,
        tls: ssl.SSLContext | None = None,
        limit: int = CONNECTIONS,
        per_peer: int = CONNECTIONS,
    ) -> None:
        self._sock = sock
        self._transport = transport
        self._doorman = doorman
        self._tls = tls
        self._limit = limit
        self._per_peer = per_peer
        self._config = make_config(app)
        self._state = ServerState()
        self._open: dict[Protocol, str] = {}
        self._from: Counter[str] = Counter()
        self._greetings: set[asyncio.Task[None]] = set()
        self._left = asyncio.Event()
        self._accepting: asyncio.Task[None] | None = None
        self._closed = False
        self._turned: set[socket.socket] = set()
        self._cause = ""
        self.turned_away = 0
        """Connections that found no place."""

    @property
    def connections(self) -> int:
        """How many are open now, handshakes included."""
        return len(self._open)

    def start(self) -> "asyncio.Task[None]":
        """Begin to accept; the task ends only by `close`."""
        self._accepting = asyncio.create_task(self._accept(), name=f"accept {self._transport}")
        return self._accepting

    async def _accept(self) -> None:
        while True:
            await _readable(self._sock)  # `sock_accept` loses what it took when it is cancelled
            try:
                sock, peer = self._sock.accept()
            except BlockingIOError:  # the peer is gone already
                continue
            except OSError as error:  # no descriptors left
                if not self._cause:
                    log.warning("No connection can be taken", cause=str(error))
                self._cause = str(error)
                await asyncio.sleep(PAUSE_S)
                continue
            if self._cause:
                log.info("Connections are taken again.")
                self._cause = ""
            self._take(sock, peer)

    def _take(self, sock: socket.socket, peer: object) -> None:
        try:
            sock.setblocking(False)
            link = Link(
                transport=self._transport,
                uid=peer_uid(sock),
                address=str(peer[0]) if isinstance(peer, tuple) else "",
                doorman=self._doorman,
            )
            if sock.family != socket.AF_UNIX:
                _notice_dead_peers(sock)
        except OSError:  # it has gone in the meantime
            sock.close()
            return
        if self.connections >= self._limit or self._from[link.peer] >= self._per_peer:
            self.turned_away += 1
            self._turn_away(sock)
            return
        protocol = Protocol(self._config, self._state, link, self._leave)
        self._open[protocol] = link.peer
        self._from[link.peer] += 1
        greeting = asyncio.create_task(self._greet(sock, protocol), name=f"{self._transport} peer")
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    def _turn_away(self, sock: socket.socket) -> None:
        """Say why, where that can be said, and close; a moment later, for a socket that is closed
        with unread bytes takes the answer with it."""
        if self._tls is not None or len(self._turned) >= TURNED:
            sock.close()
            return
        self._turned.add(sock)
        with contextlib.suppress(OSError):
            sock.setblocking(False)
            sock.send(FULL)
            sock.shutdown(socket.SHUT_WR)
        asyncio.get_running_loop().call_later(TURN_S, self._forget, sock)

    def _forget(self, sock: socket.socket) -> None:
        if sock in self._turned:
            self._turned.discard(sock)
            with contextlib.suppress(OSError):
                sock.recv(1 << 16)
            sock.close()

    async def _greet(self, sock: socket.socket, protocol: Protocol) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol,
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                ssl_shutdown_timeout=GRACE_S if self._tls else None,
            )
        except OSError:  # no handshake, no connection
            self._leave(protocol)
        except asyncio.CancelledError:
            self._leave(protocol)
            raise

    def _leave(self, protocol: Protocol) -> None:
        peer = self._open.pop(protocol, None)
        if peer is None:
            return
        self._left.set()
        self._from[peer] -= 1
        if not self._from[peer]:
            del self._from[peer]

    async def close(self) -> None:
        """Finish the answers under way, for GRACE_S at most, and cut what is left. Once is enough;
        more does no harm."""
        if self._closed:
            return
        self._closed = True
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        self._sock.close()
        await asyncio.sleep(0)  # each greeting begins: one that never did would keep its socket
        for greeting in list(self._greetings):
            greeting.cancel()
        for sock in list(self._turned):
            self._forget(sock)
        for protocol in list(self._open):
            protocol.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self._open:
                    await self._left.wait()
                    self._left.clear()
        for protocol in list(self._open):
            protocol.abort()
        await asyncio.sleep(0)
        left = set(self._state.tasks) | self._greetings
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=GRACE_S)


@contextlib.asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator["asyncio.Task[None]"]:
    """Accept while the block runs, which gets the accepting task; then close."""
    try:
        yield listener.start()
    finally:
        await listener.close()


async def _readable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sock, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sock)


def _notice_dead_peers(sock: socket.socket) -> None:
    """A peer that has vanished from the network is given up, not kept for hours."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
