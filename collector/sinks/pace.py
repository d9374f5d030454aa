"""How fast a sink goes about its business."""

from collections.abc import Callable

from msgspec import Struct

from collector.sinks.state import SETTLE_S
from collector.supervisor import back_off


class Pace(Struct, frozen=True, kw_only=True):
    """How fast a sink goes about its business; seconds.

    `rest` is the pause after a catch-up request as a share of the time it took; such requests grow
    and shrink between `least_samples` and `most_samples` so that each takes about `request_s`.
    After `blind_s` without seeing the receiver's epoch, restarts count as not visible.
    """

    settle_s: float = SETTLE_S
    look_s: float = 5.0
    blind_s: float = 300.0
    save_s: float = 5.0
    rest: float = 0.1
    request_s: float = 2.0
    least_samples: int = 20_000
    most_samples: int = 200_000
    back_off: Callable[[int], float] = back_off


PACE = Pace()
