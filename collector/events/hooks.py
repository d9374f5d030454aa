"""What others do in the transaction that changes an event: reports queue their jobs there."""

import sqlite3
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from collector.model.event import Event, Participation

Db = sqlite3.Connection


class Touched(Protocol):
    """What reports of a window say may be otherwise: `collector.reports.jobs.touch` is such."""

    def __call__(
        self,
        db: Db,
        at_ms: int,
        why: str,
        /,
        *,
        event: str = "",
        systems: frozenset[str] = frozenset(),
        assets: frozenset[str] = frozenset(),
        from_ms: int = 0,
        to_ms: int | None = None,
    ) -> object:
        """Of an event, or of systems and assets in it or in any."""


def _left(_db: Db, _one: Participation, _at_ms: int) -> None:
    """Nobody wants to know."""


def _of_participation(_db: Db, _one: Participation, _at_ms: int, _why: str) -> None:
    """Nobody wants to know."""


def _ended(_db: Db, _event: Event, _at_ms: int) -> None:
    """Nobody wants to know."""


def _of_event(_db: Db, _event: Event, _at_ms: int, _why: str) -> None:
    """Nobody wants to know."""


def _renamed(_db: Db, _gone: str, _kept: str) -> None:
    """Nobody wants to know."""


def _touched(
    _db: Db,
    _at_ms: int,
    _why: str,
    /,
    *,
    event: str = "",
    systems: frozenset[str] = frozenset(),
    assets: frozenset[str] = frozenset(),
    from_ms: int = 0,
    to_ms: int | None = None,
) -> None:
    """Nobody wants to know."""


class Hooks(Struct, frozen=True, kw_only=True):
    """Called inside the transaction, after its rows are written; what they raise undoes it.
    `at_ms` is the time now (UTC ms), `why` says it in words. Only participations of this node that
    have ended are told of.

    `left`: a participation has ended. `ended`: an event has, after what was still in has left.
    `moved`: a participation's times or use were corrected. `edited`: an ended event is otherwise.
    `touched`: terms, corrections, log or assignments are otherwise. `renamed`: an event goes by
    another id from now on (it was created apart on another node, and merged)."""

    left: Callable[[Db, Participation, int], None] = _left
    ended: Callable[[Db, Event, int], None] = _ended
    moved: Callable[[Db, Participation, int, str], None] = _of_participation
    edited: Callable[[Db, Event, int, str], None] = _of_event
    touched: Touched = _touched
    renamed: Callable[[Db, str, str], None] = _renamed
