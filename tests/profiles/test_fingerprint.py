"""Which reads tell a device apart, and how their answers are judged."""

import pytest

from collector.model.reading import Identity
from collector.profiles.fingerprint import Look
from collector.profiles.items import Placed
from tests.profiles.bench import sound, written
from tests.support.modbus import ascii_words

METER = """
[identity]
serial = ["serial"]
[[fingerprint]]
address = 0
type = "string"
len = 4
contains = "ACME"
[[fingerprint]]
address = 10
min = 3
max = 5
[[fingerprint]]
address = 9000
exception = 2
[[point]]
name = "serial"
address = 20
type = "u32"
once = true
"""
RIGHT = (ascii_words("ACME 7", 4), [4], 2)


def look(*answers):
    """The look, and its answers by request."""
    made = Look(sound(written(METER)))
    return made, dict(zip(made.marks, answers, strict=False))


def test_every_fingerprint_must_fit() -> None:
    """Text, range and the exception that others would not give."""
    made, answers = look(*RIGHT)
    assert [(r.function, r.start, r.size) for r in made.marks] == [
        (3, 0, 4),
        (3, 10, 1),
        (3, 9000, 1),
    ]
    assert made.fits(answers)


@pytest.mark.parametrize(
    ("place", "answer"),
    [(0, ascii_words("ACE", 4)), (1, [6]), (1, 2), (2, [0]), (2, 4), (0, [1])],
)
def test_one_that_does_not_is_enough(place, answer) -> None:
    """Another text, a number outside, an exception, or none where one is due."""
    answers = list(RIGHT)
    answers[place] = answer
    made, told = look(*answers)
    assert not made.fits(told)


def test_what_was_not_asked_does_not_fit() -> None:
    """Silence proves nothing."""
    made, answers = look(*RIGHT[:2])
    assert not made.fits(answers)


def test_who_it_is() -> None:
    """Serial from the identification reads alone; a refused one is nobody."""
    made, _ = look()
    assert made.who({made.identity[0]: [1, 2]}) == Identity(serial="65538")
    assert made.who({made.identity[0]: 2}) == Identity(serial="")


def test_sunspec_needs_its_chain() -> None:
    """Offsets count from where the model stands; without the model nothing fits."""
    body = """
    [sunspec]
    [[fingerprint]]
    model = 802
    at = 2
    min = 1
    [[point]]
    name = "a"
    model = 802
    at = 2
    type = "u16"
    """
    made = Look(sound(written(body)), {802: Placed(40070, 62)})
    assert made.sunspec
    assert [r.start for r in made.marks] == [40072]
    assert made.fits({made.marks[0]: [5]})
    assert not Look(sound(written(body))).fits({})
