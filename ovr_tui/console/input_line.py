"""The line in which text is typed, of every page that has one."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import Input

from ovr_tui.console.keys import named

STEPS = 100
"""How many steps can be taken back."""


class InputLine(Input):
    """Takes keys in the order in which they were pressed, and can take back what was typed.

    Textual's own field takes characters itself, but leaves editing keys (backspace, ctrl+u) to
    bubble up to the app, so that of a burst (a slow line, a paste, a fast typist) characters
    overtake the backspaces before them. Here both are taken where they arrive.

    One step back is one run of typing or of deleting. Of what nobody may see nothing is kept.

    Its place is underlined as far as it is empty, in every theme and set of signs: where something
    can be typed is seen before it has the keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = named(
        "field",
        [
            Binding("ctrl+z", "undo", "undo", show=False,
                    tooltip="take back what was typed or deleted last"),
        ],
    )  # fmt: skip

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002  Textual's name
        password: bool = False,
        restrict: str | None = None,
        max_length: int = 0,
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

    def action_undo(self) -> None:
        """Take the last run of typing, or of deleting, back."""
        if self._steps:
            self.value = self._steps.pop()
            self.cursor_position = len(self.value)
        self._grows = None
