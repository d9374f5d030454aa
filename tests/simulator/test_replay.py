"""Replays of recordings, heard with a plain client."""

import json
from pathlib import Path

import aiomqtt
import pytest

from collector.simulator.replay import RecordingError, Replay, read_recording
from tests.simulator.wire import ear, heard_to_the_end, refuses, within
from tests.support.ports import free_port

PORTAL = "b827eb000001"


class HandClock:
    """Steady seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def recording(folder: Path, *lines: tuple[float, str, str] | tuple[float, str]) -> Path:
    """A recording of (t, topic tail, payload) and (t, event)."""
    path = folder / "made.jsonl"
    entries: list[dict[str, object]] = []
    for line in lines:
        if len(line) == 2:
            entries.append({"t": line[0], "event": line[1]})
        else:
            entries.append({"t": line[0], "topic": f"N/{PORTAL}/{line[1]}", "payload": line[2]})
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


async def test_full_publish_then_changes(tmp_path: Path) -> None:
    """Nothing but the serial comes before a keepalive; then t=0 with the echo, then the rest in
    time, with heartbeats."""
    path = recording(
        tmp_path,
        (0, "battery/0/Soc", '{"value":50}'), (0, "battery/0/Dc/0/Voltage", '{"value":52.1}'),
        (0, "heartbeat", '{"value":1}'), (0, "full_publish_completed", '{"value":1}'),
        (2, "battery/0/Soc", '{"value":51}'), (4, "battery/0/Soc", ""),
    )  # fmt: skip
    clock = HandClock()
    async with (
        Replay(path, free_port(), speed=4, clock=clock) as replay,
        ear(replay.port, "N/#") as client,
    ):
        assert await client.topic(f"N/{PORTAL}/system/0/Serial") == PORTAL
        asked = {"keepalive-options": [{"full-publish-completed-echo": "q"}]}
        await client.client.publish(f"R/{PORTAL}/keepalive", json.dumps(asked))
        done = f"N/{PORTAL}/full_publish_completed"
        await client.topic(done)
        assert client.heard[1:3] == [
            (f"N/{PORTAL}/battery/0/Soc", b'{"value":50}', False),
            (f"N/{PORTAL}/battery/0/Dc/0/Voltage", b'{"value":52.1}', False),
        ]
        assert json.loads(client.heard[3][1])["full-publish-completed-echo"] == "q"
        assert not replay.finished.is_set()
        clock.now += 1
        await client.until(lambda: any(not p for _, p, _ in client.heard), "the empty payload")
        assert replay.finished.is_set()
        soc = [p for t, p, _ in client.heard if t.endswith("Soc")]
        assert soc == [b'{"value":50}', b'{"value":51}', b""]
        assert await client.topic(f"N/{PORTAL}/heartbeat") > 1e9
        assert replay.last[f"N/{PORTAL}/battery/0/Soc"] == b""


async def test_events_stop_and_start_the_broker(tmp_path: Path) -> None:
    """The port is refused between the events; afterwards only what was said since is known."""
    path = recording(
        tmp_path,
        (0, "battery/0/Soc", '{"value":50}'), (0, "vebus/257/State", '{"value":3}'),
        (4, "tcp_disconnect"), (8, "tcp_connect"),
        (8, "battery/0/Soc", '{"value":49}'), (16, "vebus/257/State", '{"value":9}'),
    )  # fmt: skip
    clock = HandClock()
    async with Replay(path, free_port(), speed=4, clock=clock) as replay:
        async with aiomqtt.Client("127.0.0.1", replay.port) as client:
            await client.subscribe("N/#")
            await client.publish(f"R/{PORTAL}/keepalive", b"")
            await within(lambda: bool(replay.last), "the first full publish")
            clock.now += 1
            with pytest.raises(aiomqtt.MqttError):
                await heard_to_the_end(client)
        await within(refuses(replay.port), "the port is refused")
        clock.now += 1
        await within(lambda: not refuses(replay.port)(), "the port is back")
        async with ear(replay.port, "N/#") as client:
            await within(lambda: bool(replay.last), "the first service is back")
            await client.client.publish(f"R/{PORTAL}/keepalive", b"")
            await client.topic(f"N/{PORTAL}/full_publish_completed")
            known = {t for t, _, _ in client.heard}
            assert f"N/{PORTAL}/battery/0/Soc" in known
            assert f"N/{PORTAL}/vebus/257/State" not in known
            clock.now += 2
            assert await client.topic(f"N/{PORTAL}/vebus/257/State") == 9


async def test_reads_are_answered(tmp_path: Path) -> None:
    """R/ of a path or a sub-tree gives what is known, without a keepalive's effect."""
    path = recording(
        tmp_path, (0, "battery/0/Soc", '{"value":50}'), (0, "battery/0/Dc/0/Power", '{"value":5}')
    )
    async with Replay(path, free_port()) as replay, ear(replay.port, "N/#") as client:
        await client.client.publish(f"R/{PORTAL}/keepalive", b"")
        await client.topic(f"N/{PORTAL}/full_publish_completed")
        await client.client.publish(f"R/{PORTAL}/battery/0/Dc", b"")
        answer = (f"N/{PORTAL}/battery/0/Dc/0/Power", b'{"value":5}', False)
        await client.until(lambda: client.heard.count(answer) == 2, "the answer")
        assert sum(topic.endswith("/Soc") for topic, _, _ in client.heard) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.jsonl", "{broken", "a.jsonl:1"),
        ("b.jsonl", '{"t":0,"topic":"N/x/y/0/z","payload":"1"}\n{"t":1}', "b.jsonl:2"),
        ("c.jsonl", '{"t":0,"topic":"R/x/keepalive","payload":""}', "no message"),
        ("d.mqtt", "", "no message"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, name: str, text: str, message: str) -> None:
    """A broken line is named with file and line; an empty recording is refused."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(RecordingError, match=message):
        Replay(path, 1)


async def test_every_recording_can_be_served(recordings: Path) -> None:
    """Each recorded file is read, and its first full publish holds each of its topics."""
    files = sorted((recordings / "victron").iterdir())
    assert files
    for path in files:
        lines = read_recording(path)
        first = {line.topic for line in lines if line.t == 0 and line.topic}
        async with Replay(path, free_port()) as replay, ear(replay.port, "N/#") as client:
            await client.client.publish(f"R/{replay.portal_id}/keepalive", b"")
            await client.topic(f"N/{replay.portal_id}/full_publish_completed")
            assert first <= {topic for topic, _, _ in client.heard}
