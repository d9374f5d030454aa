"""Which page is on: pages take turns, a person may turn them or hold one. Pure."""

from msgspec import Struct
from msgspec.structs import replace

SHIFT_S = 180.0
PATH = ((0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1))
"""Where the picture stands, one place after the other, so that nothing burns in."""
SHIFT_CELLS, SHIFT_ROWS = 2, 1
"""The room that this takes."""


class Turn(Struct, frozen=True, kw_only=True):
    """Page `index` is on since `since_s`; `held`: a person keeps it. `peek_s`: until then pages are
    shown although an alarm wants the screen."""

    index: int = 0
    since_s: float = 0.0
    held: bool = False
    peek_s: float = float("-inf")

    def at(self, now_s: float, every_s: float, pages: int) -> "Turn":
        """As it is now: the next page once this one has had its time."""
        if not pages:
            return self
        index = self.index % pages
        due = now_s - self.since_s >= every_s
        if due and not self.held:
            return replace(self, index=(index + 1) % pages, since_s=now_s)
        return replace(self, index=index)

    def by(self, step: int, now_s: float, every_s: float, pages: int) -> "Turn":
        """Turned by a person, who gets the page's full time, before any alarm."""
        index = (self.index + step) % max(1, pages)
        return replace(self, index=index, since_s=now_s, peek_s=now_s + every_s)

    def hold(self, now_s: float) -> "Turn":
        """Held, or let go."""
        return replace(self, held=not self.held, since_s=now_s)


def shift(now_s: float) -> tuple[int, int]:
    """By how many cells and rows the picture is moved."""
    return PATH[int(now_s // SHIFT_S) % len(PATH)]
