"""The load over time by source, with the state of charge below."""

from collections.abc import Sequence
from itertools import pairwise

from collector.model.report.series import Profile, Values
from reporting.render.charts.plot import Key, Plot
from reporting.render.charts.sheet import Sheet
from reporting.render.charts.theme import INK, SOURCES, Pen
from reporting.render.charts.thin import any_of, edges_of, line, thinned
from reporting.render.charts.when import across, time_axis
from reporting.render.locale import Reader

_LOAD = Pen(INK, 1.0)
_SOC = Pen("#a6437f", 1.1, (4, 1.5))


def load_by_source(profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """Areas of what each source gave, stacked, the load as a line, SOC on an axis to the right."""
    profile = thinned(profile)
    edges = edges_of(profile, to_ms)
    soc = any_of(profile.soc_pct)
    sources = _sources(profile)
    levels = _stacked([values for _, values in sources], len(profile.load_kw))
    sheet = Sheet(2.3, name)
    drawn = Plot(
        sheet,
        across(profile.from_ms, to_ms),
        (0, _top(levels[-1], profile.load_kw)),
        right=0.42 if soc else 0.12,
        top=0.42,
    )
    drawn.levels("kW")
    time_axis(drawn, reader, profile.from_ms, to_ms)
    keys = []
    for (source, _), (low, high) in zip(sources, pairwise(levels), strict=True):
        look = SOURCES[source]
        edge = "#00000055" if look.hatch else ""
        drawn.area(edges, low, high, Pen(edge, 0, (), look.colour, look.hatch))
        keys.append(Key(look.name, Pen("#00000066", 0.3, (), look.colour, look.hatch)))
    drawn.steps(edges, line(profile.load_kw), _LOAD)
    keys.append(Key("Load", _LOAD, line=True))
    if soc:
        _soc(drawn, profile, edges)
        keys.append(Key("State of charge", _SOC, line=True))
    drawn.legend(keys)
    drawn.base()
    return sheet.svg()


def _sources(profile: Profile) -> list[tuple[str, Values]]:
    given = (
        ("grid", profile.grid_kw),
        ("generator", profile.generator_kw),
        ("pv", profile.pv_kw),
        ("battery", profile.battery_kw),
    )
    return [(name, values) for name, values in given if any(value for value in values)]


def _stacked(rows: Sequence[Values], count: int) -> list[list[float]]:
    """The heights between the sources' areas, from nought on; what is unknown adds nothing."""
    levels = [[0.0] * count]
    for values in rows:
        levels.append(
            [low + max(value or 0.0, 0.0) for low, value in zip(levels[-1], values, strict=True)]
        )
    return levels


def _soc(drawn: Plot, profile: Profile, edges: Sequence[float]) -> None:
    right = drawn.with_scale((0, 100))
    right.steps(edges, line(profile.soc_pct), _SOC)
    for value in (0, 50, 100):
        right.note(
            str(value), (right.across[1], value), "left", "middle", (2, 0), colour=_SOC.stroke
        )
    right.above("SOC %", 1.0, "right", dx=24, colour=_SOC.stroke)


def _top(highest: Sequence[float], load: Values) -> float:
    most = max(max(highest, default=0.0), max((v for v in load if v is not None), default=0.0))
    return most * 1.06 or 1.0
