"""*Test connection*: why does a device not answer, or does it answer right?"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker

from collector.errors import ApiError
from collector.model.diagnosis import Diagnosis
from collector.wire import TestAnswer, TestRequest
from ovr_tui.console.devices.facts import steps
from ovr_tui.console.devices.fields import LOGIN
from ovr_tui.console.devices.known import Known
from ovr_tui.console.form import Field, FormPage, Kind
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import ScrollLines

ANSWER_S = 60.0
"""A test takes up to half a minute."""

Wanted = str | dict[str, Any]
"""A device's id, or a `[[device]]` table that need not be saved."""


class TestPage(Page):
    """Tests devices one after the other, and shows each as soon as it has ended. Leaving the page
    ends it; what is saved stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", key_display="esc"),
        Binding("t", "again", "test again"),
        Binding(
            "f",
            "force",
            "try it",
            tooltip="a device that is read already is told of by the collector; this connects",
        ),
        Binding("w", "password", "other password", tooltip="try one, without keeping it"),
    ]

    def __init__(self, known: Known, wanted: Sequence[Wanted], password: str = "") -> None:
        super().__init__()
        self.known = known
        self._wanted = tuple(wanted)
        self._password = password
        self._force = False
        self._done: list[Diagnosis] = []
        self._refused = ""
        self._at_s: float | None = None
        self._worker: Worker[None] | None = None

    def content(self) -> ComposeResult:
        """The steps."""
        yield ScrollLines(self.console_app.palette, id="steps")

    def begin(self) -> None:
        """The keys scroll; the test begins."""
        self.query_one("#steps", ScrollLines).focus()
        if self._worker is None:
            self._start()

    def _start(self) -> None:
        self._done, self._refused = [], ""
        self._worker = self.run_worker(
            self._test(), name="test connection", exclusive=True, exit_on_error=False
        )

    async def _test(self) -> None:
        for one in self._wanted:
            self._at_s = self.console_app.now().at_s
            self.console_app.redraw()
            body = TestRequest(device=one, password=self._password, force=self._force)
            try:
                answer = await self.console_app.reader.post(
                    "/v1/registry/test", TestAnswer, body, answer_s=ANSWER_S
                )
            except ApiError as error:
                self._refused = str(error)
                break
            self._done.append(answer.diagnosis)
            if isinstance(one, str):
                self.known.tests[one] = answer.diagnosis
        self._at_s = None
        self.console_app.redraw()

    def draw(self, now: Now) -> None:
        """What was told by now."""
        cells = self.size.width - 1
        out: list[Line] = [((" Test of the connection", "bold"),), *steps(now, self._done, cells)]
        if self._at_s is not None:
            name = self._called(len(self._done))
            spent = f"{now.at_s - self._at_s:.0f} s"
            many = len(self._wanted) > 1
            count = f" ({len(self._done) + 1} of {len(self._wanted)})" if many else ""
            out += [(), ((f" testing {now.glyphs.text(name)}{count}, {spent}", "accent"),)]
        for line in self._refused.splitlines():
            out += [(), *wrap(now.glyphs.prose(line), cells, "alert")]
        self.query_one("#steps", ScrollLines).show(out)

    def word(self, binding: Binding) -> str:
        """While a test runs, leaving ends it."""
        if binding.action == "back" and self._at_s is not None:
            return "stop, back"
        return super().word(binding)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Passwords are only for what logs in."""
        if action == "password" and not any(self._kind(one) in LOGIN for one in self._wanted):
            return False
        return super().check_action(action, parameters)

    def _kind(self, one: Wanted) -> str:
        if not isinstance(one, str):
            return str(one.get("kind", ""))
        row = self.known.row(self.console_app.now(), one)
        return row.kind if row else ""

    def _called(self, index: int) -> str:
        one = self._wanted[min(index, len(self._wanted) - 1)]
        return self.console_app.called(one) if isinstance(one, str) else str(one.get("host", ""))

    def action_again(self) -> None:
        """Once more."""
        self._start()

    def action_force(self) -> None:
        """By a connection of its own."""
        self._force = True
        self._start()

    def action_password(self) -> None:
        """With another password, which is not kept."""
        text = "It is tried, and not kept"
        fields = [Field(name="password", label="password", kind=Kind.SECRET, text=text)]
        self.app.push_screen(FormPage("Try another password", fields, self._with, verb="try it"))

    async def _with(self, answers: Mapping[str, object]) -> str:
        self._password = str(answers["password"] or "")
        self._force = True
        self._start()
        return ""
