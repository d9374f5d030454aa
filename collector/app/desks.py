"""Where people change things: what stands behind the desks of the local API."""

import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

import structlog
from msgspec import Struct, field

from collector.app.around import Around
from collector.app.event_books import open_books
from collector.app.fleet import Fleet
from collector.app.known import discovery_desk
from collector.app.plants import SitePlants
from collector.app.profile_watch import ProfileWatch
from collector.app.saver import Saver
from collector.assignments import AssignmentBook
from collector.audit import AuditBook
from collector.config.node import NodeConfig
from collector.config.paths import Home
from collector.control.desk import ControlDesk
from collector.control.lockouts import Lockouts
from collector.control.pin import Pin
from collector.control.tries import Tries
from collector.diagnosis import DiagnosisDesk
from collector.discovery import DiscoveryDesk
from collector.errors import StoreError
from collector.events import EventBook, SaidBook
from collector.model.snapshot import Snapshot
from collector.serve.keeper import Change, RegistryKeeper
from collector.serve.units import Place, UnitDesk
from collector.site.identities import same
from collector.site.site import Site
from collector.store import NodeDb
from collector.supervisor import Watch

log = structlog.get_logger("collector")


class Desks(Struct, frozen=True, kw_only=True):
    """Each is described where it is made."""

    audit: AuditBook
    discovery: DiscoveryDesk
    diagnosis: DiagnosisDesk
    control: ControlDesk
    assignments: AssignmentBook
    events: EventBook
    events_watch: Watch = field(default_factory=partial(Watch, "events"))
    said: SaidBook
    registry: RegistryKeeper
    registry_watch: Watch = field(default_factory=partial(Watch, "registry"))
    units: UnitDesk
    units_watch: Watch = field(default_factory=partial(Watch, "units"))
    profiles: ProfileWatch
    profiles_watch: Watch = field(default_factory=partial(Watch, "profiles"))


async def open_desks(
    home: Home,
    node: NodeConfig,
    node_db: NodeDb,
    stack: AsyncExitStack,
    fleet: Fleet,
    site: Site,
    saver: Saver,
    newest: Callable[[], Snapshot],
    confirmed: Callable[[], bool],
) -> Desks:
    """The desks over the running sources and the site; `stack` closes what must be closed.
    `confirmed`: the node's clock is right. Raises StoreError."""
    audit = AuditBook(node_db, keep_days=node.retention.audit_days)
    assignments = await _assignments(node_db, fleet, site)
    events, said = await open_books(node, node_db, fleet, newest, confirmed)
    registry = _registry(home, fleet, assignments, events)
    discovery = discovery_desk(home, node, site, lambda: registry.event_on)
    stack.push_async_callback(discovery.cancel)
    units = UnitDesk(site, registry, assignments, save=saver.keep, again=fleet.again)
    units.seek = partial(_seen, discovery)
    return Desks(
        audit=audit,
        discovery=discovery,
        diagnosis=DiagnosisDesk(Around(site, fleet, newest)),
        control=await _control(node, node_db, audit, SitePlants(site, fleet, newest)),
        assignments=assignments,
        events=events,
        said=said,
        registry=registry,
        units=units,
        profiles=ProfileWatch(home.config, used=lambda: fleet.profiles, changed=fleet.read_anew),
    )


async def _seen(discovery: DiscoveryDesk, serial: str) -> Place | None:
    """Where the newest search for devices has seen an identity; None: nowhere."""
    for found in discovery.state.found:
        if found.serial and same(found.serial, serial):
            return Place(host=found.host, port=found.port, unit=found.unit)
    return None


async def _control(
    node: NodeConfig, node_db: NodeDb, audit: AuditBook, plants: SitePlants
) -> ControlDesk:
    lockouts, pin = Lockouts(node_db, plants.twins), Pin(node_db)
    await lockouts.open()
    await pin.open()
    return ControlDesk(
        plants,
        audit=audit,
        tries=Tries(node_db),
        lockouts=lockouts,
        pin=pin,
        now_ms=lambda: time.time_ns() // 1_000_000,
        soc_low_pct=node.alarms.soc_low_pct,
    )


async def _assignments(node_db: NodeDb, fleet: Fleet, site: Site) -> AssignmentBook:
    assignments = AssignmentBook(node_db)
    await assignments.begin(fleet.registry, site.identities.serials())
    return assignments


def _registry(
    home: Home, fleet: Fleet, assignments: AssignmentBook, events: EventBook
) -> RegistryKeeper:
    return RegistryKeeper(
        home,
        os.environ,
        fleet.registry,
        take_up=partial(_take_up, fleet, assignments, events),
        active=events.active_systems,
    )


async def _take_up(
    fleet: Fleet, assignments: AssignmentBook, events: EventBook, change: Change
) -> None:
    """Another registry comes into force. What it dates is stated at the next start when node.db
    takes nothing now."""
    await fleet.apply(change.after)
    try:
        await assignments.changed(
            change.before,
            change.after,
            person=change.person,
            reason=change.reason,
            at_ms=change.at_ms,
        )
    except StoreError as error:
        log.warning(
            "A change of the registry is in force, but from when on is not kept yet; the next "
            "start does it",
            cause=str(error),
        )
    events.refresh()
