"""What people add to what was measured: corrections, log entries, sign-offs, actions.

Corrections and log entries are statements: nothing is changed or deleted, one may be withdrawn.
"""

from enum import StrEnum

from msgspec import Struct

from collector.model.kinds import AssetKind


class CorrectionKind(StrEnum):
    """How measured data is to be read otherwise."""

    FACTOR = "factor"
    """Powers, currents and energies of `phase` (or all) are `factor` × what was read."""
    SIGN = "sign"
    """A CT was reversed: powers have the other sign."""
    PHASE_SWAP = "phase-swap"
    """`phases` says which reading belongs to L1, L2, L3: ("L2", "L1", "L3")."""
    ROLE = "role"
    """The asset measured another kind of thing: `role`."""
    EXCLUDE = "exclude"
    """What was read in this time does not count: it is a gap."""
    READING = "reading"
    """A person read the register of `measurement`: `value` at `at_ms`."""


class Correction(Struct, frozen=True, kw_only=True):
    """One dated correction of an asset's data, applied when a report is computed, never to stored
    data. From `from_ms` to `to_ms` (UTC ms; None: on and on). Which other fields count follows
    from `kind`; `withdrawn_ms` is when it was taken back, by `withdrawn_by`."""

    id: str
    asset: str
    kind: CorrectionKind
    from_ms: int
    to_ms: int | None = None
    factor: float | None = None
    phase: str = ""
    phases: tuple[str, str, str] | None = None
    role: AssetKind | None = None
    measurement: str = ""
    value: float | None = None
    at_ms: int | None = None
    reason: str = ""
    person: str = ""
    made_ms: int
    withdrawn_ms: int | None = None
    withdrawn_by: str = ""
    origin: str = ""


class LogKind(StrEnum):
    """What people write down."""

    FUEL = "fuel"
    """Delivered: `value` in litres; `measurement` names the kind of fuel ("": the event's)."""
    DIP = "dip"
    """The tank's level: `value` in `unit` l or pct."""
    HOURS = "hours"
    """The hour meter: `value` in hours."""
    READING = "reading"
    """A register read by a person: `value` of `measurement`."""
    NOTE = "note"
    HANDOVER = "handover"


class LogEntry(Struct, frozen=True, kw_only=True):
    """One entry of the log. `at_ms` is when it was so, `made_ms` when it was written (UTC ms).
    `asset` and `system` may be empty (about the event). `client`: it may be printed for the
    client."""

    id: str
    kind: LogKind
    at_ms: int
    event: str = ""
    system: str = ""
    asset: str = ""
    value: float | None = None
    unit: str = ""
    measurement: str = ""
    text: str = ""
    client: bool = False
    person: str = ""
    made_ms: int
    withdrawn_ms: int | None = None
    withdrawn_by: str = ""
    origin: str = ""


class Clamp(Struct, frozen=True, kw_only=True):
    """What a clamp showed on one phase, beside the meter, in A."""

    phase: str
    clamp_a: float
    meter_a: float | None = None


class SignOff(Struct, frozen=True, kw_only=True):
    """A commissioning of an asset."""

    asset: str
    at_ms: int
    person: str
    note: str = ""
    clamps: tuple[Clamp, ...] = ()


class Action(Struct, frozen=True, kw_only=True):
    """A command that somebody gave to a device, and its outcome. Internal."""

    at_ms: int
    asset: str
    person: str
    what: str
    outcome: str


class Alert(Struct, frozen=True, kw_only=True):
    """An alarm of the time of a report."""

    asset: str
    rule: str
    severity: str
    text: str
    raised_ms: int
    cleared_ms: int | None = None


class Doubt(Struct, frozen=True, kw_only=True):
    """What a counter was not given (`amount` kWh of `measurement`; 0: nobody can say). `decided`: a
    person has; `accepted` is what was then added to the total, None: nothing. That was added at
    `decided_ms`: rows have it there, and not at `at_ms`, where it belongs."""

    asset: str
    measurement: str
    at_ms: int
    amount: float
    why: str
    decided: bool = False
    accepted: float | None = None
    decided_ms: int | None = None
    decided_by: str = ""
    note: str = ""
