"""Pages that say what is known of one thing, and list what can be done about it."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line, Tone, fit

NAME_CELLS = 21


class Deed(Struct, frozen=True, kw_only=True):
    """One thing that can be done: its name, what it is in plain words, what does it. A deed without
    `run` is a heading. `label` is shown for the name, where names are for the machine."""

    name: str
    label: str = ""
    text: str = ""
    run: Callable[[], object] | None = None
    tone: Tone = "text"


class MenuPage(ListPage):
    """What can be done about something. Facts stand beside, or below where the room is short."""

    OPENS = "choose"
    SHARE = 0.5
    BESIDE_CELLS = 150  # what a deed is stays whole
    BELOW = 9

    def deeds(self, now: Now) -> Sequence[Deed]:
        """What can be done now."""
        raise NotImplementedError

    def facts(self, now: Now, cells: int) -> list[Line]:
        """What is known."""
        raise NotImplementedError

    def items(self, now: Now, cells: int) -> Sequence[Item]:
        """The deeds."""
        del cells
        out = []
        for deed in self.deeds(now):
            key = deed.name if deed.run is not None else ""
            line: Line = (
                (f" {fit(deed.label or deed.name, NAME_CELLS)} ", "head" if not key else deed.tone),
                (deed.text, "dim"),
            )
            out.append(Item(key=key, line=line))
        return out

    def header(self, cells: int) -> Line:
        """No columns."""
        del cells
        return ()

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The facts."""
        del key
        return self.facts(now, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """It went meanwhile."""
        del now
        return "It is not there any more.", "Press esc."

    def opened(self, key: str) -> None:
        """Do what was chosen."""
        for deed in self.deeds(self.console_app.now()):
            if deed.name == key and deed.run is not None:
                deed.run()
                return
