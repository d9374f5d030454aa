"""Many GX as cheap as possible: the bytes of MQTT 3.1.1, without a broker.

One process serves any number of GX, so that the benchmark measures the collector and not what
feeds it. Each answers CONNECT, SUBSCRIBE, PINGREQ and keepalives as a GX's broker does, publishes
its retained serial, on a full publish all its topics and the echo, a heartbeat every 3 s, and
changed values at a steady rate.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator

HEARTBEAT_S = 3.0
SLICE_S = 0.05

PHASES = ("L1", "L2", "L3")


def paths() -> Iterator[str]:
    """About 500 topics of a three-phase system, as service/instance/path."""
    for phase in PHASES:
        for flow in ("Consumption", "ConsumptionOnOutput", "ConsumptionOnInput", "Grid", "Genset"):
            yield f"system/0/Ac/{flow}/{phase}/Power"
            yield f"system/0/Ac/{flow}/{phase}/Current"
        for flow in ("PvOnOutput", "PvOnGrid", "PvOnGenset"):
            yield f"system/0/Ac/{flow}/{phase}/Power"
        for value in "VIPFS":
            yield f"vebus/276/Ac/Out/{phase}/{value}"
            yield f"vebus/276/Ac/ActiveIn/{phase}/{value}"
        for value in ("Voltage", "Current", "Power", "PowerFactor"):
            yield f"grid/30/Ac/{phase}/{value}"
        for value in ("Forward", "Reverse"):
            yield f"grid/30/Ac/{phase}/Energy/{value}"
        for alarm in ("HighTemperature", "LowBattery", "Overload", "Ripple"):
            yield f"vebus/276/Alarms/{phase}/{alarm}"
    for value in ("Voltage", "Current", "Power", "Soc", "State", "TimeToGo", "Temperature"):
        yield f"system/0/Dc/Battery/{value}"
    yield from ("system/0/Dc/Pv/Power", "system/0/Dc/Pv/Current", "system/0/Ac/ActiveIn/Source")
    yield from ("system/0/SystemState/State", "vebus/276/State", "vebus/276/Mode")
    yield from ("vebus/276/Ac/Out/P", "vebus/276/Ac/ActiveIn/P", "vebus/276/Dc/0/Voltage")
    for energy in ("AcIn1ToAcOut", "AcIn2ToAcOut", "InverterToAcOut", "AcIn1ToInverter"):
        yield f"vebus/276/Energy/{energy}"
    for value in ("Voltage", "Current", "Power", "Temperature"):
        yield f"battery/512/Dc/0/{value}"
    for value in ("Soc", "Soh", "ConsumedAmphours", "TimeToGo", "State"):
        yield f"battery/512/{value}"
    for value in ("MinCellVoltage", "MaxCellVoltage", "MinCellTemperature", "NrOfModulesOnline"):
        yield f"battery/512/System/{value}"
    for value in ("MaxChargeCurrent", "MaxDischargeCurrent", "MaxChargeVoltage"):
        yield f"battery/512/Info/{value}"
    yield from ("battery/512/History/ChargedEnergy", "battery/512/History/DischargedEnergy")
    yield from ("grid/30/Ac/Power", "grid/30/Ac/Frequency", "grid/30/Ac/Energy/Forward")
    yield "grid/30/Ac/Energy/Reverse"
    for charger in range(1):
        for value in ("Dc/0/Voltage", "Dc/0/Current", "Pv/V", "Pv/I", "Yield/Power", "State"):
            yield f"solarcharger/{280 + charger}/{value}"
        yield f"solarcharger/{280 + charger}/Yield/System"
    for number in range(58):
        for value in (
            "Temperature",
            "Status",
            "Humidity",
            "TemperatureType",
            "BatteryVoltage",
            "Offset",
        ):
            yield f"temperature/{20 + number}/{value}"


COUNTERS = ("Energy", "Yield/System", "History/")


def _string(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def publish(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """A PUBLISH packet at QoS 0."""
    body = _string(topic) + payload
    head = bytearray((0x31 if retain else 0x30,))
    size = len(body)
    while True:
        head.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return bytes(head) + body


class Gx:
    """One GX with one client at a time."""

    def __init__(self, number: int, rate: float) -> None:
        self.portal = f"c0ffee{number:06x}"
        self.rate = rate
        self.random = random.Random(number)
        self.topics = [(f"N/{self.portal}/{path}", path) for path in paths()]
        self.values = [self._first(path) for _, path in self.topics]
        self.moving = [i for i, (_, path) in enumerate(self.topics) if self._moves(path)]
        self.sent = 0

    def _first(self, path: str) -> float:
        if path.endswith(("State", "Mode", "Source", "Status", "TemperatureType")):
            return 3 if "vebus" in path else 1
        if "Alarms" in path:
            return 0
        return round(self.random.uniform(10, 400), 2)

    @staticmethod
    def _moves(path: str) -> bool:
        still = ("State", "Mode", "Source", "Status", "Type", "Offset")
        return "Alarms" not in path and not path.endswith(still)

    def changed(self, count: int) -> Iterator[tuple[str, bytes]]:
        """`count` changed values as topic and payload."""
        for index in self.random.choices(self.moving, k=count):
            topic, path = self.topics[index]
            step = 0.01 if any(word in path for word in COUNTERS) else self.random.uniform(-2, 2)
            self.values[index] = round(self.values[index] + step, 2)
            yield topic, b'{"value":%.2f}' % self.values[index]

    def told(self, request: bytes) -> Iterator[tuple[str, bytes]]:
        """A full publish with the echo that the keepalive `request` asks for."""
        for (topic, _), value in zip(self.topics, self.values, strict=True):
            yield topic, b'{"value":%g}' % value
        yield f"N/{self.portal}/system/0/Serial", b'{"value":"%b"}' % self.portal.encode()
        done: dict[str, object] = {"value": int(time.time())}
        try:
            for option in json.loads(request or b"{}").get("keepalive-options", []):
                if isinstance(option, dict):
                    done |= option
        except ValueError:
            done = {"value": int(time.time())}
        yield f"N/{self.portal}/full_publish_completed", json.dumps(done).encode()

    def packets(self, messages: Iterator[tuple[str, bytes]]) -> bytes:
        """Messages as they go over the wire; counted."""
        packed = [publish(topic, payload) for topic, payload in messages]
        self.sent += len(packed)
        return b"".join(packed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it goes."""
        pump = asyncio.create_task(self._pump(writer))
        try:
            while True:
                kind = (await reader.readexactly(1))[0] >> 4
                body = await reader.readexactly(await _length(reader))
                self._answer(kind, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            pump.cancel()
            writer.close()

    def _answer(self, kind: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        if kind == 1:
            writer.write(b"\x20\x02\x00\x00")
        elif kind == 8:
            codes = b"\x00" * sum(1 for _ in _filters(body[2:]))
            writer.write(bytes((0x90, len(codes) + 2)) + body[:2] + codes)
            serial = b'{"value":"%b"}' % self.portal.encode()
            writer.write(publish(f"N/{self.portal}/system/0/Serial", serial, retain=True))
        elif kind == 10:
            writer.write(b"\xb0\x02" + body[:2])
        elif kind == 12:
            writer.write(b"\xd0\x00")
        elif kind == 3:
            size = int.from_bytes(body[:2], "big")
            payload = body[2 + size :]
            if b"suppress-republish" not in payload:
                writer.write(self.packets(self.told(payload)))

    async def _pump(self, writer: asyncio.StreamWriter) -> None:
        started, sent, beat = time.monotonic(), 0, 0.0
        await asyncio.sleep(1 + self.random.random())
        while True:
            await asyncio.sleep(SLICE_S)
            now = time.monotonic()
            if now - beat > HEARTBEAT_S:
                beat = now
                stamp = b'{"value":%d}' % int(time.time())
                writer.write(publish(f"N/{self.portal}/heartbeat", stamp))
            due = int((now - started - 2) * self.rate) - sent
            if due > 0:
                sent += due
                writer.write(self.packets(self.changed(due)))
                await writer.drain()


def _filters(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        yield body[at + 2 : at + 2 + size]
        at += size + 3


async def _length(reader: asyncio.StreamReader) -> int:
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            return size
        shift += 7


async def serve(count: int, rate: float) -> None:
    """Serve `count` GX; their ports and portal ids are printed as JSON on the first line."""
    told = []
    servers = []
    for number in range(count):
        gx = Gx(number, rate)
        server = await asyncio.start_server(gx.serve, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        told.append({"port": port, "portal_id": gx.portal, "topics": len(gx.topics)})
    print(json.dumps(told), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--rate", type=float, default=30.0, help="messages a second of each")
    args = parser.parse_args()
    asyncio.run(serve(args.count, args.rate))


if __name__ == "__main__":
    main()
