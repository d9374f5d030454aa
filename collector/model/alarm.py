"""Alarms as everybody sees them: the closed sets, one alarm, one change of it.

An alarm is something that a person has to act on; what needs no answer is none. It belongs to a
*condition* (`key`): a rule at a subject. A condition never has two open alarms. Its life:
raised → acknowledged → cleared, in any order of the last two; it is *closed* once it is both, and
history from then on. Shelved it is out of sight until a time. Times are UTC milliseconds.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Severity(StrEnum):
    """How soon a person has to act, the least first."""

    WARNING = "warning"
    """Within the shift."""
    ALARM = "alarm"
    """Within minutes."""
    CRITICAL = "critical"
    """Now: supply, data or people are at stake."""

    @property
    def rank(self) -> int:
        """0 for the least."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Rule(StrEnum):
    """What can be wrong. `[alarms] off` names those that nobody wants to hear of."""

    LOW_SOC = "low soc"
    LOW_FUEL = "low fuel"
    OVERLOAD = "overload"
    VOLTAGE = "voltage"
    FREQUENCY = "frequency"
    VOLTAGE_UNBALANCE = "voltage unbalance"
    CURRENT_UNBALANCE = "current unbalance"
    BALANCE = "balance"
    COUNTER = "counter refused"
    SILENT = "silent"
    GATEWAY = "gateway"
    SUBNET = "subnet"
    TOGETHER = "silent together"
    NODE_LINK = "node link"
    WRONG_DEVICE = "wrong device"
    DEVICE = "device"
    TOTALS = "totals unverified"
    SINK = "sink behind"
    REFUSED = "samples refused"
    JOURNAL = "journal"
    LOST = "samples lost"
    DISK = "disk"
    CLOCK = "clock"
    OUTBOX = "outbox"


AlarmState = Literal["active", "acknowledged", "cleared", "shelved", "closed"]
"""active: true and unseen · acknowledged: true, somebody has it · cleared: over, and nobody has
seen it · shelved: out of sight for a while · closed: history."""

ChangeWord = Literal[
    "raised",
    "again",
    "worse",
    "members",
    "acknowledged",
    "cleared",
    "shelved",
    "unshelved",
    "chattering",
    "calm",
]
CALLS: frozenset[str] = frozenset({"raised", "again", "worse", "chattering", "unshelved"})
"""The changes that call for a person, if the alarm is active after them."""


class Notice(Struct, frozen=True, kw_only=True):
    """What a device itself complains of now, about its asset in `role`. `fact` names it within the
    device and stays the same as long as it is the same complaint; `text` and `value` are the
    device's own words, cleaned."""

    role: str
    fact: str
    severity: Severity
    text: str
    value: str = ""


class Alarm(Struct, frozen=True, kw_only=True):
    """One alarm. `id` is a UUIDv7 from when it was first raised.

    `subject` is the asset, device, sink or address that it is about ("" the node), `asset` the
    asset if it is about one. `text` says what was wrong when it was raised, `now` what is at
    present, `advice` what to do. `members` are the assets that it stands for. `raises` counts how
    often it came since it was opened.
    """

    id: str
    key: str
    rule: Rule
    subject: str
    severity: Severity
    text: str
    advice: str
    raised_ms: int
    changed_ms: int
    state: AlarmState = "active"
    name: str = ""
    asset: str = ""
    device: str = ""
    now: str = ""
    members: tuple[str, ...] = ()
    raises: int = 1
    chattering: bool = False
    acked_ms: int | None = None
    acked_by: str = ""
    ack_note: str = ""
    cleared_ms: int | None = None
    shelved_until_ms: int | None = None
    shelved_by: str = ""
    shelf_reason: str = ""


class AlarmChange(Struct, frozen=True, kw_only=True):
    """One step in an alarm's life, for its history. `person` is empty when the program did it."""

    id: str
    alarm: str
    at_ms: int
    what: ChangeWord
    person: str = ""
    note: str = ""


class Clamp(Struct, frozen=True, kw_only=True):
    """What a clamp showed on a phase (L1, L2, L3, N), and the asset's meter at that moment (None:
    nothing valid), both in A. `at_ms` is when, UTC ms."""

    phase: str
    clamp_a: float
    meter_a: float | None
    at_ms: int

    @property
    def deviation_pct(self) -> float | None:
        """By how much the meter is beside the clamp; None where the clamp shows next to nothing."""
        if self.meter_a is None or self.clamp_a < CLAMP_FLOOR_A:
            return None
        return (self.meter_a - self.clamp_a) / self.clamp_a * 100


CLAMP_FLOOR_A = 1.0
"""A clamp shows no less than this well."""
CLAMP_PCT = 5.0
"""A phase that is further beside its clamp is worth looking at: clamps are good to about 3 %, and
the load moves between two looks."""


class Commissioning(Struct, frozen=True, kw_only=True):
    """From when to when an asset was watched, and who said so. `released_ms` None: still. `clamps`
    are the newest readings that it was verified by; none: *not verified*."""

    asset: str
    at_ms: int
    person: str
    note: str = ""
    released_ms: int | None = None
    released_by: str = ""
    clamps: tuple[Clamp, ...] = ()


class AlarmHealth(Struct, frozen=True, kw_only=True):
    """How alarming itself is. `waiting` changes are not on disk yet, for `cause`; `lost` never
    will be; `refused` were too many to be raised."""

    open: int = 0
    shelved: int = 0
    commissioned: int = 0
    waiting: int = 0
    lost: int = 0
    refused: int = 0
    cause: str = ""


def urgent_first(alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """In the order in which people look at them: unseen before seen, the worst, the newest."""
    return tuple(
        sorted(alarms, key=lambda a: (a.state != "active", -a.severity.rank, -a.raised_ms, a.id))
    )
