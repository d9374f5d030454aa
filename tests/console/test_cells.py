"""Every page's cells on terminals that can do little: a Linux console, one without colours, one
without Unicode."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.model.kinds import AssetKind
from collector.model.snapshot import Snapshot
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName, resolve
from scripts.console_load import Terminal, console_argv
from tests.console.cells import (
    check_colourless_bytes,
    check_console_bytes,
    check_console_colours,
    check_no_colours,
    check_signs,
)
from tests.console.pages_walk import walk
from tests.console.readers import HandReader, make_app, settle
from tests.console.test_screens import troubled
from tests.console.test_terminal import Picture, ticking
from tests.support.snapshots import asset, changed, site

HOSTILE = "MPPT [/dev/ttyUSB0] \x1b]0;x\x07 “São” 日本 ♥ \u202e e\u0301 ½ € ✓"
Check = Callable[[ConsoleApp, str], None]


def hostile() -> Snapshot:
    """A site in every trouble, with names that no console can show, one of them first."""
    shot = troubled()
    strange = asset("a", AssetKind.BESS, name=HOSTILE, reason=HOSTILE, notes=(HOSTILE,))
    return changed(shot, assets=(strange, *shot.assets), site=HOSTILE)


async def scan(profile: Profile, size: tuple[int, int], *checks: Check) -> None:
    """Walk all pages and lose the collector."""
    reader = HandReader(hostile())
    app, _ = make_app(reader=reader, profile=profile, hosted=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        async for page in walk(pilot):
            for check in checks:
                check(app, page)
        reader.lose(HOSTILE)
        await settle(pilot)
        for check in checks:
            check(app, "collector lost")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=str)
async def test_a_linux_console_can_show_every_page(size: tuple[int, int]) -> None:
    """TERM=linux: only characters that all of Debian's fonts for western languages hold, eight
    colours for text and ground, nothing bright, dim, or bold and reversed."""
    await scan(resolve({"TERM": "linux"}), size, check_signs, check_console_colours)


async def test_without_colours() -> None:
    """NO_COLOR: bold, dim, underline and reverse only; nothing invisible."""
    profile = resolve({"TERM": "xterm-256color", "NO_COLOR": "1"})
    await scan(profile, (160, 48), check_no_colours)


async def test_seven_bits() -> None:
    """A locale without UTF-8 gets ASCII and nothing else, on every page."""
    profile = resolve({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"})
    assert profile.glyphs is GlyphSet.ASCII
    await scan(profile, (160, 48), check_signs)


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
    ("/gen", "4 of 20 assets"),
    ("\x1b", "20 of 20 assets"),
    ("\r", "ENGINE"),
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
