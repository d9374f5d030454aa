"""What one has to know of a plant before commanding it, live from the snapshot. Pure."""

from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import OffersAnswer
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.charts.view import find
from ovr_tui.console.columns import STATUS_TONE, STATUS_WORD
from ovr_tui.console.format import Figure, inline, scale, scaled, span
from ovr_tui.console.now import Now
from ovr_tui.console.rows import aged
from ovr_tui.console.text import Line, Piece, fit, width

NAME_CELLS = 18
NO_PIN = (
    "No PIN is set on this node, so consoles offer no commands.",
    "Set one in a shell on the node: ovr control --set-pin",
)
_GENERATOR = ("generator_state", "generator_power_w", "engine_speed_rpm", "fuel_level_pct")
_PLANT = ("load_power_w", "battery_soc_pct", "ac_source", "battery_power_w", "grid_power_w",
          "generator_power_w", "inverter_state", "inverter_mode")  # fmt: skip
_TURNED = {"battery_power_w": ("into the battery", "from the battery"),
           "grid_power_w": ("from the grid", "into the grid")}  # fmt: skip
_NAMES = {
    "load_power_w": "loads take", "battery_soc_pct": "battery", "ac_source": "fed by",
    "generator_power_w": "generator gives", "inverter_state": "inverter is",
    "inverter_mode": "inverter mode", "generator_state": "generator is",
    "engine_speed_rpm": "engine turns at", "fuel_level_pct": "fuel",
}  # fmt: skip


def facts(now: Now, asset: str) -> list[Line]:
    """How fresh the asset is, what its system does and what its plate says."""
    view, shot = find(now.snapshot, asset), now.snapshot
    if view is None or shot is None:
        return [((" No such asset now.", "warn"),)]
    lines = [_fresh(view, now)]
    keys = _GENERATOR if view.kind is AssetKind.GENERATOR else ()
    lines += _readings(view, shot, keys, now)
    main = find(shot, view.device) or view
    lines += _readings(main, shot, _PLANT if main.kind is AssetKind.BESS else (), now)
    rated = main.ratings.get("inverter_kva")
    if rated:
        lines.append(_fact("inverter carries", (f"{rated:g} kVA by its plate", "text")))
    return lines


def brief(now: Now, asset: str, cells: int) -> Line:
    """The same in one line: as much of what matters most as fits."""
    view, shot = find(now.snapshot, asset), now.snapshot
    if view is None or shot is None:
        return ((" No such asset now.", "warn"),)
    own = Sheet(view, shot, now.stale_s, now.glyphs)
    old = aged(view.age_s, now.stale_s)
    status = f" {now.glyphs.status[own.status]} {STATUS_WORD[own.status]}"
    heard = f" {span(old)}" if old is not None else ""
    line: Line = ((status + heard, STATUS_TONE[own.status]),)
    main = find(shot, view.device) or view
    plant = Sheet(main, shot, now.stale_s, now.glyphs)
    told = [(own, key) for key in _GENERATOR] if view.kind is AssetKind.GENERATOR else []
    told += [(plant, key) for key in _PLANT] if main.kind is AssetKind.BESS else []
    for sheet, key in told:
        if not sheet.has(key):
            continue
        more: Line = ((f" {now.glyphs.middle} {_name(sheet, key)} ", "dim"), _said(sheet, key))
        if width(line) + width(more) > cells:
            break
        line = (*line, *more)
    return line


def _fact(name: str, *pieces: Piece) -> Line:
    return ((f" {fit(name, NAME_CELLS)}", "dim"), *pieces)


def _fresh(view: AssetView, now: Now) -> Line:
    sheet = Sheet(view, now.snapshot, now.stale_s, now.glyphs) if now.snapshot else None
    status = sheet.status if sheet else view.status
    old = aged(view.age_s, now.stale_s)
    words = f"{now.glyphs.status[status]} {STATUS_WORD[status]}"
    heard = f", heard {span(old)} ago" if old is not None else ", never heard"
    return _fact("the asset is", (words + heard, STATUS_TONE[status]))


def _readings(view: AssetView, shot: Snapshot, keys: tuple[str, ...], now: Now) -> list[Line]:
    sheet = Sheet(view, shot, now.stale_s, now.glyphs)
    return [_fact(_name(sheet, key), _said(sheet, key)) for key in keys if key in view.readings]


def _name(sheet: Sheet, key: str) -> str:
    """What a reading is called; the way that a power flows stands here, not in a sign."""
    if key not in _TURNED:
        return _NAMES[key]
    return _TURNED[key][(sheet.figure(key).value or 0.0) < 0.0]


def _said(sheet: Sheet, key: str) -> Piece:
    if KEYS[key].states:
        return sheet.state(key)
    if key in _TURNED:
        value, trust = sheet.figure(key)
        how = scale(key)
        shown = scaled(Figure(None if value is None else abs(value), trust), how.by)
        return inline(shown, how.decimals, how.unit, sheet.glyphs.absent)
    return sheet.say(key)


def heard(now: Now, asset: str) -> bool:
    """Whether the asset is live in a picture that is the present."""
    view = find(now.snapshot, asset)
    return now.stale_s is None and view is not None and view.status is AssetStatus.LIVE


def barred(now: Now, asset: str, told: OffersAnswer | None) -> str:
    """Why no command can be given at the asset from this console now, whoever asks; "" when one
    can. What the PIN protects counts too."""
    if not now.link.attached:
        return "The collector is lost: nothing can be given."
    if now.unheard_s is not None:
        return f"The collector has said nothing for {span(now.unheard_s)}: nothing can be given."
    if now.paused_s is not None:
        return "The picture is held: space lets it go on, then a command can be given."
    view = find(now.snapshot, asset)
    if view is None:
        return "No such asset now."
    if told is None:
        return "The collector has not said yet what it offers."
    lockout = view.lockout or told.lockout
    if lockout is not None:
        return f"Locked out by {lockout.name}: nothing can be given here."
    if view.status is not AssetStatus.LIVE:
        reason = f": {view.reason}" if view.reason else ""
        return f"It is {view.status.value}{reason}. Nothing can be given until it is live."
    if told.why_not:
        return f"Nothing can be given now: {told.why_not}"
    if not told.pin:
        return NO_PIN[0]
    return "" if now.unlocked_s is not None else "Locked: U unlocks it with the PIN."
