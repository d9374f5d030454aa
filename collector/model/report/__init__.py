"""`report.json`: a system's report and an event's, as plain structs.

Units are in the names (kwh, kw, pct, l, kg, ms). None is *not known*, and a note says why; 0 is a
measured nought. Every number is rounded once, where it enters. The JSON has the same bytes for the
same inputs: no build time, no program version.
"""

from collector.model.report.event import EventReport
from collector.model.report.system import SystemReport

__all__ = ["EventReport", "SystemReport"]
