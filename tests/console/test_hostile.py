"""Hostile text (what poor terminals show of it: test_cells.py)."""

from rich.cells import cell_len

from collector.model.kinds import AssetKind, AssetStatus
from tests.console.readers import make_app, screen_text, settle
from tests.console.test_text import HOSTILE
from tests.support.snapshots import asset, snapshot


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
