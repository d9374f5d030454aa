"""What the load was like: how long it exceeded what, at which hours, on which phases."""

from collections import defaultdict

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from collector.model.report.series import HeatMap, Phases, Profile, Values, VoltageBand
from reporting.render.charts.plot import Key, Plot
from reporting.render.charts.sheet import Align, Floats, Sheet
from reporting.render.charts.theme import ACCENT, INK, MUTED, PHASES, Pen
from reporting.render.charts.thin import MOST, any_of, by, edges_of, line, means
from reporting.render.charts.when import across, time_axis
from reporting.render.locale import Reader

_BLUES = LinearSegmentedColormap.from_list("load", ["#f7fafc", "#9cc7dd", "#2f7ea6", "#08364b"])
_PRINTED_DAYS, _CELLED_DAYS = 8, 31
_WORDS_PCT = 17
"""How much of the duration curve's width its longest words take."""
_CURVE = Pen(ACCENT, 1.4)
_AVERAGE = Pen(MUTED, 0.8, (4, 2))
_LIMIT = Pen("#991b1b", 0.9, (5, 2))
_BAND = Pen(fill="#9cc7dd")


def duration(values: Values, reader: Reader, average_kw: float | None, name: str) -> str:
    """Load that was exceeded for a share of the time, with the shares that one sizes by."""
    top = max((v for v in values if v is not None), default=0.0) * 1.32 or 1.0
    known = line(values)
    xs = [100 * at / max(1, len(known) - 1) for at in range(len(known))]
    sheet = Sheet(2.15, name)
    drawn = Plot(sheet, (0, 100), (0, top), right=0.3)
    drawn.levels("kW")
    shares = (0, 20, 40, 60, 80)
    drawn.marked((*shares, 100))
    for share in shares:
        drawn.below(f"{share} %", share)
    drawn.below("100 % of the time", 100, "right")
    drawn.filled(xs, known, Pen(fill=f"{ACCENT}1f"))
    drawn.line(xs, known, _CURVE)
    if average_kw is not None:
        drawn.level(average_kw, _AVERAGE)
        drawn.note("average", (69, average_kw), "left", "bottom", (0, 2), colour=MUTED)
    for share in (5, 50, 95):
        if share < len(values) and (kw := values[share]) is not None:
            sheet.dot(drawn.x(share), drawn.y(kw), 2.2, ACCENT)
            text = f"{share} % of the time\nabove {reader.quantity(kw, 'kW', 1)}"
            align: Align = "right" if share > 60 else "left"
            shift = (4 if align == "left" else -4, 5)
            beside = values[share - _WORDS_PCT : share] if align == "right" else ()
            clear = max((v for v in beside if v is not None), default=kw)
            drawn.note(text, (share, clear), align, "bottom", shift, paper=0.8)
    drawn.base()
    return sheet.svg()


def heat(map_: HeatMap, reader: Reader, name: str) -> str:
    """Mean load by hour and day; the figure itself in each cell while there are few days."""
    days = len(map_.days)
    row_in = 0.235 if days <= _PRINTED_DAYS else min(0.2, 4.5 / days)
    values = np.array([line(row) for row in map_.hours])
    most = float(np.nanmax(values, initial=0.0)) or 1.0
    shades = np.clip(values / most, 0.0, 1.0)
    sheet = Sheet(0.62 + row_in * days, name)
    drawn = Plot(sheet, (0, 24), (days, 0), left=0.78, right=0.08, top=0.28)
    drawn.bars([(0, 24, 0, days)], Pen("#b3bcc2", 0, hatch="//"))  # what nobody measured
    if days <= _CELLED_DAYS:
        _cells(drawn, shades)
    else:
        pixels = _BLUES.with_extremes(bad=(1, 1, 1, 0))(np.ma.masked_invalid(shades), bytes=True)
        sheet.picture(pixels, drawn.box)
    if days <= _PRINTED_DAYS:
        _figures(drawn, map_, reader, shades, 1 if most < 20 else 0)
    for hour in range(0, 24, 2):
        drawn.below(f"{hour:02d}", hour + 0.5, gap=3.5)
    for at in range(0, days, max(1, -(-days // 16))):
        drawn.named(reader.day_of(map_.days[at]), at + 0.5)
    drawn.above("kW, mean of the hour; hours of the clock below", 0.0, "left", dy=3)
    return sheet.svg()


def _cells(drawn: Plot, shades: Floats) -> None:
    """Cells with white edges, those of one colour at once."""
    alike: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    colours = _BLUES(shades, bytes=True)
    for at, hour in np.argwhere(np.isfinite(shades)).tolist():
        colour = "#{:02x}{:02x}{:02x}".format(*colours[at, hour].tolist())
        alike[colour].append((hour, hour + 1, at, at + 1))
    for colour, bars in alike.items():
        drawn.bars(bars, Pen("#ffffff", 0.7, (), colour))


def _figures(drawn: Plot, map_: HeatMap, reader: Reader, shades: Floats, decimals: int) -> None:
    for at, row in enumerate(map_.hours):
        for hour, value in enumerate(row):
            if value is not None:
                drawn.note(
                    reader.number(value, decimals),
                    (hour + 0.5, at + 0.5),
                    "center",
                    "middle",
                    (0, 0),
                    size=6.4,
                    colour="#ffffff" if shades[at, hour] > 0.5 else INK,
                )


def phases(given: Phases, profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """The three currents, and the neutral's where it is measured."""
    times = max(1, -(-len(given.l1) // MOST))
    rows = [
        (f"L{at + 1}", values, Pen(colour, 1.1, dashes))
        for at, (values, (colour, dashes)) in enumerate(
            zip((given.l1, given.l2, given.l3), PHASES, strict=True)
        )
    ]
    rows.append(("N", given.neutral, Pen(MUTED, 1.1, (3, 1, 1, 1))))
    shown = [(label, means(values, times), pen) for label, values, pen in rows if any_of(values)]
    known = [value for _, values, _ in shown for value in values if value is not None]
    highest, lowest = max(known, default=1.0), min(known, default=0.0)
    top = highest + 0.05 * (highest - lowest)
    sheet = Sheet(2.05, name)
    drawn = Plot(
        sheet,
        across(profile.from_ms, to_ms),
        (0, top if top > 0 else 1.0),
        right=0.3,
        top=0.42,
    )
    drawn.levels("A")
    time_axis(drawn, reader, profile.from_ms, to_ms)
    for _, values, pen in shown:
        drawn.steps(edges_of(_longer(profile, times), to_ms, values), line(values), pen)
    drawn.legend([Key(label, pen, line=True) for label, _, pen in shown], long=17.6)
    drawn.base()
    return sheet.svg()


def voltage(given: VoltageBand, profile: Profile, reader: Reader, to_ms: int, name: str) -> str:
    """From the least to the greatest phase voltage, the mean, and the limits."""
    times = max(1, -(-len(given.mean) // MOST))
    least = by(min, given.least, times)
    mean = means(given.mean, times)
    greatest = by(max, given.greatest, times)
    edges = edges_of(_longer(profile, times), to_ms, mean)
    sheet = Sheet(1.95, name)
    drawn = Plot(
        sheet,
        across(profile.from_ms, to_ms),
        _limits(least, greatest, given),
        right=0.62,
        top=0.42,
    )
    drawn.levels("V")
    time_axis(drawn, reader, profile.from_ms, to_ms)
    drawn.area(edges, line(least), line(greatest), _BAND)
    drawn.steps(edges, line(mean), Pen(ACCENT, 1.0))
    for limit, word in ((given.lower, "lower limit"), (given.upper, "upper limit")):
        if limit is not None:
            drawn.level(limit, _LIMIT)
            text = f"{word}\n{reader.quantity(limit, 'V', 0)}"
            at = (drawn.across[1], limit)
            drawn.note(text, at, "left", "middle", (3, 0), colour=_LIMIT.stroke, size=6.8)
    mean_key = Key("mean", Pen(ACCENT, 1.0), line=True)
    drawn.legend([Key("least to greatest", _BAND), mean_key], long=17.6)
    drawn.base()
    return sheet.svg()


def _limits(least: Values, greatest: Values, given: VoltageBand) -> tuple[float, float]:
    known = [v for v in (*least, *greatest, given.lower, given.upper) if v is not None]
    if not known:
        return 0.0, 1.0
    margin = (max(known) - min(known)) * 0.06 or 1.0
    return min(known) - margin, max(known) + margin


def _longer(profile: Profile, times: int) -> Profile:
    """The profile's time grid with buckets `times` as long."""
    return Profile(
        from_ms=profile.from_ms,
        step_ms=profile.step_ms * times,
        load_kw=(),
        load_min_kw=(),
        load_max_kw=(),
    )
