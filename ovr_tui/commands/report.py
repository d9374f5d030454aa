"""`ovr report`: what there is of reports, having them made, releasing them."""

import argparse
from collections.abc import Callable, Sequence

from collector.config.paths import Home
from collector.errors import OvrError
from collector.events.words import spoken
from collector.model.report_state import JobEntry, JobState, ReportEntry
from collector.model.rounding import decimal
from collector.wire import (
    BuildRequest,
    EventsAnswer,
    JobsAnswer,
    ReleaseRequest,
    ReportAnswer,
    ReportsAnswer,
)
from ovr_tui.commands import report_export, report_import, report_show, report_verify
from ovr_tui.commands.ask import ask, at_ms, local, print_json, table

MANY = 10_000
HEAD = (
    "REPORT", "REV", "STATE", "SYSTEM", "FROM", "TO", "LOAD", "1-MIN PEAK", "COVERAGE", "WHAT",
)  # fmt: skip
RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    text = "reports: list, build, show, release, export, import, verify"
    actions = commands.add_parser("report", help=text).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    listing = actions.add_parser("list", help="every revision, and what is being done")
    listing.add_argument("event", nargs="?", metavar="EVENT", help="its id, job code or name")
    _add_build(actions)
    release = actions.add_parser("release", help="a revision goes out")
    release.add_argument("report", metavar="REPORT", help="its id, or the end of it")
    release.add_argument("--revision", type=int, metavar="N", help="the newest if left out")
    release.add_argument("--note", default="", help="what is to be said about it")
    release.add_argument(
        "--force", action="store_true", help="although it is blocked; --note says why"
    )
    release.add_argument("--json", action="store_true", help="one JSON object")
    listing.add_argument("--json", action="store_true", help="one JSON object")
    report_show.add(actions)
    report_export.add(actions)
    report_verify.add(actions)
    report_import.add(actions)


def _add_build(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    build = actions.add_parser("build", help="once more, or of any window (interim)")
    build.add_argument("report", nargs="?", metavar="REPORT", help="its id, or the end of it")
    build.add_argument("--event", metavar="EVENT", help="its id, job code or name")
    build.add_argument("--system", metavar="SYSTEM", help="of this one in the event alone")
    build.add_argument("--from", dest="from_ms", type=at_ms, metavar="TIME", help="of a window")
    build.add_argument(
        "--to", dest="to_ms", type=at_ms, metavar="TIME", help="its end; now if left out"
    )
    build.add_argument("--reason", default="", help="printed with the revision")
    build.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    return RUN[args.action](args, home)


def _list(args: argparse.Namespace, home: Home) -> int:
    found = _listed(home, args.event)
    if args.json:
        print_json(found)
        return 0
    if found.reports:
        zones = _zones(home)
        print(table(HEAD, [_row(one, zones.get(one.event)) for one in found.reports]))
    for one in found.reports:
        for reason in one.headline.blocked_by:
            print(f"  {_short(one.id)} is blocked: {reason}")
    for job in found.jobs:
        print(_told(job))
    if not found.reports and not found.jobs:
        print("No reports: one is made when a system leaves an event.")
    return 0


def _zones(home: Home) -> dict[str, str]:
    """The zone of each event."""
    answer = ask(home, lambda client: client.get("/v1/events", EventsAnswer))
    return {listed.event.id: listed.event.timezone for listed in answer.events}


def _row(one: ReportEntry, zone: str | None) -> Sequence[str]:
    """Times are those of the event's zone, else this machine's: either is named."""
    figures = one.headline
    kind = "interim" if one.interim else one.kind

    def when(at_ms: int) -> str:
        return local(at_ms) if zone is None else spoken(at_ms, zone)

    return (
        _short(one.id),
        str(one.revision),
        one.state.value,
        one.system or "(event)",
        when(one.from_ms),
        when(one.to_ms),
        _figure(figures.load_kwh, "kWh"),
        _figure(figures.peak_kw, "kW"),
        _figure(figures.coverage_pct, "%", 2),
        kind if not one.why else f"{kind}: {one.why}",
    )


def _figure(value: float | None, unit: str, decimals: int = 1) -> str:
    return "—" if value is None else f"{decimal(value, decimals)} {unit}"


def _told(job: JobEntry) -> str:
    """A job for people."""
    name = job.system or "the event"
    stage = "" if job.kind == "event" else f"{job.stage} "
    what = f"{_short(job.report)}  {stage}report of {name}"
    if job.state is JobState.RUNNING:
        return f"{what} is being made"
    if job.state is JobState.WAITING:
        return f"{what} waits: {job.reason or f'it is due {local(job.due_ms)}'}"
    tried = f"after {job.tries} {'try' if job.tries == 1 else 'tries'}: {job.reason}"
    if job.state is JobState.FAILED:
        return f"{what} failed {tried}\n    ovr report build {_short(job.report)} tries it again"
    return f"{what} will be tried again {local(job.due_ms)} {tried}"


def _build(args: argparse.Namespace, home: Home) -> int:
    if bool(args.report) == bool(args.event):
        raise OvrError("say which report, or with --event which event")
    window = args.from_ms is not None or args.to_ms is not None
    if args.report and (window or args.system):
        raise OvrError("a window and a system are of an event: say which one with --event")
    body = BuildRequest(
        report=_find(home, args.report) if args.report else "",
        event=args.event or "",
        system=args.system or "",
        from_ms=args.from_ms,
        to_ms=args.to_ms,
        reason=args.reason,
    )
    done = ask(home, lambda client: client.post("/v1/reports", JobsAnswer, body))
    if args.json:
        print_json(done)
        return 0
    for job in done.jobs:
        print(f"{_short(job.report)}  the report of {job.system or 'the event'} will be made")
    print("ovr report list shows how far it is.")
    return 0


def _release(args: argparse.Namespace, home: Home) -> int:
    body = ReleaseRequest(
        report=_find(home, args.report), revision=args.revision, note=args.note, force=args.force
    )
    done = ask(home, lambda client: client.post("/v1/reports/release", ReportAnswer, body))
    if args.json:
        print_json(done)
    else:
        one = done.report
        when = local(one.released_ms)
        print(f"{_short(one.id)} revision {one.revision} was released {when} ({one.released_by}).")
        print(f"  {one.folder}")
    return 0


def _listed(home: Home, event: str | None) -> ReportsAnswer:
    return ask(
        home,
        lambda client: client.get("/v1/reports", ReportsAnswer, event=event, limit=MANY),
    )


def _find(home: Home, wanted: str) -> str:
    """The id of the one report whose id ends with `wanted`."""
    known = _listed(home, None)
    ids = {one.id for one in known.reports} | {job.report for job in known.jobs}
    found = [id_ for id_ in ids if id_.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    why = "is the end of several ids: write more of it" if found else "is no report"
    raise OvrError(f"{wanted} {why}; ovr report list shows them")


def _short(id_: str) -> str:
    return id_[-8:]


RUN |= {**report_show.RUN, **report_export.RUN, **report_verify.RUN, **report_import.RUN}
RUN["list"] = _list
RUN["build"] = _build
RUN["release"] = _release
