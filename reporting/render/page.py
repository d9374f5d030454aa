"""What all parts of one edition share: the reader's ways, the window, and the charts."""

import re
from collections.abc import Callable, Mapping

from collector.model.report_document import Chart, Column, Edition, Row, Table
from reporting.render.locale import Reader
from reporting.render.words import name as named
from reporting.render.words import spoken


class Book:
    """The charts of one report: each is drawn once, for all editions."""

    def __init__(self) -> None:
        self._drawn: dict[str, str] = {}

    def svg(self, name: str, draw: Callable[[str], str]) -> str:
        """The drawing of that name, by `draw(name)` the first time."""
        if name not in self._drawn:
            self._drawn[name] = draw(name)
        return self._drawn[name]


class Page:
    """One edition in the making. `names`: assets by id."""

    def __init__(
        self,
        edition: Edition,
        reader: Reader,
        window: tuple[int, int],
        names: Mapping[str, str],
        book: Book,
    ) -> None:
        self.edition = edition
        self.reader = reader
        self.from_ms, self.to_ms = window
        self._names = names
        self._book = book

    @property
    def internal(self) -> bool:
        """True in the edition that stays in the company."""
        return self.edition == "internal"

    def asset(self, asset: str) -> str:
        """An asset (`a` or `node/a`) by name; by its id where it has none."""
        return named(self._names.get(asset) or asset.rpartition("/")[2] or asset)

    def knows(self, asset: str) -> bool:
        """Whether that is an asset or system of this report."""
        return asset in self._names

    def spoken(self, text: str) -> str:
        """A sentence of a report as it is read: systems that it calls by node and id by name."""
        known = sorted((one for one in self._names if "/" in one), key=len, reverse=True)
        if known:
            ids = "|".join(map(re.escape, known))
            whole = rf"(?<![\w./-])({ids})(?![\w/-]|\.\w)"
            text = re.sub(whole, lambda match: self.asset(match[1]), text)
        return spoken(text)

    def chart(
        self, name: str, title: str, told: str, draw: Callable[[str], str], note: str = ""
    ) -> Chart:
        """A chart, drawn now or before."""
        return Chart(name=name, title=title, svg=self._book.svg(name, draw), told=told, note=note)


def left(title: str) -> Column:
    """A column of text."""
    return Column(title)


def right(title: str, unit: str = "") -> Column:
    """A column of numbers."""
    return Column(title, unit, "right")


def table(title: str, columns: tuple[Column, ...], rows: list[Row], note: str = "") -> Table:
    """A table without the columns of numbers that have none in any row."""
    keep = [
        at
        for at, column in enumerate(columns)
        if column.align == "left" or any(row.cells[at] not in ("", "—") for row in rows)
    ]
    return Table(
        title,
        tuple(columns[at] for at in keep),
        tuple(Row(tuple(row.cells[at] for at in keep), row.total) for row in rows),
        note,
    )
