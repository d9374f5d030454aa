"""Who pays for what in the event: the rows of its systems' reports, no kWh paid twice."""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from msgspec import structs

from collector.model.report.billing import LEFT, Billing, BillingRow
from collector.model.report.event import AccountRow
from collector.model.report.quality import Note
from reporting.event.parts import Part
from reporting.event.places import Place, Plan
from reporting.rounding import MONEY, kwh, rounded


class Bills(NamedTuple):
    """The table, what each account pays, and what has to be said about it."""

    billing: Billing
    accounts: tuple[AccountRow, ...]
    notes: tuple[Note, ...]


class _Line(NamedTuple):
    node: str
    row: BillingRow

    @property
    def name(self) -> str:
        return f"{self.node}/{self.row.asset}"


def bills(parts: Sequence[Part], plan: Plan) -> Bills:
    """The rows of all parts; totals are of rows without a parent, accounts of rows without parts.

    A meter of one system that is behind a meter of another becomes a part of that one, unless that
    one's report already lists it. What is left of the parent is its account's `rest`, at the share
    of its amount that its share of the energy is; so a parent's rows sum to it.
    """
    lines: list[_Line] = []
    below: list[tuple[_Line, str]] = []
    notes: list[Note] = []
    for index, part in enumerate(parts):
        for row in part.report.billing.rows:
            line = _Line(part.ref.node, row)
            place = _place(plan, index, row.asset)
            other = "" if place is None else place.behind or place.same_as
            if not row.parent and other and place is not None and not place.counts:
                below.append((line, other))
                continue
            if not row.parent and other:
                notes.append(_partly(line, other))
            lines.append(line)
    for line, parent in below:
        _put_below(lines, line, parent, notes)
    currencies = sorted({part.report.billing.currency for part in parts})
    if len(currencies) > 1:
        text = f"The systems are billed in {', '.join(currencies)}: there is no sum of amounts."
        notes.append(Note(code="currencies", level="warning", about="billing", text=text))
    several = len({part.ref.node for part in parts}) > 1
    rows = tuple(_named(line) if several else line.row for line in lines)
    tops = [row for row in rows if not row.parent]
    one = len(currencies) <= 1
    billing = Billing(
        currency=currencies[0] if len(currencies) == 1 else "",
        rows=rows,
        kwh=kwh(_sum([row.kwh for row in tops])),
        amount=rounded(_sum([row.amount for row in tops]), MONEY) if one else None,
    )
    return Bills(billing, _accounts(rows, amounts=one), tuple(notes))


def _place(plan: Plan, index: int, asset: str) -> Place | None:
    """The place of what is billed at an asset: one that counts before one that does not."""
    found = [place for key, place in plan.places[index].items() if key.asset == asset]
    return max(found, key=lambda place: bool(place.counts), default=None)


def _put_below(lines: list[_Line], line: _Line, parent: str, notes: list[Note]) -> None:
    """Make a meter a part of another that is billed."""
    if any(one.name == line.name and one.row.parent for one in lines):
        return  # the parent's own report lists it
    at = next((i for i, one in enumerate(lines) if one.name == parent and not one.row.parent), None)
    if at is None:
        lines.append(line)
        return
    above = lines[at].row
    whole, own = above.kwh, line.row.kwh
    asset = above.asset
    child = structs.replace(line.row, parent=asset)
    if whole is None or own is None:
        text = f"{line.name} is a part of {parent}; what is left of it cannot be told."
        notes.append(Note(code="billed-twice", level="blocks", about=line.name, text=text))
        return
    rest = next(
        (i for i, one in enumerate(lines) if one.row.parent == asset and one.row.kind in LEFT),
        None,
    )
    base = lines[rest].row if rest is not None else above
    left = (base.kwh or 0.0) - own
    share = left / base.kwh if base.kwh else 0.0
    remaining = structs.replace(
        base,
        parent=asset,
        kind="rest",
        divided=False,
        kwh=kwh(left),
        share_pct=None,
        opening_kwh=None,
        closing_kwh=None,
        peak_kw=None,
        bands=(),
        demand_amount=None,
        standing_amount=None,
        amount=rounded(None if base.amount is None else base.amount * share, MONEY),
    )
    if rest is not None:
        lines[rest] = _Line(line.node, remaining)
        lines.insert(rest, _Line(line.node, child))
    else:
        lines[at + 1 : at + 1] = [_Line(line.node, child), _Line(line.node, remaining)]
    parts = [one.row.amount for one in lines if one.row.parent == asset and one.node == line.node]
    lines[at] = _Line(
        line.node, structs.replace(above, amount=rounded(_sum(parts), MONEY), divided=True)
    )
    text = (
        f"{line.name} is a part of what {parent} measures: the account of {parent} pays the rest, "
        f"{left:.3f} kWh, at its share of the amount."
    )
    notes.append(Note(code="billed-below", about=line.name, text=text))


def _partly(line: _Line, other: str) -> Note:
    text = (
        f"{line.name} was for some of its time a part of what {other} measures, and both are "
        "billed: look whether that time is paid twice."
    )
    return Note(code="billed-twice", level="blocks", about=line.name, text=text)


def _named(line: _Line) -> BillingRow:
    row = line.row
    parent = f"{line.node}/{row.parent}" if row.parent else ""
    return structs.replace(row, asset=line.name, parent=parent)


def _accounts(rows: Sequence[BillingRow], *, amounts: bool) -> tuple[AccountRow, ...]:
    found: dict[str, list[BillingRow]] = {}
    for row in rows:
        if not row.divided:
            found.setdefault(row.account, []).append(row)
    return tuple(
        AccountRow(
            account=account,
            name=next((row.account_name for row in of if row.account_name), ""),
            kwh=kwh(_sum([row.kwh for row in of])),
            amount=rounded(_sum([row.amount for row in of]), MONEY) if amounts else None,
            rows=len(of),
        )
        for account, of in sorted(found.items())
    )


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum; None when one is not known, or there is none."""
    told = [value for value in values if value is not None]
    return fsum(told) if told and len(told) == len(values) else None
