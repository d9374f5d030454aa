"""A report's document as lines of a terminal: the third writer beside HTML and PDF, which shows
the very numbers that they show. Nothing depends on colour; nothing is read as markup."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from collector.model.text import clean
from reporting.render.document import (
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

WIDTH = 80
GAP = "  "
LEAST_TEXT = 10
"""A column of text is never narrower."""
MOST = 2000
MARKS = {"info": "", "caution": "! ", "problem": "!! "}


def lines(document: Document, charts: Mapping[str, str], width: int = WIDTH) -> Iterator[str]:
    """The whole document. `charts` are drawn charts by name; of others stands what they tell."""
    yield from _cover(document.cover, charts, width)
    for section in document.sections:
        yield from ("", _text(section.title).upper(), "─" * width)
        if section.lead:
            yield from _wrapped(section.lead, width)
        for block in section.blocks:
            yield from _block(block, charts, width)
    yield ""
    for line in (document.footer, *document.small_print):
        yield from _wrapped(line, width)


def _cover(cover: Cover, charts: Mapping[str, str], width: int) -> Iterator[str]:
    yield _cut(f"{_text(cover.kind)}: {_text(cover.title)}", width)
    yield "═" * width
    if cover.subtitle:
        yield from _wrapped(cover.subtitle, width)
    yield from _wrapped(f"{cover.state.word}. {cover.state.text}", width)
    yield from _facts(cover.facts, width)
    yield ""
    yield from _figures(Figures(cover.figures), width)
    yield from _block(cover.coverage, charts, width)
    for chart in cover.charts:
        yield from _block(chart, charts, width)


def _block(block: Block, charts: Mapping[str, str], width: int) -> Iterator[str]:
    yield ""
    match block:
        case Table():
            yield from _table(block, width)
        case Facts():
            if block.title:
                yield from _wrapped(f"{block.title}:", width)
            yield from _facts(block.facts, width)
        case Figures():
            yield from _figures(block, width)
        case Chart():
            yield from _wrapped(block.title, width)
            drawn = charts.get(block.name)
            yield from (_wrapped(f"({block.told})", width) if drawn is None else drawn.split("\n"))
            if drawn is not None and block.note:
                yield from _wrapped(block.note, width)
        case Note():
            yield from _wrapped(MARKS.get(block.tone, "") + block.text, width)
        case Prose():
            yield from _wrapped(block.text, width)


def _facts(facts: Sequence[Fact], width: int) -> Iterator[str]:
    left = max((cell_len(_text(fact.label)) for fact in facts), default=0)
    for fact in facts:
        label = set_cell_size(_text(fact.label), left)
        for line in fact.lines:
            yield from _wrapped(line, width, first=label + GAP, then=" " * (left + 2))
            label = " " * left


def _figures(block: Figures, width: int) -> Iterator[str]:
    left = max((cell_len(_text(figure.label)) for figure in block.figures), default=0)
    values = [f"{_text(figure.value)} {_text(figure.unit)}".rstrip() for figure in block.figures]
    wide = max(map(cell_len, values), default=0)
    for figure, value in zip(block.figures, values, strict=True):
        label = set_cell_size(_text(figure.label), left)
        shown = " " * (wide - cell_len(value)) + value
        note = f"{GAP}{_text(figure.note)}" if figure.note else ""
        yield from _wrapped(f"{label}{GAP}{shown}{note}", width, then=" " * (left + 2), keep=True)


def _table(block: Table, width: int) -> Iterator[str]:
    if block.title:
        yield from _wrapped(block.title, width)
    heads = [(_text(column.title), _text(column.unit)) for column in block.columns]
    rows = [[_text(cell) for cell in row.cells] for row in block.rows]
    right = [column.align == "right" for column in block.columns]
    sizes = [
        max([cell_len(title), cell_len(unit), *(cell_len(row[at]) for row in rows)])
        for at, (title, unit) in enumerate(heads)
    ]
    fitted = _fitted(sizes, right, width)
    if fitted is None:
        yield from _stacked(heads, rows, width)
    else:
        yield _line([title for title, _ in heads], fitted, right)
        if any(unit for _, unit in heads):
            yield _line([unit for _, unit in heads], fitted, right)
        yield GAP.join("-" * size for size in fitted)
        yield from _rows(block.rows, rows, fitted, right)
    if block.note:
        yield from _wrapped(block.note, width)


def _rows(
    told: Iterable[Row], rows: Iterable[Sequence[str]], sizes: Sequence[int], right: Sequence[bool]
) -> Iterator[str]:
    for row, cells in zip(told, rows, strict=True):
        if row.total:
            yield GAP.join("-" * size for size in sizes)
        yield _line(cells, sizes, right)


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


def _stacked(
    heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], width: int
) -> Iterator[str]:
    """A table that is too wide: each row its first cell, and below it the others with their names;
    what is not known is left out."""
    for row in rows:
        yield from _wrapped(row[0] or "—", width)
        parts = [
            f"{title} {cell} {unit}".strip()
            for (title, unit), cell in zip(heads[1:], row[1:], strict=True)
            if cell not in ("", "—")
        ]
        yield from _wrapped(" · ".join(parts), width, first=GAP, then=GAP)


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


def _text(text: str) -> str:
    return clean(text, MOST)


def _wrapped(
    text: str, width: int, first: str = "", then: str = "", *, keep: bool = False
) -> Iterator[str]:
    """Lines of at most `width`. `keep`: the text is laid out already, keep its runs of spaces."""
    shown = text if keep else _text(text)
    found = textwrap.wrap(
        shown,
        width,
        initial_indent=first,
        subsequent_indent=then,
        drop_whitespace=True,
        break_on_hyphens=False,
    )
    yield from (found or [first.rstrip()])
