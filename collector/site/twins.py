"""Twins: two counted assets that seem to measure one flow.

Their powers stay nearly equal for ten minutes, and move meanwhile: what stands still proves
nothing. Until a person has decided (`same_as`, `behind`, or `apart_from`), the totals that count
both are unverified. Ten minutes apart prove that they are two.
"""

from collections.abc import Collection, Iterator, Mapping

from collector.model.snapshot import Overlap

LAST_S = 600.0
EVERY_S = 5.0
NEAR = 0.02
"""Two meters of class 1 on one flow are this near, as parts of the value."""
SELF_MEASURED = frozenset({"pv_power_w", "battery_power_w"})
"""What inverters and battery systems tell of themselves: two that do are two, and equal panels
under one sun are nearly equal too."""
SLACK_W = 20.0
LEAST_W = 500.0
MOVES = 0.2
"""How much of its largest value a flow must have moved."""
MISSES = 0.1
"""Meters are read at different moments: so many samples may be apart where a load is switched."""
PARDON = 3
"""How many samples apart one nearly equal makes good: two that cross now and then are two."""
MOST = 2000
"""Pairs that are looked at; more at a time are no proof of anything."""

Pair = tuple[str, str, str]
"""A quantity and two assets, in the order of their names."""


class Track:
    """What two flows did since they were first nearly equal."""

    __slots__ = ("against", "high", "low", "misses", "proposed", "samples", "since_ms", "since_s")

    def __init__(self, now_s: float, at_ms: int) -> None:
        self.since_s = now_s
        self.since_ms = at_ms
        self.samples = 0
        self.misses = 0
        self.low = float("inf")
        self.high = 0.0
        self.against = 0
        """How much speaks against a proposal lately."""
        self.proposed = False

    def near(self, value: float, now_s: float) -> None:
        """They are nearly equal."""
        self.samples += 1
        self.against = max(0, self.against - PARDON)
        self.low = min(self.low, abs(value))
        self.high = max(self.high, abs(value))
        lasted = now_s - self.since_s >= LAST_S
        if lasted and self.high - self.low >= MOVES * self.high:
            self.proposed = True

    def apart(self) -> bool:
        """They are not; True when that is enough to know that they are two."""
        self.samples += 1
        self.misses += 1
        self.against += 1
        if self.proposed:
            return self.against * EVERY_S >= LAST_S
        return self.misses > 2 + MISSES * self.samples


class Twins:
    """Looks at the flows that count, every few seconds."""

    def __init__(self) -> None:
        self._tracks: dict[Pair, Track] = {}
        self._looked_s = float("-inf")

    def look(
        self,
        flows: Mapping[str, Mapping[str, float]],
        decided: Collection[frozenset[str]],
        now_s: float,
        at_ms: int,
        *,
        selves: Collection[str] = (),
    ) -> None:
        """`flows` holds by quantity the watts of each asset that counts now and has a good value;
        about the pairs in `decided` a person has spoken. `selves` are assets of devices that
        measure themselves rather than a flow that passes them."""
        if now_s - self._looked_s < EVERY_S:
            return
        self._looked_s = now_s
        seen: set[Pair] = set()
        for quantity, values in flows.items():
            own = selves if quantity in SELF_MEASURED else ()
            for pair, value in _near(quantity, values):
                if frozenset(pair[1:]) in decided or (pair[1] in own and pair[2] in own):
                    continue
                track = self._tracks.get(pair)
                if track is None:
                    if len(self._tracks) >= MOST:
                        continue
                    track = self._tracks[pair] = Track(now_s, at_ms)
                track.near(value, now_s)
                seen.add(pair)
        self._miss(flows, decided, seen)

    def _miss(
        self,
        flows: Mapping[str, Mapping[str, float]],
        decided: Collection[frozenset[str]],
        seen: Collection[Pair],
    ) -> None:
        """Those that are apart now; of what is not heard nothing is known."""
        for pair, track in list(self._tracks.items()):
            quantity, one, other = pair
            values = flows.get(quantity, {})
            if frozenset((one, other)) in decided:
                del self._tracks[pair]
            elif pair in seen or one not in values or other not in values:
                continue
            elif max(abs(values[one]), abs(values[other])) >= LEAST_W and track.apart():
                del self._tracks[pair]

    def overlaps(self, counted: Mapping[str, Collection[str]]) -> dict[str, tuple[Overlap, ...]]:
        """What is proposed, by quantity, of pairs that both belong to a total (`counted`)."""
        found: dict[str, list[Overlap]] = {}
        for (quantity, one, other), track in self._tracks.items():
            members = counted.get(quantity, ())
            if track.proposed and one in members and other in members:
                overlap = Overlap(asset=one, other=other, since_ms=track.since_ms)
                found.setdefault(quantity, []).append(overlap)
        return {quantity: tuple(each) for quantity, each in found.items()}


def _near(quantity: str, values: Mapping[str, float]) -> Iterator[tuple[Pair, float]]:
    """The pairs that are nearly equal and worth a look, each with its value."""
    order = sorted((value, asset) for asset, value in values.items() if abs(value) >= LEAST_W)
    for index, (value, asset) in enumerate(order):
        for more, other in order[index + 1 :]:
            if more - value > NEAR * max(abs(value), abs(more)) + SLACK_W:
                break
            one, two = sorted((asset, other))
            yield (quantity, one, two), more
