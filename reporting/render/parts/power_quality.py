"""How good the supply was."""

from collector.model.report.power_quality import Band, PowerQuality
from collector.model.report.series import Series
from collector.model.report_document import Block, Fact, Facts, Row, Section
from reporting.render import words
from reporting.render.charts import load as drawn
from reporting.render.charts.thin import any_of
from reporting.render.locale import UNKNOWN
from reporting.render.page import Page, left, right, table


def power_quality_section(
    given: tuple[PowerQuality, ...], series: Series, page: Page
) -> Section | None:
    """The voltage over time, percentiles against limits, what was unbalanced or overloaded."""
    blocks: list[Block] = []
    voltage, profile = series.voltage, series.profile
    if voltage is not None and profile is not None and any_of(voltage.mean):
        blocks.append(
            page.chart(
                "voltage",
                "Voltage",
                "Least, mean and greatest phase voltage over time, with the limits.",
                lambda name: drawn.voltage(voltage, profile, page.reader, page.to_ms, name),
            )
        )
    for one in given:
        blocks += _asset(one, page)
    return Section("power-quality", "Power quality", tuple(blocks)) if blocks else None


def _asset(one: PowerQuality, page: Page) -> list[Block]:
    blocks: list[Block] = []
    name = words.name(one.name or one.asset)
    bands = [*((band, 1, "V") for band in one.voltages)]
    if one.frequency is not None:
        bands.append((one.frequency, 2, "Hz"))
    if bands:
        rows = [_row(band, decimals, unit, page) for band, decimals, unit in bands]
        columns = (
            left("Quantity"),
            right("Limits"),
            right("Least"),
            right("P1"),
            right("P5"),
            right("P50"),
            right("P95"),
            right("P99"),
            right("Greatest"),
            right("Outside", "min"),
        )
        note = "Percentiles of minute means, weighted by measured time; extremes of all readings."
        blocks.append(table(f"{name}: voltage and frequency", columns, rows, note))
    facts = _facts(one, page)
    if facts:
        blocks.append(Facts(facts, f"{name}: distortion, unbalance, overload"))
    return blocks


def _row(band: Band, decimals: int, unit: str, page: Page) -> Row:
    number = page.reader.number
    limits = UNKNOWN
    if band.lower is not None and band.upper is not None:
        limits = f"{number(band.lower, decimals)} to {number(band.upper, decimals)}"
    values = (band.least, band.p1, band.p5, band.p50, band.p95, band.p99, band.greatest)
    return Row(
        (
            f"{_key(band.key)}, {unit}",
            limits,
            *(number(value, decimals) for value in values),
            number(band.outside_min, 1),
        )
    )


def _key(key: str) -> str:
    what, _, phase = words.line(key).partition(".")
    name = {"voltage_v": "Voltage", "voltage_ll_v": "Voltage", "frequency_hz": "Frequency"}
    return f"{name.get(what, what.replace('_', ' '))} {phase}".strip()


def _facts(one: PowerQuality, page: Page) -> tuple[Fact, ...]:
    reader = page.reader
    given = (
        ("Voltage distortion (THD), at most", reader.percent(one.voltage_thd_max_pct)),
        ("Voltage distortion over limit", reader.quantity(one.voltage_thd_over_min, "min", 1)),
        ("Current distortion (THD), at most", reader.percent(one.current_thd_max_pct)),
        ("Voltage unbalance, at most", reader.percent(one.voltage_unbalance_max_pct, 2)),
        ("Voltage unbalance over limit", reader.quantity(one.voltage_unbalance_over_min, "min", 1)),
        ("Current unbalance, at most", reader.percent(one.current_unbalance_max_pct)),
        ("Current unbalance over limit", reader.quantity(one.current_unbalance_over_min, "min", 1)),
        ("Neutral current, at most", reader.quantity(one.neutral_max_a, "A", 1)),
        ("Without voltage", reader.quantity(one.off_min, "min", 1)),
        ("Overloaded", reader.quantity(one.overload_min, "min", 1)),
    )
    known = [Fact(label, (text,)) for label, text in given if text != UNKNOWN]
    return (*known, Fact("Alarms", (str(one.alarms),)))
