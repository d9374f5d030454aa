"""The sources as a list: how each is, how quick, how much it says, how it failed last. Pure."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from collector.model.kinds import AssetStatus
from collector.model.snapshot import UNANSWERED, Snapshot, SourceHealth
from collector.wire import SourceFailure
from ovr_tui.console.alarms.words import day_and_time
from ovr_tui.console.called import name_of, names_of, without_place
from ovr_tui.console.format import number, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece, Tone, cut, facts

SOURCE_TONE: dict[str, Tone] = {
    "running": "good",
    "starting": "dim",
    "backoff": "warn",
    "disabled": "dim",
    "wrong device": "alert",
}
_SIGN = {
    "running": AssetStatus.LIVE,
    "starting": AssetStatus.WAITING,
    "backoff": AssetStatus.LOST,
    "disabled": AssetStatus.DISABLED,
    "wrong device": AssetStatus.WRONG,
}
_WORST_FIRST = ("wrong device", "backoff", "starting", "running", "disabled")
RATE_MS = 30_000
COLUMNS = (
    Column(title="STATE", least=14),
    Column(title="SINCE", least=8),
    Column(title="DEVICE", least=12, most=26),
    Column(title="KIND", least=8, rank=1),
    Column(title="ADDRESS", least=19, rank=2),
    Column(title="ms", least=6, right=True),
    Column(title="msg/s", least=6, right=True),
    Column(title="WHAT FAILED LAST", least=20, most=200),
)


class Order(StrEnum):
    """By what sources can be sorted."""

    STATE = "state"
    DEVICE = "device"
    LATENCY = "latency"
    RATE = "rate"


class Rates:
    """How many messages a second each source brings, from the snapshots of the last half minute."""

    def __init__(self) -> None:
        self._counts: deque[tuple[int, Mapping[str, int]]] = deque()

    def feed(self, shot: Snapshot) -> None:
        """One more snapshot; the same one again changes nothing."""
        if self._counts and shot.at_ms == self._counts[-1][0]:
            return
        if self._counts and shot.at_ms < self._counts[-1][0]:
            self._counts.clear()
        self._counts.append((shot.at_ms, {s.device: s.messages for s in shot.sources}))
        while shot.at_ms - self._counts[0][0] > RATE_MS:
            self._counts.popleft()

    def of(self, device: str) -> float | None:
        """Messages a second; None while that is not known."""
        if len(self._counts) < 2:
            return None
        (from_ms, first), (to_ms, last) = self._counts[0], self._counts[-1]
        if device not in first or device not in last or last[device] < first[device]:
            return None
        return (last[device] - first[device]) * 1000 / (to_ms - from_ms)


def ranked(shot: Snapshot, rates: Rates, order: Order, *, descending: bool) -> list[SourceHealth]:
    """The sources in an order; what has no such figure comes last either way."""
    names = names_of(shot)
    found = sorted(shot.sources, key=lambda source: names[source.device])
    if order is Order.DEVICE:
        return found[::-1] if descending else found
    if order is Order.STATE:
        rank = {state: at for at, state in enumerate(_WORST_FIRST)}
        return sorted(found, key=lambda s: rank.get(s.state, 0), reverse=descending)

    def figure(source: SourceHealth) -> float | None:
        return source.latency_ms if order is Order.LATENCY else rates.of(source.device)

    known = [source for source in found if figure(source) is not None]
    known.sort(key=lambda source: figure(source) or 0.0, reverse=descending)
    return [*known, *(source for source in found if figure(source) is None)]


def source_rows(
    sources: Sequence[SourceHealth],
    failures: Mapping[str, SourceFailure],
    rates: Rates,
    shot: Snapshot,
    glyphs: Glyphs,
    cells: int,
    *,
    stale: bool = False,
) -> list[Item]:
    """A row for each source, in the order given, by the name of its device; figures of a `stale`
    picture stand in brackets."""
    grid, at_ms, names = lay_out(COLUMNS, cells), shot.at_ms, names_of(shot)
    items = []
    for source in sources:
        rate = rates.of(source.device)
        pieces: list[Piece] = [
            source_state(source, glyphs),
            (span(max(0, at_ms - source.since_ms) / 1000), "dim"),
            (glyphs.text(names[source.device]), "text"),
            (glyphs.text(source.kind), "dim"),
            (glyphs.text(source.address), "dim"),
            _figure(_latency(source), glyphs, stale=stale),
            _figure("" if rate is None else number(rate, 1), glyphs, stale=stale),
            _failed(source, failures.get(source.device), at_ms, glyphs),
        ]
        items.append(
            Item(key=source.device, line=grid.line(pieces), text=f"{source.device} {source.cause}")
        )
    return items


def source_state(source: SourceHealth, glyphs: Glyphs) -> Piece:
    """Its sign and its state."""
    sign = glyphs.status[_SIGN.get(source.state, AssetStatus.LOST)]
    return f"{sign} {glyphs.text(source.state)}", SOURCE_TONE.get(source.state, "warn")


def _figure(text: str, glyphs: Glyphs, *, stale: bool) -> Piece:
    if not text:
        return glyphs.absent, "text"
    return (f"({text})", "dim") if stale else (text, "text")


def _latency(source: SourceHealth) -> str:
    return "" if source.latency_ms is None else number(source.latency_ms, 0)


def _failed(source: SourceHealth, last: SourceFailure | None, at_ms: int, glyphs: Glyphs) -> Piece:
    if source.cause:
        why = glyphs.text(without_place(source.cause))
        return why, SOURCE_TONE.get(source.state, "warn")
    if last is None:
        return "", "dim"
    ago = span(max(0, at_ms - last.at_ms) / 1000)
    return f"{ago} ago: {glyphs.text(without_place(last.cause))}", "dim"


def _dropped(source: SourceHealth, glyphs: Glyphs) -> Iterator[tuple[str, str, Tone]]:
    for why, count in sorted(source.drops.items()):
        if why in UNANSWERED:
            yield "no answer", f"to {polls(count)}: {glyphs.prose(why)}", "warn"
        else:
            yield "left out", f"{number(count, 0)}: {glyphs.prose(why)}", "warn"


def polls(count: int) -> str:
    """So many times that a device was asked."""
    return f"{number(count, 0)} {'poll' if count == 1 else 'polls'}"


def told_drops(source: SourceHealth, glyphs: Glyphs) -> list[str]:
    """What was not answered, and what was left out, in a few words each: `no answer to 3 polls (not
    connected)`, `left out: 2 late, 1 bad value`."""
    silent = [
        f"no answer to {polls(count)} ({glyphs.text(why)})"
        for why, count in source.drops.items()
        if why in UNANSWERED
    ]
    said = ", ".join(
        f"{count} {glyphs.text(why)}"
        for why, count in source.drops.items()
        if why not in UNANSWERED
    )
    return [*silent, *([f"left out: {said}"] if said else [])]


def source_detail(
    source: SourceHealth, last: SourceFailure | None, shot: Snapshot, rates: Rates,
    glyphs: Glyphs, cells: int, *, stale: bool = False,
) -> list[Line]:  # fmt: skip
    """All that is known of a source; figures of a `stale` picture stand in brackets."""
    rate = rates.of(source.device)
    latency, _ = _figure(_latency(source), glyphs, stale=stale)
    pace, _ = _figure("" if rate is None else number(rate, 1), glyphs, stale=stale)
    retry = source.retry_in_s
    assets = [view.name or view.id for view in shot.assets if view.device == source.device]
    told: list[tuple[str, str, Tone]] = [
        ("why", glyphs.prose(source.cause), SOURCE_TONE.get(source.state, "warn")),
        (
            "next try",
            "" if retry is None else f"number {source.tries + 1} in {retry:.0f} s",
            "text",
        ),
        ("since", day_and_time(source.since_ms, shot.timezone), "text"),
        ("address", glyphs.text(source.address), "text"),
        ("answers in", f"{latency} ms" if _latency(source) else "", "text"),
        (
            "messages",
            number(source.messages, 0) + ("" if rate is None else f", {pace} a second"),
            "text",
        ),
        *_dropped(source, glyphs),
        ("measures", ", ".join(glyphs.text(name) for name in assets), "text"),
    ]
    if last is not None and last.cause != source.cause:
        when = day_and_time(last.at_ms, shot.timezone)
        told.append(("failed", f"{when}: {glyphs.prose(last.cause)}", "dim"))
    head: Line = (
        (" ", "text"),
        source_state(source, glyphs),
        (f"  {glyphs.text(name_of(shot, source.device))}", "bold"),
    )
    return [cut(head, cells), *facts(told, cells)]
