"""Who pays for what."""

from msgspec import Struct


class BandLine(Struct, frozen=True, kw_only=True):
    """What fell into one band of the tariff."""

    band: str
    kwh: float
    price: float | None
    amount: float | None


class BillingRow(Struct, frozen=True, kw_only=True):
    """One account's part of one meter. Rows of a parent sum to it, digit by digit."""

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
    parent: str = ""
    kind: str = "meter"
    """meter · share · rest (not allocated, or unmetered and losses)."""


class Billing(Struct, frozen=True, kw_only=True):
    """All rows; the totals are of those that have no parent."""

    currency: str
    rows: tuple[BillingRow, ...] = ()
    kwh: float | None = None
    amount: float | None = None
