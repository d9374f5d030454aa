"""Hostile text, and terminals that can show little."""

import pytest
from rich.cells import cell_len

from collector.model.kinds import AssetKind, AssetStatus
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import make_app, screen_text, settle
from tests.console.test_text import HOSTILE
from tests.support.snapshots import asset, site, snapshot


async def test_hostile_text_on_every_page() -> None:
    """Names, systems, reasons, notes, problems of any content are text on every page, and no line
    is longer for it."""
    assets = [
        asset(
            f"a-{n}",
            list(AssetKind)[n % 5],
            list(AssetStatus)[n % 4],
            {"load_power_w": 48_200.0, "generator_power_w": 1.0},
            name=name,
            reason=name,
            notes=(name,),
            links=(name,),
            system=name,
        )
        for n, name in enumerate(HOSTILE)
    ]
    app, reader = make_app(snapshot(*assets, problems=HOSTILE, site=HOSTILE[5]))
    async with app.run_test(size=(160, 48), notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert "48.2" in screen_text(app)
        for key in ("enter", *["n"] * len(HOSTILE), "escape", "h", "escape", "g", "question_mark"):
            await pilot.press(key)
            await settle(pilot)
            lines = screen_text(app).splitlines()
            assert not any(ord(ch) < 32 or 127 <= ord(ch) < 160 for ch in "".join(lines))
            assert max(cell_len(line) for line in lines) <= 160
        await pilot.press("escape")
        reader.lose(HOSTILE[5])
        await settle(pilot)
        assert "COLLECTOR LOST" in screen_text(app)


ALLOWED = set("█░▒●○✗▲▼─│┌┐└┘├┤┬┴┼↑↓←→…")
BRIGHT = range(8, 16)


@pytest.mark.parametrize("theme", [ThemeName.ANSI, ThemeName.MONO])
async def test_a_linux_console_can_show_it_all(theme: ThemeName) -> None:
    """Every cell of every page holds a character of Debian's console fonts; no background but the
    terminal's own, no bright colour, never a colour on itself; in mono no colour at all."""
    profile = Profile(glyphs=GlyphSet.TTY, theme=theme, mouse=False)
    names = snapshot(asset(name="Ørsted 日本 ⚡ “x”", readings={"load_power_w": 1.0}), seq=9)
    app, reader = make_app(site(60), profile=profile)
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        steps = (
            "down",
            "slash",
            "x",
            "escape",
            "enter",
            "escape",
            "h",
            "escape",
            "question_mark",
            "escape",
            "g",
            "space",
        )
        for key in steps:
            await pilot.press(key)
            await settle(pilot)
            _scan(app, theme)
        await pilot.press("space")
        reader.push(names)
        await settle(pilot)
        _scan(app, theme)
        app.hosted = True
        await pilot.press("q")
        await settle(pilot)
        _scan(app, theme)


def _scan(app, theme: ThemeName) -> None:
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            strange = {ch for ch in segment.text if ch >= "\u0180"} - ALLOWED
            assert not strange, f"{strange} in {segment.text!r}"
            style = segment.style
            if style is None:
                continue
            for colour in (style.color, style.bgcolor):
                if colour is None or colour.is_default:
                    continue
                assert colour.number is not None, f"{colour} in {segment.text!r}"
                assert colour.number not in BRIGHT
                assert theme is ThemeName.ANSI
            assert style.bgcolor is None or style.bgcolor.is_default, segment
