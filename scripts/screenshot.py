"""A picture of the console on a running collector: `screenshot.py SOCKET docs/screenshot.svg`.

The picture is an SVG of exactly what a terminal would show, without a terminal.
"""

import argparse
import asyncio
import re
import sys
from pathlib import Path

from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.profile import resolve

KEYS = {"site": (), "asset": ("enter",), "health": ("h",), "help": ("question_mark",)}
LOOK_S = 0.2


async def take(socket: Path, *, page: str, size: tuple[int, int], wait_s: float, theme: str) -> str:
    """Attach, wait until the page has had `wait_s` to fill: the picture.

    Raises TimeoutError when no collector answers within 15 s.
    """
    profile = resolve({}, glyphs="unicode", theme=theme, mouse=False)
    app = ConsoleApp(socket, profile=profile, hosted=False)
    async with app.run_test(size=size) as pilot:
        for _ in range(int(15 / LOOK_S)):
            if app.now().snapshot is not None:
                break
            await asyncio.sleep(LOOK_S)
        else:
            raise TimeoutError(f"no collector answers on {socket}: {app.now().link.cause}")
        await pilot.press(*KEYS[page])
        await asyncio.sleep(wait_s)
        await pilot.pause()
        return without_fonts(app.export_screenshot(title="ovr"))


def without_fonts(svg: str) -> str:
    """The picture without the fonts that it would load from elsewhere: any monospace will do."""
    return re.sub(r"@font-face\s*\{[^}]*\}", "", svg)


def main() -> int:
    """Take one picture."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("socket", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", choices=sorted(KEYS), default="site")
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--wait", type=float, default=4.0, help="seconds for the page to fill")
    parser.add_argument("--theme", choices=("dark", "ansi", "mono"), default="dark")
    options = parser.parse_args()
    columns, _, rows = options.size.partition("x")
    size = (int(columns), int(rows))
    try:
        picture = asyncio.run(
            take(
                options.socket,
                page=options.page,
                size=size,
                wait_s=options.wait,
                theme=options.theme,
            )
        )
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return 1
    options.out.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
