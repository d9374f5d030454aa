"""When garbage is collected: while nobody types. A page that was left is held by cycles, which
only a look at all objects finds, and that takes longer than a key may wait."""

import gc
import sys
from collections.abc import Callable

SOME = 8
"""So many pages are worth a look when nobody types."""
MANY = 30
"""So many are looked for at once."""
REST_S = 1.0
"""Who has not pressed a key for so long is reading."""
LONG_S = 600.0
"""After so long there is a look whatever was left."""


def favour_keys() -> None:
    """Short pauses over throughput: the chart's thread yields sooner, young garbage is collected
    in small portions, old garbage by `Tidy`, and what lives as long as the process is left out."""
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()
    gc.set_threshold(4_000, 8, 1_000)


class Tidy:
    """Told of keys and of pages that were left; looked at once a second. Times in seconds."""

    def __init__(self, collect: Callable[[], object] = gc.collect) -> None:
        self._collect = collect
        self._pages = 0
        self._key_at = float("-inf")
        self._looked_at: float | None = None

    def key(self, at: float) -> None:
        """A key was pressed."""
        self._key_at = at

    def left(self) -> None:
        """A page is gone."""
        self._pages += 1

    def look(self, at: float) -> None:
        """Collect if it is due and disturbs nobody."""
        if self._looked_at is None:
            self._looked_at = at
        rests = at - self._key_at >= REST_S
        due = self._pages >= SOME or at - self._looked_at >= LONG_S
        if self._pages >= MANY or (due and rests):
            self._collect()
            self._pages, self._looked_at = 0, at
