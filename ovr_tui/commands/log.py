"""`ovr log`: fuel, dips, hour meters, readings, notes: what people write down."""

import argparse
import re
from collections.abc import Sequence

from collector.config.paths import Home
from collector.errors import OvrError
from collector.events.words import spoken
from collector.model.catalogue import unit_of
from collector.model.rounding import digits
from collector.model.said import LogEntry, LogKind
from collector.wire import LogAnswer, LogListAnswer, LogRequest, ReasonRequest
from ovr_tui.commands.ask import ask, print_json, segment, since_ms, span_s, table
from ovr_tui.commands.event_find import find
from ovr_tui.commands.moment import at, moment

HEAD = ("ID", "AT", "WHAT", "VALUE", "ABOUT", "BY", "TEXT")
SPOKEN = (LogKind.NOTE, LogKind.HANDOVER)
_VALUE = re.compile(r"\A(-?\d+(?:\.\d+)?)\s*(l|%|pct|h)?\Z", re.IGNORECASE)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("log", help="write down fuel, dips, hours, readings, notes")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add", help="ovr log add fuel 400 --asset genset-1")
    adding.add_argument("kind", choices=[one.value for one in LogKind])
    adding.add_argument("said", metavar="VALUE|TEXT", help="400, 62%%, or the note's text")
    adding.add_argument("--asset", default="", help="the set, tank or meter")
    adding.add_argument("--system", default="")
    adding.add_argument("--event", default="", help="left out: what the system is in then")
    adding.add_argument("--measurement", default="", help="of a reading: its counter")
    adding.add_argument("--fuel", default="", metavar="KIND", help="of fuel: another kind")
    adding.add_argument("--text", default="", help="beside a value")
    adding.add_argument("--client", action="store_true", help="may be printed for the client")
    adding.add_argument("--at", type=moment, metavar="TIME", help="when it was so; default: now")
    listing = actions.add_parser("list", help="what is written down, also what was withdrawn")
    listing.add_argument("--event", default="")
    listing.add_argument("--since", type=span_s, metavar="2h")
    removing = actions.add_parser("remove", help="it does not count any more; it stays listed")
    removing.add_argument("entry", metavar="ID", help="its id, or the end of it")
    removing.add_argument("--reason", default="")
    for action in (adding, listing, removing):
        action.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    if args.action == "list":
        return _list(args, home)
    if args.action == "remove":
        found = _entries(home)
        id_ = one_of([one.id for one in found], args.entry, "ovr log list")
        where, body = f"/v1/log/{segment(id_)}/withdraw", ReasonRequest(reason=args.reason)
        done = ask(home, lambda client: client.post(where, LogAnswer, body)).entry
    else:
        request = _request(args, home)
        done = ask(home, lambda client: client.post("/v1/log", LogAnswer, request)).entry
    if args.json:
        print_json(done)
    else:
        print(table(HEAD, [_row(done, _zone(home))]))
    return 0


def _request(args: argparse.Namespace, home: Home) -> LogRequest:
    kind = LogKind(args.kind)
    event = find(home, args.event).event if args.event else None
    zone = _zone(home) if event is None else event.timezone
    value, unit, text = None, "", args.text
    if kind in SPOKEN:
        text = args.said if not args.text else f"{args.said}: {args.text}"
    else:
        value, unit = _value(args.said)
    if args.fuel and kind is not LogKind.FUEL:
        raise OvrError("--fuel says which kind was delivered: ovr log add fuel")
    return LogRequest(
        kind=kind,
        at_ms=at(args.at, zone),
        event="" if event is None else event.id,
        system=args.system,
        asset=args.asset,
        value=value,
        unit=unit or ("l" if kind is LogKind.DIP else ""),
        measurement=args.fuel or args.measurement,
        text=text,
        client=args.client,
    )


def _value(said: str) -> tuple[float, str]:
    found = _VALUE.match(said.strip())
    if not found:
        raise OvrError(f"{said}: expected a number, like 400, 62% or 1203.5")
    unit = (found[2] or "").lower()
    return float(found[1]), "pct" if unit == "%" else unit


def _zone(home: Home) -> str:
    return ask(home, lambda client: client.snapshot()).timezone


def _entries(home: Home, event: str = "", from_ms: int | None = None) -> Sequence[LogEntry]:
    found = ask(
        home,
        lambda client: client.get("/v1/log", LogListAnswer, event=event or None, from_=from_ms),
    )
    return found.entries


def _list(args: argparse.Namespace, home: Home) -> int:
    event = find(home, args.event).event if args.event else None
    found = _entries(home, "" if event is None else event.id, since_ms(args.since))
    if args.json:
        print_json(LogListAnswer(entries=tuple(found)))
    elif not found:
        print("Nothing is written down.")
    else:
        zone = _zone(home) if event is None else event.timezone
        print(table(HEAD, [_row(one, zone) for one in found]))
    return 0


def _row(one: LogEntry, zone: str) -> tuple[str, ...]:
    unit = one.unit or (unit_of(one.measurement) if one.kind is LogKind.READING else "")
    sign = {"pct": "%"}.get(unit, unit)
    value = "—" if one.value is None else f"{digits(one.value)} {sign}".strip()
    gone = f" (withdrawn by {one.withdrawn_by})" if one.withdrawn_ms is not None else ""
    about = " ".join(filter(None, (one.system, one.asset, one.measurement))) or "—"
    at_ = spoken(one.at_ms, zone)
    return (one.id[-8:], at_, one.kind.value, value, about, one.person, f"{one.text}{gone}")


def one_of(ids: Sequence[str], wanted: str, lists: str) -> str:
    """The one id that ends with `wanted`. Raises OvrError."""
    found = [id_ for id_ in ids if id_.endswith(wanted)]
    if len(found) != 1:
        why = "is the end of several ids: write more of it" if found else "is none"
        raise OvrError(f"{wanted} {why}; {lists} lists them")
    return found[0]
