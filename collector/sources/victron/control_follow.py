"""What comes of a confirmed command later than its answer: an engine takes a minute to run."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from collector.model.control import ControlValue
from collector.sources.victron.control_effects import effect
from collector.sources.victron.control_spots import Services, Spot
from collector.sources.victron.derive.common import num
from collector.sources.victron.tree import Service

RUNNING, STOPPED = 1.0, 0.0
"""`generator/<n>/State`."""
FED_BY_GENERATOR = 2.0
OFF_STATES = frozenset({0.0, 1.0})
INVERTING = frozenset({9.0, 10.0, 256.0})


class Goal(NamedTuple):
    """What shall come of a command, in words and as a question, and within how many seconds."""

    words: str
    met: Callable[[Spot, Services], bool]
    within_s: float


def _running(spot: Spot, services: Services) -> bool:
    """The engine runs and feeds: the GX takes 5 minutes without AC for a failure."""
    system = services.get(("system", "0"))
    source = None if system is None else num(system.values, "Ac/ActiveIn/Source")
    return _state(spot.service) == RUNNING and source in (None, FED_BY_GENERATOR)


def _state(service: Service) -> float | None:
    return num(service.values, "State")


GOALS: Mapping[tuple[str, ControlValue], Goal] = {
    ("generator", "start"): Goal("runs and feeds", _running, 300.0),
    ("generator", "stop"): Goal("has stopped", lambda s, _: _state(s.service) == STOPPED, 900.0),
    ("mode", "off"): Goal("is off", lambda s, _: _state(s.service) in OFF_STATES, 30.0),
    ("mode", "on"): Goal("works", lambda s, _: _state(s.service) not in OFF_STATES, 30.0),
    ("mode", "inverter-only"): Goal(
        "inverts", lambda s, _: _state(s.service) in INVERTING, 30.0
    ),
}  # fmt: skip


class Follow:
    """One command that was confirmed at `began_s`, until its goal is met or its time is over."""

    def __init__(
        self, spot: Spot, goal: Goal, began_s: float, later: Callable[[str], None]
    ) -> None:
        self.spot = spot
        self.later = later
        self._goal = goal
        self._began_s = began_s

    def look(self, services: Services, now: float) -> tuple[str, bool] | None:
        """How it came out, in words, and whether well; None while nobody knows."""
        took = now - self._began_s
        now_words = effect(self.spot.effects)
        if self._goal.met(self.spot, services):
            return f"it {self._goal.words} after {took:.0f} s: {now_words}", True
        if took < self._goal.within_s:
            return None
        return (
            f"not within {took:.0f} s ({self._goal.words}): {now_words or 'nothing heard'}",
            False,
        )
