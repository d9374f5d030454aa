"""`python -m scripts.bench`: the design's numbers, measured here and now."""

import argparse
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.bench import (
    alarms,
    console,
    cut,
    forward,
    memory,
    messages,
    pages,
    readers,
    reports,
    rollups,
    start,
    workload,
)
from scripts.bench.four_days import SYSTEMS
from scripts.bench.rows import Row


def main() -> None:
    """Run the measurements that were asked for and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small workload, for a first look")
    parser.add_argument(
        "--only",
        choices=(
            "start",
            "cut",
            "messages",
            "rollups",
            "alarms",
            "workload",
            "console",
            "readers",
            "forward",
            "reports",
            "memory",
            "pages",
        ),
    )
    parser.add_argument(
        "--peer", type=Path, metavar="DIR", help="a built venus-influx-loader, to run beside us"
    )
    parser.add_argument(
        "--minutes", type=int, default=0, help="so long for `memory`, which is left out otherwise"
    )
    args = parser.parse_args()
    size = (
        workload.Size(gx=5, meters=10, warm_s=5, seconds=15, outage_s=20)
        if args.quick
        else workload.Size()
    )
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "start": start.run,
        "cut": cut.run,
        "messages": lambda: messages.run(args.peer),
        "rollups": lambda: rollups.run(130 if args.quick else 200),
        "alarms": lambda: alarms.measured(minutes=10 if args.quick else 60),
        "workload": lambda: workload.run(size),
        "console": lambda: console.run(size),
        "readers": lambda: readers.run(size),
        "forward": lambda: forward.run(size),
        "reports": lambda: reports.run(size, 10 if args.quick else SYSTEMS),
        "memory": lambda: memory.run(size, args.minutes),
        "pages": lambda: pages.run(600 if args.quick else 7200),
    }
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print(f"{size.gx} GX at {size.rate:.0f} messages/s, {size.meters} meters at 1 Hz, all here")
    for name, part in parts.items():
        if args.only in (None, name):
            for row in part():
                print(row.line(), flush=True)


if __name__ == "__main__":
    main()
