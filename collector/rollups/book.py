"""All tracks of a node, and where their parts end: at each UTC minute, and where it is asked."""

from collections.abc import Iterable
from typing import NamedTuple

from collector.model.kinds import Quality
from collector.model.rollup import Rollup
from collector.model.rollup_codec import MINUTE_MS
from collector.model.snapshot import AssetView
from collector.rollups.pace import Pace
from collector.rollups.track import Closed, Counters, Subject, Track


class _Interval(NamedTuple):
    """From the former tick to this one. What was told held for `ms` after `from_ms`; `now` is the
    moment of its beginning. `whole`: up to this tick, without a gap."""

    from_ms: int
    to_ms: int
    now: int
    ms: int
    whole: bool

    def moment(self, at_ms: int) -> int:
        """The moment of a time within it."""
        if at_ms == self.to_ms:
            return self.now + self.ms
        return self.now + min(self.ms, at_ms - self.from_ms)


class Book:
    """Ticks in, closed parts out. Ticks rise strictly.

    For each tick `begin`, then what its assets tell (`take`, or `track` and its methods), then
    `end`. `at_ms` is the newest tick; 0 before the first, at which all parts begin.
    """

    def __init__(self) -> None:
        self.at_ms = 0
        self.tracks: dict[str, Track] = {}
        self._now = 0
        self._part_ms = 0
        self._pace = Pace()
        self._own_part_ms: dict[str, int] = {}
        """Where an asset was split last; its part begins there, be it known by then or not."""
        self._cuts: dict[str, list[int]] = {}
        self._cuts_of_all: list[int] = []
        self._closed: list[Closed] = []

    def split(self, asset: str, at_ms: int) -> bool:
        """The asset's part ends at `at_ms`; False when a tick of that time has been told."""
        if at_ms <= self.at_ms:
            return False
        self._cuts[asset] = sorted({*self._cuts.get(asset, ()), at_ms})
        return True

    def split_all(self, at_ms: int) -> None:
        """The parts of all assets end at `at_ms`, which no tick has reached."""
        self._cuts_of_all = sorted({*self._cuts_of_all, at_ms})

    def begin(self, at_ms: int, mono_s: float | None = None, *, fresh: bool = False) -> None:
        """A tick. `fresh`: the first one of another run of the program."""
        step = self._pace.step(at_ms, mono_s, fresh=fresh)
        if self.at_ms == 0:
            self._part_ms = at_ms
            self._forget_cuts(at_ms)
        else:
            interval = _Interval(self.at_ms, at_ms, self._now, step.ms, step.whole)
            self._now += step.ms
            self._cut_within(interval)
            if not step.whole:
                for track in self.tracks.values():
                    track.lapse(self._now)
        self.at_ms = at_ms

    def take(self, assets: Iterable[AssetView], counters: Counters) -> None:
        """All that the tick tells, as the site shows it."""
        missed = set(self.tracks)
        for view in assets:
            missed.discard(view.id)
            track = self.tracks.get(view.id)
            if track is None or track.subject[1:] != (view.kind, view.system):
                if not any(r.quality is Quality.GOOD for r in view.readings.values()):
                    if track is not None:
                        track.lapse(self._now)
                    continue
                track = self.track(Subject(view.id, view.kind, view.system))
            track.take(view.readings, counters, self._now, self.at_ms)
        for asset in missed:
            self.tracks[asset].lapse(self._now)

    def track(self, subject: Subject) -> Track:
        """The asset's track; under another kind or system than before a new one begins now."""
        track = self.tracks.get(subject.asset)
        if track is not None and track.subject == subject:
            return track
        from_ms = max(self._part_ms, self._own_part_ms.get(subject.asset, 0))
        if track is not None:
            track.lapse(self._now)
            track.cut(self._now, self.at_ms, held=False, edge=False)
            self._closed += track.closed()
            from_ms = self.at_ms
        self.tracks[subject.asset] = track = Track(subject, from_ms)
        return track

    @property
    def now(self) -> int:
        """The moment of the newest tick, as tracks reckon it."""
        return self._now

    def end(self) -> list[Closed]:
        """The parts that ended since the last tick; the empty ones are left out."""
        closed, self._closed = self._closed, []
        for track in self.tracks.values():
            closed += track.closed()
        return closed

    def close(self, at_ms: int) -> list[Closed]:
        """The run ends: its last tick holds for its second, and all parts end at `at_ms`."""
        if self.at_ms == 0:
            return []
        self.begin(at_ms, fresh=True)
        for track in self.tracks.values():
            if track.from_ms < at_ms:
                track.cut(self._now, at_ms, held=False, edge=False)
        return self.end()

    def open_part(self, asset: str) -> tuple[Subject, Rollup] | None:
        """The asset's part that has not ended, up to the newest tick."""
        track = self.tracks.get(asset)
        row = None if track is None else track.read(self._now, self.at_ms)
        return None if track is None or row is None else (track.subject, row)

    # -- cutting -----------------------------------------------------------------------------

    def _cut_within(self, interval: _Interval) -> None:
        minutes = _minutes(interval.from_ms, interval.to_ms)
        everywhere = minutes + _due(self._cuts_of_all, interval.to_ms)
        if everywhere:
            self._part_ms = max(everywhere)
        if not everywhere and not self._cuts:
            return
        for asset, track in self.tracks.items():
            own = _due(self._cuts.get(asset, ()), interval.to_ms)
            for at_ms in sorted({*everywhere, *own}):
                now = interval.moment(at_ms)
                edge = interval.whole and at_ms == interval.to_ms
                track.cut(now, at_ms, held=now < self._now, edge=edge)
        self._forget_cuts(interval.to_ms)

    def _forget_cuts(self, to_ms: int) -> None:
        """The cuts up to `to_ms` are made."""
        for asset, cuts in self._cuts.items():
            if due := _due(cuts, to_ms):
                self._own_part_ms[asset] = max(due)
        left = {asset: [cut for cut in cuts if cut > to_ms] for asset, cuts in self._cuts.items()}
        self._cuts = {asset: cuts for asset, cuts in left.items() if cuts}
        self._cuts_of_all = [cut for cut in self._cuts_of_all if cut > to_ms]


def _minutes(from_ms: int, to_ms: int) -> list[int]:
    """Where minutes begin after `from_ms` up to `to_ms`; in a long gap the first two and the last,
    for nothing was told in the others."""
    first = (from_ms // MINUTE_MS + 1) * MINUTE_MS
    last = to_ms // MINUTE_MS * MINUTE_MS
    return sorted(
        {minute for minute in (first, first + MINUTE_MS, last) if first <= minute <= last}
    )


def _due(cuts: Iterable[int], to_ms: int) -> list[int]:
    return [cut for cut in cuts if cut <= to_ms]
