"""`python -m scripts.fuzz mqtt|modbus`: lie to a collector; exit status 1 if it believed a lie."""

import argparse
import asyncio
import signal
import sys

from scripts.fuzz import door, mqtt, polled

MILLION = 1_000_000
WHOLE_PART = 50
"""A whole collector gets one answer for so many at the door, for polls take their time."""


def main() -> int:
    """Run once and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("mqtt", "modbus"))
    parser.add_argument(
        "--count", type=int, default=MILLION, help="payloads, or answers at the door"
    )
    parser.add_argument("--whole", type=int, help="answers to a whole collector (count / 50)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end what was started
    whole = args.count // WHOLE_PART if args.whole is None else args.whole
    outcomes = []
    if args.what == "mqtt":
        outcomes.append(asyncio.run(mqtt.run(args.count, args.seed, _say)))
    elif args.count:
        outcomes.append(asyncio.run(door.run(args.count, args.seed, _say)))
    if args.what == "modbus" and whole:
        outcomes.append(asyncio.run(polled.run(whole, args.seed, _say)))
    for outcome in outcomes:
        for line in outcome.lines():
            print(line)
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
