"""What one edition of a report says: every text and number as it is read, and nothing to decide.

HTML, PDF and terminal have thin writers over this one model, so they cannot differ in a figure.
Numbers are formatted already (`reporting.render.locale`), text from people and devices is cleaned
already, charts are drawn already. A writer only places and escapes.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

Edition = Literal["client", "internal"]
Tone = Literal["info", "caution", "problem"]
Align = Literal["left", "right"]
Paper = Literal["a4", "us-letter"]


class Fact(Struct, frozen=True):
    """A label and what is to be said under it; several lines where a thing is said in two zones."""

    label: str
    lines: tuple[str, ...]


class Figure(Struct, frozen=True):
    """One headline number: `value` is formatted, `unit` apart from it, `note` a short line below.

    `value` is "—" where a figure is unknown; `note` then says why.
    """

    label: str
    value: str
    unit: str = ""
    note: str = ""


class Column(Struct, frozen=True):
    """A table's column; its unit stands in the head. Right-aligned ones hold numbers."""

    title: str
    unit: str = ""
    align: Align = "left"


class Row(Struct, frozen=True):
    """Cells as they are read. A `total` is set off by a rule above and heavier type."""

    cells: tuple[str, ...]
    total: bool = False


class Table(Struct, frozen=True, tag="table"):
    """Rows under a head that is repeated on each page."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


class Facts(Struct, frozen=True, tag="facts"):
    """Pairs of label and value, in as many columns as fit."""

    facts: tuple[Fact, ...]
    title: str = ""


class Figures(Struct, frozen=True, tag="figures"):
    """A row of key figures."""

    figures: tuple[Figure, ...]


class Chart(Struct, frozen=True, tag="chart"):
    """A drawn chart: `svg` is one whole `<svg>` element whose ids are of `name` alone.

    `told` says in words what the chart shows, for whoever cannot see it.
    """

    name: str
    title: str
    svg: str
    told: str
    note: str = ""


class Note(Struct, frozen=True, tag="note"):
    """A sentence that must not be missed, in a box of its own."""

    text: str
    tone: Tone = "info"


class Prose(Struct, frozen=True, tag="prose"):
    """A paragraph. `small` is for method and legal text."""

    text: str
    small: bool = False


Block = Table | Facts | Figures | Chart | Note | Prose


class Section(Struct, frozen=True):
    """A chapter: `name` is its anchor, `lead` the one sentence that it comes to."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""


class State(Struct, frozen=True):
    """What may be relied on: `word` in capitals and a sentence; `final`: it has gone out."""

    word: str
    text: str
    final: bool


class Logo(Struct, frozen=True):
    """A picture that has been looked at (`brand.py`): PNG, JPEG or an SVG without scripts."""

    kind: Literal["png", "jpeg", "svg+xml"]
    content: bytes


class Cover(Struct, frozen=True):
    """The first page."""

    kind: str
    title: str
    subtitle: str
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    coverage: Note
    state: State


class Document(Struct, frozen=True):
    """One edition. `dated_ms` (UTC) is the end of what is reported, the PDF's only date;
    `day_first`: `5 Sep`, not `Sep 5`."""

    edition: Edition
    title: str
    company: str
    header: str
    footer: str
    paper: Paper
    dated_ms: int
    cover: Cover
    sections: tuple[Section, ...]
    small_print: tuple[str, ...]
    logo: Logo | None = None
    day_first: bool = False


def texts(document: Document) -> Iterator[str]:
    """Every text that a reader must find in HTML and PDF alike, charts' own labels left out."""
    cover = document.cover
    yield from (cover.kind, cover.title, cover.subtitle, cover.state.word, cover.state.text)
    yield from (document.header, document.footer, document.company)
    blocks: tuple[Block, ...] = (Facts(cover.facts), Figures(cover.figures), *cover.charts)
    for block in (*blocks, cover.coverage):
        yield from _of_block(block)
    for section in document.sections:
        yield from (section.title, section.lead)
        for part in section.blocks:
            yield from _of_block(part)
    yield from document.small_print


def _of_block(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield from (block.title, block.note)
            for column in block.columns:
                yield from (column.title, column.unit)
            for row in block.rows:
                yield from row.cells
        case Facts():
            yield block.title
            for fact in block.facts:
                yield from (fact.label, *fact.lines)
        case Figures():
            for figure in block.figures:
                yield from (figure.label, figure.value, figure.unit, figure.note)
        case Chart():
            yield from (block.title, block.note)
        case Note() | Prose():
            yield block.text
