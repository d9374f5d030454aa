"""Who pays for a meter, and when: dated assignments, fixed shares, tariffs."""

from collections.abc import Sequence
from typing import NamedTuple

from collector.model.assignment import Fact
from collector.model.report_input import AssetInput, ReportInputs
from collector.model.terms import Account, Share, TariffTerms, Terms
from reporting.worth.hours import Span


class Spell(NamedTuple):
    """An account ("": nobody) that pays for a meter for a time."""

    account: str
    span: Span


class Split(NamedTuple):
    """A meter's fixed shares, as percentages that sum to 100 at most, and what is wrong if they
    cannot be used."""

    shares: Sequence[Share]
    fault: str = ""


def spells(inputs: ReportInputs, asset: AssetInput) -> list[Spell]:
    """Who pays for an asset, over the whole window: what assignments say, before the first of them
    what the registry says."""
    held = sorted(
        (one for one in inputs.assignments if one.asset == asset.id and one.what is Fact.ACCOUNT),
        key=lambda one: one.from_ms,
    )
    found: list[Spell] = []
    at = inputs.from_ms
    account = asset.account
    for one in held:
        start = min(max(one.from_ms, inputs.from_ms), inputs.to_ms)
        _add(found, account, at, start)
        at, account = max(at, start), one.value
    _add(found, account, at, inputs.to_ms)
    return found or [Spell(account, Span(inputs.from_ms, inputs.to_ms))]


def _add(found: list[Spell], account: str, from_ms: int, to_ms: int) -> None:
    if from_ms >= to_ms:
        return
    if found and found[-1].account == account:
        found[-1] = Spell(account, Span(found[-1].span.from_ms, to_ms))
    else:
        found.append(Spell(account, Span(from_ms, to_ms)))


def split_of(terms: Terms, asset: str) -> Split:
    """The fixed shares of an asset. Shares of more than 100 % in all, or of nothing or less, are
    none: who pays what then is for people to say."""
    shares = [one for one in terms.shares if one.asset == asset]
    if any(not 0 < one.percent <= 100 for one in shares):
        return Split((), "a share is not between 0 and 100 %")
    if sum(parts_per_million(one) for one in shares) > 1_000_000:
        return Split((), f"its shares make {sum(one.percent for one in shares):g} %")
    return Split(shares)


def parts_per_million(share: Share) -> int:
    """A share as a whole number, so that sums are exact (0.0001 %)."""
    return round(share.percent * 10_000)


def account_of(terms: Terms, account: str) -> Account:
    """An account by its id; one that nobody entered has only its id."""
    return next((one for one in terms.accounts if one.id == account), Account(id=account))


def tariff_of(terms: Terms, account: str) -> TariffTerms:
    """What an account pays by: its own tariff, else the event's."""
    return account_of(terms, account).tariff or terms.tariff
