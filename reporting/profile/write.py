"""Writing `profile.csv`: the same measured minutes give the same bytes."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from collector.model.rollup_keys import BY_KEY
from reporting.measured.model import MINUTE_MS, Measured, Minutes
from reporting.measured.rows import as_rows
from reporting.profile.columns import BY_BALANCE, POWERS, columns

Cells = Sequence[str]
EOL = "\r\n"
EPOCH_DAY = date(1970, 1, 1).toordinal()
_CLOCK = tuple(f"T{hour:02}:{minute:02}" for hour in range(24) for minute in range(60))


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


def decimals(counts: Sequence[int], places: int) -> Cells:
    """Each count · 10^-places as a decimal number without needless zeros: exact, never an
    exponent."""
    different = set(counts)
    if len(different) < len(counts) // 4:
        texts = dict(zip(different, decimals([*different], places), strict=True))
        return [texts[count] for count in counts]
    scale, tails = 10**places, _tails(places)
    return [
        f"{count // scale}{tails[count % scale]}"
        if count >= 0
        else f"-{-count // scale}{tails[-count % scale]}"
        for count in counts
    ]


@lru_cache(8)
def _tails(places: int) -> Cells:
    """What follows the whole number, for each 10^-places of it."""
    return ["", *(f".{part:0{places}}".rstrip("0") for part in range(1, 10**places))]


def _times(measured: Measured) -> Iterator[Cells]:
    starts = measured.starts_ms
    begin, end = measured.inputs.from_ms, measured.inputs.to_ms
    yield _shown(starts, timedelta(), "Z")
    yield _local(starts, ZoneInfo(measured.inputs.event.timezone))
    yield decimals([max(0, min(start + MINUTE_MS, end) - max(start, begin)) for start in starts], 3)


def _local(starts: Sequence[int], zone: ZoneInfo) -> Cells:
    """The same minutes by the clock of a zone, an hour at once where its offset stays."""
    found: list[str] = []
    for at in range(0, len(starts), 60):
        hour = starts[at : at + 60]
        same = _offset(hour[0], zone) == _offset(hour[-1], zone)
        for some in [hour] if same else [[start] for start in hour]:
            offset, suffix = _offset(some[0], zone)
            found += _shown(some, offset, suffix)
    return found


def _offset(at_ms: int, zone: ZoneInfo) -> tuple[timedelta, str]:
    """Local time minus UTC at a moment, and how that is written."""
    moment = datetime.fromtimestamp(at_ms // 1000, zone)
    return moment.utcoffset() or timedelta(), moment.isoformat()[len("2000-01-01T00:00:00") :]


def _shown(starts: Sequence[int], offset: timedelta, suffix: str) -> Cells:
    """Whole minutes as ISO 8601 has them, so far from UTC."""
    ahead, second = divmod(offset // timedelta(seconds=1), 60)
    minutes = [start // MINUTE_MS + ahead for start in starts]
    return [
        f"{_day(minute // len(_CLOCK))}{_CLOCK[minute % len(_CLOCK)]}:{second:02}{suffix}"
        for minute in minutes
    ]


@lru_cache(16)
def _day(number: int) -> str:
    """A date, by its days since 1970-01-01."""
    return date.fromordinal(EPOCH_DAY + number).isoformat()


def _seen(flow: Minutes, cells: Cells) -> Cells:
    """The cells, empty where the flow was not seen."""
    return [cell if good else "" for cell, good in zip(cells, flow.good_ms, strict=True)]


def _whole(flow: Minutes, *, extremes: bool) -> Iterator[Cells]:
    yield [
        f"{(pos - neg) / good / 10_000:.3f}" if good else ""
        for good, pos, neg in zip(flow.good_ms, flow.pos, flow.neg, strict=True)
    ]
    if extremes:
        yield _seen(flow, decimals(flow.least, 4))
        yield _seen(flow, decimals(flow.greatest, 4))
    yield decimals(flow.good_ms, 3)


def _flow(flow: Minutes) -> Iterator[Cells]:
    yield decimals(flow.good_ms, 3)
    yield _seen(flow, decimals(flow.pos, 4))
    yield _seen(flow, decimals(flow.neg, 4))
    yield _seen(flow, decimals(flow.least, 1))
    yield _seen(flow, decimals(flow.greatest, 1))


def _soc(measured: Measured) -> Cells | None:
    """The state of charge by minute: means weighted by good time, None without any."""
    scale = BY_KEY["battery_soc_pct"].scale
    found: dict[int, tuple[int, int]] = {}
    for track in measured.tracks:
        soc = as_rows(track.rows).gauged("battery_soc_pct")
        for start, ms, pos, neg in zip(soc.from_ms, soc.good_ms, soc.pos, soc.neg, strict=True):
            minute = start // MINUTE_MS * MINUTE_MS
            good, integral = found.get(minute, (0, 0))
            found[minute] = good + ms, integral + pos - neg
    if not found:
        return None
    told = {minute: f"{integral / good / scale:.2f}" for minute, (good, integral) in found.items()}
    return [told.get(start, "") for start in measured.starts_ms]
