"""The figures of a display, each with how far it may be believed. Pure."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.snapshot import Snapshot, Total
from ovr_tui.console.band import boxes
from ovr_tui.console.format import ABSENT, Figure, Trust, figure, number, span
from ovr_tui.console.kiosk.wish import Name
from ovr_tui.console.now import Now
from ovr_tui.console.text import Tone
from ovr_tui.console.unheard import missing, unheard

GONE_S = 60.0
"""After how long without the present a crew's display shows no figure any more; a public one
shows none at once."""
LEAST_W = 500.0
"""What flows on a site at rest: no share is told of less."""
NOT_AVAILABLE = "not available"


class Tile(Struct, frozen=True, kw_only=True):
    """One figure: `text` is to be drawn big, `""` if it is not available. `note` goes with it,
    `lacks` says what is missing from it; with no figure left, a crew's display alone says so."""

    name: Name
    title: str
    text: str = ""
    unit: str = ""
    tone: Tone = "bold"
    note: str = ""
    lacks: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """A figure before it is written."""

    title: str
    shown: Figure
    unit: str
    decimals: int
    note: str = ""
    left_out: int = 0
    unverified: bool = False


def available(now: Now, *, public: bool) -> bool:
    """Whether figures may be shown at all."""
    if now.snapshot is None:
        return False
    return now.stale_s is None or (not public and now.stale_s <= GONE_S)


def site_ms(now: Now) -> int:
    """The time of the site: of the snapshot, and how old that is."""
    if now.snapshot is None:
        return now.wall_ms
    return now.snapshot.at_ms + round((now.stale_s or 0.0) * 1000)


def tiles(now: Now, names: Sequence[Name], *, public: bool) -> list[Tile]:
    """These figures, but for what the site does not have."""
    shot = now.snapshot
    if shot is None:
        return []
    told = {name: _TELL[name](now, shot) for name in names}
    return [
        _tile(name, one, now, public=public)
        for name, one in told.items()
        if one.shown.trust is not Trust.ABSENT
    ]


def _tile(name: Name, told: Told, now: Now, *, public: bool) -> Tile:
    if not available(now, public=public):
        return Tile(name=name, title=told.title, tone="dim")
    known = now.stale_s is None
    value, trust = told.shown
    lacks = ""
    if told.left_out:
        lacks = "partial" if public else f"partial: {told.left_out} out"
    elif told.unverified and not public:
        lacks = "unverified"
    if value is None or (public and trust is not Trust.GOOD):
        return Tile(name=name, title=told.title, tone="dim", lacks="" if public else lacks)
    text = number(value, told.decimals)
    note = told.note if known or not told.note else f"({told.note})"
    stale = not known or trust is not Trust.GOOD
    return Tile(
        name=name,
        title=told.title,
        text=f"({text})" if stale else text,
        unit=told.unit,
        tone="dim" if stale else "bold",
        note=note,
        lacks=lacks,
    )


def _total(totals: Mapping[str, Total], name: str) -> tuple[Figure, int, bool]:
    """A total, how many assets are missing from it, whether it may count a flow twice."""
    total = totals.get(name)
    if total is None:
        return ABSENT, 0, False
    doubt, out = bool(total.unverified), len(total.left_out)
    if total.value is None:
        return Figure(None, Trust.INVALID if total.partial else Trust.ABSENT), out, doubt
    return Figure(total.value, Trust.GOOD), out, doubt


def _power(title: str, quantity: str, *, box: str = "") -> Callable[[Now, Snapshot], Told]:
    def tell(now: Now, shot: Snapshot) -> Told:
        shown, _, doubt = _total(shot.totals, quantity)
        note = next((one.note for one in boxes(now) if one.title == box), "").strip("()")
        value = None if shown.value is None else shown.value / 1000
        return Told(
            title=title,
            shown=Figure(value, shown.trust),
            unit="kW",
            decimals=1 if value is None or abs(value) < 1000 else 0,
            note=note,
            left_out=missing(shot, quantity),
            unverified=doubt,
        )

    return tell


def _energy(title: str, quantity: str) -> Callable[[Now, Snapshot], Told]:
    def tell(_: Now, shot: Snapshot) -> Told:
        shown, out, doubt = _total(shot.today, quantity)
        return Told(
            title=title,
            shown=shown,
            unit="kWh",
            decimals=1 if shown.value is None or abs(shown.value) < 100 else 0,
            left_out=out,
            unverified=doubt,
        )

    return tell


def _grid(now: Now, shot: Snapshot) -> Told:
    told = _power("GRID", "grid_power_w")(now, shot)
    value = told.shown.value
    if value is None:
        return told
    way = "delivered to it" if value < -0.05 else "taken from it" if value > 0.05 else ""
    return Told(
        title=told.title,
        shown=Figure(abs(value), told.shown.trust),
        unit=told.unit,
        decimals=told.decimals,
        note=way,
        left_out=told.left_out,
    )


def share(shot: Snapshot) -> tuple[Figure, int]:
    """How much of all that is delivered now comes from batteries and sun, in per cent, and how many
    assets are missing from that.

    Delivered is what generators, grid and sun give, and batteries where they give; where loads,
    batteries and grid take more than that, what they take: the rest comes from what nobody meters.
    Unknown when one of the sources is, or when next to nothing flows.
    """
    names = [f"{source}_power_w" for source in ("pv", "battery", "generator", "grid")]
    found = [_total(shot.totals, name)[0] for name in names]
    kept = [total for name in names if (total := shot.totals.get(name)) is not None]
    gone = {asset for total in kept for asset in total.left_out}
    out = max(len(gone), *(missing(shot, name) for name in names))
    if all(shown.trust is Trust.ABSENT for shown in found[:2]):
        return ABSENT, 0
    if any(shown.trust is Trust.INVALID for shown in found):
        return Figure(None, Trust.INVALID), out
    pv, battery, generator, grid = (shown.value or 0.0 for shown in found)
    load = _total(shot.totals, "load_power_w")[0].value or 0.0
    clean = max(0.0, pv) + max(0.0, -battery)
    delivered = clean + max(0.0, generator) + max(0.0, grid)
    taken = max(0.0, load) + max(0.0, battery) + max(0.0, -grid)
    whole = max(delivered, taken)
    if whole < LEAST_W:
        return Figure(None, Trust.INVALID), out
    return Figure(clean / whole * 100, Trust.GOOD), out


def _renewable(_: Now, shot: Snapshot) -> Told:
    shown, out = share(shot)
    return Told(title="FROM BATTERY AND SUN", shown=shown, unit="%", decimals=0, left_out=out)


def _battery(now: Now, shot: Snapshot) -> Told:
    """The emptiest battery and its own time left: nobody knows how big each is, so there is no
    mean."""
    views = [view for view in shot.assets if view.kind is AssetKind.BESS]
    levels = [figure(view.readings.get("battery_soc_pct"), view.status) for view in views]
    known = {
        view.id: shown.good
        for view, shown in zip(views, levels, strict=True)
        if shown.good is not None
    }
    there = [shown for shown in levels if shown.trust is not Trust.ABSENT]
    least, most = min(known.values(), default=None), max(known.values(), default=0.0)
    left = [
        value
        for view in views
        if known.get(view.id) == least
        and (value := figure(view.readings.get("time_to_go_s"), view.status).good) is not None
    ]
    notes = [f"fullest {number(most, 0)} %"] if len(known) > 1 else []
    if left:
        notes.append(f"{_minutes(min(left))} left")
    missing = Trust.INVALID if there else Trust.ABSENT
    return Told(
        title="BATTERY" if len(there) < 2 else "EMPTIEST BATTERY",
        shown=Figure(None, missing) if least is None else Figure(least, Trust.GOOD),
        unit="%",
        decimals=0,
        note=f" {now.glyphs.bar} ".join(notes),
        left_out=len(there) - len(known) + len(unheard(shot, "battery_power_w")),
    )


def _minutes(seconds: float) -> str:
    """A duration; what a battery has left is known to the minute at best."""
    return span(seconds) if seconds >= 100 else f"{max(0, int(seconds // 60))} min"


_TELL: Mapping[Name, Callable[[Now, Snapshot], Told]] = {
    Name.LOAD: _power("SITE POWER", "load_power_w"),
    Name.RENEWABLE: _renewable,
    Name.GENERATOR: _power("GENERATORS", "generator_power_w", box="GENERATOR"),
    Name.PV: _power("SUN", "pv_power_w"),
    Name.BATTERY: _battery,
    Name.GRID: _grid,
    Name.TODAY: _energy("SERVED TODAY", "load_energy_kwh"),
    Name.PV_TODAY: _energy("FROM THE SUN TODAY", "pv_energy_kwh"),
    Name.GENERATOR_TODAY: _energy("FROM GENERATORS TODAY", "generator_energy_kwh"),
}
