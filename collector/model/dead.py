"""Samples that a receiver refused for good, as people see them."""

from typing import Literal

from msgspec import Struct

DeadState = Literal["refused", "waiting", "sent"]
"""Refused and kept; wanted again and not sent yet; taken, but not yet surely kept."""

Outcome = Literal["sent", "refused", "waiting", "impossible"]


class DeadEntry(Struct, frozen=True, kw_only=True):
    """One entry of the store of refused samples.

    `at_ms`: when it was refused; `reason`: the receiver's words. `series`, `sample_ms` and `value`
    are its sample (of several the first); a stale marker has no value. With an empty `sink` it is
    a damaged batch of the journal. `obstacle`: why it cannot be sent again; "" when it can.
    """

    id: int
    sink: str
    first_seq: int
    last_seq: int
    at_ms: int
    reason: str
    samples: int
    bytes: int
    series: str = ""
    sample_ms: int | None = None
    value: float | None = None
    state: DeadState = "refused"
    obstacle: str = ""


class Resent(Struct, frozen=True, kw_only=True):
    """What became of one entry that a person wanted sent again.

    *sent*: the receiver took it; it leaves the store once the receiver surely keeps it (about a
    minute), and is sent again by itself if the receiver restarts before. *refused*: again; it
    stays. *waiting*: it goes out as soon as the receiver takes anything. `why`: in words.
    """

    id: int
    outcome: Outcome
    why: str = ""
