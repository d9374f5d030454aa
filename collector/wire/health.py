"""What health tells beside the snapshot: the machine, and how sources failed last."""

from msgspec import Struct


class MachineHealth(Struct, frozen=True, kw_only=True):
    """The computer that the collector runs on, as it was at most 5 s ago; None: it does not tell.

    The disk is that of the state folder; `memory_free_bytes` is what programs can still have.
    `load` are the means of 1, 5 and 15 minutes, to be compared with `cores`. `up_s` since it was
    switched on. `ntp`: whether NTP, or a receiver that disciplines the clock, has set it.
    """

    disk_free_bytes: int | None = None
    disk_size_bytes: int | None = None
    memory_free_bytes: int | None = None
    memory_size_bytes: int | None = None
    load: tuple[float, float, float] | None = None
    cores: int = 0
    up_s: float | None = None
    ntp: bool | None = None
    system: str = ""
    kernel: str = ""
    python: str = ""
    sqlite: str = ""


class SourceFailure(Struct, frozen=True, kw_only=True):
    """The newest failure of a source since the collector began, over or not."""

    device: str
    at_ms: int
    cause: str
