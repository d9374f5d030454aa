"""The report of an event, from its systems' report files."""

from reporting.event.parts import BadPart, Part, read_part, read_parts
from reporting.event.report import event_report

__all__ = ["BadPart", "Part", "event_report", "read_part", "read_parts"]
