"""What is wrong with what people say of an event, a correction or a log entry: all at once."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import structs

from collector.config.hosts import timezone_wrong
from collector.errors import NotPossible
from collector.model.catalogue import CATALOGUE
from collector.model.event import Event
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from collector.model.terms import Account, Baseline, BaselineSet, TariffTerms
from collector.model.text import clean

NAME_CELLS = 120
NOTE_CELLS = 2000
ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
LOCALE = re.compile(r"\A[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}\Z")
CLOCK = re.compile(r"\A(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")
WINDOWS = (5, 10, 15, 20, 30, 60)
MOST = 1e9
PHASES = ("L1", "L2", "L3")
COUNTERS = frozenset(one.name for one in CATALOGUE.values() if one.type == "counter")
METERED = tuple(sorted(name for name in COUNTERS if name.endswith("_kwh")))


def cleaned(event: Event) -> Event:
    """The event with harmless texts."""
    return structs.replace(
        event,
        **{
            name: clean(getattr(event, name), NAME_CELLS)
            for name in ("name", "job", "client", "site", "timezone", "locale")
        },
        notes=clean(event.notes, NOTE_CELLS),
        client_notes=clean(event.client_notes, NOTE_CELLS),
    )


def check_event(event: Event) -> None:
    """Raises NotPossible with all that is wrong."""
    _refuse([*_wrong_words(event), *_wrong_terms(event), *_wrong_payers(event)])


def check_correction(one: Correction) -> None:
    """Raises NotPossible with all that is wrong."""
    _refuse(_wrong_correction(one))


def check_entry(one: LogEntry) -> None:
    """Raises NotPossible with all that is wrong."""
    _refuse(_wrong_entry(one))


def _refuse(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        raise NotPossible("; ".join(found))


def _wrong_words(event: Event) -> Iterator[str]:
    if not event.name:
        yield "an event needs a name"
    why, hint = timezone_wrong(event.timezone)
    if why:
        yield f"timezone: {event.timezone} {why} ({hint})"
    if not LOCALE.match(event.locale):
        yield f"locale: {event.locale} is none, like en-US"
    begin, until = event.planned_from_ms, event.planned_to_ms
    if begin is not None and until is not None and until <= begin:
        yield "the planned end is not after the planned start"
    names = Counter(use.system for use in event.systems)
    for system, count in names.items():
        if count > 1:
            yield f"{system} stands there {count} times"
        if not ID.match(system):
            yield f"{clean(system)} is no name of a system"


def _wrong_terms(event: Event) -> Iterator[str]:
    terms = event.terms
    yield from _wrong_numbers("fuel", terms.fuel)
    yield from _wrong_numbers("carbon", terms.carbon)
    for kind, count in Counter(one.kind for one in terms.fuels).items():
        if not kind or count > 1 or kind == terms.fuel.kind:
            yield f"fuels: {kind or repr(kind)}: each kind has a name of its own"
    for fuel in terms.fuels:
        yield from _wrong_numbers(f"fuels {fuel.kind}", fuel)
    yield from _wrong_tariff("tariff", terms.tariff)
    yield from _wrong_baseline("baseline", terms.baseline)
    for use in event.systems:
        if use.baseline is not None:
            yield from _wrong_baseline(f"baseline of {use.system}", use.baseline)
    if terms.demand_window_min not in WINDOWS:
        yield f"demand_window_min: expected one of {', '.join(map(str, WINDOWS))}"
    if not 0 <= terms.min_coverage_pct <= 100:
        yield "min_coverage_pct: expected 0 to 100"
    year = terms.carbon.year
    if year is not None and not 1990 <= year <= 2100:
        yield f"carbon: {year} is no year of a factor"


def _wrong_numbers(where: str, struct: object) -> Iterator[str]:
    for name in struct.__struct_fields__:  # type: ignore[attr-defined]
        value = getattr(struct, name)
        if isinstance(value, float) and not (math.isfinite(value) and 0 <= value <= MOST):
            yield f"{where}: {name}: expected a number from 0 on"
        if isinstance(value, str) and value != clean(value, NOTE_CELLS):
            yield f"{where}: {name}: has characters that cannot be printed"


def _wrong_tariff(where: str, tariff: TariffTerms) -> Iterator[str]:
    yield from _wrong_numbers(where, tariff)
    if not re.fullmatch("[A-Z]{3}", tariff.currency):
        yield f"{where}: currency: expected three letters, like USD"
    for band in tariff.bands:
        yield from _wrong_numbers(f"{where} {band.name}", band)
        yield from _wrong_clock(f"{where} {band.name}", band.start, band.end)
        if not band.name or not band.days:
            yield f"{where}: a band needs a name and days"


def _wrong_clock(where: str, start: str, end: str) -> Iterator[str]:
    for time in (start, end):
        if not CLOCK.match(time):
            yield f"{where}: {clean(time)} is no time of day, like 07:00"
    if start == end:
        yield f"{where}: begins and ends at {start}; all day is 00:00 to 24:00"


def _wrong_baseline(where: str, baseline: Baseline) -> Iterator[str]:
    yield from _wrong_numbers(where, baseline)
    for one in baseline.sets:
        yield from _wrong_set(f"{where} {one.name}", one)


def _wrong_set(where: str, one: BaselineSet) -> Iterator[str]:
    yield from _wrong_numbers(where, one)
    yield from _wrong_clock(where, one.start, one.end)
    if not one.name:
        yield f"{where}: a set needs a name"
    if not one.rated_kw > 0:
        yield f"{where}: rated_kw: expected more than 0"
    if not 1 <= one.count <= 1000:
        yield f"{where}: count: expected 1 to 1000"
    points = one.fuel_curve
    if points and len(points) < 2:
        yield f"{where}: fuel_curve: expected two points or more"
    flat = [value for point in points for value in point]
    if any(not (math.isfinite(value) and 0 <= value <= MOST) for value in flat):
        yield f"{where}: fuel_curve: expected numbers from 0 on"
    if any(b[0] <= a[0] or b[1] < a[1] for a, b in pairwise(points)):
        yield f"{where}: fuel_curve: expected points (kW, L/h) that rise"


def _wrong_payers(event: Event) -> Iterator[str]:
    accounts, shares = event.terms.accounts, event.terms.shares
    for account, count in Counter(one.id for one in accounts).items():
        if count > 1:
            yield f"account {account} stands there {count} times"
    for one in accounts:
        yield from _wrong_account(one)
    known = {one.id for one in accounts}
    paid: dict[str, float] = {}
    for (asset, account), count in Counter((one.asset, one.account) for one in shares).items():
        if count > 1:
            yield f"the share of {account} in {asset} stands there {count} times"
    for share in shares:
        if share.account not in known:
            yield f"share of {share.asset}: there is no account {clean(share.account)}"
        if not ID.match(share.asset):
            yield f"share: {clean(share.asset)} is no asset"
        if not 0 < share.percent <= 100:
            yield f"share of {share.asset}: expected more than 0 and at most 100 %"
        paid[share.asset] = math.fsum((paid.get(share.asset, 0.0), share.percent))
    for asset, percent in paid.items():
        if percent > 100 + 1e-9:
            yield f"shares of {asset} add up to {percent:g} %"


def _wrong_account(one: Account) -> Iterator[str]:
    if not ID.match(one.id):
        yield f"account {clean(one.id)}: expected letters, digits and . _ -"
    if one.name != clean(one.name):
        yield f"account {one.id}: its name has characters that cannot be printed"
    if one.tariff is not None:
        yield from _wrong_tariff(f"tariff of {one.id}", one.tariff)


def _wrong_correction(one: Correction) -> Iterator[str]:
    if not one.reason:
        yield "a correction needs a reason: it is in the report"
    if one.to_ms is not None and one.to_ms <= one.from_ms:
        yield "a correction ends after it begins"
    needs = {
        CorrectionKind.FACTOR: "factor",
        CorrectionKind.PHASE_SWAP: "phases",
        CorrectionKind.ROLE: "role",
        CorrectionKind.READING: "value",
    }.get(one.kind)
    if needs is not None and getattr(one, needs) is None:
        yield f"{one.kind.value} needs {needs}"
    if one.factor is not None and not (math.isfinite(one.factor) and 1e-6 <= one.factor <= 1e6):
        yield "factor: expected a number from 0.000001 to 1000000; a reversed CT is a sign"
    if one.phase and one.phase not in PHASES:
        yield "phase: expected L1, L2 or L3"
    if one.phases is not None and sorted(one.phases) != list(PHASES):
        yield "phases: expected L1, L2 and L3 in another order, like L2,L1,L3"
    if one.kind is CorrectionKind.READING:
        yield from _wrong_reading(one.measurement, one.value)
        if one.at_ms is None:
            yield "a reading needs the time when it was read"


def _wrong_reading(measurement: str, value: float | None) -> Iterator[str]:
    if measurement not in COUNTERS:
        yield f"{clean(measurement) or 'measurement'}: expected one of {', '.join(METERED)}"
    if value is not None and not (math.isfinite(value) and 0 <= value <= MOST):
        yield "value: expected a number from 0 on"


UNITS = {LogKind.FUEL: ("l",), LogKind.DIP: ("l", "pct"), LogKind.HOURS: ("h",)}
SAID = (LogKind.NOTE, LogKind.HANDOVER)


def _wrong_entry(one: LogEntry) -> Iterator[str]:
    if one.kind in SAID:
        if not one.text:
            yield f"a {one.kind.value} needs a text"
        return
    if one.value is None or not (math.isfinite(one.value) and 0 <= one.value <= MOST):
        yield f"{one.kind.value} needs a value, a number from 0 on"
    units = UNITS.get(one.kind)
    if units is not None and one.unit not in units:
        yield f"{one.kind.value}: its unit is {' or '.join(units)}"
    if one.unit == "pct" and one.value is not None and one.value > 100:
        yield "a tank holds at most 100 %"
    if one.kind is LogKind.READING:
        yield from _wrong_reading(one.measurement, one.value)
        if not one.asset:
            yield "a reading needs an asset"
    elif not (one.asset or one.system):
        yield f"{one.kind.value} needs the asset or system that it is about"
