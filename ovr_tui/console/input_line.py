"""The line in which text is typed, of every page that has one."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from ovr_tui.console.keys import named

MOST_CHARS = 20_000
"""What no field takes. One that takes less says so itself, and keeps what is too long to be cut."""
STEPS = 100
"""How many steps can be taken back."""


def _key(keys: str, action: str, text: str) -> Binding:
    return Binding(keys, action, text, show=False)


EDITING: list[BindingType] = [
    _key("left", "cursor_left", "left, right"),
    _key("right", "cursor_right", "left, right"),
    _key("ctrl+left", "cursor_left_word", "a word left, right"),
    _key("ctrl+right", "cursor_right_word", "a word left, right"),
    _key("home,ctrl+a", "home", "to the beginning"),
    _key("end,ctrl+e", "end", "to the end"),
    _key("shift+left", "cursor_left(True)", "select"),
    _key("shift+right", "cursor_right(True)", "select"),
    _key("shift+home", "home(True)", "select"),
    _key("shift+end", "end(True)", "select"),
    _key("ctrl+x", "cut", "take out what is selected"),
    _key("ctrl+v", "paste", "put in what was taken out"),
    _key("backspace", "delete_left", "delete before the cursor, at it"),
    _key("delete,ctrl+d", "delete_right", "delete before the cursor, at it"),
    _key("ctrl+w,alt+backspace", "delete_left_word", "delete the word before the cursor"),
    _key("ctrl+u", "delete_left_all", "delete all before the cursor, behind it"),
    _key("ctrl+k", "delete_right_all", "delete all before the cursor, behind it"),
    _key("ctrl+z", "undo", "take back what was typed or deleted last"),
    _key("enter", "submit", "done"),
]
"""What keys do where one types. Textual's own list has ctrl+c too (copy), which here leaves, as it
does everywhere."""


class InputLine(Input, inherit_bindings=False):
    """Takes keys in the order in which they were pressed, and can take back what was typed.

    Textual's own field takes characters itself, but leaves editing keys (backspace, ctrl+u) to
    bubble up to the app, so that of a burst (a slow line, a paste, a fast typist) characters
    overtake the backspaces before them. Here both are taken where they arrive.

    One step back is one run of typing or of deleting. Of what nobody may see nothing is kept.

    Its place is underlined as far as it is empty, in every theme and set of signs: where something
    can be typed is seen before it has the keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = named("field", EDITING)

    class Refused(Message):
        """Something was not taken; why."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    class Burst(Message):
        """Characters that were typed, in one piece."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002  Textual's name
        password: bool = False,
        restrict: str | None = None,
        max_length: int = MOST_CHARS,
    ) -> None:
        self._steps: list[str] = []
        self._grows: bool | None = None
        super().__init__(value, placeholder=placeholder, id=id, password=password, compact=True,
                         restrict=restrict, max_length=max_length,
                         select_on_focus=False)  # fmt: skip
        self.cursor_blink = False

    def render_line(self, y: int) -> Strip:
        """What is typed, then its empty place."""
        strip = super().render_line(y)
        typed = len(self.value) if self.password else cell_len(self.value or self.placeholder)
        at_end = self.has_focus and self.cursor_position >= len(self.value)
        used = typed + (at_end and (typed == 0 or bool(self.value))) - self.scroll_offset.x
        empty = self.size.width - used
        if y or empty <= 0:
            return strip
        style = self.get_component_rich_style("input--placeholder")
        return Strip.join([strip.crop(0, used), Strip([Segment("_" * empty, style)], empty)])

    async def _on_key(self, event: events.Key) -> None:
        own = [] if event.is_printable else self._bindings.key_to_bindings.get(event.key, [])
        if own:
            event.stop()
            event.prevent_default()
            await self.run_action(own[0].action)
        else:
            await super()._on_key(event)

    def replace(self, text: str, start: int, end: int) -> None:
        """Every edit comes through here; what stood before it can be had back."""
        before = self.value
        super().replace(text, start, end)
        if self.password or self.value == before:
            return
        grows = len(self.value) > len(before)
        if grows is not self._grows or abs(len(self.value) - len(before)) > 1:
            self._steps = [*self._steps[-STEPS:], before]
        self._grows = grows

    def on_input_line_burst(self, event: "InputLine.Burst") -> None:
        """Several characters are one change; where not every one is taken each is one."""
        event.stop()
        for text in event.text if self.restrict else (event.text,):
            self.replace(text, *self.selection)

    def restricted(self) -> None:
        """Nothing that is not taken goes unsaid."""
        if self.max_length == MOST_CHARS:
            said = f"not taken: a field takes {MOST_CHARS} characters at most"
            self.post_message(self.Refused(said))

    def action_undo(self) -> None:
        """Take the last run of typing, or of deleting, back."""
        if self._steps:
            self.value = self._steps.pop()
            self.cursor_position = len(self.value)
        self._grows = None
