"""A collector, and a console that hosts one, die without a word (SIGKILL): what whoever watches
sees of it, and that all is well again without a key."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from collector.app.lock import holder
from collector.client import Client
from collector.config.paths import Home
from collector.errors import ApiError
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.kiosk import KioskApp, Wish
from ovr_tui.console.profile import Profile
from scripts.console_load import Terminal
from tests.console.jobs.test_devices import meter, meters
from tests.console.readers import screen_text
from tests.console.test_terminal import ENV, Picture, read_until
from tests.support.nodes import make_home
from tests.support.processes import OVR, end_left_over, start

App = ConsoleApp | KioskApp
BARE = re.compile(r"(?<![\d(.])\d[\d ]*\.\d+\b(?!\))|● (?:live|collecting)")
"""What only the present may look like: a value without brackets, the sign of life."""


@asynccontextmanager
async def collecting(home: Home) -> AsyncIterator["subprocess.Popen[str]"]:
    """A collector in a process of its own, once it answers; killed when the block ends."""
    log = home.state / "log"
    process = start("collect", home=home.config.parent, log=log)
    try:
        async with Client(home.operator_socket) as client, asyncio.timeout(30):
            while not await _answers(client):
                assert process.poll() is None, log.read_text()
                await asyncio.sleep(0.1)
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
        end_left_over()


async def _answers(client: Client) -> bool:
    try:
        return (await client.health()).ok
    except ApiError:
        return False


async def until(app: App, *patterns: str, gone: str = "") -> str:
    """The screen, once it shows all of these, and nothing of `gone` any more."""
    async with asyncio.timeout(40):
        while True:
            shown = screen_text(app)
            left = bool(gone) and gone in shown
            if not left and all(re.search(pattern, shown) for pattern in patterns):
                return shown
            await asyncio.sleep(0.05)


class Watchers:
    """An operator at the site page and a viewer at an asset, a display and a public one."""

    def __init__(self, home: Home) -> None:
        self.site = ConsoleApp(home.operator_socket, profile=Profile())
        self.asset = ConsoleApp(home.viewer_socket, profile=Profile())
        self.kiosk = KioskApp(home.viewer_socket, wish=Wish(person="kim"), profile=Profile())
        self.public = KioskApp(home.viewer_socket, wish=Wish(public=True), profile=Profile())

    async def begin(self, stack: AsyncExitStack) -> None:
        """All look; no key is pressed after this."""
        for app in (self.site, self.kiosk, self.public):
            await stack.enter_async_context(app.run_test(size=(120, 40)))
        pilot = await stack.enter_async_context(self.asset.run_test(size=(120, 40)))
        await until(self.asset, r"stage-a .* \d\d\.\d ")
        await pilot.press("end", "enter")

    async def see_the_present(self) -> None:
        """Live values everywhere, and nothing is said of a loss."""
        shown = await until(self.site, "● collecting", r"LOAD.*\n  \d\d\.\d kW", r"● stage-a ")
        assert "LOST" not in shown
        shown = await until(self.asset, "● live", r"\n \d\d\.\d kW", r"voltage V +1\d\d\.\d ")
        assert not re.search(r"\(\d+\.\d\)|LOST|STALE", shown)
        assert "LOST" not in await until(self.kiosk, "● live", "kW|██")
        await until(self.public, "kW")

    async def see_that_it_is_gone(self) -> None:
        """Each says so, and shows no value as if it were the present."""
        shown = await until(
            self.site, r"COLLECTOR LOST \d+ s ago, all values are stale", r"nobody listens on",
            r"LOAD.*\n  \(\d\d\.\d\) kW", r"\(gen 0\.\d\)", r"○ stage-a .*\(\d\d\.\d\).*STALE",
        )  # fmt: skip
        assert not BARE.search(shown), shown
        shown = await until(
            self.asset, "COLLECTOR LOST", "○ STALE", r"\n \(\d\d\.\d\) kW", "stands still for"
        )
        assert not BARE.search(shown), shown
        shown = await until(self.kiosk, "COLLECTOR LOST for .* nothing here is live", "○ .* s old")
        assert "● live" not in shown
        await until(self.public, gone="kW")


async def test_a_killed_collector_and_the_next_one(tmp_path: Path) -> None:
    """Whoever watches is told that it is gone, and nothing stale looks live: values and totals in
    brackets, no sign of life, a public display without a figure. When the next collector runs, all
    show the present again, and nobody has pressed a key."""
    async with meters("AH1", "AH2") as ports, AsyncExitStack() as stack:
        genset = meter("genset-1", ports[1], asset_kind="generator")
        home = make_home(tmp_path, [meter("stage-a", ports[0], asset_kind="load"), genset])
        watchers = Watchers(home)
        async with collecting(home) as collector:
            await watchers.begin(stack)
            await watchers.see_the_present()
            collector.kill()
            await watchers.see_that_it_is_gone()
        async with collecting(home) as second:
            assert second.pid != collector.pid
            await watchers.see_the_present()


@contextmanager
def hosting(home: Home) -> Iterator[Terminal]:
    """`ovr` in a terminal, which starts a collector; both are ended, however it went."""
    terminal = Terminal([*OVR, "--home", str(home.config.parent)], ENV, 120, 40)
    try:
        yield terminal
    finally:
        terminal.end()
        if pid := holder(home.state):
            os.kill(pid, signal.SIGKILL)


async def test_a_killed_console_that_hosts(tmp_path: Path) -> None:
    """The collector is in a session of its own: it goes on collecting, for another viewer nothing
    happens, and the next `ovr` finds it."""
    async with meters("AH1") as ports:
        home = make_home(tmp_path, [meter("stage-a", ports[0], asset_kind="load")])
        viewer = ConsoleApp(home.viewer_socket, profile=Profile())
        with hosting(home) as host:
            await read_until(host, Picture(), "collecting, hosted")
            pid = holder(home.state)
            async with viewer.run_test(size=(80, 24)), Client(home.operator_socket) as client:
                await until(viewer, r"● stage-a .* \d\d\.\d ")
                host.process.kill()
                host.process.wait()
                before = (await client.health()).journal.head
                async with asyncio.timeout(10):
                    while (told := await client.health()).journal.head < before + 2:
                        assert "LOST" not in screen_text(viewer)
                        assert viewer.now().stale_s is None
                        await asyncio.sleep(0.1)
                assert (told.pid, told.hosted, told.health.readers) == (pid, True, 1)
                assert viewer.now().link.losses == 0
            with hosting(home) as again:
                await read_until(again, Picture(), "collecting, hosted")
                assert holder(home.state) == pid
