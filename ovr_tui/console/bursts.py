"""Characters that come faster than they are painted: a paste that the terminal does not mark as
one, what was typed ahead on a slow line."""

from collections.abc import Awaitable, Callable

from textual import events
from textual.message import Message

from ovr_tui.console.input_line import InputLine
from ovr_tui.console.pages.base import Page


async def in_one(
    first: events.Key,
    page: object,
    peek: Callable[[], Message | None],
    take: Callable[[], Awaitable[Message]],
) -> bool:
    """Give a field that has the keys all characters that wait behind `first` at once; the message
    that `peek` sees is the one that `take` takes. False: it is no character for a field, or the
    only one, and goes its usual way."""
    if not isinstance(page, Page) or not isinstance(page.focused, InputLine):
        return False
    if not (first.is_printable and _waits(peek())):
        return False
    own = {key for key, active in page.active_bindings.items() if active.binding.priority}
    if first.key in own:
        return False
    text = first.character or ""
    while (key := _waits(peek())) is not None and key.key not in own:
        await take()
        text += key.character or ""
    page.focused.post_message(InputLine.Burst(text))
    return True


def _waits(message: Message | None) -> events.Key | None:
    """The next key, if it is a character."""
    return message if isinstance(message, events.Key) and message.is_printable else None
