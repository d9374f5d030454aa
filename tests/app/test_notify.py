"""What systemd hears: over real sockets, and only what is true."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from collector.app.notify import LEAST_AGE_S, Notifier, Vital, keep_telling, plant_line
from tests.support.snapshots import site


class Listener:
    """A socket as systemd has one."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.environ = {"NOTIFY_SOCKET": address}

    def heard(self) -> list[str]:
        """All lines since the last call."""
        lines: list[str] = []
        while True:
            try:
                lines += self.socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return lines


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    """A listener of each sort that systemd may have."""
    address = str(tmp_path / "n") if request.param == "path" else f"@ovr-test-{os.getpid()}"
    listener = Listener(address)
    yield listener
    listener.socket.close()


def test_lines_arrive_in_one_datagram(systemd: Listener) -> None:
    """At a path, and at an abstract address."""
    Notifier(systemd.environ).tell("READY=1", "STATUS=well")
    assert systemd.socket.recv(4096) == b"READY=1\nSTATUS=well"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_where_nobody_listens_nothing_happens(environ: dict[str, str]) -> None:
    """Started by hand there is no systemd."""
    notifier = Notifier(environ)
    assert not notifier.heard
    notifier.tell("READY=1")


def test_a_socket_that_is_gone_or_full_costs_nothing(systemd: Listener, tmp_path: Path) -> None:
    """It neither raises nor blocks."""
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    notifier = Notifier(systemd.environ)
    for _ in range(5000):
        notifier.tell("STATUS=" + "x" * 1000)
    assert systemd.heard()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_a_watchdog_is_one_for_this_process(environ: dict[str, str], seconds: float | None) -> None:
    """Not for the one that started it."""
    assert Notifier(environ, pid=7).watchdog_s == seconds


@pytest.mark.parametrize(
    ("ticked_s", "answered_s", "lives"),
    [(99.0, 99.0, True), (84.0, 99.0, False), (99.0, 84.0, False), (86.0, 86.0, True)],
)
def test_life_takes_ticks_and_the_journal(ticked_s: float, answered_s: float, lives: bool) -> None:
    """Each younger than half of the watchdog's time."""
    vital = Vital(ticked_s=ticked_s, answered_s=answered_s)
    assert vital.lives(100.0, 30.0) is lives


def test_a_short_watchdog_does_not_ask_for_more_than_a_tick_a_second() -> None:
    """Ticks may be late."""
    assert Vital(ticked_s=98.0, answered_s=98.0).lives(100.0, 0.5)
    assert not Vital(ticked_s=100.0 - LEAST_AGE_S, answered_s=100.0).lives(100.0, 0.5)


class Life:
    """A collector whose ticks and journal can be stopped; the clock is the test's."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.ticked = self.answered = self.now
        self.moves = True

    def vital(self) -> Vital:
        """As it is."""
        return Vital(ticked_s=self.ticked, answered_s=self.answered)

    def clock(self) -> float:
        """Time passes each time that it is asked for."""
        self.now += 1.0
        if self.moves:
            self.ticked = self.answered = self.now
        return self.now


async def until(condition: Callable[[], bool], what: str) -> None:
    """Poll until `condition` holds."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(what)


async def test_signs_of_life_end_when_the_ticks_do(systemd: Listener) -> None:
    """Ready comes first, the state in words follows; after a standstill nothing more is sent."""
    life = Life()
    notifier = Notifier({**systemd.environ, "WATCHDOG_USEC": "40000"})
    told = keep_telling(notifier, life.vital, lambda: "well", clock=life.clock)
    task = asyncio.create_task(told)
    heard: list[str] = []

    def often() -> bool:
        heard.extend(systemd.heard())
        return heard.count("STATUS=well") > 1 and heard.count("WATCHDOG=1") > 2

    await until(often, "signs of life")
    assert heard[:2] == ["READY=1", "STATUS=well"]
    life.moves = False
    await until(lambda: not life.vital().lives(life.now, 0.04), "it stands still")
    systemd.heard()
    stood_at = life.now
    await until(lambda: life.now > stood_at + 20, "time goes on")
    assert "WATCHDOG=1" not in systemd.heard()
    life.moves = True
    await until(lambda: "WATCHDOG=1" in systemd.heard(), "it lives again")
    task.cancel()
    await asyncio.wait([task])


async def test_without_a_watchdog_there_are_no_signs_of_life(systemd: Listener) -> None:
    """Only that it is ready, and how it is."""
    life = Life()
    told = keep_telling(Notifier(systemd.environ), life.vital, lambda: "well", clock=life.clock)
    task = asyncio.create_task(told)
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task])
    assert systemd.heard() == ["READY=1", "STATUS=well"]


def test_the_plant_in_one_line() -> None:
    """How many live, the load, and what is wrong."""
    shot = site(12)
    line = plant_line(shot)
    live = sum(asset.status.value == "live" for asset in shot.assets)
    assert line.startswith(f"{live} of {len(shot.assets)} assets live, load ")
    sick = msgspec.structs.replace(
        shot, health=msgspec.structs.replace(shot.health, problems=("the disk\nis full" * 50,))
    )
    assert "the disk is full" in plant_line(sick)
    assert len(plant_line(sick)) <= 200
