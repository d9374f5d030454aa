"""`ovr demo`: a simulated site behind real protocols, and the console on it."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import tomli_w

from collector.app.lock import holder
from collector.client import Client
from collector.config.files import replace_file
from collector.config.paths import Home, find_home, settings_file
from collector.config.write import save_registry
from collector.errors import OvrError
from collector.model.text import clean
from collector.wire import MeAnswer, PinAnswer, PinRequest
from ovr_tui.commands.console import answers, environment
from ovr_tui.commands.simulate import add_site_arguments, ranged

READY_S = 90.0
END_S = 20.0
MARK = "demo.json"
DEMO_PIN = "1234"
COLLECT = ("collect", "--with-parent", "--simulated")
"""Not hosted: no console stops it, the demo does."""
OVR = (sys.executable, "-m", "ovr_tui.cli")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "demo",
        help="a simulated site, and the console on it",
        description=f"A simulated site, and the console on it. Its PIN for control: {DEMO_PIN}.",
    )
    add_site_arguments(parser)
    parser.add_argument("--headless", action="store_true", help="without the console")
    parser.add_argument(
        "--for",
        dest="seconds",
        type=ranged(float, 1, 1e9),
        metavar="SECONDS",
        help="with --headless: end after SECONDS",
    )
    parser.add_argument(
        "--json", action="store_true", help="with --headless: at the end one JSON object"
    )
    parser.add_argument(
        "--event",
        action="store_true",
        help="a show of two days in scripted time, and its reports, in some minutes",
    )
    parser.add_argument("--victoriametrics", metavar="URL", help="deliver the samples there")
    parser.set_defaults(refuse=parser.error)


def local_zone() -> str:
    """The machine's time zone by name; UTC where that cannot be told."""
    target = os.path.realpath("/etc/localtime")
    _, found, name = target.partition("/zoneinfo/")
    return name if found and not name.startswith(("posix/", "right/")) else "UTC"


def node_table(url: str | None) -> dict[str, Any]:
    """`node.toml` of a demo."""
    table: dict[str, Any] = {
        "node": {"id": "demo", "site": "Desert Weekend (simulated)", "timezone": local_zone()}
    }
    if url:
        table["sinks"] = {"local": {"url": url}}
    return table


@contextmanager
def demo_home(args: argparse.Namespace, home: Home) -> Iterator[Home]:
    """Where the demo keeps its data: the home that was asked for, else a folder of its own."""
    if args.home or os.environ.get("OVR_HOME"):
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="ovr-demo-", ignore_cleanup_errors=True) as folder:
        yield find_home(folder, {})


def site_of(args: argparse.Namespace) -> dict[str, int]:
    """What decides which devices a demo has."""
    return {"assets": args.assets, "seed": args.seed}


def check_home(home: Home, args: argparse.Namespace) -> None:
    """Raises OvrError when the home holds something else than this demo, or a collector runs."""
    mark = home.config / MARK
    real = [f for f in (home.registry_toml, home.node_toml, home.gx_systems_json) if f.exists()]
    if not mark.exists() and real:
        raise OvrError(f"{real[0]} is a real node's; a demo needs a --home of its own")
    if mark.exists() and mark.read_text() != json.dumps(site_of(args)):
        raise OvrError(
            f"{home.config} holds a demo of another site ({clean(mark.read_text())}): "
            "take the same --assets and --seed, or another --home"
        )
    pid = holder(home.state)
    if pid is not None:
        raise OvrError(f"a collector (pid {pid}) runs on {home.state} already: end it first")


def configure(home: Home, args: argparse.Namespace, served: dict[str, Any]) -> None:
    """Write the demo's configuration."""
    home.ensure()
    replace_file(home.config / MARK, json.dumps(site_of(args)).encode())
    replace_file(
        home.config / "node.toml", tomli_w.dumps(node_table(args.victoriametrics)).encode()
    )
    devices = [
        {**entry, "control": True} if entry["kind"] == "gx" else entry  # `ovr control` can be tried
        for entry in served["devices"]
    ]
    save_registry(home, {"version": 1, "device": devices, "asset": served["assets"]})


def start_simulator(args: argparse.Namespace) -> tuple["subprocess.Popen[str]", dict[str, Any]]:
    """The simulated devices in a process of their own; returns what they serve."""
    words = ["--assets", args.assets, "--seed", args.seed, "--speed", args.speed]
    if args.faults:
        words += ["--faults", args.faults]
    child = subprocess.Popen(
        [*OVR, "simulate", "--json", "--with-parent", *(str(word) for word in words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert child.stdout is not None  # noqa: S101  asked for above
    line = child.stdout.readline()
    if not line:
        said = child.stderr.read() if child.stderr else ""
        child.wait()
        raise OvrError(f"the simulated site could not start:\n{said[-2000:]}")
    for stream in (child.stdout, child.stderr):
        threading.Thread(target=_drain, args=(stream,), daemon=True).start()
    served: dict[str, Any] = json.loads(line)
    return child, served


def _drain(stream: Any) -> None:
    for _ in stream:
        pass


def start_collector(home: Home, summary: Path) -> "subprocess.Popen[bytes]":
    """The collector in a process of its own, once it answers."""
    told = home.state / "collector.log"
    with told.open("wb") as out:
        child = subprocess.Popen(
            [*OVR, *COLLECT, "--summary", str(summary)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=environment(home),
        )
    deadline = time.monotonic() + READY_S
    while not answers(home):
        if child.poll() is not None or time.monotonic() > deadline:
            end(child)
            raise OvrError(f"the collector did not start:\n{told.read_text()[-2000:]}")
        time.sleep(0.05)
    return child


def end(child: "subprocess.Popen[Any]") -> None:
    """End a child in order, or at last by force."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def run(args: argparse.Namespace, home: Home) -> int:
    """Show the demo until it is left, or run it headless for a time."""
    if args.event:
        from ovr_tui.commands import demo_event

        return demo_event.run(args, home)
    if not args.headless and (args.seconds or args.json):
        args.refuse("--for and --json go with --headless")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        home = stack.enter_context(demo_home(args, home))
        check_home(home, args)
        simulator, served = start_simulator(args)
        stack.callback(end, simulator)
        configure(home, args, served)
        summary = home.state / "summary.json"
        summary.unlink(missing_ok=True)
        collector = start_collector(home, summary)
        stack.callback(end, collector)
        asyncio.run(_pin(home))
        if args.headless:
            _wait(collector, args.seconds)
        else:
            _show(home, settings_file(args.home, os.environ), slow=args.slow)
        end(collector)
        if args.headless:
            return _report(args, summary, home)
    return 0


def _wait(collector: "subprocess.Popen[bytes]", seconds: float | None) -> None:
    try:
        collector.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    except KeyboardInterrupt:
        return
    raise OvrError(f"the collector ended by itself with status {collector.returncode}")


def _show(home: Home, settings: Path, *, slow: bool | None) -> None:
    from ovr_tui.console import run_console

    run_console(
        home.operator_socket,
        hosted=False,
        settings=settings,
        slow=slow,
        environment=environment(home),
    )


async def _pin(home: Home) -> None:
    """Commands are given only with a PIN: that of a demo is DEMO_PIN, unless its home has one."""
    async with Client(home.operator_socket) as client:
        me = await client.get("/v1/me", MeAnswer)
        if me.control and not me.pin:
            await client.put("/v1/pin", PinAnswer, PinRequest(pin=DEMO_PIN))


def _report(args: argparse.Namespace, summary: Path, home: Home) -> int:
    if not summary.exists():
        raise OvrError(f"the collector left no summary; see {home.state / 'collector.log'}")
    did: dict[str, Any] = json.loads(summary.read_text())
    if args.json:
        print(json.dumps(did))
    else:
        for name, value in did.items():
            print(f"{name:24} {value}")
    return 1 if did["lost"] else 0
