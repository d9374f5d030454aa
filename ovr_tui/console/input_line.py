"""The line in which text is typed, of every page that has one."""

from textual import events
from textual.widgets import Input


class InputLine(Input):
    """Takes keys in the order in which they were pressed.

    Textual's own field takes characters itself, but leaves editing keys (backspace, ctrl+u) to
    bubble up to the app, so that of a burst (a slow line, a paste, a fast typist) characters
    overtake the backspaces before them. Here both are taken where they arrive.
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
        password: bool = False,
        restrict: str | None = None,
        max_length: int = 0,
    ) -> None:
        super().__init__(value, placeholder=placeholder, id=id, password=password, compact=True,
                         restrict=restrict, max_length=max_length,
                         select_on_focus=False)  # fmt: skip
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable:
            for binding in self._bindings.key_to_bindings.get(event.key, ()):
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)
                return
        await super()._on_key(event)
