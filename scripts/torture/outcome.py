"""What a run found, and how it is told."""

from collections.abc import Iterator

from msgspec import Struct

from scripts.torture.compare import Comparison


class DiskFull(Struct, kw_only=True):
    """What a full disk did: for `kept_s` ticks were journaled all the same. Ticks of `gap` were
    taken and are not in the journal; `counted` is what the collector said of it at its end.
    `started` tells in words of a start on a full disk; `skipped` why none of this was tried.
    """

    skipped: str = ""
    full_s: float = 0.0
    kept_s: float = 0.0
    gap: int = 0
    counted: int = 0
    counted_samples: int = 0
    started: str = ""

    @property
    def good(self) -> bool:
        """Whether it was tried, and every lost tick was counted."""
        return bool(self.skipped) or (self.gap > 0 and self.gap == self.counted)


class Outcome(Struct, kw_only=True):
    """One run."""

    kills: dict[str, int]
    receiver_kills: int
    back_s: list[float]
    settled_s: float
    disk: DiskFull
    corrupt: list[str]
    faults: list[str]
    comparison: Comparison

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.comparison.good and self.disk.good and not self.corrupt and not self.faults

    def lines(self) -> Iterator[str]:
        """The table, for people."""
        found = self.comparison
        share = found.exact / found.samples * 100 if found.samples else 0.0
        back = sorted(self.back_s)
        rows: list[tuple[str, object, str]] = [
            ("collector killed", sum(self.kills.values()), _counts(self.kills)),
            ("VictoriaMetrics killed", self.receiver_kills, "and started again on its data"),
            ("batches compared", found.batches, "all that were ever committed"),
            ("samples compared", found.samples, f"{found.markers} stale markers among them"),
            ("  missing", found.missing, ""),
            ("  changed", found.changed, f"{share:.2f} % same to the last bit, else to 12 digits"),
            ("  twice", found.doubled, ""),
            ("  never committed", found.foreign, ""),
            ("damaged files", len(self.corrupt), ", ".join(self.corrupt)),
            ("faults", len(self.faults), "journal, exits, log"),
        ]
        if back:
            middle, longest = back[len(back) // 2], back[-1]
            told = f"longest of {len(back)}; half within {middle:.1f} s"
            rows.append(("start to first own batch", f"{longest:.1f} s", told))
        rows.append(("all settled after", f"{self.settled_s:.0f} s", "from the last start"))
        rows += self._disk_rows()
        for what, value, detail in rows:
            yield f"{what:28} {value!s:>12}  {detail}".rstrip()
        for text in (*self.faults, *found.examples):
            yield f"✗ {text}"
        yield "nothing lost, nothing changed, nothing twice" if self.good else "FAILED"

    def _disk_rows(self) -> Iterator[tuple[str, object, str]]:
        disk = self.disk
        if disk.skipped:
            yield "full disk", "skipped", disk.skipped
            return
        kept = f"to the last byte; journaled on for {disk.kept_s:.0f} s of it"
        yield "disk full for", f"{disk.full_s:.0f} s", kept
        detail = f"counted: {disk.counted}, of {disk.counted_samples} samples"
        yield "  ticks not journaled", disk.gap, detail
        yield "  a start on a full disk", "", disk.started


def _counts(kills: dict[str, int]) -> str:
    return ", ".join(f"{number} {moment}" for moment, number in sorted(kills.items()))
