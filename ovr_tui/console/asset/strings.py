"""The strings of PV: what its device says of each, by raw values. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable

from collector.model.raw import RawValue
from collector.wire import RawAnswer
from ovr_tui.console.asset.layout import Block
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.format import Figure, Trust, cell
from ovr_tui.console.text import Line, Piece

COLUMNS = (("W", 9, 0), ("V", 9, 1), ("A", 9, 2))
SERVICES = {
    "": ("fronius",),
    "mppt": ("solarcharger",),
    "pvinverter": ("pvinverter",),
    "pv": ("multi", "inverter"),
}
"""By the beginning of an asset's role (none: the device's own) what its units are called."""
_FRONIUS = re.compile(r"fronius_(?:mppt|\w*mppt\w*)_(dcw|dcv|dca)\Z")
_FRONIUS_UNIT = {"dcw": "W", "dcv": "V", "dca": "A"}
_TRACKER = re.compile(r"victron_(solarcharger|multi|pvinverter|inverter)_pv_(\d+)_(p|v|i)\Z")
_PANELS = re.compile(r"victron_(solarcharger|multi|inverter)_(?:pv_(v|i)|yield_(power))\Z")
_VICTRON_UNIT = {"p": "W", "v": "V", "i": "A", "power": "W"}


def strings(sheet: Sheet, raw: RawAnswer | None) -> Block:
    """A row for each tracker or string with power, volts and amps; nothing where the device says
    nothing of them, or it cannot be told which of its units this asset is."""
    found = _found(raw.values, _services(sheet)) if raw is not None else {}
    services = {place[:2] for place in found}
    if not found or len(services) > 1:
        return Block(title="", lines=())
    units: list[Piece] = [(f"{unit:>{cells - 1}} ", "head") for unit, cells, _ in COLUMNS]
    head: Line = ((f" {'STRINGS':<12}", "head"), *units)
    rows: list[Line] = [head]
    for (_, _, name), values in sorted(found.items()):
        pieces: list[Piece] = [(f" {name or 'array':<12}", "dim")]
        for unit, cells, places in COLUMNS:
            shown = _figure(values.get(unit), live=sheet.live)
            pieces.append(cell(shown, places, cells, sheet.glyphs.absent))
        rows.append(tuple(pieces))
    return Block(title="", lines=rows)


def _services(sheet: Sheet) -> tuple[str, ...]:
    """What the device calls the kind of unit that this asset is."""
    role = sheet.view.id.partition(".")[2]
    return SERVICES.get(role.partition("-")[0], ())


def _found(
    values: Iterable[RawValue], services: tuple[str, ...]
) -> dict[tuple[str, str, str], dict[str, RawValue]]:
    """Of these services: by service, its instance and the name of the string."""
    trackers: dict[tuple[str, str, str], dict[str, RawValue]] = defaultdict(dict)
    panels: dict[tuple[str, str, str], dict[str, RawValue]] = defaultdict(dict)
    for value in values:
        labels = value.labels
        if hit := _FRONIUS.match(value.name):
            module = labels.get("module", "")
            if module:
                trackers["fronius", "", f"string {module}"][_FRONIUS_UNIT[hit[1]]] = value
        elif hit := _TRACKER.match(value.name):
            place = (hit[1], labels.get("instance", ""), f"tracker {int(hit[2]) + 1}")
            trackers[place][_VICTRON_UNIT[hit[3]]] = value
        elif hit := _PANELS.match(value.name):
            unit = _VICTRON_UNIT[hit[2] or hit[3]]
            panels[hit[1], labels.get("instance", ""), ""][unit] = value
    mine = {place: told for place, told in trackers.items() if place[0] in services}
    return mine or {place: told for place, told in panels.items() if place[0] in services}


def _figure(value: RawValue | None, *, live: bool) -> Figure:
    if value is None:
        return Figure(None, Trust.ABSENT)
    if value.value is None:
        return Figure(None, Trust.INVALID)
    good = live and value.quality == "good"
    return Figure(value.value, Trust.GOOD if good else Trust.STALE)
