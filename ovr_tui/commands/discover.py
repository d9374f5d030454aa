"""`ovr discover`: look for devices, and add them by one key."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from collector.client import Client
from collector.config.load import load
from collector.config.paths import Home
from collector.errors import OvrError
from collector.log import setup
from collector.model.discovery import Search
from collector.wire import DiscoverAnswer, DiscoverRequest, NoRequest
from ovr_tui.commands import discover_add
from ovr_tui.commands.ask import print_json
from ovr_tui.commands.discover_show import Progress, lines
from ovr_tui.commands.registry_desk import runs

LOOK_S = 0.4
PATH = "/v1/discover"

Look = Callable[[], Awaitable[Search]]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "discover",
        help="look for devices in the local networks, or at the addresses that are named",
        description="Looks for GX, ACUVIM, Fronius and whatever a profile knows. Nothing is "
        "written to any device; who is read already, or excluded in node.toml, is not asked.",
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="CIDR|HOST",
        help="10.20.0.0/24, 10.20.0.21, gx-1.local, 10.20.0.31:2000 (the local networks)",
    )
    parser.add_argument(
        "--add",
        nargs="?",
        const="ask",
        choices=("ask", "all"),
        help="add what is new: ask for each (y/n), or all",
    )
    parser.add_argument(
        "--confirm", action="store_true", help="during an event: yes, ask these hosts"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """1 when the search failed or was ended. Raises ConfigError, NotPossible, ApiError."""
    if args.add == "ask" and not sys.stdin.isatty():
        raise OvrError("nobody can answer here: say --add all")
    with Progress() as progress:
        found = asyncio.run(_search(args, home, progress))
    if args.json:
        print_json({"schema": 1, "search": found})
    else:
        print("\n".join(lines(found)))
    if args.add is not None:
        discover_add.run(home, found.found, everything=args.add == "all", quiet=args.json)
    return 0 if found.state == "done" else 1


async def _search(args: argparse.Namespace, home: Home, progress: Progress) -> Search:
    if runs(home):
        return await _through_collector(args, home, progress)
    return await _by_ourselves(args, home, progress)


async def _through_collector(args: argparse.Namespace, home: Home, progress: Progress) -> Search:
    body = DiscoverRequest(targets=tuple(args.targets), confirm=args.confirm)
    async with Client(home.operator_socket, answer_s=30.0) as client:
        await client.post(PATH, DiscoverAnswer, body)

        async def look() -> Search:
            return (await client.get(PATH, DiscoverAnswer)).search

        async def cancel() -> Search:
            return (await client.post(f"{PATH}/cancel", DiscoverAnswer, NoRequest())).search

        return await _followed(look, cancel, progress)


async def _by_ourselves(args: argparse.Namespace, home: Home, progress: Progress) -> Search:
    from collector.discovery import DiscoveryDesk
    from collector.discovery.mark import unread
    from collector.discovery.plan import exclusion
    from collector.discovery.search import World, shelved

    setup(level="error")  # what goes wrong is told by us
    loaded = load(home, os.environ)
    desk = DiscoveryDesk(
        known=lambda: [unread(device) for device in loaded.devices],
        excluded=exclusion(loaded.node.discovery.exclude),
        world=World(rate=loaded.node.discovery.rate, profiles=lambda: shelved(home.config)),
    )
    desk.start(args.targets, confirmed=args.confirm)

    async def look() -> Search:
        return desk.state

    return await _followed(look, desk.cancel, progress)


async def _followed(look: Look, cancel: Look, progress: Progress) -> Search:
    """Show how far it is until it has ended; ctrl-c ends it, and keeps what was found."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)
    try:
        while True:
            found = await look()
            progress.tell(found)
            if found.state != "running":
                return found
            try:
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
            except TimeoutError:
                continue
            return await cancel()
    finally:
        loop.remove_signal_handler(signal.SIGINT)
