"""The lock of a console, on a clock by hand; and the words and fields of commands."""

from collections.abc import Callable

import pytest
from msgspec import Struct, structs

from collector.client import Answer
from collector.errors import ApiError
from collector.model.control import Danger, Offer
from collector.wire import GrantAnswer, LockedAnswer
from ovr_tui.console.control.fields import Wish, asked_for, fields, ready, wish
from ovr_tui.console.control.unlocking import IDLE, RENEW_S, SLEPT, Unlocking
from ovr_tui.console.control.words import follows, forbidden, present, takes
from ovr_tui.console.form.fields import answers, problems
from ovr_tui.console.glyphs import UNICODE
from tests.console.readers import Clock, HandReader
from tests.console.test_control_screens import OFFERS

MODE, LIMIT, SETPOINT, RELAY, ACKNOWLEDGE = OFFERS


class Refusing(HandReader):
    """Refuses the next posts with this code."""

    code = ""

    def _done(self, method: str, path: str, kind: type[Answer], body: Struct | None) -> Answer:
        if self.code:
            raise ApiError("the collector refused: no", self.code)
        return super()._done(method, path, kind, body)


def lock(
    clock: Callable[[], float], wall: Callable[[], float]
) -> tuple[Unlocking, Refusing, list[str]]:
    """A lock at a collector that takes any PIN; what it said."""
    reader = Refusing()
    said: list[str] = []
    reader.answers["POST /v1/unlock"] = GrantAnswer(grant="g", idle_s=600)
    reader.answers["POST /v1/lock"] = LockedAnswer()
    return Unlocking(lambda: reader, said.append, clock=clock, wall=wall), reader, said


async def test_ten_idle_minutes_lock() -> None:
    """It counts from the last time that the collector heard of a key, at most every half minute."""
    clock = Clock()
    one, reader, said = lock(clock, clock)
    await one.unlock("4938")
    clock.at += RENEW_S - 1
    assert not one.key()
    clock.at += 1
    assert one.key()
    assert not one.key()
    await one.renew()
    assert one.left_s == 600
    assert len(reader.sent) == 2
    clock.at += 600
    assert one.grant == ""
    one.look()
    assert said == [IDLE]
    assert not one.key()


async def test_what_else_locks() -> None:
    """A grant that the collector knows no more (it was restarted), and a machine that slept; a
    collector that is only busy does not."""
    clock, ahead = Clock(), [0.0]
    one, reader, said = lock(clock, lambda: clock.at + ahead[0])
    await one.unlock("4938")
    reader.code = "not_now"
    await one.renew()
    assert one.grant == "g"
    reader.code = "pin_needed"
    await one.renew()
    assert one.grant == ""
    reader.code = ""
    await one.unlock("4938")
    ahead[0] = 3600.0
    one.look()
    assert one.grant == ""
    assert said[-1] == SLEPT
    reader.code = "wrong_pin"
    with pytest.raises(ApiError):
        await one.unlock("1111")
    assert one.left_s is None


async def test_lock_is_at_once_even_if_nobody_hears() -> None:
    """Without the collector the grant is forgotten all the same."""
    clock = Clock()
    one, reader, said = lock(clock, clock)
    await one.unlock("4938")
    reader.code = "gone"
    await one.lock()
    assert (one.grant, len(said)) == ("", 1)


def filled(offer: Offer, **values: str) -> tuple[dict[str, str], Wish | None]:
    """What is wrong with a form, and what it wants if nothing is."""
    made = fields(offer, values)
    wrong = problems(made, values, 0)
    return wrong, None if wrong else wish(answers(made, values, 0))


@pytest.mark.parametrize(
    ("offer", "values", "wanted"),
    [
        (MODE, {"way": "charger-only"}, Wish("charger-only")),
        (LIMIT, {"number": "32,5"}, Wish(32.5)),
        (SETPOINT, {"way": "a number", "number": "-5 000", "time": "30m"}, Wish(-5000.0, 1800)),
        (SETPOINT, {"way": "release"}, Wish("release")),
    ],
)
def test_what_a_form_wants(offer: Offer, values: dict[str, str], wanted: Wish) -> None:
    """Words, numbers and times as the collector takes them; a release takes no time."""
    assert filled(offer, **values) == ({}, wanted)


@pytest.mark.parametrize(
    ("offer", "values", "field", "words"),
    [
        (MODE, {"way": "off"}, "way", "drops the loads"),
        (LIMIT, {"number": "100.5"}, "number", "at most 100 A"),
        (LIMIT, {"number": "nan"}, "number", "a number is needed"),
        (LIMIT, {}, "number", "needed"),
        (SETPOINT, {"way": "a number", "number": "0.5", "time": "30m"}, "number", "steps of 1"),
        (SETPOINT, {"way": "a number", "number": "5", "time": "2d"}, "time", "24 h"),
        (SETPOINT, {"way": "a number", "number": "5"}, "time", "needed"),
    ],
)
def test_what_a_form_does_not_take(
    offer: Offer, values: dict[str, str], field: str, words: str
) -> None:
    """It says what is wrong before anything is asked."""
    wrong, wanted = filled(offer, **values)
    assert wanted is None
    assert words in wrong[field]


def test_words_of_commands() -> None:
    """What it takes, how it is set, what follows, and whether anything of it is possible."""
    assert takes(LIMIT, UNICODE) == "0 to 100 A"
    assert takes(SETPOINT, UNICODE) == "-45 000 to 45 000 W or release · for a time"
    assert present(structs.replace(SETPOINT, value="release")) == "not set"
    assert present(structs.replace(LIMIT, value=None)) == "unknown"
    assert asked_for(SETPOINT, Wish(-5000.0, 1800)) == "-5 000 W for 30 min"
    assert ready(ACKNOWLEDGE) == Wish("done")
    assert ready(MODE) is None
    assert "dark" in follows("mode", "off")
    assert forbidden(RELAY).startswith("the GX itself")
    assert forbidden(MODE) == ""
    every = dict.fromkeys(MODE.choices, "no")
    assert forbidden(structs.replace(MODE, impossible=every)) == "no"
    assert MODE.danger is Danger.DANGEROUS
