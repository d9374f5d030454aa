"""What the generators did, and what they burnt."""

from math import fsum

from collector.model.report.generator import Generator
from collector.model.report_document import Block, Row, Section
from reporting.render import words
from reporting.render.charts.bars import load_bands
from reporting.render.locale import UNKNOWN
from reporting.render.page import Page, left, right, table

_MOST_BARS = 16


def generator_section(generators: tuple[Generator, ...], page: Page) -> Section | None:
    """Load bands, running and fuel of each set."""
    if not generators:
        return None
    blocks: list[Block] = []
    drawn = [one for one in generators if any(band.hours for band in one.bands)][:_MOST_BARS]
    if drawn:
        names = [f"{words.name(one.name or one.asset)}\n{words.name(one.unit)}" for one in drawn]
        blocks.append(
            page.chart(
                "bands",
                "Hours by load, in per cent of rated power",
                "Hours of each generator in each band of its rated power.",
                lambda name: load_bands(drawn, names, page.reader, name),
                "Below 25 % a diesel engine runs inefficiently and soots; 60 to 80 % is the aim.",
            )
        )
    blocks += [_running(generators, page), _fuel(generators, page), _checks(generators, page)]
    return Section("generator", "Generators", tuple(blocks))


def burnt(generators: tuple[Generator, ...]) -> float | None:
    """Litres of all sets; None if one is not known. Each has two decimals, so has the sum."""
    litres = [one.fuel_l for one in generators if one.fuel_l is not None]
    return round(fsum(litres), 2) if litres and len(litres) == len(generators) else None


def set_name(one: Generator) -> str:
    """A set by name and unit."""
    name = words.name(one.name or one.asset)
    return f"{name} ({words.name(one.unit)})" if one.unit else name


def _running(generators: tuple[Generator, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                set_name(one),
                number(one.rated_kw, 0),
                number(one.hours, 2),
                number(one.log_hours, 2),
                number(one.starts, 0),
                number(one.kwh, 3),
                number(one.average_load_pct, 1),
                number(one.peak_kw, 1),
                number(one.peak_pct, 1),
                page.reader.moment(one.peak_ms),
            )
        )
        for one in generators
    ]
    columns = (
        left("Set"),
        right("Rated", "kW"),
        right("Ran", "h"),
        right("Hour meter", "h"),
        right("Starts"),
        right("Energy", "kWh"),
        right("Average load", "%"),
        right("Peak", "kW"),
        right("of rating", "%"),
        left("when"),
    )
    return table("Running", columns, rows)


def _fuel(generators: tuple[Generator, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                set_name(one),
                number(one.fuel_l, 2),
                words.FUEL.get(one.fuel_method, one.fuel_method),
                number(one.kwh_per_l, 2),
                number(one.l_per_h, 2),
                number(one.idle_l, 2),
            )
        )
        for one in generators
    ]
    columns = (
        left("Set"),
        right("Fuel", "L"),
        left("from"),
        right("Yield", "kWh/L"),
        right("Consumption", "L/h"),
        right("Burnt below 25 % load", "L"),
    )
    return table("Fuel", columns, rows)


def _checks(generators: tuple[Generator, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                set_name(one),
                number(one.delivered_l, 2),
                number(one.fuel_log_l, 2),
                number(one.fuel_metered_l, 2),
                number(one.fuel_curve_l, 2),
                UNKNOWN if one.cross_check_pct is None else number(one.cross_check_pct, 1),
            )
        )
        for one in generators
    ]
    columns = (
        left("Set"),
        right("Delivered", "L"),
        right("By deliveries and dips", "L"),
        right("Metered", "L"),
        right("By fuel curve", "L"),
        right("Difference", "%"),
    )
    note = (
        "Used is the first that is known, from left to right; the difference is between it and "
        "the next."
    )
    return table("Fuel, checked", columns, rows, note)
