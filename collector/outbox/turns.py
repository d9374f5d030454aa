"""Where deliveries stand: the line to the cloud that all share, and each kind's turn."""

from collections.abc import Callable, Sequence

import structlog

from collector.outbox.pause import Pause
from collector.outbox.table import Settle

log = structlog.get_logger("outbox")


class Line:
    """How the cloud is, and how many records it has taken since the program started."""

    def __init__(self, clock: Callable[[], float], back_off: Callable[[int], float]) -> None:
        self.pause = Pause(clock, back_off)
        self.taken = 0
        self.proven = False

    def failed(self, cause: str) -> None:
        """There is no connection: everything waits."""
        if not self.pause.tries:
            log.warning("The cloud is not reached, records wait", cause=cause)
        self.pause.failed(cause)

    def works(self) -> None:
        """A request got through."""
        tries = self.pause.tries
        if self.pause.works():
            log.info("The cloud is reached again, after {tries} tries.", tries=tries)
        self.proven = True


class Turn:
    """One kind: its back-off, how many records go at once (`limit`), and what must still be
    written down of what the cloud has answered (`unsettled`)."""

    def __init__(self, kind: str, most: int, pause: Pause) -> None:
        self.kind = kind
        self.pause = pause
        self.limit = most
        self.unsettled: Settle | None = None
        self._most = most
        self._suspect = (0, 0)
        self._refusing = False

    def convicts(self, revision: int, taken: int) -> bool:
        """A record was refused by itself when the cloud had taken `taken` records: whether it is to
        be set aside. It is when it was refused before, and another one was taken in between: who
        refuses everything (a proxy that was given a wrong token) must cost no record."""
        suspect, then = self._suspect
        if suspect == revision and taken > then:
            return True
        if suspect != revision:
            self._suspect = (revision, taken)
        return False

    def halve(self, size: int) -> None:
        """A request of `size` records was refused for what is in it."""
        self.limit = max(1, size // 2)

    def failed(self, cause: str) -> None:
        """The kind waits."""
        if not self.pause.tries:
            log.warning("Records of {kind} wait for the cloud", kind=self.kind, cause=cause)
        self.pause.failed(cause)

    def works(self) -> None:
        """Nothing holds the kind up any more."""
        if self.pause.works():
            log.info("Records of {kind} go to the cloud again.", kind=self.kind)

    def grow(self) -> None:
        """A request went well: the next one may be a little larger. What was too large once is not
        tried again at once, for each try costs its bytes."""
        self.limit = min(self._most, self.limit + max(1, self.limit // 8))

    def refused(self, bad: Sequence[tuple[int, str]]) -> None:
        """These revisions of one request were set aside, each for its reason; the first of a row
        is told."""
        if bad and not self._refusing:
            revision, reason = bad[0]
            log.error(
                "The cloud refuses a record of {kind}, it is set aside",
                kind=self.kind,
                revision=revision,
                cause=reason,
            )
        self._refusing = bool(bad)
