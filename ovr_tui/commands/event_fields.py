"""What people say of an event, as options: for `ovr event create` and `edit`."""

import argparse
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, structs

from collector.errors import OvrError
from collector.model.event import Event, SystemUse, UseCase
from collector.model.terms import Account, Share
from collector.wire import EventFields
from ovr_tui.commands.moment import at, moment
from ovr_tui.sets import read_set, read_share

T = TypeVar("T", bound=EventFields)

USES = ", ".join(UseCase)
TEXTS = ("name", "client", "job", "site", "timezone", "locale", "notes", "client_notes")
NUMBERS: Mapping[str, tuple[str, str]] = {
    "fuel_price": ("fuel", "price_per_l"),
    "energy_price": ("tariff", "energy_per_kwh"),
    "demand_price": ("tariff", "demand_per_kw"),
    "standing_price": ("tariff", "standing_per_day"),
    "grid_kg": ("carbon", "grid_kg_per_kwh"),
}
"""Options for one number of a term: all others are said by --terms."""
TABLES = ("fuel", "carbon", "fuels", "tariff", "baseline", "accounts", "shares", "systems")


def add_fields(action: argparse.ArgumentParser) -> None:
    """Register the options."""
    action.add_argument("--client", help="for whom")
    action.add_argument("--job", metavar="CODE", help="the company's job code: unique")
    action.add_argument("--site", help="where; default: the node's")
    action.add_argument("--timezone", metavar="ZONE", help="default: the node's")
    action.add_argument("--locale", help="of its reports, like en-US")
    action.add_argument("--notes", help="internal")
    action.add_argument("--client-notes", help="printed for the client")
    action.add_argument(
        "--begins", type=moment, metavar="TIME", help="planned: a reminder, in the event's zone"
    )
    action.add_argument("--ends", type=moment, metavar="TIME", help="planned: a reminder")
    action.add_argument(
        "--system", action="append", metavar="SYSTEM=USE", default=[],
        help=f"what a system is there for: {USES}; once for each",
    )  # fmt: skip
    action.add_argument(
        "--baseline", action="append", metavar="[NAME=][Nx]KW[@HH:MM-HH:MM]", default=[],
        help="generators that would have run otherwise; once for each",
    )  # fmt: skip
    action.add_argument("--fuel-price", type=float, metavar="PER_L")
    action.add_argument("--energy-price", type=float, metavar="PER_KWH")
    action.add_argument("--demand-price", type=float, metavar="PER_KW")
    action.add_argument("--standing-price", type=float, metavar="PER_DAY")
    action.add_argument("--grid-kg", type=float, metavar="KG_PER_KWH", help="CO2e of the grid")
    action.add_argument("--currency", metavar="USD")
    action.add_argument(
        "--account", action="append", metavar="ID[=NAME]", default=[], help="who pays"
    )
    action.add_argument(
        "--share", action="append", metavar="ASSET=ACCOUNT:PERCENT", default=[],
        help="so much of a meter is paid by an account",
    )  # fmt: skip
    action.add_argument(
        "--terms", type=Path, metavar="FILE",
        help="TOML with [fuel] [carbon] [tariff], and as a whole [[fuels]] [baseline] [[accounts]] "
        "[[shares]] [[systems]]",
    )  # fmt: skip


def fields_of(args: argparse.Namespace, before: Event, kind: type[T], **more: object) -> T:
    """What was said, beside what `before` says. Raises OvrError."""
    said: dict[str, Any] = {
        name: value for name in TEXTS if (value := getattr(args, name, None)) is not None
    }
    said |= _tables(args.terms)
    terms = before.terms
    for name in ("fuel", "tariff", "carbon"):
        one = said.get(name, {})
        changes = {
            key: value
            for option, (table, key) in NUMBERS.items()
            if table == name and (value := getattr(args, option)) is not None
        }
        if name == "tariff" and args.currency is not None:
            changes["currency"] = args.currency
        if changes:
            said[name] = one | changes
    if args.baseline:
        baseline = said.get("baseline", {"note": terms.baseline.note})
        said["baseline"] = baseline | {"sets": [_set(text) for text in args.baseline]}
    said |= _several(args, before)
    zone = said.get("timezone", before.timezone)
    for option, field in (("begins", "planned_from_ms"), ("ends", "planned_to_ms")):
        if (when := at(getattr(args, option), zone, ahead=True)) is not None:
            said[field] = when
    try:
        return msgspec.convert(said | more, kind)
    except msgspec.ValidationError as error:
        raise OvrError(f"{args.terms or 'options'}: {error}") from None


def nothing_said(body: EventFields) -> bool:
    """Whether no field was."""
    return all(getattr(body, field.name) is UNSET for field in structs.fields(EventFields))


def _tables(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OvrError(f"{path}: {error}") from None
    unknown = sorted(set(found) - {*TABLES, "demand_window_min", "min_coverage_pct"})
    if unknown:
        raise OvrError(f"{path}: {unknown[0]} is no table of terms: there are {', '.join(TABLES)}")
    return found


def _several(args: argparse.Namespace, before: Event) -> dict[str, Any]:
    """Systems, accounts and shares: those that are named take the place of those of before."""
    found: dict[str, Any] = {}
    uses = {one.system: one for one in before.systems}
    for text in args.system:
        one = _use(text, uses)
        uses[one.system] = one
    if args.system:
        found["systems"] = [msgspec.to_builtins(one) for one in uses.values()]
    accounts = {one.id: one for one in before.terms.accounts}
    for text in args.account:
        id_, _, name = text.partition("=")
        known = accounts.get(id_, Account(id=id_))
        accounts[id_] = structs.replace(known, name=name or known.name)
    if args.account:
        found["accounts"] = [msgspec.to_builtins(one) for one in accounts.values()]
    shares = {(one.asset, one.account): one for one in before.terms.shares}
    for text in args.share:
        share = _share(text)
        shares[share.asset, share.account] = share
        if not share.percent:
            del shares[share.asset, share.account]
    if args.share:
        found["shares"] = [msgspec.to_builtins(one) for one in shares.values()]
    return found


def _use(text: str, known: Mapping[str, SystemUse]) -> SystemUse:
    system, sign, word = text.partition("=")
    try:
        use_case = UseCase(word)
    except ValueError:
        raise OvrError(f"{text}: expected SYSTEM=USE, the use one of {USES}") from None
    if not sign or not system:
        raise OvrError(f"{text}: expected SYSTEM=USE")
    return structs.replace(known.get(system, SystemUse(system=system)), use_case=use_case)


def _share(text: str) -> Share:
    try:
        return read_share(text)
    except ValueError as error:
        raise OvrError(str(error)) from None


def _set(text: str) -> dict[str, Any]:
    try:
        made: dict[str, Any] = msgspec.to_builtins(read_set(text))
    except ValueError as error:
        raise OvrError(str(error)) from None
    return made
