"""The list of devices as rows. Pure."""

from collections.abc import Iterable, Sequence

from ovr_tui.console.devices.book import WELL, Row
from ovr_tui.console.devices.facts import TONES
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Tone

GROUPS = ("none", "system", "kind")
COLUMNS = (
    Column(title="", least=10),
    Column(title="NAME", least=24, most=30),
    Column(title="ID", least=10, most=18, rank=3),
    Column(title="KIND", least=7, rank=1),
    Column(title="ADDRESS", least=22, most=30, rank=2),
    Column(title="SYSTEM", least=8, most=16, rank=4),
    Column(title="ASSETS", least=6, rank=5, right=True),
    Column(title="HOW IT IS", least=30, most=80),
)


def grid(cells: int) -> Grid:
    """The columns that fit."""
    return lay_out(COLUMNS, cells)


def items(rows: Sequence[Row], group: str, cells: int, glyphs: Glyphs) -> list[Item]:
    """The devices, with a heading for each group."""
    out: list[Item] = []
    columns = grid(cells)
    last = None
    for row in _ordered(rows, group):
        head = _group(row, group)
        if head != last and group != "none":
            last = head
            out.append(Item(key="", line=((f" {glyphs.text(head)}", "head"),)))
        out.append(item(row, columns, glyphs))
    return out


def item(row: Row, columns: Grid, glyphs: Glyphs) -> Item:
    """One device."""
    state = row.status
    tone: Tone = "dim" if not row.enabled else "text"
    words = row.words
    loud: Tone = "warn" if row.enabled else "dim"
    line: Line = columns.line(
        [
            (f"{glyphs.status[state]} {state.value}", TONES[state]),
            (glyphs.text(row.name), tone),
            (row.id, "dim"),
            (row.kind, tone),
            (glyphs.text(row.place), tone),
            (glyphs.text(row.system), tone),
            (str(len(row.assets) or glyphs.absent), tone),
            (glyphs.text(row.lockout if words == WELL else words), loud),
        ]
    )
    serials = " ".join(view.serial for view in row.assets)
    return Item(key=row.id, line=line, text=f"{row.id} {row.kind} {row.place} {serials} {words}")


def _ordered(rows: Iterable[Row], group: str) -> list[Row]:
    if group == "none":
        return list(rows)
    return sorted(rows, key=lambda row: _group(row, group))


def _group(row: Row, group: str) -> str:
    return row.system if group == "system" else row.kind
