"""HTTP/1.1 on one connection: uvicorn's protocol with limits in time, and refusals as JSON."""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from collector import wire
from collector.serve.answers import HEADERS, JSON
from collector.serve.link import Link
from collector.wire import ErrorAnswer, ErrorBody

HEAD_S = 10.0
"""How long the head of a request may take, from the connection or its first byte on."""
BODY_S = 60.0
"""And its body."""
HEAD_BYTES = 16 * 1024
"""The largest head of a request."""
KEEP_ALIVE_S = 15
"""How long a connection may idle between two requests."""


def raw_refusal(status: int, code: str, message: str, hint: str = "") -> bytes:
    """A whole answer for whoever never got as far as a request."""
    body = wire.encode(ErrorAnswer(error=ErrorBody(code=code, message=message, hint=hint)))
    lines = [
        f"HTTP/1.1 {status} Refused",
        f"content-type: {JSON}",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name}: {value}" for name, value in HEADERS.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


STALLED_S = 75.0
"""A peer that takes nothing of an answer for so long is cut off. (Streams look for themselves, and
sooner.)"""
LAST_S = 5.0
"""How long what was sent last may take to leave when the connection is closed."""


class Protocol(H11Protocol):
    """One connection. `lost` is told once when it has ended."""

    def __init__(
        self, config: Config, state: ServerState, link: Link, lost: Callable[["Protocol"], None]
    ) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self.link = link
        self.app_state.update(link=link, abort=self.abort)
        self._lost = lost
        self._timer: asyncio.TimerHandle | None = None
        self._waits_for = ""
        self._cut: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A peer is there; its first request must come soon."""
        super().connection_made(transport)
        self._expect("head", HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        self._expect("", 0)
        self._cut_in(None)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """An answer is out; a pipelined request may have begun."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._cut_in(LAST_S)
        if self._waits_for != "body" or self.conn.their_state is not h11.SEND_BODY:
            self._expect("", 0)

    def pause_writing(self) -> None:
        """More waits for the peer than it should."""
        super().pause_writing()
        self._cut_in(STALLED_S)

    def resume_writing(self) -> None:
        """The peer takes what it was sent."""
        super().resume_writing()
        self._cut_in(LAST_S if self.transport.is_closing() else None)

    def timeout_keep_alive_handler(self) -> None:
        """Nothing is asked any more."""
        super().timeout_keep_alive_handler()
        self._cut_in(LAST_S)

    def _close(self) -> None:
        """Close once what was sent has left, which must be soon."""
        self.transport.close()
        self._cut_in(LAST_S)

    def _cut_in(self, seconds: float | None) -> None:
        """Cut the connection off in so many seconds; None: not."""
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
        if seconds is not None:
            self._cut = self.loop.call_later(seconds, self.abort)

    def _watch(self) -> None:
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            if self._waits_for != "body":
                self._expect("body", BODY_S)
        elif state is h11.IDLE:
            if self._waits_for != "head":
                self._expect("head", HEAD_S)
        else:
            self._expect("", 0)

    def _expect(self, what: str, limit_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waits_for = what
        if what:
            self._timer = self.loop.call_later(limit_s, self._too_slow)

    def _too_slow(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            if self._waits_for == "head" and self.conn.our_state is h11.IDLE:
                self.transport.write(
                    raw_refusal(408, "too_slow", f"no whole request came within {HEAD_S:.0f} s")
                )
            self._close()
        else:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP, or its head is too large."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self._answering():
            message = f"this is no HTTP/1.1 request with a head of up to {HEAD_BYTES // 1024} KiB"
            self.transport.write(raw_refusal(400, "bad_request", message))
        self._close()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def end(self) -> None:
        """Finish the answer under way, if any, and close."""
        if self.transport is not None and not self.transport.is_closing():
            self.shutdown()

    def abort(self) -> None:
        """Close at once, whatever is under way or unread."""
        if self.transport is not None:
            self.transport.abort()


def make_config(app: Any) -> Config:
    """What uvicorn's protocol needs to know, for all connections of one listener."""
    config = Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
    config.load()
    return config
