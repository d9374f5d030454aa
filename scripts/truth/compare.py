"""What a report says, beside what is true."""

from collections.abc import Iterator

from msgspec import Struct

from collector.model.report import SystemReport
from scripts.truth.ledger import ENERGIES, Facts

ENERGY_SHARE = 0.005
PEAK_SHARE = 0.01
HOURS = 1 / 60
DIGIT_KWH = 0.1
"""The last digit of a register, at either end."""
PRINTED_KWH = 0.001
"""What rounding an energy and its uncertainty to three decimals can do."""
LEAST_KW = 0.05


class Line(Struct, frozen=True, kw_only=True):
    """One figure: what is said (None: not known), what is true, and how far apart they may be."""

    system: str
    figure: str
    said: float | None
    true: float
    slack: float

    @property
    def good(self) -> bool:
        """Whether it is near enough."""
        return self.said is not None and abs(self.said - self.true) <= self.slack

    def row(self) -> str:
        """The line for people."""
        said = "not known" if self.said is None else f"{self.said:.3f}"
        off = ""
        if self.said is not None and self.true:
            off = f"{100 * (self.said / self.true - 1):+.3f} %"
        mark = " " if self.good else "!"
        return f"{mark} {self.system:10}{self.figure:18}{said:>14}{self.true:14.3f}{off:>12}"


def lines(system: str, report: SystemReport, facts: Facts) -> Iterator[Line]:
    """The figures of a system's report of which the truth is known."""
    for name in ENERGIES:
        true = facts.energy[name]
        said = getattr(report.energy, name)
        if said is None and not true:
            continue
        slack = ENERGY_SHARE * abs(true) + DIGIT_KWH
        yield Line(system=system, figure=name, said=said, true=true, slack=slack)
    load = report.load
    for figure, peak, true_kw in (
        ("peak_1min_kw", load.peak_1min, facts.peak_1min_kw),
        ("peak_15min_kw", load.peak_window, facts.peak_15min_kw),
    ):
        if true_kw is None:
            continue
        slack = PEAK_SHARE * true_kw + LEAST_KW
        said = None if peak is None else peak.kw
        if said is not None or true_kw > facts.average_kw + slack:  # else it may be given as none
            yield Line(system=system, figure=figure, said=said, true=true_kw, slack=slack)
    if facts.run_h:
        hours = [one.hours for one in report.generators]
        known = [one for one in hours if one is not None]
        said = sum(known) if known and len(known) == len(hours) else None
        yield Line(system=system, figure="generator_h", said=said, true=facts.run_h, slack=HOURS)
