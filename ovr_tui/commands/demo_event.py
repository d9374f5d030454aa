"""`ovr demo --event`: a show of two days in scripted time, and its reports."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collector.config.paths import Home, find_home
from collector.errors import OvrError
from collector.model.report_state import ReportEntry
from collector.model.rounding import decimal


def run(args: argparse.Namespace, home: Home) -> int:
    """Play the show, and tell of its reports; 1 when one of them was not made."""
    if args.seconds or args.victoriametrics or args.faults:
        args.refuse("--event plays a script of its own: no --for, --victoriametrics or --faults")
    with _home(args, home) as own:
        if own.node_db.exists() or own.registry_toml.exists():
            raise OvrError(f"{own.config.parent} is in use: a scripted event needs an empty --home")
        return _play(args, own)


@contextmanager
def _home(args: argparse.Namespace, home: Home) -> Iterator[Home]:
    """The home that was asked for; else a folder that is removed when nobody can look into it."""
    if args.home or os.environ.get("OVR_HOME"):
        yield home
    elif args.headless or args.json:
        with tempfile.TemporaryDirectory(prefix="ovr-event-") as folder:
            yield find_home(folder, {})
    else:
        yield find_home(tempfile.mkdtemp(prefix="ovr-event-"), {})


def _play(args: argparse.Namespace, home: Home) -> int:
    from collector.simulator.event import play, weekend
    from collector.simulator.event.script import clocks_back
    from collector.simulator.event.terms import ZONE
    from collector.simulator.virtual.loop import run as run_virtual

    _quiet()
    zone, out = ZoneInfo(ZONE), sys.stderr if args.json else sys.stdout

    def tell(at_ms: int, text: str) -> None:
        at = datetime.fromtimestamp(at_ms / 1000, zone)
        print(f"{at:%a %d %b %H:%M:%S %Z}  {text}", file=out, flush=True)

    script = weekend(clocks_back(datetime.now(UTC).date()))
    try:
        played = run_virtual(lambda loop: play(loop, script, home, tell, seed=args.seed))
    except KeyboardInterrupt:
        print("ended before the event was over", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(_summary(played, home)))
    else:
        _show(played, home)
        _hint(args, home, played.event)
    return 1 if played.failed else 0


def _quiet() -> None:
    """Only what is wrong is said beside the timeline."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(50),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _summary(played: Any, home: Home) -> dict[str, Any]:
    """The last line of `--json`."""
    reports = [
        {
            "id": one.id,
            "revision": one.revision,
            "kind": one.kind,
            "state": one.state.value,
            "system": one.system,
            "folder": str(home.state / one.folder),
            "load_kwh": one.headline.load_kwh,
            "peak_kw": one.headline.peak_kw,
            "generator_h": one.headline.generator_h,
            "fuel_l": one.headline.fuel_l,
            "saved_l": one.headline.saved_l,
            "coverage_pct": one.headline.coverage_pct,
            "blocked_by": list(one.headline.blocked_by),
            "provisional_s": played.appeared[one.id, one.revision].provisional_s,
            "draft_s": played.appeared[one.id, one.revision].draft_s,
            "draft_scripted_s": played.appeared[one.id, one.revision].draft_scripted_s,
        }
        for one in played.entries
    ]
    return {
        "event": played.event,
        "ticks": played.ticks,
        "seconds": round(played.real_s, 1),
        "failed": dict(played.failed),
        "reports": reports,
    }


def _show(played: Any, home: Home) -> None:
    """The list of reports."""
    print(f"\n{played.ticks} ticks in {played.real_s:.0f} s. Reports:\n")
    print(
        f"{'system':8} {'rev':>3} {'state':11} {'load kWh':>9} {'1-min peak kW':>13} {'gen h':>6}"
        f" {'fuel L':>7} {'saved L':>8} {'seen %':>6} {'there after':>11}"
    )
    for one in played.entries:
        seen = played.appeared[one.id, one.revision]
        after_s = seen.provisional_s if seen.provisional_s is not None else seen.draft_s
        print(_row(one, after_s))
        print(f"         {home.state / one.folder / 'report.pdf'}")
    for system, why in played.failed.items():
        print(f"! no report of {system}: {why}")


def _row(one: ReportEntry, after_s: float | None) -> str:
    head = one.headline
    late = "" if after_s is None else f"{after_s:.1f} s"
    return (
        f"{one.system or 'event':8} {one.revision:3} {one.state.value:11}"
        f" {_number(head.load_kwh, 9, 1)} {_number(head.peak_kw, 13, 2)}"
        f" {_number(head.generator_h, 6, 1)} {_number(head.fuel_l, 7, 1)}"
        f" {_number(head.saved_l, 8, 1)} {_number(head.coverage_pct, 6, 2)} {late:>11}"
    )


def _number(value: float | None, width: int, digits: int) -> str:
    return "-".rjust(width) if value is None else decimal(value, digits).rjust(width)


def _hint(args: argparse.Namespace, home: Home, event: str) -> None:
    """How to look at them."""
    folder = home.config.parent
    if args.headless:
        return
    reports = Path(folder, "state", "reports")
    print(f"\nThe files lie below {reports}. To ask for them by name:")
    print(f"  ovr --home {folder} collect --simulated &")
    print(f"  ovr --home {folder} event list")
    print(f"  ovr --home {folder} report list")
    print(f"  ovr --home {folder} report show {event[-8:]}")
