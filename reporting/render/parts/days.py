"""A row for each show day."""

from collector.model.report.days import Day
from collector.model.report_document import Row, Section
from reporting.render.page import Page, left, right, table


def days_section(days: tuple[Day, ...], page: Page) -> Section | None:
    """The table of days, in the event's zone."""
    if not days:
        return None
    number = page.reader.number
    rows = [
        Row(
            (
                page.reader.day_of(day.day),
                number(day.load_kwh, 1),
                number(day.grid_kwh, 1),
                number(day.generator_kwh, 1),
                number(day.pv_kwh, 1),
                number(day.battery_kwh, 1),
                number(day.peak_kw, 1),
                "" if day.peak_ms is None else page.reader.clock(day.peak_ms),
                number(day.generator_h, 1),
                number(day.fuel_l, 1),
                number(day.soc_min_pct, 0),
                number(day.coverage_pct, 1),
            )
        )
        for day in days
    ]
    columns = (
        left("Day"),
        right("Load", "kWh"),
        right("Grid", "kWh"),
        right("Generator", "kWh"),
        right("PV", "kWh"),
        right("Battery", "kWh"),
        right("Peak", "kW"),
        right("at"),
        right("Generator", "h"),
        right("Fuel", "L"),
        right("Lowest SOC", "%"),
        right("Measured", "%"),
    )
    note = f"Days from midnight to midnight, {page.reader.zone_name}."
    return Section("days", "Day by day", (table("", columns, rows, note),))
