"""What waits for a person: pairs that seem to be one flow, and what counters were not given."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model.catalogue import unit_of
from collector.model.refused import RefusedCount
from collector.wire import AcceptRequest, DecidedAnswer, DismissRequest, Twin
from ovr_tui.console.called import Names, names_of
from ovr_tui.console.devices.desk import segment
from ovr_tui.console.devices.known import Known
from ovr_tui.console.form import Choice, Field, FormPage, Kind
from ovr_tui.console.format import counted, label, local
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.link_forms import ask_link
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line, fact, wrap

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp


class DecidePage(ListPage):
    """Twins first, then refused counters; enter decides."""

    OPENS = "decide"
    EVERY_S = 5.0
    BELOW = 9

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known

    async def load(self) -> None:
        """What is open now."""
        await self.known.load(self.console_app.reader)

    def items(self, now: Now, cells: int) -> Sequence[Item]:
        """One line for each."""
        del cells
        text, names = now.glyphs.text, names_of(now.snapshot)
        out: list[Item] = []
        if self.known.twins:
            out.append(Item(key="", line=((" ONE FLOW OR TWO?", "head"),)))
        for twin in self.known.twins:
            line: Line = (
                (f" {now.glyphs.alarm} ", "warn"),
                (text(_pair(twin, names)), "text"),
                (f"  {', '.join(map(label, twin.quantities))}", "dim"),
            )
            out.append(Item(key=f"twin {twin.asset} {twin.other}", line=line))
        if self.known.refused:
            out.append(Item(key="", line=((" COUNTERS THAT WERE NOT ADDED", "head"),)))
        for one in self.known.refused:
            amount = counted(one.amount, one.measurement) if one.amount else "?"
            line = (
                (f" {now.glyphs.alarm} ", "warn"),
                (f"{text(names[one.asset])} {label(one.measurement)}", "text"),
                (f"  {amount}  ", "bold"),
                (text(one.why), "dim"),
            )
            out.append(Item(key=f"refused {one.id}", line=line))
        return out

    def header(self, cells: int) -> Line:
        """No columns."""
        del cells
        return ()

    def state(self, now: Now) -> Line:
        """How many there are."""
        return ((f" To decide {now.glyphs.middle} {self.known.to_decide}", "bold"),)

    def empty(self, now: Now) -> tuple[str, str]:
        """Nothing waits."""
        del now
        return (
            "Nothing waits for a decision.",
            "Pairs that seem to measure one flow, and counters that were not added, come here.",
        )

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """Why it is asked."""
        zone, names = now.snapshot.timezone if now.snapshot else "UTC", names_of(now.snapshot)
        for twin in self.known.twins:
            if key == f"twin {twin.asset} {twin.other}":
                since = local(twin.since_ms, zone).strftime("%a %H:%M %Z")
                return wrap(
                    now.glyphs.prose(
                        f"{_pair(twin, names)} have shown nearly the same since {since}. Totals "
                        "count both and say unverified until somebody decides."
                    ),
                    cells,
                )
        found = next((one for one in self.known.refused if key == f"refused {one.id}"), None)
        return [] if found is None else refused_facts(now, found, cells, zone, names)

    def opened(self, key: str) -> None:
        """Decide."""
        app = self.console_app
        for twin in self.known.twins:
            if key == f"twin {twin.asset} {twin.other}":
                about = ["The two have shown nearly the same for a while. Is it one flow?"]
                ask_link(app, twin.asset, twin.other, about)
        for one in self.known.refused:
            if key == f"refused {one.id}":
                decide_refused(app, one)


def _pair(twin: Twin, names: Names) -> str:
    return f"{names[twin.asset]} and {names[twin.other]}"


def refused_facts(now: Now, one: RefusedCount, cells: int, zone: str, names: Names) -> list[Line]:
    """What a person needs to know of a count to decide about it."""
    text = now.glyphs.text
    amount = counted(one.amount, one.measurement) if one.amount else "nobody can say"
    return [
        fact("asset", (text(names[one.asset]), "text")),
        fact("counter", (label(one.measurement), "text")),
        fact("at", (local(one.at_ms, zone).strftime("%a %d %b %H:%M:%S %Z"), "text")),
        fact("register", (_register(one), "text")),
        fact("not added", (amount, "bold")),
        fact("unit", (text(one.unit) or "not proven", "text")),
        fact("times", (str(one.times), "text")),
        *wrap(now.glyphs.prose(one.why), cells, "warn"),
    ]


def _register(one: RefusedCount) -> str:
    """From what to what it went, in the counter's unit."""
    before, after = (counted(raw, one.measurement) for raw in (one.raw_before, one.raw_after))
    return f"{before} to {after}"


def decide_refused(app: "ConsoleApp", one: RefusedCount) -> None:
    """Ask whether it is added."""
    ways = (Choice("dismiss", "leave it out for good"), Choice("accept", "add it to the total"))

    def fields(values: Mapping[str, str]) -> list[Field]:
        out = [
            Field(
                name="way",
                label="what to do",
                kind=Kind.CHOICE,
                choices=ways,
                text="Once decided it stands; reports of that time are made anew",
            )
        ]
        if values.get("way") == "accept":
            text = "In the counter's unit; empty: all of it"
            out.append(
                Field(
                    name="amount",
                    label="how much",
                    kind=Kind.NUMBER,
                    unit=unit_of(one.measurement),
                    least=1e-9,
                    needed=not one.amount,
                    text=text,
                )
            )
        return [*out, Field(name="note", label="how you know", text="For whoever asks later")]

    title = f"{app.called(one.asset)}: {label(one.measurement)}"
    why = f"{one.why}. The register went from {_register(one)}."
    app.push_screen(FormPage(title, fields, partial(_decide, app, one), about=[why], verb="decide"))


async def _decide(app: "ConsoleApp", one: RefusedCount, said: Mapping[str, Any]) -> str:
    note = str(said["note"] or "")
    path = f"/v1/refused/{segment(one.id)}/{said['way']}"
    body: AcceptRequest | DismissRequest = DismissRequest(note=note)
    if said["way"] == "accept":
        body = AcceptRequest(amount=said.get("amount"), note=note)
    done = (await app.reader.post(path, DecidedAnswer, body)).refused
    if done.accepted is None:
        return f"nothing is added to {app.called(done.asset)}"
    return f"{counted(done.accepted, done.measurement)} are added to {app.called(done.asset)}"
