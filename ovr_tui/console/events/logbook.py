"""What people write down: the list, and the form for a new entry. Pure."""

from collections.abc import Mapping, Sequence

from collector.model.catalogue import CATALOGUE
from collector.model.event import Event, EventStatus
from collector.model.kinds import AssetKind
from collector.model.said import LogEntry, LogKind
from collector.model.snapshot import AssetView, Snapshot
from collector.model.text import called
from collector.wire import LogRequest
from ovr_tui.console.called import name_of, names_of, told_apart
from ovr_tui.console.events import words
from ovr_tui.console.form import Choice, Field, Kind, Values
from ovr_tui.console.format import label, whole
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, fact, wrap

NAMES: dict[LogKind, str] = {
    LogKind.FUEL: "fuel delivered",
    LogKind.DIP: "tank dip",
    LogKind.HOURS: "hour meter",
    LogKind.READING: "meter reading",
    LogKind.NOTE: "note",
    LogKind.HANDOVER: "handover",
}
KEYS: dict[str, LogKind] = {
    "f": LogKind.FUEL,
    "d": LogKind.DIP,
    "h": LogKind.HOURS,
    "r": LogKind.READING,
    "n": LogKind.NOTE,
    "o": LogKind.HANDOVER,
}
"""The one key that chooses a kind."""
ABOUT: dict[LogKind, str] = {
    LogKind.FUEL: "litres that came into a tank",
    LogKind.DIP: "how much is in a tank, in litres or per cent",
    LogKind.HOURS: "what a generator's hour meter shows",
    LogKind.READING: "what a counter of energy shows, read by eye",
    LogKind.NOTE: "a line for the record",
    LogKind.HANDOVER: "what the next shift has to know",
}
SPOKEN = (LogKind.NOTE, LogKind.HANDOVER)
UNITS = {"pct": "%", "l": "L"}
COLUMNS = (
    Column(title="WHEN", least=words.WHEN_CELLS),
    Column(title="WHAT", least=14),
    Column(title="VALUE", least=12, right=True),
    Column(title="ABOUT", least=12, most=16, rank=1),
    Column(title="TEXT", least=14, most=120, rank=2),
    Column(title="BY", least=8, most=16, rank=3),
)
_FIRST = {
    LogKind.FUEL: (AssetKind.TANK, AssetKind.GENERATOR, AssetKind.BESS),
    LogKind.DIP: (AssetKind.TANK, AssetKind.GENERATOR, AssetKind.BESS),
    LogKind.HOURS: (AssetKind.GENERATOR, AssetKind.BESS),
    LogKind.READING: (AssetKind.LOAD, AssetKind.GENERATOR, AssetKind.PV, AssetKind.GRID),
}
"""Which kinds of assets an entry is likely about, the likeliest first."""
EVENT_ITSELF = ""


def value(one: LogEntry) -> str:
    """An entry's number with its unit; "" without one."""
    if one.value is None:
        return ""
    unit = UNITS.get(one.unit, one.unit)
    if one.kind is LogKind.READING:
        unit = unit or "kWh"
    return f"{whole(one.value)} {unit}".strip()


def said(one: LogEntry) -> str:
    """An entry in one line."""
    gone = f"WITHDRAWN by {called(one.withdrawn_by)}: " if one.withdrawn_ms is not None else ""
    parts = (value(one), one.measurement, one.text, "(for the client too)" if one.client else "")
    return gone + " ".join(part for part in parts if part)


def header(cells: int) -> Line:
    """The titles."""
    return lay_out(COLUMNS, cells).header()


def items(log: Sequence[LogEntry], timezone: str, now: Now, cells: int) -> list[Item]:
    """The newest first."""
    grid, glyphs, names = lay_out(COLUMNS, cells), now.glyphs, names_of(now.snapshot)
    out = []
    for one in sorted(log, key=lambda one: (-one.at_ms, one.id)):
        gone = one.withdrawn_ms is not None
        text = f"WITHDRAWN {one.text}".strip() if gone else one.text
        about = " ".join(filter(None, (names[one.asset] or one.system, one.measurement)))
        pieces: list[Piece] = [
            (words.when(one.at_ms, timezone, now.wall_ms), "dim"),
            (NAMES[one.kind], "dim" if gone else "accent"),
            (value(one), "dim" if gone else "bold"),
            (glyphs.text(about), "dim" if gone else "text"),
            (glyphs.text(text), "dim" if gone else "text"),
            (glyphs.text(called(one.person)), "dim"),
        ]
        out.append(Item(key=one.id, line=grid.line(pieces)))
    return out


def detail(one: LogEntry, timezone: str, now: Now, cells: int) -> list[Line]:
    """An entry at length."""
    glyphs = now.glyphs
    lines: list[Line] = [((f" {NAMES[one.kind]}  ", "bold"), (value(one), "bold"))]
    if one.withdrawn_ms is not None:
        who = glyphs.text(called(one.withdrawn_by))
        at = words.exactly(one.withdrawn_ms, timezone)
        lines += wrap(f"Withdrawn by {who} at {at}: it does not count.", cells, "warn")
    lines.append(())
    lines.append(fact("it was so at", (words.exactly(one.at_ms, timezone), "text")))
    lines.append(fact("written at", (words.exactly(one.made_ms, timezone), "text")))
    facts = (
        ("by", called(one.person)),
        ("asset", name_of(now.snapshot, one.asset)),
        ("system", one.system),
        ("of", one.measurement),
        ("for the client", "yes, it may be printed" if one.client else "no"),
    )
    lines += [fact(name, (glyphs.text(text), "text")) for name, text in facts if text]
    if one.text:
        lines += [(), *wrap(glyphs.prose(one.text), cells)]
    return lines


# the form


def assets(kind: LogKind, shot: Snapshot | None, system: str = "") -> list[AssetView]:
    """The assets an entry of a kind may be about: those of `system` first, then the likeliest."""
    first = _FIRST.get(kind, ())
    known = list(shot.assets) if shot else []
    if kind is LogKind.READING:
        known = [view for view in known if counters(view)]

    def rank(view: AssetView) -> tuple[bool, int, str]:
        place = first.index(view.kind) if view.kind in first else len(first)
        return (view.system != system, place, view.name)

    likely = [view for view in known if view.kind in first]
    return sorted(likely or known, key=rank)


def counters(view: AssetView) -> list[str]:
    """The counters of energy that an asset has."""
    names = {key.partition(".")[0] for key in view.readings}
    return sorted(
        name
        for name in names
        if name.endswith("_kwh") and name in CATALOGUE and CATALOGUE[name].type == "counter"
    )


def fields(
    kind: LogKind, values: Values, shot: Snapshot | None, event: Event | None, system: str = ""
) -> list[Field]:
    """What an entry of this kind needs, the number first."""
    zone = event.timezone if event else shot.timezone if shot else "UTC"
    at = Field(name="at", label="When it was so", kind=Kind.TIME, timezone=zone)
    client = Field(name="client", label="For the client too", kind=Kind.FLAG,
                   text="it may be printed in the client's report")  # fmt: skip
    if kind in SPOKEN:
        text = Field(name="text", label="Text", needed=True, most_chars=2000)
        return [text, *_systems(shot, event), *_events(shot, event), at, client]
    text = Field(name="text", label="Remark", text="if there is more to say", most_chars=2000)
    views = assets(kind, shot, system)
    return [
        *_number(kind, values, event),
        _asset(kind, views),
        *(_counters(values, views) if kind is LogKind.READING else ()),
        at,
        text,
        client,
    ]


def _systems(shot: Snapshot | None, event: Event | None) -> list[Field]:
    names = list(words.systems_of(shot))
    if not names:
        return []
    whole = "the event as a whole" if event else "the whole site"
    choices = (Choice(EVENT_ITSELF, whole), *(Choice(name) for name in names))
    return [Field(name="system", label="About", kind=Kind.CHOICE, choices=choices)]


def _events(shot: Snapshot | None, event: Event | None) -> list[Field]:
    """Into which event, where several are on."""
    on = [one for one in (shot.events if shot else ()) if one.status is EventStatus.ACTIVE]
    if event is not None or not on:
        return []
    choices = (*(Choice(one.id, words.called(one)) for one in on), Choice("", "none"))
    return [Field(name="event", label="Event", kind=Kind.CHOICE, choices=choices)]


def _number(kind: LogKind, values: Values, event: Event | None) -> list[Field]:
    if kind is LogKind.DIP:
        unit = Field(name="unit", label="In", kind=Kind.CHOICE,
                     choices=(Choice("l", "litres"), Choice("pct", "per cent")))  # fmt: skip
        most = 100.0 if values.get("unit") == "pct" else 1e9
        return [_value("In the tank", most=most), unit]
    if kind is LogKind.HOURS:
        return [_value("Hour meter", "h")]
    if kind is LogKind.READING:
        return [_value("It shows", "kWh")]
    found = [_value("Litres delivered", "L")]
    if event is not None and event.terms.fuels:
        others = (Choice(one.kind) for one in event.terms.fuels)
        usual = Choice("", f"{event.terms.fuel.kind} (the usual)")
        found.append(
            Field(name="fuel", label="Kind of fuel", kind=Kind.CHOICE, choices=(usual, *others))
        )
    return found


def _value(label_: str, unit: str = "", *, most: float = 1e9) -> Field:
    return Field(name="value", label=label_, kind=Kind.NUMBER, unit=unit, needed=True, least=0.0,
                 most=most)  # fmt: skip


def _asset(kind: LogKind, views: Sequence[AssetView]) -> Field:
    choices = tuple(Choice(view.id, text) for view, text in told_apart(views))
    text = "" if choices else "this node knows no asset that this could be about"
    label_ = "Meter" if kind is LogKind.READING else "Tank or set"
    kind_ = Kind.CHOICE if choices else Kind.TEXT
    return Field(name="asset", label=label_, kind=kind_, choices=choices, needed=True, text=text)


def _counters(values: Values, views: Sequence[AssetView]) -> list[Field]:
    chosen = values.get("asset") or (views[0].id if views else "")
    view = next((one for one in views if one.id == chosen), None)
    names = counters(view) if view else []
    choices = tuple(Choice(name, label(name)) for name in names)
    return [Field(name="measurement", label="Counter", kind=Kind.CHOICE, choices=choices,
                  needed=True)] if choices else []  # fmt: skip


def request(kind: LogKind, answers: Mapping[str, object], event: Event | None) -> LogRequest:
    """What is sent. Without an event the node finds the one that the asset took part in."""

    def text(name: str) -> str:
        return str(answers.get(name) or "")

    at_ms, number_ = answers.get("at"), answers.get("value")
    return LogRequest(
        kind=kind,
        at_ms=at_ms if isinstance(at_ms, int) else None,
        event=event.id if event else text("event"),
        system=text("system"),
        asset=text("asset"),
        value=float(number_) if isinstance(number_, (int, float)) else None,
        unit=text("unit"),
        measurement=text("measurement") or text("fuel"),
        text=text("text"),
        client=bool(answers.get("client")),
    )


def into(event: Event | None, shot: Snapshot | None) -> str:
    """Where an entry goes: without an event the node finds that of what it is about."""
    if event is not None:
        return words.called(event)
    on = shot is not None and any(one.status is EventStatus.ACTIVE for one in shot.events)
    return (
        "the log of this site, and of the event of what it is about"
        if on
        else ("the log of this site")
    )


def done(entry: LogEntry, asset: str, shot: Snapshot | None) -> str:
    """What came of it; `asset` is what the one that it is about is called."""
    about = asset or entry.system
    to = f" for {about}" if about else ""
    on = next((one for one in shot.events if one.id == entry.event), None) if shot else None
    of = f", of {words.brief(on)}" if on else ""
    return f"written down: {NAMES[entry.kind]} {value(entry)}{to}{of}".replace("  ", " ")
