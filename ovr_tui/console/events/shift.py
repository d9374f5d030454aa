"""The last shift: what happened in the last hours, for the one who takes over. Pure.

What is not known is said: an energy of which a part is missing, a battery that was not heard.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from collector.model.alarm import Alarm
from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.said import LogEntry, LogKind
from collector.model.snapshot import AssetView, Snapshot
from collector.model.text import called
from collector.wire import EventListed, HistoryAnswer
from ovr_tui.console.alarms.words import about, over, sign, state_word
from ovr_tui.console.called import names_of
from ovr_tui.console.events import timeline, words
from ovr_tui.console.format import label, local, number, span
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Tone, fold, plain, wrap

HOURS = (8, 12, 24)
STEP_S = 300
"""How fine the histories are that are asked for: what is shorter is not seen as a gap."""
ON_W = 500.0
"""A generator that gives this runs."""
LOW_PCT = 20.0
SHOWN = 12
Key = tuple[str, str]
Series = Mapping[Key, HistoryAnswer | None]


class Shift(Struct, frozen=True, kw_only=True):
    """What the collector knew of a window. `series` are the histories that were asked for; None:
    there is none."""

    from_ms: int
    to_ms: int
    snapshot: Snapshot
    alarms: tuple[Alarm, ...]
    log: tuple[LogEntry, ...]
    events: tuple[EventListed, ...]
    series: Series = {}


def wanted(shot: Snapshot) -> list[Key]:
    """The histories that the last shift is told from."""
    found: dict[Key, None] = {}
    for name, total in shot.today.items():
        found |= dict.fromkeys((asset, name) for asset in total.counted)
    for view in shot.assets:
        if view.status is AssetStatus.DISABLED:
            continue
        keys = [MAIN_POWER.get(view.kind, "")]
        if view.kind is AssetKind.GENERATOR:
            keys += ["generator_run_s", "generator_starts"]
        if view.kind is AssetKind.BESS:
            keys.append("battery_soc_pct")
        found |= dict.fromkeys((view.id, key) for key in keys if key in view.readings)
    return list(found)


def energy(shift: Shift, quantity: str) -> tuple[float | None, list[str]]:
    """How much of a quantity came in the window, each flow once; and the assets of which a part or
    all is missing."""
    total, missing, known = 0.0, [], False
    counted = shift.snapshot.today[quantity]
    for asset in (*counted.counted, *counted.left_out):
        rose = risen(shift.series.get((asset, quantity)))
        if rose is None:
            missing.append(asset)
            continue
        amount, whole = rose
        total, known = total + amount, True
        if not whole:
            missing.append(asset)
    return (total if known else None), missing


def risen(series: HistoryAnswer | None) -> tuple[float, bool] | None:
    """By how much a counter rose, and whether that is the whole window; None: nothing is known.

    The first step is the one before the window: its value is the counter where the window begins.
    """
    if series is None:
        return None
    known = [(place, value) for place, value in enumerate(series.values) if value is not None]
    if not known:
        return None
    whole = known[0][0] <= 1 and known[-1][0] >= len(series.values) - 3
    return max(0.0, known[-1][1] - known[0][1]), whole


def outages(series: HistoryAnswer) -> list[tuple[int, int]]:
    """The times without any value, as pairs of UTC ms; that at the end lasts still."""
    found: list[tuple[int, int]] = []
    step_ms = STEP_S * 1000
    for at_ms, value in list(zip(series.times, series.values, strict=True))[1:-1]:
        if value is not None:
            continue
        if found and found[-1][1] == at_ms:
            found[-1] = (found[-1][0], at_ms + step_ms)
        else:
            found.append((at_ms, at_ms + step_ms))
    return found


def lowest(series: HistoryAnswer) -> tuple[float, int] | None:
    """The lowest value and when its step begins; None when nothing is known."""
    least = series.least or series.values
    known = [(v, at) for v, at in zip(least, series.times, strict=True) if v is not None]
    return min(known, default=None)


# what is said


def items(shift: Shift, now: Now, cells: int) -> list[Item]:
    """All of it, under headings."""
    out: list[Item] = []
    for title, lines in sections(shift, now, cells - 1):
        if out:
            out.append(Item(key="", line=()))
        out.append(Item(key="", line=((f" {title}", "head"),)))
        folded = [part for line in lines for part in fold(line, cells - 1, 7)]
        out += [Item(key=f"{title}:{place}", line=line) for place, line in enumerate(folded)]
    return out


def text(shift: Shift, now: Now) -> str:
    """The same as a text file, with times and zone."""
    shot, zone = shift.snapshot, shift.snapshot.timezone
    head = [
        f"Last shift at {shot.site} (node {shot.node})",
        f"{words.exactly(shift.from_ms, zone)} to {words.exactly(shift.to_ms, zone)}",
    ]
    for title, lines in sections(shift, now, 100):
        head += ["", title, *(plain(line).rstrip() for line in lines)]
    return "\n".join(head) + "\n"


def sections(shift: Shift, now: Now, cells: int) -> Iterator[tuple[str, list[Line]]]:
    """Titles and lines, what matters most to who takes over first."""
    yield "HANDOVER", _handover(shift, now, cells)
    yield "NOW", _present(shift, now, cells)
    yield "BATTERIES", _batteries(shift, now)
    yield "GENERATORS", _generators(shift, now)
    yield f"ENERGY IN {span((shift.to_ms - shift.from_ms) / 1000)}", _energies(shift, now)
    yield "ALARMS", _happened(_alarms(shift), shift, now, "No alarm came or went.")
    yield "EVENTS", _happened(_moves(shift), shift, now, "Nobody joined or left.")
    names = names_of(shift.snapshot)
    told = [timeline.of_entry(one, names) for one in shift.log if one.kind is not LogKind.HANDOVER]
    yield "WRITTEN DOWN", _happened(told, shift, now, "Nothing was written down.")
    yield f"NOT HEARD FOR {STEP_S // 60} MIN OR MORE", _gaps(shift, now, cells)


def _line(text_: str, tone: Tone = "text") -> Line:
    return ((f"   {text_}", tone),)


def _clock(at_ms: int, shift: Shift) -> str:
    return local(at_ms, shift.snapshot.timezone).strftime("%a %H:%M")


def _step(at_ms: int, shift: Shift, now: Now) -> str:
    """From when to when a step of a history is that begins at `at_ms`."""
    end = local(at_ms + STEP_S * 1000, shift.snapshot.timezone).strftime("%H:%M")
    return f"{_clock(at_ms, shift)}{now.glyphs.dash}{end}"


def _handover(shift: Shift, now: Now, cells: int) -> list[Line]:
    kept = [one for one in shift.log if one.kind is LogKind.HANDOVER and one.withdrawn_ms is None]
    lines: list[Line] = []
    for one in sorted(kept, key=lambda one: -one.at_ms):
        who = now.glyphs.text(called(one.person))
        lines.append(((f"   {_clock(one.at_ms, shift)}  ", "dim"), (who, "bold")))
        lines += wrap(now.glyphs.prose(one.text), cells, "text", 5)
    return lines or [_line("Nobody left a word. l, then o, leaves one.", "dim")]


def _present(shift: Shift, now: Now, cells: int) -> list[Line]:
    shot, glyphs = shift.snapshot, now.glyphs
    lines: list[Line] = []
    for event in shot.events:
        number_ = words.day(event, shift.to_ms)
        count = len(event.systems)
        told = f"{words.called(event)}: {count} system{'s' * (count != 1)} in"
        told += "" if number_ is None else f", day {number_}"
        lines.append(_line(glyphs.text(told), "bold"))
        if event.prompt:
            lines.append(_line(f"{glyphs.alarm} {glyphs.text(words.asks(event.prompt))}", "warn"))
    for alarm in shot.alarms[:SHOWN]:
        tone: Tone = "warn" if alarm.severity.value == "warning" else "alert"
        what = f"{about(alarm)}: {alarm.now or alarm.text}"
        seen = "" if alarm.state == "active" else f" ({state_word(alarm)})"
        told = f"{sign(alarm, glyphs)} {glyphs.text(what)}{seen}"
        lines.append(_line(told, "dim" if over(alarm) else tone))
    if len(shot.alarms) > SHOWN:
        lines.append(_line(f"and {len(shot.alarms) - SHOWN} alarms more: a", "warn"))
    silent = [
        view.name
        for view in shot.assets
        if view.status not in (AssetStatus.LIVE, AssetStatus.DISABLED)
    ]
    if silent:
        told = f"{len(silent)} of {len(shot.assets)} assets are not live: {words.listed(silent)}"
        lines += wrap(f"{glyphs.alarm} {glyphs.prose(told)}", cells, "warn", 3)
    return lines or [_line("All assets are live, and no alarm is open.", "good")]


def _batteries(shift: Shift, now: Now) -> list[Line]:
    lines = []
    for view in _of(shift, AssetKind.BESS):
        series = shift.series.get((view.id, "battery_soc_pct"))
        low = lowest(series) if series else None
        reading = view.readings.get("battery_soc_pct")
        level = reading.value if reading and view.status is AssetStatus.LIVE else None
        here = "not known now" if level is None else f"{number(level, 0)} % now"
        past = "nothing known of the window"
        if low is not None:
            past = f"lowest {number(low[0], 0)} % {_step(low[1], shift, now)}{_share(series)}"
            if level is not None and level < low[0]:
                past = f"the lowest of the window{_share(series)}"
        levels = [each for each in (level, low and low[0]) if each is not None]
        tone: Tone = "warn" if min(levels, default=100.0) < LOW_PCT else "text"
        lines.append(_named(view, f"{here}, {past}", now, tone))
    return lines or [_line("None.", "dim")]


def _share(series: HistoryAnswer | None) -> str:
    """How much of the window a series leaves open, if that is worth a word."""
    values = series.values[1:-1] if series else ()
    known = sum(value is not None for value in values)
    if not values or known / len(values) >= 0.95:
        return ""
    return f" (known for {known / len(values) * 100:.0f} % of the time)"


def _generators(shift: Shift, now: Now) -> list[Line]:
    lines = []
    for view in _of(shift, AssetKind.GENERATOR):
        run = risen(shift.series.get((view.id, "generator_run_s")))
        starts = risen(shift.series.get((view.id, "generator_starts")))
        told = []
        if starts is not None:
            told.append(f"{starts[0]:.0f} start{'s' if round(starts[0]) != 1 else ''}")
        if run is not None:
            told.append(f"ran {span(run[0])}" + ("" if run[1] else ", part of the window unknown"))
        else:
            told += _by_power(shift.series.get((view.id, "generator_power_w")))
        lines.append(_named(view, ", ".join(told), now))
    return lines or [_line("None.", "dim")]


def _by_power(series: HistoryAnswer | None) -> list[str]:
    values = series.values[1:] if series else ()
    if not any(value is not None for value in values):
        return ["nothing known of the window"]
    ran = sum(value is not None and value > ON_W for value in values) * STEP_S
    return [f"ran about {span(ran)}, by its power{_share(series)}"]


def _energies(shift: Shift, now: Now) -> list[Line]:
    lines, names = [], names_of(shift.snapshot)
    for name in shift.snapshot.today:
        amount, missing = energy(shift, name)
        if amount is None and not missing:
            continue
        told = "not known" if amount is None else f"{number(amount, 1)} kWh"
        out = words.listed([names[asset] for asset in missing], 4)
        partly = f"   {now.glyphs.alarm} partial: {now.glyphs.text(out)}" if missing else ""
        line: Line = ((f"   {label(name):<22}", "dim"), (f"{told:>14}", "bold"), (partly, "warn"))
        lines.append(line)
    return lines or [_line("No counter of energy is known.", "dim")]


def _named(view: AssetView, told: str, now: Now, tone: Tone = "text") -> Line:
    name = now.glyphs.text(view.name)
    return ((f"   {name}", "bold"), (f"  {told}", tone))


def _of(shift: Shift, kind: AssetKind) -> list[AssetView]:
    found = [view for view in shift.snapshot.assets if view.kind is kind]
    return sorted(found, key=lambda view: view.name)


def _alarms(shift: Shift) -> list[timeline.Happening]:
    return [each for one in shift.alarms for each in timeline.of_alarm(one)]


def _moves(shift: Shift) -> list[timeline.Happening]:
    found = []
    for one in shift.events:
        event = one.event
        for at_ms, what in ((event.from_ms, "EVENT BEGAN"), (event.to_ms, "EVENT ENDED")):
            if at_ms is not None:
                found.append(
                    timeline.Happening(
                        key=f"{event.id}:{what}",
                        at_ms=at_ms,
                        what=what,
                        tone="bold",
                        about=words.called(event),
                    )
                )
        for part in one.participations:
            found += timeline.of_participation(part)
    return found


def _happened(found: Sequence[timeline.Happening], shift: Shift, now: Now, none: str) -> list[Line]:
    glyphs = now.glyphs
    kept = [one for one in found if shift.from_ms <= one.at_ms <= shift.to_ms]
    lines: list[Line] = []
    for one in timeline.newest_first(kept):
        who = f"  {glyphs.text(called(one.person))}" if one.person else ""
        lines.append((
            (f"   {_clock(one.at_ms, shift)}  ", "dim"),
            (f"{one.what:<15}", one.tone),
            (f" {glyphs.text(one.about)}", "bold"),
            (f"  {glyphs.text(one.text)}", "text"),
            (who, "dim"),
        ))  # fmt: skip
    return lines or [_line(none, "dim")]


def _gaps(shift: Shift, now: Now, cells: int) -> list[Line]:
    lines: list[Line] = []
    for view in shift.snapshot.assets:
        key = MAIN_POWER.get(view.kind, "")
        if key not in view.readings or view.status is AssetStatus.DISABLED:
            continue
        series = shift.series.get((view.id, key))
        if series is None:
            lines.append(_named(view, "nothing is known of it", now, "warn"))
            continue
        found = outages(series)
        if not found:
            continue
        told = [
            f"{_clock(a, shift)} to {_clock(b, shift)} ({span((b - a) / 1000)})" for a, b in found
        ]
        lost = span(sum(b - a for a, b in found) / 1000)
        text_ = f"{view.name}: {lost} in all: {words.listed(told, 4)}"
        lines += wrap(now.glyphs.prose(text_), cells, "text", 3)
    return lines or [_line("Every asset was heard all the time.", "good")]
