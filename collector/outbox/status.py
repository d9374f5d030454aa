"""What the cloud is told of the node each minute, and of its alarms when they change."""

from collections import Counter

from collector.model.alarm import Alarm, AlarmChange
from collector.model.cloud import AlarmBody, NodeStatus, SinkStatus
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import Snapshot
from collector.outbox.table import Db, put

MAX_PROBLEMS = 20


def node_status(
    snapshot: Snapshot,
    *,
    version: str,
    position: tuple[float, float] | None = None,
    disk: tuple[int, int] | None = None,
    outbox: OutboxHealth | None = None,
    fingerprint: str = "",
) -> NodeStatus:
    """The status that `snapshot` shows.

    `position` is latitude and longitude in degrees, `disk` free and all bytes of the state folder's
    disk, `fingerprint` that of the TCP listener's certificate.
    """
    latitude, longitude = (None, None) if position is None else position
    free, size = (None, None) if disk is None else disk
    return NodeStatus(
        at_ms=snapshot.at_ms,
        started_ms=snapshot.health.started_ms,
        site=snapshot.site,
        timezone=snapshot.timezone,
        version=version,
        latitude=latitude,
        longitude=longitude,
        clock=snapshot.health.clock,
        problems=snapshot.health.problems[:MAX_PROBLEMS],
        assets=Counter(asset.status.value for asset in snapshot.assets),
        alarms=len(snapshot.alarms),
        sinks=tuple(
            SinkStatus(
                sink=sink.sink,
                state=sink.state,
                behind_min=round(sink.behind_s / 60, 1),
                lossless=sink.lossless,
                dead_samples=sink.dead_samples,
            )
            for sink in snapshot.sinks
        ),
        journal=snapshot.journal.state,
        lost_samples=snapshot.journal.lost_samples,
        disk_free_bytes=free,
        disk_bytes=size,
        waiting=sum(outbox.waiting.values()) if outbox is not None else 0,
        refused=sum(outbox.refused.values()) if outbox is not None else 0,
        fingerprint=fingerprint,
    )


def put_alarm(db: Db, alarm: Alarm, change: AlarmChange) -> None:
    """Queue an alarm as it is after `change`, in the transaction that keeps it."""
    body = AlarmBody(alarm=alarm, change=change)
    put(db, kind="alarms", record_id=alarm.id, body=body, at_ms=change.at_ms)
