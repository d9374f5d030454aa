"""The words of reports: names of sources, uses and methods, and text of people made harmless."""

import re
from collections.abc import Mapping

from collector.model.event import UseCase
from collector.model.text import called, clean, quantity

NAME, LINE, PARAGRAPH = 80, 200, 2000
"""Most characters of a name in a heading, of a line in a table, of what somebody wrote."""

SOURCES: Mapping[str, str] = {
    "grid": "Grid",
    "generator": "Generator",
    "pv": "PV",
    "battery": "Battery",
    "brought in": "Stored before",
    "unknown": "Not metered",
}
USES: Mapping[UseCase, str] = {
    UseCase.METERING: "Metering",
    UseCase.HYBRIDIZATION: "Hybridization",
    UseCase.PV_OFFSET: "PV offset",
    UseCase.PEAK_SHAVING: "Peak shaving",
    UseCase.TIME_SHIFTING: "Time shifting",
}
FUEL: Mapping[str, str] = {
    "log": "deliveries and dips",
    "metered": "metered",
    "curve": "fuel curve of the set",
    "none": "unknown",
}
METHODS: Mapping[str, str] = {
    "register": "register",
    "integral": "integral of power",
    "manual": "read by a person",
    "none": "unknown",
}
FLOWS: Mapping[str, str] = {
    "load_energy_kwh": "Load",
    "grid_import_kwh": "Grid import",
    "grid_export_kwh": "Grid export",
    "grid_import_energy_kwh": "Grid import",
    "grid_export_energy_kwh": "Grid export",
    "generator_energy_kwh": "Generator",
    "pv_energy_kwh": "PV",
    "battery_charge_energy_kwh": "Battery charge",
    "battery_discharge_energy_kwh": "Battery discharge",
    "battery_charged_kwh": "Battery charge",
    "battery_discharged_kwh": "Battery discharge",
    "load_power_w": "Load",
    "grid_power_w": "Grid",
    "generator_power_w": "Generator",
    "pv_power_w": "PV",
    "battery_power_w": "Battery",
}


_KEY = re.compile("|".join(sorted(FLOWS, key=len, reverse=True)))


def name(text: str) -> str:
    """A name for a heading or a chart."""
    return clean(text, NAME)


def person(text: str) -> str:
    """Somebody, by the name that people know."""
    return name(called(text))


def line(text: str) -> str:
    """One line of what somebody or something said."""
    return clean(text, LINE)


def paragraph(text: str) -> str:
    """What somebody wrote, as one paragraph."""
    return clean(text, PARAGRAPH)


def spoken(text: str) -> str:
    """A note of the program: measurements are called as in print."""
    return _KEY.sub(lambda key: FLOWS.get(key[0], key[0]), paragraph(text))


def source(key: str) -> str:
    """A source as it is called in print."""
    return SOURCES.get(key, line(key))


def use(case: UseCase | None) -> str:
    """A use case as it is called in print."""
    return USES[case] if case is not None else "Several"


def flow(key: str) -> str:
    """A flow as it is called in print."""
    return FLOWS.get(key, line(key).replace("_", " "))


def counter(measurement: str) -> str:
    """A counter as it is called in print."""
    return FLOWS.get(measurement) or line(quantity(measurement)).capitalize()


def counted(number: int, one: str, many: str = "") -> str:
    """`1 gap`, `3 gaps`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
