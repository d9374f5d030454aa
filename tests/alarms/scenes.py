"""Scenes by hand, and a book that is turned through them second by second."""

from collections.abc import Iterable, Mapping
from itertools import count

from msgspec import structs

from collector.alarms.book import Book
from collector.alarms.evaluate import Memory, evaluate, remember
from collector.alarms.life import Step
from collector.alarms.scene import Scene
from collector.config.figures import AlarmSettings
from collector.model.alarm import CALLS, Alarm
from collector.model.assets import AssetSettings, Ratings
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, SourceHealth
from tests.support.snapshots import START_MS, asset

LIMITS = AlarmSettings(stale_s=60.0)


def source(device: str, address: str = "", state: str = "running", cause: str = "") -> SourceHealth:
    """The health of a device's connection."""
    return SourceHealth(
        device=device,
        kind="acuvim",
        address=address or f"10.20.0.{sum(map(ord, device)) % 200}:502",
        state=state,
        since_ms=START_MS,
        cause=cause,
    )


def bess(name: str = "bess-1", /, **readings: float | None) -> AssetView:
    """A live battery system; keys with `_L1` stand for `.L1`."""
    return asset(name, AssetKind.BESS, readings=_keys(readings))


def load(name: str = "load-1", /, **readings: float | None) -> AssetView:
    """A live load."""
    return asset(name, AssetKind.LOAD, readings=_keys(readings))


def generator(name: str = "gen-1", /, **readings: float | None) -> AssetView:
    """A live generator."""
    return asset(name, AssetKind.GENERATOR, readings=_keys(readings))


def _keys(readings: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key.replace("_L", ".L"): value for key, value in readings.items()}


def silent(view: AssetView, age_s: float, reason: str = "") -> AssetView:
    """The asset, not heard for a while."""
    return structs.replace(
        view,
        status=AssetStatus.STALE,
        age_s=age_s,
        reason=reason or f"silent for {age_s:.0f} s",
        readings={k: structs.replace(r, quality="stale") for k, r in view.readings.items()},
    )


def scene(views: Iterable[AssetView] = (), sources: Iterable[SourceHealth] = (), **more) -> Scene:
    """A scene in which everything is commissioned; each device has a running source."""
    views = tuple(views)
    sources = tuple(sources) or tuple(
        source(device) for device in sorted({view.device for view in views})
    )
    first = Scene(
        at_ms=START_MS,
        now_s=1000.0,
        assets=views,
        sources=sources,
        commissioned=frozenset(view.id for view in views),
        notices={each.device: () for each in sources},
    )
    return structs.replace(first, **more)


def rated(**ratings: float) -> AssetSettings:
    """What the registry says of an asset's plate."""
    return AssetSettings(ratings=Ratings(**ratings))


class Watch:
    """Scenes in a row, a second apart: memory, book, and everything that changed."""

    def __init__(self, limits: AlarmSettings = LIMITS) -> None:
        self.limits = limits
        self.memory = Memory()
        numbers = count(1)
        self.new_id = lambda at_ms: f"id-{next(numbers)}"
        self.book = Book(new_id=self.new_id)
        self.now_s = 1000.0
        self.at_ms = START_MS
        self.steps: list[Step] = []

    def see(self, seen: Scene, seconds: float = 1.0) -> list[Step]:
        """The scene for so many seconds; the changes that it made."""
        made: list[Step] = []
        for _ in range(max(1, int(seconds))):
            self.now_s += 1
            self.at_ms += 1000
            now = structs.replace(seen, at_ms=self.at_ms, now_s=self.now_s)
            self.memory = remember(self.memory, now)
            found = evaluate(now, self.limits, self.memory, company=self.book.company())
            made += self.book.judge(found, self.at_ms, self.now_s)
        self.steps += made
        return made

    @property
    def open(self) -> dict[str, Alarm]:
        """What is open, by key."""
        return {alarm.key: alarm for alarm in self.book.open()}

    @property
    def calls(self) -> int:
        """How often a person was called."""
        return sum(s.change.what in CALLS and s.alarm.state == "active" for s in self.steps)

    def restart(self) -> None:
        """As after a crash: only what was kept is known."""
        kept: dict[str, Alarm] = {}
        for step in self.steps:
            kept[step.alarm.id] = step.alarm
        left = [alarm for alarm in kept.values() if alarm.state != "closed"]
        self.book = Book(left, new_id=self.new_id)
        self.memory = structs.replace(Memory(), learned=self.memory.learned)
