"""What lists say and show as they become empty, full again, and filtered."""

from textual.pilot import Pilot

from collector.model.alarm import Alarm, AlarmHealth, Commissioning
from collector.wire import AlarmsAnswer
from ovr_tui.console.leaving import Leave
from tests.console.readers import HandReader, make_app, screen_text, settle
from tests.support.snapshots import alarm, changed, site


def reader_of(*live: Alarm, shelved: tuple[Alarm, ...] = ()) -> HandReader:
    """A collector with these alarms, to an operator."""
    reader = HandReader(changed(site(5), alarms=live))
    reader.answers["/v1/alarms"] = AlarmsAnswer(
        active=live,
        shelved=shelved,
        history=live,
        commissioned=(Commissioning(asset="load-1", at_ms=1, person="kim"),),
        health=AlarmHealth(),
    )
    return reader


async def press(pilot: Pilot[Leave], *keys: str) -> str:
    """The screen after each of these keys has had its time."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return screen_text(pilot.app)


async def test_details_are_there_again_after_the_list_was_empty() -> None:
    """What stands below a list is painted again when the list is no longer empty."""
    app, _ = make_app(reader=reader_of(alarm()))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        before = await press(pilot, "a", "1")
        assert "state of charge below 20" in before
        assert await press(pilot, "4", "1") == before
