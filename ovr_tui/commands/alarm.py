"""`ovr alarm`: what is wrong, and that somebody has it."""

import argparse
from collections.abc import Iterable

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.alarm import Alarm
from collector.wire import AckRequest, AlarmAnswer, AlarmsAnswer, NoRequest, ShelveRequest
from ovr_tui.commands.ask import ask, local, print_json, segment, since_ms, span_s

MANY = 1000


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("alarm", help="list alarms, acknowledge and shelve them")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what is open; with --since what was")
    listing.add_argument("--since", type=span_s, metavar="2h", help="with the history since then")
    ack = actions.add_parser("ack", help="say that you have seen it and see to it")
    ack.add_argument("--note", default="", help="what you do about it")
    shelve = actions.add_parser("shelve", help="out of sight for a while; it comes back by itself")
    shelve.add_argument("--for", dest="seconds", type=span_s, required=True, metavar="2h")
    shelve.add_argument("--reason", required=True, help="why nobody needs to see it")
    unshelve = actions.add_parser("unshelve", help="back into sight now")
    for action in (ack, shelve, unshelve):
        action.add_argument("alarm", metavar="ALARM", help="its id, or the end of it")
    for action in (listing, ack, shelve, unshelve):
        action.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.action == "list":
        return _list(args, home)
    alarm = ask(home, lambda client: client.get("/v1/alarms", AlarmsAnswer))
    path = f"/v1/alarms/{segment(_find(alarm, args.alarm))}/{args.action}"
    body = _body(args)
    done = ask(home, lambda client: client.post(path, AlarmAnswer, body)).alarm
    if args.json:
        print_json(done)
    else:
        print("\n".join(lines(done)))
    return 0


def _body(args: argparse.Namespace) -> AckRequest | ShelveRequest | NoRequest:
    if args.action == "ack":
        return AckRequest(note=args.note)
    if args.action == "shelve":
        return ShelveRequest(reason=args.reason, for_s=args.seconds)
    return NoRequest()


def _find(known: AlarmsAnswer, wanted: str) -> str:
    """The id of the one open alarm whose id ends with `wanted`."""
    found = [alarm.id for alarm in (*known.active, *known.shelved) if alarm.id.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    why = "is the end of several ids: write more of it" if found else "is no open alarm"
    raise OvrError(f"{wanted} {why}; ovr alarm list shows them")


def _list(args: argparse.Namespace, home: Home) -> int:
    since = since_ms(args.since)
    limit = 0 if since is None else MANY
    found = ask(
        home,
        lambda client: client.get("/v1/alarms", AlarmsAnswer, from_=since, limit=limit),
    )
    if args.json:
        print_json(found)
        return 0
    shown = [*found.active, *found.shelved]
    _print(shown)
    if since is not None:
        known = {alarm.id for alarm in shown}
        past = [alarm for alarm in found.history if alarm.id not in known]
        print(f"\nOver, since {local(since)}:")
        _print(past)
    if not found.commissioned:
        print("No asset is commissioned, so none alarms: ovr asset commission ASSET")
    return 0


def _print(alarms: Iterable[Alarm]) -> None:
    print("\n".join(line for alarm in alarms for line in lines(alarm)) or "No alarms.")


def lines(alarm: Alarm) -> list[str]:
    """One alarm for people."""
    head = f"{alarm.id[-8:]}  {alarm.severity.value:8}  {_state(alarm)}"
    where = f"{alarm.name} ({alarm.asset})" if alarm.asset and alarm.name else alarm.subject
    where = where or alarm.name
    found = [f"{head}  since {local(alarm.raised_ms)}  {where}".rstrip()]
    found.append(f"    {alarm.now or alarm.text}")
    if alarm.members:
        found.append(f"    concerns {', '.join(alarm.members)}")
    if alarm.advice:
        found.append(f"    {alarm.advice}")
    if alarm.ack_note:
        found.append(f"    note: {alarm.ack_note}")
    return found


def _state(alarm: Alarm) -> str:
    if alarm.state == "shelved":
        who = f" by {alarm.shelved_by}: {alarm.shelf_reason}"
        return f"shelved until {local(alarm.shelved_until_ms)}{who}"
    if alarm.state == "acknowledged":
        return f"acknowledged by {alarm.acked_by}"
    if alarm.state in ("cleared", "closed"):
        return f"{alarm.state}, over {local(alarm.cleared_ms)}"
    return "active, chattering" if alarm.chattering else "active"
