"""Every value of an asset: its readings, and everything that its device says. Pure."""

from collections.abc import Iterator, Sequence

from collector.model.catalogue import CATALOGUE, split_key
from collector.model.kinds import Quality
from collector.model.raw import RawValue
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import RawAnswer
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.format import Figure, Trust, age, label, number, scale, state_word
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece, Tone, fit

VALUE, UNIT, AGE, QUALITY = 16, 6, 6, 8
TAIL = VALUE + UNIT + AGE + QUALITY + 2
PLACES = 3
"""Decimals of a raw value that is no whole number."""
_TONE: dict[str, Tone] = {"good": "dim", "stale": "warn", "bad": "warn"}


def header(cells: int) -> Line:
    """The titles of the columns."""
    name = fit(" NAME", cells - TAIL)
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
) -> list[Item]:
    """A row for each reading, then one for each raw series of the device."""
    rows = Rows(glyphs, cells)
    sheet = Sheet(view, shot, stale_s, glyphs)
    found = [Item(key="", line=((" READINGS", "head"),)), *rows.readings(sheet)]
    if raw is not None:
        device = fit(glyphs.text(raw.device), 30).rstrip()
        found.append(Item(key="", line=((f" ALL THAT {device} SAYS", "head"),)))
        later_s = (shot.at_ms - raw.at_ms) / 1000 + (stale_s or 0.0)
        found += rows.raw(raw.values, max(0.0, later_s), live=sheet.live)
    return found


class Rows:
    """Makes rows for a width."""

    def __init__(self, glyphs: Glyphs, cells: int) -> None:
        self._glyphs = glyphs
        self._name = cells - TAIL

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
                quality = reading.quality if sheet.live else max(reading.quality, Quality.STALE)
                old = (now_ms - reading.at_ms) / 1000
                yield self._item(
                    f"r {key}", f"{name}  {key}{said}", self._number(shown, how.decimals),
                    how.unit, old, quality.value,
                )  # fmt: skip

    def raw(self, values: Sequence[RawValue], later_s: float, *, live: bool) -> Iterator[Item]:
        """Of the device, `later_s` seconds after the answer."""
        for value in values:
            labels = " ".join(f"{key}={text}" for key, text in value.labels.items())
            name = f"{value.name} {labels}" if labels else value.name
            quality = value.quality if live or value.quality == "bad" else "stale"
            trust = Trust.GOOD if quality == "good" else Trust.STALE
            shown = Figure(value.value, trust if value.value is not None else Trust.INVALID)
            old = None if value.age_s is None else value.age_s + later_s
            whole = value.value is None or float(value.value).is_integer()
            text = self._number(shown, 0 if whole else PLACES)
            yield self._item(f"w {name}", name, text, "", old, quality)

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
        return text.rstrip() if len(text) > VALUE else text

    def _item(
        self, key: str, name: str, value: str, unit: str, old: float | None, quality: str
    ) -> Item:
        good = quality == "good"
        shown = self._glyphs.text(name)
        first: Piece = (f" {fit(shown, self._name - 1)}", "text" if good else "dim")
        line: Line = (
            first,
            (f"{fit(value, VALUE) if len(value) > VALUE else value.rjust(VALUE)} ",
             "bold" if good else "dim"),
            (fit(unit, UNIT), "dim"),
            (f"{age(old, self._glyphs.absent):>{AGE}}  ", "dim"),
            (fit(quality, QUALITY), _TONE[quality]),
        )  # fmt: skip
        return Item(key=key, line=line, text=shown)
