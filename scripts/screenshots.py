"""Pictures of the console's pages for the documents: `python -m scripts.screenshots docs/screens`.

Starts a simulated site of its own, lets it run for a while, holds an event on it as a tech would
(start, many join, the log, one leaves and gets its report), opens each page by its keys and writes
what a terminal would show as SVG. With `--socket` a collector that runs already is shown instead,
and nothing is changed there. It takes some four minutes.
"""

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.client import Client
from collector.config.paths import find_home
from collector.errors import ApiError
from collector.model.said import LogKind
from collector.wire import (
    CreateEventRequest,
    EventAnswer,
    JoinManyRequest,
    LeaveManyRequest,
    LogAnswer,
    LogRequest,
    MomentRequest,
    ParticipationsAnswer,
    ReportsAnswer,
)
from ovr_tui.commands.demo import DEMO_PIN
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.kiosk import KioskApp, Wish
from ovr_tui.console.profile import Profile, resolve

SHOWS: dict[str, tuple[str, ...]] = {
    "site": (),
    "asset-bess": ("enter",),
    "asset-raw": ("enter", "v"),
    "asset-links": ("enter", "l"),
    "asset-control": ("enter", "c", "U", *DEMO_PIN, "enter"),
    "alarms": ("a",),
    "events": ("e",),
    "event": ("e", "enter"),
    "last-shift": ("e", "w"),
    "reports": ("r",),
    "report": ("r", "down", "enter"),
    "devices": ("d",),
    "health": ("h",),
    "palette": ("colon",),
    "help": ("question_mark",),
}
"""Each picture, and the keys that lead there from the site page."""
DISPLAYS = {
    "kiosk": Wish(person="display"),
    "kiosk-public": Wish(person="display", public=True, title="Power of this field"),
}
"""Each picture of a display on a wall, and what it shows."""
SIZE = (120, 40)
VIEW = "view.sock"
READY_S = 60.0
RUN_S = 100.0
LEAVING = "bess-1"


async def until(question: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask until the answer is true. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not await question():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.5)


@contextmanager
def simulated(folder: Path) -> Iterator[Path]:
    """A simulated site and its collector; yields where its socket is, or will be."""
    argv = [sys.executable, "-m", "ovr_tui.cli", "--home", str(folder), "demo", "--headless",
            "--assets", "24", "--seed", "11"]  # fmt: skip
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield find_home(str(folder), {}).operator_socket
    finally:
        process.terminate()
        process.wait(20)


async def reads(socket: Path) -> bool:
    """Whether the collector behind `socket` reads all its devices."""
    try:
        async with Client(socket) as client:
            shot = await client.snapshot()
    except ApiError:
        return False
    return bool(shot.sources) and all(source.state == "running" for source in shot.sources)


async def hold_event(socket: Path) -> None:
    """A day's work: an event with every system, fuel and a note in its log; one leaves, and its
    report is there."""
    async with Client(socket, answer_s=30.0) as client:
        wanted = CreateEventRequest(name="Desert Weekend", client="Sunrise Festivals", job="DW-26")
        event = (await client.post("/v1/events", EventAnswer, wanted)).event
        where = f"/v1/events/{event.id}"
        await client.post(f"{where}/start", EventAnswer, MomentRequest())
        shot = await client.snapshot()
        systems = tuple(dict.fromkeys(view.system for view in shot.assets))
        await client.post(f"{where}/join", ParticipationsAnswer, JoinManyRequest(systems=systems))
        fuel = LogRequest(kind=LogKind.FUEL, system=LEAVING, value=400, unit="l", text="truck 2")
        note = LogRequest(kind=LogKind.NOTE, system=LEAVING, text="Stage crew wants 63 A more")
        for entry in (fuel, note):
            await client.post("/v1/log", LogAnswer, entry)
        await asyncio.sleep(RUN_S)
        gone = LeaveManyRequest(systems=(LEAVING,))
        await client.post(f"{where}/leave", ParticipationsAnswer, gone)

        async def made() -> bool:
            answer = await client.get("/v1/reports", ReportsAnswer)
            return bool(answer.reports) and not answer.jobs

        await until(made, 180)


async def picture(socket: Path, keys: tuple[str, ...], theme: str) -> str:
    """One page as SVG, a few seconds after it was opened."""
    app = ConsoleApp(socket, profile=_profile(theme), hosted=False)
    async with app.run_test(size=SIZE) as pilot:

        async def attached() -> bool:
            return app.now().snapshot is not None and app.me is not None

        await until(attached, 15)
        await asyncio.sleep(4)
        for key in keys:
            await pilot.press(key)
            await asyncio.sleep(0.8)
        await asyncio.sleep(3)
        await pilot.pause()
        return without_fonts(app.export_screenshot(title="ovr"))


async def display(socket: Path, wish: Wish, theme: str) -> str:
    """What a display shows first, as SVG."""
    app = KioskApp(socket.with_name(VIEW), wish=wish, profile=_profile(theme))
    async with app.run_test(size=SIZE) as pilot:

        async def attached() -> bool:
            return app.now().snapshot is not None

        await until(attached, 15)
        await asyncio.sleep(4)
        await pilot.pause()
        return without_fonts(app.export_screenshot(title="ovr kiosk"))


def _profile(theme: str) -> Profile:
    return resolve({}, glyphs="unicode", theme=theme, mouse=False)


def without_fonts(svg: str) -> str:
    """The picture without the fonts that it would load from elsewhere: any monospace will do."""
    return re.sub(r"@font-face\s*\{[^}]*\}", "", svg)


async def pictures(out: Path, socket: Path, only: list[str], theme: str) -> None:
    """Take and write them."""
    for name, keys in SHOWS.items():
        if not only or name in only:
            write(out / f"{name}.svg", await picture(socket, keys, theme))
    for name, wish in DISPLAYS.items():
        if not only or name in only:
            write(out / f"{name}.svg", await display(socket, wish, theme))


def write(target: Path, svg: str) -> None:
    """One picture."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(svg, encoding="utf-8")
    print(target, flush=True)


async def own_site(out: Path, socket: Path, only: list[str], theme: str) -> None:
    """Wait for the simulated site, hold the event, take the pictures."""
    await until(lambda: reads(socket), READY_S)
    await hold_event(socket)
    await pictures(out, socket, only, theme)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("out", type=Path)
    parser.add_argument("--socket", type=Path, help="of a collector that runs")
    parser.add_argument("--only", action="append", default=[], choices=sorted((*SHOWS, *DISPLAYS)))
    parser.add_argument("--theme", default="dark")
    options = parser.parse_args()
    try:
        if options.socket is not None:
            asyncio.run(pictures(options.out, options.socket, options.only, options.theme))
        else:
            with (
                tempfile.TemporaryDirectory(prefix="ovr-", ignore_cleanup_errors=True) as folder,
                simulated(Path(folder)) as socket,
            ):
                asyncio.run(own_site(options.out, socket, options.only, options.theme))
    except (TimeoutError, ApiError) as error:
        print(f"no pictures: {error or 'it took too long'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
