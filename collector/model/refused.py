"""What a counter was not given, and what a person decided about it."""

from msgspec import Struct


class RefusedCount(Struct, frozen=True, kw_only=True):
    """Energy (or seconds, or starts) that a register showed and that was not added to a total.

    `amount` is in the measurement's unit what would have been added; 0: nobody can say how much it
    was. `raw_before` and `raw_after` are the register around it, `unit` the serial of what counts
    ("": unproven), `path` its register. `at_ms` is the tick (UTC ms) of the last of `times` that
    it happened. `alarms`: it broke a rule; else it only could not be proven whose register it is.
    `decided_ms` None: it is open. `accepted` is what a person then had added, None: nothing.
    """

    id: str
    asset: str
    measurement: str
    unit: str
    path: str
    at_ms: int
    raw_before: float
    raw_after: float
    amount: float
    why: str
    alarms: bool
    times: int = 1
    decided_ms: int | None = None
    accepted: float | None = None
    person: str = ""
    note: str = ""
