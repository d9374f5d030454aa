"""What the load was like: how long it exceeded what, at which hours, on which phases."""

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from collector.model.report.series import HeatMap, Phases, Profile, Values, VoltageBand
from reporting.render.charts.theme import ACCENT, INK, MUTED, PHASES, axes, figure, ruled, svg
from reporting.render.charts.thin import MOST, any_of, by, edges_of, line, means, steps
from reporting.render.charts.when import time_axis
from reporting.render.locale import Reader

_BLUES = LinearSegmentedColormap.from_list("load", ["#f7fafc", "#9cc7dd", "#2f7ea6", "#08364b"])
_PRINTED_DAYS = 8
_WORDS_PCT = 17
"""How much of the duration curve's width its longest words take."""
_AVERAGE_PCT = 14
"""Where the word at the average ends that begins at the left."""
_PAPER = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def duration(values: Values, reader: Reader, average_kw: float | None, name: str) -> str:
    """Load that was exceeded for a share of the time, with the shares that one sizes by."""
    with ruled():
        made = figure(2.15, right=0.3)
        drawn = axes(made, "kW")
        known = line(values)
        xs = [100 * at / max(1, len(known) - 1) for at in range(len(known))]
        drawn.fill_between(xs, 0, known, color=ACCENT, alpha=0.12, linewidth=0)
        drawn.plot(xs, known, color=ACCENT, linewidth=1.4)
        for share, at in ((5, 5), (50, 50), (95, 95)):
            if at < len(values) and (kw := values[at]) is not None:
                drawn.plot([share], [kw], "o", color=ACCENT, markersize=3.5)
                text = f"{share} % of the time\nabove {reader.quantity(kw, 'kW', 1)}"
                ha = "right" if share > 60 else "left"
                beside = values[share - _WORDS_PCT : share] if ha == "right" else ()
                clear = max((v for v in beside if v is not None), default=kw)
                drawn.annotate(
                    text,
                    (share, clear),
                    (4 if ha == "left" else -4, 5),
                    textcoords="offset points",
                    ha=ha,
                    va="bottom",
                    color=INK,
                    bbox=_PAPER,
                )
        if average_kw is not None:
            drawn.axhline(average_kw, color=MUTED, linewidth=0.8, linestyle=(0, (4, 2)))
            _average(drawn, values, average_kw)
        drawn.set_xlim(0, 100)
        drawn.set_ylim(0, (max((v for v in values if v is not None), default=0.0) * 1.32) or 1.0)
        drawn.set_xticks(
            [0, 20, 40, 60, 80, 100], ["0 %", "20 %", "40 %", "60 %", "80 %", "100 % of the time"]
        )
        drawn.get_xticklabels()[-1].set_horizontalalignment("right")
        return svg(made, name)


def _average(drawn: Axes, values: Values, kw: float) -> None:
    """The word at the line of the average: below it while the curve is above, else above it."""
    early = next((v for v in values[_AVERAGE_PCT:] if v is not None), kw)
    at, shift, va = (1, -3, "top") if early > kw else (28, 2, "bottom")
    drawn.annotate(
        "average",
        (at, kw),
        (0, shift),
        textcoords="offset points",
        ha="left",
        va=va,
        color=MUTED,
    )


def heat(map_: HeatMap, reader: Reader, name: str) -> str:
    """Mean load by hour and day; the figure itself in each cell while there are few days."""
    days = len(map_.days)
    row_in = 0.235 if days <= _PRINTED_DAYS else min(0.2, 4.5 / days)
    with ruled():
        made = figure(0.62 + row_in * days, left=0.78, right=0.08, top=0.28)
        drawn = axes(made, "")
        drawn.grid(visible=False)
        drawn.spines["bottom"].set_visible(False)
        known = [v for row in map_.hours for v in row if v is not None]
        shade = Normalize(0, max(0.0, *known, 0.0) or 1.0)
        if days <= 31:
            _cells(drawn, map_, shade)
        else:
            _hatched(drawn, days)
            shown = _BLUES.with_extremes(bad=(1, 1, 1, 0))
            drawn.imshow(
                [line(row) for row in map_.hours],
                cmap=shown,
                norm=shade,
                aspect="auto",
                extent=(0, 24, days, 0),
                interpolation="nearest",
                zorder=2,
            )
        if days <= _PRINTED_DAYS:
            _figures(drawn, map_, reader, shade)
        drawn.set_xlim(0, 24)
        drawn.set_ylim(days, 0)
        drawn.set_xticks([h + 0.5 for h in range(0, 24, 2)], [f"{h:02d}" for h in range(0, 24, 2)])
        stride = max(1, -(-days // 16))
        drawn.set_yticks(
            [at + 0.5 for at in range(0, days, stride)],
            [reader.day_of(map_.days[at]) for at in range(0, days, stride)],
        )
        drawn.tick_params(axis="x", length=0)
        drawn.annotate(
            "kW, mean of the hour; hours of the clock below",
            (0, 1),
            (0, 5),
            xycoords="axes fraction",
            textcoords="offset points",
            color=MUTED,
        )
        return svg(made, name)


def _hatched(drawn: Axes, days: int) -> None:
    """What is seen through the cells that nobody measured."""
    drawn.add_patch(
        Rectangle((0, 0), 24, days, facecolor="none", edgecolor="#b3bcc2", hatch="//", linewidth=0)
    )


def _cells(drawn: Axes, map_: HeatMap, shade: Normalize) -> None:
    days = len(map_.days)
    _hatched(drawn, days)
    drawn.pcolormesh(
        list(range(25)),
        list(range(days + 1)),
        [line(row) for row in map_.hours],
        cmap=_BLUES,
        norm=shade,
        edgecolors="white",
        linewidth=0.7,
    )


def _figures(drawn: Axes, map_: HeatMap, reader: Reader, shade: Normalize) -> None:
    decimals = 1 if (shade.vmax or 0) < 20 else 0
    for at, row in enumerate(map_.hours):
        for hour, value in enumerate(row):
            if value is not None:
                drawn.text(
                    hour + 0.48,
                    at + 0.47,
                    reader.number(value, decimals),
                    ha="center",
                    va="center",
                    fontsize=6.4,
                    color="white" if shade(value) > 0.5 else INK,
                )


def phases(given: Phases, profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """The three currents, and the neutral's where it is measured."""
    times = max(1, -(-len(given.l1) // MOST))
    drawn_rows = [
        (f"L{at + 1}", values, *PHASES[at])
        for at, values in enumerate((given.l1, given.l2, given.l3))
    ]
    drawn_rows.append(("N", given.neutral, MUTED, (0, (3, 1, 1, 1))))
    with ruled():
        made = figure(2.05, right=0.3, top=0.42)
        drawn = axes(made, "A")
        for label, values, colour, dashes in drawn_rows:
            if any_of(values):
                thin = means(values, times)
                edges = edges_of(_longer(profile, times), to_ms, thin)
                steps(
                    drawn,
                    edges,
                    thin,
                    color=colour,
                    linestyle=dashes,
                    linewidth=1.1,
                    label=label,
                )
        drawn.set_ylim(bottom=0)
        time_axis(drawn, reader, profile.from_ms, to_ms)
        _line_legend(drawn)
        return svg(made, name)


def voltage(given: VoltageBand, profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """From the least to the greatest phase voltage, the mean, and the limits."""
    times = max(1, -(-len(given.mean) // MOST))
    least, mean, greatest = (
        by(min, given.least, times),
        means(given.mean, times),
        by(max, given.greatest, times),
    )
    with ruled():
        made = figure(1.95, right=0.62, top=0.42)
        drawn = axes(made, "V")
        edges = edges_of(_longer(profile, times), to_ms, mean)
        low, high = line(least), line(greatest)
        drawn.fill_between(
            edges,
            [*low, *low[-1:]],
            [*high, *high[-1:]],
            step="post",
            color="#9cc7dd",
            linewidth=0,
            label="least to greatest",
        )
        steps(drawn, edges, mean, color=ACCENT, linewidth=1.0, label="mean")
        for limit, word in ((given.lower, "lower limit"), (given.upper, "upper limit")):
            if limit is not None:
                drawn.axhline(limit, color="#991b1b", linewidth=0.9, linestyle=(0, (5, 2)))
                drawn.annotate(
                    f"{word}\n{reader.quantity(limit, 'V', 0)}",
                    (1, limit),
                    (3, 0),
                    xycoords=("axes fraction", "data"),
                    textcoords="offset points",
                    ha="left",
                    va="center",
                    color="#991b1b",
                    fontsize=6.8,
                    annotation_clip=False,
                )
        _limits(drawn, least, greatest, given)
        time_axis(drawn, reader, profile.from_ms, to_ms)
        _line_legend(drawn)
        return svg(made, name)


def _limits(drawn: Axes, least: Values, greatest: Values, given: VoltageBand) -> None:
    known = [v for v in (*least, *greatest, given.lower, given.upper) if v is not None]
    if known:
        margin = (max(known) - min(known)) * 0.06 or 1.0
        drawn.set_ylim(min(known) - margin, max(known) + margin)


def _longer(profile: Profile, times: int) -> Profile:
    """The profile's time grid with buckets `times` as long."""
    return Profile(
        from_ms=profile.from_ms,
        step_ms=profile.step_ms * times,
        load_kw=(),
        load_min_kw=(),
        load_max_kw=(),
    )


def _line_legend(drawn: Axes) -> None:
    if drawn.get_legend_handles_labels()[0]:
        drawn.legend(
            loc="lower left",
            bbox_to_anchor=(0.03, 1.0),
            ncols=4,
            frameon=False,
            borderaxespad=0.2,
            handlelength=2.2,
            columnspacing=1.4,
            handletextpad=0.5,
        )
