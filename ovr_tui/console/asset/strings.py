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


NAME_CELLS = 12
OLD_MS = 15_000
"""It is asked for every few seconds; an older answer is not the present."""
Part = tuple[str, str]
"""A kind of unit, and which of them: `solarcharger`, `278`."""
Strings = dict[str, dict[str, RawValue]]
"""By the name of a tracker or string ("": the whole array) its values by their units."""


def strings(sheet: Sheet, raw: RawAnswer | None) -> Block:
    """A row for each tracker or string of the asset with power, volts and amps. Where the collector
    does not say which of its device's units the asset is, those of all of the kind, each with the
    unit's number; nothing where the device says nothing of them. What was asked for long ago, as
    no newer answer came, is as stale as that of a device that is not live."""
    if raw is None:
        return Block(title="", lines=())
    found = _of(sheet, raw)
    live = sheet.live and sheet.shot.at_ms - raw.at_ms <= OLD_MS
    rows = sorted(
        ((*part, name), values) for part, told in found.items() for name, values in told.items()
    )
    if not rows:
        return Block(title="", lines=())
    names = [_name(unit, name, several=len(found) > 1) for (_, unit, name), _ in rows]
    wide = max(NAME_CELLS, *(len(name) for name in names))
    units: list[Piece] = [(f"{unit:>{cells - 1}} ", "head") for unit, cells, _ in COLUMNS]
    lines: list[Line] = [((f" {'STRINGS':<{wide}}", "head"), *units)]
    for name, (_, values) in zip(names, rows, strict=True):
        pieces: list[Piece] = [(f" {sheet.glyphs.text(name):<{wide}}", "dim")]
        for unit, cells, places in COLUMNS:
            shown = _figure(values.get(unit), live=live)
            pieces.append(cell(shown, places, cells, sheet.glyphs.absent))
        lines.append(tuple(pieces))
    return Block(title="", lines=lines)


def _name(unit: str, name: str, *, several: bool) -> str:
    return f"{unit[:8]} {name or 'array'}" if several else name or "array"


def _of(sheet: Sheet, raw: RawAnswer) -> dict[Part, Strings]:
    """The strings of the asset, or of all units of its kind."""
    kind, _, unit = raw.part.partition("/")
    if raw.part:
        told = _told(raw.values).get((kind, unit))
        return {(kind, unit): told} if told else {}
    role = sheet.view.id.partition(".")[2]
    kinds = SERVICES.get(role.partition("-")[0], ())
    return {part: told for part, told in _told(raw.values).items() if part[0] in kinds}


def _told(values: Iterable[RawValue]) -> dict[Part, Strings]:
    """All strings of a device; of a unit that has trackers each of these, else its array."""
    trackers: dict[Part, Strings] = defaultdict(lambda: defaultdict(dict))
    arrays: dict[Part, Strings] = defaultdict(lambda: defaultdict(dict))
    for value in values:
        labels = value.labels
        if hit := _FRONIUS.match(value.name):
            if module := labels.get("module", ""):
                trackers["fronius", ""][f"string {module}"][_FRONIUS_UNIT[hit[1]]] = value
        elif hit := _TRACKER.match(value.name):
            part = hit[1], labels.get("instance", "")
            trackers[part][f"tracker {int(hit[2]) + 1}"][_VICTRON_UNIT[hit[3]]] = value
        elif hit := _PANELS.match(value.name):
            part = hit[1], labels.get("instance", "")
            arrays[part][""][_VICTRON_UNIT[hit[2] or hit[3]]] = value
    return {**arrays, **trackers}


def _figure(value: RawValue | None, *, live: bool) -> Figure:
    if value is None:
        return Figure(None, Trust.ABSENT)
    if value.value is None:
        return Figure(None, Trust.INVALID)
    good = live and value.quality == "good"
    return Figure(value.value, Trust.GOOD if good else Trust.STALE)
