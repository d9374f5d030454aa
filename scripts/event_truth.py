"""A simulated event of four days against the plant's own figures: what its reports say, and what is
true.

    python -m scripts.event_truth [--hours 96] [--seed 3] [--only NAME] [--home DIR]

Cases: `systems` (energies within 0.5 %, peaks within 1 %, generator hours within a minute, a CT
that faced backwards and is corrected, adjoining participations, a battery that arrives full and
leaves empty, a system of which 5 % of the time is cut out) and `overlaps` (a site on which every
flow is measured twice: the event's totals within 0.5 %). Exit status 1 when a figure is off.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from scripts.truth import cases
from scripts.truth.compare import Line
from scripts.truth.run import Case, Outcome, happen

CASES: dict[str, tuple[Callable[[int, int], Case], Callable[[Outcome], Iterator[Line]]]] = {
    "systems": (cases.systems, cases.judge_systems),
    "overlaps": (cases.overlaps, cases.judge_overlaps),
}


def main() -> int:
    """The tables; 1 when something is off."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=96.0)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", choices=tuple(CASES))
    parser.add_argument("--home", type=Path, help="keep the homes below this folder")
    words = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    bad = 0
    with tempfile.TemporaryDirectory(prefix="ovr-truth-") as scratch:
        for name, (make, judge) in CASES.items():
            if words.only in (None, name):
                below = (words.home or Path(scratch)) / name
                bad += _run(name, make(round(words.hours * 3600), words.seed), judge, below)
    return 1 if bad else 0


def _run(name: str, case: Case, judge: Callable[[Outcome], Iterator[Line]], below: Path) -> int:
    """Print a case's table; how many of its figures are off."""
    began_s = time.monotonic()
    outcome = happen(case, below)
    print(f"{name}: {case.seconds / 3600:g} h in {time.monotonic() - began_s:.0f} s")
    for system, why in outcome.failed.items():
        print(f"! no report of {system}: {why}")
    lines = list(judge(outcome))
    for line in lines:
        print(line.row())
    return sum(not line.good for line in lines) + len(outcome.failed)


if __name__ == "__main__":
    sys.exit(main())
