"""What every page has: the line of truth, a banner when the picture is not live, the keys."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen

from ovr_tui.console.band import banner, top_line
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece
from ovr_tui.console.widgets import Lines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

LEAST_WIDTH, LEAST_HEIGHT = 60, 16


class Page(Screen[None]):
    """A full page. `draw` is called with every new moment while the page is on top."""

    DEFAULT_CSS = """
    Page { background: $background; }
    Page #rule { display: block; }
    Page #banner { display: none; }
    Page.-banner #banner { display: block; }
    Page.-two #banner { height: 2; }
    Page #small { display: none; height: 1fr; }
    Page.-small #small { display: block; }
    Page.-small #page { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    ready = False
    """Whether all widgets are there; until then nothing is drawn."""

    def on_mount(self) -> None:
        """Draw as soon as the widgets, nested ones too, are there."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.ready = True
        self.begin()
        self.console_app.redraw()

    def begin(self) -> None:
        """Whenever nothing has the keys: give them to what this page is about."""

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
        self.show_head(now)
        self.draw(now)
        if self.focused is None:  # what had the keys was hidden for a while
            self.call_after_refresh(self.begin)

    def show_head(self, now: Now) -> None:
        """The line of truth, the banner and the keys: what is shown even if the rest fails."""
        cells = self.size.width
        self.query_one("#top", Lines).show([top_line(now, cells)])
        self.query_one("#rule", Lines).show([((now.glyphs.rule * cells, "dim"),)])
        trouble = banner(now, cells)
        self.set_class(bool(trouble), "-banner")
        self.set_class(len(trouble) > 1, "-two")
        self.query_one("#banner", Lines).show(trouble)
        self.query_one("#keys", Lines).show([self.keys(cells)])

    def keys(self, cells: int) -> Line:
        """The keys that matter here, as many as fit: help and leave always, then the page's own
        before those of the app."""
        focused = self.focused.BINDINGS if self.focused is not None else []
        shown = [
            binding
            for binding in (*focused, *self.BINDINGS, *self.app.BINDINGS)
            if isinstance(binding, Binding) and binding.show
        ]
        always = [binding for binding in shown if binding.action in ("help", "leave")]
        left = cells - 1 - sum(_room(binding) for binding in always)
        kept = []
        for binding in shown:
            if binding in always:
                kept.append(binding)
            elif _room(binding) <= left:
                left -= _room(binding)
                kept.append(binding)
        out: list[Piece] = [(" ", "text")]
        for binding in kept:
            key = _key(binding).replace("⏎", self.console_app.glyphs.enter)
            out += [(key, "accent"), (f" {binding.description}   ", "dim")]
        return tuple(out)

    def on_screen_resume(self) -> None:
        """Back on top: the newest."""
        self.console_app.redraw()

    def on_resize(self, _: events.Resize) -> None:
        """Draw for the new size, once the widgets have theirs."""
        self.call_after_refresh(self.console_app.redraw)


def _key(binding: Binding) -> str:
    return binding.key_display or binding.key.partition(",")[0]


def _room(binding: Binding) -> int:
    return cell_len(_key(binding)) + len(binding.description) + 4 + 4 * (binding.key == "enter")


def _too_small(cells: int, rows: int) -> list[Line]:
    text = f"too small: {cells}×{rows}, need {LEAST_WIDTH}×{LEAST_HEIGHT}"
    return [*[()] * (max(1, rows) // 2), ((text[:cells].center(cells), "warn"),)]
