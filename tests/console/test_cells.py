"""Every page's cells on terminals that can do little: a Linux console, one without colours, one
without Unicode."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.device import _OfDevice
from ovr_tui.console.pages.event_deeds import EventDeeds
from ovr_tui.console.pages.health_tab import HealthList
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.pages.menu import MenuPage
from ovr_tui.console.pages.notice import NoticePage
from ovr_tui.console.pages.report_deeds import ReportDeeds
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName, resolve
from scripts.console_load import Terminal, console_argv
from tests.console.cells import (
    check_colourless_bytes,
    check_console_bytes,
    check_console_colours,
    check_no_colours,
    check_nothing_live,
    check_signs,
)
from tests.console.pages_walk import walk
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, settle
from tests.console.test_terminal import Picture, ticking
from tests.console.whole_scene import HOSTILE, whole_reader, whole_shot
from tests.support.snapshots import changed, site

Check = Callable[[ConsoleApp, str], None]
RECORDS = {
    "help", "outcome", "test a device", "reports", "older revisions", "report",
    "report, next section", "verify a report", "compare",
}  # fmt: skip
"""Pages that say nothing of the present."""
BASES = {Page, ListPage, MenuPage, HealthList, EventDeeds, ReportDeeds, NoticePage, _OfDevice}
"""Pages that others are made of; and that of messages, to which no key leads."""


def every_page(of: type[Page] = Page) -> set[type[Page]]:
    """All pages that there are."""
    return {of}.union(*map(every_page, of.__subclasses__())) - BASES


async def stand_still(app: ConsoleApp, reader: HandReader, clock: Clock, page: str) -> None:
    """The collector says nothing for some seconds, then goes on."""
    shot = app.now().snapshot
    assert shot is not None
    pass_seconds(app, clock, 4)
    if page not in RECORDS:
        check_nothing_live(app, page)
    check_signs(app, page)
    reader.push(changed(whole_shot(), seq=shot.seq + 1))


@pytest.mark.timeout(300)
async def test_pages_of_a_linux_console_whose_collector_falls_silent() -> None:
    """TERM=linux, wide: on every page that there is only characters that all of Debian's fonts for
    western languages hold, eight colours for text and ground, nothing bright, dim, or bold and
    reversed. When the collector is silent no page shows the sign or the colour of what lives."""
    reader, clock, seen = whole_reader(), Clock(), set()
    profile = resolve({"TERM": "linux"})
    app, _ = make_app(reader=reader, profile=profile, clock=clock, hosted=True)
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        async for page in walk(pilot):
            seen.add(type(app.screen))
            check_signs(app, page)
            check_console_colours(app, page)
            await stand_still(app, reader, clock, page)
            await settle(pilot)
        app.tell(HOSTILE, [HOSTILE])
        await settle(pilot)
        check_signs(app, "a message")
        check_console_colours(app, "a message")
    assert every_page() - seen == set()


@pytest.mark.parametrize(
    ("env", "checks"),
    [
        ({"TERM": "linux"}, (check_signs, check_console_colours)),
        (
            {"TERM": "xterm", "LANG": "de_DE.ISO-8859-1", "NO_COLOR": "1"},
            (check_signs, check_no_colours),
        ),
    ],
    ids=["linux", "seven bits, no colour"],
)
@pytest.mark.timeout(300)
async def test_every_page_on_little(env: dict[str, str], checks: tuple[Check, ...]) -> None:
    """Narrow: a Linux console as above; a locale without UTF-8 gets ASCII and nothing else, and
    NO_COLOR bold, dim, underline and reverse only, hence nothing invisible."""
    reader = whole_reader()
    app, _ = make_app(reader=reader, profile=resolve(env), hosted=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        async for page in walk(pilot):
            for check in checks:
                check(app, page)
        reader.lose(HOSTILE)
        await settle(pilot)
        for check in checks:
            check(app, "collector lost")


@pytest.mark.parametrize("before", list(ThemeName))
async def test_changing_to_a_console_s_colours(before: ThemeName) -> None:
    """From whatever theme one comes, after changing to `ansi` no cell has another colour, and after
    changing to `mono` none at all; back in the first theme all is painted as at the start."""
    app, _ = make_app(site(20), profile=Profile(theme=before, glyphs=GlyphSet.TTY))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        first = app.screen._compositor.render_strips()
        app.use_theme(ThemeName.ANSI)
        await settle(pilot)
        check_console_colours(app, "ansi")
        app.use_theme(ThemeName.MONO)
        await settle(pilot)
        check_no_colours(app, "mono")
        app.use_theme(before)
        await settle(pilot)
        assert app.screen._compositor.render_strips() == first


STEPS = (
    ("", "BESS 1 Main stage"),
    ("/gen\r", "4 of 20 assets"),
    ("\r", "ENGINE"),
    ("\x1b", "4 of 20 assets"),
    ("\x1b", "20 of 20 assets"),
    ("a", "[Alarms]"),
    ("e", "[Events]"),
    ("r", "[Reports]"),
    ("d", "[Devices]"),
    ("h", "JOURNAL"),
    ("?", "Everywhere"),
    ("\x1b", "JOURNAL"),
    ("s", "POWER kW"),
)
"""Keys, and what is on the screen once they have been obeyed."""


@pytest.mark.parametrize(
    ("env", "check"),
    [
        ({"TERM": "linux"}, check_console_bytes),
        ({"TERM": "linux", "NO_COLOR": "1"}, check_console_bytes),
        ({"TERM": "linux", "NO_COLOR": "1"}, check_colourless_bytes),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, check_colourless_bytes),
    ],
    ids=["linux", "linux, mono", "linux, no colour", "xterm, no colour"],
)
async def test_what_is_written_to_a_terminal(
    socket: Path, env: dict[str, str], check: Callable[[bytes], None]
) -> None:
    """Through all places on a real terminal no byte goes to it that it could not show: from taking
    it over to giving it back."""
    clean = {k: v for k, v in os.environ.items() if k not in ("COLORTERM", "NO_COLOR")}
    terminal = Terminal(console_argv(socket), {**clean, **env}, 120, 40)
    painted, picture = b"", Picture()

    async def shows(text: str) -> None:
        nonlocal painted
        deadline = time.monotonic() + 20
        while text not in str(picture):
            assert time.monotonic() < deadline, f"no {text} in:\n{picture}"
            data = await asyncio.to_thread(terminal.read, 0.2)
            painted += data
            picture.feed(data)

    try:
        async with ticking(socket, 20, 0.5):
            for keys, text in STEPS:
                terminal.write(keys.encode())
                await shows(text)
            terminal.write(b"q")
            while b"\x1b[?1049l" not in painted:
                painted += await asyncio.to_thread(terminal.read, 0.2)
    finally:
        terminal.end()
    check(painted.partition(b"\x1b[?1049l")[0])
