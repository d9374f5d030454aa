"""Every value of an asset: its readings, and everything that its device says. Pure."""

from collections.abc import Iterator, Sequence

from collector.model.catalogue import CATALOGUE, split_key
from collector.model.kinds import Quality
from collector.model.raw import RawValue
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import RawAnswer
from ovr_tui.console.asset.raw_units import raw_unit
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.format import Figure, Trust, age, label, number, scale, state_word
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece, Tone, fit

VALUE, UNIT, AGE, QUALITY = 16, 6, 6, 8
TAIL = VALUE + UNIT + AGE + QUALITY + 2
NAME = 72
"""No name is wider: its value is not to stand far away."""
HEAD = 8
"""So much of the beginning of a longer one stays."""
PLACES = 3
"""Decimals of a raw value that is no whole number."""
NO_UNIT = "no UNIT: a state, a count, or the device's own"
_TONE: dict[str, Tone] = {"good": "dim", "stale": "warn", "bad": "warn"}


def header(cells: int) -> Line:
    """The titles of the columns."""
    name = fit(" NAME", min(NAME, cells - TAIL))
    return (
        (f"{name}{'VALUE':>{VALUE}} {fit('UNIT', UNIT)}{'AGE':>{AGE}}  {fit('QUALITY', QUALITY)}",
         "head"),
    )  # fmt: skip


def items(
    view: AssetView,
    shot: Snapshot,
    raw: RawAnswer | None,
    stale_s: float | None,
    glyphs: Glyphs,
    cells: int,
    drawn: "Drawn | None" = None,
) -> list[Item]:
    """A row for each reading, then one for each raw series of the device; `drawn` keeps rows from
    one time to the next."""
    rows = Rows(glyphs, cells, {} if drawn is None else drawn)
    sheet = Sheet(view, shot, stale_s, glyphs)
    found = [Item(key="", line=((" READINGS", "head"),)), *rows.readings(sheet)]
    if raw is not None:
        device = fit(glyphs.text(raw.device), 30).rstrip()
        title: Line = ((f" ALL THAT {device} SAYS", "head"), (f"  {NO_UNIT}", "dim"))
        found.append(Item(key="", line=title))
        later_s = (shot.at_ms - raw.at_ms) / 1000 + (stale_s or 0.0)
        found += rows.raw(raw.values, max(0.0, later_s), live=sheet.live)
    return found


Drawn = dict[str, tuple[object, Item]]
"""Rows of raw values by their name, each with what it was made of: most say the same for long."""


class Rows:
    """Makes rows for a width; `drawn` are those that there were."""

    def __init__(self, glyphs: Glyphs, cells: int, drawn: Drawn) -> None:
        self._drawn = drawn
        self._glyphs = glyphs
        self._name = min(NAME, cells - TAIL)

    def readings(self, sheet: Sheet) -> Iterator[Item]:
        """Of the catalogue, in its order; with the key that the API and the files call them by."""
        now_ms = sheet.shot.at_ms + round((sheet.stale_s or 0.0) * 1000)
        for measurement in CATALOGUE.values():
            for key in measurement.keys:
                reading = sheet.view.readings.get(key)
                if reading is None:
                    continue
                phase = split_key(key)[1]
                name = f"{label(key)}{' ' + phase if phase else ''}"
                shown, how = sheet.read(key), scale(key)
                said = ""
                if measurement.states and shown.value is not None:
                    said = f" {state_word(measurement, shown.value)}"
                kept = sheet.live or reading.quality is Quality.BAD
                old = age((now_ms - reading.at_ms) / 1000)
                yield self._item(
                    f"r {key}", f"{name}  {key}{said}", self._number(shown, how.decimals),
                    how.unit, old, (reading.quality if kept else Quality.STALE).value,
                )  # fmt: skip

    def raw(self, values: Sequence[RawValue], later_s: float, *, live: bool) -> Iterator[Item]:
        """Of the device, `later_s` seconds after the answer."""
        for value in values:
            labels = " ".join(f"{key}={text}" for key, text in value.labels.items())
            name = f"{value.name} {labels}" if labels else value.name
            quality = value.quality if live or value.quality == "bad" else "stale"
            seconds = None if value.age_s is None else value.age_s + later_s
            old = age(seconds, self._glyphs.absent)
            now = (value.value, quality, old, self._name, self._glyphs.name)
            unit = self._glyphs.text(value.unit) or raw_unit(value.name)
            before = self._drawn.get(name)
            if before is None or before[0] != now:
                item = self._item(f"w {name}", name, self._raw(value, quality), unit, old, quality)
                before = self._drawn[name] = (now, item)
            yield before[1]

    def _raw(self, value: RawValue, quality: str) -> str:
        trust = Trust.GOOD if quality == "good" else Trust.STALE
        shown = Figure(value.value, trust if value.value is not None else Trust.INVALID)
        whole = value.value is None or float(value.value).is_integer()
        return self._number(shown, 0 if whole else PLACES)

    def _number(self, shown: Figure, decimals: int) -> str:
        """Aligned on the decimal, which has its place though a number has none."""
        if shown.value is None:
            text = "--" if shown.trust is Trust.INVALID else self._glyphs.absent
        else:
            text = number(shown.value, decimals)
        if shown.trust is Trust.STALE:
            text = f"({text})"
        rest = PLACES - decimals + (decimals == 0) - (shown.trust is Trust.STALE)
        text = f"{text}{' ' * max(0, rest)}"
        if len(text) > VALUE and shown.value is not None:
            text = f"({shown.value:.6g})" if shown.trust is Trust.STALE else f"{shown.value:.6g}"
        return text

    def _item(self, key: str, name: str, value: str, unit: str, old: str, quality: str) -> Item:
        good = quality == "good"
        shown = self._glyphs.text(name)
        first: Piece = (f" {_inside(shown, self._name - 1)}", "text" if good else "dim")
        line: Line = (
            first,
            (f"{value:>{VALUE}} ", "bold" if good else "dim"),
            (fit(unit, UNIT), "dim"),
            (f"{old:>{AGE}}  ", "dim"),
            (fit(quality, QUALITY), _TONE[quality]),
        )  # fmt: skip
        return Item(key=key, line=line, text=shown)


def _inside(name: str, cells: int) -> str:
    """A name in so many cells, cut in its middle: what tells it from others is mostly its end."""
    if not name.isascii() or len(name) <= cells:
        return fit(name, cells)
    return f"{name[:HEAD]}…{name[len(name) - cells + HEAD + 1 :]}"
