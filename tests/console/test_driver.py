"""Writing to a terminal that may not read, and ending with it."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ovr_tui.console.driver import BACKLOG_BYTES, OLD_S, Outlet
from ovr_tui.console.vigil import Vigil, terminal_gone


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe that takes one page before a writer waits."""
    import fcntl

    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield reader, writer
    for fileno in (reader, writer):
        try:
            os.close(fileno)
        except OSError:
            continue  # the test has closed it


def eventually(condition: Callable[[], bool], limit_s: float = 5.0) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def read_all(fileno: int, outlet: Outlet) -> bytes:
    """Read until the outlet has nothing left."""
    os.set_blocking(fileno, False)
    data, deadline = b"", time.monotonic() + 5
    while time.monotonic() < deadline:
        written = not outlet._queue and not outlet._backlog  # seen before it is read
        try:
            data += os.read(fileno, 65536)
        except BlockingIOError:
            if written:
                return data
            time.sleep(0.002)
    raise AssertionError("the outlet does not get rid of its backlog")


def test_everything_arrives_in_order(pipe: tuple[int, int]) -> None:
    """While the terminal reads, every frame arrives whole and in order."""
    outlet = Outlet(pipe[1], lambda: None)
    outlet.start()
    for n in range(50):
        outlet.write(f"<{n}>")
    assert read_all(pipe[0], outlet) == b"".join(b"<%d>" % n for n in range(50))
    assert outlet.dropped == 0
    outlet.last_words("bye")
    outlet.join(5)
    assert os.read(pipe[0], 10) == b"bye"


def test_a_terminal_that_does_not_read(pipe: tuple[int, int]) -> None:
    """Writing never waits; frames are dropped and counted; after recovery a repaint is asked for
    once, and writing goes on."""
    recovered: list[float] = []
    outlet = Outlet(pipe[1], lambda: recovered.append(1.0))
    outlet.start()
    frame = "x" * 8000
    for _ in range(500):  # would never end, if writing waited
        outlet.write(frame)
    assert outlet.behind
    assert outlet.dropped > 400
    assert outlet._backlog <= BACKLOG_BYTES + len(frame)
    got = read_all(pipe[0], outlet)
    assert len(got) == (500 - outlet.dropped) * 8000
    eventually(lambda: bool(recovered))
    outlet.write("again")
    assert read_all(pipe[0], outlet) == b"again"
    assert len(recovered) == 1
    outlet.last_words("")
    outlet.join(5)
    assert not outlet.is_alive()


def test_old_frames_are_not_shown(pipe: tuple[int, int]) -> None:
    """What waited for too long is dropped, with the newer frames that belong on top of it, and a
    repaint is asked for; the modes of the terminal are set nevertheless."""
    now = [100.0]
    recovered: list[float] = []
    outlet = Outlet(pipe[1], lambda: recovered.append(now[0]), clock=lambda: now[0])
    outlet.start()
    outlet.write("x" * 20_000)  # more than the pipe takes: the writer waits
    eventually(lambda: not outlet._queue)
    outlet.write("\x1b[?1049h")
    outlet.write("<old>")
    outlet.write("\x1b[?2026$p")
    now[0] += OLD_S + 0.1
    outlet.write("<new>")
    assert read_all(pipe[0], outlet) == b"x" * 20_000 + b"\x1b[?1049h\x1b[?2026$p"
    eventually(lambda: recovered == [now[0]])
    assert outlet.dropped == 2
    outlet.write("<repaint>")
    now[0] += OLD_S / 2
    assert read_all(pipe[0], outlet) == b"<repaint>"
    outlet.last_words("")
    outlet.join(5)
    assert len(recovered) == 1


def test_last_words_are_never_old(pipe: tuple[int, int]) -> None:
    """Giving the terminal back is written however late."""
    now = [100.0]
    outlet = Outlet(pipe[1], lambda: None, clock=lambda: now[0])
    outlet.start()
    outlet.write("x" * 20_000)
    eventually(lambda: not outlet._queue)
    outlet.last_words("bye")
    now[0] += 60
    assert read_all(pipe[0], outlet) == b"x" * 20_000 + b"bye"
    outlet.join(5)


def test_a_terminal_that_is_gone(pipe: tuple[int, int]) -> None:
    """When the terminal is closed, writing is a no-op and the thread ends."""
    outlet = Outlet(pipe[1], lambda: None)
    os.close(pipe[0])
    outlet.start()
    outlet.write("x")
    outlet.join(5)
    assert outlet.broken
    outlet.write("y" * 10**6)
    assert not outlet.behind


def test_last_words_do_not_wait_for_a_stalled_terminal(pipe: tuple[int, int]) -> None:
    """A terminal that reads nothing can be left: joining has a limit, the thread is a daemon."""
    outlet = Outlet(pipe[1], lambda: None)
    outlet.start()
    outlet.write("x" * 20_000)
    eventually(lambda: not outlet._queue)
    outlet.last_words("bye")
    outlet.join(0.05)
    assert outlet.is_alive()
    assert outlet.daemon
    os.close(pipe[0])
    outlet.join(5)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT])
def test_signals_ask_for_the_exit(number: signal.Signals) -> None:
    """Each of the three signals asks the app to exit; afterwards handlers are put back, and the
    process ends even if something still waits for the terminal."""
    before = signal.getsignal(number)
    asked = threading.Event()
    died: list[int] = []
    with Vigil(asked.set, die=died.append) as vigil:
        os.kill(os.getpid(), number)
        assert asked.wait(5)
        assert vigil.reason == number.name
    assert signal.getsignal(number) is before
    eventually(lambda: died == [128 + number])


def test_an_app_that_does_not_exit_is_ended() -> None:
    """When nothing follows the request within the grace, the watchdog ends the process."""
    died = threading.Event()
    status: list[int] = []

    def die(code: int) -> None:
        status.append(code)
        died.set()

    with Vigil(lambda: None, die=die):
        os.kill(os.getpid(), signal.SIGTERM)
        assert died.wait(5)
    assert status == [128 + signal.SIGTERM]


def test_an_app_that_exits_is_left_alone() -> None:
    """An orderly end is no business of the watchdog."""
    died: list[int] = []
    with Vigil(lambda: None, die=died.append) as vigil:
        pass
    assert died == []
    assert vigil.reason == ""


def test_a_terminal_that_hung_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that goes without a signal (nohup) is noticed by looking."""
    monkeypatch.setattr("ovr_tui.console.vigil.LOOK_S", 0.02)
    master, slave = os.openpty()
    asked = threading.Event()
    with Vigil(asked.set, fileno=slave, die=lambda _: None) as vigil:
        assert not asked.wait(0.1)
        assert not terminal_gone(slave)
        os.close(master)
        assert asked.wait(5)
        assert vigil.reason == "the terminal is gone"
    os.close(slave)
