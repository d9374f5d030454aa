"""Which measurements a chart shows: up to four, of two units at most. Pure."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from collector.model.catalogue import CATALOGUE, MAIN_POWER
from collector.model.snapshot import AssetView
from ovr_tui.console.charts.render import MOST
from ovr_tui.console.format import scale

UNITS = 2
"""One for each axis."""


def chart_keys(view: AssetView) -> list[str]:
    """What can be charted, in the catalogue's order: every gauge without its phases, then with
    them."""
    gauges = [
        key
        for measurement in CATALOGUE.values()
        if measurement.type == "gauge"
        for key in measurement.keys
        if key in view.readings
    ]
    whole = [key for key in gauges if "." not in key]
    return whole + [key for key in gauges if "." in key]


class Choice(Struct, frozen=True, kw_only=True):
    """A person's choice for a kind of asset: what stays (`picked`), where they are, and whether
    they see only that (`alone`)."""

    picked: tuple[str, ...] = ()
    at: str = ""
    alone: bool = False

    def place(self, view: AssetView) -> str:
        """Where they are among the asset's measurements: its main power if nowhere; "" where there
        is nothing to chart."""
        keys = chart_keys(view)
        wanted = self.at or MAIN_POWER.get(view.kind, "")
        return wanted if wanted in keys else keys[0] if keys else ""

    def shown(self, view: AssetView) -> list[str]:
        """What is drawn: what is picked, and where they are if it fits to it."""
        place = self.place(view)
        if self.alone:
            return [place] if place else []
        keys = [key for key in self.picked if key in view.readings]
        if place and place not in keys and not _too_much([*keys, place]):
            keys.append(place)
        return keys

    def moved(self, by: int, view: AssetView) -> "Choice":
        """To the next measurement, or another one."""
        keys = chart_keys(view)
        if not keys:
            return self
        return replace(self, at=keys[(keys.index(self.place(view)) + by) % len(keys)])

    def focused(self, view: AssetView) -> tuple["Choice", str]:
        """Only where they are, or again with what is kept; why that is no difference."""
        if not self.alone and len(self.shown(view)) <= 1:
            return self, "no other measurement is in the chart: m keeps this one, ] adds the next"
        return replace(self, alone=not self.alone), ""

    def toggled(self, view: AssetView) -> tuple["Choice", str]:
        """Keep where they are, or let it go; why it cannot be kept."""
        place = self.place(view)
        kept = tuple(key for key in self.picked if key in view.readings)
        if place in kept:
            return replace(self, at=place, picked=tuple(key for key in kept if key != place)), ""
        problem = _too_much([*kept, place])
        return (self, problem) if problem else (replace(self, at=place, picked=(*kept, place)), "")


def _too_much(keys: Sequence[str]) -> str:
    if len(keys) > MOST:
        return f"{MOST} at most: m takes one away"
    units = list(dict.fromkeys(scale(key).unit for key in keys))
    if len(units) > UNITS:
        names = " and ".join(unit or "no unit" for unit in units[:UNITS])
        return f"two units at most: {names} are there"
    return ""
