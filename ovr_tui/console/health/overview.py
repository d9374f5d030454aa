"""How all is at a glance: what is wrong first; the other tabs say the rest. Pure."""

from collections.abc import Mapping

from collector.model.outbox import OutboxHealth
from collector.model.snapshot import Gap, SinkHealth, Snapshot, SourceHealth
from ovr_tui.console.alarms.words import unseen
from ovr_tui.console.band import BEHIND_S
from ovr_tui.console.called import names_of
from ovr_tui.console.format import clock, local, number, size, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.health.node import LATE_MS, console_facts
from ovr_tui.console.health.sources import SOURCE_TONE, told_drops
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Tone, fact, facts, fit, wrap

_ORDER = ("wrong device", "backoff", "starting", "running", "disabled")


def health_lines(now: Now, cells: int) -> list[Line]:
    """The whole page, worst first in every table; what is not the present looks like it."""
    shot = now.snapshot
    if shot is None:
        return [(), ((" The collector has not answered yet.", "dim"),)]
    told = [
        *_alarms(shot, now.glyphs),
        *_problems(shot, now, cells),
        *_collector(shot, now),
        *_journal(shot, now.glyphs, cells),
        *_sinks(shot, now.glyphs, cells),
        *outbox_lines(shot.outbox, now.glyphs, cells),
        *_sources(shot, now, cells),
        *_drops("LEFT OUT BY THE COLLECTOR", shot.health.drops, now.glyphs),
    ]
    return [*map(now.as_it_was, told), *_console(now, cells)]


def _title(text: str) -> list[Line]:
    return [(), ((f" {text}", "head"),)]


def _cause(text: str, tone: Tone, cells: int, indent: int = 20) -> list[Line]:
    """Why something is not well, whole: wrapped below its fact."""
    return wrap(text, cells, tone, indent)


def _alarms(shot: Snapshot, glyphs: Glyphs) -> list[Line]:
    """How many, and where they are told."""
    count = len(shot.alarms)
    if not count:
        return []
    new = sum(map(unseen, shot.alarms))
    text = f" {glyphs.alarm} {count} alarm{'s' if count > 1 else ''}, {new} not acknowledged"
    return [(), ((text, "alert" if new else "dim"), (": a", "accent"))]


def _problems(shot: Snapshot, now: Now, cells: int) -> list[Line]:
    glyphs = now.glyphs
    if not shot.health.problems:
        return [] if shot.alarms else _none(shot, now, cells)
    return [
        *_title("PROBLEMS"),
        *(
            line
            for text in shot.health.problems
            for line in wrap(f"{glyphs.alarm} {glyphs.prose(text)}", cells, "warn")
        ),
    ]


def _none(shot: Snapshot, now: Now, cells: int) -> list[Line]:
    """No problems, as far as anybody can know: now, and by the sources that are to run."""
    if now.stale_s is not None:
        after = "." if now.unheard_s is None else "; now nobody knows."
        return [(), ((f" No problems {span(now.stale_s)} ago{after}", "dim"),)]
    wanted = [source for source in shot.sources if source.state != "disabled"]
    deaf = sum(source.state != "running" for source in wanted)
    if deaf:
        text = f"No problems of the collector; {deaf} of {len(wanted)} sources do not run."
        return [(), *wrap(f"{now.glyphs.alarm} {text}", cells, "warn")]
    return [(), ((f" {now.glyphs.good} No problems.", "good"),)]


def _collector(shot: Snapshot, now: Now) -> list[Line]:
    health = shot.health
    up_s = max(1.0, (shot.at_ms - health.started_ms) / 1000)
    share = f"{health.cpu_s / up_s * 100:.1f} % of a core"
    time_of_day = clock(shot.at_ms, shot.timezone)
    facts: list[tuple[str, str, Tone]] = [
        ("node", f"{now.glyphs.text(shot.node)}, up {span(up_s)}", "text"),
        (
            "last tick",
            f"{health.tick_seq}, {health.tick_late_ms:.0f} ms late",
            "warn" if health.tick_late_ms > LATE_MS else "text",
        ),
        (
            "clock",
            f"{now.glyphs.text(health.clock)}, {time_of_day}",
            "text" if health.clock_confirmed and health.clock != "jumped" else "warn",
        ),
        ("memory, CPU", f"{size(health.rss_bytes)}, {share}", "text"),
        (
            "series",
            f"{number(health.series, 0)}, {number(health.samples, 0)} samples at the last tick",
            "text",
        ),
        ("readers", f"{health.readers}", "text"),
    ]
    return [*_title("COLLECTOR"), *(fact(name, (text, tone)) for name, text, tone in facts)]


def _journal(shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    journal = shot.journal
    state = glyphs.text(journal.state)
    batches = f"{journal.first} to {journal.head}, {number(journal.samples, 0)} samples"
    if journal.head < journal.first:
        batches = "none yet"
    lines = [
        *_title("JOURNAL"),
        fact("state", (state, "alert" if journal.cause else "text")),
        *_cause(glyphs.prose(journal.cause), "alert", cells),
        fact("batches", (batches, "text")),
        fact("size", (f"{size(journal.bytes)} of {size(journal.cap_bytes)}", "text")),
        fact("last commit", (f"{journal.commit_ms:.1f} ms", "text")),
    ]
    if journal.unconfirmed:
        waiting = f"{number(journal.unconfirmed, 0)} batches, until the clock is confirmed"
        lines.append(fact("waiting", (waiting, "warn")))
    if journal.estimated_ticks:
        estimated = f"{number(journal.estimated_ticks, 0)} batches, before the clock was confirmed"
        lines.append(fact("times estimated", (estimated, "warn")))
    if journal.gap is not None:
        lines.append(fact("newest gap", (_gap(journal.gap, shot.timezone), "alert")))
    if journal.lost_samples:
        lost = f"{number(journal.lost_samples, 0)} samples, never sent"
        lines.append(fact("LOST", (lost, "alert")))
    return lines


def _gap(gap: Gap, timezone: str) -> str:
    ticks = f"{number(gap.ticks, 0)} ticks"
    if gap.boot:  # its times are no times of day yet
        return ticks
    day = local(gap.from_ms, timezone).date().isoformat()
    return f"{ticks}, {day} {clock(gap.from_ms, timezone)} to {clock(gap.to_ms, timezone)}"


def _sinks(shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    if not shot.sinks:
        return [
            *_title("SINKS"),
            ((" None: samples stay in the journal. [sinks.NAME] in node.toml.", "dim"),),
        ]
    return [*_title("SINKS"), *(line for sink in shot.sinks for line in _sink(sink, glyphs, cells))]


def _sink(sink: SinkHealth, glyphs: Glyphs, cells: int) -> list[Line]:
    bad = bool(sink.cause) or sink.behind_s > BEHIND_S
    proof = {True: "lossless", False: "NOT lossless", None: "lossless not proven"}[sink.lossless]
    state = f"{glyphs.text(sink.state)}, {_behind(sink.behind_s)}"
    sent = f"{number(sink.sent_samples, 0)} samples, {size(sink.sent_bytes)} sent"
    lines: list[Line] = [
        fact(
            glyphs.text(sink.sink),
            (state, "warn" if bad else "good"),
            (f" · {proof} · {sent}", "dim"),
        )
    ]
    if sink.owed_batches:
        lines.append(fact("", (f"{number(sink.owed_batches, 0)} batches owed", "warn")))
    if sink.dead_samples:
        lines.append(
            fact("", (f"{number(sink.dead_samples, 0)} samples refused for good", "alert"))
        )
    lines += _cause(glyphs.prose(sink.cause), "warn", cells)
    if sink.lossless is False and sink.lossless_why and sink.lossless_why != sink.cause:
        why = f"not lossless: {glyphs.prose(sink.lossless_why)}"
        lines += _cause(why, "dim", cells)
    return lines


def _behind(seconds: float) -> str:
    return f"{number(seconds / 60, 0)} min behind" if seconds >= 100 else f"{seconds:.0f} s behind"


def _sources(shot: Snapshot, now: Now, cells: int) -> list[Line]:
    if not shot.sources:
        return [*_title("SOURCES"), ((" No devices in the registry yet.", "dim"),)]
    ranked = sorted(shot.sources, key=lambda s: (_rank(s.state), s.device))
    running = sum(1 for source in ranked if source.state == "running")
    lines = _title(f"SOURCES  {running} of {len(ranked)} running")
    names = names_of(shot)
    for source in (each for each in ranked if each.state != "running"):
        name = names[source.device]
        lines += _source(source, shot.at_ms, name, now.glyphs, cells)
    return lines


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else 0


def _source(source: SourceHealth, at_ms: int, name: str, glyphs: Glyphs, cells: int) -> list[Line]:
    tone = SOURCE_TONE.get(source.state, "warn")
    since = span(max(0, at_ms - source.since_ms) / 1000)
    facts = [f"{number(source.messages, 0)} messages"]
    if source.latency_ms is not None:
        facts.append(f"answers in {source.latency_ms:.0f} ms")
    if source.retry_in_s is not None:
        facts.append(f"try {source.tries + 1} in {source.retry_in_s:.0f} s")
    facts += told_drops(source, glyphs)
    line: Line = (
        (f" {fit(glyphs.text(name), 18)}", "text"),
        (f" {fit(glyphs.text(source.kind), 8)}", "dim"),
        (
            f" {fit(glyphs.text(source.address), 22)}" if cells >= 100 else "",
            "dim",
        ),
        (f" {fit(glyphs.text(source.state) + ' ' + since, 22)}", tone),
        (" " + " · ".join(facts), "dim"),
    )
    return [line, *_cause(glyphs.prose(source.cause), tone, cells, 3)]


def _drops(title: str, drops: Mapping[str, int], glyphs: Glyphs) -> list[Line]:
    if not drops:
        return []
    return [
        *_title(title),
        *(
            fact(glyphs.text(why), (number(count, 0), "warn"))
            for why, count in sorted(drops.items())
        ),
    ]


def _console(now: Now, cells: int) -> list[Line]:
    return [*_title("THIS CONSOLE"), *facts(console_facts(now), cells, 18)]


def outbox_lines(outbox: OutboxHealth, glyphs: Glyphs, cells: int) -> list[Line]:
    """What the cloud API does not have yet."""
    bad = outbox.state == "backoff" or bool(outbox.refused)
    state = glyphs.text(outbox.state)
    if outbox.state == "off":
        state = "off: no [cloud] in node.toml"
    lines: list[Line] = [
        (),
        ((" RECORDS FOR THE CLOUD", "head"),),
        fact("state", (state, "warn" if bad else "text")),
        *wrap(glyphs.prose(outbox.cause), cells, "warn", 20),
    ]
    if outbox.waiting:
        age = f", the oldest for {span(outbox.oldest_min * 60)}"
        lines.append(fact("waiting", (_kinds(outbox.waiting) + age, "text")))
    if outbox.refused:
        lines.append(fact("refused", (_kinds(outbox.refused), "alert")))
    if outbox.sent:
        sent = f"{number(outbox.sent, 0)} records, {size(outbox.sent_bytes)} since the start"
        lines.append(fact("sent", (sent, "dim")))
    if outbox.dropped:
        lines.append(fact("given up", (f"{number(outbox.dropped, 0)} records", "alert")))
    return lines


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number(count, 0)} {kind}" for kind, count in sorted(counts.items()))
