"""The local API over TCP: tokens for everybody, TLS when it is asked for.

Supervised like any other part: an address that is in use or not there costs the collector
nothing, is said, and tried again.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from collector.config.services import ListenSettings
from collector.errors import OvrError
from collector.serve.access import Transport
from collector.serve.api import LocalApi
from collector.serve.doorman import Doorman
from collector.serve.listener import PER_ADDRESS, TCP_CONNECTIONS, Listener, listening
from collector.supervisor import Watch
from collector.wire import ListenHealth

BACKLOG = 128
LOOK_S = 3600.0
"""How often it is looked whether the certificate has run out."""

log = structlog.get_logger("serve")


class TcpApi:
    """The TCP listener of `[listen]`. `tokens` holds the secrets by the tokens' names."""

    def __init__(
        self,
        api: LocalApi,
        settings: ListenSettings,
        tokens: Mapping[str, str],
        state: Path,
        *,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        doorman: Doorman | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self._api = api
        self._settings = settings
        self._doorman = doorman or Doorman(settings.token, tokens)
        self._state = state
        self._utc = utc
        self._look_s = look_s
        self._fingerprint = ""
        self.watch = Watch("listener")

    def health(self) -> ListenHealth:
        """Where it listens, and why not."""
        return ListenHealth(
            address=self._settings.address,
            state=self.watch.state,
            cause=self.watch.cause,
            tls=self._settings.tls,
            fingerprint=self._fingerprint,
        )

    async def run(self, ready: Callable[[], None]) -> None:
        """Listen until cancelled. Raises OvrError when that cannot be done now."""
        host, port = parts(self._settings.address)
        context = self._context(host) if self._settings.tls else None
        sock = await bind(host, port)
        listener = Listener(
            self._api,
            sock,
            Transport.TLS if context else Transport.TCP,
            doorman=self._doorman,
            tls=context,
            limit=TCP_CONNECTIONS,
            per_peer=PER_ADDRESS,
        )
        self._api.listeners.append(listener)
        try:
            async with listening(listener) as accepting:
                ready()
                log.info(
                    "The local API listens at {address}.",
                    address=self._settings.address,
                    tls=self._settings.tls,
                    sha256=self._fingerprint or "no certificate",
                )
                while not (await asyncio.wait([accepting], timeout=self._look_s))[0]:
                    self._check()
                if not accepting.cancelled():
                    accepting.result()
                await asyncio.Event().wait()  # closed already: the collector ends
        finally:
            self._api.listeners.remove(listener)

    def _check(self) -> None:
        """Raises OvrError when the certificate has run out: the next try makes a new one."""
        if self._settings.tls:
            from collector.serve.certificate import has_run_out

            if has_run_out(self._state, self._utc()):
                raise OvrError("the certificate has run out: a new one is made")

    def _context(self, host: str) -> ssl.SSLContext:
        from collector.serve.certificate import server_context  # 10 MB that few nodes need

        context, self._fingerprint = server_context(self._state, host, self._utc())
        return context


def parts(address: str) -> tuple[str, int]:
    """Host and port of an address as `[listen]` has it."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises OvrError with what to do."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise OvrError(
            f"[listen] address: nobody knows {host} ({error.strerror}): use an address of this node"
        ) from error
    family, kind, protocol, _, where = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind(where)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise OvrError(
            f"[listen] address: {host} port {port} cannot be listened on: {error.strerror} "
            "(is another program there, or is it no address of this node?)"
        ) from error
    return sock
