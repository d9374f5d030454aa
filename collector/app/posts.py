"""Posts of meters in a running collector: whose they are, and the minutes that they fill."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from collector.app.recorder import Recorder
from collector.config.node import NodeConfig
from collector.ingest import Ingest, Meter, Minute
from collector.model.kinds import DeviceKind
from collector.rollups import Fill, Rollups, Subject
from collector.site.site import Site
from collector.store import NodeDb


def make_ingest(
    node: NodeConfig,
    node_db: NodeDb,
    site: Site,
    recorder: Recorder,
    rollups: Rollups,
    confirmed: Callable[[], bool],
) -> Ingest:
    """The taker of posts of this node's ACUVIM meters."""
    return Ingest(
        node_db,
        node=node.id,
        site=node.site,
        zone=node.timezone,
        meters=partial(_meters, site),
        append=recorder.keep,
        fill=_filler(rollups),
        confirmed=confirmed,
        keep_ms=int(node.journal.max_age_s * 1000),
    )


def _meters(site: Site) -> list[Meter]:
    """The ACUVIM meters whose serial the registry states, or whose identity is pinned."""
    found = []
    for image in site.images.values():
        serial = site.identities.expected(image.device)
        role = image.roles.get("")
        if image.device.kind is DeviceKind.ACUVIM and serial and role is not None:
            found.append(
                Meter(
                    device=image.device.id,
                    serial=serial,
                    asset=role.asset.id,
                    kind=role.asset.kind,
                    system=role.asset.system,
                    unit=image.device.unit,
                )
            )
    return found


def _filler(rollups: Rollups) -> Callable[[Sequence[tuple[Meter, Minute]]], Awaitable[None]]:
    async def fill(minutes: Sequence[tuple[Meter, Minute]]) -> None:
        await rollups.fill(
            [
                Fill(Subject(meter.asset, meter.kind, meter.system), minute.at_ms, minute.means())
                for meter, minute in minutes
            ]
        )

    return fill
