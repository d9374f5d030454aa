"""`ovr`: the console on this node's collector, which it starts where none runs."""

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from collector.app.lock import holder
from collector.client import Client
from collector.config.load import load
from collector.config.paths import Home, settings_file
from collector.errors import ApiError, OvrError

START_S = 20.0
STOP_S = 15.0
LOG_BYTES = 5_000_000
"""From here on the log of hosted collectors begins anew; the former one is kept as `.1`."""
SERVICE = "ovr-collect"
SERVICE_FILES = tuple(
    Path(folder) / f"{SERVICE}.service" for folder in ("/etc/systemd/system", "/lib/systemd/system")
)


def is_service(home: Home) -> bool:
    """Whether this home's collector is installed as a service."""
    system = home.config == Path("/etc/ovr")
    return system and any(path.exists() for path in SERVICE_FILES)


def start_hosted(home: Home) -> None:
    """Start a collector in a session of its own, and wait until it answers.

    Raises OvrError with what it said when it ends instead.
    """
    home.ensure()
    told = home.state / "collector.log"
    if told.exists() and told.stat().st_size > LOG_BYTES:
        told.replace(told.with_name(f"{told.name}.1"))
    with told.open("ab") as out:
        start = out.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", "ovr_tui.cli", "collect", "--hosted"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=environment(home),
        )
    threading.Thread(target=child.wait, name="reaper", daemon=True).start()
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if answers(home):
            return
        if child.poll() is not None and holder(home.state) is None:
            # (if it is held, another console was quicker: its collector will answer)
            said = told.read_bytes()[start:].decode(errors="replace").strip()
            raise OvrError(f"the collector ended at its start:\n{said[-2000:]}")
        time.sleep(0.05)
    raise OvrError(f"the collector does not answer after {START_S:.0f} s; see {told}")


def environment(home: Home) -> dict[str, str]:
    """The environment that leads another `ovr` to this home, and to no other."""
    kept = {name: value for name, value in os.environ.items() if name != "OVR_HOME"}
    return kept | {
        "OVR_CONFIG_DIR": str(home.config),
        "OVR_STATE_DIR": str(home.state),
        "OVR_RUN_DIR": str(home.run),
    }


def answers(home: Home) -> bool:
    """Whether a collector answers on the socket as it should."""
    return refusal(home.operator_socket) is None


def refusal(socket: Path) -> ApiError | None:
    """Why no collector answers on the socket as it should; None when one does."""

    async def ask() -> None:
        async with Client(socket) as client:
            await client.health()

    try:
        asyncio.run(ask())
    except ApiError as error:
        return error
    return None


def not_for_us(home: Home, error: ApiError) -> bool:
    """Whether waiting does not help: the collector did answer, but otherwise than it should, or
    its socket is for others."""
    if not isinstance(error.__cause__, httpx.TransportError):
        return True
    return not_ours(home.operator_socket)


def not_ours(socket: Path) -> bool:
    """Whether a socket is there, but for others."""
    return socket.exists() and not os.access(socket, os.R_OK | os.W_OK)


def only_looks(home: Home) -> bool:
    """Whether this user may open the viewers' socket of a running collector, but not the
    operators'."""
    return not_ours(home.operator_socket) and os.access(home.viewer_socket, os.R_OK | os.W_OK)


def stop(home: Home) -> None:
    """Stop the hosted collector and wait for its orderly end."""

    async def ask() -> None:
        async with Client(home.operator_socket) as client:
            await client.stop()

    try:
        asyncio.run(ask())
    except ApiError as error:
        if holder(home.state) is not None:
            raise OvrError(f"the collector could not be asked to stop: {error}") from error
    deadline = time.monotonic() + STOP_S
    while holder(home.state) is not None:
        if time.monotonic() > deadline:
            raise OvrError(f"the collector has not ended after {STOP_S:.0f} s; see its log")
        time.sleep(0.05)


def attach(home: Home) -> None:
    """Make sure that a collector answers: find it, wait for it, or start it."""
    deadline = time.monotonic() + START_S
    while (error := refusal(home.operator_socket)) is not None:
        pid = holder(home.state)
        if not_for_us(home, error):
            raise error
        if pid is None:
            break
        if time.monotonic() > deadline:
            raise OvrError(f"the collector (pid {pid}) runs, but cannot be used: {error}")
        time.sleep(0.1)
    else:
        return
    if is_service(home):
        raise OvrError(
            "the collector is installed as a service here and is down. "
            f"Start it with: systemctl start {SERVICE}   (its log: journalctl -u {SERVICE})"
        )
    load(home, os.environ)
    start_hosted(home)


def run(args: argparse.Namespace, home: Home) -> int:
    """Attach, show, and on leaving stop a hosted collector when the person says so. Whoever may
    only look, or asks for that (`--view`), gets a console that changes nothing."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise OvrError("the console needs a terminal; `ovr status` prints, `ovr collect` collects")
    if args.view or only_looks(home):
        return _view(args, home)
    attach(home)
    from ovr_tui.console import Leave, run_console

    answer = run_console(
        home.operator_socket,
        settings=settings_file(args.home, os.environ),
        slow=args.slow,
        environment=environment(home),
    )
    if answer is Leave.STOP:
        stop(home)
        print("Collecting has stopped.")
    elif holder(home.state) is not None and not is_service(home):
        print("The collector goes on; `ovr` finds it again.")
    return 0


def _view(args: argparse.Namespace, home: Home) -> int:
    """A console on the viewers' socket. It never starts a collector, and never stops one."""
    error = refusal(home.viewer_socket)
    if error is not None:
        raise error
    from ovr_tui.console import run_console

    settings = settings_file(args.home, os.environ)
    run_console(home.viewer_socket, hosted=False, settings=settings, slow=args.slow)
    return 0
