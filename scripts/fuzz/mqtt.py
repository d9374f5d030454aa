"""A whole collector that listens to a GX gone mad, an honest one, and a broker that is broken."""

import asyncio
import random
import time
from collections import Counter

from collector.model.snapshot import Snapshot, SourceHealth
from scripts.bench.parts import folder
from scripts.fuzz.broker import Broker
from scripts.fuzz.door import Say
from scripts.fuzz.gx import TRUE, Gx, mosquitto
from scripts.fuzz.outcome import Outcome, Quarters
from scripts.fuzz.patient import Patient, patient, value
from scripts.fuzz.payloads import Mad

CHUNK = 100
BURST = 2_000
AHEAD = 20_000
"""Messages that may be on their way: a broker's memory is not what is tried here."""
STEP_S = 0.1
LOOK_S = 1.0
BACK_S = 90.0
FLOWS, STILL_S = 20, 2.5
"""With fewer new messages for so long nothing that was sent is on its way any more: the rest is not
of the collector's topics, or went down with a connection."""
BROKEN_SOC = 44.5
MAD, HONEST, BROKEN = "mad", "honest", "broken"
RIGHT = {
    "battery_soc_pct": TRUE["system/0/Dc/Battery/Soc"],
    "battery_voltage_v": TRUE["system/0/Dc/Battery/Voltage"],
    "load_power_w": 3600.0,
}


async def run(count: int, seed: int, say: Say, *, broker: bool = True) -> Outcome:
    """Until the collector has received `count` hostile payloads from the mad GX. `broker`: one
    that breaks MQTT is there too."""
    outcome = Outcome(name="mqtt, a whole collector", what="hostile payloads received")
    rng = random.Random(f"{seed} mqtt")
    broken = Broker(random.Random(f"{seed} broker"), "c0ffee00bad0")
    with folder() as below, mosquitto(below) as port, mosquitto(below) as quiet:
        mad, honest = Gx("c0ffee000001", port), Gx("c0ffee000002", quiet)
        await broken.start()
        await mad.start()
        await honest.start()
        ports = {MAD: (port, mad.portal), HONEST: (quiet, honest.portal)}
        if broker:
            ports[BROKEN] = (broken.port, "c0ffee00bad0")
        devices = [
            {"id": name, "kind": "gx", "host": "127.0.0.1", "port": at, "portal_id": portal}
            for name, (at, portal) in ports.items()
        ]
        try:
            async with patient(devices) as whom:
                run = _Run(whom, mad, Mad(rng, mad.portal), broken, outcome, say)
                run.has_broker = broker
                await run.all(count)
                whom.said(outcome)
        finally:
            await mad.stop()
            await honest.stop()
            await broken.stop()
    return outcome


class _Run:
    def __init__(
        self, whom: Patient, mad: Gx, makes: Mad, broken: Broker, outcome: Outcome, say: Say
    ) -> None:
        self._whom = whom
        self._mad = mad
        self._makes = makes
        self._broken = broken
        self._outcome = outcome
        self._say = say
        self.has_broker = True
        self._looked_s = 0.0
        self._honest = Counter[bool]()

    async def all(self, count: int) -> None:
        """Start, lie, and speak properly again."""
        everybody = (MAD, HONEST, *((BROKEN,) if self.has_broker else ()))
        started = await self._until(everybody, Outcome(name="start"))
        if started is None:
            self._outcome.fault("it was not right even before the hostilities")
            return
        self._mad.proper = False
        self._broken.lies = True
        await self._lie(count)
        self._broken.lies = False
        await self._mad.mend()
        self._outcome.right_s = await self._until((MAD, HONEST), self._outcome)
        if self.has_broker:
            late_s = await self._until((BROKEN,), self._outcome)
            self._outcome.facts.append(
                f"the broker that broke MQTT was right {late_s or 0:.1f} s after that (it had been "
                "left alone for up to a minute)"
            )
        seen = await self._whom.look(self._outcome)
        source = _source(seen, MAD)
        self._outcome.drops = dict(source.drops) if source else {}
        if self._outcome.drops.get("fault of ours"):
            self._outcome.fault(f"{self._outcome.drops['fault of ours']} faults of ours")
        if self._honest[False]:
            self._outcome.fault(f"the honest GX was wrong in {self._honest[False]} snapshots")
        self._outcome.facts += [
            f"the honest GX beside it was live and right in {self._honest[True]} snapshots",
            f"the broken broker sent {self._broken.sent:,} packets on {self._broken.connects} "
            "connections",
            f"the broker threw the mad GX out {self._mad.refused} times",
            f"assets at the end: {len(seen.assets) if seen else 0}",
        ]

    async def _lie(self, count: int) -> None:
        before = _messages(await self._whom.look(self._outcome))
        quarters = Quarters(self._outcome, count)
        sent = got = 0
        moved_s = time.monotonic()
        while got < count:
            if time.monotonic() - moved_s > STILL_S:
                sent, moved_s = got, time.monotonic()
            if sent - got < AHEAD:
                for _ in range(BURST // CHUNK):
                    await self._mad.say([self._makes.message() for _ in range(CHUNK)])
                sent += BURST
            seen = await self._look()
            if seen is None:
                return
            now = _messages(seen) - before
            if now - got >= FLOWS:
                moved_s = time.monotonic()
            got = now
            if quarters.pass_by(min(got, count), self._whom.rss_mb):
                self._say(f"{got:,} payloads, {self._outcome.rss_mb[-1]:.1f} MB")

    async def _look(self) -> Snapshot | None:
        await asyncio.sleep(STEP_S)
        seen = await self._whom.look(self._outcome)
        if seen is not None and time.monotonic() > self._looked_s + LOOK_S:
            self._looked_s = time.monotonic()
            self._honest[_right(seen, HONEST)] += 1
        return seen

    async def _until(self, names: tuple[str, ...], outcome: Outcome) -> float | None:
        """How long it takes until these GX are live and right."""
        began = time.monotonic()
        while time.monotonic() < began + BACK_S:
            seen = await self._whom.look(outcome)
            if all(_right(seen, name) for name in names):
                return time.monotonic() - began
            await asyncio.sleep(STEP_S)
        for name in names:
            told = {key: value(seen, name, key) for key in RIGHT}
            source = _source(seen, name)
            self._outcome.fault(
                f"after {BACK_S:.0f} s {name} shows {told}; {source.state if source else ''} "
                f"{source.cause if source else ''}"
            )
        return None


def _right(seen: Snapshot | None, asset: str) -> bool:
    due = {"battery_soc_pct": BROKEN_SOC} if asset == BROKEN else RIGHT
    return all(value(seen, asset, key) == told for key, told in due.items())


def _source(seen: Snapshot | None, name: str) -> SourceHealth | None:
    return next((one for one in seen.sources if one.device == name), None) if seen else None


def _messages(seen: Snapshot | None) -> int:
    found = _source(seen, MAD)
    return found.messages if found else 0
