"""Whether a sink can be called lossless, and if not, why: in words for people."""

import structlog

from collector.sinks.epoch import Hidden, Seen

PROXY = (
    "what answers at /metrics is not what stores (a proxy?): restarts of the storage cannot be "
    "seen; set epoch_url"
)
NOT_SEEN = "the receiver has not been seen yet"

log = structlog.get_logger("sink")


class Proof:
    """What was seen of one receiver since the program started.

    `ignored` counts samples that it took and threw away, `missed` batches that the journal no
    longer held when they should have been sent.
    """

    def __init__(self, sink: str) -> None:
        self.ignored = 0
        self.missed = 0
        self._sink = sink
        self._seen: Seen | Hidden | None = None
        self._before: Seen | None = None

    def look(self, seen: Seen | Hidden) -> None:
        """What the last look at the receiver showed."""
        self._seen = seen
        if isinstance(seen, Seen):
            self._note_ignored(seen)

    def _note_ignored(self, seen: Seen) -> None:
        """Does the receiver throw samples away while we look? Whose they are it does not say."""
        before, self._before = self._before, seen
        if before is None:
            return
        more = seen.ignored - (before.ignored if before.epoch == seen.epoch else 0)
        if more > 0:
            self.ignored += more
            if self.ignored == more:
                log.error(
                    "The receiver of sink {sink} throws samples away, {samples} by now: look at "
                    "its own log.",
                    sink=self._sink,
                    samples=more,
                )

    def miss(self, batches: int) -> None:
        """The journal no longer held so many batches that were owed."""
        if batches > 0 and not self.missed:
            log.error(
                "{batches} ticks that sink {sink} had not got are gone from the journal.",
                sink=self._sink,
                batches=batches,
            )
        self.missed += max(0, batches)

    def verdict(self, *, dead: int, left_out: int) -> tuple[bool | None, str]:
        """Lossless or not, None when nothing is known yet; and why not.

        `dead`: samples that the receiver refused for good. `left_out`: such as no receiver takes.
        """
        if self._seen is None:
            return None, NOT_SEEN
        why = (
            self._why_blind(self._seen)
            or self.thrown_away
            or (f"the receiver refuses {dead} samples for good" if dead else "")
            or (f"{left_out} samples are such as no receiver takes" if left_out else "")
            or self._why_missed()
        )
        return not why, why

    @staticmethod
    def _why_blind(seen: Seen | Hidden) -> str:
        if isinstance(seen, Hidden):
            return seen.why
        return "" if seen.vouched else PROXY

    def _why_missed(self) -> str:
        if not self.missed:
            return ""
        return f"{self.missed} batches were gone from the journal before they could be sent"

    @property
    def thrown_away(self) -> str:
        """What to say of samples that the receiver took and did not store; "" when it did none."""
        if not self.ignored:
            return ""
        return (
            f"the receiver took {self.ignored} samples and threw them away: they are older than "
            "its retention or ahead of its clock; check both clocks and -retentionPeriod"
        )
