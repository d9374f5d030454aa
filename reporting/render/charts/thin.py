"""Series as they are drawn: no more buckets than a page can show, gaps kept as gaps."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes

from collector.model.report.series import Profile, Values
from reporting.render.charts.when import hours

NAN = float("nan")
MOST = 720
"""Buckets drawn at most: more than the page's dots would only make the file large."""


def any_of(values: Values) -> bool:
    """True if anything is known at all."""
    return any(value is not None for value in values)


def line(values: Values) -> list[float]:
    """The values with gaps as matplotlib knows them."""
    return [NAN if value is None else value for value in values]


def steps(drawn: Axes, edges: Sequence[float], values: Values, **look: Any) -> None:
    """A line that holds each value for its bucket; `edges` are one more than the values.

    A plain line with steps: `Axes.stairs` looks at every segment as a curve, which takes half of
    the time that a whole chart needs.
    """
    held = line(values)
    drawn.plot(edges, [*held, *held[-1:]], drawstyle="steps-post", **look)


def edges_of(profile: Profile, to_ms: int, values: Values | None = None) -> list[float]:
    """The beginnings of the buckets and the end of the last one, in hours from the first."""
    count = len(profile.load_kw if values is None else values)
    starts = [profile.from_ms + profile.step_ms * index for index in range(count)]
    end = profile.from_ms + profile.step_ms * count
    if starts and starts[-1] < to_ms < end:
        end = to_ms
    return [hours(ms, profile.from_ms) for ms in (*starts, end)]


def thinned(profile: Profile, most: int = MOST) -> Profile:
    """The profile in whole multiples of its buckets; greatest of greatest, means of means."""
    count = len(profile.load_kw)
    times = -(-count // most)
    if times <= 1:
        return profile
    return Profile(
        from_ms=profile.from_ms,
        step_ms=profile.step_ms * times,
        load_kw=means(profile.load_kw, times),
        load_min_kw=by(min, profile.load_min_kw, times),
        load_max_kw=by(max, profile.load_max_kw, times),
        grid_kw=means(profile.grid_kw, times),
        generator_kw=means(profile.generator_kw, times),
        pv_kw=means(profile.pv_kw, times),
        battery_kw=means(profile.battery_kw, times),
        charge_kw=means(profile.charge_kw, times),
        soc_pct=means(profile.soc_pct, times),
    )


def means(values: Values, times: int) -> Values:
    """Each `times` values as their mean; a gap only where none is known."""
    return tuple(
        sum(known) / len(known) if known else None
        for known in (_known(values, at, times) for at in range(0, len(values), times))
    )


def by(pick: Callable[[Iterable[float]], float], values: Values, times: int) -> Values:
    """Each `times` values as one of them."""
    groups = (_known(values, at, times) for at in range(0, len(values), times))
    return tuple(pick(known) if known else None for known in groups)


def _known(values: Values, at: int, times: int) -> list[float]:
    return [value for value in values[at : at + times] if value is not None]
