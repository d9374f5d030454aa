"""The devices: the registry, how each of them is, and all that is done about them."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from ovr_tui.console.devices.facts import device_facts
from ovr_tui.console.devices.known import Known
from ovr_tui.console.devices.listing import GROUPS, grid, items
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.decide import DecidePage
from ovr_tui.console.pages.device import DevicePage
from ovr_tui.console.pages.device_forms import edit_devices, new_device, remove_device, toggle
from ovr_tui.console.pages.device_test import TestPage
from ovr_tui.console.pages.discover import DiscoverPage
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.pages.registry_forms import apply_registry, import_file, undo_change
from ovr_tui.console.text import Line, Piece


class DevicesPage(ListPage):
    """Every device, with how it is in words. Who may only look sees what runs."""

    EVERY_S = 5.0
    MARKS = True
    SHARE = 0.6
    OF_ROWS = ("test", "change")
    BELOW = 9
    NEEDS: ClassVar[Mapping[str, Right]] = dict.fromkeys(
        (
            "new",
            "find",
            "test",
            "mark",
            "power",
            "remove",
            "import_",
            "undo",
            "decide",
            "apply",
            "change",
        ),
        "operator",
    )
    PRESENT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "find", "find", tooltip="look for devices in the network, and add them"),
        Binding("n", "new", "new", tooltip="add a device by hand"),
        Binding("t", "test", "test", tooltip="test the connection, step by step"),
        Binding("c", "change", "change", tooltip="change its address, name, login and so on"),
        Binding("x", "mark", "mark", tooltip="mark it: test, or on and off, many at once"),
        Binding("y", "decide", "decide", tooltip="twins and refused counters wait for a person"),
        Binding("o", "power", "on/off", tooltip="read it, or not any more", show=False),
        Binding("g", "group", "group", tooltip="by system, by kind, or not", show=False),
        Binding("i", "import_", "import", tooltip="many devices from a file", show=False),
        Binding("u", "undo", "undo", tooltip="take the registry's last change back"),
        Binding("p", "apply", "apply", tooltip="bring registry.toml into force as it is"),
        Binding(
            "delete,D",
            "remove",
            "remove",
            key_display="del",
            show=False,
            tooltip="the device goes, its history stays",
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.known = Known()
        self.group = GROUPS[1]

    async def load(self) -> None:
        """The registry, and what waits for a decision; viewers get neither."""
        if self.console_app.now().may_operate:
            await self.known.load(self.console_app.reader)

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """A row for each device."""
        if now.snapshot is None or (now.may_operate and self._unknown):
            return None
        return items(self.known.rows(now), self.group, cells, now.glyphs)

    @property
    def _unknown(self) -> bool:
        return self.known.registry is None and not self.known.broken

    def draw(self, now: Now) -> None:
        """The list; the cursor goes to what was added."""
        super().draw(now)
        added = self.known.added
        if added and any(item.key == added for item in self.table.items):
            self.known.added = ""
            self.table.select(added)
            self.call_after_refresh(self.console_app.redraw)  # its details

    def header(self, cells: int) -> Line:
        """The columns' titles."""
        return grid(cells).header()

    def state(self, now: Now) -> Line:
        """How many there are, how many are not well, what waits."""
        middle = f" {now.glyphs.middle} "
        found = self.known.rows(now)
        amiss = sum(row.amiss for row in found)
        out: list[Piece] = [(f" {len(found)} {'device' if len(found) == 1 else 'devices'}", "text")]
        if amiss:
            out.append((f"{middle}{amiss} to look at", "warn"))
        if self.known.to_decide:
            out.append((f"{middle}{now.glyphs.alarm} {self.known.to_decide} to decide (y)", "warn"))
        if self.known.waits:
            text = f"{middle}{now.glyphs.alarm} registry.toml waits (p)"
            out.append((text, "alert"))
        if self.group != "none":
            out.append((f"{middle}by {self.group}", "dim"))
        return tuple(out)

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The device at the cursor."""
        row = self.known.row(now, key)
        if row is None:
            return []
        pinned, tested = self.known.pins.get(key, ""), self.known.tests.get(key)
        return device_facts(now, row, cells, pinned=pinned, tested=tested)

    def empty(self, now: Now) -> tuple[str, str]:
        """How to begin."""
        if self.known.broken:
            return "registry.toml cannot be read.", self.known.broken
        if not now.may_operate:
            return "No devices yet.", "Whoever may change things adds them here."
        return (
            "No devices yet.",
            "Press f to look for them in the network, n to add one by hand, or i to take many from "
            "a table (CSV) or from the older gx_systems.json.",
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is absent."""
        if action == "apply" and not self.known.waits:
            return False
        if action == "decide" and not self.known.to_decide:
            return False
        return super().check_action(action, parameters)

    # actions

    def opened(self, key: str) -> None:
        """Everything about a device."""
        self.app.push_screen(DevicePage(self.known, key))

    def action_find(self) -> None:
        """Look for devices."""
        self.app.push_screen(DiscoverPage(self.known))

    def action_new(self) -> None:
        """Add one by hand."""
        new_device(self.console_app, self.known)

    def action_change(self) -> None:
        """Change the one at the cursor."""
        if self.table.cursor:
            edit_devices(self.console_app, self.known, self.table.cursor)

    def action_test(self) -> None:
        """Test what is marked, or what the cursor is on."""
        chosen = self.table.chosen()
        if chosen:
            self.app.push_screen(TestPage(self.known, chosen))

    def action_power(self) -> None:
        """Read them, or not any more."""
        toggle(self.console_app, self.known, self.table.chosen())

    def action_remove(self) -> None:
        """Remove the one at the cursor."""
        if self.table.cursor:
            remove_device(self.console_app, self.known, self.table.cursor)

    def action_group(self) -> None:
        """Another order."""
        self.group = GROUPS[(GROUPS.index(self.group) + 1) % len(GROUPS)]
        self.console_app.redraw()

    def action_import_(self) -> None:
        """Many from a file."""
        import_file(self.console_app)

    def action_undo(self) -> None:
        """Take the last change back."""
        undo_change(self.console_app)

    def action_decide(self) -> None:
        """What waits for a person."""
        self.app.push_screen(DecidePage(self.known))

    def action_apply(self) -> None:
        """The file as it is."""
        apply_registry(self.console_app, self.known)
