"""`ovr simulate`: only the simulated devices, on free or given ports."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from collector.config.paths import Home
from collector.errors import OvrError
from collector.simulator import SimulatedSite, load_faults
from collector.simulator.compose import MAX_ASSETS


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("simulate", help="only the simulated devices")
    add_site_arguments(parser)
    parser.add_argument(
        "--base-port",
        type=ranged(int, 0, 65535),
        default=0,
        metavar="P",
        help="consecutive ports from P (free ones)",
    )
    parser.add_argument(
        "--json", action="store_true", help="say what is served as one JSON object on a line"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the process that started it ends"
    )


def ranged(kind: Callable[[str], float], least: float, most: float) -> Callable[[str], float]:
    """An argument's type: a number from `least` to `most`."""

    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:g}")
        return value

    return convert


def add_site_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that describe a simulated site."""
    parser.add_argument(
        "--assets", type=ranged(int, 1, MAX_ASSETS), default=20, metavar="N", help="about N (20)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another site (1)")
    parser.add_argument(
        "--speed",
        type=ranged(float, 0.01, 10_000),
        default=1.0,
        metavar="X",
        help="times real time (1)",
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="a script of faults (TOML)")


def run(args: argparse.Namespace, _: Home) -> int:
    """Serve until SIGTERM or SIGINT."""
    from ovr_tui.commands.collect import end_with_parent

    if args.with_parent:
        end_with_parent()
    faults = load_faults(args.faults) if args.faults else ()

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        site = SimulatedSite(
            assets=args.assets,
            seed=args.seed,
            speed=args.speed,
            faults=faults,
            base_port=args.base_port,
        )
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(site)
            except (OSError, ValueError) as error:
                raise OvrError(f"the simulated devices cannot be served: {error}") from error
            told = {"devices": list(site.devices), "assets": list(site.assets)}
            if args.json:
                print(json.dumps(told), flush=True)
            else:
                for device in site.devices:
                    where = f"{device['host']}:{device['port']}"
                    print(f"{device['kind']:8} {where:22} {device['id']}", flush=True)
            await stop.wait()

    asyncio.run(serve())
    sys.stdout.flush()
    return 0
