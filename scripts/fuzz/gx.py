"""The GX that is fuzzed: it can speak properly, and it can publish whatever it is given."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.errors import NotConnected
from collector.simulator.mqtt import Link, publish
from scripts.bench.gx_wire import paths
from scripts.bench.parts import until
from scripts.bench.workload import free_port
from scripts.fuzz.payloads import Message

HEARTBEAT_S = 1.0
WORDS = {"Serial": "HQ2143ABCDE", "ProductName": "MultiPlus-II", "CustomName": "BESS"}
TRUE = {
    "system/0/Dc/Battery/Soc": 61.5, "system/0/Dc/Battery/Voltage": 51.9,
    "system/0/Dc/Battery/Current": 40.0, "system/0/Dc/Battery/Power": 2076.0,
    "system/0/Ac/Consumption/L1/Power": 1100.0, "system/0/Ac/Consumption/L2/Power": 1200.0,
    "system/0/Ac/Consumption/L3/Power": 1300.0, "battery/512/Soc": 61.5,
    "battery/512/Dc/0/Voltage": 51.9, "battery/512/Dc/0/Current": 40.0,
    "battery/512/Dc/0/Power": 2076.0, "system/0/SystemState/State": 9.0, "vebus/276/State": 9.0,
    "vebus/276/Mode": 3.0,
}  # fmt: skip
"""What it says when it speaks properly; other paths are 1 or 0."""


class Gx:
    """One GX on a broker. `silent` takes its heartbeat away."""

    def __init__(self, portal: str, port: int) -> None:
        self.portal = portal
        self._port = port
        self._link = Link(self._heard)
        self._connecting = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None
        self.refused = 0
        """How often the broker has closed its connection."""
        self.proper = True
        """Whether it answers a keepalive with all its true values."""
        self.values = {path: self._first(path) for path in paths()} | TRUE

    @staticmethod
    def _first(path: str) -> float:
        return 0.0 if "Alarms" in path else 1.0

    async def start(self) -> None:
        """Connect, say who it is (retained), and keep its heart beating."""
        await self._connect()
        serial = json.dumps({"value": self.portal}).encode()
        self._link.write(publish(f"N/{self.portal}/system/0/Serial", serial, retain=True))
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Close."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._link.stop()

    async def _connect(self) -> None:
        self._link = Link(self._heard)
        await self._link.start(self._port, f"gx-{self.portal}", (f"R/{self.portal}/#",))

    async def _beat(self) -> None:
        while True:
            await self._connected()
            stamp = b'{"value":%d}' % int(time.time())
            self._link.write(publish(f"N/{self.portal}/heartbeat", stamp))
            await asyncio.sleep(HEARTBEAT_S)

    async def _connected(self) -> None:
        """A connection that the broker has closed is made anew."""
        async with self._connecting:
            if not self._link.open:
                self.refused += 1
                await self._link.stop()
                with contextlib.suppress(NotConnected):
                    await self._connect()

    def _heard(self, topic: str, payload: bytes) -> None:
        if not topic.endswith("/keepalive") or not self.proper or b"suppress-republish" in payload:
            return
        self.tell(payload)

    def tell(self, request: bytes = b"") -> None:
        """Everything that is true, and the echo of `request`."""
        done: dict[str, object] = {"value": int(time.time())}
        with contextlib.suppress(ValueError, AttributeError):
            for option in json.loads(request or b"{}").get("keepalive-options", []):
                done |= option if isinstance(option, dict) else {}
        told = [(path, {"value": value}) for path, value in self.values.items()]
        told += [("system/0/Serial", {"value": self.portal})]  # type: ignore[dict-item]
        root = f"N/{self.portal}/"
        packets = [publish(root + path, json.dumps(value).encode()) for path, value in told]
        packets.append(publish(f"{root}full_publish_completed", json.dumps(done).encode()))
        self._link.write(b"".join(packets))

    async def mend(self) -> None:
        """Speak properly from now on, beginning with everything that is true."""
        self.proper = True
        await self._connected()
        self.tell()
        await self._link.drained()

    async def say(self, messages: Iterable[Message]) -> None:
        """Publish these; a connection that the broker closes for one of them is made anew."""
        await self._connected()
        for topic, payload, retain in messages:
            self._link.write(publish(topic, payload, retain=retain))
        await self._link.drained()


@contextmanager
def mosquitto(below: Path) -> Iterator[int]:
    """Debian's mosquitto on a free port of loopback."""
    port = free_port()
    config = below / f"mosquitto-{port}.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
        "max_queued_bytes 0\n"
    )
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: _listens(port), "mosquitto", 15)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(("127.0.0.1", port)) == 0
