"""Files that people edit while the program runs: an edit counts once it stands still."""

from collections.abc import Callable
from typing import Generic, TypeVar

Stamp = TypeVar("Stamp")


class Still(Generic[Stamp]):
    """Looks at `stamp` again and again: what changes whenever a file does (time, size, inode).

    An editor that empties a file before it fills it must not be believed halfway, so a change
    counts at the second look in a row that sees the same. `taken` is what counted last.
    """

    def __init__(self, stamp: Callable[[], Stamp]) -> None:
        self._stamp = stamp
        self._seen = self.taken = stamp()

    def look(self) -> Stamp | None:
        """What was taken until now, when something else stands there and stood still; else None."""
        found = self._stamp()
        still, self._seen = found == self._seen, found
        if not still or found == self.taken:
            return None
        before, self.taken = self.taken, found
        return before

    def settle(self) -> None:
        """What stands there now is known: it was written by the program itself."""
        self._seen = self.taken = self._stamp()
