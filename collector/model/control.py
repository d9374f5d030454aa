"""What people may have a device do: commands, what a device says of them now, and how tries end.

Values are words where there is a choice ("on", "start"), else numbers in the command's unit.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

ControlValue = float | str
"""A word of `Point.choices`, or a number in the command's unit."""


class Danger(StrEnum):
    """How much care a command takes."""

    HARMLESS = "harmless"
    CAREFUL = "careful"
    """It changes how the system runs, and drops nothing by itself."""
    DANGEROUS = "dangerous"
    """It can drop a load or start an engine: the asset's name must be typed."""


class Outcome(StrEnum):
    """How a write ended, by what the device says afterwards."""

    CONFIRMED = "confirmed"
    INSTEAD = "device set another value"
    NO_REPLY = "no reply"


class Point(Struct, frozen=True, kw_only=True):
    """One command as a device offers it at one asset now.

    `target` names it in the device's own words, for the audit. `value` is how it is set now (None:
    the device has no valid value). A number lies within `low` and `high`, in steps of `step` where
    there are any; `choices` are the words that it takes, instead or beside. `lasting` says whether
    it takes a time: "no", "may" (a run time) or "must" (it ends then). `why_not`: why the device
    cannot take it now, in words; "" when it can. `effect` is what it brings about, as it is now.
    """

    command: str
    target: str
    value: ControlValue | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None
    lasting: str = "no"
    why_not: str = ""
    effect: str = ""


class Plant(Struct, frozen=True, kw_only=True):
    """What preconditions need to know of the system that a command acts on; None: not known.

    `load_w` is what the loads take, `inverter_w` what its inverter can carry for long, `soc_pct`
    the battery's charge and `soc_limit_pct` below which it does not discharge; `ac_source` is a
    number of AC_SOURCE (240: no AC input feeds it). `input_v` is the voltage of a phase, `phases`
    how many there are.
    """

    load_w: float | None = None
    inverter_w: float | None = None
    soc_pct: float | None = None
    soc_limit_pct: float | None = None
    ac_source: float | None = None
    input_v: float | None = None
    phases: int | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """What a device said to a write: the outcome, the value that it has now (None: not known), and
    what came of it so far, in words."""

    outcome: Outcome
    value: ControlValue | None = None
    effect: str = ""


class Lockout(Struct, frozen=True, kw_only=True):
    """Somebody has locked an asset: nothing is commanded there until it is removed. It does not
    replace the physical lock. `name` is who works there, `person` whose login set it."""

    asset: str
    name: str
    reason: str
    at_ms: int
    person: str


class Offer(Struct, frozen=True, kw_only=True):
    """A command as a person is offered it now: what it is, its range, how it is set, and why it is
    not possible now ("" when it is).

    `impossible` names those of `choices` that a precondition forbids now, and why; "a number"
    stands for all numbers. A time lies within `least_s` and `most_s`; `lasting` as in Point.
    """

    command: str
    label: str
    unit: str
    danger: Danger
    value: ControlValue | None
    choices: tuple[str, ...]
    low: float | None
    high: float | None
    step: float | None
    lasting: str
    least_s: int
    most_s: int
    effect: str
    holds: str
    why_not: str
    impossible: Mapping[str, str] = {}
