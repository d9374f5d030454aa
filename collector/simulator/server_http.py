"""A small HTTP/1.1 server for simulated devices with a web interface: GET only, on 127.0.0.1."""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from collector.errors import OvrError

_HEAD_BYTES = 16 << 10

Answer = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
"""From path and query to HTTP status and body, which is JSON."""


class HttpError(OvrError):
    """An HTTP server could not listen."""


class HttpServer:
    """Serves `answer`. `slow_s` is how long it thinks about each request; `most` how many requests
    it ever had on its hands at a time."""

    def __init__(self, answer: Answer) -> None:
        self.slow_s = 0.0
        self.most = 0
        self.requests: list[str] = []
        """The newest ones, at most a hundred."""
        self._answer = answer
        self._busy = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1; gives the port (0 takes a free one). Raises HttpError."""
        try:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        except OSError as error:
            raise HttpError(f"no HTTP server on port {port}: {error} (is it taken?)") from error
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        except asyncio.CancelledError:
            return  # the server stops; asyncio.streams would report the cancelling as a fault
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(head) > _HEAD_BYTES or len(words) != 3 or words[0] != "GET":
            await _send(writer, 405, b"{}")
            return False
        self.requests = [*self.requests[-99:], words[1]]
        self._busy += 1
        self.most = max(self.most, self._busy)
        try:
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            parts = urlsplit(words[1])
            await _send(writer, *self._answer(parts.path, dict(parse_qsl(parts.query))))
        finally:
            self._busy -= 1
        return True


async def _send(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await writer.drain()
