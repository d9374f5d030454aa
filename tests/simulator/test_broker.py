"""Both brokers, with logins and TLS, and that they end with their parent."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from pathlib import Path

import aiomqtt
import pytest

from collector.errors import NotConnected
from collector.simulator import broker, mqtt
from tests.simulator.wire import ear, refuses, within
from tests.support.ports import free_port

KINDS: tuple[broker.Kind, ...] = ("mosquitto", "amqtt")


@pytest.mark.parametrize("kind", KINDS)
async def test_messages_pass_between_link_and_client(kind: broker.Kind) -> None:
    """What the simulator's own MQTT writes a plain client reads, and the other way round; a
    message marked so is retained."""
    made, port = broker.make(kind), free_port()
    heard: list[tuple[str, bytes]] = []
    link = mqtt.Link(lambda topic, payload: heard.append((topic, payload)))
    await made.start(port)
    try:
        await link.start(port, "gx", ("R/#", "W/#"))
        link.write(mqtt.publish("N/p/kept", b"1", retain=True))
        async with ear(port, "N/#") as client:
            assert await client.topic_raw("N/p/kept") == (b"1", True)
            long = b"x" * 70_000
            link.write(mqtt.publish("N/p/ä", long) + mqtt.publish("N/p/empty", b""))
            assert await client.topic_raw("N/p/ä") == (long, False)
            assert await client.topic_raw("N/p/empty") == (b"", False)
            await client.client.publish("R/p/keepalive", b"\x00\xff" * 200)
            await client.client.publish("W/p/x", b"", qos=1)
            await within(lambda: len(heard) == 2, "both messages")
        assert heard == [("R/p/keepalive", b"\x00\xff" * 200), ("W/p/x", b"")]
    finally:
        await link.stop()
        await made.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_logins(kind: broker.Kind) -> None:
    """With users a wrong or missing login is refused, the right one is let in."""
    made, port = broker.make(kind), free_port()
    await made.start(port, {"ovr": "right"})
    try:
        async with aiomqtt.Client("127.0.0.1", port, username="ovr", password="right"):
            pass
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", port, username="ovr", password="wrong"):
                pass
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", port):
                pass
        link = mqtt.Link(lambda topic, payload: None)
        with pytest.raises(NotConnected, match="login"):
            await link.start(port, "gx", ("R/#",), login=("ovr", "wrong"))
        await link.start(port, "gx", ("R/#",), login=("ovr", "right"))
        await link.stop()
    finally:
        await made.stop()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> broker.Tls:
    """A self-signed certificate, as a GX makes one."""
    folder = tmp_path_factory.mktemp("tls")
    pair = broker.Tls(cert=folder / "cert.pem", key=folder / "key.pem")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", str(pair.key), "-out", str(pair.cert), "-days", "2",
            "-subj", "/CN=venus.local",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return pair


@pytest.mark.parametrize("kind", KINDS)
async def test_tls(kind: broker.Kind, tls: broker.Tls) -> None:
    """The broker serves its certificate, and messages pass over it."""
    made, port = broker.make(kind), free_port()
    await made.start(port, tls=tls)
    context = ssl.create_default_context(cafile=str(tls.cert))
    context.check_hostname = False
    link = mqtt.Link(lambda topic, payload: None)
    try:
        await link.start(port, "gx", ("R/#",), tls=context)
        async with ear(port, "N/#", tls_context=context) as client:
            link.write(mqtt.publish("N/p/x", b"1"))
            assert await client.topic_raw("N/p/x") == (b"1", False)
    finally:
        await link.stop()
        await made.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_restart_forgets_retained_messages(kind: broker.Kind) -> None:
    """The port is free after stop; the same broker starts again there and knows nothing."""
    made, port = broker.make(kind), free_port()
    await made.start(port)
    link = mqtt.Link(lambda topic, payload: None)
    await link.start(port, "gx", ("R/#",))
    link.write(mqtt.publish("N/p/kept", b"1", retain=True))
    await link.drained()
    await made.stop()
    await within(lambda: not link.open, "the link notices")
    assert link.write(b"") is False or not link.open
    await link.stop()
    assert refuses(port)()
    await made.start(port)
    async with ear(port, "N/#") as client:
        await client.client.publish("N/p/other", b"2")
        await client.topic_raw("N/p/other")
        assert [topic for topic, _, _ in client.heard] == ["N/p/other"]
    await made.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_taken_port_is_named(kind: broker.Kind) -> None:
    """The error names the port."""
    one, two, port = broker.make(kind), broker.make(kind), free_port()
    await one.start(port)
    try:
        with pytest.raises(broker.PortTaken, match=str(port)):
            await two.start(port)
    finally:
        await two.stop()
        await one.stop()


async def test_no_connection_is_an_error() -> None:
    """A link to nowhere raises and leaves nothing open."""
    link = mqtt.Link(lambda topic, payload: None)
    with pytest.raises(NotConnected, match="no connection"):
        await link.start(free_port(), "gx", ("R/#",))
    assert not link.open
    assert link.write(b"x") is False


def test_variable_length() -> None:
    """The lengths of the MQTT standard's examples."""
    for value, raw in (
        (0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (16383, b"\xff\x7f"),
        (16384, b"\x80\x80\x01"), (2097152, b"\x80\x80\x80\x01"),
    ):  # fmt: skip
        assert mqtt.length(value) == raw


async def test_mosquitto_dies_with_its_parent(tmp_path: Path) -> None:
    """When the simulator is killed, its broker is killed with it."""
    port = free_port()
    script = tmp_path / "serve.py"
    script.write_text(
        "import asyncio\n"
        "from collector.simulator import broker\n"
        "async def main():\n"
        "    made = broker.make('mosquitto')\n"
        f"    await made.start({port})\n"
        "    print('up', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    assert not refuses(port)()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await within(refuses(port), "the broker ends")


def test_unknown_broker_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mosquitto, asking for it names the package."""
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    with pytest.raises(broker.BrokerError, match="apt install mosquitto"):
        broker.make("mosquitto")
    assert type(broker.make("auto")).__name__ == "Amqtt"
