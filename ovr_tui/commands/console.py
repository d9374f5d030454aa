"""`ovr`: the console on this node's collector, which it starts where none runs."""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from collector.app.lock import holder
from collector.client import Client
from collector.config.load import load
from collector.config.paths import Home
from collector.errors import ApiError, OvrError

START_S = 20.0
STOP_S = 15.0
SERVICE_FILES = (Path("/etc/systemd/system/ovr.service"), Path("/lib/systemd/system/ovr.service"))


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
    with told.open("ab") as out:
        start = out.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", "ovr_tui.cli", "collect", "--hosted"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=os.environ | home_env(home),
        )
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if answers(home):
            return
        if child.poll() is not None:
            if holder(home.state) is not None:
                continue  # another console was quicker: its collector will answer
            said = told.read_bytes()[start:].decode(errors="replace").strip()
            raise OvrError(f"the collector ended at its start:\n{said[-2000:]}")
        time.sleep(0.05)
    raise OvrError(f"the collector does not answer after {START_S:.0f} s; see {told}")


def home_env(home: Home) -> dict[str, str]:
    """The variables that lead another `ovr` to this home."""
    return {
        "OVR_CONFIG_DIR": str(home.config),
        "OVR_STATE_DIR": str(home.state),
        "OVR_RUN_DIR": str(home.run),
    }


def answers(home: Home) -> bool:
    """Whether a collector answers on the socket."""

    async def ask() -> None:
        async with Client(home.operator_socket) as client:
            await client.health()

    try:
        asyncio.run(ask())
    except ApiError:
        return False
    return True


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
    if answers(home):
        return
    pid = holder(home.state)
    deadline = time.monotonic() + START_S
    while pid is not None and time.monotonic() < deadline:
        if answers(home):
            return
        time.sleep(0.1)
        pid = holder(home.state)
    if pid is not None:
        raise OvrError(f"the collector (pid {pid}) runs but does not answer; see its log")
    if is_service(home):
        raise OvrError(
            "the collector is installed as a service here and is down. "
            "Start it with: systemctl start ovr   (its log: journalctl -u ovr)"
        )
    load(home, os.environ)
    start_hosted(home)


def run(_: argparse.Namespace, home: Home) -> int:
    """Attach, show, and on leaving stop a hosted collector when the person says so."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise OvrError("the console needs a terminal; `ovr status` prints, `ovr collect` collects")
    attach(home)
    from ovr_tui.console import Leave, run_console

    if run_console(home.operator_socket) is Leave.STOP:
        stop(home)
        print("Collecting has stopped.")
    elif holder(home.state) is not None and not is_service(home):
        print("The collector goes on; `ovr` finds it again.")
    return 0
