"""Snapshot → rows of the assets table. Pure; nothing here is formatted or coloured yet."""

from collections.abc import Iterable

from msgspec import Struct

from collector.model.alarm import Alarm
from collector.model.catalogue import KEYS, MAIN_POWER
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.alarms.words import of_assets
from ovr_tui.console.format import ABSENT, Figure, Trust, figure, span, state_word

SHORT_KIND = {
    AssetKind.BESS: "bess",
    AssetKind.GENERATOR: "gen",
    AssetKind.GRID: "grid",
    AssetKind.LOAD: "load",
    AssetKind.PV: "pv",
    AssetKind.TANK: "tank",
}
SEVERITY = {
    AssetStatus.WRONG: 0,
    AssetStatus.LOST: 1,
    AssetStatus.STALE: 2,
    AssetStatus.WAITING: 3,
    AssetStatus.LIVE: 4,
    AssetStatus.DISABLED: 5,
}
_PHASES = ("L1", "L2", "L3")
_STATES: dict[AssetKind, tuple[str, ...]] = {
    AssetKind.BESS: ("inverter_state", "battery_state"),
    AssetKind.GENERATOR: ("generator_state",),
    AssetKind.GRID: (),
    AssetKind.LOAD: (),
    AssetKind.PV: ("pv_state", "inverter_state"),
    AssetKind.TANK: (),
}
"""Which state says best what an asset does."""


class Row(Struct, frozen=True, kw_only=True):
    """One asset as the table shows it; its figures are looked up when they are asked for, as most
    rows are out of sight. `depth` is 1 for a role below its device's main asset; `alarms` are its
    open ones, the most urgent first."""

    view: AssetView
    status: AssetStatus
    reason: str
    age_s: float | None
    depth: int = 0
    alarms: tuple[Alarm, ...] = ()

    @property
    def id(self) -> str:
        """The asset."""
        return self.view.id

    @property
    def device(self) -> str:
        """The device that measures it."""
        return self.view.device

    @property
    def name(self) -> str:
        """What people call it."""
        return self.view.name or self.view.id

    @property
    def kind(self) -> AssetKind:
        """Its kind."""
        return self.view.kind

    @property
    def system(self) -> str:
        """The system that it belongs to."""
        return self.view.system

    @property
    def hints(self) -> tuple[str, ...]:
        """The notes for people."""
        return self.view.notes

    @property
    def state(self) -> str:
        """What it does, in the catalogue's words, in brackets when that is not known to hold now;
        empty where it has no such state."""
        return _state(self.view, self.status)

    @property
    def power(self) -> Figure:
        """Its main power, W."""
        return self._figure(MAIN_POWER.get(self.kind))

    @property
    def soc(self) -> Figure:
        """Its state of charge, or how full its tank is, %."""
        tank = self.kind in (AssetKind.TANK, AssetKind.GENERATOR)
        return self._figure("fuel_level_pct" if tank else "battery_soc_pct")

    @property
    def volts(self) -> Figure:
        """The lowest voltage between a phase and neutral, V."""
        return _extreme(self.view, self.status, "voltage_v", lowest=True)

    @property
    def amps(self) -> Figure:
        """The highest current of a phase, A."""
        return _extreme(self.view, self.status, "current_a", lowest=False)

    def _figure(self, key: str | None) -> Figure:
        return figure(self.view.readings.get(key), self.status) if key else ABSENT


def make_rows(snapshot: Snapshot, stale_s: float | None = None) -> list[Row]:
    """A row for each asset, roles right behind their device's main asset and one step deeper.

    `stale_s` is `Now.stale_s`: unless it is None nothing is live, and ages have grown by it.
    """
    alarms = of_assets(snapshot.alarms)
    return [make_row(view, stale_s, alarms.get(view.id, ())) for view in snapshot.assets]


def make_row(view: AssetView, stale_s: float | None = None, alarms: tuple[Alarm, ...] = ()) -> Row:
    """The row of one asset."""
    status, reason = standing(view, stale_s)
    return Row(
        view=view,
        status=status,
        reason=reason,
        age_s=aged(view.age_s, stale_s),
        depth=0 if view.id == view.device else 1,
        alarms=alarms,
    )


def standing(view: AssetView, stale_s: float | None) -> tuple[AssetStatus, str]:
    """An asset's status and why, as it may be shown in a picture that is `stale_s` old."""
    if stale_s is not None and view.status is AssetStatus.LIVE:
        return AssetStatus.STALE, f"the picture is {span(stale_s)} old"
    return view.status, view.reason


def aged(age_s: float | None, stale_s: float | None) -> float | None:
    """An age, grown by how old the picture is."""
    return None if age_s is None else age_s + (stale_s or 0.0)


def _state(view: AssetView, status: AssetStatus) -> str:
    for name in _STATES[view.kind]:
        shown = figure(view.readings.get(name), status)
        if shown.value is not None:
            word = state_word(KEYS[name], shown.value)
            return word if shown.trust is Trust.GOOD else f"({word})"
    return ""


def _extreme(view: AssetView, status: AssetStatus, name: str, *, lowest: bool) -> Figure:
    found = [
        figure(view.readings[key], status)
        for key in (f"{name}.{phase}" for phase in _PHASES)
        if key in view.readings
    ]
    known = [shown for shown in found if shown.value is not None]
    if not known:
        return Figure(None, Trust.INVALID) if found else ABSENT
    pick = min if lowest else max
    best = pick(known, key=lambda shown: shown.value or 0.0)
    stale = any(shown.trust is Trust.STALE for shown in known)
    return Figure(best.value, Trust.STALE if stale else Trust.GOOD)


def count_by_status(rows: Iterable[Row]) -> dict[AssetStatus, int]:
    """How many assets stand how; statuses that nobody has are left out."""
    counts: dict[AssetStatus, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    return counts
