"""What others do in the transaction that changes an event: reports queue their jobs there."""

import sqlite3
from collections.abc import Callable, Sequence

from msgspec import Struct

from collector.model.event import Event, Participation

Db = sqlite3.Connection


def _left(_db: Db, _event: Event, _one: Participation, _at_ms: int) -> None:
    """Nobody wants to know."""


def _ended(_db: Db, _event: Event, _at_ms: int) -> None:
    """Nobody wants to know."""


def _changed(
    _db: Db, _event: Event, _touched: Sequence[Participation], _why: str, _at_ms: int
) -> None:
    """Nobody wants to know."""


def _renamed(_db: Db, _gone: str, _kept: str) -> None:
    """Nobody wants to know."""


class Hooks(Struct, frozen=True, kw_only=True):
    """Called inside the transaction, after its rows are written; what they raise undoes it.
    `at_ms` is the time now (UTC ms). Only participations of this node are told of.

    `left`: a participation has ended. `ended`: an event has, after what was still in has left.
    `changed`: what reports of these participations say may be otherwise: times, use case, terms,
    corrections, log, assignments; `why` in words. `renamed`: an event goes by another id from now
    on (it was created apart on another node, and merged)."""

    left: Callable[[Db, Event, Participation, int], None] = _left
    ended: Callable[[Db, Event, int], None] = _ended
    changed: Callable[[Db, Event, Sequence[Participation], str, int], None] = _changed
    renamed: Callable[[Db, str, str], None] = _renamed
