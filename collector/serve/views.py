"""What viewers get of what operators see: no registry, nothing that says how to reach a device.

Field by field, and only what is named here: a field that is new stays out until somebody decides.
Values, ages, states and counts are seen: a viewer learns that something is wrong and where, an
operator also why. Addresses, serials, notes for the crew, names of persons and the texts of causes
(they name hosts, files and pinned identities) are left out.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import NODEFAULT, Struct, structs

from collector import wire
from collector.alarms.advice import ADVICE
from collector.model.alarm import Alarm, AlarmHealth, Commissioning, Rule
from collector.model.event import EventNow
from collector.model.kinds import AssetStatus
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import (
    AssetView,
    JournalHealth,
    NodeHealth,
    SinkHealth,
    Snapshot,
    SourceHealth,
)
from collector.serve.access import Role
from collector.wire import AlarmsAnswer, ApiHealth, HealthAnswer, MachineHealth, SnapshotAnswer

T = TypeVar("T", bound=Struct)

SEEN: Mapping[type[Struct], str] = {
    Snapshot: "seq at_ms node site timezone totals today assets sources sinks journal health "
    "alarms outbox events",
    EventNow: "id name status timezone from_ms planned_to_ms systems",
    AssetView: "id name kind system device status age_s readings model links ratings",
    SourceHealth: "device kind state since_ms tries retry_in_s messages latency_ms",
    SinkHealth: "sink state behind_s head settled owed_batches sent_batches sent_samples "
    "sent_bytes dead_samples lossless",
    JournalHealth: "state first head bytes cap_bytes samples lost_samples commit_ms unconfirmed "
    "estimated_ticks gap_ticks gap_samples",
    NodeHealth: "started_ms tick_seq tick_late_ms clock_confirmed rss_bytes cpu_s series samples "
    "readers",
    OutboxHealth: "state waiting refused oldest_min sent sent_bytes sent_ms dropped",
    Alarm: "id rule severity raised_ms changed_ms state name asset device members raises "
    "chattering acked_ms cleared_ms shelved_until_ms",
    AlarmHealth: "open shelved commissioned waiting lost refused",
    Commissioning: "asset at_ms released_ms",
    ApiHealth: "streams",
    MachineHealth: "disk_free_bytes disk_size_bytes memory_free_bytes memory_size_bytes load cores "
    "up_s ntp",
    HealthAnswer: "schema ok version node hosted health journal sources sinks api machine",
    AlarmsAnswer: "schema active shelved history commissioned health",
}
"""The fields of each struct that a viewer sees."""

REASONS: Mapping[AssetStatus, str] = {
    AssetStatus.LIVE: "",
    AssetStatus.STALE: "not heard any more",
    AssetStatus.LOST: "no connection",
    AssetStatus.WRONG: "another device answers",
    AssetStatus.WAITING: "not heard yet",
    AssetStatus.DISABLED: "switched off",
}
_ABOUT: Mapping[Rule, str] = {
    Rule.GATEWAY: "a gateway",
    Rule.SUBNET: "a network",
    Rule.TOGETHER: "several devices",
}
"""In place of an address: an alarm without a name is about this node itself."""
_SAYS: Mapping[Rule, str] = {
    Rule.GATEWAY: "nobody answers",
    Rule.SUBNET: "nobody answers",
    Rule.NODE_LINK: "nothing is reached",
}
"""What is wrong, where the rule's own word would not say it."""
_NAMED = frozenset({Rule.SINK, Rule.REFUSED, Rule.TOTALS})
"""Rules about sinks and assets, whose names a viewer sees anyway."""
PROBLEMS = "{count} on this node: an operator sees what"


def _blanks(kind: type[Struct]) -> dict[str, Any]:
    """What takes the place of the fields that a viewer does not see."""
    seen = SEEN[kind].split()
    found: dict[str, Any] = {}
    for field in structs.fields(kind):
        if field.name not in seen:
            found[field.name] = "" if field.type is str else 0 if field.type is int else NODEFAULT
            if field.default is not NODEFAULT:
                found[field.name] = field.default
            elif field.default_factory is not NODEFAULT:
                found[field.name] = field.default_factory()
    return found


_BLANKS = {kind: _blanks(kind) for kind in SEEN}


def seen(full: T, **more: object) -> T:
    """The part of `full` that a viewer sees; `more` are fields in a viewer's words."""
    return structs.replace(full, **(_BLANKS[type(full)] | more))


def snapshot(full: Snapshot) -> Snapshot:
    """A viewer's part of a snapshot."""
    return seen(
        full,
        assets=tuple(seen(one, reason=REASONS[one.status]) for one in full.assets),
        sources=tuple(seen(one) for one in full.sources),
        sinks=tuple(seen(one) for one in full.sinks),
        journal=seen(full.journal),
        health=_node(full.health),
        alarms=tuple(alarm(one) for one in full.alarms),
        outbox=seen(full.outbox),
        events=tuple(seen(one) for one in full.events if one.systems or one.from_ms),
    )


def health(full: HealthAnswer) -> HealthAnswer:
    """A viewer's part of the collector's health."""
    return seen(
        full,
        health=_node(full.health),
        journal=seen(full.journal),
        sources=tuple(seen(one) for one in full.sources),
        sinks=tuple(seen(one) for one in full.sinks),
        api=seen(full.api),
        machine=seen(full.machine),
    )


def alarms(full: AlarmsAnswer) -> AlarmsAnswer:
    """A viewer's part of the alarms."""
    return seen(
        full,
        active=tuple(alarm(one) for one in full.active),
        shelved=tuple(alarm(one) for one in full.shelved),
        history=tuple(alarm(one) for one in full.history),
        commissioned=tuple(seen(one) for one in full.commissioned),
        health=seen(full.health),
    )


def alarm(full: Alarm) -> Alarm:
    """A viewer's part of one alarm: what, where and since when, what to do about its kind; not how
    and by whom."""
    named = full.asset or full.rule in _NAMED
    name = full.name if named else _ABOUT.get(full.rule, "")
    advice = ADVICE[full.rule]  # fixed words, which name nothing
    text = _SAYS.get(full.rule, full.rule.value)
    return seen(full, subject=full.asset, name=name, text=text, advice=advice)


def _node(full: NodeHealth) -> NodeHealth:
    count = len(full.problems)
    words = f"{count} problem{'s' if count > 1 else ''}"
    clock = full.clock.partition(" by ")[0]  # not who or what confirmed it
    return seen(full, clock=clock, problems=(PROBLEMS.format(count=words),) if count else ())


class Encoded:
    """The newest snapshot as JSON, made once for each role however many readers there are."""

    def __init__(self) -> None:
        self._made: dict[Role, tuple[Snapshot, bytes]] = {}

    def of(self, full: Snapshot, role: Role) -> bytes:
        """The answer that `role` gets of this snapshot."""
        made = self._made.get(role)
        if made is None or made[0] is not full:
            part = full if role is Role.OPERATOR else snapshot(full)
            made = self._made[role] = (full, wire.encode(SnapshotAnswer(snapshot=part)))
        return made[1]
