"""`ovr journal dead --cloud`: records that the cloud API refused, and what to do about them."""

import argparse
from collections.abc import Sequence
from typing import Literal

from collector.config.paths import Home
from collector.model.outbox import OutboxItem
from collector.wire import OutboxAnswer, OutboxRequest, RevisionsAnswer
from ovr_tui.commands.ask import ask, local, numbers, print_json, table

HEAD = ("REVISION", "KIND", "RECORD", "CHANGED", "WHY")
MOST = 1000


def dead(args: argparse.Namespace, home: Home) -> int:
    """List, resend or forget. Raises ApiError and OvrError."""
    if args.verb == "list":
        return _list(args, home)
    chosen = numbers(args.ids, everything=args.all)
    revisions = [item.revision for item in _refused(home).items] if chosen is None else chosen
    done = _change(home, args.verb, revisions) if revisions else ()
    if args.json:
        print_json(RevisionsAnswer(revisions=tuple(done)))
    elif args.verb == "resend":
        print(f"{len(done)} records wait for the cloud again.")
    else:
        print(f"{len(done)} records given up for good.")
    return 0 if len(done) == len(revisions) else 1


def _list(args: argparse.Namespace, home: Home) -> int:
    found = _refused(home)
    if args.json:
        print_json(found)
    elif not found.items:
        print("The cloud has refused nothing.")
    else:
        print(table(HEAD, [_row(item) for item in found.items]))
    return 0


def _row(item: OutboxItem) -> tuple[str, ...]:
    changed = local(item.changed_ms)
    return (str(item.revision), item.kind, item.record_id, changed, item.reason)


def _refused(home: Home) -> OutboxAnswer:
    """The first thousand: who has more has one cause, and asks again."""
    return ask(
        home,
        lambda client: client.get("/v1/outbox", OutboxAnswer, state="refused", limit=MOST),
    )


def _change(
    home: Home, verb: Literal["resend", "forget"], revisions: Sequence[int]
) -> Sequence[int]:
    body = OutboxRequest(revisions=tuple(revisions))
    answer = ask(home, lambda client: client.post(f"/v1/outbox/{verb}", RevisionsAnswer, body))
    return answer.revisions
