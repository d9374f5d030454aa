"""A small real HTTP/1.1 server that answers requests as a test says, and keeps what it got."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple


class Request(NamedTuple):
    """What came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What goes out. `cut` closes the connection after that many bytes of it, `hang` never ends."""

    status: int = 204
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    hang: bool = False


Script = Callable[[Request], Reply]
Early = Callable[[Request], Reply | None]
"""Answers a request whose body is not read (`body` is empty), and closes; None: read on."""


def _reads_on(request: Request) -> None:
    """Every body is read."""


class AnswerServer:
    """Answers every request with `script(request)`; `requests` are all that came."""

    def __init__(self, script: Script, early: Early = _reads_on) -> None:
        self.script = script
        self.early = early
        self.requests: list[Request] = []
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.scheme = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://localhost:{self.port}"

    def hang_up(self) -> None:
        """All connections break, as when its process dies."""
        for writer in self._open:
            writer.transport.abort()

    def posts(self) -> list[Request]:
        """What was posted."""
        return [request for request in self.requests if request.method == "POST"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._open.add(writer)
        try:
            while True:
                head = await _head(reader)
                refusal = self.early(head)
                if refusal is not None:
                    await _answer(writer, refusal)
                    return
                request = head._replace(body=await _body(reader, head.headers))
                self.requests.append(request)
                if not await _answer(writer, self.script(request)):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open.discard(writer)
            writer.close()


async def _head(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
    }
    return Request(method, path, headers, b"")


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        raise ConnectionError("chunked requests are not read here")
    return await reader.readexactly(int(headers.get("content-length", "0")))


async def _answer(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.hang:
        await asyncio.Event().wait()
    lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
    writer.write(raw[: reply.cut])
    await writer.drain()
    return reply.cut is None


@asynccontextmanager
async def answering(
    script: Script,
    *,
    tls: ssl.SSLContext | None = None,
    port: int = 0,
    host: str = "127.0.0.1",
    early: Early = _reads_on,
) -> AsyncIterator[AnswerServer]:
    """A running server on loopback; its connections end with it."""
    answers = AnswerServer(script, early)
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        task.add_done_callback(connections.discard)
        try:
            await answers.serve(reader, writer)
        except asyncio.CancelledError:
            return  # the server ends; asyncio.streams would report the cancelling as a fault

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    answers.port = server.sockets[0].getsockname()[1]
    answers.scheme = "https" if tls else "http"
    try:
        yield answers
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        for _ in range(20):  # connections that broke, or never came to be, let go of their sockets
            await asyncio.sleep(0)
        await server.wait_closed()
