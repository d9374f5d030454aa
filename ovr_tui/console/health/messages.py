"""Lines of the collector's log, and of the audit, as rows. Pure."""

from collections.abc import Sequence

from collector.model.audit import AuditEntry
from collector.model.message import LEVELS, Message
from collector.model.snapshot import Snapshot
from collector.model.text import called
from ovr_tui.console.alarms.words import day_and_time
from ovr_tui.console.called import name_of, names_of
from ovr_tui.console.format import local
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Tone, facts

LOG = (
    Column(title="TIME", least=8),
    Column(title="LEVEL", least=9),
    Column(title="PART", least=12, most=16, rank=1),
    Column(title="WHAT IT SAYS", least=30, most=400),
)
AUDIT = (
    Column(title="WHEN", least=11),
    Column(title="WHO", least=10, most=14),
    Column(title="WHAT", least=16, most=20),
    Column(title="TO WHAT", least=16, most=38),
    Column(title="OUTCOME", least=16, most=200),
)
LEVEL_TONE: dict[str, Tone] = {"info": "dim", "warning": "warn", "error": "alert"}


def at_least(messages: Sequence[Message], level: str) -> list[Message]:
    """Those of a level and the more urgent ones."""
    wanted = LEVELS[LEVELS.index(level) :]
    return [message for message in messages if message.level in wanted]


def log_rows(messages: Sequence[Message], timezone: str, glyphs: Glyphs, cells: int) -> list[Item]:
    """A row for each line of the log."""
    grid = lay_out(LOG, cells)
    items = []
    for message in messages:
        tone = LEVEL_TONE.get(message.level, "text")
        sign = "" if message.level == "info" else f"{glyphs.alarm} "
        pieces = (
            (local(message.at_ms, timezone).strftime("%H:%M:%S"), "dim"),
            (f"{sign}{message.level}", tone),
            (glyphs.text(message.part.removeprefix("collector.")), "dim"),
            (glyphs.prose(message.text), "text" if message.level == "info" else tone),
        )
        line = grid.line(pieces)  # type: ignore[arg-type]  # the tones are tones
        items.append(Item(key=str(message.seq), line=line, text=message.part + message.text))
    return items


def log_detail(message: Message, timezone: str, glyphs: Glyphs, cells: int) -> list[Line]:
    """One line of the log, whole."""
    return facts(
        [
            ("level", message.level, LEVEL_TONE.get(message.level, "text")),
            ("when", day_and_time(message.at_ms, timezone), "text"),
            ("part", glyphs.text(message.part), "text"),
            ("says", glyphs.prose(message.text), "bold"),
        ],
        cells,
    )


def audit_rows(
    entries: Sequence[AuditEntry], shot: Snapshot, glyphs: Glyphs, cells: int
) -> list[Item]:
    """A row for each deed; assets by their names."""
    grid, names, timezone = lay_out(AUDIT, cells), names_of(shot), shot.timezone
    items = []
    for entry in entries:
        deed = entry.deed
        line = grid.line(
            [
                (local(entry.at_ms, timezone).strftime("%m-%d %H:%M"), "dim"),
                (glyphs.text(called(deed.person)), "text"),
                (glyphs.text(deed.action), "bold"),
                (glyphs.text(names[deed.about]), "text"),
                (glyphs.prose(entry.outcome), outcome_tone(entry)),
            ]
        )
        text = f"{deed.person} {deed.before} {deed.after} {deed.subject} {entry.outcome}"
        items.append(Item(key=entry.id, line=line, text=text))
    return items


def outcome_tone(entry: AuditEntry) -> Tone:
    """Quiet when it was done."""
    return "dim" if entry.outcome == "done" else "warn"


def audit_detail(entry: AuditEntry, shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """One deed, whole."""
    deed = entry.deed
    name = name_of(shot, deed.about)
    subject = name if name == deed.subject else f"{name} ({deed.subject})"
    return facts(
        [
            ("what", f"{glyphs.text(deed.action)} {glyphs.text(subject)}", "bold"),
            ("who", glyphs.text(deed.person), "text"),
            ("over", f"{glyphs.text(deed.transport)} {glyphs.text(deed.address)}".strip(), "dim"),
            ("when", day_and_time(entry.at_ms, shot.timezone), "text"),
            ("before", glyphs.prose(deed.was), "text"),
            ("after", glyphs.prose(deed.after), "text"),
            ("outcome", glyphs.prose(entry.outcome), outcome_tone(entry)),
        ],
        cells,
    )
