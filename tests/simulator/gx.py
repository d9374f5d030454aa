"""A simulated GX with a clock in the test's hand, and what it sent."""

import json
from typing import Any

from collector.simulator.compose import compose
from collector.simulator.gx import build
from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.unit import Gx
from collector.simulator.physics.plant import Plant


class Bench:
    """One GX of a composed site. `said` holds (tail of topic, payload, retained)."""

    def __init__(self, assets: int = 12, index: int = 0) -> None:
        self.now = 1000.0
        self.layout = compose(assets, 5, self.wall)
        self.plant = Plant(self.layout.parts, 5, 13.0)
        self.plant.step(30)
        self.plan: GxPlan = self.layout.gxs[index].plan
        self.said: list[tuple[str, bytes, bool]] = []
        self.gx = Gx(
            self.plan.portal_id,
            build.services(self.plan, self.wall),
            gone=self.plan.gone,
            send=self._keep,
            clock=lambda: self.now,
            wall=self.wall,
        )
        self.topics = sum(len(s.values) for s in self.gx.services.values())

    def wall(self) -> float:
        """UTC seconds."""
        return 1_795_000_000 + self.now

    def _keep(self, topic: str, payload: bytes, retain: bool) -> None:
        prefix = f"N/{self.plan.portal_id}/"
        assert topic.startswith(prefix)
        self.said.append((topic.removeprefix(prefix), payload, retain))

    def take(self) -> list[tuple[str, bytes, bool]]:
        """What was said since the last call."""
        said, self.said = self.said, []
        return said

    def send(self, topic: str, payload: bytes | str = b"") -> list[tuple[str, bytes, bool]]:
        """Publish below `R/` or `W/` (the portal id is put in); what came of it."""
        verb, _, tail = topic.partition("/")
        raw = payload.encode() if isinstance(payload, str) else payload
        self.gx.received(f"{verb}/{self.plan.portal_id}/{tail}", raw)
        return self.take()

    def pass_s(self, seconds: int, *, plant: bool = True) -> list[tuple[str, bytes, bool]]:
        """Let seconds pass; what was said."""
        for _ in range(seconds):
            self.now += 1
            if plant:
                self.plant.step(1.0)
            self.gx.tick()
        return self.take()


def values(said: list[tuple[str, bytes, bool]]) -> dict[str, Any]:
    """The last value of each topic; a vanished one is `...`."""
    return {tail: json.loads(raw)["value"] if raw else ... for tail, raw, _ in said}


def names(said: list[tuple[str, bytes, bool]]) -> list[str]:
    """The topics in order."""
    return [tail for tail, _, _ in said]
