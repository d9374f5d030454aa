"""A report's document as lines of a terminal: the third writer beside HTML and PDF, which shows
the very numbers that they show. Nothing depends on colour; nothing is read as markup."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from collector.model.report_document import (
    Block,
    Chart,
    Cover,
    Document,
    Fact,
    Facts,
    Figures,
    Note,
    Prose,
    Row,
    Table,
)
from collector.model.text import clean
from ovr_tui.console.glyphs import UNICODE, Glyphs, fitted
from ovr_tui.console.text import BLANK, Line, Tone

WIDTH = 80
GAP = "  "
LEAST_TEXT = 10
"""A column of text is never narrower."""
MOST = 2000
MARKS = {"info": "", "caution": "! ", "problem": "!! "}
TONES: dict[str, Tone] = {"info": "text", "caution": "warn", "problem": "alert"}
Drawn = Callable[[str, int], Sequence[Line] | None]
"""A chart by its name in so many cells; None: it is not drawn, what it tells is said instead."""


class Paper(Struct, frozen=True):
    """A report as lines, and where its sections begin: title and line."""

    lines: tuple[Line, ...]
    sections: tuple[tuple[str, int], ...]


def paper(document: Document, drawn: Drawn, width: int = WIDTH, glyphs: Glyphs = UNICODE) -> Paper:
    """The whole document in lines of at most `width` cells."""
    return _Writer(drawn, width, glyphs).written(document)


class _Writer:
    def __init__(self, drawn: Drawn, width: int, glyphs: Glyphs) -> None:
        self._drawn = drawn
        self._width = width
        self._glyphs = glyphs

    def written(self, document: Document) -> Paper:
        """Cover, sections, small print."""
        lines = list(self._cover(document.cover))
        sections = [(self._text(document.cover.kind), 0)]
        for section in document.sections:
            title = self._text(section.title)
            sections.append((title, len(lines) + 1))
            lines += [BLANK, ((title.upper(), "bold"),), self._rule()]
            if section.lead:
                lines += self._wrapped(section.lead)
            for block in section.blocks:
                lines += self._block(block)
        lines.append(BLANK)
        for text in (document.footer, *document.small_print):
            lines += self._wrapped(text, tone="dim")
        return Paper(tuple(lines), tuple(sections))

    def _rule(self, sign: str = "") -> Line:
        return (((sign or self._glyphs.rule) * self._width, "dim"),)

    def _cover(self, cover: Cover) -> Iterator[Line]:
        title = f"{self._text(cover.kind)}: {self._text(cover.title)}"
        yield ((_cut(title, self._width), "bold"),)
        yield self._rule(self._glyphs.double)
        if cover.subtitle:
            yield from self._wrapped(cover.subtitle)
        tone: Tone = "text" if cover.state.final else "warn"
        yield from self._wrapped(f"{cover.state.word}. {cover.state.text}", tone=tone)
        yield from self._facts(cover.facts)
        yield BLANK
        yield from self._figures(Figures(cover.figures))
        yield from self._block(cover.coverage)
        for chart in cover.charts:
            yield from self._block(chart)

    def _block(self, block: Block) -> Iterator[Line]:
        yield BLANK
        match block:
            case Table():
                yield from self._table(block)
            case Facts():
                if block.title:
                    yield from self._wrapped(f"{block.title}:", tone="head")
                yield from self._facts(block.facts)
            case Figures():
                yield from self._figures(block)
            case Chart():
                yield from self._chart(block)
            case Note():
                text = MARKS.get(block.tone, "") + block.text
                yield from self._wrapped(text, tone=TONES.get(block.tone, "text"))
            case Prose():
                yield from self._wrapped(block.text, tone="dim" if block.small else "text")

    def _chart(self, block: Chart) -> Iterator[Line]:
        yield from self._wrapped(block.title, tone="head")
        drawn = self._drawn(block.name, self._width)
        if drawn is None:
            yield from self._wrapped(f"({block.told})", tone="dim")
            return
        yield from drawn
        if block.note:
            yield from self._wrapped(block.note, tone="dim")

    def _facts(self, facts: Sequence[Fact]) -> Iterator[Line]:
        left = max((cell_len(self._text(fact.label)) for fact in facts), default=0)
        for fact in facts:
            label = set_cell_size(self._text(fact.label), left) + GAP
            for text in fact.lines:
                for part in _parts(self._text(text), self._width - left - 2):
                    yield ((label, "dim"), (part, "text"))
                    label = " " * (left + 2)

    def _figures(self, block: Figures) -> Iterator[Line]:
        labels = [self._text(figure.label) for figure in block.figures]
        left = max(map(cell_len, labels), default=0)
        values = [
            f"{self._text(figure.value)} {self._text(figure.unit)}".rstrip()
            for figure in block.figures
        ]
        wide = max(map(cell_len, values), default=0)
        for figure, label, value in zip(block.figures, labels, values, strict=True):
            shown = " " * (wide - cell_len(value)) + value
            head: Line = ((set_cell_size(label, left) + GAP, "dim"), (shown, "bold"))
            room = self._width - left - wide - 2 * len(GAP)
            notes = _parts(self._text(figure.note), max(LEAST_TEXT, room)) if figure.note else [""]
            if figure.note and room < LEAST_TEXT:
                yield head
                yield from self._wrapped(figure.note, first=" " * (left + 2), tone="dim")
                continue
            for note in notes:
                yield (*head, (f"{GAP}{note}".rstrip(), "dim")) if note else head
                head = ((" " * (left + len(GAP) + wide), "dim"),)

    def _table(self, block: Table) -> Iterator[Line]:
        if block.title:
            yield from self._wrapped(block.title, tone="head")
        heads = [(self._text(column.title), self._text(column.unit)) for column in block.columns]
        rows = [[self._text(cell) for cell in row.cells] for row in block.rows]
        right = [column.align == "right" for column in block.columns]
        sizes = [
            max([cell_len(title), cell_len(unit), *(cell_len(row[at]) for row in rows)])
            for at, (title, unit) in enumerate(heads)
        ]
        fitted = _fitted(sizes, right, self._width)
        if fitted is None:
            yield from self._stacked(heads, rows)
        else:
            yield ((_line([title for title, _ in heads], fitted, right), "dim"),)
            if any(unit for _, unit in heads):
                yield ((_line([unit for _, unit in heads], fitted, right), "dim"),)
            yield self._under(fitted)
            yield from self._rows(block.rows, rows, fitted, right)
        if block.note:
            yield from self._wrapped(block.note, tone="dim")

    def _under(self, sizes: Sequence[int]) -> Line:
        return ((GAP.join("-" * size for size in sizes), "dim"),)

    def _rows(
        self,
        told: Iterable[Row],
        rows: Iterable[Sequence[str]],
        sizes: Sequence[int],
        right: Sequence[bool],
    ) -> Iterator[Line]:
        for row, cells in zip(told, rows, strict=True):
            if row.total:
                yield self._under(sizes)
            yield ((_line(cells, sizes, right), "bold" if row.total else "text"),)

    def _stacked(
        self, heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]
    ) -> Iterator[Line]:
        """A table that is too wide: each row its first cell, and below it the others with their
        names; what is not known is left out."""
        for row in rows:
            yield from self._wrapped(row[0] or "—")
            parts = [
                f"{title} {cell} {unit}".strip()
                for (title, unit), cell in zip(heads[1:], row[1:], strict=True)
                if cell not in ("", "—")
            ]
            yield from self._wrapped(f" {self._glyphs.middle} ".join(parts), first=GAP, then=GAP)

    def _text(self, text: str) -> str:
        return fitted(clean(text, MOST), self._glyphs.name)

    def _wrapped(
        self, text: str, first: str = "", then: str | None = None, tone: Tone = "text"
    ) -> Iterator[Line]:
        indent = first if then is None else then
        for number, part in enumerate(_parts(self._text(text), self._width - len(indent))):
            yield (((first if number == 0 else indent) + part, tone),)


def _fitted(sizes: Sequence[int], right: Sequence[bool], width: int) -> list[int] | None:
    """Widths that fit: columns of text give way, numbers never. None when that is not enough."""
    found = list(sizes)
    while sum(found) + len(GAP) * (len(found) - 1) > width:
        texts = [at for at, number in enumerate(right) if not number and found[at] > LEAST_TEXT]
        if not texts:
            return None
        widest = max(texts, key=lambda at: found[at])
        found[widest] -= 1
    return found


def _line(cells: Sequence[str], sizes: Sequence[int], right: Sequence[bool]) -> str:
    shown = []
    for cell, size, number in zip(cells, sizes, right, strict=True):
        short = _cut(cell, size)
        room = " " * (size - cell_len(short))
        shown.append(room + short if number else short + room)
    return GAP.join(shown).rstrip()


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def _parts(text: str, width: int) -> list[str]:
    """Pieces of at most `width` cells; a blank one of nothing."""
    found = textwrap.wrap(text, max(1, width), break_on_hyphens=False)
    return found or [""]
