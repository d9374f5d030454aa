"""What the kernel says of time: which boot this is, how long it lasts, whether NTP has set it."""

import ctypes
import time
import uuid
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIMESYNCD = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes this file at its first success since the boot."""
STA_UNSYNC = 0x0040
TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """The start of `struct timex` (adjtimex(2)), and room for its rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def boot_id() -> str:
    """The id of this boot of the machine; where the kernel tells none, one of this process: then
    a restart of the collector counts as a boot."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def steady_ms() -> int:
    """Milliseconds since the boot, those asleep included; no clock setting moves them."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def synchronised() -> bool:
    """Whether NTP (or a GPS receiver that disciplines the kernel's clock) has set the clock."""
    if TIMESYNCD.exists():
        return True
    timex = _Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    return state not in (-1, TIME_ERROR) and not timex.status & STA_UNSYNC
