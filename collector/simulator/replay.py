"""Serves a recorded GX over a broker of its own, with the timing and the gating of a real one."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from collector.errors import OvrError
from collector.simulator import broker, mqtt
from collector.simulator.gx.unit import ALIVE_S, HEARTBEAT_TICKS, completed, echo_of, encode

_TICK_S = 0.05
_OWN = ("heartbeat", "full_publish_completed", "keepalive")


class RecordingError(OvrError):
    """A recording cannot be read, or is of no GX."""


class Line(Struct, frozen=True):
    """One thing that happened: a message, or an event without topic. Time in seconds."""

    t: float
    topic: str = ""
    payload: bytes = b""
    event: str = ""


def read_recording(path: Path) -> tuple[Line, ...]:
    """The lines of a `.jsonl` (`{"t", "topic", "payload"}` or `{"t", "event"}`) or of a `.mqtt`
    file (`topic payload`, all at once), in order. What clients sent and what the replay says
    itself is left out. Raises RecordingError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from error
    parse = _parse_json if path.suffix == ".jsonl" else _parse_plain
    lines = []
    for number, raw in enumerate(text.splitlines(), 1):
        try:
            line = parse(raw) if raw.strip() else None
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{path}:{number}: not a line of a recording: {error}") from error
        if line is not None and (line.event or _kept(line.topic)):
            lines.append(line)
    return tuple(lines)


def _parse_json(raw: str) -> Line | None:
    said = json.loads(raw)
    if "event" in said:
        return Line(float(said["t"]), event=str(said["event"]))
    return Line(float(said["t"]), str(said["topic"]), str(said["payload"]).encode())


def _parse_plain(raw: str) -> Line | None:
    topic, _, payload = raw.partition(" ")
    return Line(0.0, topic, payload.encode())


def _kept(topic: str) -> bool:
    parts = topic.split("/")
    return parts[0] == "N" and len(parts) > 1 and not (len(parts) == 3 and parts[2] in _OWN)


class Replay:
    """`recording` as the GX `portal_id` on 127.0.0.1:`port`.

    The clock of the recording starts with the first keepalive; `speed` is its factor over `clock`,
    steady seconds. What lies
    at 0 is the first full publish (every line, repeats too); a later one is the last payload of
    each topic. Events `tcp_disconnect` and `tcp_connect` stop and start the broker, and what was
    known is then forgotten. After the last line the GX lives on with its heartbeat.
    """

    def __init__(
        self,
        recording: Path,
        broker_port: int,
        *,
        speed: float = 1.0,
        broker_kind: broker.Kind = "auto",
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.port = broker_port
        self.lines = read_recording(recording)
        portals = [line.topic.split("/")[1] for line in self.lines if line.topic]
        if not portals:
            raise RecordingError(f"{recording}: no message of a GX in it")
        self.portal_id = portals[0]
        self.finished = asyncio.Event()
        """Set when the last line has been served."""
        self._speed = speed
        self._clock, self._wall = clock, wall
        self._broker = broker.make(broker_kind)
        self._link = mqtt.Link(self._received)
        self._known: dict[str, bytes] = {}
        self._next = 0
        self._since: float | None = None
        self._alive_until = 0.0
        self._asked: list[bytes] = []
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._up()
        self._task = asyncio.create_task(self._run(), name="replay")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        failed: BaseException | None = None
        if self._task is not None:
            self._task.cancel()
            (failed,) = await asyncio.gather(self._task, return_exceptions=True)
        await self._down()
        if isinstance(failed, Exception) and error is None:
            raise failed

    @property
    def last(self) -> dict[str, bytes]:
        """The last payload of each topic that has been served since the GX came up."""
        return dict(self._known)

    # --- connection -------------------------------------------------------------------------

    async def _up(self) -> None:
        await self._broker.start(self.port)
        await self._link.start(self.port, f"replay-{self.portal_id}", ("R/#", "W/#"))
        serial = mqtt.publish(
            f"N/{self.portal_id}/system/0/Serial", encode(self.portal_id, None), retain=True
        )
        self._link.write(serial)

    async def _down(self) -> None:
        await self._link.stop()
        await self._broker.stop()

    def _received(self, topic: str, payload: bytes) -> None:
        tail = topic.split("/", 2)[2:]
        if topic.startswith("R/") and tail in (["keepalive"], ["system/0/Serial"]):
            self._asked.append(payload)
        elif topic.startswith("R/"):
            known = f"N/{topic[2:]}"
            below = [t for t in self._known if t == known or t.startswith(f"{known}/")]
            self._write([(t, self._known[t]) for t in below])
        self._woken.set()

    def _write(self, messages: list[tuple[str, bytes]]) -> None:
        self._link.write(b"".join(mqtt.publish(topic, payload) for topic, payload in messages))

    # --- the recording's clock --------------------------------------------------------------

    async def _run(self) -> None:
        beat_at = self._clock()
        while True:
            self._woken.clear()
            for payload in self._asked:
                self._keepalive(payload, self._clock())
            self._asked.clear()
            await self._play(self._clock())
            now = self._clock()
            if self._alive(now) and now >= beat_at:
                beat_at = now + HEARTBEAT_TICKS
                self._say("heartbeat", completed(None, int(self._wall())))
            try:
                async with asyncio.timeout(_TICK_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _alive(self, now: float) -> bool:
        return now < self._alive_until and self._link.open

    def _say(self, tail: str, payload: bytes) -> None:
        self._write([(f"N/{self.portal_id}/{tail}", payload)])

    def _keepalive(self, payload: bytes, now: float) -> None:
        self._alive_until = now + ALIVE_S
        if b"suppress-republish" in payload:
            return
        if self._since is None:
            self._since = now
            self._write(self._take(0.0))
        else:
            self._write([(topic, said) for topic, said in self._known.items() if said])
        self._say("full_publish_completed", completed(echo_of(payload), int(self._wall())))

    def _take(self, until: float) -> list[tuple[str, bytes]]:
        """The messages up to `until`, to the next event at most; they are known from now on."""
        messages = []
        while self._next < len(self.lines):
            line = self.lines[self._next]
            if line.t > until or line.event:
                break
            self._next += 1
            self._known[line.topic] = line.payload
            messages.append((line.topic, line.payload))
        return messages

    async def _play(self, now: float) -> None:
        """Serve what is due. A vanished device is told always, changes only to who asked."""
        if self._since is None:
            return
        until = (now - self._since) * self._speed
        while True:
            due = self._take(until)
            alive = self._alive(now)
            self._write([(topic, said) for topic, said in due if alive or not said])
            line = self.lines[self._next] if self._next < len(self.lines) else None
            if line is None or line.t > until:
                break
            self._next += 1
            await self._event(line.event)
        if self._next >= len(self.lines):
            self.finished.set()

    async def _event(self, event: str) -> None:
        if event == "tcp_disconnect":
            self._known.clear()
            self._alive_until = 0.0
            await self._down()
        elif event == "tcp_connect":
            await self._up()
