"""The systems of an event: since when each is in or out, what for, its power, its report. Pure."""

from collections.abc import Mapping, Sequence

from collector.model.catalogue import MAIN_POWER
from collector.model.event import Event, EventStatus, Participation, SystemUse
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import AssetView, Total
from collector.wire import EventAnswer, ReportsAnswer
from ovr_tui.console.asset.common import present
from ovr_tui.console.asset.sheet import Sheet, added
from ovr_tui.console.events import making, words
from ovr_tui.console.format import Figure, Trust, cell, figure, inline, scaled
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, fact, wrap

COLUMNS = (
    Column(title="SYSTEM", least=12, most=30),
    Column(title="STATE", least=10),
    Column(title="SINCE", least=words.WHEN_CELLS, rank=2),
    Column(title="TIME IN", least=9, right=True),
    Column(title="JOINED", least=words.WHEN_CELLS, rank=4),
    Column(title="USE", least=13, rank=3),
    Column(title="kW NOW", least=9, rank=1),
    Column(title="REPORT", least=12, most=30, rank=1),
)
PLANNED = "planned:"
"""Before a system's name: the key of one that is to take part and does not yet."""
_FIRST = (AssetKind.BESS, AssetKind.LOAD, AssetKind.GENERATOR, AssetKind.PV, AssetKind.GRID)


def header(cells: int) -> Line:
    """The titles."""
    return lay_out(COLUMNS, cells).header()


def ordered(parts: Sequence[Participation]) -> list[Participation]:
    """Those who are in by name, then those who left, the latest first."""
    known = sorted(words.inside(parts), key=lambda one: (one.system, one.node))
    gone = [one for one in parts if one.to_ms is not None]
    return known + sorted(gone, key=lambda one: (-(one.to_ms or 0), one.system))


def missing(answer: EventAnswer) -> list[SystemUse]:
    """Those of which people said what they are for, and that never were in."""
    were = {one.system for one in answer.participations}
    return [use for use in answer.event.systems if use.system not in were]


def items(answer: EventAnswer, reports: ReportsAnswer | None, now: Now, cells: int) -> list[Item]:
    """A line for each participation, then those who are to come."""
    grid = lay_out(COLUMNS, cells)
    systems = words.systems_of(now.snapshot)
    out = [
        Item(
            key=one.id,
            line=grid.line(_pieces(answer.event, one, systems, reports, now)),
            text=f"{one.node} {one.system}",
        )
        for one in ordered(answer.participations)
    ]
    wanted = [] if answer.event.status is EventStatus.CANCELLED else missing(answer)
    never = "never in" if answer.event.status is EventStatus.ENDED else "planned"
    for use in wanted:
        pieces: list[Piece] = [
            (now.glyphs.text(use.system), "text"),
            (f"{now.glyphs.status[AssetStatus.WAITING]} {never}", "accent"),
            *[(now.glyphs.absent, "dim")] * 3,  # type: ignore[list-item]  # a Tone
            (words.USES[use.use_case], "text"),
            power(systems.get(use.system, []), now),
            ("", "dim"),
        ]
        out.append(Item(key=PLANNED + use.system, line=grid.line(pieces), text=use.system))
    return out


def _pieces(
    event: Event,
    one: Participation,
    systems: dict[str, list[AssetView]],
    reports: ReportsAnswer | None,
    now: Now,
) -> list[Piece]:
    glyphs, zone, at = now.glyphs, event.timezone, now.wall_ms
    own = now.snapshot is None or one.node == now.snapshot.node
    name = one.system if own else f"{one.node}/{one.system}"
    is_in = one.to_ms is None
    sign = glyphs.status[AssetStatus.LIVE] if is_in else glyphs.status[AssetStatus.DISABLED]
    return [
        (glyphs.text(name), "bold" if is_in else "text"),
        (f"{sign} in" if is_in else f"{sign} out", "good" if is_in else "dim"),
        (words.when(one.from_ms if one.to_ms is None else one.to_ms, zone, at), "text"),
        (words.lasted(one, at), "bold" if is_in else "text"),
        (words.when(one.from_ms, zone, at), "text"),
        (words.USES[one.use_case], "text"),
        power(systems.get(one.system, []) if own else [], now),
        making.of_part(one, reports, glyphs),
    ]


def main_assets(views: Sequence[AssetView], totals: Mapping[str, Total]) -> list[AssetView]:
    """The assets whose power says how much a system does: its BESS, else its loads; none that
    checks another of them or is a part of it."""
    kind = next((kind for kind in _FIRST if any(view.kind is kind for view in views)), None)
    if kind is None:
        return []
    found = {view.id: view for view in views if view.kind is kind}
    total = totals.get(MAIN_POWER[kind])
    if total is not None:
        within = {check.asset for check in total.checks if check.of in found}
        within.update(*(rest.children for rest in total.remainders if rest.parent in found))
        found = {name: view for name, view in found.items() if name not in within}
    return list(found.values())


def power_of(views: Sequence[AssetView], now: Now) -> Figure:
    """The power of a system now, in kW."""
    totals = now.snapshot.totals if now.snapshot else {}
    shown = added(
        [
            figure(view.readings.get(MAIN_POWER[view.kind]), view.status)
            for view in main_assets(views, totals)
        ]
    )
    if now.stale_s is not None and shown.trust is Trust.GOOD:
        shown = Figure(shown.value, Trust.STALE)
    return scaled(shown, 1000)


def power(views: Sequence[AssetView], now: Now) -> Piece:
    """The power of a system as a cell."""
    return cell(power_of(views, now), 1, 9, now.glyphs.absent)


def still_in(parts: Sequence[Participation], now: Now, most: int = 6) -> str:
    """Those who are in, with what they give now: what is under way."""
    systems = words.systems_of(now.snapshot)
    told = []
    for one in sorted(parts, key=lambda one: one.system):
        shown, _ = inline(power_of(systems.get(one.system, []), now), 1, "kW", now.glyphs.absent)
        told.append(f"{one.system} ({shown})")
    return words.listed(told, most)


def detail(
    answer: EventAnswer, key: str, reports: ReportsAnswer | None, now: Now, cells: int
) -> list[Line]:
    """What is to be said of the participation at the cursor."""
    one = next((part for part in answer.participations if part.id == key), None)
    system = one.system if one else key.removeprefix(PLANNED)
    glyphs, event = now.glyphs, answer.event
    lines: list[Line] = [*wrap(glyphs.text(system), cells, "bold"), ()]
    if one is not None:
        began, ended = one.from_ms, one.to_ms
        is_in = ended is None
        lines.append(fact("in since" if is_in else "joined",
                          (words.exactly(began, event.timezone), "text")))  # fmt: skip
        if ended is not None:
            lines.append(fact("out since", (words.exactly(ended, event.timezone), "text")))
        lines.append(fact("time in", (words.lasted(one, now.wall_ms), "bold")))
        told = making.of_part(one, reports, glyphs)
        waits: Piece = ("made when it leaves", "dim")
        lines.append(fact("report", waits if is_in and not told[0] else told))
        lines += making.headline(one.id, reports, now, cells)
    use = event.use_of(system)
    what = one.use_case if one is not None else use.use_case
    lines.append(fact("use", (words.USES[what], "text")))
    if use.baseline is not None:
        own = words.listed([f"{s.count} x {s.rated_kw:g} kW" for s in use.baseline.sets])
        lines.append(fact("its own baseline", (glyphs.text(own) or "none", "text")))
    lines += [(), *_assets(words.systems_of(now.snapshot).get(system, []), now)]
    return lines


def _assets(views: Sequence[AssetView], now: Now) -> list[Line]:
    shot = now.snapshot
    if not views or shot is None:
        return [((" No asset of this node has that system.", "dim"),)]
    out: list[Line] = [((" Assets now", "head"),)]
    for view in views:
        sign = now.glyphs.status[view.status]
        out.append((
            (f" {sign} ", "good" if view.status is AssetStatus.LIVE else "warn"),
            (f"{now.glyphs.text(view.name or view.id)}  ", "text"),
            present(Sheet(view, shot, now.stale_s, now.glyphs)),
        ))  # fmt: skip
    return out
