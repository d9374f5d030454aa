"""A page with a form on it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.worker import Worker

from collector.errors import ApiError
from ovr_tui.console.form.fields import (
    Field,
    Kind,
    Refusal,
    Values,
    answers,
    hint,
    problem,
    problems,
)
from ovr_tui.console.form.widgets import Chosen, Typed
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import Lines

LABEL_CELLS = 24
Send = Callable[[Mapping[str, object]], Awaitable[str]]
"""Does what the form is for, and says what came of it; raises ApiError with what is wrong."""
MakeFields = Callable[[Values], Sequence[Field]]
"""The fields of a form, which may depend on what stands in others."""


class FormPage(Page):
    """Asks for values. Enter goes to the next field, on the last one (or ctrl+s) the form is sent:
    it closes when that was done, and stays with the reason when it was not. Answers True if sent.
    """

    HOLDS = True
    DEFAULT_CSS = """
    FormPage #title { height: auto; min-height: 2; }
    FormPage #fields { height: 1fr; scrollbar-size: 0 0; }
    FormPage .line { height: 1; }
    FormPage .label { width: 26; }
    FormPage .wrong { width: 1fr; display: none; }
    FormPage .-measured { width: 14; }
    FormPage .unit { width: 10; display: none; }
    FormPage .-unit { display: block; }
    FormPage .measured Typed { width: 14; }
    FormPage #explain { height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back, nothing is done", key_display="esc"),
        Binding("ctrl+s", "send", "send", key_display="ctrl+s"),
        Binding("enter", "onward", "next field", show=False, priority=True, key_display="⏎"),
        Binding("down,tab", "step(1)", "next field", show=False, priority=True),
        Binding("up,shift+tab", "step(-1)", "previous field", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field] | MakeFields,
        send: Send,
        *,
        about: Sequence[str] | Callable[[Now], Sequence[str]] = (),
        verb: str = "save",
        values: Values | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._make: MakeFields = fields if callable(fields) else lambda _: fields
        self._send = send
        self._about = about if callable(about) else lambda _: about
        self._verb = verb
        self.values: dict[str, str] = dict(values or {})
        self.fields: list[Field] = []
        self._first: dict[str, str] = {}
        self._refused: tuple[str, ...] = ()
        self._at_fields: dict[str, str] = {}
        self._busy_at: float | None = None
        self._worker: Worker[Any] | None = None
        self._asked_to_leave = False
        self._strict = False
        self._take_fields()
        self._first = dict(self.values)

    def _take_fields(self) -> None:
        self.fields = list(self._make(self.values))
        for field in self.fields:
            default = field.value
            if not default and field.kind in (Kind.CHOICE, Kind.FLAG):
                default = field.choices[0].value if field.choices else "no"
            self.values.setdefault(field.name, default)
            known = [choice.value for choice in field.choices]
            if field.kind is Kind.CHOICE and known and self.values[field.name] not in known:
                self.values[field.name] = default if default in known else known[0]

    # widgets

    def content(self) -> ComposeResult:
        """Title, the fields, what the one that has the keys is about."""
        palette = self.console_app.palette
        yield Lines(palette, id="title")
        with VerticalScroll(id="fields", can_focus=False):
            yield from self._lines()
        yield Lines(palette, id="explain")

    def _lines(self) -> list[Widget]:
        return [self._line(field) for field in self.fields]

    def _line(self, field: Field) -> Widget:
        app = self.console_app
        label = Lines(app.palette, classes="label", id=f"label-{field.name}")
        label.lines = [_label(field, here=False)]
        value = self.values[field.name]
        typed = field.kind not in (Kind.CHOICE, Kind.FLAG)
        entry: Widget = (
            Typed(field, value) if typed else Chosen(field, value, app.palette, app.glyphs)
        )
        entry.set_class(typed and bool(field.unit), "-measured")
        unit = Lines(app.palette, classes="unit -unit" if field.unit else "unit")
        unit.lines = [((f" {field.unit}", "dim"),)]
        wrong = Lines(app.palette, classes="wrong")
        wrong.id = f"wrong-{field.name}"
        return Horizontal(
            label, entry, unit, wrong, classes=f"line{' measured' * bool(field.unit)}"
        )

    def entries(self) -> list[Typed | Chosen]:
        """The fields' widgets, in order."""
        return [w for w in self.query(Widget) if isinstance(w, (Typed, Chosen))]

    def jump_targets(self) -> Sequence[tuple[int, int, Any]]:
        """The fields in sight."""
        inside = self.query_one("#fields").region
        return [one for one in super().jump_targets() if inside.contains(one[0], one[1])]

    def begin(self) -> None:
        """The keys go to the first field."""
        entries = self.entries()
        if entries and self.focused is None:
            entries[0].focus()

    def draw(self, now: Now) -> None:
        """Title, what is wrong, what the field is about."""
        cells = self.size.width
        about = [
            line for text in self._about(now) for line in wrap(now.glyphs.prose(text), cells, "dim")
        ]
        self.query_one("#title", Lines).show(
            [((f" {now.glyphs.text(self._title)}", "bold"),), *about, ()]
        )
        self.query_one("#title", Lines).styles.height = 2 + len(about)
        for field in self.fields:
            self._mark(field, now)
        self.query_one("#explain", Lines).show(self._explain(now, cells))

    def _wrong_with(self, field: Field, now: Now) -> str:
        text = problem(field, self.values.get(field.name, ""), now.wall_ms)
        untouched = self.values.get(field.name, "") == self._first.get(field.name, "")
        quiet = text == "it is needed" and untouched and not self._strict
        return "" if quiet else text or self._at_fields.get(field.name, "")

    def _mark(self, field: Field, now: Now) -> None:
        here = field is self._current()
        for label in self.query(f"#label-{field.name}").results(Lines):
            label.show([_label(field, here=here)])
        text, was = self._wrong_with(field, now), self._was(field)
        said: Line = ((f" {now.glyphs.text(was)}", "accent"),)
        if text:
            said = ((f" {now.glyphs.alarm} {now.glyphs.text(text)}", "warn"),)
        for line in self.query(f"#wrong-{field.name}").results(Lines):
            line.display = bool(text or was)
            line.show([said])

    def _was(self, field: Field) -> str:
        """What stood in a field before a person changed it, where a form is saved over it."""
        first = self._first.get(field.name, "")
        if self._verb != "save" or field.kind is Kind.SECRET or not first:
            return ""
        if self.values.get(field.name, "") == first:
            return ""
        words = {choice.value: choice.words for choice in field.choices}
        return f"was {words.get(first, first)}"

    def _current(self) -> Field | None:
        name = getattr(self.focused, "name_", None)
        return next((field for field in self.fields if field.name == name), None)

    def _explain(self, now: Now, cells: int) -> list[Line]:
        if self._busy_at is not None:
            spent = f"{now.at_s - self._busy_at:.0f} s"
            return [(), ((f" working, {spent} · esc stops waiting", "accent"),)]
        if self._refused:
            lines = [
                line
                for text in self._refused
                for line in wrap(now.glyphs.prose(text), cells, "alert")
            ]
            return lines[:4]
        field = self._current()
        if field is None:
            return []
        told = self._wrong_with(field, now)
        if told:
            return [(), *wrap(now.glyphs.prose(told), cells, "warn")][:4]
        chosen = self.focused.hidden if isinstance(self.focused, Chosen) else ""
        text = " · ".join(part for part in (chosen, field.text, hint(field)) if part)
        text = now.glyphs.prose(text).replace("·", now.glyphs.middle)
        return [(), *wrap(text, cells, "dim")][:4]

    # typing

    def on_input_changed(self, event: InputLine.Changed) -> None:
        """Keep what is typed, and judge it."""
        if isinstance(event.input, Typed):
            self._changed(event.input.name_, event.value)

    def on_chosen_changed(self, event: Chosen.Changed) -> None:
        """Keep what is chosen."""
        self._changed(event.chosen.name_, event.chosen.value)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Explain the field that has the keys now."""
        self.console_app.redraw()

    def _changed(self, name: str, value: str) -> None:
        if self.values.get(name) == value:
            return
        self.values[name] = value
        self._at_fields.pop(name, None)
        self._refused, self._asked_to_leave = (), False
        before = [(field.name, field.choices) for field in self.fields]
        self._take_fields()
        if [(field.name, field.choices) for field in self.fields] != before:
            self.run_worker(self._rebuild(name), group="rebuild", exit_on_error=False)
        else:
            self.console_app.redraw()

    async def _rebuild(self, name: str) -> None:
        """Other fields than before: put them there, and keep the keys where they were."""
        holder = self.query_one("#fields", VerticalScroll)
        async with self.batch():
            await holder.remove_children()
            await holder.mount_all(self._lines())
        for entry in self.entries():
            if entry.name_ == name:
                entry.focus()
        self.console_app.redraw()

    def on_key(self, event: events.Key) -> None:
        """A letter on a field that is chosen takes the value that begins with it."""
        entry = self.focused
        if isinstance(entry, Chosen) and entry.check_consume_key(event.key, event.character):
            event.stop()
            entry.key_letter(event.character or "")

    def action_step(self, by: int) -> None:
        """Another field."""
        entries = self.entries()
        if self.focused in entries:
            at = entries.index(self.focused)
            self.set_focus(entries[(at + by) % len(entries)])  # the very next key is for it

    def action_onward(self) -> None:
        """The next field; after the last one the form is sent."""
        entries = self.entries()
        if entries and self.focused is entries[-1]:
            self.when_typed(self._send_now)
        else:
            self.action_step(1)

    # the end

    def action_send(self) -> None:
        """Send it, unless something is wrong: then the keys go there."""
        self.when_typed(self._send_now)

    def _send_now(self) -> None:
        if self._busy_at is not None:
            return
        self.values.update({entry.name_: entry.value for entry in self.entries()})
        now = self.console_app.now()
        wrong = problems(self.fields, self.values, now.wall_ms)
        if wrong:
            self._strict = True
            self._focus(wrong)
            return
        self._busy_at, self._refused, self._at_fields = now.at_s, (), {}
        values = answers(self.fields, self.values, now.wall_ms)
        self._worker = self.run_worker(self._sent(values), name=self._title, exit_on_error=False)
        self.console_app.redraw()

    def wrong(self) -> dict[str, str]:
        """What is wrong with what stands in the fields now, by field."""
        return problems(self.fields, self.values, self.console_app.now().wall_ms)

    def _focus(self, names: Iterable[str]) -> None:
        """The keys go to the first field, from above, of which something was said."""
        wanted = set(names)
        for entry in self.entries():
            if entry.name_ in wanted:
                entry.focus()
                break
        self.console_app.redraw()

    async def _sent(self, values: Mapping[str, object]) -> None:
        try:
            said = await self._send(values)
        except ApiError as error:
            self._refused = tuple(str(error).splitlines())
            if isinstance(error, Refusal):
                self._at_fields = error.by_field
                self._focus(self._at_fields)
            return
        finally:
            self._busy_at = None
            self.console_app.redraw()
        app = self.console_app
        self.dismiss(True)
        if said:
            app.call_later(app.say, said, "good")

    def word(self, binding: Binding) -> str:
        """While it is under way only waiting can be ended."""
        busy = self._busy_at is not None
        if binding.action == "cancel" and busy:
            return "stop waiting"
        if binding.action == "send":
            return "" if busy else self._verb
        return super().word(binding)

    def action_cancel(self) -> None:
        """Stop waiting; else close. What was typed is not thrown away at the first key."""
        if self._busy_at is not None and self._worker is not None:
            self._worker.cancel()
            self._busy_at = None
            self._refused = ("stopped waiting: look whether it was done all the same",)
        elif self.values != self._first and not self._asked_to_leave:
            self._asked_to_leave = True
            self.console_app.say("esc once more throws away what you typed", "warn")
        else:
            self.dismiss(False)
        self.console_app.redraw()


def _label(field: Field, *, here: bool) -> Line:
    """A field's name; the sign before it says that it has the keys."""
    star = " *" if field.needed else ""
    name = f"{field.label[: LABEL_CELLS - 3]}{star}"
    return (("> " if here else "  ", "accent"), (name, "text" if here else "dim"))
