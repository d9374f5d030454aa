"""Raw numbers in, values out: what a profile makes of what its device says. No I/O, no time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collector.profiles.items import Chain, Item, expand
from collector.profiles.language import ConditionTable
from collector.profiles.profile import Profile
from collector.profiles.registers import Raw
from collector.profiles.spans import spread
from collector.profiles.steps import Step, in_order, make_steps

MOST_EXPONENT = 10
BACK_POLLS = 3
"""So often in a row a `monotonic` value must be lower before that is believed."""


class Program:
    """The values of one device by one profile.

    `items` says what is read; `values` holds what follows, by slot: first the items, then what is
    computed, then the choice between alternatives. `raws` are to be filled by slot. `implausible`
    are names and values that the last `run` left out.
    """

    def __init__(
        self, profile: Profile, counts: Mapping[str, int] | None = None, chain: Chain | None = None
    ) -> None:
        table = profile.table
        self.profile = profile
        self.counts = dict(counts or {})
        self.items: tuple[Item, ...] = expand(table, self.counts, chain or {})
        self.steps, self.names = make_steps(table, self.items)
        self._choices = self.names.choices
        self._order = in_order(self.steps, self._choices)
        self._parts: dict[frozenset[int], tuple[int, ...]] = {}
        size = len(self.steps) + len(self._choices)
        self.raws: list[Raw] = [None] * size
        self.values: list[Raw] = [None] * size
        self.implausible: list[tuple[str, float]] = []
        self._last: dict[int, tuple[float, int]] = {}

    def forget(self) -> None:
        """Nothing was read."""
        self.raws[:] = [None] * len(self.raws)

    def value(self, name: str) -> Raw:
        """The value of a name; None when there is none."""
        slot = self.names.slot(name)
        return self.values[slot] if slot >= 0 else None

    def word(self, name: str) -> str:
        """What the profile calls the value of a name; "" when it has no word for it."""
        value = self.value(name)
        if not isinstance(value, float | int) or value != int(value):
            return ""
        tables = (self.steps[slot].table for slot in self.names.members.get(name, ()))
        words = (spread(table.enum or table.states) for table in tables)
        return next((w for each in words if (w := each.get(int(value), ""))), "")

    def choice(self, slot: int) -> Sequence[int]:
        """The alternatives between which `slot` is the choice; none for any other slot."""
        return self._choices.get(slot, ())

    def run(self, fresh: frozenset[int] | None = None) -> tuple[int, ...]:
        """Work out what follows from the items in `fresh` (None: all). The slots that were."""
        order = tuple(self._order) if fresh is None else self._touched(fresh)
        values, raws, steps, read = self.values, self.raws, self.steps, len(self.items)
        self.implausible = []
        for slot in order:
            if slot >= len(steps):
                members = self._choices[slot]
                values[slot] = next((v for m in members if (v := values[m]) is not None), None)
                continue
            step = steps[slot]
            if slot < read:
                raw = raws[slot]
                if raw is None or (step.numeric and _nothing(step, raw)):
                    values[slot] = None
                else:
                    values[slot] = raw if step.plain else self._value(step, raw)
            else:
                values[slot] = self._value(step, self._formula(step))
        return order

    def _touched(self, fresh: frozenset[int]) -> tuple[int, ...]:
        """The slots that follow from `fresh`, in order; the same sets come again and again."""
        found = self._parts.get(fresh)
        if found is None:
            reached = set(fresh)
            order: list[int] = []
            for slot in self._order:
                inputs: Iterable[int] = (
                    self.steps[slot].inputs if slot < len(self.steps) else self._choices[slot]
                )
                constant = slot < len(self.steps) and self.steps[slot].formula == "constant"
                if slot in reached or constant or any(each in reached for each in inputs):
                    reached.add(slot)
                    order.append(slot)
            found = self._parts[fresh] = tuple(order)
        return found

    def wanted(self, step: Step) -> bool:
        """Whether the condition of a step holds now."""
        if step.when is None:
            return True
        known = self.values[step.when_slot] if step.when_slot >= 0 else None
        return holds(step.when, known)

    def _value(self, step: Step, raw: Raw) -> Raw:
        if raw is None or not self.wanted(step):
            return None
        if any(self.values[slot] is not None for slot in step.earlier):
            return None
        if not isinstance(raw, float | int):
            return raw
        if step.mask:
            raw = (int(raw) & step.mask) >> step.shift
        value = self._scaled(step, raw)
        if value is None:
            return None
        if not step.low <= value <= step.high:
            self.implausible.append((step.name, value))
            return None
        return self._forward(step, value) if step.monotonic else value

    def _scaled(self, step: Step, raw: float) -> float | None:
        value = raw
        if step.scale != 1:
            value *= step.scale
        if step.divide != 1:
            value /= step.divide
        if step.exponent >= 0:
            power = self.values[step.exponent]
            if not isinstance(power, float | int) or abs(power) > MOST_EXPONENT:
                return None
            value = value * 10.0**power if power >= 0 else value / 10.0**-power
        elif _needs_exponent(step):
            return None
        for slot in step.factors:
            factor = self.values[slot] if slot >= 0 else None
            if not isinstance(factor, float | int):
                return None
            value *= factor
        value += step.offset
        if step.absolute:
            value = abs(value)
        return -value if step.negative else value

    def _formula(self, step: Step) -> float | None:
        if step.formula == "constant":
            constant: float | None = getattr(step.table, "constant", None)
            return constant
        numbers = [self.values[slot] if slot >= 0 else None for slot in step.operands]
        known = [number for number in numbers if isinstance(number, float | int)]
        if not known or (len(known) != len(numbers) and not step.some):
            return None
        return _result(step, known)

    def _forward(self, step: Step, value: float) -> float | None:
        """A value that goes back is left out until it has done so three times in a row."""
        last, back = self._last.get(step.slot, (value, 0))
        if value < last and back + 1 < BACK_POLLS:
            self._last[step.slot] = (last, back + 1)
            return None
        self._last[step.slot] = (value, 0)
        return value


def _nothing(step: Step, raw: Any) -> bool:
    """Whether a raw number is none, or one of those that mean so."""
    return bool(raw - raw != 0 or (step.guarded and (raw in step.bad or raw >= step.top)))


def _needs_exponent(step: Step) -> bool:
    return (
        getattr(step.table, "scale_ref", None) is not None
        or getattr(step.table, "scale_at", None) is not None
    )


def _result(step: Step, numbers: Sequence[float]) -> float | None:
    first = numbers[0]
    if step.formula == "sum":
        return sum(numbers)
    if step.formula == "product":
        result = 1.0
        for number in numbers:
            result *= number
        return result
    if step.formula == "difference":
        return first - numbers[1]
    if step.formula == "ratio":
        return first / numbers[1] if numbers[1] else None
    return float(int(first) >> step.shift & 1)


def holds(condition: ConditionTable, value: Raw) -> bool:
    """Whether a value fits everything that a condition asks for."""
    if value is None or condition.absent:
        return condition.absent and value is None
    if condition.equals is not None and not _same(condition.equals, value):
        return False
    if condition.contains is not None and not (
        isinstance(value, str) and condition.contains in value
    ):
        return False
    if condition.min is None and condition.max is None and condition.bit is None:
        return True
    if not isinstance(value, float | int):
        return False
    return (
        (condition.min is None or value >= condition.min)
        and (condition.max is None or value <= condition.max)
        and (condition.bit is None or bool(int(value) >> condition.bit & 1))
    )


def _same(wanted: float | str, value: Raw) -> bool:
    if isinstance(wanted, str) and isinstance(value, float | int):
        return f"{value:g}" == wanted
    return wanted == value
