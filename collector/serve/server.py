"""Uvicorn on a Unix socket, inside the collector's event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from collector.config.paths import SOCKET_PATH_BYTES


class _Server(uvicorn.Server):
    """Leaves signals to the collector, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(path: Path, mode: int) -> socket.socket:
    """A listening Unix socket at `path`. What lies there is removed: the caller holds the lock of
    the node, so a socket found is a dead collector's."""
    if len(str(path).encode()) > SOCKET_PATH_BYTES:
        raise OSError(
            f"{path} is too long for a Unix socket ({SOCKET_PATH_BYTES} bytes at most): "
            "choose a shorter folder with --home or OVR_RUN_DIR"
        )
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(mode)
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


@contextlib.asynccontextmanager
async def serve(app: Starlette, path: Path, mode: int = 0o660) -> AsyncIterator[None]:
    """Serve `app` on the Unix socket `path` while the block runs; then open streams are cut."""
    sock = bind(path, mode)
    config = uvicorn.Config(
        app,
        loop="none",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]), name="serve")
    listening = asyncio.create_task(server.listening.wait(), name="listening")
    try:
        await asyncio.wait([task, listening], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            raise OSError(f"the local API could not be started on {path}")
        yield
    finally:
        listening.cancel()
        server.should_exit = True
        try:
            await task
        finally:
            sock.close()
            path.unlink(missing_ok=True)  # noqa: ASYNC240  one unlink at the very end
