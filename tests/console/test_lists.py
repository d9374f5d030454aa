"""What lists say and show as they become empty, full again, and filtered."""

from textual.pilot import Pilot

from collector.model.alarm import Alarm, AlarmHealth, Commissioning
from collector.wire import AlarmsAnswer, EventsAnswer, MeAnswer, ReportsAnswer
from ovr_tui.console.item_table import Item
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.pick import PickPage
from tests.console.readers import HandReader, make_app, screen_text, settle
from tests.support.snapshots import START_MS, alarm, changed, site


def reader_of(*live: Alarm, shelved: tuple[Alarm, ...] = ()) -> HandReader:
    """A collector with these alarms, to an operator."""
    reader = HandReader(changed(site(5), alarms=live))
    reader.answers["/v1/me"] = MeAnswer(
        person="uid 1000 (kim)", role="operator", transport="ovr.sock", control=True, pin=False,
        node="n1", site="Main field", timezone="America/Los_Angeles", version="1",
    )  # fmt: skip
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


async def test_a_filter_that_nothing_passes_says_so() -> None:
    """Neither enter nor what is done with a row is offered then; esc brings the rows back."""
    app, _ = make_app(reader=reader_of(alarm()))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        text = await press(pilot, "a", "slash", "z", "z", "enter")
        assert "Nothing matches the filter. esc clears it." in text
        assert all(word not in text.splitlines()[-1] for word in ("⏎", "acknowledge", "mark"))
        assert "Nothing matches" not in await press(pilot, "escape")


async def test_the_palette_says_that_nothing_is_called_so() -> None:
    """Enter is not offered then."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "⏎" in (await press(pilot, "colon")).splitlines()[-1]
        text = await press(pilot, "z", "z", "z")
        assert "nothing is called so" in text
        assert "⏎" not in text.splitlines()[-1]


# alarms


async def test_what_is_shelved_is_not_forgotten() -> None:
    """A list without open alarms says how many are out of sight, and where they are."""
    away = tuple(alarm(id=f"s{at}", state="shelved") for at in range(2))
    for shelved, said in (
        (away[:1], "1 is shelved: 4 shows it."),
        (away, "2 are shelved: 4 shows"),
    ):
        app, _ = make_app(reader=reader_of(shelved=shelved))
        async with app.run_test(size=(100, 30)) as pilot:
            await settle(pilot)
            text = await press(pilot, "a")
            assert "No alarm in sight." in text
            assert said in text
            assert "acknowledge" not in text.splitlines()[-1]
            assert "there is no alarm to acknowledge" in await press(pilot, "A")


async def test_an_open_alarm_is_acknowledged_from_the_history_too() -> None:
    """A asks about the one at the cursor; of one that is over or that somebody has it says so."""
    news = alarm(id="a", name="Here")
    over = alarm(id="b", name="Gone", state="closed", cleared_ms=START_MS, acked_ms=START_MS)
    seen = alarm(id="c", name="Kim's", state="acknowledged", acked_ms=START_MS, acked_by="kim")
    for one, offered, said in (
        (news, True, "this one: Here"),
        (over, False, "it is over"),
        (seen, False, "somebody has acknowledged it already"),
    ):
        reader = reader_of(one)
        if one is over:
            reader.push(site(5))
        app, _ = make_app(reader=reader)
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            text = await press(pilot, "a", "3")
            assert ("A acknowledge" in text.splitlines()[-1]) is offered
            assert said in await press(pilot, "A")


async def test_what_is_new_is_in_sight_when_one_comes_to_the_alarms() -> None:
    """Whoever left the history or the shelf open finds the open ones; where nothing is new they
    find what they left."""
    app, reader = make_app(reader=reader_of())
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "a", "4", "s")
        assert "[4 shelved" in await press(pilot, "a")
        await press(pilot, "s")
        reader.push(changed(site(5), alarms=(alarm(),)))
        await settle(pilot)
        assert "[1 active 1]" in await press(pilot, "a")
        assert "[4 shelved" in await press(pilot, "4", "a")


# reports


async def test_without_reports_only_what_can_be_done_is_offered() -> None:
    """An interim one can be made; nothing is done with a report that is not there."""
    reader = reader_of()
    reader.answers["/v1/reports"] = ReportsAnswer(reports=(), jobs=())
    reader.answers["/v1/events"] = EventsAnswer(events=())
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        last = (await press(pilot, "r")).splitlines()[-1]
        assert "n interim" in last
        assert all(word not in last for word in ("write", "release", "verify", "before", "correct"))
        assert "there is no report at the cursor yet" in await press(pilot, "equals_sign")


async def test_the_cursor_of_a_list_goes_by_the_whole_filter() -> None:
    """It does not stay where half of the text had to put it: `!o` leaves only the third."""
    names = ("one", "two", "three")
    items = [Item(key=name, line=((f" {name}", "text"),)) for name in names]
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        taken: list[str] = []
        app.push_screen(PickPage("Which?", lambda _now, _cells: items, taken.append))
        await settle(pilot)
        await press(pilot, "slash", "exclamation_mark", *"on", "enter", "enter")
        assert taken == ["two"]
