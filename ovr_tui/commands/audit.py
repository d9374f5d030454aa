"""`ovr audit`: who changed what on this node."""

import argparse

from collector.config.paths import Home
from collector.model.audit import AuditEntry
from collector.wire import AuditAnswer
from ovr_tui.commands.ask import ask, local, print_json, since_ms, span_s, table

HEAD = ("WHEN", "WHO", "OVER", "WHAT", "OUTCOME")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("audit", help="who changed what, the newest first")
    parser.add_argument("--since", type=span_s, metavar="2d", help="only what came after")
    parser.add_argument("--limit", type=int, default=100, help="at most so many (100)")
    parser.add_argument(
        "--of", default="", metavar="ID", help="only what was done to this asset, event, alarm …"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError."""
    since = since_ms(args.since)
    found = ask(
        home,
        lambda client: client.get(
            "/v1/audit", AuditAnswer, from_=since, limit=args.limit, subject=args.of or None
        ),
    )
    if args.json:
        print_json(found)
    else:
        print(table(HEAD, [_row(entry) for entry in found.entries]))
    return 0


def _row(entry: AuditEntry) -> tuple[str, ...]:
    deed = entry.deed
    what = f"{deed.action} {deed.about}".strip()
    change = " → ".join(filter(None, (deed.was, deed.after)))
    what += f": {change}" if change else ""
    return (local(entry.at_ms), deed.person, deed.transport, what, entry.outcome)
