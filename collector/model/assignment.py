"""Assignments: dated facts about an asset, and what was valid when.

An assignment is a statement: *from* a moment on, an asset held a value (a unit, a system, a role, a
link, a rating, an account). Statements are only ever added. Until when one holds follows from the
next one about the same fact; one that is told late splits the time it falls into, and one that
`replaces` others takes their place. So any two nodes that know the same statements know the same
history, in whatever order they came.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Fact(StrEnum):
    """What an assignment is about. The value is text; "" is *nothing* (no more)."""

    UNIT = "unit"
    """The physical thing: key "number" its fleet number, key "serial" its proven identity."""
    SYSTEM = "system"
    """What joins and leaves events. Said of a device's main asset it holds for its other assets
    too, unless something is said of them. Key "others": of these alone, where they differ."""
    ROLE = "role"
    """What it measures: a kind of asset; "" as its device says."""
    LINK = "link"
    """The key is the other asset, the value `same_as`, `behind` or `apart_from`."""
    RATING = "rating"
    """The key is what is rated ("rated_kva"), the value its number; "fuel_curve" holds JSON."""
    ACCOUNT = "account"
    """Who pays for what it measures."""


NUMBER, SERIAL, OTHERS = "number", "serial", "others"


class About(NamedTuple):
    """One fact of one asset."""

    asset: str
    what: Fact
    key: str = ""


class Assignment(Struct, frozen=True, kw_only=True):
    """One statement. `id` is a UUIDv7; `from_ms` and `made_ms` are UTC milliseconds, the first may
    lie long before the second. `replaces` are ids of statements that hold no more."""

    id: str
    asset: str
    what: Fact
    key: str = ""
    value: str
    from_ms: int
    made_ms: int
    person: str
    reason: str = ""
    replaces: tuple[str, ...] = ()

    @property
    def about(self) -> About:
        """Which fact it states."""
        return About(self.asset, self.what, self.key)


class Word(NamedTuple):
    """Who says something, why, and when (UTC ms)."""

    person: str
    reason: str
    made_ms: int

    def of(
        self, about: About, value: str, from_ms: int, new_id: str, replaces: tuple[str, ...] = ()
    ) -> Assignment:
        """The statement that a fact is `value` from then on."""
        return Assignment(
            id=new_id,
            asset=about.asset,
            what=about.what,
            key=about.key,
            value=value,
            from_ms=from_ms,
            made_ms=self.made_ms,
            person=self.person,
            reason=self.reason,
            replaces=replaces,
        )


class Held(Struct, frozen=True, kw_only=True):
    """What a fact was from `from_ms` to `to_ms` (UTC ms, the end excluded; None: it still is),
    by the statement `id`."""

    asset: str
    what: Fact
    key: str
    value: str
    from_ms: int
    to_ms: int | None
    id: str
    person: str
    reason: str = ""


class Timeline:
    """All statements in order: what was valid at a moment, in a minute, over an event."""

    def __init__(self, statements: Iterable[Assignment]) -> None:
        """Of two about one fact from one moment on the later made one holds."""
        known = list(statements)
        gone = {other for one in known for other in one.replaces}
        found: dict[About, dict[int, Assignment]] = {}
        for one in sorted(known, key=lambda s: (s.from_ms, s.made_ms, s.id)):
            if one.id not in gone:
                found.setdefault(one.about, {})[one.from_ms] = one
        self._of: Mapping[About, tuple[Assignment, ...]] = {
            about: tuple(by_time.values()) for about, by_time in found.items()
        }
        self._times = {
            about: [one.from_ms for one in statements] for about, statements in self._of.items()
        }

    @property
    def facts(self) -> tuple[About, ...]:
        """Everything that anything was ever said of, in order."""
        return tuple(sorted(self._of))

    def at(self, about: About, at_ms: int) -> str:
        """The value of a fact at a moment; "" when there was none."""
        index = bisect_right(self._times.get(about, ()), at_ms) - 1
        return "" if index < 0 else self._of[about][index].value

    def system(self, asset: str, at_ms: int) -> str:
        """The system of an asset at a moment; "" before anything was said."""
        device, _, role = asset.partition(".")
        asked = [About(asset, Fact.SYSTEM)]
        if role:
            asked += [About(device, Fact.SYSTEM, OTHERS), About(device, Fact.SYSTEM)]
        return next((found for one in asked if (found := self.at(one, at_ms))), "")

    def unit(self, asset: str, at_ms: int) -> str:
        """The physical unit at an asset at a moment: its fleet number, else its serial."""
        number = self.at(About(asset, Fact.UNIT, NUMBER), at_ms)
        return number or self.at(About(asset, Fact.UNIT, SERIAL), at_ms)

    def during(self, about: About, from_ms: int, to_ms: int) -> tuple[Held, ...]:
        """What a fact was from `from_ms` to `to_ms` (excluded), cut at both ends: one part in most
        minutes, two where it changed."""
        return tuple(_cut(held, from_ms, to_ms) for held in self._held(about, from_ms, to_ms))

    def held(self, from_ms: int, to_ms: int) -> tuple[Held, ...]:
        """Everything that held at some time of a window, with its true beginning and end."""
        return tuple(held for about in self.facts for held in self._held(about, from_ms, to_ms))

    def since(self, about: About, from_ms: int, to_ms: int) -> tuple[Assignment, ...]:
        """The statements about a fact that begin after `from_ms` and no later than `to_ms`."""
        return tuple(one for one in self._of.get(about, ()) if from_ms < one.from_ms <= to_ms)

    def now(self, at_ms: int) -> dict[About, str]:
        """All facts at a moment, those that are nothing left out."""
        found = ((about, self.at(about, at_ms)) for about in self.facts)
        return {about: value for about, value in found if value}

    def _held(self, about: About, from_ms: int, to_ms: int) -> Iterator[Held]:
        statements = self._of.get(about, ())
        ends = [*(one.from_ms for one in statements[1:]), None]
        for one, end in zip(statements, ends, strict=False):
            if one.from_ms < to_ms and (end is None or end > from_ms):
                yield Held(
                    asset=one.asset,
                    what=one.what,
                    key=one.key,
                    value=one.value,
                    from_ms=one.from_ms,
                    to_ms=end,
                    id=one.id,
                    person=one.person,
                    reason=one.reason,
                )


def _cut(held: Held, from_ms: int, to_ms: int) -> Held:
    end = to_ms if held.to_ms is None else min(held.to_ms, to_ms)
    return Held(
        asset=held.asset,
        what=held.what,
        key=held.key,
        value=held.value,
        from_ms=max(held.from_ms, from_ms),
        to_ms=end,
        id=held.id,
        person=held.person,
        reason=held.reason,
    )
