"""How an alarm reaches whoever sits at the console, whatever page is open."""

import asyncio
from collections.abc import Callable

import pytest

from collector.model.snapshot import Snapshot
from ovr_tui.console.form import FormPage
from tests.console.readers import Clock, HandReader, make_app, screen_text, settle, shows
from tests.support.snapshots import alarm, changed, site


def with_alarm(seq: int) -> Snapshot:
    """The site with one alarm that nobody has."""
    return changed(site(5, seq=seq), alarms=(alarm(),))


async def reaches(true: Callable[[], bool]) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0.02)


async def test_an_alarm_says_itself_but_takes_no_key_from_who_types() -> None:
    """On a page the last line says it; while a filter is typed the line of truth and the tabs do,
    and what is typed goes on."""
    app, reader = make_app(site(5))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("slash", "b")
        reader.push(with_alarm(2))
        await settle(pilot)
        text = screen_text(app)
        assert "1 ALARM " in text
        assert "Alarms 1" in text
        assert "ALARM: BESS 1" not in text
        await pilot.press("e")
        assert app.focused is not None
        assert getattr(app.focused, "value", "") == "be"
        await pilot.press("escape")
        reader.push(changed(site(5, seq=3), alarms=(alarm(), alarm(id="b", name="Stage A"))))
        await settle(pilot)
        assert "ALARM: Stage A: state of charge 14 %" in screen_text(app).splitlines()[-1]


async def test_a_form_shows_how_many_alarms_wait() -> None:
    """Also where no key leads away the head counts alarms; the form keeps the keys."""
    app, reader = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("C")
        await settle(pilot)
        reader.push(with_alarm(2))
        text = await shows(pilot, "1 ALARM")
        assert isinstance(app.screen, FormPage)
        assert "Alarms 1" in text
        assert "ALARM: BESS 1" not in text


async def test_the_bell_is_as_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Off at first; B sets it, which is kept; it sounds for an alarm, not while the collector is
    silent, and again once it is heard and the time has passed."""
    clock, reader, rang = Clock(), HandReader(with_alarm(1)), []
    app, _ = make_app(reader=reader, clock=clock)
    monkeypatch.setattr(app, "bell", lambda: rang.append(clock.at))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert rang == []
        await pilot.press("B")
        await shows(pilot, "bell every 10 s until acknowledged")
        assert app.kept.settings.bell_s == 10
        await reaches(lambda: len(rang) == 1)
        for _ in range(30):
            clock.at += 1
            app._second()
        assert len(rang) == 1
        reader.push(with_alarm(2))
        await reaches(lambda: len(rang) == 2)
        await pilot.press("B", "B")
        await shows(pilot, "bell off")
