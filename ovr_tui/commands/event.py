"""`ovr event`: jobs, which systems take part and when."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError
from collector.events.words import called, spoken
from collector.model.event import Event, EventStatus, Participation, UseCase
from collector.model.event_file import EventExport
from collector.wire import (
    CreateEventRequest,
    EditEventRequest,
    EditParticipationRequest,
    EventAnswer,
    EventExportAnswer,
    EventListed,
    EventsAnswer,
    ImportEventRequest,
    JoinManyRequest,
    LeaveManyRequest,
    MergeRequest,
    MomentRequest,
    ParticipationsAnswer,
    ReasonRequest,
)
from ovr_tui.commands import event_show
from ovr_tui.commands.ask import ask, print_json, segment, table
from ovr_tui.commands.event_fields import add_fields, fields_of, nothing_said
from ovr_tui.commands.event_find import find, path, whole
from ovr_tui.commands.moment import at, moment


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("event", help="jobs: list, create, start, join, leave, end")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all events, and what is to be done about them")
    listing.add_argument("--limit", type=int, default=200, metavar="N", help="how many")
    listing.add_argument("--status", choices=[one.value for one in EventStatus])
    creating = actions.add_parser("create", help="a planned event")
    creating.add_argument("--name", required=True)
    add_fields(creating)
    _add_edit(actions)
    _add_moves(actions)
    exporting = actions.add_parser("export", help="all that is known of it into a file")
    exporting.add_argument("event", metavar="EVENT")
    exporting.add_argument("file", metavar="FILE", help="- for the terminal")
    importing = actions.add_parser("import", help="what another node knows of an event")
    importing.add_argument("file", type=Path, metavar="FILE")
    merging = actions.add_parser("merge", help="two events that were made apart are one")
    merging.add_argument("event", metavar="EVENT")
    merging.add_argument("other", metavar="OTHER")
    merging.add_argument("--reason", default="")
    for name, action in actions.choices.items():
        if name != "export":
            action.add_argument("--json", action="store_true", help="one JSON object")


def _add_edit(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    showing = actions.add_parser("show", help="one event with its trace")
    editing = actions.add_parser("edit", help="change it, or correct it afterwards")
    for action in (showing, editing):
        action.add_argument("event", metavar="EVENT", help="its id, job code or name")
    editing.add_argument("--name")
    add_fields(editing)
    editing.add_argument(
        "--of", metavar="SYSTEM", help="correct its participation: --from, --to, --use"
    )
    editing.add_argument("--from", dest="from_", type=moment, metavar="TIME", help="it began then")
    editing.add_argument("--to", type=moment, metavar="TIME", help="it ended then")
    editing.add_argument("--use", choices=[one.value for one in UseCase])
    editing.add_argument("--reason", default="", help="why; it is in the reports")


def _add_moves(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    starting = actions.add_parser("start", help="it begins")
    ending = actions.add_parser("end", help="it ends, and with it what is still in")
    cancelling = actions.add_parser("cancel", help="it does not take place")
    joining = actions.add_parser("join", help="systems take part")
    leaving = actions.add_parser("leave", help="systems have left: their reports are made")
    for action in (starting, ending, cancelling, joining, leaving):
        action.add_argument("event", metavar="EVENT", help="its id, job code or name")
        action.add_argument("--reason", default="")
    for action, what in ((joining, "of this node"), (leaving, "that are in")):
        action.add_argument("systems", nargs="*", metavar="SYSTEM")
        action.add_argument("--all", action="store_true", help=f"all {what}")
    for action in (starting, ending, joining, leaving):
        action.add_argument(
            "--at", type=moment, metavar="TIME",
            help='14:00, "2026-11-26 14:00" in the event\'s zone, or "2h ago"; default: now',
        )  # fmt: skip
    joining.add_argument(
        "--until", type=moment, metavar="TIME", help="it was in until then, and is no more"
    )
    joining.add_argument("--use", choices=[one.value for one in UseCase])


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    return RUN[args.action](args, home)


def _list(args: argparse.Namespace, home: Home) -> int:
    found = ask(
        home,
        lambda client: client.get("/v1/events", EventsAnswer, status=args.status, limit=args.limit),
    )
    if args.json:
        print_json(found)
    elif found.events:
        print(table(event_show.HEAD, event_show.rows(found.events)))
    else:
        print("No events. ovr event create --name NAME makes one.")
    return 0


def _show(args: argparse.Namespace, home: Home) -> int:
    return _print(args, whole(home, args.event))


def _print(args: argparse.Namespace, found: EventAnswer) -> int:
    if args.json:
        print_json(
            event_show.flat(
                found.event,
                participations=found.participations,
                changes=found.changes,
                conflicts=found.conflicts,
                prompt=found.prompt,
            )
        )
    else:
        print("\n".join(event_show.lines(found)))
    return 0


def _create(args: argparse.Namespace, home: Home) -> int:
    zone = args.timezone or ask(home, lambda client: client.snapshot()).timezone
    blank = Event(id="", name="", timezone=zone, created_ms=0, changed_ms=0)
    body = fields_of(args, blank, CreateEventRequest)
    done = ask(home, lambda client: client.post("/v1/events", EventAnswer, body))
    return _print(args, done)


def _edit(args: argparse.Namespace, home: Home) -> int:
    listed = find(home, args.event)
    event = listed.event
    if args.of is not None:
        return _edit_part(args, home, listed)
    if args.use is not None:
        raise OvrError("--use is for --of SYSTEM; what a system is for: --system SYSTEM=USE")
    times = {"from_ms": at(args.from_, event.timezone), "to_ms": at(args.to, event.timezone)}
    known = {name: value for name, value in times.items() if value is not None}
    body = fields_of(
        args, event, EditEventRequest, revision=event.revision, reason=args.reason, **known
    )
    if nothing_said(body) and not known:
        raise OvrError("say what is to be otherwise: ovr event edit --help")
    where = path(listed)
    return _print(args, ask(home, lambda client: client.patch(where, EventAnswer, body)))


def _edit_part(args: argparse.Namespace, home: Home, listed: EventListed) -> int:
    one = _part(listed, args.of)
    zone = listed.event.timezone
    said = {
        "from_ms": at(args.from_, zone),
        "to_ms": at(args.to, zone),
        "use_case": None if args.use is None else UseCase(args.use),
    }
    fields = {name: value for name, value in said.items() if value is not None}
    if not fields or not args.reason:
        raise OvrError("say what was otherwise (--from, --to, --use), and --reason why")
    body = msgspec.convert(
        fields | {"revision": one.revision, "reason": args.reason}, EditParticipationRequest
    )
    where = f"/v1/participations/{segment(one.id)}"
    return _moved(args, ask(home, lambda client: client.patch(where, ParticipationsAnswer, body)))


def _part(listed: EventListed, wanted: str) -> Participation:
    """The one of a system, or of the end of an id."""
    found = [
        one
        for one in listed.participations
        if one.system == wanted or (len(wanted) >= 4 and one.id.endswith(wanted))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise OvrError(f"{wanted} did not take part in {called(listed.event)}")
    zone = listed.event.timezone
    ids = ", ".join(f"{one.id[-8:]} from {spoken(one.from_ms, zone)}" for one in found)
    raise OvrError(f"{wanted} took part several times: say --of with the end of one id ({ids})")


def _start(args: argparse.Namespace, home: Home) -> int:
    listed = find(home, args.event)
    body = MomentRequest(at_ms=at(args.at, listed.event.timezone), reason=args.reason)
    where = path(listed, "start")
    done = ask(home, lambda client: client.post(where, EventAnswer, body))
    if args.json:
        return _print(args, done)
    since = spoken(done.event.from_ms or 0, done.event.timezone)
    print(f"{called(done.event)} is on since {since}.")
    return 0


def _cancel(args: argparse.Namespace, home: Home) -> int:
    where, body = path(find(home, args.event), "cancel"), ReasonRequest(reason=args.reason)
    done = ask(home, lambda client: client.post(where, EventAnswer, body))
    if args.json:
        return _print(args, done)
    print(f"{called(done.event)} does not take place.")
    return 0


def _end(args: argparse.Namespace, home: Home) -> int:
    listed = find(home, args.event)
    body = MomentRequest(at_ms=at(args.at, listed.event.timezone), reason=args.reason)
    where = path(listed, "end")
    done = ask(home, lambda client: client.post(where, ParticipationsAnswer, body))
    if args.json:
        print_json(event_show.flat(done.event, participations=done.participations))
        return 0
    until = spoken(done.event.to_ms or 0, done.event.timezone)
    print(f"{called(done.event)} is over since {until}.")
    print("\n".join(event_show.moved(done.event, done.participations)) or "Nothing was still in.")
    return 0


def _join(args: argparse.Namespace, home: Home) -> int:
    listed = find(home, args.event)
    zone = listed.event.timezone
    body = JoinManyRequest(
        systems=_systems(args, home, listed),
        at_ms=at(args.at, zone),
        to_ms=at(args.until, zone),
        use_case=None if args.use is None else UseCase(args.use),
        reason=args.reason,
    )
    where = path(listed, "join")
    return _moved(args, ask(home, lambda client: client.post(where, ParticipationsAnswer, body)))


def _leave(args: argparse.Namespace, home: Home) -> int:
    listed = find(home, args.event)
    body = LeaveManyRequest(
        systems=_systems(args, home, listed),
        at_ms=at(args.at, listed.event.timezone),
        reason=args.reason,
    )
    where = path(listed, "leave")
    return _moved(args, ask(home, lambda client: client.post(where, ParticipationsAnswer, body)))


def _systems(args: argparse.Namespace, home: Home, listed: EventListed) -> tuple[str, ...]:
    """Those that were named; with --all those that are in, or else those that are not yet."""
    if args.all == bool(args.systems):
        raise OvrError("say which systems, or --all")
    if args.systems:
        return tuple(args.systems)
    snapshot = ask(home, lambda client: client.snapshot())
    inside = {
        one.system
        for one in listed.participations
        if one.to_ms is None and one.node == snapshot.node
    }
    known = {one.system for one in snapshot.assets}
    found = sorted(inside if args.action == "leave" else known - inside)
    if not found:
        raise OvrError("there is no such system")
    return tuple(found)


def _moved(args: argparse.Namespace, done: ParticipationsAnswer) -> int:
    if args.json:
        print_json(done)
    else:
        print("\n".join(event_show.moved(done.event, done.participations)))
    return 0


def _export(args: argparse.Namespace, home: Home) -> int:
    where = path(find(home, args.event), "export")
    found = ask(home, lambda client: client.get(where, EventExportAnswer)).file
    content = msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    if args.file == "-":
        sys.stdout.buffer.write(content)
        return 0
    try:
        Path(args.file).write_bytes(content)
    except OSError as error:
        raise OvrError(f"{args.file} cannot be written: {error}") from None
    print(f"{called(found.event)} is in {args.file}: {len(found.participations)} participations.")
    return 0


def _import(args: argparse.Namespace, home: Home) -> int:
    try:
        file = msgspec.json.decode(args.file.read_bytes(), type=EventExport)
    except OSError as error:
        raise OvrError(f"{args.file} cannot be read: {error}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise OvrError(f"{args.file} is no file of ovr event export: {error}") from None
    body = ImportEventRequest(file=file)
    done = ask(home, lambda client: client.post("/v1/event-files", EventAnswer, body))
    return _print(args, done)


def _merge(args: argparse.Namespace, home: Home) -> int:
    one, other = find(home, args.event), find(home, args.other)
    where, body = path(one, "merge"), MergeRequest(other=other.event.id, reason=args.reason)
    return _print(args, ask(home, lambda client: client.post(where, EventAnswer, body)))


RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {
    "list": _list,
    "show": _show,
    "create": _create,
    "edit": _edit,
    "start": _start,
    "join": _join,
    "leave": _leave,
    "end": _end,
    "cancel": _cancel,
    "export": _export,
    "import": _import,
    "merge": _merge,
}
