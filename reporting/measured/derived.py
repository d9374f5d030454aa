"""A load that nobody metered, minute by minute: what fed it, by the balance of powers."""

from array import array
from collections.abc import Mapping

from reporting.measured.model import Minutes

PLUS = ("generator_power_w", "grid_power_w", "pv_power_w")
MINUS = "battery_power_w"
"""Charging takes from what feeds the load."""


def derived_load(flows: Mapping[str, Minutes], count: int) -> Minutes | None:
    """generator + grid + pv − battery, over the shortest time in which one of them was seen in each
    minute; None where there is no power at all. Least and greatest are bounds."""
    plus = [flows[power] for power in PLUS if power in flows]
    minus = flows.get(MINUS)
    if not plus:
        return None
    if len(plus) == 1 and minus is None:
        return plus[0]
    good, pos, neg, least, greatest = (array("q", bytes(8 * count)) for _ in range(5))
    every = plus if minus is None else [*plus, minus]
    for index in range(count):
        ms = min(flow.good_ms[index] for flow in every)
        if not ms:
            continue
        net = sum(_mean(flow, index, ms) for flow in plus)
        low = sum(flow.least[index] for flow in plus)
        high = sum(flow.greatest[index] for flow in plus)
        if minus is not None:
            net -= _mean(minus, index, ms)
            low -= minus.greatest[index]
            high -= minus.least[index]
        good[index], least[index], greatest[index] = ms, low, high
        pos[index], neg[index] = max(net, 0), max(-net, 0)
    return Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)


def _mean(flow: Minutes, index: int, ms: int) -> int:
    return (flow.pos[index] - flow.neg[index]) * ms // flow.good_ms[index]
