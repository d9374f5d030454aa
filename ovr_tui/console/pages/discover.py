"""Looking for devices in the network, and adding what was found."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.discovery import Found, Search
from collector.model.event import EventStatus
from collector.wire import (
    DiscoverAnswer,
    DiscoverRequest,
    MoveAnswer,
    MoveRequest,
    NoRequest,
)
from ovr_tui.console.devices import desk
from ovr_tui.console.devices.book import entries
from ovr_tui.console.devices.finds import (
    add_fields,
    added,
    as_known,
    facts,
    grid,
    items,
    key_of,
    place,
    state,
    tables_of,
)
from ovr_tui.console.devices.known import Known
from ovr_tui.console.devices.problems import by_field
from ovr_tui.console.devices.targets import FIELD_CHARS, targets, targets_wrong
from ovr_tui.console.form import ConfirmPage, Field, FormPage, Kind, Refusal
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.device import DevicePage
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.pages.unit_forms import swap
from ovr_tui.console.text import Line

PATH = "/v1/discover"
REASON = "discovered"


class DiscoverPage(ListPage):
    """The newest search and what it has found. It goes on when this page is left."""

    EVERY_S = 1.0
    MARKS = True
    OF_ROWS = ("add",)
    BELOW = 9
    NEEDS: ClassVar[Mapping[str, Right]] = dict.fromkeys(
        ("search", "end", "mark", "add"), "operator"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "search", "search", tooltip="look at networks or single hosts"),
        Binding("x", "mark", "mark", tooltip="mark it, to add several at once"),
        Binding("n", "add", "add", tooltip="add what is marked, or what the cursor is on"),
        Binding("z", "end", "end the search", tooltip="what was found stays"),
    ]

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known
        self.answer: DiscoverAnswer | None = None
        self._asked = False

    @property
    def search(self) -> Search:
        """The newest search."""
        found = self.answer.search if self.answer else Search()
        return as_known(found, self.known.tables or {})

    async def load(self) -> None:
        """How far it is. Where nobody has searched yet, a person is asked where to."""
        self.answer = await self.console_app.reader.get(PATH, DiscoverAnswer)
        if self.search.state == "never" and not self._asked and self.is_current:
            self._asked = True
            self.action_search()

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """What was found by now."""
        return None if self.answer is None else items(self.search, now, cells)

    def header(self, cells: int) -> Line:
        """The columns' titles."""
        return grid(cells).header()

    def state(self, now: Now) -> Line:
        """How far it is."""
        return state(self.search, now)

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The find at the cursor."""
        one = self._find(key)
        return [] if one is None else facts(one, now, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """What to do."""
        del now
        if self.search.state == "running":
            return "Nothing found yet.", "esc leaves; the search goes on."
        notes = " ".join(self.search.notes)
        return "Nothing was found." if self.search.state == "done" else "No search yet.", (
            f"Press f to search. {notes}"
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A search that does not run cannot be ended; one that runs is not begun again."""
        runs = self.search.state == "running"
        if (action == "end" and not runs) or (action == "search" and runs):
            return False
        return super().check_action(action, parameters)

    def _find(self, key: str) -> Found | None:
        return next((one for one in self.search.found if key_of(one) == key), None)

    # searching

    def action_search(self) -> None:
        """Ask where to look."""
        now = self.console_app.now()
        shot = now.snapshot
        on = [e.name for e in shot.events if e.status is EventStatus.ACTIVE] if shot else []
        networks = self.answer.networks if self.answer else ()
        text = "10.20.0.0/24, 10.20.0.21, gx-1.local or 10.20.0.31:2000, with blanks between"
        about = ["Nothing is written to any device. What is read already is known, not asked."]
        value = " ".join(self.search.targets or networks)
        if on:
            value = ""
            about = [
                f"{', '.join(on)} is on: only single hosts are looked at. Each gets a few requests."
            ]
        check = partial(targets_wrong, only_hosts=bool(on))
        fields = [
            Field(name="targets", label="where", value=value, text=text, needed=bool(on),
                  most_chars=FIELD_CHARS, check=check)
        ]  # fmt: skip
        if on:
            fields.append(
                Field(
                    name="confirm",
                    label="ask these hosts",
                    kind=Kind.FLAG,
                    text="yes: I want this during the event",
                )
            )
        self.app.push_screen(
            FormPage("Look for devices", fields, self._search, about=about, verb="search")
        )

    async def _search(self, said: Mapping[str, Any]) -> str:
        wanted = targets(str(said["targets"] or ""))
        body = DiscoverRequest(targets=wanted, confirm=bool(said.get("confirm")))
        self.answer = await self.console_app.reader.post(PATH, DiscoverAnswer, body)
        self.table.marked.clear()
        return ""

    def action_end(self) -> None:
        """End the search."""
        self.run_worker(self._end(), name="end the search", exit_on_error=False)

    async def _end(self) -> None:
        reader = self.console_app.reader
        try:
            self.answer = await reader.post(f"{PATH}/cancel", DiscoverAnswer, NoRequest())
        except ApiError as error:
            self.console_app.say(str(error), "warn")
        self.console_app.redraw()

    # what was found

    def opened(self, key: str) -> None:
        """Do what the find asks for."""
        one = self._find(key)
        if one is None:
            return
        if one.standing == "moved":
            self._ask_move(one)
        elif one.standing == "swapped":
            swap(self.console_app, self.known, one.device)
        elif one.standing == "known":
            self.app.push_screen(DevicePage(self.known, one.device))
        elif self.console_app.now().may_operate:
            self._ask_add([one])

    def word(self, binding: Binding) -> str:
        """Enter does what the find asks for; a search goes on without this page."""
        if binding.action != "open":
            word = super().word(binding)
            goes_on = self.search.state == "running" and word == "back"
            return "back, it goes on" if goes_on else word
        one = self._find(self.table.cursor)
        if one is None:
            return ""
        ways = {"moved": "move", "swapped": "swap", "known": "open"}
        return ways.get(one.standing, "add" if self.console_app.now().may_operate else "")

    def action_add(self) -> None:
        """Add all that are marked and new."""
        found = [one for key in self.table.chosen() if (one := self._find(key)) is not None]
        self._ask_add([one for one in found if one.standing == "new" and one.table])

    def _ask_move(self, one: Found) -> None:
        there, name = place(one), self.console_app.called(one.device)
        told = [
            f"{name} was at {one.moved_from} and is at {there} now. It is read there "
            "from now on; its history goes on."
        ]

        async def do() -> str:
            body = MoveRequest(
                host=one.host, port=one.port, unit=one.unit, reason="found at another address"
            )
            path = f"/v1/assets/{desk.segment(one.device)}/move"
            await self.console_app.reader.post(path, MoveAnswer, body)
            return f"{name} is read at {there}"

        title = f"Read {name} at {there}?"
        self.app.push_screen(ConfirmPage(title, lambda _: told, do, verb="read it there"))

    def _ask_add(self, found: Sequence[Found]) -> None:
        if not found:
            self.console_app.say("only what is new can be added", "warn")
            return
        taken = [str(one.get("id")) for one in entries(self.known.tables or {}, "device")]
        count = "A device" if len(found) == 1 else f"{len(found)} devices"
        about = ["Names and systems can be changed later; ids stay for ever."]
        fields = add_fields(found, taken)
        send = partial(self._add, found)
        self.app.push_screen(FormPage(f"{count} to add", fields, send, about=about, verb="add"))

    async def _add(self, found: Sequence[Found], said: Mapping[str, Any]) -> str:
        made, passwords = tables_of(found, said)
        reader = self.console_app.reader
        try:
            await desk.change(reader, partial(added, made=made), dry_run=True)
            for name, password in passwords.items():
                await desk.keep_secret(reader, name, password)
            secured = [
                {**one, "password_secret": one["id"]} if one["id"] in passwords else one
                for one in made
            ]
            done = await desk.change(reader, partial(added, made=secured), reason=REASON)
        except ApiError as error:
            raise _at_fields(error, made) from error
        self.known.registry, self.known.added = done, str(made[0]["id"])
        self.table.marked.clear()
        return f"{len(made)} added: {done.changes}"


def _at_fields(error: ApiError, made: Sequence[Mapping[str, Any]]) -> Refusal:
    """What was refused, at the fields of the devices that it is about."""
    told: dict[str, str] = {}
    others = str(error)
    keys = {
        "id": "id",
        "name": "name",
        "system": "system",
        "host": "id",
        "serial": "id",
        "portal_id": "id",
        "asset_kind": "measures",
        "password": "password",
    }
    for number, table in enumerate(made):
        found, left = by_field(others, list(keys), str(table["id"]))
        told |= {f"{keys[key]}-{number}": text for key, text in found.items()}
        others = "\n".join(left)
    return Refusal(others, told)
