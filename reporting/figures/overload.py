"""For how long an asset carried more than its plate says."""

from collections.abc import Sequence

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from collector.model.rollup import Rollup
from reporting.measured.model import Track

APPARENT = "apparent_power_va"


def overload_ms(tracks: Sequence[Track], limit_pct: float) -> int | None:
    """Good time of minutes whose mean is over `limit_pct` of a rating: apparent power of
    `rated_kva`, or the main power of `rated_kw`. Of a battery system what its inverter itself
    carries, of `inverter_kva`: the load less what the AC sources bring, for that passes its
    transfer switch (the alarm's rule, by minute means). None when there is no rating or nothing to
    compare with it."""
    told = False
    total = 0
    for track in tracks:
        if not _rated(track):
            continue
        for row in track.rows:
            pct = _percent(track, row)
            if pct is not None:
                told = True
                if pct > limit_pct:
                    total += _good_ms(track, row)
    return total if told else None


def _good_ms(track: Track, row: Rollup) -> int:
    gauge = row.gauges.get(MAIN_POWER.get(track.kind, "")) or row.gauges[APPARENT]
    return gauge.good_ms


def _percent(track: Track, row: Rollup) -> float | None:
    ratings = track.asset.ratings
    if track.kind is AssetKind.BESS:
        value = _inverter_va(row)
        return (
            None if value is None or not ratings.inverter_kva else value / ratings.inverter_kva / 10
        )
    apparent, power = _mean(row, APPARENT), _mean(row, MAIN_POWER.get(track.kind, ""))
    found = [
        value / rating / 10
        for value, rating in ((apparent, ratings.rated_kva), (power, ratings.rated_kw))
        if value is not None and rating
    ]
    return max(found, default=None)


def _inverter_va(row: Rollup) -> float | None:
    load, apparent = _mean(row, "load_power_w"), _mean(row, APPARENT)
    if load is None:
        return apparent
    sources = sum(max(0.0, _mean(row, key) or 0.0) for key in ("grid_power_w", "generator_power_w"))
    if sources > 0:
        return max(0.0, load - sources)
    return max(load, apparent or 0.0)


def _rated(track: Track) -> bool:
    """Whether there is anything to compare with."""
    ratings = track.asset.ratings
    if track.kind is AssetKind.BESS:
        return bool(ratings.inverter_kva)
    return bool(ratings.rated_kva or ratings.rated_kw)


def _mean(row: Rollup, key: str) -> float | None:
    """W or VA: both are kept in tenths."""
    gauge = row.gauges.get(key)
    return None if gauge is None else (gauge.pos - gauge.neg) / gauge.good_ms / 10
