"""`ovr status`: how the running collector and its assets are."""

import argparse
import asyncio
import sys
from typing import Any

import msgspec

from collector.client import Client
from collector.config.paths import Home
from collector.model.alarm import Alarm
from collector.model.catalogue import MAIN_POWER
from collector.model.event import EventNow
from collector.model.kinds import AssetStatus, Quality
from collector.model.outbox import OutboxHealth
from collector.model.rounding import decimal
from collector.model.snapshot import AssetView, SinkHealth, Snapshot, Total
from collector.wire import SCHEMA, HealthAnswer, ListenHealth


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("status", help="how the running collector and its assets are")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def quality(asset: AssetView) -> Quality:
    """An asset's quality: good while it lives, bad when nothing of it may be used."""
    if asset.status is AssetStatus.LIVE:
        return Quality.GOOD
    return Quality.STALE if asset.status in (AssetStatus.STALE, AssetStatus.LOST) else Quality.BAD


def _asset(asset: AssetView) -> dict[str, Any]:
    return {
        "id": asset.id,
        "name": asset.name,
        "kind": asset.kind,
        "system": asset.system,
        "device": asset.device,
        "quality": quality(asset),
        "status": asset.status,
        "reason": asset.reason,
        "age_s": asset.age_s,
        "readings": {
            key: {"value": r.value, "quality": r.quality, "at_ms": r.at_ms}
            for key, r in asset.readings.items()
        },
        "lockout": asset.lockout,
        "notes": asset.notes,
        "remarks": asset.remarks,
        "links": asset.links,
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "value": total.value,
        "partial": total.partial,
        "left_out": total.left_out,
        "unverified": [(overlap.asset, overlap.other) for overlap in total.unverified],
    }


def report(snapshot: Snapshot, health: HealthAnswer) -> dict[str, Any]:
    """The object that `ovr status --json` prints."""
    return {
        "schema": SCHEMA,
        "ok": health.ok,
        "version": health.version,
        "pid": health.pid,
        "hosted": health.hosted,
        "node": snapshot.node,
        "site": snapshot.site,
        "at_ms": snapshot.at_ms,
        "assets": [_asset(asset) for asset in snapshot.assets],
        "totals": {name: _total(total) for name, total in snapshot.totals.items()},
        "today": {name: _total(total) for name, total in snapshot.today.items()},
        "sources": snapshot.sources,
        "alarms": snapshot.alarms,
        "events": snapshot.events,
        "sinks": health.sinks,
        "outbox": snapshot.outbox,
        "journal": health.journal,
        "health": health.health,
        "listen": health.api.listen,
    }


def _power(asset: AssetView) -> str:
    name = MAIN_POWER.get(asset.kind, "")
    reading = asset.readings.get(name)
    if reading is None:
        return "—"
    if reading.value is None:
        return "--"
    text = f"{decimal(reading.value / 1000, 1)} kW"
    return text if reading.quality is Quality.GOOD else f"({text})"


def _sink(sink: SinkHealth) -> list[str]:
    """How far it is behind, and whether nothing of it can be lost."""
    behind = f"{sink.behind_s / 60:.0f} min" if sink.behind_s >= 100 else f"{sink.behind_s:.0f} s"
    proof = {True: "lossless", False: "NOT lossless", None: "lossless not proven"}[sink.lossless]
    found = [f"sink {sink.sink}: {sink.state}, {behind} behind, {proof}"]
    if sink.cause:
        found.append(f"  {sink.cause}")
    if sink.lossless is False and sink.lossless_why != sink.cause:
        found.append(f"  not lossless: {sink.lossless_why}")
    return found


def _alarm(alarm: Alarm) -> str:
    where = alarm.name or alarm.subject
    text = f"{where}: {alarm.now or alarm.text}" if where else alarm.now or alarm.text
    return f"alarm {alarm.id} {alarm.severity.value}, {alarm.state}: {text}"


def _outbox(outbox: OutboxHealth) -> list[str]:
    """What the cloud does not have; nothing when no cloud is set and nothing waits for one."""
    waiting, refused = sum(outbox.waiting.values()), sum(outbox.refused.values())
    if outbox.state == "off" and not refused:
        return []
    line = f"cloud: {outbox.state}, {waiting} records waiting"
    line += f" for up to {outbox.oldest_min:.0f} min" if waiting else ""
    line += f", {refused} refused" if refused else ""
    return [line, f"  {outbox.cause}"] if outbox.cause else [line]


def _listen(listen: ListenHealth) -> str:
    how = f"TLS, SHA-256 {listen.fingerprint}" if listen.tls else "without TLS: viewers and meters"
    return f"listens on {listen.address}: {listen.state} {listen.cause or how}"


def _event(event: EventNow) -> str:
    """An event that is on; what is to be done about one stands among the problems."""
    named = f"{event.name} ({event.job})" if event.job else event.name
    inside = ", ".join(event.systems) or "no system of this node is in"
    return f"event {named}: {event.status.value}, {inside}"


def lines(snapshot: Snapshot, health: HealthAnswer) -> list[str]:
    """The same for people."""
    found = [
        f"{snapshot.node} · {snapshot.site or 'no site named'} · collector {health.version}, "
        f"pid {health.pid}: {'well' if health.ok else 'NOT WELL'}"
    ]
    for asset in snapshot.assets:
        age = "never" if asset.age_s is None else f"{asset.age_s:.0f} s"
        found.append(
            f"{asset.status.value:9} {asset.id:28} {asset.kind.value:9} {_power(asset):>12} "
            f"{age:>7}  {asset.reason}".rstrip()
        )
    if not snapshot.seq:
        found.append("It has just started; what its devices say is known in a second.")
    elif not snapshot.assets:
        found.append("No devices yet: name them in registry.toml, or try `ovr demo`.")
    found += [_event(event) for event in snapshot.events]
    found += [_alarm(alarm) for alarm in snapshot.alarms]
    for sink in health.sinks:
        found += _sink(sink)
    found += _outbox(snapshot.outbox)
    if (listen := health.api.listen) is not None:
        found.append(_listen(listen))
    found += [f"! {problem}" for problem in health.health.problems]
    return found


def run(args: argparse.Namespace, home: Home) -> int:
    """Ask the collector and print; 1 when none runs or it is not well."""

    async def ask() -> tuple[Snapshot, HealthAnswer]:
        async with Client(home.operator_socket) as client:
            return await client.snapshot(), await client.health()

    snapshot, health = asyncio.run(ask())
    if args.json:
        sys.stdout.write(msgspec.json.encode(report(snapshot, health)).decode() + "\n")
    else:
        print("\n".join(lines(snapshot, health)))
    return 0 if health.ok else 1
