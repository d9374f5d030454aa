"""venus-influx-loader beside us: the same messages through the same broker into the same receiver.

The peer is a program for Node. `--peer DIR` names a checkout of it that was built:
`npm install --ignore-scripts && BUILD_VERSION=1.8.0 ./generateBuildInfo.sh && npx tsc -p
tsconfig.build.json`. It reads MQTT at port 1883 only, hence the broker's own loopback address.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from collector.reports.process import cpu_s
from scripts.bench.gx_wire import HEARTBEAT_S, SLICE_S, Gx
from scripts.bench.parts import Receiver, collector, folder, home_with, until
from scripts.bench.workload import free_port

BROKER = "127.0.0.77"
PORT = 1883
WARM_S = 25.0
SECONDS = 30.0


class Feeder(threading.Thread):
    """A GX behind a real broker: answers keepalives, publishes changes at a steady rate."""

    def __init__(self, rate: int) -> None:
        super().__init__(daemon=True, name="feeder")
        self.gx = Gx(1, rate)
        self.sent = 0
        self._ending = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._asked

    def _say(self, path: str, value: object, *, retain: bool = False) -> None:
        payload = json.dumps({"value": value})
        self._client.publish(f"N/{self.gx.portal}/{path}", payload, retain=retain)

    def _asked(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if b"suppress-republish" in message.payload:
            return
        self._say("settings/0/Settings/SystemSetup/SystemName", "bench")
        for topic, payload in self.gx.told(bytes(message.payload)):
            self._client.publish(topic, payload)

    def run(self) -> None:
        """Publish until `end`."""
        self._client.connect(BROKER, PORT)
        self._client.loop_start()
        self._client.subscribe("R/#")
        self._say("system/0/Serial", self.gx.portal, retain=True)
        began, beat = time.monotonic(), 0.0
        while not self._ending.wait(SLICE_S):
            now = time.monotonic()
            if now - beat > HEARTBEAT_S:
                beat = now
                self._say("heartbeat", int(time.time()))
            due = int((now - began) * self.gx.rate) - self.sent
            for topic, payload in self.gx.changed(due):
                self._client.publish(topic, payload)
            self.sent += due
        self._client.loop_stop()

    def end(self) -> None:
        """Publish no more."""
        self._ending.set()
        self.join()


@contextmanager
def fed(below: Path, rate: int) -> Iterator[Feeder]:
    """A broker with a GX's messages on it."""
    conf = below / "mosquitto.conf"
    conf.write_text(f"listener {PORT} {BROKER}\nallow_anonymous true\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    quiet = subprocess.DEVNULL
    broker = subprocess.Popen([program, "-c", str(conf)], stdout=quiet, stderr=quiet)
    time.sleep(1)
    feeder = Feeder(rate)
    feeder.start()
    try:
        yield feeder
    finally:
        feeder.end()
        broker.terminate()
        broker.wait(10)


def _cost(pid: int, feeder: Feeder) -> float:
    """CPU µs that a process takes for each message, once it has settled."""
    time.sleep(WARM_S)
    cpu, sent = cpu_s(pid), feeder.sent
    time.sleep(SECONDS)
    return (cpu_s(pid) - cpu) / (feeder.sent - sent) * 1e6


@contextmanager
def _peer(program: Path, below: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    config = below / "peer"
    config.mkdir(exist_ok=True)
    off = {"enabled": False, "enabledPortalIds": [], "subscriptions": {}, "expiry": {}}
    hosts = [{"hostName": BROKER, "enabled": True}]
    settings = {
        "upnp": off,
        "vrm": off | {"manualPortalIds": []},
        "manual": {"enabled": True, "hosts": hosts, "subscriptions": {}, "expiry": {}},
        "influxdb": {
            "protocol": "http",
            "host": "127.0.0.1",
            "port": str(port),
            "path": "/",
            "username": "",
            "password": "",
            "database": "venus",
            "retention": "",
            "batchWriteInterval": 10,
        },
    }
    (config / "config.json").write_text(json.dumps(settings))
    (config / "secrets.json").write_text("{}")
    words = ["--config-path", str(config), "--port", str(free_port()), "--disable-admin-api"]
    with (below / "peer.log").open("wb") as log:
        process = subprocess.Popen(
            ["node", str(program), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(os.environ, VIL_INFLUXDB_URL=f"http://127.0.0.1:{port}"),
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def side_by_side(checkout: Path, rate: int) -> tuple[float, float]:
    """CPU µs for each message of ours and of the peer in `checkout`, each delivering to a
    VictoriaMetrics. Raises SystemExit when the peer was not built or delivers nothing."""
    program = checkout / "dist" / "bin" / "venus-influx-loader.js"
    if not program.exists():
        raise SystemExit(
            f"bench: {program} is not there: build the peer first (scripts/bench/peer.py)"
        )
    with folder() as below, fed(below, rate) as feeder:
        port = free_port()
        receiver = Receiver(below, port, "-influx.databaseNames=venus")
        receiver.start()
        try:
            ours = _ours(below, feeder, receiver)
            with _peer(program, below, port) as process:
                theirs = _cost(process.pid, feeder)
                until(_delivered(receiver, "influx"), "the peer delivers", 30)
        finally:
            receiver.stop()
    return ours, theirs


def _ours(below: Path, feeder: Feeder, receiver: Receiver) -> float:
    device = {"id": "gx", "kind": "gx", "host": BROKER, "port": PORT, "portal_id": feeder.gx.portal}
    with collector(home_with(below, [device], receiver.url)) as process:
        cost = _cost(process.pid, feeder)
        until(_delivered(receiver, "promremotewrite"), "we deliver", 30)
    return cost


def _delivered(receiver: Receiver, protocol: str) -> Callable[[], bool]:
    return lambda: receiver.rows(protocol) > 0
