"""`python -m scripts.outage`: catch up with a day, be interrupted, and lose nothing by it."""

import argparse
import os
import sys

from scripts.outage.run import Outage, run


def main() -> int:
    """Measure once and print a row for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="of the first outage")
    parser.add_argument("--assets", type=int, default=150, help="a third of them GX")
    parser.add_argument("--second", type=float, default=60.0, help="seconds of the second outage")
    args = parser.parse_args()
    gx = max(1, args.assets // 3)
    size = Outage(hours=args.hours, gx=gx, meters=args.assets - gx, second_s=args.second)
    print(f"{os.cpu_count()} cores; {size.gx} GX and {size.meters} meters, {size.hours:g} hours")
    met = True
    for row in run(size, lambda text: print(f"   {text}", flush=True)):
        print(row.line(), flush=True)
        met = met and row.met is not False
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
