"""The load: how much, how high, when, on which phase."""

from collector.model.report.load import Load, Peak, PhaseBalance
from collector.model.report.series import Profile, Series
from collector.model.report_document import Block, Chart, Figure, Figures, Row, Section
from reporting.render.charts import load as drawn
from reporting.render.charts.profile import load_by_source
from reporting.render.charts.thin import any_of
from reporting.render.locale import UNKNOWN
from reporting.render.page import Page, left, right, table


def load_section(load: Load, series: Series, page: Page) -> Section:
    """Key figures, the profile, the duration curve, the heat map, phases."""
    reader = page.reader
    blocks: list[Block] = [_figures(load, page)]
    if any_of(series.duration_kw):
        blocks.append(
            page.chart(
                "duration",
                "Load duration",
                f"Load by share of the time; half of it above {_kw(load.p50_kw, page)}.",
                lambda name: drawn.duration(series.duration_kw, reader, load.average_kw, name),
            )
        )
    blocks.append(_percentiles(load, page))
    heat = series.heat
    if heat is not None and any(any_of(row) for row in heat.hours):
        blocks.append(
            page.chart(
                "heat",
                "Load by day and hour",
                "Mean load of each hour of each day.",
                lambda name: drawn.heat(heat, reader, name),
                "Hatched: not measured, or outside the period."
                if any(value is None for row in heat.hours for value in row)
                else "",
            )
        )
    if load.phases is not None:
        blocks += _phases(load.phases, series, page)
    return Section("load", "Load", tuple(blocks), _lead(load, page))


def _lead(load: Load, page: Page) -> str:
    peak = load.peak_window
    if peak is None or load.average_kw is None:
        return ""
    return (
        f"On average {_kw(load.average_kw, page)}; the highest {load.window_min} minutes took "
        f"{_kw(peak.kw, page)}, from {page.reader.moment(peak.at_ms)} on."
    )


def _figures(load: Load, page: Page) -> Figures:
    number = page.reader.number
    peaks = [
        (f"Highest {load.window_min} minutes", load.peak_window),
        ("Highest minute", load.peak_1min),
    ]
    if load.peak_1s is not None:
        peaks.append(("Highest second", load.peak_1s))
    factor = UNKNOWN if load.load_factor is None else number(load.load_factor, 2)
    return Figures(
        (
            *(peak_figure(label, peak, page) for label, peak in peaks),
            Figure("Average", number(load.average_kw, 1), "kW"),
            Figure("Load factor", factor, "", "average ÷ highest demand"),
            Figure("Base load", number(load.p5_kw, 1), "kW", "exceeded 95 % of the time"),
        )
    )


def peak_figure(label: str, peak: Peak | None, page: Page) -> Figure:
    """A peak with its time, apparent power and power factor where they are known."""
    if peak is None:
        return Figure(label, UNKNOWN, "kW", "no whole one, or too little measured")
    parts = [page.reader.moment(peak.at_ms)]
    if peak.kva is not None:
        parts.append(page.reader.quantity(peak.kva, "kVA", 1))
    if peak.power_factor is not None:
        parts.append(f"PF {page.reader.number(peak.power_factor, 2)}")
    return Figure(label, page.reader.number(peak.kw, 1), "kW", " · ".join(parts))


def profile_chart(profile: Profile | None, page: Page) -> list[Chart]:
    """The load by source over time; nothing where no load was measured."""
    if profile is None or not any_of(profile.load_kw):
        return []
    gaps = any(value is None for value in profile.load_kw)
    note = "White gaps: not measured." if gaps else ""
    return [
        page.chart(
            "profile",
            "Load by source",
            "Power over time, stacked by source, with the battery's state of charge.",
            lambda name: load_by_source(profile, page.reader, page.to_ms, name),
            note,
        )
    ]


def _percentiles(load: Load, page: Page) -> Block:
    number = page.reader.number
    values = (load.p5_kw, load.p50_kw, load.p95_kw, load.p99_kw, load.p995_kw)
    names = ("P5", "P50", "P95", "P99", "P99.5")
    columns = (left("Minute means"), *(right(name, "kW") for name in names))
    row = Row(("Load at or below, by share of time", *(number(value, 1) for value in values)))
    return table("Percentiles", columns, [row])


def _phases(balance: PhaseBalance, series: Series, page: Page) -> list[Block]:
    number = page.reader.number
    blocks: list[Block] = []
    phases, profile = series.phases, series.profile
    if phases is not None and profile is not None:
        blocks.append(
            page.chart(
                "phases",
                "Current by phase",
                "Mean current of L1, L2, L3 and neutral over time.",
                lambda name: drawn.phases(phases, profile, page.reader, page.to_ms, name),
            )
        )
    rows = [
        Row((f"L{at + 1}", number(mean, 1), number(most, 1), number(kw, 1)))
        for at, (mean, most, kw) in enumerate(
            zip(balance.mean_a, balance.max_a, balance.mean_kw, strict=True)
        )
    ]
    if balance.neutral_max_a is not None:
        neutral = (number(balance.neutral_mean_a, 1), number(balance.neutral_max_a, 1))
        rows.append(Row(("Neutral", *neutral, "")))
    columns = (left("Phase"), right("Mean", "A"), right("Greatest", "A"), right("Mean", "kW"))
    blocks.append(table("Phases", columns, rows, _unbalance(balance, page)))
    return blocks


def _unbalance(balance: PhaseBalance, page: Page) -> str:
    reader = page.reader
    if balance.unbalance_mean_pct is None:
        return ""
    return (
        f"Unbalance (greatest deviation from the mean of the three): on average "
        f"{reader.percent(balance.unbalance_mean_pct)}, at most "
        f"{reader.percent(balance.unbalance_max_pct)}; above 10 % for "
        f"{reader.quantity(balance.over_10_min, 'min', 0)}, above 20 % for "
        f"{reader.quantity(balance.over_20_min, 'min', 0)}."
    )


def _kw(value: float | None, page: Page) -> str:
    return page.reader.quantity(value, "kW", 1)
