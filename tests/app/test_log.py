"""The log: whoever reads it and stops holds nobody up; its newest lines stay in memory."""

import ast
import io
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
import structlog

import collector
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
        (1, 5000, "info", "sink", "Sent (sink cloud, batches 3, of the last hour)"),
        (2, 5000, "error", "sink", "A fault of ours: thing ·[31m; please report this line"),
        (3, 5000, "warning", "some.library", "it is odd"),
    ]
    assert "Sent." in out.getvalue()
    assert "it is odd" in out.getvalue()


def test_a_line_is_a_sentence():
    """Values stand where they belong, the cause behind them, the rest in brackets; what a device
    says is never a place; the stream has the sentence and the values."""
    ring, out = Ring(), io.StringIO()
    log.setup(out, ring=ring)
    speaker = structlog.get_logger("site")
    speaker.warning("{asset}: its {measurement} is odd.", asset="{evil}", cause="{asset} fell",
                    measurement="load_energy_kwh", after_s=3.5)  # fmt: skip
    speaker.info("Done by {person}: {what}.", person="uid 0 (root)", what=["a", "b"], of=None)
    assert [line.text for line in ring.read(0, "info", 10)] == [
        "{evil}: its load energy is odd: {asset} fell (after 3.5 s)",
        "Done by root: a, b.",
    ]
    assert 'event="{evil}: its load energy is odd."' in out.getvalue()
    assert "measurement=load_energy_kwh" in out.getvalue()


SAYS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
COLLECTOR = Path(collector.__file__).parent


def said() -> Iterator[tuple[str, str, set[str]]]:
    """Each line that the collector can log: where, what it says, which values it has."""
    for path in sorted(COLLECTOR.rglob("*.py")):
        if "simulator" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            speaker = ast.unparse(node.func.value)
            literal = node.args[0] if node.args else None
            if node.func.attr not in SAYS or speaker not in ("log", "self._log"):
                continue
            if isinstance(literal, ast.Constant):
                known = {str(word.arg) for word in node.keywords}
                known |= {"device"} if speaker == "self._log" else set()  # bound to it
                yield f"{path.name}:{node.lineno}", str(literal.value), known  # None: ** of some


def test_every_line_of_the_log_tells_something():
    """A sentence, of three words at least, whose places all have a value: a tech reads them."""
    lines = list(said())
    assert len(lines) > 90
    for where, text, known in lines:
        places = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert places <= known or "None" in known, f"{where}: {text}"
        assert len(text.split()) >= 3, f"{where}: {text}"
        assert text[0] == "{" or text[0].isupper() or text.startswith(("systemd", "registry",
                                                                     "node.db")), where  # fmt: skip


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
