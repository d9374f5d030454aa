"""Figures of one system: pure functions from `Measured` to the structs of its report.

What is not known is None, with a note that says why. Sums are of integers (quanta · ms), so they
are the same on every machine and for every cutting of the time.
"""

from reporting.figures.battery import battery_figures
from reporting.figures.days import day_figures
from reporting.figures.figures import Figures, figures
from reporting.figures.generator import generator_figures
from reporting.figures.load import load_figures
from reporting.figures.power_quality import power_quality_figures
from reporting.figures.series import series_figures
from reporting.figures.sources import source_figures

__all__ = [
    "Figures",
    "battery_figures",
    "day_figures",
    "figures",
    "generator_figures",
    "load_figures",
    "power_quality_figures",
    "series_figures",
    "source_figures",
]
