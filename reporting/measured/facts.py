"""Which facts held of an asset when: its system, unit, role, ratings and account, by assignments.

A fact that was first stated within the window, with nothing said of the time before, holds before
too where it is about the unit itself (its number, serial, what is printed on it): the unit was
there before somebody wrote it down. Systems, roles and accounts hold only from when they were said.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
from msgspec import Struct, structs

from collector.model.assets import Ratings
from collector.model.assignment import (
    NUMBER,
    OTHERS,
    SERIAL,
    About,
    Assignment,
    Fact,
    Held,
    Timeline,
)
from collector.model.kinds import AssetKind
from collector.model.report_input import AssetInput
from collector.model.terms import FuelCurve

OF_THE_UNIT = (Fact.UNIT, Fact.RATING)
RATED = tuple(field.name for field in structs.fields(Ratings))
CURVE, ACCURACY, CERTIFICATE = "fuel_curve", "accuracy_class", "certificate"


class Stand(Struct, frozen=True, kw_only=True):
    """An asset from `from_ms` to `to_ms`, in which no fact of it changed. `asset` has what held;
    `system` is "" where nobody said, `role` None where it is as its device says."""

    asset: AssetInput
    system: str
    role: AssetKind | None
    from_ms: int
    to_ms: int

    @property
    def unit(self) -> str:
        """The fleet number, else the serial."""
        return self.asset.unit_no or self.asset.serial


class Facts:
    """What the assignments of a report's inputs say."""

    def __init__(self, held: Sequence[Held], from_ms: int, to_ms: int) -> None:
        self._window = (from_ms, to_ms)
        self._timeline = Timeline(_statements(held, from_ms))
        self._known = {About(one.asset, one.what, one.key) for one in held}

    def stands(self, asset: AssetInput) -> list[Stand]:
        """The window of one asset, cut where a fact of it changes."""
        from_ms, to_ms = self._window
        abouts = _abouts(asset.id)
        moments = {from_ms, to_ms}
        for about in abouts & self._known:
            moments.update(one.from_ms for one in self._timeline.since(about, from_ms, to_ms - 1))
        ends = sorted(moments)
        found: list[Stand] = []
        for start, end in pairwise(ends):
            stand = self._stand(asset, start, end)
            if found and structs.replace(found[-1], to_ms=end) == structs.replace(
                stand, from_ms=found[-1].from_ms
            ):
                found[-1] = structs.replace(found[-1], to_ms=end)
            else:
                found.append(stand)
        return found

    def links(self) -> list[Held]:
        """All dated links that held at some time of the window."""
        held = self._timeline.held(*self._window)
        return [one for one in held if one.what is Fact.LINK and one.value]

    def _stand(self, asset: AssetInput, start: int, end: int) -> Stand:
        def said(what: Fact, key: str, otherwise: str) -> str:
            about = About(asset.id, what, key)
            return self._timeline.at(about, start) if about in self._known else otherwise

        ratings = {
            name: _number(said(Fact.RATING, name, ""))
            if About(asset.id, Fact.RATING, name) in self._known
            else getattr(asset.ratings, name)
            for name in RATED
        }
        curve = About(asset.id, Fact.RATING, CURVE) in self._known
        certified = About(asset.id, Fact.RATING, CERTIFICATE) in self._known
        return Stand(
            asset=structs.replace(
                asset,
                unit_no=said(Fact.UNIT, NUMBER, asset.unit_no),
                serial=said(Fact.UNIT, SERIAL, asset.serial),
                account=said(Fact.ACCOUNT, "", asset.account),
                accuracy_class=said(Fact.RATING, ACCURACY, asset.accuracy_class),
                certified=bool(said(Fact.RATING, CERTIFICATE, ""))
                if certified
                else asset.certified,
                ratings=Ratings(**ratings),
                fuel_curve=_curve(said(Fact.RATING, CURVE, "")) if curve else asset.fuel_curve,
            ),
            system=self._timeline.system(asset.id, start),
            role=_kind(self._timeline.at(About(asset.id, Fact.ROLE), start)),
            from_ms=start,
            to_ms=end,
        )


def _abouts(asset: str) -> set[About]:
    device = asset.partition(".")[0]
    plain = {About(asset, what) for what in (Fact.SYSTEM, Fact.ROLE, Fact.ACCOUNT)}
    of_device = {About(device, Fact.SYSTEM), About(device, Fact.SYSTEM, OTHERS)}
    units = {About(asset, Fact.UNIT, key) for key in (NUMBER, SERIAL)}
    printed = {About(asset, Fact.RATING, key) for key in (*RATED, CURVE, ACCURACY, CERTIFICATE)}
    return plain | of_device | units | printed


def _statements(held: Iterable[Held], from_ms: int) -> Iterable[Assignment]:
    """The statements that make these facts, those about units told back to the beginning."""
    first: Mapping[About, int] = _firsts(held)
    for one in held:
        about = About(one.asset, one.what, one.key)
        begins = one.from_ms
        if one.what in OF_THE_UNIT and begins == first[about] and begins > from_ms:
            begins = from_ms
        yield Assignment(
            id=one.id,
            asset=one.asset,
            what=one.what,
            key=one.key,
            value=one.value,
            from_ms=begins,
            made_ms=one.from_ms,
            person=one.person,
            reason=one.reason,
        )


def _firsts(held: Iterable[Held]) -> dict[About, int]:
    found: dict[About, int] = {}
    for one in held:
        about = About(one.asset, one.what, one.key)
        found[about] = min(one.from_ms, found.get(about, one.from_ms))
    return found


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _kind(text: str) -> AssetKind | None:
    return AssetKind(text) if text in set(AssetKind) else None


def _curve(text: str) -> FuelCurve:
    try:
        return msgspec.json.decode(text, type=FuelCurve) if text else ()
    except msgspec.DecodeError:
        return ()
