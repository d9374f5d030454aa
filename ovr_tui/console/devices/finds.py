"""What a search for devices has found, as rows and facts, and the form that adds some. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import structs

from collector.model import tables as edit
from collector.model.discovery import Found, Search
from ovr_tui.console.called import name_of
from ovr_tui.console.devices.book import Tables, entries, place_of
from ovr_tui.console.devices.fields import ID, ID_TEXT, MEASURES
from ovr_tui.console.form.fields import Field, Kind
from ovr_tui.console.format import clock
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Tone, fact, wrap

COLUMNS = (
    Column(title="", least=7, most=9),
    Column(title="KIND", least=8, most=16),
    Column(title="ADDRESS", least=21, most=30),
    Column(title="UNIT", least=4, most=8),
    Column(title="MODEL", least=10, most=24, rank=1),
    Column(title="SERIAL", least=12, most=20, rank=2),
    Column(title="ID", least=9, most=20),
)
WORDS: Mapping[str, tuple[str, Tone]] = {
    "new": ("new", "good"),
    "known": ("known", "dim"),
    "moved": ("MOVED", "warn"),
    "swapped": ("SWAPPED", "alert"),
}
ENDS = {
    "never": "not searched yet",
    "done": "done",
    "cancelled": "ended before all were asked",
    "failed": "failed",
}


def grid(cells: int) -> Grid:
    """The columns that fit."""
    return lay_out(COLUMNS, cells)


def key_of(one: Found) -> str:
    """Names a find for as long as the search is shown."""
    return f"{one.kind.value} {place(one)} {one.serial}"


def place(one: Found) -> str:
    """Where a device was found."""
    return f"{_address(one)} unit {_units(one)}" if one.units else _address(one)


def _address(one: Found) -> str:
    host = f"[{one.host}]" if ":" in one.host else one.host
    return f"{host}:{one.port}{' TLS' if one.tls else ''}"


def _units(one: Found) -> str:
    return "/".join(map(str, one.units))


def items(search: Search, now: Now, cells: int) -> list[Item]:
    """What was found: new, moved and swapped before what is known."""
    columns, text = grid(cells), now.glyphs.text
    out = []
    for one in sorted(search.found, key=_order):
        word, tone = WORDS[one.standing]
        sure = "" if one.sure else "?"
        line = columns.line(
            [
                (word, tone),
                (text(f"{one.profile or one.kind.value}{sure}"), "text"),
                (text(_address(one)), "text"),
                (_units(one), "text"),
                (text(one.model or one.maker) or now.glyphs.absent, "text"),
                (text(one.serial) or now.glyphs.absent, "text"),
                (one.device or one.id or now.glyphs.absent, "dim"),
            ]
        )
        out.append(Item(key=key_of(one), line=line, text=f"{one.title} {one.maker}"))
    return out


def as_known(search: Search, tables: Tables) -> Search:
    """The search beside the registry as it is now: what was added since then (the same place, or
    the same identity) is known; what was removed since then is left out, for only another search
    can say how to add it."""
    at: dict[str, str] = {}
    ids = set()
    for entry in entries(tables, "device"):
        ids.add(str(entry.get("id")))
        for mark in (place_of(entry), entry.get("portal_id"), entry.get("serial")):
            if mark:
                at[str(mark).lower()] = str(entry.get("id"))

    def now(one: Found) -> Found:
        if one.standing != "new":
            return one
        marks = [one.serial.lower()]
        if one.table:
            marks.append(place_of(one.table).lower())
        device = next((at[mark] for mark in marks if mark in at), "")
        return structs.replace(one, standing="known", device=device) if device else one

    there = [one for one in search.found if one.standing == "new" or one.device in ids]
    return structs.replace(search, found=tuple(map(now, there)))


def _order(one: Found) -> tuple[object, ...]:
    parts = one.host.split(".")
    numbers = [int(part) if part.isdecimal() else 0 for part in parts] if len(parts) == 4 else []
    return (one.standing == "known", numbers, one.host, one.port, one.unit or 0)


def state(search: Search, now: Now) -> Line:
    """How far the search is."""
    glyphs = now.glyphs
    if search.state == "running":
        done = f"{search.asked} of {search.hosts} asked"
        share = search.asked / search.hosts if search.hosts else 0.0
        bar = glyphs.full * round(share * 20) + glyphs.empty * (20 - round(share * 20))
        doing = glyphs.text(search.doing)
        return (
            (f" {bar} ", "bar"),
            (done, "bold"),
            (f", {len(search.found)} found   ", "text"),
            (doing, "dim"),
        )
    new = sum(one.standing == "new" for one in search.found)
    out: Line = ((f" Search {ENDS[search.state]}", "bold"),)
    if search.state != "never":
        shot = now.snapshot
        at = f" {clock(search.ended_ms, shot.timezone)}" if search.ended_ms and shot else ""
        addresses = "1 address" if search.asked == 1 else f"{search.asked} addresses"
        devices = "1 device" if len(search.found) == 1 else f"{len(search.found)} devices"
        text = f"{at}: {addresses} asked, {devices}{_news(new, len(search.found))}"
        out = (*out, (text, "text"))
    return (*out, (glyphs.text(f" {search.cause}"), "alert")) if search.cause else out


def _news(new: int, found: int) -> str:
    if not found:
        return ""
    return ", none of them new" if not new else f", {new} of them new" if found > 1 else ", new"


def facts(one: Found, now: Now, cells: int) -> list[Line]:
    """All that is to be said of a find."""
    text = now.glyphs.text
    word, tone = WORDS[one.standing]
    out: list[Line] = [
        ((f" {text(one.title or one.id or one.host)}", "bold"),),
        (),
        fact("it is", (word, tone)),
        fact("kind", (f"{one.kind.value}{f' {one.profile}' if one.profile else ''}", "text")),
        fact("address", (text(place(one)), "text")),
        fact("maker, model", (text(f"{one.maker} {one.model}".strip()), "text")),
        fact("serial", (text(one.serial) or "it does not tell", "text" if one.serial else "dim")),
        *([fact("firmware", (text(one.firmware), "text"))] if one.firmware else []),
        fact("seen by", (", ".join(one.ways), "dim")),
    ]
    for line in (*advice(one, name_of(now.snapshot, one.device)), *one.hints):
        out += [(), *wrap(now.glyphs.prose(line), cells, "accent")]
    return out


def advice(one: Found, known: str) -> Iterable[str]:
    """What to do about a find; `known` is what its device is called."""
    if one.standing == "new":
        yield "enter adds it; x marks several, then n adds them all"
        if not one.sure:
            yield "It only behaves like one: look at it before you add it"
        if one.needs_password:
            yield "It asks for a password"
    elif one.standing == "moved":
        yield f"It is {known}, which the registry has at {one.moved_from}: enter reads it here"
    elif one.standing == "swapped":
        yield (
            f"The registry expects another device here, {known}: enter says which unit it "
            "is, if that one was swapped"
        )
    else:
        yield f"It is {known}: enter opens it"


def add_fields(found: Sequence[Found], taken: Sequence[str]) -> list[Field]:
    """The fields for adding several at once: for each its id, name, system, what it measures and
    its password, where that is open. They are named by the place in `found`."""
    out: list[Field] = []
    used = list(taken)
    for number, one in enumerate(found):
        name = free(str(one.table.get("id") or one.id), used)
        used.append(name)
        out += _of_one(number, one, name, [*taken])
    return out


def _of_one(number: int, one: Found, name: str, taken: Sequence[str]) -> list[Field]:
    def check_id(text: str) -> str:
        if not ID.match(text):
            return ID_TEXT
        return f"{text} is a device already" if text in taken else ""

    where = f"{place(one)}  {one.model or one.maker}".strip()
    shown = str(number + 1)
    out = [
        Field(
            name=f"id-{number}",
            label=f"{shown}  id",
            value=name,
            needed=True,
            check=check_id,
            text=f"{where}: its name for ever, {ID_TEXT}",
        ),
        Field(
            name=f"name-{number}",
            label=f"{' ' * len(shown)}  name",
            most_chars=200,
            value=str(one.table.get("name") or ""),
            text=f"{where}: what people call it",
        ),
        Field(
            name=f"system-{number}",
            label=f"{' ' * len(shown)}  system",
            value=str(one.table.get("system") or ""),
            check=_system,
            text=f"{where}: what it joins events with; empty: alone",
        ),
    ]
    if one.asset_kind is None and one.kind.value == "acuvim":
        out.append(
            Field(
                name=f"measures-{number}",
                label=f"{' ' * len(shown)}  it measures",
                kind=Kind.CHOICE,
                choices=MEASURES[1:5],
                text=f"{where}: what flows through the meter",
            )
        )
    if one.needs_password:
        out.append(
            Field(
                name=f"password-{number}",
                label=f"{' ' * len(shown)}  password",
                kind=Kind.SECRET,
                text=f"{where}: empty: later",
            )
        )
    return out


def _system(text: str) -> str:
    return "" if ID.match(text) else ID_TEXT


def free(wish: str, used: Sequence[str]) -> str:
    """An id that nobody has yet."""
    return edit.free_id({"device": [{"id": one} for one in used]}, wish)


def tables_of(
    found: Sequence[Found], said: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The `[[device]]` tables that the form makes, and the passwords by id."""
    made: list[dict[str, Any]] = []
    passwords: dict[str, str] = {}
    for number, one in enumerate(found):
        table = dict(one.table) | {"id": said[f"id-{number}"]}
        for key, value in (
            ("name", said[f"name-{number}"]),
            ("system", said[f"system-{number}"]),
            ("asset_kind", said.get(f"measures-{number}")),
        ):
            if value:
                table[key] = value
            elif key != "asset_kind":
                table.pop(key, None)
        password = said.get(f"password-{number}")
        if password:
            passwords[str(table["id"])] = str(password)
        made.append(table)
    return made, passwords


def added(tables: Tables, made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The registry with these devices."""
    out: Tables = tables
    for table in made:
        out = edit.add_device(out, table)
    return dict(out)
