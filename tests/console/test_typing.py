"""What comes from the terminal: keys are keys, what is pasted is text."""

from collections.abc import Iterable

import pytest
from textual import events
from textual.message import Message

from ovr_tui.console.typing import MOST_CHARS, Typing

PASTE = "\x1b[200~%s\x1b[201~"


def told(messages: Iterable[Message]) -> list[str]:
    """Keys by their names, pastes in quotes."""
    out = []
    for message in messages:
        if isinstance(message, events.Paste):
            out.append(repr(message.text))
        elif isinstance(message, events.Key):
            out.append(message.key)
    return out


def typed(data: str | bytes, step: int = 4096) -> list[str]:
    """What bytes come to that arrive in pieces of that size, and a key behind them."""
    raw = (data if isinstance(data, bytes) else data.encode()) + b"Z"
    typing = Typing()
    pieces = [raw[at : at + step] for at in range(0, len(raw), step)]
    return [word for piece in pieces for word in told(typing.events(piece))]


@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 4096])
@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("docket 7", "docket 7"),
        ("x\x1b[31mhae", "x[31mhae"),
        ("\x1b", ""),
        ("\x1b\x1b[A\x1bOP\x1b[<0;1;1M", "[AOP[<0;1;1M"),
        ("a\x1b[200~b", "a[200~b"),
        ("1\x002\x7f3\x9b4\x11q\x03", "1234q"),
        ("two\r\nlines\tand more", "two\r\nlines\tand more"),
        ("Größe ⚡ 日本", "Größe ⚡ 日本"),
    ],
)
def test_a_paste_is_text(pasted: str, text: str, step: int) -> None:
    """No key comes out of it, whatever stands in it and however it arrives; keys before and behind
    it stay what they are, in their order."""
    before = ["j", "up"]
    assert typed(f"j\x1b[A{PASTE % pasted}", step) == [*before, repr(text), "Z"]


@pytest.mark.parametrize("step", [1, 4096])
def test_two_pastes(step: int) -> None:
    """One behind the other, and keys between them."""
    assert typed(PASTE % "a" + "k" + PASTE % "b" + PASTE % "c", step) == [
        "'a'", "k", "'b'", "'c'", "Z",
    ]  # fmt: skip


def test_a_paste_that_is_endless() -> None:
    """Of very much text the beginning is kept, and the end is seen."""
    (text, key) = typed(PASTE % ("x" * (MOST_CHARS + 5000)))
    assert key == "Z"
    assert MOST_CHARS - 10 < len(text) < MOST_CHARS + 4096


def test_bytes_that_are_no_text() -> None:
    """A line that garbles, a terminal of another encoding: signs that mean nothing, and keys go
    on."""
    assert typed(b"j\xe9\xff\xc3k")[0] == "j"
    assert typed(b"j\xe9\xff\xc3k")[-2:] == ["k", "Z"]


def test_escape_alone() -> None:
    """It is a key when nothing follows for a while."""
    typing = Typing()
    assert told(typing.events(b"\x1b")) == []
    deadline_of_key = typing._timeout_time
    assert deadline_of_key is not None
    typing._timeout_time = 0.0
    assert told(typing.events(b"")) == ["escape"]
