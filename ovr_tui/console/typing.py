"""What comes from the terminal, as events."""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

from textual._xterm_parser import XTermParser
from textual.message import Message

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
MOST_CHARS = 1_000_000
"""Of one paste; a field takes far less."""
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)])
for _kept in "\n\r\t":
    del _CONTROLS[ord(_kept)]


class Typing(XTermParser):
    """Textual's parser of keys, for text that is pasted by people and lines that garble.

    Textual takes an escape code within a paste apart into keys, which then do what they do, and
    come before the text that was pasted with them. Here a paste is text to its very end, without
    control characters. Bytes that are no UTF-8 are signs of their own and end nothing.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._tail = ""
        self._pasted: str | None = None

    def events(self, data: bytes) -> Iterable[Message]:
        """What these bytes come to, or that none came for a while."""
        for text in self._plain(self._decode(data)):
            yield from self.feed(text)
        yield from self.tick()

    def _plain(self, text: str) -> Iterator[str]:
        """The same text, a paste only when it is whole. `_tail` is what a mark may have begun with;
        it has been handed on."""
        while text:
            if self._pasted is None:
                seen = self._tail + text
                at = seen.find(PASTE_BEGINS)
                if at < 0:
                    self._tail = seen[1 - len(PASTE_BEGINS) :]
                    yield text
                    return
                end = at + len(PASTE_BEGINS)
                yield seen[len(self._tail) : end]
                text, self._tail, self._pasted = seen[end:], "", ""
            seen = self._pasted + text
            at = seen.find(PASTE_ENDS)
            if at < 0:
                mark = 1 - len(PASTE_ENDS)  # where its end may have begun
                self._pasted = seen[:MOST_CHARS][:mark] + seen[mark:]
                return
            yield seen[:at].translate(_CONTROLS) + PASTE_ENDS
            text, self._pasted = seen[at + len(PASTE_ENDS) :], None
