"""Who pays for what: figures with all their digits."""

from collector.model.report.billing import Billing, BillingRow
from collector.model.report.event import AccountRow
from collector.model.report_document import Block, Row, Section
from reporting.render import words
from reporting.render.page import Page, left, right, table

NOBODY = "nobody yet"
_KINDS = {
    "share": "share",
    "unmetered": "unmetered and losses",
    "unallocated": "not allocated",
    "rest": "the rest",
}


def billing_section(
    billing: Billing, page: Page, accounts: tuple[AccountRow, ...] = ()
) -> Section | None:
    """The table per account and meter, tariff bands below."""
    if not billing.rows:
        return None
    currency = words.name(billing.currency)
    blocks: list[Block] = []
    totals = [(one.name or one.account, one.kwh, one.amount, currency) for one in accounts] or [
        (one.name or one.account, one.kwh, one.amount, one.currency) for one in billing.accounts
    ]
    if totals:
        blocks.append(_accounts(totals, page))
    blocks.append(_rows(billing, currency, page))
    if any(row.bands for row in billing.rows):
        blocks.append(_bands(billing, currency, page))
    return Section("billing", "Billing", tuple(blocks))


def _accounts(totals: list[tuple[str, float | None, float | None, str]], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row((words.name(name) or NOBODY, number(kwh, 3), number(amount, 2), words.name(currency)))
        for name, kwh, amount, currency in totals
    ]
    columns = (left("Account"), right("Energy", "kWh"), right("Amount"), left("Currency"))
    return table("By account", columns, rows)


def _rows(billing: Billing, currency: str, page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                _account(row),
                _meter(row),
                number(row.opening_kwh, 3),
                number(row.closing_kwh, 3),
                number(row.correction_kwh, 3),
                number(row.share_pct, 2) if row.share_pct is not None else "",
                number(row.kwh, 3),
                number(row.peak_kw, 1),
                number(row.demand_amount, 2) if row.demand_amount is not None else "",
                number(row.standing_amount, 2) if row.standing_amount is not None else "",
                number(row.amount, 2),
            )
        )
        for row in billing.rows
    ]
    total = ("Total", "", "", "", "", "", number(billing.kwh, 3), "", "", "")
    rows.append(Row((*total, number(billing.amount, 2)), total=True))
    columns = (
        left("Account"),
        left("Meter"),
        right("Opening", "kWh"),
        right("Closing", "kWh"),
        right("Correction", "kWh"),
        right("Share", "%"),
        right("Energy", "kWh"),
        right("Peak", "kW"),
        right("Demand", currency),
        right("Standing", currency),
        right("Amount", currency),
    )
    note = "The total is of meters that are not part of another; rows of a meter sum to it."
    return table("Accounts and meters", columns, rows, note)


def _account(row: BillingRow) -> str:
    if row.divided:
        return "divided, see below"
    return words.name(row.account_name or row.account) or NOBODY


def _meter(row: BillingRow) -> str:
    name = words.name(row.name or row.asset)
    unit = f" ({words.name(row.unit)})" if row.unit else ""
    kind = f", {_KINDS[row.kind]}" if row.kind in _KINDS else ""
    return f"{name}{unit}{kind}"


def _bands(billing: Billing, currency: str, page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                _account(row),
                _meter(row),
                words.name(band.band) or "all other times",
                number(band.kwh, 3),
                number(band.price, 4),
                number(band.amount, 2),
            )
        )
        for row in billing.rows
        for band in row.bands
    ]
    columns = (
        left("Account"),
        left("Meter"),
        left("Tariff band"),
        right("Energy", "kWh"),
        right("Price", f"{currency}/kWh"),
        right("Amount", currency),
    )
    return table("Energy by tariff band", columns, rows)
