"""What every page has: the line of truth, the pages' names, a banner when the picture is not live,
the keys or what the last action came to."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen

from collector.errors import ApiError
from ovr_tui.console.band import banner, top_line
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.keys import last_line, named, types
from ovr_tui.console.look import forget_painted
from ovr_tui.console.now import Now
from ovr_tui.console.places import tabs
from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
Right = Literal["operator", "control"]


class Page(Screen[Any], inherit_bindings=False):
    """A full page. `draw` is called with every new moment while the page is on top.

    NEEDS names the actions that take a right; who lacks it does not see them. With EVERY_S `load`
    is called when the page comes up and then every so many seconds, and `trouble` says why it
    failed last. HOLDS: what is typed here must not be lost to a key that leads elsewhere.
    """

    DEFAULT_CSS = """
    Page { background: $background; }
    Page #rule { display: block; }
    Page #banner { display: none; }
    Page.-banner #banner { display: block; }
    Page.-two #banner { height: 2; }
    Page #keys { dock: bottom; }
    Page #small { display: none; height: 1fr; }
    Page.-small #small { display: block; }
    Page.-small #page { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = named(
        "page",
        [
            Binding("tab", "app.focus_next", "next part of the page", show=False),
            Binding("shift+tab", "app.focus_previous", "previous part of the page", show=False),
        ],
    )
    NEEDS: ClassVar[Mapping[str, Right]] = {}
    EVERY_S: ClassVar[float | None] = None
    HOLDS: ClassVar[bool] = False

    ready = False
    """Whether all widgets are there; until then nothing is drawn."""
    trouble = ""
    """Why the newest `load` failed; empty when it did not."""

    def __init_subclass__(cls, **options: Any) -> None:
        if "BINDINGS" in vars(cls):
            cls.BINDINGS = named(cls.__name__.removesuffix("Page").lower(), cls.BINDINGS)
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self._keys: Lines | None = None
        self.loaded_at: float | None = None
        self._asked_at: float | None = None
        self._waiting: list[Callable[[], object]] = []
        self._closes_with: tuple[Any] | None = None

    def on_mount(self) -> None:
        """Draw as soon as the widgets, nested ones too, are there."""
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Gone: nothing of it stays."""
        forget_painted()
        self.console_app.tidy.left()

    def _begin(self) -> None:
        self.ready = True
        self._keys = next(iter(self.query("#keys").results(Lines)), None)
        if self.drawable:
            self.begin()
            self.console_app.redraw()
            for do in self._waiting:
                do()
            self._waiting.clear()

    def when_ready(self, do: Callable[[], object]) -> None:
        """Call `do` once the widgets are there, which may be now."""
        if self.ready:
            do()
        else:
            self._waiting.append(do)

    def begin(self) -> None:
        """Whenever nothing has the keys: give them to what this page is about."""

    def begin_soon(self) -> None:
        """Begin once the widgets have their places, if the page is still there then: what is
        hidden cannot have the keys."""
        self.call_after_refresh(self._begin_if_there)

    def _begin_if_there(self) -> None:
        if self.drawable:
            self.begin()
            self._show_keys()

    async def on_event(self, event: events.Event) -> None:
        """A page that was shown before has its styles: themes that change meanwhile are the app's
        business, and each page is styled for them before it comes up. One that has its answer
        closes now."""
        if isinstance(event, events.ScreenResume) and self.ready:
            event.refresh_styles = False
        await super().on_event(event)
        if isinstance(event, events.ScreenResume) and self._closes_with is not None:
            (result,), self._closes_with = self._closes_with, None
            self.dismiss(result)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close this page with an answer: at once if it is on top, else as soon as it is again.
        (Textual closes whatever is on top, help that was opened meanwhile or a page of another
        place, and leaves this one open.)"""
        if self.is_active:
            return super().dismiss(result)
        self._closes_with = (result,)
        return AwaitComplete()

    @property
    def drawable(self) -> bool:
        """Whether its widgets are there: all are made, and neither the page nor the app has begun
        to end."""
        return self.display and self._keys is not None and self._keys.is_attached

    @property
    def console_app(self) -> "ConsoleApp":
        """The app, with its own type."""
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        """Head, content, keys."""
        palette = self.console_app.palette
        with Vertical(id="page"):
            yield Lines(palette, id="top")
            yield Lines(palette, id="rule")
            yield Lines(palette, id="banner")
            yield from self.content()
            yield Lines(palette, id="keys")
        yield Lines(palette, id="small")

    def content(self) -> ComposeResult:
        """The widgets between the banner and the keys."""
        raise NotImplementedError

    def draw(self, now: Now) -> None:
        """Show this moment's content."""
        raise NotImplementedError

    async def load(self) -> None:
        """Ask the collector for what the snapshot does not hold. Raises ApiError."""

    def reload(self) -> None:
        """Ask anew at once: something was changed."""
        self._asked_at = self.console_app.now().at_s
        load: Callable[[], Awaitable[None]] = self._load  # called when it runs, if it ever does
        self.run_worker(load, name=f"load {type(self).__name__}", exclusive=True,
                        group="load", exit_on_error=False)  # fmt: skip

    async def _load(self) -> None:
        try:
            await self.load()
        except ApiError as error:
            self.trouble = str(error)
        else:
            self.trouble = ""
            self.loaded_at = self.console_app.now().at_s
        if self.is_current:
            self.console_app.redraw()

    def _load_if_due(self, now: Now) -> None:
        if self.EVERY_S is None or not now.link.attached:
            return
        if self._asked_at is None or now.at_s - self._asked_at >= self.EVERY_S:
            self.reload()

    def show(self, now: Now) -> None:
        """Show this moment, or why there is no room for it."""
        cells, rows = self.size
        if not cells:
            return
        small = cells < LEAST_WIDTH or rows < LEAST_HEIGHT
        if small != self.has_class("-small"):
            self.set_class(small, "-small")
        if small:
            self.query_one("#small", Lines).show(_too_small(cells, rows))
            return
        self._load_if_due(now)
        self._show_truth(now)
        self.draw(now)
        self._show_keys()
        if self.focused is None:  # what had the keys was hidden for a while
            self.begin_soon()

    def show_head(self, now: Now) -> None:
        """The line of truth, the banner and the keys: what is shown even if the rest fails."""
        self._show_truth(now)
        self._show_keys()

    def _show_truth(self, now: Now) -> None:
        cells = self.size.width
        self.query_one("#top", Lines).show([top_line(now, cells)])
        self.query_one("#rule", Lines).show([tabs(now, self.console_app.current_mode, cells)])
        trouble = banner(now, cells)
        self.set_class(bool(trouble), "-banner")
        self.set_class(len(trouble) > 1, "-two")
        self.query_one("#banner", Lines).show(trouble)

    def _show_keys(self) -> None:
        if self._keys is not None and self.drawable and self.size.width:
            self._keys.show([self.console_app.said() or self.keys(self.size.width)])

    def shown_bindings(self) -> Iterator[Binding]:
        """The bindings in force here, as the person has mapped them, without those that they may
        not use: of what has the keys, of the page, of the app. Where something is typed, its
        characters are no keys."""
        seen: set[str] = set()
        for active in self.active_bindings.values():
            binding = active.binding
            if binding.action not in seen and not self.is_typed(binding):
                seen.add(binding.action)
                yield binding

    def is_typed(self, binding: Binding) -> bool:
        """Whether its key is a character of what is being typed."""
        typing = isinstance(self.focused, InputLine)
        return typing and types(binding.key) and not binding.priority

    def word(self, binding: Binding) -> str:
        """What a key does just now, for the last line; "" leaves it out there."""
        return binding.description if binding.show else ""

    def keys(self, cells: int) -> Line:
        """The keys that matter here, as many as fit."""
        glyphs = self.console_app.glyphs
        if isinstance(self.focused, InputLine) and self.focused.id == "filter":
            enter = glyphs.key("⏎")
            return ((f" {enter}", "accent"), (" keep the filter   ", "dim"),
                    ("esc", "accent"), (" no filter", "dim"))  # fmt: skip
        told = [(binding, self.word(binding)) for binding in self.shown_bindings()]
        return last_line([(binding, word) for binding, word in told if word], glyphs, cells)

    def when_typed(self, do: Callable[[], object]) -> None:
        """Call `do` once whatever was typed before stands in its field. (Keys that come in one
        burst, from a slow line or a paste, wait in the fields' queues; so `do` has to read the
        fields themselves.)"""
        fields = list(self.query(InputLine))

        def onward(at: int) -> None:
            if at < len(fields):
                fields[at].call_later(onward, at + 1)
            else:
                self.call_later(do)

        onward(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What takes a right that the person lacks does not exist here."""
        del parameters
        needed = self.NEEDS.get(action)
        if needed is None:
            return True
        now = self.console_app.now()
        return now.may_control if needed == "control" else now.may_operate

    def on_screen_resume(self) -> None:
        """Back on top: the newest."""
        if self.EVERY_S is not None and self._asked_at is not None:
            self.reload()
        self.console_app.redraw()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """The last line shows the keys of what has them now."""
        self.call_after_refresh(self._show_keys)

    def on_input_line_refused(self, event: InputLine.Refused) -> None:
        """What a field does not take."""
        self.console_app.say(event.said, "warn")

    def on_resize(self, _: events.Resize) -> None:
        """Draw for the new size, once the widgets have theirs."""
        self.call_after_refresh(self.console_app.redraw)

    def action_back(self) -> None:
        """Back to where one came from; from the first page of a place to the site."""
        self.console_app.back()

    def jump_targets(self) -> Sequence[tuple[int, int, Any]]:
        """Where jump mode can lead: column and row on the screen, and what is called there."""
        return [
            target
            for widget in self.focus_chain
            for target in getattr(widget, "jump_targets", lambda: ())()
        ]


def _too_small(cells: int, rows: int) -> list[Line]:
    said = ("too small", f"needs {LEAST_WIDTH}×{LEAST_HEIGHT}", "ctrl+q leaves")
    return [
        *[()] * (max(0, rows - len(said)) // 2),
        *(((text[:cells].center(cells), "warn"),) for text in said),
    ]
