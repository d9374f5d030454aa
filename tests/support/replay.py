"""Recordings of GX devices, played into a real broker as fast as it takes them.

Recordings are the test suite's own data folder (fixture `recordings`): `*.jsonl` with one
`{"t", "topic", "payload"}` a line (or `{"t", "event"}`), `*.mqtt` as `mosquitto_sub -v` prints.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import aiomqtt


class Message(NamedTuple):
    """One recorded line. `event` is what happened when it is no message of the GX."""

    at_s: float
    topic: str
    payload: bytes
    event: str = ""
    retain: bool = False


def read(path: Path) -> list[Message]:
    """All lines of a recording."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(_jsonl(lines) if path.suffix == ".jsonl" else _mqtt(lines))


def _jsonl(lines: Iterable[str]) -> Iterator[Message]:
    for line in lines:
        told = json.loads(line)
        yield Message(
            told["t"],
            told.get("topic", ""),
            told.get("payload", "").encode(),
            told.get("event", ""),
            told.get("retain", False),
        )


def _mqtt(lines: Iterable[str]) -> Iterator[Message]:
    for number, line in enumerate(lines):
        topic, _, payload = line.partition(" ")
        yield Message(float(number), topic, payload.encode())


def last_values(messages: Iterable[Message], portal: str) -> dict[str, object]:
    """By `service/instance/path` the last value that can be read; a topic whose device has gone
    (empty payload) has none."""
    found: dict[str, object] = {}
    root = f"N/{portal}/"
    for message in messages:
        if message.event or not message.topic.startswith(root) or message.topic.count("/") < 4:
            continue
        tail = message.topic.removeprefix(root)
        if not message.payload:
            found.pop(tail, None)
            continue
        try:
            found[tail] = json.loads(message.payload)["value"]
        except (ValueError, KeyError, TypeError):
            continue
    return found


async def play(port: int, messages: Iterable[Message]) -> int:
    """Publish all that the GX said, in order; the number of messages."""
    count = 0
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for message in messages:
            if message.event or not message.topic.startswith("N/"):
                continue
            await client.publish(message.topic, message.payload, retain=message.retain)
            count += 1
    return count
