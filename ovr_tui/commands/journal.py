"""`ovr journal`: the durable log of samples, and what receivers refused of it."""

import argparse

from collector.config.paths import Home
from collector.model.dead import DeadEntry
from collector.model.snapshot import SinkHealth
from collector.wire import (
    DeadAnswer,
    DeadRequest,
    ForgottenAnswer,
    HealthAnswer,
    ResentAnswer,
)
from ovr_tui.commands import records
from ovr_tui.commands.ask import ask, local, numbers, print_json, table

HEAD = ("ID", "SINK", "REFUSED", "SAMPLES", "STATE", "SERIES AND REASON")
MOST = 1000


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    text = "the durable log of samples: state, what was refused of it"
    actions = commands.add_parser("journal", help=text).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    status = actions.add_parser("status", help="what it holds and how far each sink is")
    dead = actions.add_parser("dead", help="samples that a receiver refused for good")
    dead.add_argument("verb", nargs="?", choices=("list", "resend", "forget"), default="list")
    dead.add_argument("ids", nargs="*", type=int, metavar="ID")
    dead.add_argument(
        "--cloud", action="store_true", help="not samples, but records that the cloud API refused"
    )
    dead.add_argument("--sink", help="only this sink's; '' are damaged batches")
    dead.add_argument("--all", action="store_true", help="resend or forget all (of --sink)")
    dead.add_argument("--after", type=int, default=0, help="list only ids above this one")
    for action in (status, dead):
        action.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.action == "status":
        return _status(args, home)
    if args.cloud:
        return records.dead(args, home)
    if args.verb == "list":
        return _dead(args, home)
    ids = numbers(args.ids, everything=args.all)
    body = DeadRequest(ids="all" if ids is None else ids, sink=args.sink)
    return _resend(args, home, body) if args.verb == "resend" else _forget(args, home, body)


def _status(args: argparse.Namespace, home: Home) -> int:
    health = ask(home, lambda client: client.health())
    if args.json:
        print_json({"schema": health.schema, "journal": health.journal, "sinks": health.sinks})
    else:
        print("\n".join(status_lines(health)))
    return 0


def status_lines(health: HealthAnswer) -> list[str]:
    """The journal and its sinks for people."""
    journal = health.journal
    found = [
        f"journal: {journal.state}, batches {journal.first} to {journal.head}, "
        f"{journal.bytes / 1e6:.1f} of {journal.cap_bytes / 1e6:.0f} MB",
        f"clock: {health.health.clock}",
    ]
    if journal.cause:
        found.append(f"  {journal.cause}")
    if journal.lost_samples:
        found.append(f"  LOST: {journal.lost_samples} samples were never sent and are gone")
    return [*found, *(_sink(sink) for sink in health.sinks)]


def _sink(sink: SinkHealth) -> str:
    return (
        f"sink {sink.sink}: {sink.state}, {sink.behind_s / 60:.1f} min behind, settled up to "
        f"{sink.settled}, {sink.owed_batches} batches owed, {sink.dead_samples} samples refused"
    )


def _dead(args: argparse.Namespace, home: Home) -> int:
    found = ask(
        home,
        lambda client: client.get(
            "/v1/dead", DeadAnswer, sink=args.sink, after=args.after, limit=MOST
        ),
    )
    if args.json:
        print_json(found)
    elif not found.entries:
        print("Nothing was refused.")
    else:
        print(table(HEAD, [_row(entry) for entry in found.entries]))
    return 0


def _row(entry: DeadEntry) -> tuple[str, ...]:
    words = " · ".join(text for text in (entry.series, entry.reason, entry.obstacle) if text)
    return (
        str(entry.id),
        entry.sink or "(damaged)",
        local(entry.at_ms),
        str(entry.samples),
        entry.state,
        words,
    )


def _resend(args: argparse.Namespace, home: Home, body: DeadRequest) -> int:
    done = ask(home, lambda client: client.post("/v1/dead/resend", ResentAnswer, body))
    if args.json:
        print_json(done)
    else:
        for entry in done.entries:
            print(f"{entry.id}: {entry.outcome}{f', {entry.why}' if entry.why else ''}")
    return 1 if any(e.outcome in ("refused", "impossible") for e in done.entries) else 0


def _forget(args: argparse.Namespace, home: Home, body: DeadRequest) -> int:
    done = ask(home, lambda client: client.post("/v1/dead/forget", ForgottenAnswer, body))
    if args.json:
        print_json(done)
    else:
        print(f"{done.forgotten} given up for good.")
    return 0
