"""One asset within a device's image, and the judgement whether it lives."""

from collections.abc import Callable
from typing import NamedTuple

from collector.model.assets import Asset
from collector.model.kinds import AssetKind, AssetStatus
from collector.site.cells import CanonCell

LOST_AFTER_S = 120.0
METER = "meter"
"""The remark by which a meter says how it is set."""
UNREACHED = frozenset({"backoff"})
"""States of a source in which it has no connection: whatever it said last is over."""


class CounterInput(NamedTuple):
    """The newest reading of a counter register."""

    raw: float
    path: str
    unit: str
    modulus: float | None


class Told(NamedTuple):
    """What a device says of one of its assets."""

    kind: AssetKind
    name: str = ""
    model: str = ""
    serial: str = ""
    part: str = ""


class Role:
    """What is known of one asset of a device. Times are steady seconds."""

    def __init__(self, asset: Asset, told: Told) -> None:
        self.asset = asset
        self.told = told
        self.cells: dict[str, CanonCell] = {}
        self.counters: dict[str, CounterInput] = {}
        self.unsaid: set[str] = set()
        """Registers that have not been said since the asset fell silent: they prove nothing."""
        self.continued: set[str] = set()
        """Registers that were counted since the present connection began."""
        self.notes: dict[str, str] = {}
        self.remarks: dict[str, str] = {}
        """What the device says beside its readings, by topic."""
        self.heard_s: float | None = None
        self.present = True
        self.absence = ""
        self.confirmed = False
        """Heard of since the present connection began."""
        self.doubted_s = 0.0
        """When it was last heard of, if it has not been since."""
        self.expected = True
        """Assumed by the registry; no source has declared it yet."""
        self.live = False
        """Judged live at the last tick."""
        self.live_since_s: float | None = None
        self.power_s: dict[str, tuple[float, float]] = {}
        """Time and value of the last power that was integrated, by quantity."""
        self.retired: list[CanonCell] = []
        """Cells whose series have other labels now and must end."""

    def rename(self, asset: Asset, series: Callable[[str], bytes]) -> None:
        """The asset has other details; a series with other labels (`series` gives its bytes for a
        key) begins where the former ends. Of another kind nothing is known yet."""
        before, self.asset = self.asset, asset
        if (before.kind, before.system) != (asset.kind, asset.system):
            self.retired += [cell for cell in self.cells.values() if not cell.ended]
            kept = self.cells if before.kind is asset.kind else {}
            self.cells = {key: cell.relabelled(series(key)) for key, cell in kept.items()}
        if before.kind is not asset.kind:
            self.counters = {}
            self.power_s = {}

    def doubt(self, now_s: float) -> None:
        """A new connection: nothing counts until it is heard again."""
        if self.confirmed:
            self.doubted_s = now_s
        self.confirmed = False
        self.counters = {}
        self.unsaid = set()
        self.continued = set()
        for cell in self.cells.values():
            cell.doubt = True


class Verdict(NamedTuple):
    """The state of an asset at a tick, why, and how long ago it was heard (None: never)."""

    status: AssetStatus
    reason: str
    age_s: float | None


def judge(role: Role, *, now_s: float, silence_s: float, state: str, cause: str) -> Verdict:
    """Whether an asset lives. `state` and `cause` are its source's."""
    age = None if role.heard_s is None else max(0.0, now_s - role.heard_s)
    if state == "disabled":
        return Verdict(AssetStatus.DISABLED, cause or "disabled in the registry", age)
    if state == "wrong device":
        return Verdict(AssetStatus.WRONG, cause, age)
    if age is None:
        return Verdict(AssetStatus.WAITING, cause or role.absence or "not heard yet", None)
    if age > LOST_AFTER_S:
        return Verdict(AssetStatus.LOST, cause or role.absence or f"silent for {age:.0f} s", age)
    if not role.present:
        return Verdict(AssetStatus.LOST, role.absence or "the device says that it is gone", age)
    if age > silence_s or state in UNREACHED:
        return Verdict(AssetStatus.STALE, cause or f"silent for {age:.0f} s", age)
    if not role.confirmed and now_s - role.doubted_s > LOST_AFTER_S and not role.expected:
        return Verdict(AssetStatus.LOST, "connected again, but the device tells of it no more", age)
    if not role.confirmed:
        return Verdict(AssetStatus.STALE, "connected again, its values are awaited", age)
    return Verdict(AssetStatus.LIVE, "", age)
