"""Who is not heard: single assets, whole devices, and other devices than expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from collector.alarms.condition import Condition, key_of
from collector.alarms.scene import Scene
from collector.config.figures import AlarmSettings
from collector.model.alarm import Rule, Severity
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView, SourceHealth

SILENT = frozenset({AssetStatus.STALE, AssetStatus.LOST, AssetStatus.WAITING})
UNSEEN = "not seen since the collector started"


class Missing(Struct, frozen=True, kw_only=True):
    """A watched asset that is not heard. `age_s` None: not since the start."""

    asset: str
    name: str
    device: str
    reason: str
    age_s: float | None


class Out(Struct, frozen=True, kw_only=True):
    """A device of which nothing is heard, and the watched assets that are missing with it."""

    device: str
    host: str
    """Where it is; "" when its source does not say."""
    port: str
    missing: tuple[Missing, ...]

    @property
    def age_s(self) -> float | None:
        """For how long at least; None: since the start."""
        ages = [each.age_s for each in self.missing if each.age_s is not None]
        return min(ages) if len(ages) == len(self.missing) else None


class Presence(Struct, frozen=True, kw_only=True):
    """Single missing assets of devices that are heard, devices that are out, and all devices of
    which something is watched."""

    single: tuple[Missing, ...]
    out: Mapping[str, Out]
    watched: Mapping[str, SourceHealth]


def presence(scene: Scene) -> Presence:
    """What is not heard of what is watched."""
    views: dict[str, list[AssetView]] = {}
    for view in scene.assets:
        if view.status is not AssetStatus.DISABLED:
            views.setdefault(view.device, []).append(view)
    sources = {source.device: source for source in scene.sources if source.state != "disabled"}
    wanted = _watched(scene, sources)
    single: list[Missing] = []
    out: dict[str, Out] = {}
    for device, assets in wanted.items():
        there = {view.id: view for view in views.get(device, ())}
        missing = tuple(_missing(there, device, assets))
        if not missing:
            continue
        if all(view.status in SILENT for view in there.values()):
            host, port = place(sources[device].address)
            out[device] = Out(device=device, host=host, port=port, missing=missing)
        else:
            single += missing
    return Presence(
        single=tuple(single), out=out, watched={device: sources[device] for device in wanted}
    )


def _watched(scene: Scene, sources: Mapping[str, SourceHealth]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for asset in sorted(scene.commissioned | scene.in_event):
        device = asset.partition(".")[0]
        if device in sources:
            wanted.setdefault(device, []).append(asset)
    return wanted


def _missing(
    there: Mapping[str, AssetView], device: str, assets: Sequence[str]
) -> Iterator[Missing]:
    for asset in assets:
        view = there.get(asset)
        if view is None:
            yield Missing(asset=asset, name=asset, device=device, reason=UNSEEN, age_s=None)
        elif view.status in SILENT:
            yield Missing(
                asset=asset, name=view.name, device=device, reason=view.reason, age_s=view.age_s
            )


def place(address: str) -> tuple[str, str]:
    """`10.20.0.41:502` → host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


def singles(found: Iterable[Missing], limits: AlarmSettings) -> Iterator[Condition]:
    """One condition for each asset whose device is heard."""
    for each in found:
        text = each.reason or "not heard"
        yield _silent(each.asset, each.name, each.device, text, each.age_s, (), limits)


def device(out: Out, limits: AlarmSettings) -> Condition:
    """One condition for a device that is out; it lists the assets that went with it."""
    main = next((m for m in out.missing if m.asset == out.device), out.missing[0])
    members = tuple(each.asset for each in out.missing)
    text = main.reason or "not heard"
    listed = members if len(members) > 1 else ()
    return _silent(out.device, main.name, out.device, text, out.age_s, listed, limits)


def _silent(
    subject: str,
    name: str,
    of: str,
    text: str,
    age_s: float | None,
    members: tuple[str, ...],
    limits: AlarmSettings,
) -> Condition:
    return Condition(
        key=key_of(Rule.SILENT, subject),
        rule=Rule.SILENT,
        subject=subject,
        severity=Severity.ALARM,
        text=text,
        name=name,
        asset=subject,
        device=of,
        members=members,
        for_s=age_s or 0.0,
        delay_s=limits.stale_s,
        clear_s=limits.delay_s,
    )


def wrong_devices(scene: Scene, limits: AlarmSettings) -> Iterator[Condition]:
    """Another identity answers where a watched asset is expected."""
    watched = {asset.partition(".")[0] for asset in scene.commissioned | scene.in_event}
    names = {view.id: view.name for view in scene.assets}
    for source in scene.sources:
        if source.state == "wrong device" and source.device in watched:
            yield Condition(
                key=key_of(Rule.WRONG_DEVICE, source.device),
                rule=Rule.WRONG_DEVICE,
                subject=source.device,
                severity=Severity.ALARM,
                text=source.cause or "another device answers at its address",
                name=names.get(source.device, source.device),
                asset=source.device,
                device=source.device,
                delay_s=limits.delay_s,
                clear_s=limits.delay_s,
            )
