"""Snapshot → rows of the assets table. Pure; nothing here is formatted or coloured yet."""

from collections.abc import Iterable

from msgspec import Struct

from collector.model.catalogue import KEYS, MAIN_POWER
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.format import ABSENT, Figure, Trust, figure, span, state_word

SILENT_S = 3.0
"""After how long without a snapshot everything shown counts as stale."""

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
    """One asset as the table shows it. `power` in W, `soc` in %, `volts` is the lowest phase to
    neutral, `amps` the highest phase current; `hints` are the notes for people."""

    id: str
    device: str
    name: str
    kind: AssetKind
    system: str
    status: AssetStatus
    age_s: float | None
    reason: str
    state: str
    hints: tuple[str, ...]
    power: Figure
    soc: Figure
    volts: Figure
    amps: Figure
    depth: int = 0


def make_rows(snapshot: Snapshot, silent_s: float = 0.0) -> list[Row]:
    """A row for each asset, roles right behind their device's main asset and one step deeper.

    `silent_s` is how long ago the snapshot came: beyond SILENT_S nothing is live any more, and
    ages go on growing.
    """
    return [make_row(view, silent_s) for view in snapshot.assets]


def make_row(view: AssetView, silent_s: float = 0.0) -> Row:
    """The row of one asset."""
    status, reason = standing(view, silent_s)
    readings = view.readings
    main = MAIN_POWER.get(view.kind)
    return Row(
        id=view.id,
        device=view.device,
        name=view.name or view.id,
        kind=view.kind,
        system=view.system,
        status=status,
        age_s=aged(view.age_s, silent_s),
        reason=reason,
        state=_state(view),
        hints=view.notes,
        power=figure(readings.get(main), status) if main else ABSENT,
        soc=figure(readings.get(_level(view)), status),
        volts=_extreme(view, status, "voltage_v", lowest=True),
        amps=_extreme(view, status, "current_a", lowest=False),
        depth=0 if view.id == view.device else 1,
    )


def standing(view: AssetView, silent_s: float) -> tuple[AssetStatus, str]:
    """An asset's status and why, as it may be shown `silent_s` after its snapshot came."""
    if silent_s > SILENT_S and view.status is AssetStatus.LIVE:
        return AssetStatus.STALE, f"no word of the collector for {span(silent_s)}"
    return view.status, view.reason


def aged(age_s: float | None, silent_s: float) -> float | None:
    """An age, grown by the time since the snapshot came."""
    if age_s is None:
        return None
    return age_s + silent_s if silent_s > SILENT_S else age_s


def _level(view: AssetView) -> str:
    tank = view.kind in (AssetKind.TANK, AssetKind.GENERATOR)
    return "fuel_level_pct" if tank else "battery_soc_pct"


def _state(view: AssetView) -> str:
    for name in _STATES[view.kind]:
        found = view.readings.get(name)
        if found is not None and found.value is not None:
            return state_word(KEYS[name], found.value)
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
