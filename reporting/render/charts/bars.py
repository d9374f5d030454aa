"""Shares and rankings as bars, each with its own figure beside it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from collector.model.report.generator import Generator
from reporting.render.charts.theme import (
    ACCENT,
    INK,
    MUTED,
    OTHER,
    SOURCES,
    axes,
    figure,
    ruled,
    svg,
)
from reporting.render.charts.when import hours, time_axis
from reporting.render.locale import Reader

_BAND_LOOKS = (("#d55e00", "//"), ("#f0c36a", ""), ("#009e73", ""), ("#0072b2", "\\\\"))
"""Load bands from the lowest on: too low, low, good, high."""


class Part(NamedTuple):
    """A part of a whole: `key` names the look, `value` is kWh or the like, `text` is printed."""

    key: str
    name: str
    value: float
    text: str


def share_bar(parts: Sequence[Part], name: str) -> str:
    """One bar cut into its parts, each labelled above with what it is and below with how much."""
    total = sum(part.value for part in parts) or 1.0
    with ruled():
        made = figure(0.94, left=0.02, right=0.02, top=0.2)
        drawn = _bare(made)
        left = 0.0
        places = _places([part.value / total for part in parts], parts)
        for part, (at, align) in zip(parts, places, strict=True):
            look = SOURCES.get(part.key, OTHER)
            width = part.value / total
            drawn.barh(
                0,
                width,
                left=left,
                height=1,
                facecolor=look.colour,
                hatch=look.hatch or None,
                edgecolor="#00000044" if look.hatch else "white",
                linewidth=0.6,
            )
            _label(drawn, part.name, (at, 0.5), (align, "bottom"), 3, INK)
            for nth, line in enumerate(part.text.splitlines()):
                _label(drawn, line, (at, -0.5), (align, "top"), -3 - 10.5 * nth, MUTED)
            left += width
        drawn.set_xlim(0, 1)
        drawn.set_ylim(-0.5, 0.5)
        return svg(made, name)


def _label(
    drawn: Axes,
    text: str,
    at: tuple[float, float],
    aligned: tuple[Any, Any],
    dy: float,
    colour: str,
) -> None:
    """One line by itself: only so it is anchored where it is aligned, at whatever size."""
    drawn.annotate(
        text,
        at,
        (0, dy),
        textcoords="offset points",
        ha=aligned[0],
        va=aligned[1],
        color=colour,
        annotation_clip=False,
    )


def _places(widths: Sequence[float], parts: Sequence[Part]) -> list[tuple[float, str]]:
    """Where each label stands: at its part's left edge, moved as far as its neighbours need.

    A character is taken as 0.0085 of the bar's width (8 pt on 174 mm).
    """
    needs = [max(map(len, (part.name, *part.text.splitlines()))) * 0.0085 + 0.015 for part in parts]
    starts, edge, free = [], 0.0, 0.0
    for width, need in zip(widths, needs, strict=True):
        starts.append(max(edge, free))
        free, edge = starts[-1] + need, edge + width
    limit = 1.0
    for at in reversed(range(len(starts))):
        starts[at] = max(0.0, min(starts[at], limit - needs[at]))
        limit = starts[at]
    places = [(start, "left") for start in starts]
    if places and starts[-1] + needs[-1] > 0.999:
        places[-1] = (1.0, "right")
    return places


def load_bands(sets: Sequence[Generator], names: Sequence[str], reader: Reader, name: str) -> str:
    """For each generator the hours in each load band, as parts of its hours."""
    with ruled():
        made = figure(0.82 + 0.42 * len(sets), left=1.55, right=0.55, top=0.4)
        drawn = _bare(made)
        drawn.tick_params(axis="y", left=False, labelleft=True, length=0, pad=5)
        longest = max((sum(b.hours for b in one.bands) for one in sets), default=0.0) or 1.0
        for at, one in enumerate(sets):
            _bands(drawn, at, one, longest, reader)
        drawn.set_yticks(range(len(sets)), [_cut(text) for text in names])
        drawn.set_xlim(0, longest)
        drawn.set_ylim(len(sets) - 0.5, -0.5)
        drawn.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=4,
            frameon=False,
            borderaxespad=0.2,
            handlelength=1.5,
            columnspacing=1.4,
            handletextpad=0.5,
        )
        return svg(made, name)


def _bands(drawn: Axes, at: int, one: Generator, longest: float, reader: Reader) -> None:
    """One set's bar; a part's hours stand in it where there is room."""
    left = 0.0
    for index, band in enumerate(one.bands):
        colour, hatch = _BAND_LOOKS[min(index, len(_BAND_LOOKS) - 1)]
        drawn.barh(
            at,
            band.hours,
            left=left,
            height=0.62,
            facecolor=colour,
            hatch=hatch or None,
            edgecolor="#00000055",
            linewidth=0.3,
            label=_band(band.from_pct, band.to_pct) if at == 0 else None,
        )
        if band.hours / longest > 0.07:
            box = {
                "boxstyle": "round,pad=0.15",
                "facecolor": "white",
                "edgecolor": "none",
                "alpha": 0.88,
            }
            drawn.text(
                left + band.hours / 2,
                at,
                reader.quantity(band.hours, "h", 1),
                ha="center",
                va="center",
                fontsize=7,
                color=INK,
                bbox=box,
            )
        left += band.hours
    drawn.annotate(
        reader.quantity(left, "h", 1),
        (left, at),
        (4, 0),
        textcoords="offset points",
        va="center",
        color=MUTED,
    )


def ranking(names: Sequence[str], values: Sequence[float], texts: Sequence[str], name: str) -> str:
    """Bars, the greatest first, each with its figure."""
    with ruled():
        made = figure(0.34 + 0.23 * len(names), left=1.75, right=0.95, top=0.05)
        drawn = _bare(made)
        drawn.tick_params(axis="y", left=False, labelleft=True, length=0, pad=5)
        drawn.barh(range(len(names)), values, height=0.66, color=ACCENT)
        for at, (value, text) in enumerate(zip(values, texts, strict=True)):
            drawn.annotate(
                text,
                (value, at),
                (4, 0),
                textcoords="offset points",
                va="center",
                color=INK,
                annotation_clip=False,
            )
        drawn.set_yticks(range(len(names)), [_cut(text) for text in names])
        drawn.set_ylim(len(names) - 0.5, -0.5)
        drawn.set_xlim(min(0.0, *values), max(0.0, *values) or 1.0)
        return svg(made, name)


class Span(NamedTuple):
    """One system's time in the event (UTC ms)."""

    row: str
    from_ms: int
    to_ms: int


def spans(given: Sequence[Span], reader: Reader, from_ms: int, to_ms: int, name: str) -> str:
    """Who took part from when to when; several spans of one name share a line."""
    rows = list(dict.fromkeys(span.row for span in given))
    with ruled():
        made = figure(0.5 + 0.2 * len(rows), left=1.75, right=0.2, top=0.08)
        drawn = axes(made, "")
        drawn.grid(visible=False)
        for span in given:
            start = hours(span.from_ms, from_ms)
            drawn.barh(
                rows.index(span.row),
                hours(span.to_ms, from_ms) - start,
                left=start,
                height=0.6,
                color=ACCENT,
                edgecolor="white",
                linewidth=0.5,
            )
        drawn.set_yticks(range(len(rows)), [_cut(text) for text in rows])
        drawn.set_ylim(len(rows) - 0.5, -0.5)
        time_axis(drawn, reader, from_ms, to_ms)
        return svg(made, name)


def _bare(made: Figure) -> Axes:
    drawn = axes(made, "")
    drawn.grid(visible=False)
    drawn.spines["bottom"].set_visible(False)
    drawn.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
    return drawn


def _band(from_pct: float, to_pct: float | None) -> str:
    if from_pct <= 0 and to_pct is not None:
        return f"below {to_pct:g} %"
    return f"over {from_pct:g} %" if to_pct is None else f"{from_pct:g} to {to_pct:g} %"


def _cut(text: str, most: int = 26) -> str:
    lines = (line if len(line) <= most else f"{line[: most - 1]}…" for line in text.splitlines())
    return "\n".join(line for line in lines if line)
