"""A GX for benchmarks: the same topics and rates as the simulated one, without its physics."""

import asyncio
import time
from itertools import cycle

from collector.simulator import mqtt
from collector.simulator.compose import compose
from collector.simulator.gx import build
from collector.simulator.gx.unit import ALIVE_S, HEARTBEAT_TICKS, completed, echo_of, encode
from collector.simulator.physics.plant import Plant

_SLICE_S = 0.1
_VARIANTS = 16
_QUIET = ("settings/", "logger/", "hub4/", "platform/")


class Stock:
    """Ready packets: one for each topic, and a ring of changing ones. Values move by parts of a
    per mille, so that every message is a change."""

    def __init__(self, portal_id: str, topics: int) -> None:
        values = _values()
        names = sorted(values, key=lambda n: (n.startswith(_QUIET), not _moving(values[n])))
        if not 1 <= topics <= len(names):
            raise ValueError(f"a flood has 1 to {len(names)} topics, not {topics}")
        chosen = names[:topics]
        prefix = f"N/{portal_id}/"
        self.full = b"".join(
            mqtt.publish(prefix + name, encode(values[name], None)) for name in chosen
        )
        moving = {
            name: value
            for name in chosen
            if isinstance(value := values[name], float)
            and _moving(value)
            and not name.startswith(_QUIET)
        }
        self.ring = [
            mqtt.publish(prefix + name, encode(round(value * (1 + k / 5000), 6), None))
            for k in range(1, _VARIANTS + 1)
            for name, value in moving.items()
        ]


def _values() -> dict[str, object]:
    """The topics of a big GX with everything attached, below the portal id."""
    layout = compose(12, 1, time.time)
    Plant(layout.parts, 1, 13.0).step(30)
    found: dict[str, object] = {}
    for spot in layout.gxs:
        for service in build.services(spot.plan, time.time):
            found |= {f"{service.name}/{path}": value for path, value in service.values.items()}
    return found


def _moving(value: object) -> bool:
    return isinstance(value, float) and value not in (0.0, -1.0)


async def flood(port: int, portal_id: str, topics: int, rate: float, seconds: float) -> int:
    """Be the GX `portal_id` on the broker at `port` for `seconds`: answers keepalives with a full
    publish of `topics` topics and its echo, beats every 3 s, and sends `rate` changes a second
    while somebody keeps it alive. Returns how many changes it sent. Raises NotConnected."""
    stock = Stock(portal_id, topics)
    asked: list[bytes] = []
    keepalive = f"R/{portal_id}/keepalive"
    link = mqtt.Link(lambda topic, payload: asked.append(payload) if topic == keepalive else None)
    await link.start(port, f"flood-{portal_id}", (keepalive,))
    link.write(mqtt.publish(f"N/{portal_id}/system/0/Serial", encode(portal_id, None), retain=True))
    try:
        return await _run(link, stock, portal_id, asked, rate, seconds)
    finally:
        await link.stop()


async def _run(
    link: mqtt.Link,
    stock: Stock,
    portal_id: str,
    asked: list[bytes],
    rate: float,
    seconds: float,
) -> int:
    clock = asyncio.get_running_loop().time
    start = last = clock()
    alive_until = beat_at = 0.0
    ring = cycle(stock.ring)
    sent, owed = 0, 0.0
    while clock() - start < seconds:
        await asyncio.sleep(_SLICE_S)
        now = clock()
        if asked:
            alive_until = now + ALIVE_S
            _answer(link, stock, portal_id, asked)
        if now < alive_until:
            owed += rate * (now - last)
            due = int(owed)
            owed -= due
            link.write(b"".join(next(ring) for _ in range(due)))
            sent += due
            if now >= beat_at:
                beat_at = now + HEARTBEAT_TICKS
                beat = completed(None, int(time.time()))
                link.write(mqtt.publish(f"N/{portal_id}/heartbeat", beat))
        last = now
        await link.drained()
    return sent


def _answer(link: mqtt.Link, stock: Stock, portal_id: str, asked: list[bytes]) -> None:
    for payload in asked:
        if b"suppress-republish" not in payload:
            done = completed(echo_of(payload), int(time.time()))
            link.write(stock.full)
            link.write(mqtt.publish(f"N/{portal_id}/full_publish_completed", done))
    asked.clear()
