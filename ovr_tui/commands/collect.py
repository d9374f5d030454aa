"""`ovr collect`: the collector without a screen."""

import argparse
import asyncio
import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError

PR_SET_PDEATHSIG = 1
GC_YOUNG = 20_000
"""Nearly everything here dies by its reference count; cycles are looked for seldom, so that a tick
is not held up by a walk over all cells."""
END_S = 25.0
"""How long an orderly end may take. A disk that hangs can hold up even the last step of a program;
what is not on it by then is lost either way."""
SWITCH_S = 0.001
"""How soon a thread that packs requests lets the event loop have its turn (Python's own: 5 ms)."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("collect", help="the collector without a screen")
    parser.add_argument(
        "--hosted", action="store_true", help="started by a console, which may stop it again"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the process that started it ends"
    )
    parser.add_argument(
        "--simulated", action="store_true", help="the devices are: no need to confirm the clock"
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="at the end, what it did")


def end_with_parent() -> int:
    """Ask the kernel to terminate this process when the one that started it dies.

    Returns the parent's pid; a process whose parent died has another one.
    """
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
    return parent


async def bound_the_end(stopping: asyncio.Event) -> None:
    """When `stopping` is set: the process has ended after END_S, in order or not."""
    await stopping.wait()
    last = threading.Timer(END_S, end_now)
    last.daemon = True
    last.start()


def end_now() -> None:
    """End without waiting for anything."""
    sys.stderr.write(f"ovr: the orderly end took more than {END_S:.0f} s; ended as it was.\n")
    sys.stderr.flush()
    os._exit(1)


def run(args: argparse.Namespace, home: Home) -> int:
    """Collect until SIGTERM or SIGINT (or SIGHUP, but for a hosted one, which has no terminal to
    lose); a second one ends at once."""
    from collector import log
    from collector.app.collector import Collector
    from collector.app.notify import Notifier
    from collector.config.load import load
    from collector.log_ring import Ring

    ring = Ring()
    log.setup(systemd="JOURNAL_STREAM" in os.environ, ring=ring)
    faulthandler.enable()  # a watchdog ends by SIGABRT: the log then tells where everything stood
    parent = end_with_parent() if args.with_parent else 0
    home.ensure()
    loaded = load(home, os.environ)

    gc.set_threshold(GC_YOUNG, 20, 100)
    sys.setswitchinterval(SWITCH_S)

    async def collect() -> None:
        collector = Collector(
            home,
            loaded,
            hosted=args.hosted,
            simulated=args.simulated,
            notifier=Notifier(os.environ),
            ring=ring,
        )
        loop = asyncio.get_running_loop()

        def asked() -> None:
            if collector.stopping.is_set():
                os._exit(1)
            if parent and os.getppid() != parent:
                collector.hurry()
            collector.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked)
        if args.hosted:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(signal.SIGHUP, asked)
        bound = asyncio.create_task(bound_the_end(collector.stopping))
        try:
            await collector.run()
        finally:
            bound.cancel()
            if args.summary and collector.opened:
                args.summary.write_bytes(msgspec.json.encode(collector.summary()))

    try:
        asyncio.run(collect())
    except OSError as error:
        raise OvrError(f"the collector cannot work here: {error}") from error
    return 0
