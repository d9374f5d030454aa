"""What the batteries did."""

from collector.model.report.battery import Battery
from collector.model.report_document import Block, Row, Section
from reporting.render import words
from reporting.render.page import Page, left, right, table


def battery_section(batteries: tuple[Battery, ...], page: Page) -> Section | None:
    """Throughput and state of charge of each battery."""
    if not batteries:
        return None
    blocks: list[Block] = [
        _work(batteries, page),
        _charge(batteries, page),
        _limits(batteries, page),
    ]
    return Section("battery", "Battery", tuple(blocks))


def _name(battery: Battery) -> str:
    name = words.name(battery.name or battery.asset)
    return f"{name} ({words.name(battery.unit)})" if battery.unit else name


def _work(batteries: tuple[Battery, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                _name(one),
                number(one.capacity_kwh, 1),
                number(one.charged_kwh, 3),
                number(one.discharged_kwh, 3),
                number(one.throughput_kwh, 3),
                number(one.cycles, 2),
                number(one.efficiency_pct, 1),
            )
        )
        for one in batteries
    ]
    columns = (
        left("Battery"),
        right("Capacity", "kWh"),
        right("Charged", "kWh"),
        right("Discharged", "kWh"),
        right("Throughput", "kWh"),
        right("Cycles"),
        right("Efficiency", "%"),
    )
    note = "Efficiency: given only where at least twice the change of state of charge went through."
    return table("Energy", columns, rows, note)


def _charge(batteries: tuple[Battery, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                _name(one),
                number(one.soc_first_pct, 1),
                number(one.soc_last_pct, 1),
                number(one.soc_min_pct, 1),
                page.reader.moment(one.soc_min_ms),
                number(one.soc_max_pct, 1),
                number(one.below_20_h, 2),
                number(one.stored_start_kwh, 1),
                number(one.stored_end_kwh, 1),
            )
        )
        for one in batteries
    ]
    columns = (
        left("Battery"),
        right("First", "%"),
        right("Last", "%"),
        right("Lowest", "%"),
        left("when"),
        right("Highest", "%"),
        right("Below 20 %", "h"),
        right("Stored first", "kWh"),
        right("Stored last", "kWh"),
    )
    return table("State of charge", columns, rows)


def _limits(batteries: tuple[Battery, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                _name(one),
                number(one.max_charge_kw, 1),
                number(one.max_discharge_kw, 1),
                number(one.temperature_max_c, 1),
                number(one.cell_min_v, 3),
                number(one.cell_max_v, 3),
            )
        )
        for one in batteries
    ]
    columns = (
        left("Battery"),
        right("Charge", "kW"),
        right("Discharge", "kW"),
        right("Temperature", "°C"),
        right("Lowest cell", "V"),
        right("Highest cell", "V"),
    )
    return table("Extremes", columns, rows)
