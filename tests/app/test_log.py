"""A log whose reader has stopped holds nobody up."""

import io
import os
import threading

from collector.log_aside import Aside


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
