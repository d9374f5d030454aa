"""Where samples and records go: sinks, journal, outbox, and what was refused. Pure."""

from collections.abc import Mapping, Sequence

from collector.model.dead import DeadEntry
from collector.model.outbox import OutboxHealth, OutboxItem
from collector.model.rounding import digits
from collector.model.snapshot import JournalHealth, SinkHealth, Snapshot
from ovr_tui.console.alarms.words import day_and_time
from ovr_tui.console.band import BEHIND_S
from ovr_tui.console.format import number, size, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece, Tone, facts

COLUMNS = (
    Column(title="WHAT", least=20, most=34),
    Column(title="STATE", least=14, most=18),
    Column(title="BEHIND", least=10, right=True),
    Column(title="HOW IT IS", least=30, most=200),
)
DEAD, RECORD = "dead:", "record:"
LOSSLESS = {True: "lossless", False: "NOT lossless", None: "lossless not proven"}


def pipe_rows(
    shot: Snapshot, dead: Sequence[DeadEntry], records: Sequence[OutboxItem], glyphs: Glyphs,
    cells: int,
) -> list[Item]:  # fmt: skip
    """All of it under headings; what was refused stands one by one."""
    grid = lay_out(COLUMNS, cells)
    rows = [_heading("SINKS" if shot.sinks else "SINKS  none: samples stay in the journal")]
    rows += [_sink(sink, grid, glyphs) for sink in shot.sinks]
    rows += [_heading("JOURNAL"), _journal(shot.journal, grid, glyphs)]
    rows += [_heading("RECORDS FOR THE CLOUD"), _outbox(shot.outbox, grid, glyphs)]
    if dead:
        rows.append(_heading(f"SAMPLES THAT A RECEIVER REFUSED  {len(dead)}"))
        rows += [_dead(entry, shot, grid, glyphs) for entry in dead]
    if records:
        rows.append(_heading(f"RECORDS THAT THE CLOUD REFUSED  {len(records)}"))
        rows += [_record(item, shot, grid, glyphs) for item in records]
    return rows


def _heading(text: str) -> Item:
    return Item(key="", line=((f" {text}", "head"),))


def _row(key: str, grid: Grid, pieces: Sequence[Piece]) -> Item:
    return Item(key=key, line=grid.line([(f"  {pieces[0][0]}", pieces[0][1]), *pieces[1:]]))


def _sink(sink: SinkHealth, grid: Grid, glyphs: Glyphs) -> Item:
    bad = bool(sink.cause) or sink.behind_s > BEHIND_S
    parts = [LOSSLESS[sink.lossless]]
    if sink.dead_samples:
        parts.append(f"{number(sink.dead_samples, 0)} samples refused for good")
    if sink.cause:
        parts.append(glyphs.text(sink.cause))
    loud: Tone = "alert" if sink.lossless is False or sink.dead_samples else "warn"
    quiet = not (bad or sink.lossless is False or sink.dead_samples)
    sign = glyphs.alarm if not quiet else glyphs.good
    return _row(
        f"sink:{sink.sink}",
        grid,
        [
            (glyphs.text(sink.sink), "text"),
            (f"{sign} {glyphs.text(sink.state)}", "warn" if bad else "good"),
            (behind(sink.behind_s), "warn" if sink.behind_s > BEHIND_S else "text"),
            (f" {glyphs.middle} ".join(parts), "dim" if quiet else loud),
        ],
    )


def behind(seconds: float) -> str:
    """How far behind, in minutes once it is more than a hundred seconds."""
    return f"{number(seconds / 60, 0)} min" if seconds >= 100 else f"{seconds:.0f} s"


def _journal(journal: JournalHealth, grid: Grid, glyphs: Glyphs) -> Item:
    bad = bool(journal.cause) or bool(journal.lost_samples)
    parts = [f"{size(journal.bytes)} of {size(journal.cap_bytes)}"]
    if journal.lost_samples:
        parts.insert(0, f"{number(journal.lost_samples, 0)} samples LOST")
    if journal.unconfirmed:
        parts.append(f"{number(journal.unconfirmed, 0)} batches wait for the clock")
    if journal.cause:
        parts.insert(0, glyphs.text(journal.cause))
    sign = glyphs.alarm if bad else glyphs.good
    state: Piece = (f"{sign} {glyphs.text(journal.state)}", "alert" if journal.cause else "good")
    how: Piece = (f" {glyphs.middle} ".join(parts), "alert" if bad else "dim")
    return _row("journal", grid, [("journal", "text"), state, ("", "text"), how])


def _outbox(outbox: OutboxHealth, grid: Grid, glyphs: Glyphs) -> Item:
    bad = outbox.state == "backoff" or bool(outbox.refused)
    parts = []
    if outbox.state == "off":
        parts.append("no [cloud] in node.toml")
    if outbox.refused:
        parts.append(f"{_kinds(outbox.refused)} refused")
    if outbox.cause:
        parts.append(glyphs.text(outbox.cause))
    if outbox.waiting:
        parts.append(f"{_kinds(outbox.waiting)} waiting")
    if outbox.dropped:
        parts.append(f"{number(outbox.dropped, 0)} given up")
    sign = glyphs.alarm if bad else glyphs.absent if outbox.state == "off" else glyphs.good
    tone: Tone = "warn" if bad else "dim" if outbox.state == "off" else "good"
    late = behind(outbox.oldest_min * 60) if outbox.waiting else ""
    how: Piece = (f" {glyphs.middle} ".join(parts) or "nothing waits", "warn" if bad else "dim")
    state = f"{sign} {glyphs.text(outbox.state)}"
    return _row("outbox", grid, [("outbox", "text"), (state, tone), (late, "text"), how])


def _kinds(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number(count, 0)} {kind}" for kind, count in sorted(counts.items()))


def _dead(entry: DeadEntry, shot: Snapshot, grid: Grid, glyphs: Glyphs) -> Item:
    what = entry.series or f"batch {entry.first_seq}"
    age = span(max(0, shot.at_ms - entry.at_ms) / 1000)
    return _row(
        f"{DEAD}{entry.id}",
        grid,
        [
            (glyphs.text(what), "text"),
            (f"{glyphs.alarm} {entry.state}", "alert" if entry.state == "refused" else "warn"),
            (f"{age} ago", "dim"),
            (f"{glyphs.text(entry.sink or 'journal')}: {glyphs.text(entry.reason)}", "text"),
        ],
    )


def _record(item: OutboxItem, shot: Snapshot, grid: Grid, glyphs: Glyphs) -> Item:
    age = span(max(0, shot.at_ms - item.changed_ms) / 1000)
    return _row(
        f"{RECORD}{item.revision}",
        grid,
        [
            (f"{item.kind} {glyphs.text(item.record_id)}", "text"),
            (f"{glyphs.alarm} {item.state}", "alert"),
            (f"{age} ago", "dim"),
            (glyphs.text(item.reason), "text"),
        ],
    )


def sink_detail(sink: SinkHealth, glyphs: Glyphs, cells: int) -> list[Line]:
    """One sink."""
    return facts(
        [
            ("sink", glyphs.text(sink.sink), "bold"),
            ("state", glyphs.text(sink.state), "text"),
            ("why", glyphs.prose(sink.cause), "warn"),
            ("behind", behind(sink.behind_s), "warn" if sink.behind_s > BEHIND_S else "text"),
            ("proof", LOSSLESS[sink.lossless], "alert" if sink.lossless is False else "text"),
            ("why not", glyphs.prose(sink.lossless_why), "warn"),
            ("sent", f"{number(sink.sent_samples, 0)} samples, {size(sink.sent_bytes)}", "text"),
            ("owed", f"{number(sink.owed_batches, 0)} batches", "text"),
            ("refused", _some(sink.dead_samples, "samples, for good"), "alert"),
        ],
        cells,
    )


def _batches(journal: JournalHealth) -> str:
    if journal.head < journal.first:
        return "no batches yet"
    return f"batches {journal.first} to {journal.head}"


def _some(count: int, what: str) -> str:
    return f"{number(count, 0)} {what}" if count else ""


def journal_detail(shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """The journal."""
    journal, gap = shot.journal, shot.journal.gap
    lost = ""
    if gap is not None:
        lost = f"{number(gap.ticks, 0)} ticks: {glyphs.prose(gap.cause)}"
        if not gap.boot:
            since = day_and_time(gap.from_ms, shot.timezone)
            lost = f"{since} to {day_and_time(gap.to_ms, shot.timezone)}, {lost}"
    return facts(
        [
            ("journal", glyphs.text(journal.state), "bold"),
            ("why", glyphs.prose(journal.cause), "alert"),
            ("lost", _some(journal.lost_samples, "samples, never sent"), "alert"),
            ("newest gap", lost, "alert"),
            (
                "waiting",
                _some(journal.unconfirmed, "batches, until the clock is confirmed"),
                "warn",
            ),
            ("estimated", _some(journal.estimated_ticks, "batches have worked out times"), "warn"),
            ("holds", _batches(journal), "text"),
            ("size", f"{size(journal.bytes)} of {size(journal.cap_bytes)}", "text"),
            ("commit", f"{journal.commit_ms:.1f} ms, the last one", "text"),
        ],
        cells,
    )


def outbox_detail(shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """What the cloud does not have yet."""
    outbox = shot.outbox
    last = "" if outbox.sent_ms is None else f", last {day_and_time(outbox.sent_ms, shot.timezone)}"
    sent = f"{number(outbox.sent, 0)} records, {size(outbox.sent_bytes)}{last}"
    return facts(
        [
            ("outbox", glyphs.text(outbox.state), "bold"),
            ("why", glyphs.prose(outbox.cause), "warn"),
            ("waiting", _kinds(outbox.waiting), "text"),
            ("oldest", span(outbox.oldest_min * 60) if outbox.waiting else "", "text"),
            ("refused", _kinds(outbox.refused), "alert"),
            ("given up", _some(outbox.dropped, "records"), "alert"),
            ("sent", sent, "text"),
        ],
        cells,
    )


def dead_detail(entry: DeadEntry, timezone: str, glyphs: Glyphs, cells: int) -> list[Line]:
    """One entry of what was refused."""
    value = "" if entry.value is None else digits(entry.value, 6).replace(",", " ")
    when = "" if entry.sample_ms is None else day_and_time(entry.sample_ms, timezone)
    return facts(
        [
            ("refused by", glyphs.text(entry.sink or "the journal: a damaged batch"), "bold"),
            ("because", glyphs.prose(entry.reason), "alert"),
            ("when", day_and_time(entry.at_ms, timezone), "text"),
            ("series", glyphs.text(entry.series), "text"),
            ("sample", f"{value} {when}".strip(), "text"),
            ("holds", f"{number(entry.samples, 0)} samples, {size(entry.bytes)}", "text"),
            ("state", entry.state, "text"),
            ("no resend", glyphs.text(entry.obstacle), "warn"),
        ],
        cells,
    )


def record_detail(item: OutboxItem, timezone: str, glyphs: Glyphs, cells: int) -> list[Line]:
    """One record that the cloud refused."""
    return facts(
        [
            ("record", f"{item.kind} {glyphs.text(item.record_id)}", "bold"),
            ("because", glyphs.prose(item.reason), "alert"),
            ("changed", day_and_time(item.changed_ms, timezone), "text"),
            ("revision", str(item.revision), "text"),
            ("size", size(item.bytes), "text"),
            ("files", ", ".join(glyphs.text(name) for name in item.files), "text"),
        ],
        cells,
    )
