"""The proof that a receiver holds every batch whole, from its own export."""

from collections import Counter
from typing import Any

from tests.support.victoriametrics import VictoriaMetrics


class Proof:
    """What a receiver holds of a node: samples by tick, and the marks of the batches."""

    def __init__(self, server: VictoriaMetrics, node: str) -> None:
        self.samples: Counter[int] = Counter()
        self.seqs: dict[int, int] = {}
        self.announced: dict[int, int] = {}
        self.series: dict[str, list[dict[str, Any]]] = {}
        for series in server.export(f'{{node="{node}"}}'):
            name = series["metric"]["__name__"]
            self.series.setdefault(name, []).append(series)
            for at_ms, value in zip(series["timestamps"], series["values"], strict=True):
                self.samples[at_ms] += 1
                if name == "ovr_node_batch_seq":
                    self.seqs[at_ms] = int(value)
                elif name == "ovr_node_batch_samples":
                    self.announced[at_ms] = int(value)

    def broken(self) -> list[str]:
        """Every batch that is missing or not whole."""
        found = [
            f"{at_ms}: {held} samples held, {self.announced.get(at_ms)} announced"
            for at_ms, held in sorted(self.samples.items())
            if self.announced.get(at_ms) != held
        ]
        numbers = sorted(self.seqs.values())
        expected = list(range(numbers[0], numbers[-1] + 1)) if numbers else []
        if numbers != expected:
            missing = sorted(set(expected) - set(numbers))
            found.append(f"batches {missing} missing, or one twice, among {numbers}")
        return found

    @property
    def last(self) -> int:
        """The newest batch's number; 0 when there is none."""
        return max(self.seqs.values(), default=0)

    def values(self, name: str, **labels: str) -> list[float]:
        """All values of the matching series."""
        return [
            value
            for series in self.series.get(name, [])
            if labels.items() <= series["metric"].items()
            for value in series["values"]
            if value is not None
        ]
