"""What viewers get of what operators see: no registry, nothing that says how to reach a device.

Field by field: addresses of devices, serials, texts of causes and problems (they name hosts, files
and pinned identities), notes for the crew and the collector's pid are left out. Values, ages,
states and counts stay: a viewer sees that something is wrong and where, an operator also why.
"""

from collections.abc import Mapping

from msgspec import structs

from collector import wire
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView, NodeHealth, Snapshot, SourceHealth
from collector.serve.access import Role
from collector.wire import ApiHealth, HealthAnswer, SnapshotAnswer

REASONS: Mapping[AssetStatus, str] = {
    AssetStatus.LIVE: "",
    AssetStatus.STALE: "not heard any more",
    AssetStatus.LOST: "no connection",
    AssetStatus.WRONG: "another device answers",
    AssetStatus.WAITING: "not heard yet",
    AssetStatus.DISABLED: "switched off",
}
PROBLEMS = "{count} on this node: an operator sees what"


def snapshot(full: Snapshot) -> Snapshot:
    """A viewer's part of a snapshot."""
    return structs.replace(
        full,
        assets=tuple(_asset(asset) for asset in full.assets),
        sources=tuple(_source(source) for source in full.sources),
        sinks=tuple(structs.replace(sink, cause="") for sink in full.sinks),
        journal=structs.replace(full.journal, cause=""),
        health=_node(full.health),
    )


def health(full: HealthAnswer) -> HealthAnswer:
    """A viewer's part of the collector's health."""
    return structs.replace(
        full,
        pid=0,
        health=_node(full.health),
        journal=structs.replace(full.journal, cause=""),
        sources=tuple(_source(source) for source in full.sources),
        sinks=tuple(structs.replace(sink, cause="") for sink in full.sinks),
        api=ApiHealth(streams=full.api.streams),
    )


def _asset(asset: AssetView) -> AssetView:
    return structs.replace(asset, reason=REASONS[asset.status], notes=(), serial="")


def _source(source: SourceHealth) -> SourceHealth:
    return structs.replace(source, address="", cause="", drops={})


def _node(node: NodeHealth) -> NodeHealth:
    count = len(node.problems)
    words = f"{count} problem{'s' if count > 1 else ''}"
    return structs.replace(
        node, drops={}, problems=(PROBLEMS.format(count=words),) if count else ()
    )


class Encoded:
    """The newest snapshot as JSON, made once for each role however many readers there are."""

    def __init__(self) -> None:
        self._made: dict[Role, tuple[Snapshot, bytes]] = {}

    def of(self, full: Snapshot, role: Role) -> bytes:
        """The answer that `role` gets of this snapshot."""
        made = self._made.get(role)
        if made is None or made[0] is not full:
            seen = full if role is Role.OPERATOR else snapshot(full)
            made = self._made[role] = (full, wire.encode(SnapshotAnswer(snapshot=seen)))
        return made[1]
