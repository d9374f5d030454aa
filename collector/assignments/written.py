"""How dated facts are written in registry.toml: pure functions on its tables."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from collector.assignments.facts import PRINTED
from collector.errors import NotPossible
from collector.model.assets import Ratings
from collector.model.assignment import NUMBER, About, Fact
from collector.model.kinds import LinkType
from collector.model.tables import Tables, set_asset, set_device
from collector.model.text import clean

RATINGS = Ratings.__struct_fields__
SINGLE = (LinkType.SAME_AS.value, LinkType.BEHIND.value)
APART = LinkType.APART.value


def written(tables: Tables, facts: Mapping[About, str]) -> dict[str, Any]:
    """The tables of a registry that states `facts`. "" takes what is said away.

    Whether the result is sound is for `load.check_registry` to say. Raises NotPossible for an
    asset of no device, and for what a registry cannot say.
    """
    found = dict(tables)
    for about, value in facts.items():
        found = _WRITE[about.what](found, about, value)
    return found


def _system(tables: Tables, about: About, value: str) -> dict[str, Any]:
    """A device's own goes for all of its assets that have none of theirs."""
    device, _, role = about.asset.partition(".")
    if role:
        return set_asset(tables, about.asset, {"system": value or None})
    own = set_asset(tables, device, {"system": None})
    return set_device(own, device, {"system": value or None})


def _role(tables: Tables, about: About, value: str) -> dict[str, Any]:
    return set_asset(tables, about.asset, {"kind": value or None})


def _unit(tables: Tables, about: About, value: str) -> dict[str, Any]:
    if about.key != NUMBER:
        raise NotPossible("whose serial stands at an asset is said by a swap: ovr asset swap")
    return set_asset(tables, about.asset, {"unit_no": value or None})


def _account(tables: Tables, about: About, value: str) -> dict[str, Any]:
    return set_asset(tables, about.asset, {"account": value or None})


def _rating(tables: Tables, about: About, value: str) -> dict[str, Any]:
    key = about.key
    if key in PRINTED or not value:
        if key not in (*RATINGS, *PRINTED, "fuel_curve"):
            raise _no_rating(key)
        return set_asset(tables, about.asset, {key: value or None})
    if key == "fuel_curve":
        try:
            curve = msgspec.json.decode(value, type=list[tuple[float, float]])
        except msgspec.MsgspecError:
            message = "expected points [[kW, litres an hour], …]"
            raise NotPossible(f"fuel_curve: {message}, got {clean(value)}") from None
        return set_asset(tables, about.asset, {key: [list(point) for point in curve]})
    if key not in RATINGS:
        raise _no_rating(key)
    return set_asset(tables, about.asset, {key: _number(key, value)})


def _no_rating(key: str) -> NotPossible:
    known = ", ".join((*RATINGS, "fuel_curve", *PRINTED))
    return NotPossible(f"{clean(key)} is no rating: there are {known}")


def _number(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise NotPossible(f"{key}: expected a number, got {clean(value)}")
    return number


def _link(tables: Tables, about: About, value: str) -> dict[str, Any]:
    """One link of a pair at a time: another one takes its place."""
    asset, other = about.asset, about.key
    if value not in ("", *LinkType):
        raise NotPossible(f"{clean(value)} is no link: there are {', '.join(LinkType)}")
    entry = _entry(tables, asset)
    changes: dict[str, Any] = {key: None for key in SINGLE if entry.get(key) == other}
    listed = entry.get(APART)
    apart = [one for one in listed if one != other] if isinstance(listed, list) else []
    if value == APART:
        apart.append(other)
    elif value:
        changes[value] = other
    if apart != (listed or []):
        changes[APART] = apart or None
    return set_asset(tables, asset, changes)


def _entry(tables: Tables, asset: str) -> Mapping[str, Any]:
    entries = tables.get("asset")
    found = entries if isinstance(entries, list) else []
    return next((one for one in found if isinstance(one, Mapping) and one.get("id") == asset), {})


_WRITE = {
    Fact.UNIT: _unit,
    Fact.SYSTEM: _system,
    Fact.ROLE: _role,
    Fact.LINK: _link,
    Fact.RATING: _rating,
    Fact.ACCOUNT: _account,
}
