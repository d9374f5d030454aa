"""Minutes of a meter's log as means of canonical readings, for rollups without data. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from collector.ingest.axm import Row
from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind

MINUTE_MS = 60_000

SAME: Mapping[str, str] = MappingProxyType({
    "frequency": "frequency_hz", "q_total": "reactive_power_var", "s_total": "apparent_power_va",
    "u1": "voltage_v.L1", "u2": "voltage_v.L2", "u3": "voltage_v.L3",
    "u12": "voltage_v.L12", "u23": "voltage_v.L23", "u31": "voltage_v.L31",
    "i1": "current_a.L1", "i2": "current_a.L2", "i3": "current_a.L3", "i_n": "current_a.N",
    "s1": "apparent_power_va.L1", "s2": "apparent_power_va.L2", "s3": "apparent_power_va.L3",
    "q1": "reactive_power_var.L1", "q2": "reactive_power_var.L2", "q3": "reactive_power_var.L3",
    "u_unbalance": "voltage_unbalance_pct", "i_unbalance": "current_unbalance_pct",
    "thd_u_avg": "voltage_thd_pct", "thd_i_avg": "current_thd_pct",
    "thd_u1": "voltage_thd_pct.L1", "thd_u2": "voltage_thd_pct.L2", "thd_u3": "voltage_thd_pct.L3",
    "thd_i1": "current_thd_pct.L1", "thd_i2": "current_thd_pct.L2", "thd_i3": "current_thd_pct.L3",
})  # fmt: skip
"""Raw names that are a canonical reading of whatever the meter measures; its power is one too. The
power factor is left out: its sign is the meter's own."""


class Sum(NamedTuple):
    """Values added up, and how many."""

    total: float
    number: int


class Minute(NamedTuple):
    """What was logged in the UTC minute from `at_ms` on, by catalogue key."""

    at_ms: int
    sums: Mapping[str, Sum]

    def means(self) -> dict[str, float]:
        """The mean of each reading."""
        return {key: one.total / one.number for key, one in self.sums.items()}

    def joined(self, other: "Minute") -> "Minute":
        """The same minute with what else came of it."""
        sums = dict(self.sums)
        for key, more in other.sums.items():
            known = sums.get(key, Sum(0.0, 0))
            sums[key] = Sum(known.total + more.total, known.number + more.number)
        return Minute(self.at_ms, sums)


def minutes(kind: AssetKind, rows: Sequence[Row]) -> Iterator[Minute]:
    """The minutes that these rows are of, for an asset of `kind`. Energy registers are left out:
    their counters are the site's business."""
    power = MAIN_POWER.get(kind)
    names = dict(SAME)
    if power:
        names |= {"p_total": power} | {f"p{n}": f"{power}.L{n}" for n in "123"}
    found: defaultdict[int, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for name, key in names.items():
            if name in row.values and key is not None:
                found[row.at_ms // MINUTE_MS * MINUTE_MS][key].append(row.values[name])
    for at_ms, values in sorted(found.items()):
        yield Minute(at_ms, {key: Sum(sum(told), len(told)) for key, told in values.items()})
