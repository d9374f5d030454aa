"""What devices have told of their assets and of how those lie to each other, and since when.

A report says of each asset what it was, and counts a flow once by these links: also when it is made
anew after a restart with the devices switched off, or when they are in no registry any more. So it
is kept in `node.db`, and nothing of it is forgotten with its device (ADR 55).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

import msgspec
from msgspec import UNSET, structs

from collector.model.assets import Link
from collector.model.report_input import AssetInput
from collector.site.image import Image
from collector.site.links import equal_serials
from collector.site.role import METER, Role

MINUTE_MS = 60_000
MOST = 200
"""So many times an asset or a link may be told otherwise; then the oldest is forgotten, and what
came next holds since ever."""
SURE_S = 600.0
"""A device that has been live for so long has told of all its assets (a GX publishes everything
every 240 s): of what it has not, it has none any more."""
FREE = ("name", "system", "unit_no", "ratings")
"""What people say of an asset, and may put right later: the newest goes for all time."""

Key = tuple[str, str]
"""An asset, and "" for what it is, else which link of it."""
Spans = tuple[tuple[int, str], ...]
"""From when on (UTC ms, at the minute; 0: since ever) which JSON holds; "" is nothing any more."""


class Told:
    """All that was told. `kept` is what `node.db` has; `unsaved`: something is new since then."""

    def __init__(self, kept: Mapping[Key, Spans]) -> None:
        self._spans: dict[Key, Spans] = dict(kept)
        self._changed: set[Key] = set()
        self.unsaved = False
        self._since_s: float | None = None
        """Since when on the steady clock there may be something that is not noted."""
        self._looked = False

    # -- while it runs -----------------------------------------------------------------------

    def stale(self, now_s: float) -> None:
        """Assets or links may be others than before."""
        self._since_s = now_s if self._since_s is None else self._since_s
        self._looked = False

    def look(self, images: Mapping[str, Image], now_s: float, at_ms: int | None) -> None:
        """Note what devices say otherwise now. `at_ms` is the tick; None: its time is not sure yet,
        so that only what needs none is noted: what is told for the first time."""
        if self._since_s is None or (self._looked and at_ms is None):
            return
        self._looked = True
        since_ms = None if at_ms is None else at_ms - int((now_s - self._since_s) * 1000)
        for image in images.values():
            for role in image.roles.values():
                if not role.expected:
                    self._note_asset(described(image, role), since_ms)
            for link in image.links.values():
                self._note_link(link, since_ms)
        self._note_serials(images, since_ms)
        if at_ms is not None:
            self._since_s = None

    def _note_asset(self, told: AssetInput, at_ms: int | None) -> None:
        key = (told.id, "")
        before = self._newest(told.id)
        asset = filled(told, before)
        spans = self._spans.get(key, ())
        if before is not None and spans[-1][1] and _but_for(before, asset) == asset:
            if before != asset:  # in its place: it is called otherwise for all time
                self._keep(key, (*spans[:-1], (spans[-1][0], _json(asset))))
            return
        self._hold(key, _json(asset), at_ms)

    def _note_link(self, link: Link, at_ms: int | None, *, ever: bool = True) -> None:
        nothing = link.quantities is not None and not link.quantities
        self._hold(_key(link), "" if nothing else _json(link), at_ms, ever=ever)

    def _note_serials(self, images: Mapping[str, Image], at_ms: int | None) -> None:
        """Links that follow from equal serials, also of devices that are silent since the start."""
        known = self._last(gone=False)
        there = [one for one in known.values() if one.device in images]
        found = {_key(link): link for link in equal_serials(there)}
        for link in found.values():
            ever = not (self._swapped(link.asset) or self._swapped(link.other))
            self._note_link(link, at_ms, ever=ever)
        for key in [key for key in self._spans if key[1].startswith("serial ")]:
            if key not in found:
                self._hold(key, "", at_ms)

    def _swapped(self, asset: str) -> bool:
        """Whether it was another unit before: then what follows from its serial began with it."""
        bodies = (body for _, body in self._spans.get((asset, ""), ()))
        return len({_asset(body).serial for body in bodies if body} - {""}) > 1

    def part(self, images: Mapping[str, Image], now_s: float, at_ms: int | None) -> None:
        """Of assets that devices do not have any more: that they are gone, and their links; looked
        for when the time is sure (`at_ms`, the tick)."""
        if at_ms is None:
            return
        for key in [key for key, spans in self._spans.items() if not key[1] and spans[-1][1]]:
            device, _, role = key[0].partition(".")
            image = images.get(device)
            if image is None or role in image.roles:
                continue
            ages = [now_s - (one.live_since_s or now_s) for one in image.roles.values() if one.live]
            if ages and max(ages) >= SURE_S:
                since_ms = at_ms - int(max(ages) * 1000)
                for other in [each for each in self._spans if key[0] in (each[0], _other(each))]:
                    self._hold(other, "", since_ms)

    def _hold(self, key: Key, body: str, at_ms: int | None, *, ever: bool = True) -> None:
        """From then on it is so; if nothing was known of it, since `ever`."""
        spans = self._spans.get(key, ())
        if body == (spans[-1][1] if spans else ""):
            return
        if not spans and ever:
            self._keep(key, ((0, body),))
        elif at_ms is not None:
            from_ms = at_ms // MINUTE_MS * MINUTE_MS
            before = tuple(one for one in spans if one[0] < from_ms)
            again = before and before[-1][1] == body
            self._keep(key, _bounded(before if again else (*before, (from_ms, body))))

    def _keep(self, key: Key, spans: Spans) -> None:
        self._spans[key] = spans
        self._changed.add(key)
        self.unsaved = True

    # -- for those who keep it -----------------------------------------------------------------

    def memory(self) -> dict[Key, Spans]:
        """What is not kept yet."""
        return {key: self._spans[key] for key in self._changed}

    def saved(self, kept: Mapping[Key, Spans]) -> None:
        """That is kept."""
        self._changed -= {key for key, spans in kept.items() if self._spans[key] == spans}

    # -- for readers -------------------------------------------------------------------------

    def assets(self) -> dict[str, AssetInput]:
        """All assets that were ever told of, by id, as they were told last."""
        return self._last(gone=True)

    def before(self) -> dict[str, tuple[tuple[int, AssetInput], ...]]:
        """Of assets that were otherwise once: until when (UTC ms) they were what, in order."""
        found = {}
        for key, spans in self._spans.items():
            some = [one for one in spans if one[1]]
            if not key[1] and len(some) > 1:
                pairs = pairwise(some)
                found[key[0]] = tuple((until_ms, _asset(was)) for (_, was), (until_ms, _) in pairs)
        return found

    def links(self) -> list[Link]:
        """All links that were ever told, each with its time."""
        return [link for key, some in self._spans.items() if key[1] for link in _links(some)]

    def _last(self, *, gone: bool) -> dict[str, AssetInput]:
        """The assets as they were told last, with those that are `gone` or without."""
        found = {}
        for (asset, key), spans in self._spans.items():
            if not key and (gone or spans[-1][1]):
                newest = self._newest(asset)
                if newest is not None:
                    found[asset] = newest
        return found

    def _newest(self, asset: str) -> AssetInput | None:
        spans = self._spans.get((asset, ""), ())
        return next((_asset(body) for _, body in reversed(spans) if body), None)


def described(image: Image, role: Role) -> AssetInput:
    """What is known of an asset now."""
    asset = role.asset
    return AssetInput(
        id=asset.id,
        device=asset.device,
        device_kind=image.device.kind,
        kind=asset.kind,
        role=asset.role,
        name=asset.name,
        system=asset.system,
        model=asset.model,
        serial=asset.serial,
        unit_no=asset.unit_no,
        ratings=asset.ratings,
        meter=role.remarks.get(METER, ""),
    )


def filled(told: AssetInput, before: AssetInput | None) -> AssetInput:
    """What a device tells, and where it has not told yet (it has just been connected) what it did
    before, unless another unit stands there."""
    if before is None or before.kind is not told.kind:
        return told
    if told.serial and before.serial and told.serial != before.serial:
        return told
    return structs.replace(
        told,
        model=told.model or before.model,
        serial=told.serial or before.serial,
        meter=told.meter or before.meter,
    )


def _but_for(before: AssetInput, asset: AssetInput) -> AssetInput:
    """As it was, but for what is free."""
    return structs.replace(before, **{name: getattr(asset, name) for name in FREE})


def _links(spans: Spans) -> Iterator[Link]:
    ends = [*(from_ms for from_ms, _ in spans[1:]), UNSET]
    for (from_ms, body), to_ms in zip(spans, ends, strict=True):
        if body:
            yield structs.replace(_link(body), from_ms=from_ms or UNSET, to_ms=to_ms)


def _bounded(spans: Spans) -> Spans:
    return spans if len(spans) <= MOST else ((0, spans[1][1]), *spans[2:])


def _key(link: Link) -> Key:
    serial = "serial " if link.quantities is None else ""
    return link.asset, f"{serial}{link.type.value} {link.other}"


def _other(key: Key) -> str:
    """The other asset of a link."""
    return key[1].rpartition(" ")[2]


def _json(value: AssetInput | Link) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


@lru_cache(4096)
def _asset(body: str) -> AssetInput:
    return msgspec.json.decode(body, type=AssetInput)


@lru_cache(4096)
def _link(body: str) -> Link:
    return msgspec.json.decode(body, type=Link)
