"""The next image of one device: what its source has said, until the tick takes it."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import structlog
from msgspec import structs

from collector.model.alarm import Notice
from collector.model.assets import Asset, AssetSettings, Device, Link, Ratings, asset_id
from collector.model.catalogue import CATALOGUE, KEYS
from collector.model.kinds import AssetKind, DeviceKind, LinkType
from collector.model.reading import Identity
from collector.model.series import encode_series
from collector.model.snapshot import UNANSWERED
from collector.model.text import clean
from collector.site.cells import CanonCell, RawCell
from collector.site.role import METER, CounterInput, Role, Told

DEFAULT_SILENCE_S = 10.0
RAW_REPEAT_TICKS = 240
LARGEST = 1e12
"""No quantity of the catalogue is as large in its unit, and sums of what is stay exact."""
MAX_ROLES = 200
"""More assets than this no device has; each costs memory for its history."""
TOLD_APART = frozenset({"counter refused"})
"""What is left out and logged elsewhere, each time (`counter_words`)."""
_LEFT_OUT = "Something that {device} says is left out ({reason}); further ones are only counted"
_UNANSWERED = "{device} did not answer a poll ({reason}); further ones are only counted"
OTHER_KIND = (
    "registry.toml calls it a {said}, but the GX reads it as a {told}: if the GX is wrong, set the "
    "meter's role there; then take kind out of registry.toml"
)


class Context(Protocol):
    """What an image needs of its site."""

    node: str
    site: str

    def mono(self) -> float:
        """Seconds of a steady clock."""

    def admit(self, device: Device, identity: Identity) -> None:
        """Compare with what is pinned; raises WrongDevice."""

    def expected(self, device: Device) -> str:
        """Who has to answer; "" where nobody was met yet."""

    def pin(self, device: str, fact: str, value: str) -> None:
        """Keep a fact of a device over restarts, unless one is kept."""

    def pinned(self, device: str, fact: str) -> str:
        """What has been kept."""

    def settings(self, asset: str) -> AssetSettings:
        """What the registry says of an asset."""

    def assets_changed(self) -> None:
        """Assets or links are others than at the last tick."""

    def device_clock(self, device: str, device_ms: int) -> None:
        """A device told its UTC time."""


class Image:
    """`collector.sources.base.DeviceImage` for one device."""

    def __init__(self, device: Device, context: Context) -> None:
        self.device = device
        self.context = context
        self.roles: dict[str, Role] = {}
        self.told_ratings: dict[str, Ratings] = {}
        self.links: dict[tuple[str, str, LinkType], Link] = {}
        self.raw: dict[bytes, RawCell] = {}
        self.dirty: list[RawCell] = []
        self.wheel: list[list[RawCell]] = [[] for _ in range(RAW_REPEAT_TICKS)]
        """Raw cells by the tick at which an unchanged value is sampled again."""
        self.live = False
        """Judged live at the last tick."""
        self.identity: Identity | None = None
        self.place: tuple[float, float] | None = None
        """Where it said that it stands: latitude and longitude."""
        self.silence_s = DEFAULT_SILENCE_S
        self.messages = 0
        self.latency_ms: float | None = None
        self.drops: dict[str, int] = {}
        self.heard_s: float | None = None
        self.arrivals: list[float] = []
        """When some of the messages since the last tick came, on the steady clock."""
        self.derive: Callable[[], None] | None = None
        self.notices: tuple[Notice, ...] | None = None
        """What the device complains of; None: it has not said."""
        self.fault = ""
        """Why what was derived at this tick may not be used; a fault of ours."""
        self._log = structlog.get_logger("device").bind(device=device.id)

    # -- what sources call -------------------------------------------------------------------

    def identify(self, identity: Identity) -> None:
        """State who answers, with an empty serial who cannot say it; raises WrongDevice when it
        is not who is pinned."""
        told = Identity(
            serial=clean(identity.serial),
            maker=clean(identity.maker),
            model=clean(identity.model),
            firmware=clean(identity.firmware),
        )
        self.context.admit(self.device, told)
        self.identity = told if told.serial else None

    def expected(self) -> str:
        """Who has to answer; "" where nobody was met yet."""
        return self.context.expected(self.device)

    def declare(
        self,
        role: str,
        kind: AssetKind,
        *,
        name: str = "",
        model: str = "",
        serial: str = "",
        part: str = "",
    ) -> AssetKind:
        """The device has an asset in `role`; returns the kind that it has (`_kind`)."""
        told = Told(kind, clean(name), clean(model), clean(serial), clean(part))
        asset = self._asset(role, told)
        known = self.roles.get(role)
        if known is None:
            if len(self.roles) >= MAX_ROLES:
                self.drop("too many assets", asset.id)
                return asset.kind
            known = self.roles[role] = Role(asset, told)
            self.context.assets_changed()
        if known.expected:
            self.context.assets_changed()
        known.confirmed = True
        known.expected = False
        self._describe(known, told)
        return asset.kind

    def _asset(self, role: str, told: Told) -> Asset:
        """What the registry says of an asset, beside what its device `told`."""
        settings = self.context.settings(asset_id(self.device.id, role))
        return Asset(
            id=asset_id(self.device.id, role),
            device=self.device.id,
            role=role,
            kind=self._kind(role, settings.kind, told.kind),
            name=settings.name
            or (self.device.name if not role else "")
            or told.name
            or role
            or self.device.id,
            system=settings.system or self.device.system or self.device.id,
            model=told.model,
            serial=told.serial,
            unit_no=settings.unit_no,
            ratings=self._ratings(role, settings.ratings),
        )

    def _describe(self, known: Role, told: Told) -> None:
        known.told = told
        role = known.asset.role
        asset = self._asset(role, told)
        if known.asset != asset:
            known.rename(asset, partial(canon_series, self.context.node, self.context.site, asset))
            self.context.assets_changed()
        said = self.context.settings(asset.id).kind
        other = said is not None and said is not asset.kind
        hint = OTHER_KIND.format(told=asset.kind.value, said=said) if other else ""
        self.note(role, "kind", hint)

    def renew(self, device: Device) -> None:
        """The registry says otherwise of the device, or of its assets."""
        before, self.device = self.device, device
        for known in self.roles.values():
            told = known.told
            if known.expected and before.asset_kind is not device.asset_kind:
                told = told._replace(kind=device.asset_kind or told.kind)
            self._describe(known, told)

    def _kind(self, role: str, said: AssetKind | None, told: AssetKind) -> AssetKind:
        """What the registry says (`said`) stands above what a device says (`told`), but for a GX:
        it knows by its own settings what its devices measure, and reckons with that itself."""
        if self.device.kind is DeviceKind.GX:
            return told
        return said or (self.device.asset_kind if not role else None) or told

    def rate(self, role: str, *, ct_primary_a: float, nominal_v: float) -> None:
        """What the device itself says of what an asset can carry."""
        self.told_ratings[role] = Ratings(
            ct_primary_a=float(ct_primary_a), nominal_v=float(nominal_v)
        )
        found = self._role(role)
        self._describe(found, found.told)

    def _ratings(self, role: str, said: Ratings) -> Ratings:
        """What the registry says, and where it says nothing of CTs what the device told."""
        told = self.told_ratings.get(role)
        if told is None or said.ct_primary_a:
            return said
        return structs.replace(
            said, ct_primary_a=told.ct_primary_a, nominal_v=said.nominal_v or told.nominal_v
        )

    def expect(self, kind: AssetKind) -> None:
        """The registry assumes a main asset, so that it is seen before the device answers."""
        self.declare("", kind)
        self.roles[""].confirmed = False
        self.roles[""].expected = True

    def link_same(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """`role` measures what `other_role` measures."""
        self._link(role, other_role, quantities, LinkType.SAME_AS)

    def link_behind(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """`role` is a part of what `other_role` measures."""
        self._link(role, other_role, quantities, LinkType.BEHIND)

    def _link(self, role: str, other: str, quantities: frozenset[str], kind: LinkType) -> None:
        link = Link(
            asset=asset_id(self.device.id, role),
            type=kind,
            other=asset_id(self.device.id, other),
            quantities=quantities,
            why="inside the device",
        )
        if self.links.get((role, other, kind)) != link:
            self.links[role, other, kind] = link
            self.context.assets_changed()

    def put(self, role: str, key: str, value: float | None) -> None:
        """A gauge or state by catalogue key."""
        if value is not None and not -LARGEST < value < LARGEST:
            self.drop("too large" if math.isfinite(value) else "not finite", f"{key} = {value}")
            value = None
        found = self._role(role)
        cell = found.cells.get(key)
        if cell is None:
            if key not in KEYS:
                self.drop("not in the catalogue", key)
                return
            cell = found.cells[key] = self._canon(found.asset, key)
        cell.put(value)

    def put_counter(
        self,
        role: str,
        measurement: str,
        raw: float | None,
        *,
        path: str,
        unit: str = "",
        modulus: float | None = None,
    ) -> None:
        """A counter register in the measurement's unit."""
        if CATALOGUE[measurement].type != "counter":
            self.drop("not a counter", measurement)
            return
        if raw is not None and not -LARGEST < raw < LARGEST:
            self.drop("too large" if math.isfinite(raw) else "not finite", f"{measurement} = {raw}")
            raw = None
        found = self._role(role)
        if raw is None:
            found.counters.pop(measurement, None)
            return
        serial = clean(unit) or (self.identity.serial if self.identity else "")
        found.counters[measurement] = CounterInput(raw, path, serial, modulus)
        found.unsaid.discard(measurement)

    def cell(self, name: str, labels: Mapping[str, str], unit: str = "") -> RawCell:
        """The raw series `name` with its labels."""
        told = {key: clean(value) for key, value in labels.items()}
        own = {
            "db": "telegraf",
            "node": self.context.node,
            "site": self.context.site,
            "device": self.device.id,
        }
        series = encode_series(name, told | own)
        cell = self.raw.get(series)
        if cell is None:
            cell = self.raw[series] = RawCell(series, self.dirty, self._not_finite)
            self.wheel[len(self.raw) % RAW_REPEAT_TICKS].append(cell)
        cell.unit = clean(unit)
        return cell

    def alive(self, role: str | None = None) -> None:
        """The device lives with all its assets that it does not say are gone, or one of them."""
        now = self.context.mono()
        self.heard_s = now
        if role is None:
            for each in self.roles.values():
                if each.present:
                    each.heard_s = now
        else:
            self._role(role).heard_s = now

    def present(self, role: str, present: bool, reason: str = "") -> None:
        """The device says that an asset is there, or gone."""
        found = self._role(role)
        if present and not found.present:
            found.heard_s = self.heard_s
        found.present = present
        found.absence = clean(reason) if not present else ""
        if present:
            found.confirmed = True

    def silence_limit(self, seconds: float) -> None:
        """After how much silence an asset is stale."""
        self.silence_s = seconds

    def note(self, role: str, topic: str, text: str) -> None:
        """A hint for people."""
        notes = self._role(role).notes
        if text:
            notes[topic] = clean(text, 240)
        else:
            notes.pop(topic, None)

    def remark(self, role: str, topic: str, text: str) -> None:
        """What the device says beside its readings."""
        remarks = self._role(role).remarks
        if topic == METER and remarks.get(topic, "") != clean(text, 240):
            self.context.assets_changed()
        if text:
            remarks[topic] = clean(text, 240)
        else:
            remarks.pop(topic, None)

    def complains(self, notices: tuple[Notice, ...]) -> None:
        """What the device itself complains of now."""
        self.notices = notices

    def pin(self, fact: str, value: str) -> None:
        """Keep a fact of the device over restarts."""
        self.context.pin(self.device.id, fact, value)

    def pinned(self, fact: str) -> str:
        """What has been kept."""
        return self.context.pinned(self.device.id, fact)

    def timed(self) -> None:
        """Time the message that came now."""
        self.arrivals.append(self.context.mono())

    def count(self, messages: int = 1, latency_ms: float | None = None) -> None:
        """Traffic."""
        self.messages += messages
        if latency_ms is not None:
            self.latency_ms = latency_ms

    def drop(self, reason: str, detail: str = "") -> None:
        """Something is left out: counted, and the first of each reason logged."""
        seen = self.drops.get(reason, 0)
        self.drops[reason] = seen + 1
        if not seen and reason not in TOLD_APART:
            what = _UNANSWERED if reason in UNANSWERED else _LEFT_OUT
            self._log.warning(what, reason=reason, cause=clean(detail, 240))

    def before_tick(self, derive: Callable[[], None] | None) -> None:
        """What to run before each freeze."""
        self.derive = derive

    def clock(self, device_ms: int) -> None:
        """The device's UTC time."""
        self.context.device_clock(self.device.id, device_ms)

    def position(self, latitude: float, longitude: float) -> None:
        """Where the device stands."""
        self.place = latitude, longitude

    def reset(self) -> None:
        """A new connection begins: all is doubtful until heard again."""
        self.left()
        now_s = self.context.mono()
        for role in self.roles.values():
            role.doubt(now_s)
        for cell in self.raw.values():
            cell.clear()
            if cell.ended:
                cell.let_go()
        self.raw = {series: cell for series, cell in self.raw.items() if not cell.ended}
        for kept in (self.dirty, *self.wheel):
            kept[:] = [cell for cell in kept if not cell.ended]

    def left(self) -> None:
        """The connection has ended: nobody answers as this device now."""
        self.derive = None
        self.identity = None
        self.notices = None

    # -- helpers -----------------------------------------------------------------------------

    def _role(self, role: str) -> Role:
        found = self.roles.get(role)
        if found is None:
            self.declare(role, self.device.asset_kind or AssetKind.LOAD)
            found = self.roles.get(role)
        if found is None:  # one too many: what is said of it goes nowhere
            nobody = Asset(id="", device="", role=role, kind=AssetKind.LOAD, name="", system="")
            found = Role(nobody, Told(AssetKind.LOAD))
        return found

    def _canon(self, asset: Asset, key: str) -> CanonCell:
        return CanonCell(key, canon_series(self.context.node, self.context.site, asset, key))

    def _not_finite(self, value: float) -> None:
        self.drop("not finite", f"a raw value of {value}")


def canon_series(node: str, site: str, asset: Asset, key: str) -> bytes:
    """The label bytes of an asset's canonical series (DESIGN: `ovr_<measurement>{…}`)."""
    name, _, phase = key.partition(".")
    labels = {
        "node": node,
        "site": site,
        "system": asset.system,
        "asset": asset.id,
        "kind": asset.kind.value,
        "phase": phase,
    }
    return encode_series(f"ovr_{name}", labels)
