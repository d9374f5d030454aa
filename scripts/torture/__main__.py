"""`python -m scripts.torture`: kill everything, lose nothing, or exit with status 1."""

import argparse
import os
import sys

from scripts.torture import disk
from scripts.torture.plan import SETTLE_S, Plan, random_lives
from scripts.torture.run import torture

DISK_MB = 768
SMALL = 50
CAP_MB = 600
SMALL_CAP_MB = 240
"""Without a reserve, which would keep a few assets going for an hour."""


def main() -> int:
    """Run once and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=150, help="a third of them GX")
    parser.add_argument("--kills", type=int, default=100, help="of the collector")
    parser.add_argument("--receiver-kills", type=int, default=20, help="of VictoriaMetrics")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="6 assets, 10 kills, 3 and a disk")
    parser.add_argument("--no-disk", action="store_true", help="no full disk")
    parser.add_argument(
        "--unsafe-settle",
        action="store_true",
        help="believe the receiver at once: this run has to fail",
    )
    args = parser.parse_args()
    no_disk = "" if args.no_disk else disk.enter("scripts.torture", sys.argv[1:])
    if args.quick:
        args.assets, args.kills, args.receiver_kills = 6, 10, 3
    plan = Plan(
        lives=random_lives(args.seed, args.kills, args.receiver_kills),
        assets=args.assets,
        settle_s=0.0 if args.unsafe_settle else SETTLE_S,
        disk_mb=0 if args.no_disk else DISK_MB,
        cap_mb=CAP_MB if args.assets > SMALL else SMALL_CAP_MB,
    )
    print(
        f"{os.cpu_count()} cores; {plan.gx} GX and {plan.meters} meters; seed {args.seed}; a sink "
        f"believes its receiver after {plan.settle_s:.0f} s",
        flush=True,
    )
    outcome = torture(plan, no_disk, lambda text: print(f"  {text}", flush=True))
    for line in outcome.lines():
        print(line)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
