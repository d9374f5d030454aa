"""A whole collector that polls meters and an inverter behind servers that lie."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from collector.errors import ApiError
from collector.model.snapshot import Snapshot
from scripts.fuzz import maps
from scripts.fuzz.door import Say
from scripts.fuzz.frames import Hostile
from scripts.fuzz.outcome import Outcome, Quarters
from scripts.fuzz.patient import Patient, patient, value
from scripts.fuzz.server import Server

SITES = 6
STEP_S = 0.5
FAST_S = 0.2
TIMEOUT_S = 0.3
BACK_S = 75.0
"""The supervisor's longest pause between two tries, and a little."""
HONEST_PART = 0.85
"""So many answers are right: a device that fails three times in a row is left alone for up to a
minute, and lies to nobody meanwhile."""
CLOSE = 1e-3

Truth = dict[tuple[str, str], float]
"""By asset and key."""


UNITS: Mapping[int, dict[str, str]] = {
    1: {"kind": "acuvim"}, 2: {"kind": "acuvim"}, 3: {"kind": "acuvim"}, 4: {"kind": "fronius"},
    5: {"kind": "modbus", "profile": "example-meter"},
}  # fmt: skip
"""An ACUVIM II, an L, an AcuRev, a Fronius inverter, and a meter by profile."""


class _Sites:
    """Servers with all units each, and what is true of them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lies: bool | None = None
        self.truth: Truth = {}
        self.devices: list[dict[str, Any]] = []
        self.servers = [self._site(number) for number in range(SITES)]

    def _site(self, number: int) -> Server:
        watts = {unit: 10_000.0 * unit + 100 * number for unit in UNITS}
        units = {
            1: maps.acuvim_ii(watts[1], f"AH{number:08d}"),
            2: maps.acuvim_l(watts[2]),
            3: maps.acurev(watts[3], 10),
            4: maps.fronius(watts[4], f"33{number:06d}"),
            5: maps.example(watts[5], f"EX{number:06d}"),
        }
        for unit in units:
            name = f"d{number}-{unit}"
            key = "pv_power_w" if unit == 4 else "load_power_w"
            self.truth[name, key] = watts[unit]
        return Server(units, None)

    async def start(self) -> None:
        """Listen, and tell the registry's entries."""
        for number, server in enumerate(self.servers):
            await server.start()
            for unit, what in UNITS.items():
                self.devices.append(
                    {"id": f"d{number}-{unit}", **what, "host": "127.0.0.1", "port": server.port,
                     "unit": unit, "interval_s": FAST_S, "timeout_s": TIMEOUT_S}
                )  # fmt: skip

    def lie(self, contents: bool | None) -> None:
        """From now on: with senseless contents, with bad frames alone, or (None) not at all."""
        if contents is self._lies:
            return
        self._lies = contents
        for number, server in enumerate(self.servers):
            rng = random.Random(f"{self._seed} site {number} {contents}")
            server.hostile = (
                None if contents is None else Hostile(rng, contents=contents, honesty=HONEST_PART)
            )

    def right(self, seen: Snapshot | None) -> bool:
        """Whether every true value is live."""
        return all(
            (told := value(seen, asset, key)) is not None and abs(told / due - 1) < CLOSE
            for (asset, key), due in self.truth.items()
        )

    def live(self, seen: Snapshot | None) -> int:
        """How many of the true values are there, live, whatever they say."""
        return sum(value(seen, asset, key) is not None for asset, key in self.truth)

    def wrong(self, seen: Snapshot | None) -> str:
        """A value that is live and not true, in words."""
        for (asset, key), due in self.truth.items():
            told = value(seen, asset, key)
            if told is not None and abs(told / due - 1) >= CLOSE:
                return f"{asset} shows {key} = {told}, true is {due}"
        return ""

    @property
    def hostilities(self) -> int:
        """Hostile answers so far."""
        return sum(server.hostilities for server in self.servers)


async def run(count: int, seed: int, say: Say) -> Outcome:
    """`count` hostile answers in all: half of them bad frames alone, half of every kind."""
    outcome = Outcome(name="modbus, a whole collector", what="hostile answers")
    sites = _Sites(seed)
    await sites.start()
    try:
        async with patient(sites.devices) as whom:
            await _starts(whom, sites)
            await _hostilities(whom, sites, count, outcome, say)
            sites.lie(None)
            outcome.right_s = await _recovers(whom, sites, outcome)
            seen = await whom.look(outcome)
            drops: Counter[str] = Counter()
            for source in seen.sources if seen else ():
                drops.update(source.drops)
            outcome.drops = dict(drops)
            whom.said(outcome)
    finally:
        for server in sites.servers:
            await server.stop()
    for server in sites.servers:
        outcome.kinds = dict(Counter(outcome.kinds) + server.kinds)
    return outcome


async def _starts(whom: Patient, sites: _Sites) -> None:
    async with asyncio.timeout(BACK_S):
        while True:
            try:
                if sites.right(await whom.look(Outcome(name="start"))):
                    return
            except ApiError:
                pass
            await asyncio.sleep(STEP_S)


async def _hostilities(
    whom: Patient, sites: _Sites, count: int, outcome: Outcome, say: Say
) -> None:
    quarters = Quarters(outcome, count)
    checked = live = 0
    sites.lie(contents=False)
    while (done := sites.hostilities) < count:
        if done >= count / 2:
            sites.lie(contents=True)
        if quarters.pass_by(done, whom.rss_mb):
            say(f"{done:,} answers, {outcome.rss_mb[-1]:.1f} MB")
        seen = await whom.look(outcome)
        if seen is None:
            return
        if done < count / 2:
            checked += 1
            live += sites.live(seen)
            if wrong := sites.wrong(seen):
                outcome.fault(f"a wrong value is live: {wrong}")
        await asyncio.sleep(STEP_S)
    quarters.pass_by(done, whom.rss_mb)
    if not live:
        outcome.fault("nothing was live that could have been wrong")
    outcome.facts.append(
        f"while frames alone were bad: {checked} snapshots with {live:,} live values, none wrong"
    )


async def _recovers(whom: Patient, sites: _Sites, outcome: Outcome) -> float | None:
    began = time.monotonic()
    while time.monotonic() < began + BACK_S:
        if sites.right(await whom.look(outcome)):
            return time.monotonic() - began
        await asyncio.sleep(STEP_S)
    missing = [
        f"{asset} {key}"
        for (asset, key), due in sites.truth.items()
        if value(await whom.look(outcome), asset, key) != due
    ]
    outcome.fault(f"not right after {BACK_S:.0f} s: {', '.join(missing[:8])}")
    return None
