"""The load of parts that are taken together: the balance of their flows of record."""

from collections.abc import Sequence
from math import fsum

from reporting.event.combined import Share, Sum, Window, share, turned
from reporting.event.parts import BadPart, Part
from reporting.event.places import Balance, Key, Plan, Stretch
from reporting.event.spread import EMPTY, POWER_OF, cut, spread_of
from reporting.measured.energies import INTO
from reporting.measured.hybrid import STORED, stores
from reporting.profile import ProfileTable


class Together:
    """`balance` over `parts`, whose places are in `plan`."""

    def __init__(self, parts: Sequence[Part], plan: Plan, balance: Balance) -> None:
        self._parts = parts
        self._plan = plan
        self._balance = balance
        some = {key.part for key in (*balance.flows, *balance.loads)}
        self._tables = {index: _table(parts[index]) for index in sorted(some)}
        self._stores = {index: stores(parts[index].inputs.assets) for index in some}
        flows = {**balance.flows, **balance.loads}
        self._spreads = {
            key: spread_of(
                key,
                plan.places[key.part][key].owned,
                parts[key.part],
                self._tables[key.part],
            )
            for key in sorted(flows)
        }

    def kwh(self, day: Stretch | None) -> float:
        """What came in less what went out, and less the loads that are metered; within `day`."""
        found = []
        for key, times in sorted({**self._balance.flows, **self._balance.loads}.items()):
            within = times if day is None else cut(times, day.from_ms, day.to_ms)
            if within and not self._inside(key):
                value = self._spreads[key].during(within)
                found.append(value if key.energy in INTO else -value)
        return fsum(found)

    def _inside(self, key: Key) -> bool:
        """Whether a flow is behind the register of a hybrid inverter."""
        return POWER_OF[key.energy][0] == STORED and key.asset in self._stores[key.part]

    def power(self, window: Window) -> Share:
        """The same by minute: powers, of which a hybrid's is the sun's."""
        found = Sum(window)
        told: set[tuple[int, str, str]] = set()
        for key, times in sorted(self._balance.flows.items()):
            power = POWER_OF[key.energy][0]
            if (key.part, key.asset, power) in told:
                continue
            told.add((key.part, key.asset, power))
            place = self._plan.places[key.part][key]._replace(counts=times)
            table = self._tables[key.part]
            one = share(table, table.flows.get((key.asset, power)), place)
            found.add(turned(one) if power == STORED else one)
        return found.net(self._balance.during)


def _table(part: Part) -> ProfileTable:
    """Its minutes; none where they cannot be read, which whoever reads the part itself tells."""
    try:
        return part.profile()
    except BadPart:
        return EMPTY
