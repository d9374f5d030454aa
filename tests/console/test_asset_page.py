"""The page of an asset by keyboard: its chart, every raw value, what it counts for."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from collector.errors import ApiError
from collector.model.catalogue import MAIN_POWER
from collector.wire import HistoryAnswer, RawAnswer
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.charts.look import Range
from ovr_tui.console.charts.view import ChartView
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.device import AssetMenuPage
from ovr_tui.console.pages.links import LinksPage
from ovr_tui.console.pages.notice import NoticePage
from ovr_tui.console.pages.points import PointsPage
from ovr_tui.console.pages.raw import RawPage
from tests.console.readers import (
    Clock,
    HandReader,
    make_app,
    pass_seconds,
    screen_text,
    settle,
    shows,
)
from tests.console.test_text import HOSTILE
from tests.support.kinds import KIND_IDS, VIEWER, answers, one_of_each
from tests.support.snapshots import START_MS, changed

SIZE = (120, 40)
COUNT = len(one_of_each().assets[0].readings)


def opened(asset: str = "bess-1", **more: Any) -> tuple[ConsoleApp, HandReader]:
    """An app on the small site, and its reader that answers as an operator's does."""
    reader = HandReader(one_of_each())
    reader.answers |= answers(asset)
    return make_app(reader=reader, **more)


async def open_(pilot: Pilot[Any], asset: str = "bess-1") -> None:
    """Open the page of an asset."""
    await settle(pilot)
    pilot.app.open_asset(asset, [view.id for view in one_of_each().assets])  # type: ignore[attr-defined]  # ours
    await settle(pilot)


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys; what the screen shows then."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return screen_text(pilot.app)


def chart(app: ConsoleApp) -> ChartView:
    """The chart on the page."""
    return app.screen.query_one(ChartView)


async def test_ranges_by_digits() -> None:
    """1 to 5 choose how far back the chart reaches; of a range of hours minutes are asked for,
    once, and their band is drawn; the event begins when the event began."""
    app, reader = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        assert "[5 min]" in screen_text(app)
        for key, word in (
            ("2", "1 h"),
            ("3", "6 h"),
            ("4", "24 h"),
            ("5", "event"),
            ("1", "5 min"),
        ):
            text = await press(pilot, key)
            assert f"[{word}]" in text
            assert ("░░" in text.partition("[" + word)[2]) == (word != "5 min")
        before = len(reader.asked)
        await press(pilot, "2", "3", "4", "5")
        assert len(reader.asked) == before
        text = await press(pilot, "5")
        assert "Wed 24" in text or "Thu 25" in text


async def test_without_an_event_there_is_no_such_range() -> None:
    """Of a system in no event the range is not offered, and its key says why."""
    reader = HandReader(changed(one_of_each(), events=()))
    app, _ = make_app(reader=reader)
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "2", "5")
        assert "[1 h]" in text
        assert "event " not in text.partition("[1 h]")[2].splitlines()[0]
        assert "it is in no event now" in text.splitlines()[-1]


async def test_zoomed_to_where_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoomed in at a cursor before the first value the chart says that there is nothing, and which
    key shows all of the range again; that key does. With the range whole there is no such word."""
    app, reader = opened()
    began_ms = START_MS - 240_000

    async def history(asset: str, key: str, from_ms: int, to_ms: int, step_s: int) -> HistoryAnswer:
        times = tuple(range(max(from_ms, began_ms), to_ms + 1, 1000 * step_s))
        return HistoryAnswer(
            asset=asset, measurement=key, times=times, values=(1000.0,) * len(times)
        )

    monkeypatch.setattr(reader, "history", history)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_(pilot)
        assert "all of it" not in screen_text(app)
        await press(pilot, "2")
        app.screen.query_one(ChartView).move(-70)
        text = await press(pilot, "plus", "plus")
        assert "no values in this time: 2 shows all of 1 h" in text
        text = await press(pilot, "2")
        assert "no values" not in text
        assert "all of it" not in text


async def test_cursor_and_zoom() -> None:
    """The cursor shows the time and the value with its band; + zooms in around it, - out again; to
    the right of the newest it is gone."""
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "3", *["left"] * 3)
        assert "at 14:2" in text or "at 14:1" in text
        assert "kW " in text
        assert "…" in text.partition("[6 h]")[2].splitlines()[1]
        text = await press(pilot, "plus", "plus")
        assert chart(app).look.span_ms == 6 * 3_600_000 // 4
        text = await press(pilot, "minus", "minus")
        assert chart(app).look.span_ms is None
        text = await press(pilot, "right", "right", "right", "right")
        assert " at 14" not in text
        text = await press(pilot, "plus")
        assert "zoom 11:32:07–14:32:07" in text
        await press(pilot, "3")
        assert chart(app).look.span_ms is None


async def test_four_measurements_at_once() -> None:
    """m keeps what is charted and [ ] go on to others, each with its letter; a fifth is refused
    with the reason; m lets go again."""
    app, reader = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "m", "right_square_bracket", "m", "right_square_bracket", "m")
        assert "A load power" in text
        assert "B grid power" in text
        assert "C generator power" in text
        text = await press(pilot, "right_square_bracket", "m")
        assert "D PV power" in text
        assert {key for _, key in reader.asked} >= {"grid_power_w", "pv_power_w"}
        text = await press(pilot, "right_square_bracket", "m")
        assert "4 at most" in text
        back = "left_square_bracket"
        text = await press(pilot, back, "m", back, "m", back)
        assert "B grid power" in text
        assert "C " not in text.partition("A load power")[2].splitlines()[0]


async def test_two_units_have_two_axes() -> None:
    """What is of another unit goes by the right axis, and says so."""
    app, _ = opened()
    async with app.run_test(size=(160, 50)) as pilot:
        await open_(pilot)
        await press(pilot, "m")
        for _ in range(20):
            text = await press(pilot, "right_square_bracket")
            if "battery SOC" in text.partition("A load power")[2].splitlines()[0]:
                break
        assert "B battery SOC 71 % →" in text


async def test_pause_holds_the_chart() -> None:
    """While the picture is held the chart's window stands still too."""
    app, reader = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "space")
        reader.push(changed(one_of_each(), seq=2, at_ms=START_MS + 60_000))
        text = await press(pilot, "left")
        assert "at 14:32:0" in text
        await press(pilot, "right", "space")
        assert "at 14:33:0" in await press(pilot, "left")


async def test_a_lost_collector_leaves_the_chart() -> None:
    """The chart stays, says for how long it stands still, and is asked for anew when the collector
    is back."""
    clock = Clock()
    app, reader = opened(clock=clock)
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "2")
        reader.lose("no collector runs")
        await settle(pilot)
        pass_seconds(app, clock, 43)
        await settle(pilot)
        text = screen_text(app)
        assert "stands still for 43 s" in text
        assert "░░" in text
        assert "no values" not in text


async def test_a_chart_that_cannot_be_had() -> None:
    """Without an answer the reason stands in the chart's place."""
    app, reader = opened()
    reader.history_fails = True
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "4")
        assert text.count("no history") >= 2  # in the picture and above it


async def test_the_chart_is_written_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """w writes what is shown into the present folder, and says where."""
    monkeypatch.chdir(tmp_path)
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "2", "w")
        for worker in [w for w in app.workers if w.group == "export"]:
            await worker.wait()
        await settle(pilot)
        (file,) = list(tmp_path.glob("*"))  # noqa: ASYNC240  a test's own folder
        assert str(file) in "".join(screen_text(app).split())
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        assert rows[0][2] == MAIN_POWER[one_of_each().assets[0].kind]
        assert len(rows) > 60


async def test_the_values_of_a_chart_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """t lists what the chart shows, the newest first, in the site's time and people's units, with
    the least and greatest of minutes; W writes it as JSON; enter leads to that moment in the chart.
    """
    monkeypatch.chdir(tmp_path)
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "m", "right_square_bracket", "2")
        text = await press(pilot, "t")
        assert isinstance(app.screen, PointsPage)
        assert "A load power · B grid power" in text
        head = next(line for line in text.splitlines() if "TIME" in line)
        assert head.split() == ["TIME", "A", "kW", "A", "least", "A", "greatest",
                                "B", "kW", "B", "least", "B", "greatest"]  # fmt: skip
        times = re.findall(r"^ (\d\d:\d\d:\d\d) ", text, re.MULTILINE)
        assert times[0] == "14:32:00"
        assert times == sorted(times, reverse=True)
        await pilot.press("W")
        await shows(pilot, ".json")  # it is written
        if isinstance(app.screen, NoticePage):  # where a long path stands
            await press(pilot, "escape")
        (file,) = list(tmp_path.glob("*.json"))  # noqa: ASYNC240  a test's own folder
        rows = json.loads(file.read_text(encoding="utf-8"))
        assert rows[-1]["time_local"] == "2026-06-25T14:32:00-07:00"
        assert {"load_power_w", "grid_power_w greatest"} <= rows[0].keys()
        assert app.focused is app.screen.table
        await press(pilot, *["down"] * 3, "enter")
        assert isinstance(app.screen, AssetPage)
        assert f"at {times[3]}" in screen_text(app)
        await press(pilot, "1", "plus", "plus")
        assert "[75 s of 5 min]" in screen_text(app)
        assert re.search(r"\d in 75 s ", await press(pilot, "t"))


async def test_one_measurement_of_those_that_are_kept() -> None:
    """o shows only the one at which one is, [ ] go on to others alone, o again shows all; with
    nothing else in the chart it says how there would be."""
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        assert "no other measurement is in the chart" in await press(pilot, "o")
        text = await press(pilot, "m", "right_square_bracket", "m")
        assert "A load power" in text
        text = await press(pilot, "o")
        assert "A load power" not in text
        assert "grid power" in text
        assert "o all" in text
        text = await press(pilot, "left_square_bracket")
        assert " load power" in text
        assert "A load power" in await press(pilot, "o")


async def test_the_chart_over_the_whole_page() -> None:
    """f gives the chart all the room, f again gives it back."""
    app, _ = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_(pilot)
        small = chart(app).size.height
        text = await press(pilot, "f")
        assert chart(app).size.height > 2 * small
        assert "BATTERY" not in text
        assert "BATTERY" in await press(pilot, "f")


async def test_every_raw_value_behind_one_key() -> None:
    """v lists readings and all that the device says, / filters while typing (words, !not) and says
    how many of how many; esc leads back in steps."""
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "v")
        assert isinstance(app.screen, RawPage)
        assert f"{COUNT + 38} values" in text
        text = await press(pilot, "slash", *"vebus !p0")
        assert f"22 of {COUNT + 38}" in text
        assert "victron_vebus_ac_out_p30 instance=276" in text
        assert "525" in text
        assert "victron_vebus_soc" in text
        assert "bad" in text
        assert "load power" not in text
        await press(pilot, "enter", "escape", "escape")
        assert isinstance(app.screen, AssetPage)


async def test_a_reading_is_charted_from_the_list() -> None:
    """Enter on a reading leads back to the page with its chart; on another value it says why
    not."""
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "v", "slash", *"tank", "enter")
        assert "no chart of this" in await press(pilot, "enter")
        await press(pilot, "slash", *["backspace"] * 4, *"temperature", "enter")
        text = await press(pilot, "enter")
        assert isinstance(app.screen, AssetPage)
        assert "battery temperature 27.4 °C" in text


async def test_raw_values_are_live() -> None:
    """They are asked for again while the page is open, and not while the picture is held."""
    clock = Clock()
    app, reader = opened(clock=clock)
    path = "/v1/assets/bess-1/raw"
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "v", "slash", *"tank", "enter")
        asked = sum(got == path for got, _ in reader.got)
        before = reader.answers[path]
        assert isinstance(before, RawAnswer)
        values = tuple(v for v in before.values if v.name == "victron_tank_level")
        newer = RawAnswer(
            asset="bess-1", device="bess-1", at_ms=START_MS,
            values=tuple(type(v)(name=v.name, value=51.0, age_s=0.0, quality="good")
                         for v in values),
        )  # fmt: skip
        reader.answers[path] = newer
        clock.at += 3
        app.redraw()
        await settle(pilot)
        assert "51 " in screen_text(app)
        assert sum(got == path for got, _ in reader.got) == asked + 1


async def test_an_asset_that_is_removed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of its values says in plain words that it is gone, not which path lists assets."""
    app, reader = opened()
    gone = ApiError("no asset 'bess-1': GET /v1/snapshot lists the assets", "no_such_asset")

    async def refuse(*_: object, **__: object) -> None:
        raise gone

    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        await press(pilot, "v")
        shot = app.now().snapshot
        assert shot is not None
        monkeypatch.setattr(reader, "get", refuse)
        reader.push(changed(shot, assets=shot.assets[1:]))
        await settle(pilot)
        app.screen.reload()  # type: ignore[attr-defined]
        await settle(pilot)
        text = screen_text(app)
        assert "bess-1 is no longer in the registry: it was removed." in text
        assert "/v1" not in text


async def test_viewers_see_readings_and_no_raw_values() -> None:
    """Who may only look is not even asked for: readings stand there, no error does."""
    app, reader = opened()
    reader.answers["/v1/me"] = VIEWER
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        reader.got.clear()
        text = await press(pilot, "v")
        assert f"{COUNT} values" in text
        assert not [path for path, _ in reader.got if path.endswith("/raw")]
        text = await press(pilot, "escape", "l")
        assert "Who may operate sees" in text
        assert "TOTALS" in text
        assert not [path for path, _ in reader.got if "assignments" in path]


async def test_what_it_counts_for_and_why() -> None:
    """l shows totals, links, who stands there since when, sign-off with clamps, refused counters,
    corrections, and what was so before."""
    app, _ = opened()
    async with app.run_test(size=(80, 60)) as pilot:
        await open_(pilot)
        text = " ".join((await press(pilot, "l")).split())
        assert isinstance(app.screen, LinksPage)
        for words in (
            "load power: counts; 2.0 kW of it unmetered and losses",
            "grid power: a check of Shore feed, never added, deviates 0.6 %",
            "measures the same as Shore feed", "OVR-1042", "HQ2217201934007", "by kim",
            "clamp 77.0 A, meter 77.4 A +0.5 %", "clamp 60.0 A, meter 67.6 A +12.7 %",
            "rated kVA", "Sahara tent vendors", "load energy 41.2 kWh", "(open)",
            "factor 1.2 L2", "CT of another ratio", "fleet number OVR-0991",
        ):  # fmt: skip
            assert words in text, words
        await press(pilot, "l")
        assert isinstance(app.screen, AssetPage)


async def test_what_is_so_is_said_from_there() -> None:
    """c leads to all that can be said of the asset, for who may operate; esc back."""
    app, reader = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_(pilot)
        text = await press(pilot, "l")
        assert "c change" in text.splitlines()[-1]
        assert "(ovr " not in text
        text = await press(pilot, "c")
        assert isinstance(app.screen, AssetMenuPage)
        assert "unit swapped" in text
        assert "Devices · BESS 1 Main stage" in text
        await press(pilot, "escape")
        assert isinstance(app.screen, LinksPage)
    reader.answers["/v1/me"] = VIEWER
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_(pilot)
        assert "c change" not in await press(pilot, "l", "c")
        assert isinstance(app.screen, LinksPage)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
@pytest.mark.parametrize("key", ["", "l"])
async def test_who_it_is_stays_in_sight(size: tuple[int, int], key: str) -> None:
    """However far one scrolls, and whatever the size, the name and whether its values are of now
    stand in the line below the tabs; also over a big chart."""
    app, reader = opened()
    async with app.run_test(size=size) as pilot:
        await open_(pilot)
        if key:
            await press(pilot, key)
        for state, word in (("normal", "● live"), ("stale", "○ STALE 43 s")):
            shot = one_of_each("stale" if state == "stale" else "normal")
            reader.push(changed(shot, seq=2 if state == "normal" else 3))
            await settle(pilot)
            for pressed in (("home",), ("end",), *(() if key else (("f",), ("f",)))):
                line = (await press(pilot, *pressed)).splitlines()[2]
                assert "BESS 1 Main stage" in line
                assert line.endswith(word if state == "stale" else f"{word} 0 s")


async def test_one_part_that_fails_takes_no_other_along() -> None:
    """What could not be asked for is left out with the reason; the rest stands there."""
    app, reader = opened()
    del reader.answers["/v1/refused"]
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "l")
        assert "this reader has no /v1/refused" in text
        assert "OVR-1042" in text
        assert "REFUSED" not in text


async def test_energies_of_today_and_since_the_join() -> None:
    """Counters stand with what they grew by since midnight and since the event began."""
    app, _ = opened("bess-1.genset")
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot, "bess-1.genset")
        await settle(pilot)
        row = next(line for line in screen_text(app).splitlines() if "ENERGY" in line)
        assert "today" in row
        assert "join Wed" in row


async def test_walking_keeps_the_chart_as_it_is() -> None:
    """n and p go to the next asset with the range that was chosen, and with its own measurement."""
    app, _ = opened()
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        text = await press(pilot, "3", "n")
        assert "[6 h]" in text
        assert "Solar 1" in text
        assert chart(app).look.range is Range.SIX_HOURS
        assert "BESS 1" in await press(pilot, "p")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60), (250, 70)])
async def test_every_size(size: tuple[int, int]) -> None:
    """At any size no line is longer than the screen, whatever is opened."""
    app, reader = opened()
    for asset in KIND_IDS:
        reader.answers |= answers(asset)
    async with app.run_test(size=size) as pilot:
        await open_(pilot)
        for keys in (("v", "escape"), ("l", "escape"), ("f", "f"), *[("n",)] * 8):
            text = await press(pilot, *keys)
            assert max(cell_len(line) for line in text.splitlines()) <= size[0]
        await pilot.resize_terminal(20, 5)
        await settle(pilot)
        assert "too small" in screen_text(app)
        await pilot.resize_terminal(*size)
        await settle(pilot)
        assert "[5 min]" in screen_text(app)


async def test_hostile_raw_values_and_evidence() -> None:
    """Names, labels, persons, reasons and failures of any content are text."""
    app, reader = opened()
    told = answers()
    raw = told["/v1/assets/bess-1/raw"]
    assert isinstance(raw, RawAnswer)
    value = raw.values[0]
    for name in HOSTILE:
        bad = tuple(
            type(value)(name=name, labels={"x": name}, value=v, age_s=1.0, quality="good")
            for v in (1.0, 1e300, -1e-300)
        )
        reader.answers["/v1/assets/bess-1/raw"] = RawAnswer(
            asset="bess-1", device=name, at_ms=START_MS, values=bad
        )
    held = told["/v1/assignments"]
    reader.answers["/v1/assignments"] = type(held)(
        held=tuple(
            type(one)(asset="bess-1", what=one.what, key=name[:100], value=name, from_ms=0,
                      to_ms=to, id="x", person=name, reason=name)
            for name in HOSTILE for one in held.held[:1] for to in (None, START_MS)  # type: ignore[attr-defined]
        ),
        statements=(),
    )  # fmt: skip
    async with app.run_test(size=SIZE) as pilot:
        await open_(pilot)
        for key in ("v", "end", "escape", "l", "end"):
            text = await press(pilot, key)
            assert not any(ord(ch) < 32 or 127 <= ord(ch) < 160 for ch in text.replace("\n", ""))
            assert max(cell_len(line) for line in text.splitlines()) <= SIZE[0]
