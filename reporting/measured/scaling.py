"""How corrections of factor, sign and phases change the figures of a row, in whole quanta.

A reading that is to be multiplied is multiplied exactly (fractions of the decimal that was typed)
and rounded once. What one phase's correction does to the whole follows from P = ΣP(phase): the
mean is exact; whether the whole turned its sign within the minute nobody knows, so what flowed
the other way within one minute is left out, and the least and greatest values are bounds.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct, structs

from collector.model.catalogue import POWERS, L, split_key
from collector.model.rollup import Gauge

ONE = Fraction(1)
SCALED = frozenset(
    (*POWERS, "apparent_power_va", "reactive_power_var", "current_a", "battery_current_a")
)
"""What a factor multiplies."""
SIGNED = frozenset((*POWERS, "reactive_power_var", "power_factor", "battery_current_a"))
"""What a reversed CT shows with the other sign. (An RMS current has none, nor has kVA.)"""
PAIRS: Mapping[frozenset[str], str] = {
    frozenset(("L1", "L2")): "L12", frozenset(("L2", "L3")): "L23", frozenset(("L3", "L1")): "L31",
}  # fmt: skip


class Scale(Struct, frozen=True, kw_only=True):
    """What a measurement is multiplied by: `whole` where it has no phase, `phases` by phase after
    they were exchanged; `source` says whose reading each phase's is. `even`: every phase is
    multiplied by the same; `nothing`: it changes nothing (both follow from the others)."""

    whole: Fraction = ONE
    phases: tuple[Fraction, Fraction, Fraction] = (ONE, ONE, ONE)
    source: tuple[str, str, str] = L
    even: bool = True
    nothing: bool = True

    def __post_init__(self) -> None:
        even = all(each == self.whole for each in self.phases)
        structs.force_setattr(self, "even", even)
        structs.force_setattr(self, "nothing", even and self.whole == ONE and self.source == L)

    def times(self, factor: Fraction, phase: str) -> "Scale":
        """This, and then `factor` on one phase ("": on all)."""
        if not phase:
            whole = self.whole * factor
            a, b, c = (each * factor for each in self.phases)
            return Scale(whole=whole, phases=(a, b, c), source=self.source)
        a, b, c = (
            each * factor if name == phase else each
            for name, each in zip(L, self.phases, strict=True)
        )
        return Scale(whole=self.whole, phases=(a, b, c), source=self.source)

    def exchanged(self, order: tuple[str, str, str]) -> "Scale":
        """This, and then the phases read in another order."""
        a, b, c = (L.index(name) for name in order)
        phases, source = self.phases, self.source
        return Scale(
            whole=self.whole,
            phases=(phases[a], phases[b], phases[c]),
            source=(source[a], source[b], source[c]),
        )


def times(gauge: Gauge, factor: Fraction) -> Gauge:
    """A gauge whose every value is multiplied."""
    if factor == ONE:
        return gauge
    if factor < 0:
        gauge = Gauge(
            gauge.good_ms, gauge.neg, gauge.pos,
            -gauge.greatest, -gauge.least, -gauge.first, -gauge.last,
        )  # fmt: skip
        factor = -factor
        if factor == ONE:
            return gauge
    return Gauge(
        gauge.good_ms,
        product(gauge.pos, factor),
        product(gauge.neg, factor),
        product(gauge.least, factor),
        product(gauge.greatest, factor),
        product(gauge.first, factor),
        product(gauge.last, factor),
    )


def product(count: int, factor: Fraction) -> int:
    """What `round(count * factor)` is, without a fraction for each count."""
    divisor = factor.denominator
    whole, rest = divmod(count * factor.numerator, divisor)
    if 2 * rest == divisor:
        return whole + whole % 2
    return whole + 1 if 2 * rest > divisor else whole


def scaled_gauges(
    gauges: Mapping[str, Gauge], scales: Mapping[str, Scale]
) -> tuple[dict[str, Gauge], bool]:
    """All gauges of a row by the scale of each measurement. Also whether every scale could be
    applied: that of one phase to a whole whose phases nobody read cannot, and leaves it out."""
    found: dict[str, Gauge] = {}
    applied = True
    for key, gauge in gauges.items():
        name, phase = split_key(key)
        scale = scales.get(name)
        if scale is None or scale.nothing:
            found[key] = gauge
        elif phase in L or phase in PAIRS.values():
            continue
        elif scale.even or phase:
            found[key] = times(gauge, scale.whole)
        else:
            whole = _whole(gauge, _phases(gauges, name), scale)
            applied = applied and whole is not None
            if whole is not None:
                found[key] = whole
    for name, scale in scales.items():
        if not scale.nothing:
            found.update(_by_phase(gauges, name, scale))
    return found, applied


def _phases(gauges: Mapping[str, Gauge], name: str) -> list[Gauge | None]:
    return [gauges.get(f"{name}.{phase}") for phase in L]


def _by_phase(gauges: Mapping[str, Gauge], name: str, scale: Scale) -> dict[str, Gauge]:
    found: dict[str, Gauge] = {}
    for phase, source, factor in zip(L, scale.source, scale.phases, strict=True):
        gauge = gauges.get(f"{name}.{source}")
        if gauge is not None:
            found[f"{name}.{phase}"] = times(gauge, factor)
    of = dict(zip(L, scale.source, strict=True))
    for pair, key in PAIRS.items():
        gauge = gauges.get(f"{name}.{PAIRS[frozenset(of[phase] for phase in pair)]}")
        if gauge is not None:
            found[f"{name}.{key}"] = times(gauge, scale.whole)
    return found


def _whole(gauge: Gauge, read: list[Gauge | None], scale: Scale) -> Gauge | None:
    """The whole, of which phases are multiplied each by its own: whole · w + Σ (f − w) · phase."""
    net = scale.whole * (gauge.pos - gauge.neg)
    low = _low(gauge, scale.whole)
    high = _high(gauge, scale.whole)
    first, last = scale.whole * gauge.first, scale.whole * gauge.last
    corrected: list[Gauge] = []
    for source, factor in zip(scale.source, scale.phases, strict=True):
        phase = read[L.index(source)]
        more = factor - scale.whole
        if phase is None:
            if more:
                return None
            continue
        corrected.append(times(phase, factor))
        if more:
            net += more * (phase.pos - phase.neg) * gauge.good_ms / phase.good_ms
            low += _low(phase, more)
            high += _high(phase, more)
            first += more * phase.first
            last += more * phase.last
    if len(corrected) == len(L):
        low = max(low, Fraction(sum(phase.least for phase in corrected)))
        high = min(high, Fraction(sum(phase.greatest for phase in corrected)))
    integral, least, greatest = round(net), round(low), round(high)
    mean = net / gauge.good_ms
    least, greatest = min(least, round(mean)), max(greatest, round(mean))
    pos, neg = max(integral, 0), max(-integral, 0)
    return Gauge(gauge.good_ms, pos, neg, least, greatest, round(first), round(last))


def _low(gauge: Gauge, factor: Fraction) -> Fraction:
    return factor * (gauge.least if factor > 0 else gauge.greatest)


def _high(gauge: Gauge, factor: Fraction) -> Fraction:
    return factor * (gauge.greatest if factor > 0 else gauge.least)
