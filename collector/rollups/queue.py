"""Closed parts on their way to the disk: packed little by little, and bounded."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from collector.rollups.tables import Row, packed
from collector.rollups.track import Closed

MAX_WAITING = 60
"""Parcels that may wait, one a minute: 75 kB each at 150 assets."""
PACKED_A_TICK = 25


class Parcel(NamedTuple):
    """Rows to be stored together. With `upto_ms` nothing before it is missing then; without, they
    are parts of a minute that goes on."""

    rows: Sequence[Row]
    upto_ms: int | None


class Queue:
    """Parcels in order. When too many wait, the oldest stay and further ones are left to the
    journal: `left` counts their rows, `resume_ms` is where rows are wanted again."""

    def __init__(self, most: int = MAX_WAITING) -> None:
        """`most` parcels may wait."""
        self._most = most
        self.left = 0
        self.resume_ms: int | None = None
        self._closing: deque[Closed] = deque()
        self._rows: list[Row] = []
        self._upto_ms: int | None = None
        self._parcels: deque[Parcel] = deque()
        self._loose = False
        """Some rows of a minute that goes on were left: it must be left whole."""

    def add(self, closed: Iterable[Closed], upto_ms: int | None) -> None:
        """Parts that were cut off; with `upto_ms` all parts up to there have been added."""
        self._closing += closed
        self._upto_ms = upto_ms or self._upto_ms

    def pack(self, most: int | None = PACKED_A_TICK) -> bool:
        """Pack at most so many parts (None: all); whether a parcel was made up."""
        count = len(self._closing) if most is None else min(most, len(self._closing))
        self._rows += (packed(self._closing.popleft()) for _ in range(count))
        if self._closing or (not self._rows and self._upto_ms is None):
            return False
        self._offer(Parcel(self._rows, self._upto_ms))
        self._rows, self._upto_ms = [], None
        return True

    def _offer(self, parcel: Parcel) -> None:
        if self.resume_ms is None and len(self._parcels) < self._most:
            self._parcels.append(parcel)
            return
        self.left += len(parcel.rows)
        self._loose = parcel.upto_ms is None
        self.resume_ms = max(self.resume_ms or 0, parcel.upto_ms or 0)

    def first(self) -> Parcel | None:
        """The oldest parcel."""
        return self._parcels[0] if self._parcels else None

    def done(self) -> None:
        """The oldest parcel is stored."""
        self._parcels.popleft()

    def resume(self) -> int | None:
        """When all that waited is stored: from where on rows wait again, after some were left.
        None: none were, or they cannot begin now."""
        if self._parcels or self._loose or not self.resume_ms:
            return None
        resume_ms, self.resume_ms = self.resume_ms, None
        return resume_ms

    def pending(self, assets: Collection[str]) -> list[Row]:
        """Everything of `assets` that is not stored yet, in order."""
        rows = [row for parcel in self._parcels for row in parcel.rows] + self._rows
        closing = (packed(part) for part in self._closing if part.subject.asset in assets)
        return [*(row for row in rows if row.subject.asset in assets), *closing]
