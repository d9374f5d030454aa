"""`ovr` as a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

OVR = [sys.executable, "-m", "ovr_tui.cli"]

_started: "list[subprocess.Popen[str]]" = []


def environment(**more: str) -> dict[str, str]:
    """The environment without what would lead to another home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OVR_", "XDG_"))}
    return kept | more


def start(
    *words: str, home: Path | None = None, log: Path | None = None, **more: Any
) -> "subprocess.Popen[str]":
    """Start `ovr`; the caller ends it, `end_left_over` what a failed test left. What says more
    than a pipe holds takes a `log`. It hears SIGHUP, also where the tests run under nohup."""
    where = ["--home", str(home)] if home else []
    with ExitStack() as opened:
        process = subprocess.Popen(
            [*OVR, *where, *words],
            stdin=subprocess.DEVNULL,
            stdout=opened.enter_context(log.open("w")) if log else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
            preexec_fn=_hear_hangup,
            **more,
        )
    _started.append(process)
    return process


def _hear_hangup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def end_left_over() -> None:
    """Kill what `start` started and nobody ended."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.kill()
            process.communicate()


def status(home: Path) -> dict[str, Any] | None:
    """What `ovr status --json` prints; None when no collector answers."""
    done = subprocess.run(
        [*OVR, "--home", str(home), "status", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    found: dict[str, Any] | None = json.loads(done.stdout) if done.stdout else None
    return found


def until(true: Callable[[], Any], what: str, limit_s: float = 20) -> Any:
    """Poll until `true` returns something true, and return it."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = true()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {limit_s} s")


def finish(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> str:
    """End a process in order and return what it said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=30)
    return said


async def said(home: Path, *words: str) -> str:
    """What a command says beside running tests; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *OVR,
        "--home",
        str(home),
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(),
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()
