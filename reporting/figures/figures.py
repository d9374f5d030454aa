"""All figures of this package at once."""

from msgspec import Struct

from collector.model.report.battery import Battery
from collector.model.report.days import Day
from collector.model.report.generator import Generator
from collector.model.report.load import Load, Sources
from collector.model.report.power_quality import PowerQuality
from collector.model.report.quality import Note
from collector.model.report.series import Series
from reporting.figures.battery import battery_figures
from reporting.figures.days import day_figures
from reporting.figures.generator import engines, generator_figures
from reporting.figures.load import load_figures
from reporting.figures.power_quality import power_quality_figures
from reporting.figures.series import series_figures
from reporting.figures.sources import source_figures
from reporting.measured.model import Measured


class Figures(Struct, frozen=True, kw_only=True):
    """What a system's report says of load, sources, batteries, generators, quality and days."""

    load: Load
    sources: Sources
    batteries: tuple[Battery, ...]
    generators: tuple[Generator, ...]
    power_quality: tuple[PowerQuality, ...]
    days: tuple[Day, ...]
    series: Series
    notes: tuple[Note, ...]


def figures(measured: Measured) -> Figures:
    """All figures, and what has to be said about them, each thing once."""
    load, sources = load_figures(measured), source_figures(measured)
    sets = engines(measured)
    batteries, generators = battery_figures(measured), generator_figures(measured, sets)
    quality = power_quality_figures(measured)
    notes = (*load.notes, *sources.notes, *batteries.notes, *generators.notes, *quality.notes)
    return Figures(
        load=load.load,
        sources=sources.sources,
        batteries=batteries.batteries,
        generators=generators.generators,
        power_quality=quality.assets,
        days=day_figures(measured, sets),
        series=series_figures(measured, quality.assets),
        notes=tuple(dict.fromkeys(notes)),
    )
