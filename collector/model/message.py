"""What the collector says of its own work: a line of its log."""

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True):
    """One line. `seq` counts from 1 since the start of the collector; `level` is one of LEVELS,
    `part` the part of the program that speaks."""

    seq: int
    at_ms: int
    level: str
    part: str
    text: str


LEVELS = ("info", "warning", "error")
"""From the least urgent up."""
