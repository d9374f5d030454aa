"""A terminal that does not keep up: what helps is said, once."""

import pytest

from ovr_tui.console.pace import HINT, Pace
from ovr_tui.console.profile import Profile
from tests.console.readers import Clock, make_app, pass_seconds, screen_text, settle
from tests.support.snapshots import site


def test_one_pause_is_no_slow_terminal() -> None:
    """A terminal that stood still once, however long, may be quick; one that falls behind a second
    time is slow. While it is behind there is nothing to be said."""
    pace = Pace()
    assert not any(pace.due(lost, behind=True) for lost in range(30))
    assert not any(pace.due(29, behind=False) for _ in range(30))
    assert not pace.due(31, behind=True)
    assert not pace.due(31, behind=True)
    assert pace.due(31, behind=False)
    pace.told = True
    assert not pace.due(99, behind=False)


@pytest.mark.parametrize("slow", [False, True])
async def test_it_is_said_once(slow: bool) -> None:
    """In the last line, not while a filter is typed, and never to who has chosen --slow."""
    clock = Clock()
    app, _ = make_app(site(5), profile=Profile(slow=slow), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for keys in ((), ("slash",)):
            app._skipped += 3
            pass_seconds(app, clock, 1)
            assert HINT not in screen_text(app)
            await pilot.press(*keys)
            pass_seconds(app, clock, 1)
        await settle(pilot)
        assert HINT not in screen_text(app)
        await pilot.press("escape")
        pass_seconds(app, clock, 1)
        await settle(pilot)
        assert (HINT in screen_text(app).splitlines()[-1]) is not slow
        await pilot.press("down")
        for _ in range(3):
            app._skipped += 3
            pass_seconds(app, clock, 2)
        await settle(pilot)
        assert HINT not in screen_text(app)
