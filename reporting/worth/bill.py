"""The billing table: rows for each account and meter, which sum to their meter digit by digit.

A meter is *divided* when meters behind it are billed, when it has fixed shares, or when its account
changed. Its rows then are: the meters behind it; the shares of what these leave; and the rest, paid
by the meter's own account, else named (*unmetered* and losses, or *unallocated*). All is done in
whole Wh and in cents of decimal numbers, so whatever is printed adds up.

Amount = Σ over bands (kWh × price, rounded to 0.01) + kW of the highest demand window × price of a
kW + local days × standing charge. A sub-meter's demand is its own highest window; that of a rest
the highest window of the meter less its sub-meters in the same window; that of a share its
percentage of it. Demand and days are charged to accounts only: nobody's energy is shown at the
event's price.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from collector.model.report.billing import AccountTotal, BandLine, Billing, BillingRow, RowKind
from collector.model.report.quality import Note, NoteLevel
from collector.model.terms import TariffTerms
from reporting.measured.model import Measured
from reporting.rounding import HOURS, kw, rounded
from reporting.worth.apportion import apportion, settle
from reporting.worth.hours import Bands, Span
from reporting.worth.ledger import Cell, Period, divide
from reporting.worth.meters import WH, Meter, Site, meters, reading, site_of
from reporting.worth.payers import Spell, account_of, parts_per_million, tariff_of

WHOLE = 1_000_000
FINE_PER_WH = 10
CENT = Decimal("0.01")


class BillingFigures(NamedTuple):
    """The table, and what has to be said about it."""

    billing: Billing
    notes: tuple[Note, ...]


class _Leaf(NamedTuple):
    """One row to be: who pays for which part of a meter's own energy, in which time."""

    account: str
    kind: RowKind
    span: Span
    million: int
    tariff: TariffTerms
    fine: Mapping[int | None, int]
    demand: Mapping[int, float]


def billing_figures(measured: Measured) -> BillingFigures:
    """The billing table of a system's window."""
    site = site_of(measured)
    made = _Table(measured, site)
    for meter in meters(measured, site):
        made.add(meter, "")
    return BillingFigures(billing_of(measured, made.rows), tuple(dict.fromkeys(made.notes)))


def billing_of(measured: Measured, rows: Sequence[BillingRow]) -> Billing:
    """A table with its totals, in the event's currency."""
    return table(rows, measured.inputs.event.terms.tariff.currency)


def table(rows: Sequence[BillingRow], currency: str) -> Billing:
    """Rows and their totals. Also for the rows of several systems."""
    tops = [row for row in rows if not row.parent]
    alike = len({row.flow for row in tops}) <= 1
    one = {row.currency for row in rows if not row.divided and row.amount is not None}
    return Billing(
        currency=next(iter(one)) if len(one) == 1 else currency,
        rows=tuple(rows),
        accounts=_accounts(rows),
        kwh=_sum([row.kwh for row in tops]) if alike else None,
        amount=_sum([row.amount for row in tops]) if len(one) <= 1 else None,
    )


def _accounts(rows: Sequence[BillingRow]) -> tuple[AccountTotal, ...]:
    by: dict[tuple[str, str], list[BillingRow]] = {}
    for row in rows:
        if not row.divided:
            by.setdefault((row.account, row.currency), []).append(row)
    return tuple(
        AccountTotal(
            account=account,
            name=some[0].account_name,
            kwh=_sum([row.kwh for row in some]),
            amount=_sum([row.amount for row in some]),
            currency=currency,
        )
        for (account, currency), some in sorted(by.items())
    )


class _Table:
    def __init__(self, measured: Measured, site: Site) -> None:
        self._measured = measured
        self._site = site
        self._terms = measured.inputs.event.terms
        self._whole = Span(site.from_ms, site.to_ms)
        self._bands: dict[tuple[str, Span], Bands] = {}
        self.rows: list[BillingRow] = []
        self.notes: list[Note] = []

    def add(self, meter: Meter, parent: str) -> BillingRow:
        """The rows of a meter and all that is behind it; its own first."""
        if meter.split.fault:
            text = f"The shares of {meter.asset.id} are not used: {meter.split.fault}."
            self._say("shares-refused", meter, text)
        if not meter.sub and not meter.split.shares and len(meter.spells) == 1:
            leaf = self._leaves(meter)[0]
            row = self._row(meter, leaf, meter.wh, parent, (meter.opening, meter.closing))
            self.rows.append(row)
            return row
        at = len(self.rows)
        subs = [self.add(sub, meter.asset.id) for sub in meter.sub]
        leaves = self._leaves(meter)
        left = None
        if meter.wh is not None:
            left = meter.wh - sum(round(sub.kwh * WH) for sub in subs if sub.kwh is not None)
        if left is not None and left < 0:
            text = f"The meters behind {meter.asset.id} measured more than it: the rest is below 0."
            self._say("rest-negative", meter, text)
        if any(sub.kwh is None for sub in subs):
            text = f"A meter behind {meter.asset.id} measured nothing: its energy is in the rest."
            self._say("sub-unknown", meter, text)
        own = self._own(meter, leaves, left)
        self.rows += own
        row = self._divided(meter, parent, [*subs, *own])
        self.rows.insert(at, row)
        return row

    def _own(self, meter: Meter, leaves: Sequence[_Leaf], left: int | None) -> list[BillingRow]:
        """The rows of what a divided meter has itself, which sum to `left` Wh."""
        cells = [(leaf, band) for leaf in leaves for band in leaf.fine]
        fine = [leaf.fine[band] for leaf, band in cells]
        totals: list[int | None] = [None] * len(leaves)
        if left is not None:
            parts = settle(left, fine, FINE_PER_WH)
            at = 0
            for number, leaf in enumerate(leaves):
                totals[number] = sum(parts[at : at + len(leaf.fine)])
                at += len(leaf.fine)
        found = []
        for leaf, wh in zip(leaves, totals, strict=True):
            alone = not meter.sub and not meter.split.shares
            ends = self._ends(meter, leaf.span) if alone else (None, None)
            found.append(self._row(meter, leaf, wh, meter.asset.id, ends))
        return found

    def _ends(self, meter: Meter, span: Span) -> tuple[int | None, int | None]:
        """The meter's own total at both ends of a time."""
        first, last = span.from_ms <= self._site.from_ms, span.to_ms >= self._site.to_ms
        return (
            meter.opening if first else reading(self._measured, meter, span.from_ms),
            meter.closing if last else reading(self._measured, meter, span.to_ms),
        )

    def _leaves(self, meter: Meter) -> list[_Leaf]:
        """Who pays for what a meter has itself: shares first, then its accounts in turn."""
        found = []
        given = 0
        for share in meter.split.shares:
            million = parts_per_million(share)
            given += million
            spell = Spell(share.account, self._whole)
            found += self._of([spell], meter, "share", million)
        rest = WHOLE - given
        if rest > 0:
            found += self._of(meter.spells, meter, None, rest)
        return found

    def _of(
        self, some: Sequence[Spell], meter: Meter, kind: RowKind | None, million: int
    ) -> list[_Leaf]:
        tariffs = [tariff_of(self._terms, spell.account) for spell in some]
        periods = [
            Period(spell.span, self._bands_of(spell.account, tariff))
            for spell, tariff in zip(some, tariffs, strict=True)
        ]
        fine = dict(divide(meter.batches, periods))
        for sub in meter.sub:
            for cell, value in divide(sub.batches, periods).items():
                fine[cell] = fine.get(cell, 0) - value
        rest = _rest(meter)
        found = []
        for number, (spell, tariff) in enumerate(zip(some, tariffs, strict=True)):
            order = [*range(len(tariff.bands)), None]
            inside = {
                band: _part(fine[cell], million)
                for band in order
                if (cell := Cell(number, band)) in fine
            }
            demand = {
                at: value * million / WHOLE
                for at, value in rest.items()
                if spell.span.from_ms <= at and at + self._site.window_ms <= spell.span.to_ms
            }
            row_kind = kind or _kind(meter, spell.account)
            found.append(
                _Leaf(
                    spell.account,
                    row_kind,
                    spell.span,
                    million,
                    tariff,
                    inside or {None: 0},
                    demand,
                )
            )
        return found

    def _bands_of(self, account: str, tariff: TariffTerms) -> Bands:
        key = account, self._whole
        if key not in self._bands:
            self._bands[key] = Bands(self._site.zone, tariff.bands, self._whole)
        return self._bands[key]

    def _row(
        self,
        meter: Meter,
        leaf: _Leaf,
        wh: int | None,
        parent: str,
        ends: tuple[int | None, int | None],
    ) -> BillingRow:
        lines, energy = self._lines(meter, leaf, wh)
        peak_ms = max(leaf.demand, key=lambda at: (leaf.demand[at], -at), default=None)
        peak = None if peak_ms is None else kw(max(0.0, leaf.demand[peak_ms]))
        paid = bool(leaf.account)
        demand = _times(peak, leaf.tariff.demand_per_kw) if paid else None
        days = self._days(leaf) if paid else None
        standing = _times(days, leaf.tariff.standing_per_day) if paid else None
        if paid and leaf.tariff.demand_per_kw is not None and peak is None:
            text = f"{meter.asset.id} has no whole demand window: no demand is charged."
            self._say("no-demand-window", meter, text)
        opening, closing = ends
        correction = None
        if wh is not None and opening is not None and closing is not None:
            correction = (wh - (closing - opening)) / WH
        return BillingRow(
            account=leaf.account,
            account_name=account_of(self._terms, leaf.account).name,
            asset=meter.asset.id,
            name=meter.asset.name,
            unit=meter.units,
            flow=meter.flow,
            from_ms=leaf.span.from_ms,
            to_ms=leaf.span.to_ms,
            share_pct=leaf.million / 10_000 if leaf.million != WHOLE else None,
            opening_kwh=_kwh(opening),
            closing_kwh=_kwh(closing),
            correction_kwh=correction,
            kwh=_kwh(wh),
            peak_kw=peak,
            peak_ms=peak_ms,
            bands=lines,
            demand_amount=_float(demand),
            standing_days=days,
            standing_amount=_float(standing),
            amount=_float(_total(energy, demand, standing)),
            currency=leaf.tariff.currency,
            parent=parent,
            kind=leaf.kind,
        )

    def _lines(
        self, meter: Meter, leaf: _Leaf, wh: int | None
    ) -> tuple[tuple[BandLine, ...], Decimal | None]:
        """The bands of a row, which sum to its Wh, and what its energy costs."""
        if wh is None:
            return (), None
        bands = list(leaf.fine)
        parts = settle(wh, [leaf.fine[band] for band in bands], FINE_PER_WH)
        lines: list[BandLine] = []
        amounts: list[Decimal | None] = []
        for band, part in zip(bands, parts, strict=True):
            named = None if band is None else leaf.tariff.bands[band]
            price = leaf.tariff.energy_per_kwh if named is None else named.energy_per_kwh
            amounts.append(_times(Decimal(part) / WH, price) if part or price else Decimal(0))
            lines.append(
                BandLine(
                    band="" if named is None else named.name,
                    kwh=part / WH,
                    price=price,
                    amount=_float(amounts[-1]),
                )
            )
        known = [one for one in amounts if one is not None]
        if len(known) < len(amounts):
            text = f"No price was given for some of the energy of {meter.asset.id}: no amount."
            self._say("no-price", meter, text, level="warning" if leaf.tariff.bands else "info")
            return tuple(lines), None
        return tuple(lines), sum(known, Decimal(0))

    def _days(self, leaf: _Leaf) -> float:
        """Local days of a row; of a day that the window or other accounts have in part, its part of
        the time that the window has of that day."""
        found = Decimal(0)
        for day in self._site.days:
            start, end = max(day.from_ms, self._site.from_ms), min(day.to_ms, self._site.to_ms)
            ours = min(end, leaf.span.to_ms) - max(start, leaf.span.from_ms)
            if ours > 0:
                found += Decimal(ours) / Decimal(end - start)
        return rounded(float(found * leaf.million / WHOLE), HOURS) or 0.0

    def _divided(self, meter: Meter, parent: str, parts: Sequence[BillingRow]) -> BillingRow:
        peak_ms = max(meter.demand, key=lambda at: (meter.demand[at], -at), default=None)
        correction = None
        if meter.wh is not None and meter.opening is not None and meter.closing is not None:
            correction = (meter.wh - (meter.closing - meter.opening)) / WH
        currencies = {part.currency for part in parts}
        return BillingRow(
            account="",
            account_name="",
            asset=meter.asset.id,
            name=meter.asset.name,
            unit=meter.units,
            flow=meter.flow,
            from_ms=self._site.from_ms,
            to_ms=self._site.to_ms,
            share_pct=None,
            opening_kwh=_kwh(meter.opening),
            closing_kwh=_kwh(meter.closing),
            correction_kwh=correction,
            kwh=_kwh(meter.wh),
            peak_kw=None if peak_ms is None else kw(max(0.0, meter.demand[peak_ms])),
            peak_ms=peak_ms,
            bands=(),
            demand_amount=None,
            standing_days=None,
            standing_amount=None,
            amount=_sum([part.amount for part in parts]) if len(currencies) == 1 else None,
            currency=parts[0].currency,
            parent=parent,
            kind="meter",
            divided=True,
        )

    def _say(self, code: str, meter: Meter, text: str, level: NoteLevel = "warning") -> None:
        self.notes.append(Note(code=code, level=level, about=meter.asset.id, text=text))


def _kind(meter: Meter, account: str) -> RowKind:
    if account or not (meter.sub or meter.split.shares or len(meter.spells) > 1):
        return "meter"
    return "unmetered" if meter.sub and not meter.split.shares else "unallocated"


def _rest(meter: Meter) -> Mapping[int, float]:
    """The demand windows of what a meter has beyond its sub-meters: those that all of them have."""
    if not meter.sub:
        return meter.demand
    return {
        at: value - sum(sub.demand[at] for sub in meter.sub)
        for at, value in meter.demand.items()
        if all(at in sub.demand for sub in meter.sub)
    }


def _part(value: int, million: int) -> int:
    """A share of a whole number of either sign."""
    part = apportion(abs(value), (million, WHOLE - million))[0]
    return part if value >= 0 else -part


def _times(value: float | Decimal | None, price: float | None) -> Decimal | None:
    """Money, to the cent, half away from nought: what a person gets from the printed digits."""
    if value is None or price is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return (exact * Decimal(repr(price))).quantize(CENT, ROUND_HALF_UP)


def _total(energy: Decimal | None, *more: Decimal | None) -> Decimal | None:
    """None where the energy has no price; a demand or standing charge that the tariff has not is
    none."""
    return None if energy is None else sum((one for one in more if one is not None), energy)


def _sum(values: Sequence[float | None]) -> float | None:
    """The exact sum of printed figures; None where one is not known, or there is none."""
    known = [Decimal(repr(value)) for value in values if value is not None]
    return float(sum(known)) if known and len(known) == len(values) else None


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value) + 0.0


def _kwh(wh: int | None) -> float | None:
    return None if wh is None else wh / WH
