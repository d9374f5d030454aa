"""What *test connection* tells of a device: step by step, in plain words."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

StepName = Literal["name", "port", "tls", "login", "identity", "first value", "plausible"]
StepState = Literal["ok", "warning", "failed", "skipped"]


class Step(Struct, frozen=True, kw_only=True):
    """One step: what was seen, and what to do about it ("" when nothing)."""

    name: StepName
    state: StepState
    seen: str
    advice: str = ""


class Diagnosis(Struct, frozen=True, kw_only=True):
    """A test of one device. `ok`: no step failed.

    `way`: it was tried out (`test`), or the collector that reads it told how it is (`collector`).
    `readings` are what it measured, by asset and catalogue key, None for "no valid value now".
    """

    device: str
    kind: str
    address: str
    ok: bool
    way: Literal["test", "collector"]
    steps: tuple[Step, ...]
    serial: str = ""
    model: str = ""
    firmware: str = ""
    fingerprint: str = ""
    readings: Mapping[str, Mapping[str, float | None]] = {}
    took_s: float = 0.0
