"""The display: one picture, drawn anew with each snapshot and each second."""

import asyncio
import os
import pwd
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from collector.client import Client
from collector.errors import ApiError, OvrError
from collector.model.snapshot import Snapshot
from ovr_tui.console.app import terminal_name
from ovr_tui.console.awake import Awake, steady_s
from ovr_tui.console.driver import DroppingDriver
from ovr_tui.console.kiosk.day import BUCKET_MS, BUCKET_S, BUCKETS, QUANTITY, Day, asked
from ovr_tui.console.kiosk.figures import site_ms
from ovr_tui.console.kiosk.frame import picture
from ovr_tui.console.kiosk.turn import Turn
from ovr_tui.console.kiosk.wish import Wish
from ovr_tui.console.link import Link, LinkState, Reader
from ovr_tui.console.look import LookApp
from ovr_tui.console.now import SILENT_S, ConsoleHealth, Now
from ovr_tui.console.palette import Palette
from ovr_tui.console.profile import Profile, resolve
from ovr_tui.console.text import BLANK, Line
from ovr_tui.console.vigil import Vigil

ASK_PAUSE_S = 0.1
NOT_FOR_A_DISPLAY = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
"""What keys of a terminal send: nothing of it ends or stops a display that stands for a login."""


class Canvas(Widget):
    """The whole screen. A line is never painted from a picture older than SILENT_S: whatever asks
    for it, a terminal that comes back or a process that goes on, gets a new one. `resized` is
    called once it has another size."""

    DEFAULT_CSS = "Canvas { height: 1fr; width: 1fr; }"

    def __init__(
        self, palette: Palette, renew: Callable[[], None], resized: Callable[[], None]
    ) -> None:
        super().__init__()
        self._palette = palette
        self._renew = renew
        self._resized = resized
        self.lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Show these lines; those that are the same are not painted again."""
        before, self.lines = self.lines, lines
        for y, line in enumerate(lines):
            if y >= len(before) or before[y] != line:
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self, _: events.Resize) -> None:
        """A picture for the new size."""
        self._resized()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        self._renew()
        line = self.lines[y] if y < len(self.lines) else BLANK
        return self._palette.strip(line, self.size.width)


class Stage(Screen[None], inherit_bindings=False):
    """The only screen: it has no keys of its own."""

    DEFAULT_CSS = "Stage { background: $background; overflow: hidden; }"


class KioskApp(LookApp[None], inherit_bindings=False):
    """Shows what `wish` says of the collector behind `source`: its viewers' socket, or what makes a
    reader of it."""

    TITLE = "ovr"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "page back", show=False),
        Binding("right", "turn(1)", "next page", show=False),
        Binding("space", "hold", "hold this page", show=False),
        Binding("q,ctrl+q,ctrl+c", "leave", "leave", show=False),
    ]

    def __init__(
        self,
        source: Path | Callable[[], Reader],
        *,
        wish: Wish,
        profile: Profile,
        clock: Callable[[], float] = steady_s,
        wall: Callable[[], float] = time.time,
        ask_pause_s: float = ASK_PAUSE_S,
    ) -> None:
        super().__init__(profile)
        self.wish = wish
        self.canvas = Canvas(self.palette, self._renew, self.redraw)
        self._source = source
        self._clock = clock
        self._wall = wall
        self._ask_pause_s = ask_pause_s
        self._reader: Reader | None = None
        self._newest: Snapshot | None = None
        self._came_at = clock()
        self._awake = Awake(clock())
        self._drawn_at = float("-inf")
        self._link = LinkState(since=clock())
        self._turn = Turn(since_s=clock())
        self._pages = 0
        self._day = Day()
        self._filled_at: float | None = None
        self._fault = ""
        self._exit_asked = False

    def get_default_screen(self) -> Screen[None]:
        """The stage."""
        return Stage()

    def compose(self) -> ComposeResult:
        """One canvas."""
        yield self.canvas

    def on_mount(self) -> None:
        """Attach."""
        source = self._source
        self._reader = Client(source) if isinstance(source, Path) else source()
        link = Link(self._reader, self._take, self._linked, clock=self._clock)
        self.run_worker(link.run(), name="link", exit_on_error=False)
        self.set_interval(1.0, self._second)
        if self._exit_asked:
            self.exit()

    async def on_unmount(self) -> None:
        """Let go of the collector."""
        if self._reader is not None:
            await self._reader.aclose()

    # the collector

    def now(self) -> Now:
        """This moment, as it is drawn."""
        at = self._clock()
        retry = self._link.retry_at
        return Now(
            snapshot=self._newest,
            silent_s=max(0.0, at - self._came_at) if self._newest else 0.0,
            link=self._link,
            retry_in_s=None if retry is None else max(0.0, retry - at),
            wall_ms=int(self._wall() * 1000),
            at_s=at,
            glyphs=self.glyphs,
            console=ConsoleHealth(fault=self._fault),
        )

    def _beat(self) -> float:
        at = self._clock()
        self._awake.beat(at)
        return at

    def _take(self, snapshot: Snapshot) -> None:
        at = self._beat()
        before, self._newest = self._newest, snapshot
        self._day.feed(snapshot)
        news = before is None or (before.seq, before.at_ms) != (snapshot.seq, snapshot.at_ms)
        if not self._link.attached:
            # the newest one there is, however old: a collector that stands still answers too
            self._came_at = at - max(0.0, self._wall() - snapshot.at_ms / 1000)
        elif news and self._awake.settled(at):
            self._came_at = at
        self.redraw()

    def _linked(self, state: LinkState) -> None:
        self._link = state
        if state.attached and not self.wish.public:
            self.run_worker(
                self._backfill(), name="backfill", exclusive=True, group="day", exit_on_error=False
            )
        self.redraw()

    async def _backfill(self) -> None:
        """What the site took before this display looked, or while it did not: asked gently."""
        shot, reader, at = self._newest, self._reader, self._clock()
        if self._filled_at is not None and at - self._filled_at < BUCKET_S:
            return
        if shot is None or reader is None:
            return
        start = (shot.at_ms // BUCKET_MS - BUCKETS) * BUCKET_MS
        past = []
        for name in asked(shot):
            try:
                past.append(await reader.history(name, QUANTITY, start, shot.at_ms, BUCKET_S))
            except ApiError:
                return  # begun anew when the link is back
            await asyncio.sleep(self._ask_pause_s)
        self._day.fill(past, shot.at_ms)
        self._filled_at = at
        self.redraw()

    # drawing

    def redraw(self) -> None:
        """Draw, unless the terminal does not keep up."""
        driver = self._driver
        if isinstance(driver, DroppingDriver) and driver.behind:
            return
        size = self.canvas.size
        if not self.canvas.is_mounted or not size.width or not size.height:
            return
        now = self.now()
        self._drawn_at = now.at_s
        try:
            bars = self._day.bars(site_ms(now))
            shown = picture(now, self.wish, self._turn, size.width, size.height, bars)
        except Exception as error:  # noqa: BLE001  what cannot be drawn must not end the display
            self._failed("picture", error)
            return
        self._turn, self._pages = shown.turn, shown.pages
        self.canvas.show(shown.lines)

    def before_painting(self) -> None:
        """Lines that were painted before are painted again from a store, so also before that."""
        self._renew()

    def _renew(self) -> None:
        if self._clock() - self._drawn_at > SILENT_S:
            self._beat()
            self.redraw()

    def _second(self) -> None:
        """Once a second: the clock, ages, whose turn it is."""
        if self._beat() - self._drawn_at > 0.6:
            self.redraw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """One funnel for whatever goes wrong in the background."""
        if event.state is WorkerState.ERROR:
            self._failed(event.worker.name, event.worker.error)

    def _failed(self, where: str, error: BaseException | None) -> None:
        """No old picture stays: what cannot be drawn anew is taken away."""
        self._fault = f"fault of this display in {where}: {error!r}; please report it"
        said = "not available" if self.wish.public else self.glyphs.text(self._fault)
        rows = max(1, self.canvas.size.height)
        self.canvas.show([((f" {said}", "alert"),), *[BLANK] * (rows - 1)])

    # actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing leaves a display that stands where a login would."""
        return not (self.wish.login and action == "leave")

    def action_turn(self, step: int) -> None:
        """Another page, for its full time."""
        at, every = self._clock(), self.wish.every_s
        self._turn = self._turn.by(step, at, every, self._pages)
        self.redraw()

    def action_hold(self) -> None:
        """Hold the page, or let pages take turns again."""
        self._turn = self._turn.hold(self._clock())
        self.redraw()

    def action_leave(self) -> None:
        """End."""
        self.exit()

    def ask_exit(self) -> None:
        """End from a signal handler or another thread."""
        self._exit_asked = True
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.exit)


def who() -> str:
    """Who runs this display, by the system's word."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def run_kiosk(socket: Path, wish: Wish, environ: Mapping[str, str] = os.environ) -> None:
    """Show the collector behind the viewers' `socket` until the person leaves, the terminal goes or
    a signal ends it. Raises OvrError where there is no terminal, or the display itself failed."""
    if sys.__stderr__ is None or not sys.__stderr__.isatty() or not sys.stdin.isatty():
        raise OvrError("a display needs a terminal as its standard input and error")
    profile = resolve(environ, terminal_name(), mouse=False)
    app = KioskApp(socket, wish=wish, profile=profile)
    deaf_to = NOT_FOR_A_DISPLAY if wish.login else ()
    with Vigil(app.ask_exit, fileno=sys.stdin.fileno(), deaf_to=deaf_to):
        app.run(mouse=False)
    if app.return_code:
        raise OvrError("the display failed (see above); the collector goes on")
