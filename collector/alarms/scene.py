"""What is judged: the node at one tick, frozen."""

from collections.abc import Mapping

from msgspec import Struct

from collector.model.alarm import Notice
from collector.model.assets import AssetSettings, Ratings
from collector.model.snapshot import (
    AssetView,
    JournalHealth,
    NodeHealth,
    SinkHealth,
    SourceHealth,
    Total,
)


class Backlog(Struct, frozen=True, kw_only=True):
    """Records that wait for the cloud: how many, the oldest's age, and why they wait."""

    waiting: int
    oldest_s: float = 0.0
    cause: str = ""


class Scene(Struct, frozen=True, kw_only=True):
    """Everything that alarms are made of. `at_ms` is the tick, `now_s` steady seconds.

    `settings` is what the registry says of assets (ratings). `notices` has an entry for each
    device that says what it complains of (empty: of nothing); a device without one cannot say.
    `commissioned` and `in_event` are the assets that are watched. `link_up` is False when no
    network interface of the node has a link, None when that is not known; `disk_free_bytes` and
    `outbox` are None when there is nothing to say.
    """

    at_ms: int
    now_s: float
    assets: tuple[AssetView, ...] = ()
    totals: Mapping[str, Total] = {}
    sources: tuple[SourceHealth, ...] = ()
    sinks: tuple[SinkHealth, ...] = ()
    journal: JournalHealth = JournalHealth(state="ok")
    health: NodeHealth = NodeHealth(started_ms=0, clock_confirmed=True)
    settings: Mapping[str, AssetSettings] = {}
    notices: Mapping[str, tuple[Notice, ...]] = {}
    commissioned: frozenset[str] = frozenset()
    in_event: frozenset[str] = frozenset()
    link_up: bool | None = None
    disk_free_bytes: int | None = None
    outbox: Backlog | None = None

    def watches(self, asset: str) -> bool:
        """Whether what happens to the asset concerns anybody."""
        return asset in self.commissioned or asset in self.in_event

    def ratings(self, asset: str) -> Ratings:
        """What is written on the asset's plate."""
        found = self.settings.get(asset)
        return NO_RATINGS if found is None else found.ratings


NO_RATINGS = Ratings()
