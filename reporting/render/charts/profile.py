"""The load over time by source, with the state of charge below."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from collector.model.report.series import Profile, Values
from reporting.render.charts.theme import (
    INK,
    SOURCES,
    Look,
    above,
    axes,
    figure,
    ruled,
    svg,
)
from reporting.render.charts.thin import any_of, edges_of, steps, thinned
from reporting.render.charts.when import time_axis
from reporting.render.locale import Reader

_SOC, _DASHES = "#a6437f", (0, (4, 1.5))


def load_by_source(profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """Areas of what each source gave, stacked, the load as a line, SOC on an axis to the right."""
    profile = thinned(profile)
    with ruled():
        made = figure(2.3, right=0.42 if any_of(profile.soc_pct) else 0.12, top=0.42)
        drawn = axes(made, "kW")
        edges = edges_of(profile, to_ms)
        base = [0.0] * len(profile.load_kw)
        shown: list[Look] = []
        for source, values in _sources(profile):
            base = _area(drawn, edges, base, values, SOURCES[source])
            shown.append(SOURCES[source])
        steps(drawn, edges, profile.load_kw, color=INK, linewidth=1.0)
        drawn.set_ylim(0, _top(base, profile.load_kw))
        time_axis(drawn, reader, profile.from_ms, to_ms)
        if any_of(profile.soc_pct):
            _soc(drawn, profile, edges)
        _legend(drawn, shown, soc=any_of(profile.soc_pct))
        return svg(made, name)


def _sources(profile: Profile) -> list[tuple[str, Values]]:
    given = (
        ("grid", profile.grid_kw),
        ("generator", profile.generator_kw),
        ("pv", profile.pv_kw),
        ("battery", profile.battery_kw),
    )
    return [(name, values) for name, values in given if any(value for value in values)]


def _area(
    drawn: Axes, edges: list[float], base: list[float], values: Values, look: Look
) -> list[float]:
    known = [value is not None for value in values]
    top = [low + max(value or 0.0, 0.0) for low, value in zip(base, values, strict=True)]
    xs, lows, tops, where = _stepped(edges, base, top, known)
    drawn.fill_between(
        xs,
        lows,
        tops,
        where=where,
        facecolor=look.colour,
        hatch=look.hatch or None,
        edgecolor="#00000055" if look.hatch else "none",
        linewidth=0,
    )
    return top


def _stepped(
    edges: Sequence[float], low: Sequence[float], top: Sequence[float], known: Sequence[bool]
) -> tuple[list[float], list[float], list[float], list[bool]]:
    """Both corners of each bucket, so that an area is as wide as the time that it stands for."""
    xs = [x for pair in pairwise(edges) for x in pair]
    twice = [[v for value in row for v in (value, value)] for row in (low, top)]
    return xs, twice[0], twice[1], [k for seen in known for k in (seen, seen)]


def _soc(drawn: Axes, profile: Profile, edges: list[float]) -> None:
    right = drawn.twinx()
    for side in ("top", "left", "right"):
        right.spines[side].set_visible(False)
    colour = _SOC
    steps(right, edges, profile.soc_pct, color=colour, linewidth=1.1, linestyle=_DASHES)
    right.set_ylim(0, 100)
    right.set_yticks([0, 50, 100])
    right.tick_params(axis="y", pad=2, labelcolor=colour)
    above(right, "SOC %", 1.0, "right", dx=24, colour=colour)


def _top(base: Sequence[float], load: Values) -> float:
    highest = max(max(base, default=0.0), max((v for v in load if v is not None), default=0.0))
    return highest * 1.06 or 1.0


def _legend(drawn: Axes, shown: Sequence[Look], *, soc: bool) -> None:
    handles: list[Patch | Line2D] = [
        Patch(
            facecolor=look.colour,
            hatch=look.hatch or None,
            edgecolor="#00000066",
            linewidth=0.3,
            label=look.name,
        )
        for look in shown
    ]
    handles.append(Line2D([], [], color=INK, linewidth=1.0, label="Load"))
    if soc:
        handles.append(
            Line2D([], [], color=_SOC, linewidth=1.1, linestyle=_DASHES, label="State of charge")
        )
    drawn.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.03, 1.0),
        ncols=len(handles),
        frameon=False,
        borderaxespad=0.25,
        handlelength=1.6,
        handleheight=0.9,
        columnspacing=1.4,
        handletextpad=0.5,
    )
