"""The books of events on a running node: its defaults, its clock, and its systems as they are."""

from collections.abc import Callable

import msgspec

from collector.app.fleet import Fleet
from collector.config.node import NodeConfig
from collector.events import EventBook, SaidBook
from collector.model.event import Event
from collector.model.snapshot import Snapshot
from collector.model.terms import CarbonTerms, FuelTerms, TariffTerms, Terms
from collector.store import NodeDb


def blank_event(node: NodeConfig) -> Event:
    """An event of which nothing is said yet: what node.toml says of all."""
    tariff = msgspec.structs.asdict(node.tariff)
    tariff["bands"] = tariff.pop("band")
    return Event(
        id="",
        name="",
        site=node.site,
        timezone=node.timezone,
        locale=node.report.locale,
        terms=Terms(
            fuel=msgspec.convert(node.fuel, FuelTerms, from_attributes=True),
            carbon=msgspec.convert(node.carbon, CarbonTerms, from_attributes=True),
            tariff=msgspec.convert(tariff, TariffTerms, from_attributes=True),
            demand_window_min=node.report.demand_window_min,
            min_coverage_pct=node.report.min_coverage_pct,
        ),
        created_ms=0,
        changed_ms=0,
    )


def systems_of(fleet: Fleet, snapshot: Snapshot) -> dict[str, set[str]]:
    """The assets of each system: those of the registry, and those that were found."""
    found: dict[str, set[str]] = {}
    for device in fleet.registry.devices:
        found.setdefault(device.system or device.id, set())
    for asset, settings in fleet.registry.settings.items():
        if settings.system:
            found.setdefault(settings.system, set()).add(asset)
    for view in snapshot.assets:
        found.setdefault(view.system, set()).add(view.id)
    return found


async def open_books(
    node: NodeConfig,
    node_db: NodeDb,
    fleet: Fleet,
    newest: Callable[[], Snapshot],
    confirmed: Callable[[], bool],
) -> tuple[EventBook, SaidBook]:
    """The books of events and of what people add. Raises StoreError."""
    events = EventBook(
        node_db,
        node=node.id,
        systems=lambda: systems_of(fleet, newest()),
        confirmed=confirmed,
        blank=blank_event(node),
    )
    await events.open()
    return events, SaidBook(events)
