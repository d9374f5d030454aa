"""The log: whoever reads it and stops holds nobody up; its newest lines stay in memory."""

import io
import logging
import os
import threading

import pytest
import structlog

from collector import log
from collector.log_aside import Aside
from collector.log_ring import Ring


def test_a_full_pipe_holds_nobody_up():
    """More is written than a pipe takes, while nobody reads; read again, what came first is there,
    and how much was left out."""
    read, write = os.pipe()
    with os.fdopen(read) as reader, os.fdopen(write, "w") as writer:
        aside = Aside(writer, waiting=100)
        line = "x" * 4_000 + "\n"
        for _ in range(1_000):
            assert aside.write(line) == len(line)
        found: list[str] = []
        reading = threading.Thread(target=lambda: found.extend(reader))
        reading.start()
        aside.finish()
        writer.close()
        reading.join(10)
    left_out = sum(int(one.split()[0]) for one in found if "left out" in one)
    assert 0 < left_out < 1_000
    assert found.count(line) + left_out == 1_000


def test_lines_in_order_and_nothing_after_a_closed_stream():
    """What is written is passed on as it came; a stream that was closed raises nowhere."""
    out = io.StringIO()
    aside = Aside(out)
    for number in range(500):
        aside.write(f"{number}\n")
    aside.finish()
    assert out.getvalue().split() == [str(number) for number in range(500)]
    out = io.StringIO()
    out.close()
    aside = Aside(out)
    aside.write("nobody\n")
    aside.finish()


@pytest.fixture
def quiet():
    """The log is as it was afterwards."""
    yield
    structlog.reset_defaults()
    logging.basicConfig(force=True)


@pytest.mark.usefixtures("quiet")
def test_the_ring_has_what_the_log_has():
    """What parts of the program say is in the ring on one line with its values, and so are warnings
    of libraries; what the log leaves out the ring leaves out too."""
    ring, out = Ring(wall=lambda: 5.0), io.StringIO()
    log.setup(out, ring=ring)
    speaker = structlog.get_logger("sink")
    speaker.debug("Nobody cares.")
    speaker.info("Sent.", sink="cloud", batches=3, cause="", of="the last hour")
    speaker.error("A fault of ours.", exc_info=ValueError("no such\nthing \x1b[31m"))
    logging.getLogger("some.library").warning("it is %s", "odd")
    told = [(m.seq, m.at_ms, m.level, m.part, m.text) for m in ring.read(0, "info", 10)]
    assert told == [
        (1, 5000, "info", "sink", 'Sent. sink=cloud batches=3 of="the last hour"'),
        (2, 5000, "error", "sink", "A fault of ours. thing ·[31m"),
        (3, 5000, "warning", "some.library", "it is odd"),
    ]
    assert "Sent." in out.getvalue()
    assert "it is odd" in out.getvalue()


def test_the_ring_forgets_and_counts():
    """The oldest lines go; numbers go on, so that whoever asks for what is new misses nothing that
    is still there, and how many are forgotten is known."""
    ring = Ring(3)
    for number in range(1, 6):
        ring.add("warning" if number % 2 else "info", "x", f"line {number}")
    assert [m.text for m in ring.read(0, "info", 10)] == ["line 3", "line 4", "line 5"]
    assert [m.seq for m in ring.read(4, "info", 10)] == [5]
    assert [m.seq for m in ring.read(0, "warning", 10)] == [3, 5]
    assert [m.seq for m in ring.read(0, "info", 1)] == [5]
    assert ring.read(0, "error", 10) == ()
    assert (ring.last, ring.left_out) == (5, 2)


def test_no_secret_is_in_the_ring():
    """Should what failed ever say a password or token, nobody reads it over the network."""
    ring = Ring()
    ring.secrets = lambda: ("hunter22", "abc")
    ring.add("warning", "gx", "http://ovr:hunter22@10.0.0.1/ abc")
    assert ring.read(0, "info", 1)[0].text == "http://ovr:***@10.0.0.1/ abc"
