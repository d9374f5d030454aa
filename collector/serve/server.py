"""The sockets of the local API: `ovr.sock` for operators, `view.sock` for viewers."""

import asyncio
import contextlib
import grp
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from collector.config.node import NodeConfig
from collector.config.paths import SOCKET_PATH_BYTES, Home
from collector.serve.access import Transport
from collector.serve.api import LocalApi
from collector.serve.listener import CONNECTIONS, PER_VIEWER, Listener, listening
from collector.serve.tcp import TcpApi
from collector.supervisor import end, supervise

GROUP = "ovr"
"""Whose members are operators, where the system has it."""
MODES = {Transport.OPERATOR_SOCKET: 0o660, Transport.VIEWER_SOCKET: 0o666}
BACKLOG = 128


def bind(path: Path, mode: int, group: str | None = None) -> socket.socket:
    """A listening Unix socket at `path`. What lies there is removed: the caller holds the lock of
    the node, so a socket found is a dead collector's. `group` gets it where there is such a one
    and this user may give it away."""
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise OSError(
            f"{path} is too long for a Unix socket ({SOCKET_PATH_BYTES} bytes at most): "
            "choose a shorter folder with --home or OVR_RUN_DIR"
        )
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        if group is not None:
            with contextlib.suppress(KeyError, PermissionError):
                os.chown(path, -1, grp.getgrnam(group).gr_gid)
        path.chmod(mode)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


@contextlib.asynccontextmanager
async def serve(
    app: LocalApi, path: Path, transport: Transport = Transport.OPERATOR_SOCKET
) -> AsyncIterator[Listener]:
    """Serve `app` on the Unix socket `path` while the block runs; then open streams are cut.

    Raises OSError when the socket cannot be made.
    """
    operators = transport is Transport.OPERATOR_SOCKET
    listener = Listener(
        app,
        bind(path, MODES[transport], GROUP if operators else None),
        transport,
        per_peer=CONNECTIONS if operators else PER_VIEWER,
    )
    app.listeners.append(listener)
    try:
        async with listening(listener):
            yield listener
    finally:
        app.listeners.remove(listener)
        path.unlink(missing_ok=True)  # noqa: ASYNC240  one unlink at the very end


@contextlib.asynccontextmanager
async def serve_node(app: LocalApi, home: Home, node: NodeConfig) -> AsyncIterator[None]:
    """Serve `app` on both sockets of the node, and over TCP when `[listen]` is set, while the
    block runs. Raises OSError when a socket cannot be made; TCP that cannot be is tried again."""
    async with (
        serve(app, home.operator_socket, Transport.OPERATOR_SOCKET),
        serve(app, home.viewer_socket, Transport.VIEWER_SOCKET),
        _tcp(app, home, node),
    ):
        try:
            yield
        finally:
            await app.close()


@contextlib.asynccontextmanager
async def _tcp(app: LocalApi, home: Home, node: NodeConfig) -> AsyncIterator[None]:
    if node.listen is None:
        yield
        return
    tcp = TcpApi(app, node.listen, node.tokens, home.state)
    app.listen = tcp.health
    task = asyncio.create_task(supervise(tcp.watch, tcp.run), name="listener")
    try:
        yield
    finally:
        await end(task)
