"""For how long an asset carried more than its plate says."""

from collections.abc import Sequence

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from reporting.figures.column import column_of
from reporting.measured.model import Track

APPARENT = "apparent_power_va"


def overload_ms(tracks: Sequence[Track], limit_pct: float) -> int | None:
    """Good time of minutes whose mean is over `limit_pct` of a rating: apparent power of
    `rated_kva`, or the main power of `rated_kw`. Of a battery system what its inverter itself
    carries, of `inverter_kva`: the load less what the AC sources bring, for that passes its
    transfer switch (the alarm's rule, by minute means). None when there is no rating or nothing to
    compare with it."""
    found = [one for track in tracks if _rated(track) for one in _loads(track)]
    return sum(ms for pct, ms in found if pct > limit_pct) if found else None


def _loads(track: Track) -> list[tuple[float, int]]:
    """Per cent of a rating in each row that tells it, and the good time for which that stands."""
    ratings, main = track.asset.ratings, MAIN_POWER.get(track.kind, "")
    good = _good_ms(track, APPARENT) | _good_ms(track, main)
    loads: dict[int, float] = {}
    if track.kind is AssetKind.BESS:
        told = [(_inverter_va(track), ratings.inverter_kva)]
    else:
        told = [
            (_means(track, APPARENT), ratings.rated_kva),
            (_means(track, main), ratings.rated_kw),
        ]
    for means, rating in told:
        for at_ms, value in means.items() if rating else ():
            pct = value / (rating or 0.0) / 10
            loads[at_ms] = max(pct, loads.get(at_ms, pct))
    return [(pct, good[at_ms]) for at_ms, pct in loads.items()]


def _inverter_va(track: Track) -> dict[int, float]:
    load, apparent = _means(track, "load_power_w"), _means(track, APPARENT)
    grid, generator = _means(track, "grid_power_w"), _means(track, "generator_power_w")
    found = dict(apparent)
    for at_ms, power in load.items():
        sources = max(0.0, grid.get(at_ms, 0.0)) + max(0.0, generator.get(at_ms, 0.0))
        own = apparent.get(at_ms, 0.0)
        found[at_ms] = max(0.0, power - sources) if sources > 0 else max(power, own)
    return found


def _rated(track: Track) -> bool:
    """Whether there is anything to compare with."""
    ratings = track.asset.ratings
    if track.kind is AssetKind.BESS:
        return bool(ratings.inverter_kva)
    return bool(ratings.rated_kva or ratings.rated_kw)


def _means(track: Track, key: str) -> dict[int, float]:
    """W or VA by the beginning of the row: both are kept in tenths."""
    column = column_of(track.rows, key)
    return {at: mean / 10 for at, mean in zip(column.from_ms, column.means(), strict=True)}


def _good_ms(track: Track, key: str) -> dict[int, int]:
    column = column_of(track.rows, key)
    return dict(zip(column.from_ms, column.good_ms, strict=True))
