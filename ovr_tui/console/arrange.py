"""The order of the table: filter, sort and grouping. Pure; devices keep their roles below them."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from ovr_tui.console.alarms.words import unseen
from ovr_tui.console.query import Term, matches
from ovr_tui.console.rows import SEVERITY, Row


class SortKey(StrEnum):
    """By what the table can be sorted; the number keys follow this order."""

    NAME = "name"
    POWER = "power"
    SOC = "soc"
    AGE = "age"
    STATUS = "status"
    SYSTEM = "system"

    @property
    def word(self) -> str:
        """As people write it."""
        return "SOC" if self is SortKey.SOC else self.value


DESCENDING_FIRST = frozenset({SortKey.POWER, SortKey.AGE})
"""What people want the largest of first."""


class Grouping(StrEnum):
    """What rows stand together by."""

    NONE = ""
    SYSTEM = "system"
    KIND = "kind"


class View(Struct, frozen=True, kw_only=True):
    """What a person chose to see, in which order."""

    filter: str = ""
    sort: SortKey = SortKey.NAME
    descending: bool = False
    grouping: Grouping = Grouping.NONE


def group_of(row: Row, grouping: Grouping) -> str:
    """The name of the group that a row belongs to; "" without grouping."""
    if grouping is Grouping.SYSTEM:
        return row.system
    return row.kind.value if grouping is Grouping.KIND else ""


class Section(Struct, frozen=True):
    """The head of a group of rows."""

    name: str
    rows: tuple[Row, ...]


Entry = Row | Section
_Key = Callable[[Row], tuple[bool, float | str]]


def _missing_last(value: float | None, descending: bool) -> tuple[bool, float | str]:
    return (value is None) != descending, value if value is not None else 0.0


def _sort_key(view: View) -> _Key:
    down = view.descending
    keys: dict[SortKey, _Key] = {
        SortKey.NAME: lambda row: (False, _natural(row.name)),
        SortKey.POWER: lambda row: _missing_last(row.power.good, down),
        SortKey.SOC: lambda row: _missing_last(row.soc.good, down),
        SortKey.AGE: lambda row: _missing_last(row.age_s, down),
        SortKey.STATUS: lambda row: (False, _urgency(row)),
        SortKey.SYSTEM: lambda row: (False, _natural(row.system)),
    }
    return keys[view.sort]


def _urgency(row: Row) -> float:
    """Alarms first, unseen before seen, the worst before the others; then by status."""
    status = SEVERITY[row.status] / 10
    if not row.alarms:
        return status
    worst = max(row.alarms, key=lambda alarm: (unseen(alarm), alarm.severity.rank))
    return status - (20 if unseen(worst) else 10) - worst.severity.rank


def _natural(text: str) -> str:
    """Text whose order counts: `bess 9` before `bess 10`."""
    out, digits = [], ""
    for ch in text.casefold():
        if "0" <= ch <= "9":
            digits += ch
            continue
        if digits:
            out.append(digits.rjust(12, "0"))
            digits = ""
        out.append(ch)
    return "".join(out) + (digits.rjust(12, "0") if digits else "")


def order(rows: Sequence[Row], view: View) -> list[str]:
    """The ids of all rows in the order of `view`, unfiltered. A device stands where its main
    asset does (by status: where its worst one does), with its roles right below."""
    families: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        group = group_of(row, view.grouping)
        families.setdefault((group, row.device), []).append(row)
    key = _sort_key(view)
    heads: list[tuple[Row, list[Row]]] = []
    for members in families.values():
        members.sort(key=lambda row: (row.depth, row.id))
        first = min(members, key=key) if view.sort is SortKey.STATUS else members[0]
        heads.append((first, members))
    heads.sort(key=lambda pair: _natural(pair[0].name))
    heads.sort(key=lambda pair: key(pair[0]), reverse=view.descending)
    if view.grouping:
        heads.sort(key=lambda pair: _natural(group_of(pair[1][0], view.grouping)))
    return [row.id for _, members in heads for row in members]


def arrange(
    rows: Sequence[Row], ids: Sequence[str], view: View, terms: Sequence[Term]
) -> list[Entry]:
    """The entries to show: `rows` in the order `ids` (new ones at the end), filtered and grouped.

    A role whose main asset is not shown right above it stands at the margin.
    """
    by_id = {row.id: row for row in rows}
    known = [by_id.pop(asset) for asset in ids if asset in by_id]
    passing = [row for row in (*known, *by_id.values()) if matches(row, tuple(terms))]
    out: list[Entry] = []
    group: str | None = None
    main = ""
    for row in passing:
        own = group_of(row, view.grouping)
        if view.grouping and own != group:
            group = own
            members = tuple(r for r in passing if group_of(r, view.grouping) == own)
            out.append(Section(own, members))
            main = ""
        if not row.depth:
            main = row.device
        elif main != row.device:
            row = msgspec.structs.replace(row, depth=0)
        out.append(row)
    return out
