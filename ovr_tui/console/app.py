"""The console: a Textual app that attaches to the node's collector and shows its snapshots."""

import asyncio
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from textual import events
from textual.worker import Worker, WorkerState

from collector.client import Answer, Client
from collector.errors import ApiError, OvrError
from collector.model.catalogue import MAIN_POWER
from collector.model.snapshot import Snapshot
from collector.wire import HistoryAnswer, MeAnswer
from ovr_tui.console.alarms.calls import Calls, in_words
from ovr_tui.console.awake import Awake, steady_s
from ovr_tui.console.bursts import in_one
from ovr_tui.console.called import name_of
from ovr_tui.console.charts.histories import Histories
from ovr_tui.console.charts.render import ChartRenderer
from ovr_tui.console.control.unlocking import LOCKED, RESTARTED, Unlocking
from ovr_tui.console.driver import DroppingDriver
from ovr_tui.console.leaving import Leave
from ovr_tui.console.link import Link, LinkState, Reader
from ovr_tui.console.now import SILENT_S, ConsoleHealth, Now
from ovr_tui.console.pace import HINT, Pace
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.jump import JumpPage
from ovr_tui.console.places import WORDS
from ovr_tui.console.profile import GlyphSet, Profile, resolve
from ovr_tui.console.settings import SettingsFile
from ovr_tui.console.shell import FIRST, Shell
from ovr_tui.console.tidy import Tidy, favour_keys
from ovr_tui.console.trends import CELLS, WINDOW_S, Trends
from ovr_tui.console.vigil import Vigil

BACKFILL_PAUSE_S = 0.05


def usage() -> tuple[int, float]:
    """The most memory that this process ever held, in bytes, and the CPU seconds it has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_maxrss * 1024, used.ru_utime + used.ru_stime


class ConsoleApp(Shell):
    """Owns the state that the pages share; pages only draw it.

    `source` is the collector's socket, or makes a reader of it. `hosted` says whether leaving
    has to ask about the collector; None: as the collector says of itself. `marks` are words that
    say how this console is used (read only by choice). `environment` leads another `ovr` to the
    same home (None: this process's own).
    """

    def __init__(
        self,
        source: Path | Callable[[], Reader],
        *,
        profile: Profile,
        hosted: bool | None = None,
        clock: Callable[[], float] = steady_s,
        wall: Callable[[], float] = time.time,
        backfill_pause_s: float = BACKFILL_PAUSE_S,
        usage: Callable[[], tuple[int, float]] = usage,
        settings: SettingsFile | None = None,
        marks: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        super().__init__(profile, settings or SettingsFile(None))
        self.me: MeAnswer | None = None
        self._marks = marks
        self.environment = environment
        self.trends = Trends()
        self.histories = Histories()
        self.charts = ChartRenderer(self.palette)
        self.chart_thread = ThreadPoolExecutor(1, thread_name_prefix="chart")
        self.hosted = bool(hosted)
        self._ask_hosted = hosted is None
        self._source = source
        self._backfill_pause_s = backfill_pause_s
        self._usage = usage
        self._reader: Reader | None = None
        self._link = LinkState(since=clock())
        self._newest: Snapshot | None = None
        self._came_at = clock()
        self._held: Snapshot | None = None
        self._held_at = 0.0
        self._held_came_at = 0.0
        self._fault = ""
        self._awake = Awake(clock())
        self._beat_at: float | None = None
        self._late: list[float] = []
        self._skipped = 0
        self._pace = Pace()
        self.tidy = Tidy()
        self._was_stale = False
        self._exit_asked = False
        self._calls = Calls()
        self.unlocking = Unlocking(
            lambda: self.reader, self._control_locked, clock=clock, wall=wall
        )
        self._drawn_at = float("-inf")

    # what the pages read

    def now(self) -> Now:
        """This moment, as the pages draw it."""
        at = self._clock()
        retry = self._link.retry_at
        held = self._held
        return Now(
            snapshot=held or self._newest,
            silent_s=max(0.0, at - self._came_at) if self._newest else 0.0,
            link=self._link,
            retry_in_s=None if retry is None else max(0.0, retry - at),
            wall_ms=int(self._wall() * 1000),
            at_s=at,
            glyphs=self.glyphs,
            hosted=self.hosted,
            paused_s=max(0.0, at - self._held_at) if held else None,
            held_s=max(0.0, at - self._held_came_at) if held else 0.0,
            console=self._health(),
            me=self.me,
            marks=self._marked(),
            unlocked_s=self.unlocking.left_s,
        )

    def _marked(self) -> tuple[str, ...]:
        words = [*self._marks]
        if self.profile.slow:
            usual = self.interval_s == self.profile.interval_s
            words.append("SLOW" if usual else f"SLOW {self.interval_s} s")
        elif self.interval_s > 1:
            words.append(f"EVERY {self.interval_s} s")
        if self.profile.glyphs is GlyphSet.TTY:
            words.append("TTY")
        return tuple(words)

    @property
    def _lost_frames(self) -> int:
        driver = self._driver
        return self._skipped + (driver.dropped if isinstance(driver, DroppingDriver) else 0)

    def _health(self) -> ConsoleHealth:
        rss_bytes, cpu_s = self._usage()
        return ConsoleHealth(
            rss_bytes=rss_bytes,
            cpu_s=cpu_s,
            late_s=max(self._late, default=0.0),
            dropped_frames=self._lost_frames,
            fault=self._fault,
            stood=self._awake.stood(self._clock()),
        )

    def called(self, asset: str) -> str:
        """What people call an asset; its id where it is not known here."""
        return name_of(self.now().snapshot, asset)

    async def ask(self, path: str, kind: type[Answer], **query: str | int | None) -> Answer:
        """What the collector has at `path`; raises ApiError."""
        return await self._attached().get(path, kind, **query)

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer:
        """Past values of a reading; raises ApiError."""
        return await self._attached().history(asset, key, from_ms, to_ms, step_s)

    @property
    def reader(self) -> Reader:
        """The collector, for what pages have done; raises ApiError."""
        return self._attached()

    def _attached(self) -> Reader:
        if self._reader is None:
            raise ApiError("not attached to a collector yet")
        return self._reader

    # the collector

    def on_mount(self) -> None:
        """Open the first page and attach."""
        page = self.kept.settings.page
        self.switch_mode(page if page in WORDS else FIRST)
        if self.kept.problems:
            self.call_later(self.tell, "Settings of this console", self.kept.problems, "warn")
        source = self._source
        self._reader = Client(source) if isinstance(source, Path) else source()
        link = Link(self._reader, self._take, self._linked, clock=self._clock)
        self.run_worker(link.run(), name="link", exit_on_error=False)
        self.set_interval(1.0, self._second)
        for signal in (self.app_suspend_signal, self.app_resume_signal):
            signal.subscribe(self, lambda _: self.unlocking.drop(LOCKED) and None)
        if self._exit_asked:
            self.exit(Leave.LEFT)

    async def on_unmount(self) -> None:
        """Let go of the collector and of the chart thread."""
        self.chart_thread.shutdown(wait=False, cancel_futures=True)
        self.kept.write()
        if self._reader is not None:
            await self.unlocking.lock()
            await self._reader.aclose()

    def _take(self, snapshot: Snapshot) -> None:
        at = self._clock()
        self._awake.beat(at)
        before, self._newest = self._newest, snapshot
        if not self._link.attached:
            # the newest one there is, however old: a collector that stands still answers too
            self._came_at = at - max(0.0, self._wall() - snapshot.at_ms / 1000)
        elif before is None or (
            (before.seq, before.at_ms) != (snapshot.seq, snapshot.at_ms) and self._awake.settled(at)
        ):
            self._came_at = at
        self.trends.feed(snapshot)
        self.histories.feed(snapshot)
        if new := self._calls.new(snapshot.alarms):
            self.mention(in_words(new, self.glyphs), "alert")
        waited = at - self._drawn_at
        due = self.interval_s == 1 or waited >= self.interval_s - 0.5
        if self._held is None and (due or not self._link.attached):
            self.redraw()

    def _linked(self, state: LinkState) -> None:
        self._link = state
        if state.attached:
            self.histories.forget()
            self.run_worker(
                self._backfill(),
                name="backfill",
                exclusive=True,
                group="backfill",
                exit_on_error=False,
            )
            self.run_worker(self._learn(), name="who", exit_on_error=False)
        else:
            self.unlocking.drop(RESTARTED)
        self.redraw()

    async def _learn(self) -> None:
        """Who looks, and whether this console's collector ends with it; asked again when the link
        is back."""
        if self._reader is None:
            return
        try:
            self.me = await self._reader.get("/v1/me", MeAnswer)
            if self._ask_hosted:
                self.hosted = (await self._reader.health()).hosted
        except ApiError:
            return
        self.redraw()

    async def _backfill(self) -> None:
        """The sparklines of what happened before this console looked, gently."""
        await asyncio.sleep(self._backfill_pause_s)
        shot, reader = self._newest, self._reader
        if shot is None or reader is None:
            return
        start = shot.at_ms - WINDOW_S * 1000
        for view in shot.assets:
            key = MAIN_POWER.get(view.kind)
            if key is None or key not in view.readings:
                continue
            try:
                answer = await reader.history(
                    view.id, key, start, shot.at_ms, WINDOW_S // CELLS // 2
                )
            except ApiError:
                return  # begun anew when the link is back
            self.trends.backfill(answer)
            await asyncio.sleep(self._backfill_pause_s)
        self.redraw()

    # drawing

    def redraw(self) -> None:
        """Draw the page on top, unless the terminal does not keep up."""
        driver = self._driver
        if isinstance(driver, DroppingDriver) and driver.behind:
            self._skipped += 1
            return
        page = self.screen if self.screen_stack else None
        if isinstance(page, JumpPage) and self.now().stale_s is not None:
            page.dismiss(None)  # it lets the page below be seen, which is not drawn meanwhile
        if not isinstance(page, Page) or not page.drawable:
            return
        self._drawn_at = self._clock()
        try:
            with self.batch_update():
                page.show(self.now())
        except Exception as error:  # noqa: BLE001  a page that cannot draw must not end the others
            self._note_fault(type(page).__name__, error)
            page.show_head(self.now())

    def before_painting(self) -> None:
        """What is painted after this console, or its terminal, stood still is drawn anew before."""
        at, driver = self._clock(), self._driver
        if at - self._drawn_at <= self.interval_s + SILENT_S or self._newest is None:
            return
        if not (isinstance(driver, DroppingDriver) and driver.behind):
            self._awake.beat(at)
            self.redraw()

    def _second(self) -> None:
        """Once a second: what changes without a snapshot (ages, countdowns), and our own health."""
        at = self._clock()
        self._awake.beat(at)
        if self._beat_at is not None:
            self._late = [*self._late[-59:], max(0.0, at - self._beat_at - 1.0)]
        self._beat_at = at
        self.unlocking.look()
        self._ring(at)
        self._hint()
        self.tidy.look(at)
        if self.kept.unwritten:
            self.run_worker(asyncio.to_thread(self.kept.write), name="settings", group="settings",
                            exit_on_error=False)  # fmt: skip
        if self.kept.unsaid and self.mention(self.kept.unsaid, "warn"):
            self.kept.unsaid = ""
            self.redraw()
        stale = at - self._came_at > SILENT_S
        ages = self._held is not None or at - self._came_at > 1.5
        if stale is not self._was_stale or (ages and at - self._drawn_at >= self.interval_s - 0.5):
            self._was_stale = stale
            self.redraw()

    def _hint(self) -> None:
        """Once, what helps where the terminal does not keep up again and again."""
        driver = self._driver
        behind = isinstance(driver, DroppingDriver) and driver.behind
        if self._pace.due(self._lost_frames, behind=behind) and not self.profile.slow:
            self._pace.told = self.mention(HINT)
            self.redraw()

    def _ring(self, at: float) -> None:
        """The bell, when it is due; what may not hold any more calls nobody."""
        shot = self._newest
        alarms = () if shot is None or self.now().unheard_s is not None else shot.alarms
        if self._calls.rings(alarms, at, self.kept.settings.bell_s):
            self.bell()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """One funnel for whatever goes wrong in the background."""
        if event.state is WorkerState.ERROR:
            self._note_fault(event.worker.name or event.worker.group, event.worker.error)
            self.redraw()

    def _note_fault(self, where: str, error: BaseException | None) -> None:
        frames = traceback.extract_tb(error.__traceback__) if error is not None else []
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        self._fault = f"fault of this console in {where}{place}: {error!r}; please report it"

    async def on_event(self, event: events.Event) -> None:
        """A key takes what was said in the last line away; one that was typed ahead when the app
        ends already does nothing."""
        if isinstance(event, events.Key):
            if self._exit:
                return
            self.unsay()
            self.tidy.key(self._clock())
            if self.unlocking.key():
                self.run_worker(self.unlocking.renew(), name="renew", exit_on_error=False)
            if await in_one(event, self.screen, self._peek_message, self._get_message):
                return
        await super().on_event(event)

    # the lock of control

    def _control_locked(self, why: str) -> None:
        if self.is_running:
            self.say(why, "warn")

    async def action_lock_control(self) -> None:
        """Commands take the PIN anew."""
        await self.unlocking.lock()

    def action_suspend_process(self) -> None:
        """To the shell for a while; nobody commands from what is left open."""
        self.run_worker(self._suspend(), name="suspend", exit_on_error=False)

    async def _suspend(self) -> None:
        await self.unlocking.lock()
        super().action_suspend_process()

    # actions

    def action_pause(self) -> None:
        """Hold the picture, or let it go on."""
        if self._held is None and self._newest is not None:
            self._held, self._held_at = self._newest, self._clock()
            self._held_came_at = self._came_at
            self.trends.hold()
        else:
            self._held = None
            self.trends.go_on()
        self.redraw()

    def ask_exit(self) -> None:
        """Leave from a signal handler or another thread; the collector goes on."""
        self._exit_asked = True
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.exit, Leave.LEFT)


def terminal_name() -> str:
    """The device behind standard input, or nothing."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except (OSError, ValueError):
        return ""


def run_console(
    socket: Path,
    *,
    hosted: bool | None = None,
    profile: Profile | None = None,
    settings: Path | None = None,
    slow: bool | None = None,
    environment: Mapping[str, str] | None = None,
) -> Leave:
    """Show the collector behind `socket` until the person leaves or the terminal goes.
    `environment` leads another `ovr` to the same home.

    Raises OvrError when a display setting is wrong or the console itself failed; whatever
    happens here, a collector goes on.
    """
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        raise OvrError("the console draws on standard error: it has to be the terminal (no 2>)")
    kept = SettingsFile(settings)
    if profile is None:
        chosen = kept.settings
        profile = resolve(
            os.environ, terminal_name(), slow=slow, kept=(chosen.theme, chosen.glyphs)
        )
    app = ConsoleApp(socket, profile=profile, hosted=hosted, settings=kept, environment=environment)
    favour_keys()
    with Vigil(app.ask_exit, fileno=sys.stdin.fileno()):
        answer = app.run(mouse=profile.mouse)
    if app.return_code:
        raise OvrError("the console failed (see above); the collector goes on")
    return answer or Leave.LEFT
