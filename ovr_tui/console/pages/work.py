"""Long work: how far it is, and what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from collector.errors import ApiError
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import BLANK, Line, wrap
from ovr_tui.console.widgets import ScrollLines

Told = Sequence[str | Line]
Tell = Callable[[Told], None]
"""Says how far the work is."""
Work = Callable[[Tell], Awaitable[Told]]
"""Does it, and says what came of it; raises ApiError. It is cancelled when a person stops it."""


class WorkPage(Page):
    """Begins the work when it comes up. esc stops it; once it is over, esc leads back."""

    HOLDS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop, back", key_display="esc"),
    ]

    def __init__(self, title: str, work: Work) -> None:
        super().__init__()
        self._title = title
        self._work = work
        self._told: Told = ()
        self._failed = ""
        self._worker: Worker[Any] | None = None
        self._since = 0.0
        self._over_s: float | None = None

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="work")

    def begin(self) -> None:
        """Begin; the keys scroll."""
        self.query_one("#work", ScrollLines).focus()
        if self._worker is None:
            self._since = self.console_app.now().at_s
            self._worker = self.run_worker(self._run(), name=self._title, exit_on_error=False)

    async def _run(self) -> None:
        try:
            self._told = await self._work(self._tell)
        except ApiError as error:
            self._failed = str(error)
        finally:
            self._over_s = self.console_app.now().at_s - self._since
            self.console_app.redraw()

    def _tell(self, told: Told) -> None:
        self._told = told
        self.console_app.redraw()

    def draw(self, now: Now) -> None:
        """How far it is."""
        cells = self.size.width - 2
        lines: list[Line] = [BLANK, *wrap(now.glyphs.text(self._title), cells, "bold"), BLANK]
        for told in self._told:
            lines += (
                wrap(now.glyphs.prose(told), cells) or [BLANK] if isinstance(told, str) else [told]
            )
        for text in self._failed.splitlines():
            lines += wrap(f"{now.glyphs.alarm} {now.glyphs.prose(text)}", cells, "alert")
        lines += [BLANK, self._end(now)]
        self.query_one("#work", ScrollLines).show(lines)

    def _end(self, now: Now) -> Line:
        middle = now.glyphs.middle
        if self._over_s is None:
            spent = now.at_s - self._since if self._worker is not None else 0.0
            return ((f" working, {spent:.0f} s {middle} esc stops it", "accent"),)
        return ((f" {self._over_s:.0f} s {middle} esc leads back", "dim"),)

    def word(self, binding: Binding) -> str:
        """esc stops the work; once it is over it leads back."""
        if binding.action == "stop":
            return "stop" if self._over_s is None else "back"
        return super().word(binding)

    def action_stop(self) -> None:
        """Stop the work; once it is over, back."""
        worker = self._worker
        if worker is not None and worker.state in (WorkerState.PENDING, WorkerState.RUNNING):
            worker.cancel()
            self._failed = "stopped: what was not done by then is not done"
        else:
            self.dismiss(self._over_s is not None and not self._failed)
