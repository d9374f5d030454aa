"""Getting about in the console: pages, help, palette, what is said in the last line, settings."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from ovr_tui.console import files
from ovr_tui.console.alarms.calls import BELLS_S, bell_words
from ovr_tui.console.commands import Elsewhere, commands
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.keys import named, names, usable
from ovr_tui.console.leaving import Leave
from ovr_tui.console.look import LookApp
from ovr_tui.console.now import Now
from ovr_tui.console.pages.alarms import AlarmsPage
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.control import ControlPage
from ovr_tui.console.pages.correction import CorrectionsPage
from ovr_tui.console.pages.device import DevicePage
from ovr_tui.console.pages.devices import DevicesPage
from ovr_tui.console.pages.discover import DiscoverPage
from ovr_tui.console.pages.event import EventPage
from ovr_tui.console.pages.event_log import KindPage
from ovr_tui.console.pages.events import EventsPage
from ovr_tui.console.pages.health import HealthPage
from ovr_tui.console.pages.health_log import AuditPage, LogPage
from ovr_tui.console.pages.health_node import NodePage
from ovr_tui.console.pages.health_pipes import PipesPage
from ovr_tui.console.pages.health_sources import SourcesPage
from ovr_tui.console.pages.help import HelpPage
from ovr_tui.console.pages.jump import JumpPage
from ovr_tui.console.pages.leave import LeavePage
from ovr_tui.console.pages.links import LinksPage
from ovr_tui.console.pages.notice import NoticePage
from ovr_tui.console.pages.palette import PalettePage
from ovr_tui.console.pages.report import ReportPage
from ovr_tui.console.pages.reports import ReportsPage
from ovr_tui.console.pages.shift import ShiftPage
from ovr_tui.console.pages.site import SitePage
from ovr_tui.console.places import PLACES
from ovr_tui.console.profile import Profile
from ovr_tui.console.settings import SettingsFile
from ovr_tui.console.text import Line, Tone, fit

SAID_S = 8.0
"""How long a message stands in the last line, unless a key is pressed before."""
INTERVALS_S = (1, 2, 5, 10)
FIRST = "site"
LEADS_AWAY = frozenset({"go", "palette", "pause", "interval", "theme", "bell_every", "log"})
"""Actions that a key does not have while something is being typed."""
LOSES = frozenset({"go", "palette"})
"""Those of them that a page over it, help say, does not have either: they lead elsewhere."""


class Shell(LookApp[Leave], inherit_bindings=False):
    """The part of the app that knows pages and keys, but no collector."""

    TITLE = "ovr"
    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { background: $background; }"
    BINDINGS: ClassVar[list[BindingType]] = named(
        "app",
        [
            *(
                Binding(  # the line of tabs shows these
                    place.key, f"go('{place.word}')", place.word, tooltip=place.text, show=False
                )
                for place in PLACES
            ),
            Binding("colon,ctrl+p", "palette", "palette", key_display=":", tooltip="all commands"),
            Binding("space", "pause", "pause", tooltip="hold the picture; collecting goes on"),
            Binding("question_mark,f1", "help", "help", key_display="?", tooltip="all keys"),
            Binding("q,ctrl+q,ctrl+c", "leave", "leave", key_display="q"),
            Binding("K", "lock_control", "lock",
                    tooltip="lock control: commands take the PIN anew"),
            Binding("less_than_sign", "interval(1)", "paint less often", show=False),
            Binding("greater_than_sign", "interval(-1)", "paint more often", show=False),
            Binding(
                "T", "theme", "other colours", show=False,
                tooltip="other colours: dark, light, high-contrast, colour-blind, ansi, mono",
            ),
            Binding("B", "bell_every", "bell of alarms: off, every 10 s, every 60 s", show=False),
            Binding("ctrl+o", "jump", "jump: letters at every row and field", show=False),
            Binding(
                "ctrl+e", "log", "into the log", show=False,
                tooltip="write into the log: fuel, a dip, hours, a reading, a note",
            ),
            Binding(
                "ctrl+w",
                "keep_screen",
                "write this screen into files",
                show=False,
                tooltip="write this screen into files (text, SVG), here or in your home",
            ),
            Binding("y", "copy", "copy the row at the cursor (OSC 52)", show=False),
            Binding("ctrl+l", "repaint", "paint the screen anew", show=False),
            Binding("ctrl+z", "suspend_process", "back to the shell for a while", show=False),
        ],
    )  # fmt: skip

    def __init__(self, profile: Profile, settings: SettingsFile) -> None:
        super().__init__(profile)
        self.kept = settings
        keys, problems = usable(settings.settings.keys, names())
        self.set_keymap(keys)
        settings.problems += problems
        wanted_s = settings.settings.interval_s or 1
        self.interval_s = max(wanted_s, profile.interval_s) if profile.slow else wanted_s
        self._said: tuple[Line, float] | None = None
        self._shown: set[str] = set()
        self._made = False
        """Whether the place that one goes to has been shown before."""
        for place in PLACES:
            self.add_mode(place.word, _PAGES[place.word])

    def now(self) -> Now:
        """This moment, as the pages draw it."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw the page on top."""
        raise NotImplementedError

    # saying something

    def say(self, text: str, tone: Tone = "bold") -> None:
        """Say in the last line, until the next key, what an action came to. A long text, or one of
        several lines, gets a page of its own."""
        lines = text.splitlines() or [""]
        if len(lines) > 1 or len(text) > self.size.width - 4:
            self.tell("", lines, tone)
            return
        sign = f"{self.now().glyphs.alarm} " if tone in ("warn", "alert") else ""
        self._said = (((f" {sign}{self.now().glyphs.text(lines[0])}", tone),), self.now().at_s)
        self.redraw()

    def mention(self, text: str, tone: Tone = "bold") -> bool:
        """Say in the last line what nobody asked for: never on a page of its own, and not while
        somebody types. Whether it is said."""
        page = self.screen if self.screen_stack else None
        if not isinstance(page, Page) or page.HOLDS or isinstance(page.focused, InputLine):
            return False
        shown = fit(f" {self.now().glyphs.alarm} {text}", self.size.width)
        self._said = (((shown, tone),), self.now().at_s)
        return True

    def tell(self, title: str, lines: Sequence[str], tone: Tone = "text") -> None:
        """Say something at length."""
        self.push_screen(NoticePage(title, lines, tone))

    def said(self) -> Line | None:
        """What stands in the last line instead of the keys."""
        if self._said is None or self.now().at_s - self._said[1] > SAID_S:
            self._said = None
            return None
        return self._said[0]

    def unsay(self) -> None:
        """A key was pressed: the last line shows the keys again."""
        if self._said is not None:
            self._said = None
            self.redraw()

    # getting about

    def go(self, word: str) -> None:
        """Show a place; what was open above its first page stays, unless it is in sight now."""
        if word == self.current_mode:
            while len(self.screen_stack) > 1:
                self.pop_screen()
        else:
            self._made = word in self._shown
            self.switch_mode(word)
            self._shown.add(word)
            self.kept.change(page=word)
            if isinstance(self.screen, AlarmsPage):
                self.screen.arrived()

    def delay_update(self, delay: float = 0.05) -> None:
        """Paint nothing for a while: Textual does so with every change of place, so that no page is
        seen half made. One that is there already does not have to wait."""
        if not self._made:
            super().delay_update(delay)

    def action_go(self, word: str) -> None:
        """A place by its key."""
        self.go(word)

    def back(self) -> None:
        """Close what is open; from a place's first page to the site."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.current_mode != FIRST:
            self.go(FIRST)

    def open_asset(self, asset: str, ids: Sequence[str] = ()) -> None:
        """The page of an asset above what is open, so that esc leads back to it; n and p walk
        through `ids`. Where an asset is open already it makes room, with what is above it."""
        while any(isinstance(page, AssetPage) for page in self.screen_stack):
            self.pop_screen()
        self.push_screen(AssetPage(asset, ids or [asset]))

    def back_from(self, asset: str) -> None:
        """Leave an asset's page; on the site the table's cursor goes to the asset."""
        self.pop_screen()
        if isinstance(self.screen, SitePage):
            self.screen.came_back(asset)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where something is being typed no key leads away from it, from a page over it neither."""
        del parameters
        if action == "lock_control":
            return self.now().unlocked_s is not None
        held = [isinstance(page, Page) and page.HOLDS for page in self.screen_stack]
        if action == "log" and not self.now().may_operate:
            return False
        if action in LOSES and any(held):
            return False
        return not (action in LEADS_AWAY and held and held[-1])

    # actions

    def action_help(self) -> None:
        """All keys of the page on top."""
        page = self.screen
        if isinstance(page, HelpPage) or not isinstance(page, Page):
            return
        widget = page.focused
        sections: list[tuple[str, set[int]]] = [
            ("This page", {id(page)}),
            ("Everywhere", {id(self)}),
        ]
        if widget is not None:
            title = "In this field" if isinstance(widget, InputLine) else "Moving"
            sections.insert(1, (title, {id(widget)}))
        active = [each for each in page.active_bindings.values() if not page.is_typed(each.binding)]
        told = [
            (title, [each.binding for each in active if id(each.node) in owners])
            for title, owners in sections
        ]
        self.push_screen(HelpPage(told))

    def action_palette(self) -> None:
        """Every command by its name."""
        page = self.screen
        if isinstance(page, Page) and not isinstance(page, PalettePage):
            self.push_screen(PalettePage(commands(page, ELSEWHERE)), self._chosen)

    def _chosen(self, run: Callable[[], Awaitable[object]] | None) -> None:
        if run is not None:
            self.call_later(run)

    def action_jump(self) -> None:
        """Letters at whatever can be gone to."""
        page = self.screen
        if isinstance(page, Page):
            targets = page.jump_targets()
            if targets:
                self.push_screen(JumpPage(targets))
            else:
                self.say("there is nothing here to jump to")

    def action_theme(self) -> None:
        """The next theme, kept for the next time."""
        if len(self.profile.themes) == 1:
            self.say("there are no colours: NO_COLOR is set")
            return
        super().action_theme()
        self.kept.change(theme=str(self.palette.theme))
        self.say(f"theme {self.palette.theme}")

    def action_interval(self, by: int) -> None:
        """Paint less, or more, often: for slow lines. Keys are answered at once all the same."""
        at = INTERVALS_S.index(self.interval_s) if self.interval_s in INTERVALS_S else 0
        self.interval_s = INTERVALS_S[min(max(at + by, 0), len(INTERVALS_S) - 1)]
        self.kept.change(interval_s=self.interval_s)
        self.say(f"painted every {self.interval_s} s")

    def action_bell_every(self) -> None:
        """How often the bell sounds while an alarm is not acknowledged."""
        at = BELLS_S.index(self.kept.settings.bell_s) if self.kept.settings.bell_s in BELLS_S else 0
        bell_s = BELLS_S[(at + 1) % len(BELLS_S)]
        self.kept.change(bell_s=bell_s)
        self.say(bell_words(bell_s))

    def action_log(self) -> None:
        """Write something down, wherever one is."""
        if not isinstance(self.screen, KindPage):
            self.push_screen(KindPage())

    def action_keep_screen(self) -> None:
        """What is on the screen as text and as SVG, in new files."""
        now, title = self.now(), self.current_mode
        svg = self.export_screenshot(title="ovr").encode()
        rows = self.screen._compositor.render_strips()  # noqa: SLF001  as export_screenshot does
        text = "\n".join(row.text.rstrip() for row in rows).encode()
        zone = now.snapshot.timezone if now.snapshot else "UTC"
        name = files.named(title, now.wall_ms, zone)
        try:
            path = files.write_new(text, name, "txt", files.folders())
            files.write_new(svg, name, "svg", files.folders())
        except OSError as error:
            self.say(f"not written: {error}", "warn")
        else:
            self.say(f"written: {path} and .svg", "good")

    def action_copy(self) -> None:
        """The row at the cursor into the terminal's clipboard."""
        line = getattr(self.focused, "row_text", lambda: "")()
        if line:
            self.copy_to_clipboard(line)
            self.say("copied, if this terminal takes it; ctrl+w writes the screen into a file")

    def action_repaint(self) -> None:
        """Paint everything anew, after another program wrote on the terminal."""
        self.screen.refresh(layout=True)

    def action_leave(self) -> None:
        """Leave; a console that hosts the collector asks what is to become of it."""
        if not self.now().hosted:
            self.exit(Leave.LEFT)
        elif not isinstance(self.screen, LeavePage):
            self.push_screen(LeavePage(), self._answered)

    def _answered(self, answer: Leave | None) -> None:
        if answer is not None:
            self.exit(answer)


_PAGES: dict[str, type[Page]] = {
    "site": SitePage,
    "alarms": AlarmsPage,
    "events": EventsPage,
    "reports": ReportsPage,
    "devices": DevicesPage,
    "health": HealthPage,
}


ELSEWHERE = (
    *(Elsewhere(place=place.word, page=_PAGES[place.word], name=place.name) for place in PLACES),
    Elsewhere(place="site", page=AssetPage, name="Asset", way="open an asset"),
    Elsewhere(place="site", page=ControlPage, name="Control", way="open an asset, c"),
    Elsewhere(place="site", page=LinksPage, name="Links", way="open an asset, l"),
    Elsewhere(place="events", page=EventPage, name="Event", way="open an event"),
    Elsewhere(place="events", page=ShiftPage, name="Last shift", way="w"),
    Elsewhere(place="reports", page=ReportPage, name="Report", way="open a report"),
    Elsewhere(place="reports", page=CorrectionsPage, name="Corrections", way="C"),
    Elsewhere(place="devices", page=DevicePage, name="Device", way="open a device"),
    Elsewhere(place="devices", page=DiscoverPage, name="Search", way="f"),
    Elsewhere(place="health", page=SourcesPage, name="Sources", way="2"),
    Elsewhere(place="health", page=PipesPage, name="Sinks", way="3"),
    Elsewhere(place="health", page=NodePage, name="Node", way="4"),
    Elsewhere(place="health", page=LogPage, name="Log", way="5"),
    Elsewhere(place="health", page=AuditPage, name="Audit", way="6"),
)
"""The pages whose commands the palette finds from everywhere."""
