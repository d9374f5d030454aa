"""The display as a person sees it, with the time moved by hand."""

import itertools

import msgspec
import pytest
from rich.cells import cell_len

from collector.model.alarm import Rule, Severity
from collector.serve.views import snapshot as seen
from ovr_tui.console.console_font import WESTERN
from ovr_tui.console.glyphs import ASCII, TTY, UNICODE
from ovr_tui.console.kiosk.draw import banner_words
from ovr_tui.console.kiosk.frame import picture
from ovr_tui.console.kiosk.turn import PATH, SHIFT_S, Turn, shift
from ovr_tui.console.kiosk.wish import BadWish, Wish, read_dim
from ovr_tui.console.text import plain, width
from tests.console.kiosk.support import (
    CREW,
    PUBLIC,
    festival,
    later,
    make_kiosk,
    settle,
    text_of,
)
from tests.console.kiosk.test_figures import moment
from tests.console.readers import HandReader
from tests.console.test_text import HOSTILE
from tests.support.snapshots import alarm, asset, changed, site, snapshot

SIZES = [(3, 2), (20, 5), (20, 6), (40, 12), (60, 16), (80, 24), (120, 40), (200, 60), (250, 70)]
LOW = alarm(Rule.LOW_SOC)


async def test_pages_take_turns() -> None:
    """Each page is on for its time, and after the last the first comes again; news do not turn
    pages, arrows do, and space holds."""
    app, reader, clock = make_kiosk(festival())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "now 1 of 7" in text_of(app)
        assert "now 1 of 7" in await later(app, clock, pilot, 14)
        seqs = itertools.count(2)

        async def next_page() -> str:
            await later(app, clock, pilot, 14)
            reader.push(festival(next(seqs)))
            await settle(pilot)
            return (await later(app, clock, pilot, 1)).splitlines()[-1].split("←")[0].strip()

        turned = [await next_page() for _ in range(7)]
        words = [line.split()[0] for line in turned]
        assert words == ["sources", "today", "24", "loads", "batteries", "event", "now"]
        await pilot.press("left")
        assert "event 7 of 7" in text_of(app)
        await pilot.press("right", "right", "space")
        assert [await next_page() for _ in range(3)] == ["sources 2 of 7  ││ held"] * 3
        await pilot.press("space")
        assert await next_page() == "today 3 of 7"


async def test_an_alarm_takes_the_screen_and_gives_it_back() -> None:
    """An unseen alarm is shown big, with what to do; once somebody has it pages take turns again
    and a line says so; one that is over and unseen too; when there is none, none."""
    app, reader, clock = make_kiosk(festival())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        reader.push(festival(2, alarms=(LOW, alarm(Rule.SILENT, Severity.WARNING, id="2"))))
        await settle(pilot)
        shown = text_of(app)
        assert "▲" in shown
        assert "since 14:02 PDT, for 30 min" in shown
        assert "Start or check the generator" in shown
        assert "WARNING" in shown
        assert "2 alarms now" in shown
        assert "SITE POWER" not in shown
        assert "since 14:02" in await later(app, clock, pilot, 2)
        reader.push(festival(5, alarms=(alarm(state="acknowledged"),)))
        await settle(pilot)
        assert "1 alarm in somebody's hands" in text_of(app)
        assert "since 14:02" not in text_of(app)
        reader.push(festival(6, alarms=(alarm(state="cleared"),)))
        await settle(pilot)
        assert "1 alarm over, not acknowledged yet" in text_of(app)
        reader.push(festival(7))
        await settle(pilot)
        assert "alarm" not in text_of(app)


async def test_a_person_may_look_past_an_alarm() -> None:
    """An arrow shows a page for its time though an alarm is on, and says so; then it is back."""
    app, reader, clock = make_kiosk(festival(alarms=(LOW,)))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("right")
        shown = text_of(app)
        assert "sources 2 of 7" in shown
        assert "1 alarm now" in shown
        for seq in range(2, 17):
            reader.push(festival(seq, alarms=(LOW,)))
            await settle(pilot)
            await later(app, clock, pilot, 1)
        assert "since 14:02" in text_of(app)


async def test_old_values_are_never_live() -> None:
    """Silence: brackets and a banner after three seconds, no figure at all after a minute; public:
    none as soon as it is silent."""
    (words, *_) = banner_words("not available", 74, 6, UNICODE, "dim")
    for wish, old, last in ((CREW, "NO NEWS", "journalctl"), (PUBLIC, plain(words), plain(words))):
        app, _, clock = make_kiosk(festival(), wish=wish)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            fresh = text_of(app)
            shown = await later(app, clock, pilot, 5)
            assert old in shown
            assert shown.splitlines()[4:-2] != fresh.splitlines()[4:-2]
            gone = await later(app, clock, pilot, 60)
            assert last in gone
            assert "SITE POWER" not in gone


async def test_a_lost_collector_and_one_that_comes_back() -> None:
    """Before the collector runs the display waits and says for what; lost, it says so and tries
    again; back, everything is live."""
    app, reader, _ = make_kiosk()
    async with app.run_test(size=(120, 40)) as pilot:
        reader.lose("no collector runs: nobody listens on /run/ovr/view.sock")
        await settle(pilot)
        shown = text_of(app)
        assert "nobody listens on /run/ovr/view.sock" in shown
        assert "systemctl start ovr-collect" in shown
        app._take(festival())
        app._linked(app.now().link.__class__(attached=True))
        await settle(pilot)
        assert "live" in text_of(app)
        assert "SITE POWER" in text_of(app)


async def test_a_process_that_stood_still_shows_nothing_old_as_live() -> None:
    """What had been waiting while the process was stopped is old though it comes now; the first
    snapshot after that is live again."""
    app, reader, clock = make_kiosk(festival())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "● live" in text_of(app)
        clock.at += 30
        for seq in (2, 3, 4):
            reader.push(festival(seq))
        await settle(pilot)
        assert "● live" not in text_of(app)
        assert "30 s old" in text_of(app)
        clock.at += 1
        reader.push(festival(31))
        await settle(pilot)
        assert "● live" in text_of(app)


async def test_a_repaint_after_standing_still_draws_anew() -> None:
    """Whatever asks for lines after a stop, a terminal that comes back, gets no old ones."""
    app, _, clock = make_kiosk(festival(), wish=PUBLIC)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "SITE POWER" in text_of(app)
        clock.at += 100
        strips = [app.canvas.render_line(y).text for y in range(24)]
        assert "SITE POWER" not in "\n".join(strips)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_any_size(size) -> None:
    """Every page, an alarm, a loss and a wait fill a terminal of any size exactly, in the signs
    that it has."""
    shots = (festival(), festival(2, alarms=(LOW,) * 5), snapshot(), None)
    fonts = ((UNICODE, None), (TTY, WESTERN), (ASCII, set(map(chr, range(32, 127)))))
    for glyphs, font in fonts:
        for shot, age, wish, index in itertools.product(
            shots, (0, 9, 90), (CREW, PUBLIC), range(6)
        ):
            now = msgspec.structs.replace(moment(shot, age), glyphs=glyphs)
            shown = picture(now, wish, Turn(index=index), *size)
            assert len(shown.lines) == size[1]
            assert {width(line) for line in shown.lines} == {size[0]}
            text = "".join(plain(line) for line in shown.lines)
            assert font is None or not set(text) - font - {"…"}  # the gate has a sign for that


async def test_hostile_text() -> None:
    """Names of any content are text, and no line is longer for them."""
    assets = [
        asset(f"a-{n}", readings={"load_power_w": 1e4 + n, "battery_soc_pct": 40.0}, name=name)
        for n, name in enumerate(HOSTILE)
    ]
    alarms = tuple(alarm(name=name, id=str(n)) for n, name in enumerate(HOSTILE))
    shot = snapshot(*assets, site=HOSTILE[5])
    app, reader, _ = make_kiosk(shot)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for step in range(4):
            await pilot.press("right")
            if step == 2:
                reader.push(changed(shot, seq=2, alarms=alarms))
                await settle(pilot)
            lines = text_of(app).splitlines()
            assert not any(ord(ch) < 32 or 127 <= ord(ch) < 160 for ch in "".join(lines))
            assert max(map(cell_len, lines)) <= 80
        assert not app.now().console.fault


def test_nothing_burns_in() -> None:
    """The picture moves by a cell or a row every few minutes, within its margin, and comes back."""
    places = [shift(SHIFT_S * n) for n in range(len(PATH) + 1)]
    assert places[0] == places[-1]
    for (x, y), (u, v) in itertools.pairwise(places):
        assert abs(x - u) + abs(y - v) == 1


def test_dim_at_night() -> None:
    """Within its hours, which may lie beyond midnight, everything is dim but what warns."""
    night = Wish(person="kim", dim=read_dim("22:00-14:33"))
    shots = (festival(), festival(2, alarms=(LOW,)))
    for wish, tones in ((CREW, {"bold", "text"}), (night, {"dim"})):
        for shot, alert in zip(shots, (set(), {"alert"}), strict=True):
            shown = picture(moment(shot), wish, Turn(), 120, 40)
            used = {tone for line in shown.lines for text, tone in line if text.strip()}
            assert used >= tones | alert
            assert wish is CREW or used == tones | alert
    assert [read_dim("22:00-06:00").holds(hour * 60) for hour in (21, 22, 0, 6)] == [
        False, True, True, False,
    ]  # fmt: skip
    for wrong in ("22-06", "24:00-06:00", ""):
        with pytest.raises(BadWish, match="22:00-06:00"):
            read_dim(wrong)


def test_turns_survive_pages_that_go() -> None:
    """With fewer pages than before the turn is one of those that are left."""
    assert Turn(index=5).at(0, 15, 2).index == 1
    assert Turn(index=5).at(0, 15, 0).index == 5


async def test_empty() -> None:
    """A node without devices says what to do next."""
    app, _, _ = make_kiosk(snapshot())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "ovr discover" in text_of(app)


SECRETS = (
    "kim",
    "Main field",
    "ovr-node-07",
    "10.20.0.21",
    "/run/ovr",
    "Desert",
    "alarm",
    "low soc",
)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_the_public_learns_no_name(size) -> None:
    """No name, id, address, person, event, alarm or error of the site stands on a public display,
    whatever is wrong: not even of a collector that shows it all."""
    full = changed(
        site(40), alarms=(LOW, alarm(severity=Severity.CRITICAL, id="2")), events=festival().events
    )
    names = [text.lower() for view in full.assets for text in (view.id, view.name, view.system)]
    app, reader, clock = make_kiosk(full, wish=PUBLIC)
    told = []
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for seq in range(2, 8):
            told.append(text_of(app))
            reader.push(changed(full, seq=seq))
            await settle(pilot)
            await later(app, clock, pilot, 15)
        reader.lose("no collector runs: nobody listens on /run/ovr/view.sock")
        told.append(await later(app, clock, pilot, 2))
        app._failed("picture", ValueError("/etc/ovr/registry.toml 10.20.0.21"))
        await settle(pilot)
        told.append(text_of(app))
    screen = "\n".join(told)
    assert "Power of this" in screen
    assert "PUBLIC" in screen
    for secret in (*names, *(word.lower() for word in SECRETS)):
        assert secret not in screen.lower()


async def test_mode_and_person_are_always_on() -> None:
    """On every page, in an alarm, and while the collector is lost."""
    app, reader, clock = make_kiosk(festival())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = [text_of(app)]
        reader.push(seen(festival(2, alarms=(LOW,))))
        await settle(pilot)
        shown.append(text_of(app))
        reader.lose("gone")
        shown.append(await later(app, clock, pilot, 90))
        for text in shown:
            assert "KIOSK" in text
            assert "kim, looks only" in text
            assert "PDT" in text


async def test_keys_that_leave_and_a_display_that_nothing_leaves() -> None:
    """q leaves a display that a person has started; as a login nothing does."""
    app, _, _ = make_kiosk(festival())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "q leave" in text_of(app)
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running
    app, _, _ = make_kiosk(festival(), wish=CREW.__class__(person="kim", login=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "leave" not in text_of(app)
        for key in ("q", "ctrl+q", "ctrl+c", "ctrl+z", "ctrl+backslash", "escape", "ctrl+p", "tab"):
            await pilot.press(key)
        await settle(pilot)
        assert app.is_running
        assert "now 1 of 7" in text_of(app)


async def test_leaving_closes_the_connection() -> None:
    """Nothing is left behind."""
    reader = HandReader(festival())
    app, _, _ = make_kiosk(reader=reader)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
    assert reader.closed
