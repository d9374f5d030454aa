"""Writing `profile.csv`: the same measured minutes give the same bytes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from collector.model.rollup_keys import BY_KEY
from reporting.measured.model import MINUTE_MS, Measured, Minutes
from reporting.profile.columns import BY_BALANCE, POWERS, columns

Cells = Sequence[str]
EOL = "\r\n"
_SCALES = tuple(10**places for places in range(10))
_FORMS = tuple(f"%d.%0{places}d" for places in range(10))


def profile_csv(measured: Measured) -> bytes:
    """The minutes of a system as CSV (RFC 4180, UTF-8). What was not seen is empty.

    Source of the steps: `collector.model.rollup_keys` (0.1 W), `collector.model.rollup` (quanta
    times milliseconds). No cell can be a formula: all are numbers, times and ids of ours.
    """
    starts = measured.starts_ms
    soc = _soc(measured)
    flows = dict(measured.flow_of)
    told = {power for _, power in flows}
    flows |= {
        (BY_BALANCE, power): flow for power, flow in measured.flows.items() if power not in told
    }
    head = columns(measured.flows, flows, soc=soc is not None)
    cells: list[Cells] = [*_times(measured)]
    for prefix, power in POWERS.items():
        if power in measured.flows:
            cells += _whole(measured.flows[power], extremes=prefix == "load")
    if soc is not None:
        cells.append(soc)
    for name in sorted(flows):
        cells += _flow(flows[name])
    rows = [",".join(column.name for column in head)]
    rows += map(",".join, zip(*cells, strict=True)) if starts else []
    return (EOL.join(rows) + EOL).encode()


def decimal(count: int, places: int) -> str:
    """`count` · 10^-places as a decimal number without needless zeros: exact, never an exponent."""
    if count < 0:
        return f"-{decimal(-count, places)}"
    whole, part = divmod(count, _SCALES[places])
    return (_FORMS[places] % (whole, part)).rstrip("0") if part else str(whole)


@lru_cache(4096)
def _seconds(ms: int) -> str:
    """Nearly always those of a whole minute."""
    return decimal(ms, 3)


def _times(measured: Measured) -> Iterator[Cells]:
    starts = measured.starts_ms
    zone = ZoneInfo(measured.inputs.event.timezone)
    begin, end = measured.inputs.from_ms, measured.inputs.to_ms
    moments = [datetime.fromtimestamp(start // 1000, UTC) for start in starts]
    yield [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments]
    yield [moment.astimezone(zone).isoformat(timespec="seconds") for moment in moments]
    yield [decimal(max(0, min(start + MINUTE_MS, end) - max(start, begin)), 3) for start in starts]


def _seen(flow: Minutes, cell: Callable[[int], str]) -> Cells:
    """A cell for each minute, empty where the flow was not seen."""
    return [cell(index) if good else "" for index, good in enumerate(flow.good_ms)]


def _whole(flow: Minutes, *, extremes: bool) -> Iterator[Cells]:
    yield _seen(flow, lambda i: f"{flow.mean_kw(i) or 0.0:.3f}")
    if extremes:
        yield _seen(flow, lambda i: decimal(flow.least[i], 4))
        yield _seen(flow, lambda i: decimal(flow.greatest[i], 4))
    yield [_seconds(good) for good in flow.good_ms]


def _flow(flow: Minutes) -> Iterator[Cells]:
    yield [_seconds(good) for good in flow.good_ms]
    yield _seen(flow, lambda i: decimal(flow.pos[i], 4))
    yield _seen(flow, lambda i: decimal(flow.neg[i], 4))
    yield _seen(flow, lambda i: decimal(flow.least[i], 1))
    yield _seen(flow, lambda i: decimal(flow.greatest[i], 1))


def _soc(measured: Measured) -> Cells | None:
    """The state of charge by minute: means weighted by good time, None without any."""
    scale = BY_KEY["battery_soc_pct"].scale
    found: dict[int, tuple[int, int]] = {}
    for track in measured.tracks:
        for row in track.rows:
            gauge = row.gauges.get("battery_soc_pct")
            if gauge is not None:
                minute = row.from_ms // MINUTE_MS * MINUTE_MS
                good, integral = found.get(minute, (0, 0))
                found[minute] = good + gauge.good_ms, integral + gauge.pos - gauge.neg
    if not found:
        return None
    told = {minute: f"{integral / good / scale:.2f}" for minute, (good, integral) in found.items()}
    return [told.get(start, "") for start in measured.starts_ms]
