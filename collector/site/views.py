"""From roles to what people see: asset views and totals."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import structs

from collector.model.assets import Link, Ratings
from collector.model.catalogue import (
    CATALOGUE,
    ENERGIES,
    MAIN_ENERGY,
    MAIN_POWER,
    POWERS,
    TOTALLED,
)
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, SourceHealth, Total
from collector.model.totals import Flow, Group, groups, total
from collector.site.counters import CounterState
from collector.site.energy import Key
from collector.site.image import Image
from collector.site.links import describe
from collector.site.role import Role, Verdict
from collector.supervisor import Watch

RESTING: Mapping[str, tuple[float, ...]] = {"generator_state": (0.0,), "pv_state": (0.0, 1.0, 7.0)}
"""The states in which a source delivers nothing: stopped; off, asleep, standby."""


@lru_cache(4096)
def known(ratings: Ratings) -> Mapping[str, float]:
    """The ratings that there are."""
    return {name: value for name, value in structs.asdict(ratings).items() if value}


def view(role: Role, verdict: Verdict, links: Sequence[Link]) -> AssetView:
    """One asset at this tick, of which the samples were taken."""
    asset = role.asset
    return AssetView(
        id=asset.id,
        name=asset.name,
        kind=asset.kind,
        system=asset.system,
        device=asset.device,
        status=verdict.status,
        reason=verdict.reason,
        age_s=None if verdict.age_s is None else round(verdict.age_s, 1),
        readings={key: cell.reading for key, cell in role.cells.items()},
        notes=tuple(role.notes.values()),
        remarks=tuple(role.remarks.values()),
        model=asset.model,
        serial=asset.serial,
        links=tuple(describe(link) for link in links),
        ratings=known(asset.ratings),
    )


def _quantities(role: Role, counters: Mapping[Key, CounterState]) -> Iterable[str]:
    """What an asset has a part in: what it tells, or before it tells anything what its kind is
    there for and what it counted before a restart."""
    if role.cells:
        return [quantity for quantity in TOTALLED if quantity in role.cells]
    kind, name = role.asset.kind, role.asset.id
    usual = {table[kind] for table in (MAIN_POWER, MAIN_ENERGY) if kind in table}
    counted = {q for q in ENERGIES if (name, q) in counters and kind in CATALOGUE[q].kinds}
    return usual | counted


class Totals:
    """The site's totals; which assets count is worked out anew only when assets change."""

    def __init__(self, counters: Mapping[Key, CounterState]) -> None:
        self._counters = counters
        self._plans: dict[str, tuple[Group, ...]] = {}
        self._shape: object = None

    def of(
        self,
        roles: Mapping[str, Role],
        statuses: Mapping[str, AssetStatus],
        links: tuple[Link, ...],
        quantities: Sequence[str] = POWERS,
        less: Mapping[Key, float] | None = None,
    ) -> dict[str, Total]:
        """The totals of `quantities`; `less` is taken off each asset's counter (its midnight)."""
        self._plan(roles, statuses, links)
        found = {}
        for quantity in quantities:
            plan = self._plans[quantity]
            counter = quantity in ENERGIES
            flows = {
                name: self._flow(roles[name], statuses[name], quantity, less)
                for group in plan
                for name in (group.asset, *group.checks)
            }
            found[quantity] = total(quantity, flows, plan, counter=counter)
        return found

    def _plan(
        self,
        roles: Mapping[str, Role],
        statuses: Mapping[str, AssetStatus],
        links: tuple[Link, ...],
    ) -> None:
        shape = (
            links,
            tuple(
                (
                    name,
                    role.asset.kind,
                    len(role.cells),
                    statuses[name] is AssetStatus.DISABLED,
                )
                for name, role in roles.items()
            ),
        )
        if shape == self._shape:
            return
        self._shape = shape
        having: dict[str, list[str]] = {quantity: [] for quantity in TOTALLED}
        for name, role in roles.items():
            if statuses[name] is not AssetStatus.DISABLED:
                for quantity in _quantities(role, self._counters):
                    having[quantity].append(name)
        self._plans = {q: groups(names, links, q) for q, names in having.items()}

    def _flow(
        self,
        role: Role,
        status: AssetStatus,
        quantity: str,
        less: Mapping[Key, float] | None,
    ) -> Flow:
        key = (role.asset.id, quantity)
        cell = role.cells.get(quantity)
        if cell is not None:
            value = cell.value
        else:
            state = self._counters.get(key)
            value = None if state is None else state.total
        if value is not None and less is not None:
            base = less.get(key)
            value = 0.0 if base is None else max(0.0, value - base)
        live = status is AssetStatus.LIVE and cell is not None and not cell.doubt
        if value is None and _is_missed(role, quantity):
            live = False
        return Flow(value, live, gone=not role.present)


def _is_missed(role: Role, quantity: str) -> bool:
    """Whether a power without a value is unknown rather than nothing. Loads are always there; what
    an asset exists for flows unless the asset says that it rests; an input may be unconnected."""
    if quantity == MAIN_POWER[AssetKind.LOAD]:
        return True
    return quantity == MAIN_POWER.get(role.asset.kind) and not _rests(role)


def _rests(role: Role) -> bool:
    """Whether an asset says that it is switched off."""
    return any(
        (cell := role.cells.get(state)) is not None and cell.value in values
        for state, values in RESTING.items()
    )


def source_health(image: Image, watch: Watch, now_s: float) -> SourceHealth:
    """How the source of a device is."""
    device = image.device
    return SourceHealth(
        device=device.id,
        kind=device.kind.value,
        address=f"{device.host}:{device.port}",
        state=watch.state,
        since_ms=watch.since_ms,
        cause=watch.cause,
        tries=watch.tries,
        retry_in_s=watch.retry_in_s(now_s),
        messages=image.messages,
        latency_ms=image.latency_ms if watch.state == "running" else None,
        drops=dict(image.drops),
    )
