"""The process image of the node: takes what sources said, once a second, and freezes it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from msgspec import structs

from collector.errors import NotPossible
from collector.model.alarm import Notice
from collector.model.assets import AssetSettings, Device, Link
from collector.model.catalogue import ENERGIES, POWERS
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind, LinkType
from collector.model.reading import Identity
from collector.model.refused import RefusedCount
from collector.model.snapshot import AssetView, SourceHealth, Total
from collector.model.text import clean
from collector.site import counter_words, samples
from collector.site.counters import given, published
from collector.site.energy import (
    INTEGRALS,
    UNJUDGED,
    Happened,
    count_registers,
    integrate,
)
from collector.site.history import Times, window
from collector.site.identities import Identities
from collector.site.image import Image
from collector.site.links import all_links, named_roles
from collector.site.memory import Memory
from collector.site.refused import Refusals
from collector.site.role import UNREACHED, Role, Verdict, judge
from collector.site.samples import Moment, Samples
from collector.site.today import Today
from collector.site.told import Told
from collector.site.twins import Twins
from collector.site.unseen import FIRST_KIND, expected_kind, never_came, tell_unseen
from collector.site.views import Totals, source_health, view
from collector.supervisor import Watch

UNSEEN_TICKS = 60
"""How often it is looked whether the registry names assets that their device does not have."""

NOT_HEARD = UNREACHED | {"wrong device", "disabled"}
"""States of a source in which nothing of its device is sampled."""
SWAPPED = "\N{BLACK SQUARE} swapped"
"""The unit of a register that a person says is another one now: no serial is this."""

log = structlog.get_logger("site")


class Taken(NamedTuple):
    """What one tick took: the parts of the snapshot that the site knows, and the samples."""

    assets: tuple[AssetView, ...]
    totals: dict[str, Total]
    today: dict[str, Total]
    sources: tuple[SourceHealth, ...]
    samples: Samples


class Site:
    """All devices' images, and what is made of them. Everything runs on one event loop."""

    def __init__(
        self,
        *,
        node: str,
        site: str,
        timezone: str,
        devices: Sequence[Device],
        settings: Mapping[str, AssetSettings],
        links: Sequence[Link],
        memory: Memory,
        mono: Callable[[], float] = time.monotonic,
        clock_told: Callable[[str, int], None] = lambda _device, _ms: None,
        kind_of: Callable[[Device], AssetKind | None] = lambda _device: None,
    ) -> None:
        self.node = node
        self.site = site
        self._settings = settings
        self._registry_links = tuple(links)
        self._named = named_roles(settings, links)
        self._mono = mono
        self._clock_told = clock_told
        self._kind_of = kind_of
        """What a device's main asset is as far as others than itself know."""
        self.counters = memory.counters
        self.identities = Identities(memory.pins, lambda: self.images)
        self.refusals = Refusals(memory.refused)
        self.told = Told(memory.told)
        self.today = Today(timezone, memory.day, memory.base)
        self.times = Times()
        self.tick_no = 0
        self.readings = 0
        """Values taken from devices since the start."""
        self._odd = False
        """A counter did something else than count, or a day has begun."""
        self._totals = Totals(self.counters)
        self._twins = Twins()
        self._selves: set[str] = set()
        """Assets of devices that measure themselves."""
        self._apart: set[frozenset[str]] = set()
        """Pairs of which a person says that they are two flows."""
        self._links: tuple[Link, ...] = ()
        self._roles: dict[str, Role] = {}
        self._links_of: dict[str, list[Link]] = {}
        self._stale_shape = True
        self.watches: dict[str, Watch] = {}
        self.images: dict[str, Image] = {}
        self._left: list[Image] = []
        """Images of devices that are no more, whose series the next tick ends."""
        for device in devices:
            self._take_up(device)

    # -- the registry ------------------------------------------------------------------------

    def apply(
        self,
        devices: Sequence[Device],
        settings: Mapping[str, AssetSettings],
        links: Sequence[Link],
    ) -> None:
        """From the next tick on there are these devices, settings and links. A device that stays
        the same is not touched. The sources of those that do not must have ended."""
        self._settings = settings
        self._registry_links = tuple(links)
        self._named = named_roles(settings, links)
        kinds = {device.id: device.kind for device in devices}
        for name, image in list(self.images.items()):
            if kinds.get(name) is not image.device.kind:
                self._let_go(name)
        for device in devices:
            known = self.images.get(device.id)
            if known is None:
                self._take_up(device)
            else:
                known.renew(device)
                if device.enabled is (self.watches[device.id].state == "disabled"):
                    self.watches[device.id] = _watch(device)
        self.images = {device.id: self.images[device.id] for device in devices}
        self._stale_shape = True

    def _take_up(self, device: Device) -> None:
        self.watches[device.id] = _watch(device)
        self.images[device.id] = image = Image(device, self)
        image.expect(expected_kind(device) or self._kind_of(device) or AssetKind.LOAD)

    def _let_go(self, name: str) -> None:
        """A device is no more: it is forgotten who it was, and its series end. Its counters stay,
        for it may come back."""
        self._left.append(self.images.pop(name))
        del self.watches[name]
        self.identities.forget(name)

    def rebase(self, device: str, role: str | None = None) -> None:
        """Another unit stands at a device, or at one of its assets: the next reading of each of
        its registers is a baseline, also where nothing proves whose register it is."""
        for (asset, measurement), state in self.counters.items():
            of, _, part = asset.partition(".")
            if of == device and role in (None, part):
                other = structs.replace(state, unit=SWAPPED)
                self.counters[asset, measurement] = other
        self._odd = True

    # -- Context of the images ---------------------------------------------------------------

    def mono(self) -> float:
        """Seconds of the steady clock."""
        return self._mono()

    def settings(self, asset: str) -> AssetSettings:
        """What the registry says of an asset."""
        return self._settings.get(asset) or AssetSettings()

    def assets_changed(self) -> None:
        """Work out links and totals anew at the next tick."""
        self._stale_shape = True

    def device_clock(self, device: str, device_ms: int) -> None:
        """A device told its UTC time."""
        self._clock_told(device, device_ms)

    def admit(self, device: Device, identity: Identity) -> None:
        """Compare who answers with who is pinned (`Identities.admit`)."""
        self.identities.admit(device, identity)

    def expected(self, device: Device) -> str:
        """Who has to answer; "" where nobody was met yet."""
        return self.identities.expected(device)

    def pin(self, device: str, fact: str, value: str) -> None:
        """Keep a fact of a device over restarts, unless one is kept."""
        self.identities.pin(device, fact, value)

    def pinned(self, device: str, fact: str) -> str:
        """What has been kept of a device."""
        return self.identities.pinned(device, fact)

    # -- the tick ----------------------------------------------------------------------------

    def take(self, at_ms: int, *, confirmed: bool = True) -> Taken:
        """Freeze everything said so far as the tick `at_ms`. A time that is not `confirmed` begins
        no new day."""
        now_s = self._mono()
        self.tick_no += 1
        now = Moment(self.tick_no, at_ms, self.times.advance(at_ms))
        out = Samples()
        verdicts: dict[str, Verdict] = {}
        self._end_left(now, out)
        for image in self.images.values():
            self._derive(image)
        self._reshape(now_s)
        self.told.look(self.images, now_s, at_ms if confirmed else None)
        for image in self.images.values():
            self._take_safely(image, now_s, now, verdicts, out)
        if self.tick_no % UNSEEN_TICKS == 0:
            tell_unseen(self.images, self._named, now_s)
            self.told.part(self.images, now_s, at_ms if confirmed else None)
        if self.today.tick(at_ms if confirmed else None, self.counters):
            self._odd = True
        self.readings += out.readings
        statuses = {name: verdict.status for name, verdict in verdicts.items()}
        assets = tuple(
            view(role, verdicts[name], self._links_of.get(name, ()))
            for name, role in self._roles.items()
        )
        totals = self._totals.of(self._roles, statuses, self._links, POWERS)
        today = self._totals.of(self._roles, statuses, self._links, ENERGIES, less=self.today.base)
        self._look_for_twins(totals, today, now)
        return Taken(
            assets=assets,
            totals=totals,
            today=today,
            sources=tuple(
                source_health(image, self.watches[name], now_s)
                for name, image in self.images.items()
            ),
            samples=out,
        )

    def _end_left(self, now: Moment, out: Samples) -> None:
        for image in self._left:
            for role in image.roles.values():
                samples.silent(role, now, out)
            samples.raw_silent(image, out)
        self._left = []

    def _look_for_twins(
        self, totals: dict[str, Total], today: dict[str, Total], now: Moment
    ) -> None:
        """Mark the totals that may count one flow twice."""
        flows = {
            quantity: {
                asset: value
                for asset in total.counted
                if (value := self._roles[asset].cells[quantity].value) is not None
            }
            for quantity, total in totals.items()
        }
        self._twins.look(flows, self._apart, self._mono(), now.at_ms, selves=self._selves)
        counted = {q: (*total.counted, *total.left_out) for q, total in totals.items()}
        for quantity, found in self._twins.overlaps(counted).items():
            totals[quantity] = structs.replace(totals[quantity], unverified=found)
            for energy, integral in INTEGRALS.items():
                if integral.power == quantity:
                    today[energy] = structs.replace(today[energy], unverified=found)

    def _derive(self, image: Image) -> None:
        image.fault = ""
        if image.derive is None:
            return
        try:
            image.derive()
        except Exception as error:  # noqa: BLE001  one source's fault must not end the tick
            self._fault(image, "fault in derivation", error)

    def _fault(self, image: Image, reason: str, error: Exception) -> None:
        image.fault = f"fault of ours: {type(error).__name__}: {error}"
        if reason not in image.drops:
            log.error(
                "Nothing can be made of what {device} says by a fault of ours",
                device=image.device.id,
                exc_info=error,
            )
        image.drop(reason, image.fault)

    def _take_safely(
        self, image: Image, now_s: float, now: Moment, verdicts: dict[str, Verdict], out: Samples
    ) -> None:
        """Take an image; one that cannot be taken is not live, and harms no other."""
        size = len(out)
        try:
            self._take_image(image, now_s, now, verdicts, out)
        except Exception as error:  # noqa: BLE001  one device's fault must not end the tick
            self._fault(image, "fault in the tick", error)
            out.cut(size)
            for role in image.roles.values():
                role.live = False
                age_s = None if role.heard_s is None else now_s - role.heard_s
                verdicts[role.asset.id] = Verdict(AssetStatus.STALE, clean(image.fault, 240), age_s)
                samples.silent(role, now, out)

    def _take_image(
        self, image: Image, now_s: float, now: Moment, verdicts: dict[str, Verdict], out: Samples
    ) -> None:
        watch = self.watches[image.device.id]
        for role in image.roles.values():
            verdict = judge(
                role,
                now_s=now_s,
                silence_s=image.silence_s,
                state=watch.state,
                cause=watch.cause,
            )
            if image.fault and verdict.status is AssetStatus.LIVE:
                verdict = Verdict(AssetStatus.STALE, clean(image.fault, 240), verdict.age_s)
            verdicts[role.asset.id] = verdict
            live = verdict.status is AssetStatus.LIVE
            if live and not role.live:
                role.live_since_s = now_s
                role.power_s = {}
            elif role.live and not live:
                role.unsaid = set(role.counters)
            role.live = live
            if live:
                self._count(image, role, now_s, now.at_ms)
                samples.canonical(role, now, out)
            else:
                samples.silent(role, now, out)
        heard = image.heard_s is not None and now_s - image.heard_s <= image.silence_s
        live = heard and watch.state not in NOT_HEARD
        if live:
            on_change = image.device.kind is DeviceKind.GX
            if on_change and not image.live:
                samples.raw_again(image)
            samples.raw(image, self.tick_no, out, on_change=on_change)
        elif image.live:
            samples.raw_silent(image, out)
        image.live = live

    def _count(self, image: Image, role: Role, now_s: float, at_ms: int) -> None:
        events = count_registers(role, self.counters, int(now_s * 1000))
        kept, refused = integrate(role, self.counters, now_s)
        for measurement in (*role.counters, *kept):
            state = self.counters.get((role.asset.id, measurement))
            if state is not None:
                said = published(state.total) if measurement in INTEGRALS else state.total
                image.put(role.asset.role, measurement, said)
        for happened in (*events, *refused):
            self._tell(image, role, happened, at_ms)

    def _tell(self, image: Image, role: Role, happened: Happened, at_ms: int) -> None:
        """A counter did something else than count."""
        measurement, event = happened.measurement, happened.event
        if event == "not a count":
            image.drop("not a count", f"{role.asset.id} {measurement}")
            return
        self._odd = True
        self.refusals.note(role.asset.id, happened, at_ms)
        if happened.refused:
            image.drop("counter refused", f"{role.asset.id} {measurement}: {event}")
        if happened.refused or event.startswith(UNJUDGED):
            image.note(role.asset.role, f"counter {measurement}", counter_words.noted(happened))
        counter_words.tell(role.asset.id, happened)

    def _reshape(self, now_s: float) -> None:
        for image in self.images.values():
            main = image.roles.get("")
            if main is not None and main.expected and never_came(image, now_s):
                del image.roles[""]
                self._stale_shape = True
        if not self._stale_shape:
            return
        self._stale_shape = False
        self.told.stale(now_s)
        self._roles = {
            role.asset.id: role for image in self.images.values() for role in image.roles.values()
        }
        inside: Iterable[Link] = (
            link for image in self.images.values() for link in image.links.values()
        )
        assets = [role.asset for role in self._roles.values()]
        self.identities.parts(assets)
        self._links = all_links(assets, self._registry_links, inside)
        self._selves = {
            role.asset.id
            for image in self.images.values()
            if image.device.kind in FIRST_KIND
            for role in image.roles.values()
        }
        self._apart = {
            frozenset((link.asset, link.other))
            for link in self._links
            if link.type is LinkType.APART
        }
        self._links_of = {}
        for link in self._links:
            self._links_of.setdefault(link.asset, []).append(link)

    # -- for readers -------------------------------------------------------------------------

    def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> tuple[list[int], list[float | None]] | None:
        """Recent values of a reading; None when there is no such asset or reading."""
        role = self._roles.get(asset)
        cell = role.cells.get(key) if role else None
        if cell is None:
            return None
        return window(self.times, cell.ring, from_ms, to_ms, step_s)

    @property
    def since_ms(self) -> int | None:
        """The oldest tick whose values are in memory; None before the first."""
        return self.times.first_ms

    def notices(self) -> dict[str, tuple[Notice, ...]]:
        """What each live device complains of, of those that can say."""
        return {
            name: image.notices
            for name, image in self.images.items()
            if image.live and image.notices is not None
        }

    @property
    def unsaved(self) -> bool:
        """A counter did something else than count, or a device told something new: save soon."""
        return self._odd or self.identities.unsaved or self.told.unsaved

    @unsaved.setter
    def unsaved(self, value: bool) -> None:
        self._odd = self.identities.unsaved = self.told.unsaved = value

    def memory(self) -> Memory:
        """What must outlive a restart, as of now."""
        return Memory(
            dict(self.counters),
            self.today.day,
            dict(self.today.base),
            dict(self.identities.pins),
            self.refusals.unsaved,
            self.told.memory(),
        )

    def saved(self, memory: Memory) -> None:
        """That is kept."""
        self.refusals.saved(memory.refused)
        self.told.saved(memory.told)

    def memory_with(self, one: RefusedCount) -> Memory:
        """What must outlive a restart once `one` is decided (`decide`).

        Raises NotPossible when there is no counter that could be given anything."""
        found = self.memory()
        key = (one.asset, one.measurement)
        counters = found.counters
        if one.accepted is not None:
            if key not in counters:
                raise NotPossible(f"{one.asset} has no {one.measurement} that it could be added to")
            counters[key] = given(counters[key], one.accepted)
        return found._replace(refused=(*found.refused, one))

    def decide(self, one: RefusedCount) -> None:
        """What was refused is decided, and kept so: what is accepted is added now."""
        key = (one.asset, one.measurement)
        if one.accepted is not None:
            self.counters[key] = given(self.counters[key], one.accepted)
        self.refusals.decided(one)
        role = self._roles.get(one.asset)
        if role is not None:
            role.notes.pop(f"counter {one.measurement}", None)

    def positions(self) -> dict[str, tuple[float, float]]:
        """By device where it said that it stands: latitude and longitude in degrees."""
        return {name: i.place for name, i in self.images.items() if i.place is not None}

    def arrivals(self) -> list[float]:
        """When some of the messages since the last call came, on the steady clock."""
        found = []
        for image in self.images.values():
            if image.arrivals:
                found += image.arrivals
                image.arrivals = []
        return found

    def series_count(self) -> int:
        """How many series the site holds."""
        raw = sum(len(image.raw) for image in self.images.values())
        return raw + sum(len(role.cells) for role in self._roles.values())


def _watch(device: Device) -> Watch:
    watch = Watch(device.id)
    if not device.enabled:
        watch.state = "disabled"
    return watch
