"""The tabs of the health place as lines: sources, sinks, node, log, audit."""

import msgspec
import pytest

from collector.model.audit import AuditEntry, Deed
from collector.model.dead import DeadEntry
from collector.model.message import Message
from collector.model.outbox import OutboxItem
from collector.model.snapshot import SinkHealth, Snapshot, SourceHealth
from collector.wire import HealthAnswer, MachineHealth, SourceFailure
from ovr_tui.console.band import text_of
from ovr_tui.console.glyphs import TTY, UNICODE, Glyphs
from ovr_tui.console.health import pipes
from ovr_tui.console.health.messages import (
    at_least,
    audit_detail,
    audit_rows,
    log_detail,
    log_rows,
)
from ovr_tui.console.health.node import node_lines
from ovr_tui.console.health.overview import health_lines
from ovr_tui.console.health.sources import (
    Order,
    Rates,
    ranked,
    source_detail,
    source_rows,
    told_drops,
)
from ovr_tui.console.text import plain, width
from tests.console.test_band import moment
from tests.support.snapshots import START_MS, changed, site, snapshot

ZONE = "America/Los_Angeles"
HOSTILE = "[red]\x1b[2J\u202e" + "a" * 500


def source(device: str = "a", **more: object) -> SourceHealth:
    """A source that runs, unless said otherwise."""
    made = {"device": device, "kind": "gx", "address": "10.0.0.1", "state": "running"}
    return msgspec.convert({**made, "since_ms": START_MS, "messages": 100, **more}, SourceHealth)


def answer(shot: Snapshot, **machine: object) -> HealthAnswer:
    """What the collector tells of itself on this machine."""
    return HealthAnswer(
        ok=True, version="1.2.3", pid=7, node="n", hosted=False, health=shot.health,
        journal=shot.journal, sources=(), sinks=(),
        machine=msgspec.convert(machine, MachineHealth),
    )  # fmt: skip


def test_a_rate_is_what_came_between_two_snapshots() -> None:
    """Thirty messages in ten seconds are three a second; one snapshot, or a count that fell, is
    no rate."""
    rates = Rates()
    for seconds, count in ((0, 100), (10, 130)):
        assert rates.of("a") is None
        at_ms = START_MS + 1000 * seconds
        rates.feed(snapshot(at_ms=at_ms, sources=(source(messages=count),)))
    assert rates.of("a") == 3.0
    assert rates.of("b") is None
    rates.feed(snapshot(at_ms=START_MS + 11_000, sources=(source(messages=1),)))
    assert rates.of("a") is None


def test_sources_can_be_put_in_order() -> None:
    """The worst first; the slowest first; what has no figure last either way."""
    some = [
        source("b", latency_ms=5.0),
        source("a", state="backoff"),
        source("c", latency_ms=90.0),
    ]
    shot = snapshot(sources=tuple(some))

    def names(order: Order, *, descending: bool = False) -> str:
        return "".join(s.device for s in ranked(shot, Rates(), order, descending=descending))

    assert names(Order.STATE) == "abc"
    assert names(Order.LATENCY, descending=True) == "cba"
    assert names(Order.LATENCY) == "bca"
    assert names(Order.DEVICE, descending=True) == "cba"


def test_a_source_says_how_it_failed_last() -> None:
    """What fails now is loud; what is over is quiet, with its age."""
    failed = SourceFailure(device="a", at_ms=START_MS - 60_000, cause="no answer within 1 s")
    (row,) = source_rows([source()], {"a": failed}, Rates(), snapshot(), UNICODE, 140)
    assert "● running" in plain(row.line)
    assert "60 s ago: no answer within 1 s" in plain(row.line)
    down = source(state="backoff", cause="no route", tries=3, retry_in_s=4.0, drops={"late": 2})
    (row,) = source_rows([down], {"a": failed}, Rates(), snapshot(), UNICODE, 140)
    assert [tone for text, tone in row.line if "no route" in text] == ["warn"]
    text = text_of(source_detail(down, failed, site(1), Rates(), UNICODE, 80))
    for words in ("no route", "number 4 in 4 s", "2: late", "no answer within 1 s"):
        assert words in text


def test_a_poll_without_an_answer_is_not_said_to_be_left_out() -> None:
    """Of a device that says nothing, nothing can be left out."""
    silent = source(state="backoff", cause="refused", drops={"not connected": 18, "bad value": 3})
    text = text_of(source_detail(silent, None, site(1), Rates(), UNICODE, 80))
    assert "to 18 polls: not connected" in text
    assert "3: bad value" in text
    assert text.count("left out") == 1
    assert told_drops(silent, UNICODE) == [
        "no answer to 18 polls (not connected)",
        "left out: 3 bad value",
    ]


def test_figures_of_a_lost_collector_stand_in_brackets() -> None:
    """Latency and rate are then what they were."""
    rates, one = Rates(), source(latency_ms=12.0)
    for second in (0, 10):
        rates.feed(snapshot(at_ms=START_MS + 1000 * second, sources=(source(messages=second),)))
    (row,) = source_rows([one], {}, rates, snapshot(), UNICODE, 140, stale=True)
    figures = [(text.strip(), tone) for text, tone in row.line if "(" in text]
    assert figures == [("(12)", "dim"), ("(1.0)", "dim")]
    text = text_of(source_detail(one, None, snapshot(), rates, UNICODE, 80, stale=True))
    assert "(12) ms" in text
    assert "(1.0) a second" in text


def test_nothing_is_well_in_a_picture_that_is_not_the_present() -> None:
    """The sign of what is good goes, and its colour."""
    now = moment(site(1), attached=False, losses=1, silent_s=40)
    line = now.believed((("✓ confirmed", "good"), ("✓ 3", "text")))
    assert line == (("○ confirmed", "dim"), ("✓ 3", "text"))


def test_what_is_old_looks_old() -> None:
    """Without the collector each part of the health page and of the node's says how old it is, and
    only what is wrong keeps its colour; what is said of this console is the present."""
    now = moment(changed(site(5), alarms=()), attached=False, losses=1, silent_s=40)
    shot = now.snapshot
    assert shot is not None
    for lines in (health_lines(now, 100), node_lines(now, answer(shot), 100)):
        own = next(n for n, line in enumerate(lines) if "THIS CONSOLE" in plain(line))
        titles = [plain(line) for line in lines[:own] if line and line[0][1] == "head"]
        assert len(titles) > 2
        assert all(title.endswith("  as it was 40 s ago") for title in titles)
        tones = {tone for line in lines[:own] for _, tone in line}
        assert tones <= {"dim", "head", "warn", "alert"}
        assert "as it was" not in text_of(lines[own:])
    assert "as it was" not in text_of(health_lines(moment(shot), 100))


def test_sinks_say_how_far_behind_and_whether_lossless() -> None:
    """A sink that loses is loud; what was refused stands one by one below its heading."""
    sink = SinkHealth(
        sink="cloud", state="backoff", behind_s=600, lossless=False, dead_samples=12, cause="503"
    )
    shot = changed(site(1), sinks=(sink,))
    dead = DeadEntry(
        id=4, sink="cloud", first_seq=1, last_seq=1, at_ms=START_MS, reason="400", samples=12,
        bytes=9, series="load_power_w",
    )  # fmt: skip
    record = OutboxItem(
        revision=7, kind="events", record_id="e1", changed_ms=START_MS, state="refused",
        reason="409",
    )  # fmt: skip
    rows = pipes.pipe_rows(shot, [dead], [record], UNICODE, 160)
    text = "\n".join(plain(row.line) for row in rows)
    for words in ("▲ backoff", "10 min", "NOT lossless", "12 samples refused for good", "503",
                  "load_power_w", "cloud: 400", "events e1", "409"):  # fmt: skip
        assert words in text
    assert [row.key for row in rows if row.key.startswith(("dead", "record"))] == [
        "dead:4",
        "record:7",
    ]


def test_a_refused_value_has_all_its_digits() -> None:
    """A counter of more than a million stands as figures, thousands apart, not as a power."""
    dead = DeadEntry(
        id=4, sink="cloud", first_seq=1, last_seq=1, at_ms=START_MS, reason="400", samples=1,
        bytes=9, series="load_energy_kwh", value=1_234_567.8, sample_ms=START_MS,
    )  # fmt: skip
    text = "\n".join(map(plain, pipes.dead_detail(dead, "UTC", UNICODE, 80)))
    assert "1 234 567.8 Thu 25 Jun" in text


def test_the_node_says_what_runs_out() -> None:
    """A disk that is nearly full and a clock that nobody confirmed are loud."""
    shot = site(1)
    health = msgspec.structs.replace(shot.health, clock="unconfirmed", clock_confirmed=False)
    told = answer(
        shot, disk_free_bytes=10**9, disk_size_bytes=64 * 10**9, load=(0.1, 0.2, 0.3), cores=4,
        ntp=False, python="3.11.7",
    )  # fmt: skip
    lines = node_lines(moment(changed(shot, health=health)), told, 80)
    text = " ".join(text_of(lines).split())
    for words in ("1.0 GB free of 64 GB, 98 % used", "0.10 0.20 0.30 on 4 cores", "set by NTP no",
                  "ovr 1.2.3, process 7", "Python 3.11.7", "no sample is sent"):  # fmt: skip
        assert words in text
    loud = [word for line in lines for word, tone in line if tone == "warn"]
    assert any("98 %" in word for word in loud)
    assert any("unconfirmed" in word for word in loud)


def test_the_log_by_level() -> None:
    """Warnings are those and errors; times are the site's."""
    said = [
        Message(seq=n, at_ms=START_MS, level=level, part="collector.site", text=f"said {level}")
        for n, level in enumerate(("info", "warning", "error"))
    ]
    assert [m.level for m in at_least(said, "warning")] == ["warning", "error"]
    assert len(at_least(said, "info")) == 3
    rows = log_rows(said, ZONE, UNICODE, 100)
    assert "14:32:07 info      site" in plain(rows[0].line)
    assert [tone for text, tone in rows[2].line if "said error" in text] == ["alert"]


def test_the_audit_says_who_did_what() -> None:
    """Who, what, to what, how it ended; before and after at length."""
    deed = Deed(
        person="uid 1000 (kim)", transport="ovr.sock", action="rename", subject="bess-1",
        before="BESS 1", after="BESS one",
    )  # fmt: skip
    entry = AuditEntry(id="1", at_ms=START_MS, deed=deed, outcome="refused: an event is on")
    (row,) = audit_rows([entry], snapshot(), UNICODE, 120)
    for words in ("06-25 14:32", "kim", "rename", "bess-1", "refused: an event is on"):
        assert words in plain(row.line)
    text = text_of(audit_detail(entry, snapshot(), UNICODE, 80))
    assert "BESS one" in text
    assert "uid 1000 (kim)" in text


def test_the_audit_says_which_alarm() -> None:
    """Of an alarm the row says which one of what; its id stands where one line is told whole."""
    deed = Deed(
        person="kim", transport="ovr.sock", action="ack", subject="0197a3c2-8a51-7c53-8000-0b1f",
        before="BESS 1: the battery is at 12 %", after="on it",
    )  # fmt: skip
    entry = AuditEntry(id="1", at_ms=START_MS, deed=deed, outcome="done")
    (row,) = audit_rows([entry], snapshot(), UNICODE, 120)
    assert "BESS 1: the battery is at 12 %" in plain(row.line)
    assert "0197a3c2" not in plain(row.line)
    text = text_of(audit_detail(entry, snapshot(), UNICODE, 100))
    assert "ack BESS 1: the battery is at 12 % (0197a3c2-8a51-7c53-8000-0b1f)" in text
    assert text.count("BESS 1") == 1


@pytest.mark.parametrize("glyphs", [UNICODE, TTY])
@pytest.mark.parametrize("cells", [60, 79, 200])
def test_hostile_words_are_only_words(glyphs: Glyphs, cells: int) -> None:
    """Whatever a device, a receiver or a person wrote is text, within its width."""
    shot = site(1)
    bad = source(HOSTILE, kind=HOSTILE, address=HOSTILE, state="backoff", cause=HOSTILE)
    sink = SinkHealth(sink=HOSTILE, state=HOSTILE, cause=HOSTILE, lossless_why=HOSTILE)
    message = Message(seq=1, at_ms=START_MS, level="error", part=HOSTILE, text=HOSTILE)
    deed = Deed(person=HOSTILE, transport=HOSTILE, action=HOSTILE, subject=HOSTILE, after=HOSTILE)
    entry = AuditEntry(id="1", at_ms=START_MS, deed=deed, outcome=HOSTILE)
    lines = [
        *(row.line for row in source_rows([bad], {}, Rates(), shot, glyphs, cells)),
        *source_detail(bad, None, shot, Rates(), glyphs, cells),
        *(row.line for row in pipes.pipe_rows(changed(shot, sinks=(sink,)), [], [], glyphs, cells)),
        *pipes.sink_detail(sink, glyphs, cells),
        *(row.line for row in log_rows([message], ZONE, glyphs, cells)),
        *log_detail(message, ZONE, glyphs, cells),
        *(row.line for row in audit_rows([entry], snapshot(), glyphs, cells)),
        *audit_detail(entry, snapshot(), glyphs, cells),
    ]
    text = text_of(lines)
    assert "[red]" in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert max(width(line) for line in lines) <= cells
