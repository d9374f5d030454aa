"""One D-Bus service of a GX: paths with values, some of which can be written.

A row says how a path's value follows from the plant and how often the real service renews it.
Values are what JSON can hold; None is D-Bus' "invalid".
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

_HUGE = 1e15

Get = Callable[[], Any]
Write = Callable[[Any], bool]
"""Takes a written value; False refuses it, as a service does without saying so."""


class Row(NamedTuple):
    """`path` shows `get()`, renewed every `every` ticks of a second."""

    path: str
    get: Get
    every: int = 1


class Counter:
    """A register over a growing figure: starts at `first`, and can be set back to zero."""

    __slots__ = ("_base", "_digits", "_first", "_of")

    def __init__(self, of: Callable[[], float], first: float = 0.0, digits: int = 2) -> None:
        self._of = of
        self._first = first
        self._digits = digits
        self._base = of()

    def __call__(self) -> float:
        """What the register shows."""
        value = self._first + self._of() - self._base
        return round(value, self._digits) if self._digits else float(int(value))

    def reset(self) -> None:
        """Begin again at zero."""
        self._first = 0.0
        self._base = self._of()


def whole(of: Callable[[], float]) -> Get:
    """A row's value as an integer."""
    return lambda: round(of())


def decimal(of: Callable[[], float], digits: int) -> Get:
    """A row's value with `digits` decimals."""
    return lambda: round(of(), digits)


def single(of: Callable[[], float], digits: int) -> Get:
    """A row's value as a 32-bit float turned into a double: `25.600000381469727`."""

    def get() -> float:
        value: float = struct.unpack("f", struct.pack("f", round(of(), digits)))[0]
        return value

    return get


class Service:
    """`type/instance`, for example `vebus/276`.

    `limits` are min and max of settings; `writes` are the writable paths, `guards` the paths that
    must not be 0 for them; `volatile` names the paths whose counters restart at zero with the GX.
    `each_second` is called every second that the GX runs, whatever the plant's speed.
    """

    def __init__(
        self,
        kind: str,
        instance: int | str,
        rows: Iterable[Row],
        static: Mapping[str, Any],
        *,
        limits: Mapping[str, tuple[float, float]] | None = None,
        writes: Mapping[str, Write] | None = None,
        guards: Mapping[str, str] | None = None,
        volatile: bool = False,
        each_second: Callable[[], None] | None = None,
    ) -> None:
        self.kind = kind
        self.name = f"{kind}/{instance}"
        self.rows = tuple(rows)
        self.limits = dict(limits or {})
        self.writes = dict(writes or {})
        self.guards = dict(guards or {})
        self.each_second = each_second
        self.volatile = volatile
        self.frozen = False
        self.present = True
        self.values: dict[str, Any] = dict(static)
        self.values.setdefault("Connected", 1)
        if isinstance(instance, int):
            self.values.setdefault("DeviceInstance", instance)
        self._rows = {row.path: row for row in self.rows}
        for row in self.rows:
            self.values[row.path] = row.get()

    def renew(self, tick: int | None = None, seconds: int = 1) -> list[str]:
        """Take new values of the rows that have become due within the `seconds` before `tick`
        (None: of all); the paths that changed."""
        if self.frozen:
            return []
        changed = []
        values = self.values
        for index, (path, get, every) in enumerate(self.rows):
            if tick is not None and (tick + index) % every >= seconds:
                continue
            value = get()
            if value != values[path]:
                values[path] = value
                changed.append(path)
        return changed

    def renew_path(self, path: str) -> bool:
        """Take the new value of one path; whether it changed."""
        row = self._rows.get(path)
        if row is None or self.frozen:
            return False
        value = row.get()
        if value == self.values[path]:
            return False
        self.values[path] = value
        return True

    def write(self, path: str, value: Any) -> bool:
        """A write as D-Bus' SetValue: whether the path's value is another one afterwards."""
        setter = self.writes.get(path)
        if setter is None or path not in self.values:
            return False
        if self.values.get(self.guards.get(path, "")) == 0:
            return False
        limits = self.limits.get(path)
        if limits:
            asked = number(value)
            if asked is None or not limits[0] <= asked <= limits[1]:
                return False
        if not setter(value):
            return False
        if path in self._rows:
            return self.renew_path(path)
        if self.values[path] == value:
            return False
        self.values[path] = value
        return True

    def reset_counters(self) -> None:
        """All counters begin again at zero."""
        for row in self.rows:
            if isinstance(row.get, Counter):
                row.get.reset()

    def tree(self, sub: str) -> list[str]:
        """The path `sub` itself, or all paths below it; empty: every path."""
        if sub in self.values:
            return [sub]
        prefix = f"{sub}/" if sub else ""
        return [path for path in self.values if path.startswith(prefix)]


def accept(value: Any) -> bool:
    """A write that is simply kept."""
    del value
    return True


def number(value: Any) -> float | None:
    """A written finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _HUGE else None
