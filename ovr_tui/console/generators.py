"""Which generators of the site run, as far as anybody tells. Pure."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.snapshot import Snapshot, Total
from ovr_tui.console.format import figure

_RUNNING = 3.0
"""`generator_state`: running."""

_ON_LOAD_W = 500.0
"""More than a meter's noise: a generator that gives this runs."""


class Running(Struct, frozen=True, kw_only=True):
    """How many of `all` generators run, and of how many it is not known now."""

    all: int
    running: int
    unknown: int

    @property
    def words(self) -> str:
        """`11 of 15 running, 1 unknown`; nothing without generators."""
        if not self.all:
            return ""
        unknown = f", {self.unknown} unknown" if self.unknown else ""
        return f"{self.running} of {self.all} running{unknown}"

    @property
    def short(self) -> str:
        """The same in fewer cells."""
        if not self.all:
            return ""
        unknown = f", {self.unknown} ?" if self.unknown else ""
        return f"{self.running} of {self.all} run{unknown}"


def running(shot: Snapshot) -> Running:
    """The generators of the total, each told of once."""
    total = shot.totals.get("generator_power_w")
    states = [] if total is None else _states(shot, total)
    return Running(all=len(states), running=states.count(_RUNNING), unknown=states.count(None))


def _states(shot: Snapshot, total: Total) -> list[float | None]:
    """The state of each generator of the total: its own, or that of what measures the same; what
    gives power runs, whatever says nothing of it; else that of the controller of its device. None
    where it is not known now."""
    told = {
        view.id: figure(view.readings["generator_state"], view.status).good
        for view in shot.assets
        if "generator_state" in view.readings
    }
    gives = {
        view.id
        for view in shot.assets
        if (figure(view.readings.get("generator_power_w"), view.status).good or 0.0) > _ON_LOAD_W
    }
    twins: dict[str, list[str]] = {}
    for check in total.checks:
        twins.setdefault(check.of, []).append(check.asset)
    controllers = _controllers(shot, total)
    states = []
    for member in (*total.counted, *total.left_out):
        names = (member, *twins.get(member, ()))
        known = (told[name] for name in names if told.get(name) is not None)
        beside = (told.get(controllers.get(name, "")) for name in names)
        other = next((state for state in beside if state is not None), None)
        states.append(next(known, _RUNNING if gives.intersection(names) else other))
    return states


def _controllers(shot: Snapshot, total: Total) -> Mapping[str, str]:
    """By asset: the generator of the same device that measures no power, and so stands in no total,
    where there is one and no other. It is the generator whose power the asset measures."""
    beside = dict.fromkeys((*total.counted, *total.left_out, *(c.asset for c in total.checks)))
    found: dict[str, list[str]] = {}
    for view in shot.assets:
        if view.kind is AssetKind.GENERATOR and view.id not in beside:
            found.setdefault(view.device, []).append(view.id)

    def pairs() -> Iterator[tuple[str, str]]:
        for view in shot.assets:
            if view.id in beside and len(found.get(view.device, ())) == 1:
                yield view.id, found[view.device][0]

    return dict(pairs())
