"""Who pays for what."""

from typing import Literal

from msgspec import Struct

RowKind = Literal["meter", "share", "unmetered", "unallocated", "rest"]
"""meter: what an account's own meter (or a meter as a whole) measured · share: a fixed share of
one · unmetered: what a meter has beyond its sub-meters, and losses · unallocated: nobody's · rest:
what a meter of another system leaves of it (of an event)."""
LEFT: tuple[RowKind, ...] = ("unmetered", "unallocated", "rest")
"""What is left of a meter when all else has its row."""


class BandLine(Struct, frozen=True, kw_only=True):
    """What fell into one band of the tariff ("": into none, at the tariff's own price)."""

    band: str
    kwh: float
    price: float | None
    amount: float | None


class BillingRow(Struct, frozen=True, kw_only=True):
    """One account's part of one meter, or a meter that is divided.

    Rows whose `parent` is an asset sum to that asset's own row (the one that has another parent,
    or none), digit by digit: kWh and amount. It is `divided` and has no bands of its own.
    `closing_kwh` − `opening_kwh` + `correction_kwh` = `kwh`. `peak_kw` is the greatest demand
    window of the row's own time. `standing_days` counts local days, of a day that several accounts
    had the meter each its part. `amount` is None where a price is missing.
    """

    account: str
    account_name: str
    asset: str
    name: str
    unit: str
    from_ms: int
    to_ms: int
    share_pct: float | None
    opening_kwh: float | None
    closing_kwh: float | None
    correction_kwh: float | None
    kwh: float | None
    peak_kw: float | None
    bands: tuple[BandLine, ...]
    demand_amount: float | None
    standing_amount: float | None
    amount: float | None
    currency: str = ""
    flow: str = ""
    peak_ms: int | None = None
    standing_days: float | None = None
    parent: str = ""
    kind: RowKind = "meter"
    divided: bool = False


class AccountTotal(Struct, frozen=True, kw_only=True):
    """All rows of one account in one currency ("": nobody's)."""

    account: str
    name: str
    kwh: float | None
    amount: float | None
    currency: str


class Billing(Struct, frozen=True, kw_only=True):
    """All rows; the totals are of those that have no parent. `amount` is None where one is, or
    where there is more than one currency (then the accounts have theirs)."""

    currency: str
    rows: tuple[BillingRow, ...] = ()
    accounts: tuple[AccountTotal, ...] = ()
    kwh: float | None = None
    amount: float | None = None
