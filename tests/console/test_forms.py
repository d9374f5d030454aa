"""Forms and questions: judged while typing, sent once, never lost by accident."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

import pytest
from textual import events

from collector.errors import ApiError
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.events.words import typed
from ovr_tui.console.form import Choice, ConfirmPage, Field, FormPage, Kind, answers, problems
from ovr_tui.console.form.fields import moment
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.help import HelpPage
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import burst, make_app, screen_text, settle, shows
from tests.support.snapshots import START_MS, site

LA = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (Field(name="a", label="a", needed=True), " ", "it is needed"),
        (Field(name="a", label="a", kind=Kind.NUMBER), "1,5", ""),
        (
            Field(name="a", label="a", kind=Kind.NUMBER),
            "1,200",
            "write 1200 or 1.200: the comma may mean either",
        ),
        (Field(name="a", label="a", kind=Kind.NUMBER), "inf", "a number is needed here"),
        (Field(name="a", label="a", kind=Kind.NUMBER), "1 200.5", ""),
        (Field(name="a", label="a", kind=Kind.WHOLE), "1.5", "a whole number is needed here"),
        (Field(name="a", label="a", kind=Kind.WHOLE, least=1, most=247, unit="A"), "0",
         "at least 1 A"),
        (Field(name="a", label="a", kind=Kind.WHOLE, most=65_535), "70000", "at most 65 535"),
        (Field(name="a", label="a", kind=Kind.SPAN), "90", "write 90s, 30m, 2h or 1d"),
        (Field(name="a", label="a", kind=Kind.TIME), "tomorrow",
         "write 14:00, 2026-11-26 14:00 or 20m ago"),
        (Field(name="a", label="a", kind=Kind.TIME, ahead=True), "2026-13-40",
         "write 14:00 or 2026-11-26 14:00"),
        (Field(name="a", label="a", kind=Kind.TIME), "2099-01-01 00:00", "that is in the future"),
        (Field(name="a", label="a", most_chars=3), "abcd",
         "at most 3 characters; these are 4"),
        (Field(name="a", label="a", check=lambda text: f"no {text}"), "x", "no x"),
        (Field(name="a", label="a", kind=Kind.CHOICE, choices=(Choice("x", "Ex"),)), "y",
         "choose one of: Ex"),
    ],
)  # fmt: skip
def test_what_is_wrong(field: Field, typed: str, said: str) -> None:
    """Each kind says in words what it does not take."""
    assert problems([field], {"a": typed}, START_MS).get("a", "") == said


def test_what_comes_out() -> None:
    """Every kind becomes its own type; what was left out is None."""
    fields = [
        Field(name="text", label=""), Field(name="number", label="", kind=Kind.NUMBER),
        Field(name="whole", label="", kind=Kind.WHOLE),
        Field(name="flag", label="", kind=Kind.FLAG),
        Field(name="span", label="", kind=Kind.SPAN), Field(name="many", label="", kind=Kind.MANY),
        Field(name="secret", label="", kind=Kind.SECRET), Field(name="none", label=""),
    ]  # fmt: skip
    typed = {"text": " a ", "number": "1,5", "whole": "7", "flag": "yes", "span": "1.5h",
             "many": "a,b", "secret": " kept as typed "}  # fmt: skip
    assert answers(fields, typed, START_MS) == {
        "text": "a", "number": 1.5, "whole": 7, "flag": True, "span": 5400, "many": ("a", "b"),
        "secret": " kept as typed ", "none": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "before_s"),
    [
        ("now", 0),
        ("20m ago", 1200),
        ("14:32", 7),
        ("14:33", 86_400 - 53),
        ("2026-06-25 14:00", 1927),
        ("2026-06-25 21:00+00:00", 1927),
    ],
)
def test_moments_are_local_and_past(text: str, before_s: int) -> None:
    """Times are read in the node's zone, and the last such time is meant. It is 14:32:07."""
    assert START_MS - moment(text, START_MS, LA) == before_s * 1000


@pytest.mark.parametrize(
    ("now", "text", "found"),
    [
        ("2026-11-01 11:00Z", "01:30", "2026-11-01 09:30Z"),
        ("2026-11-01 09:10Z", "1:50", "2026-11-01 08:50Z"),
        ("2026-11-01 11:00Z", "2026-11-01 01:30-08:00", "2026-11-01 09:30Z"),
    ],
)
def test_moments_of_the_hour_that_comes_twice(now: str, text: str, found: str) -> None:
    """A bare time is the last one that is not in the future; an offset says which one it is."""
    now_ms, found_ms = (int(datetime.fromisoformat(one).timestamp() * 1000) for one in (now, found))
    assert moment(text, now_ms, LA) == found_ms


@pytest.mark.parametrize("at", ["08:30", "09:30", "09:30:07", "10:30"])
def test_what_a_form_is_filled_with_is_read_back(at: str) -> None:
    """The same moment comes out again, also in the hour that clocks show twice."""
    at_ms = int(datetime.fromisoformat(f"2026-11-01 {at}Z").timestamp() * 1000)
    assert moment(typed(at_ms, LA), at_ms + 86_400_000, LA) == at_ms
    assert typed(START_MS, LA) == "2026-06-25 14:32:07"


def form(sent: list[Mapping[str, object]], *, refuse: str = "") -> FormPage:
    """A form of three fields; the third only for one of the choices."""

    def fields(values: Mapping[str, str]) -> list[Field]:
        out = [
            Field(name="name", label="Name", needed=True, text="what people call it"),
            Field(name="kind", label="Kind", kind=Kind.CHOICE,
                  choices=(Choice("meter", "a meter"), Choice("gx", "a GX"))),
        ]  # fmt: skip
        if values.get("kind") == "gx":
            out.append(Field(name="port", label="Port", kind=Kind.WHOLE, value="1883"))
        return out

    async def send(values: Mapping[str, object]) -> str:
        sent.append(values)
        if refuse:
            raise ApiError(refuse)
        return f"{values['name']} was added"

    return FormPage("A device", fields, send)


async def opened(app: ConsoleApp, page: FormPage | ConfirmPage, pilot: object) -> list[object]:
    """Push the page; what it answers comes into the list."""
    out: list[object] = []
    app.push_screen(page, out.append)
    await settle(pilot)  # type: ignore[arg-type]  # a pilot
    return out


async def test_a_form_from_start_to_end() -> None:
    """Keys alone: type, choose, a field that appears, send; what came of it stands in the last
    line."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        sent: list[Mapping[str, object]] = []
        out = await opened(app, form(sent), pilot)
        assert "what people call it" in screen_text(app)
        await pilot.press(*"s[x]", "enter", "right")
        await settle(pilot)
        assert "Port" in screen_text(app)
        await pilot.press("enter", "backspace", "4", "enter")
        await settle(pilot)
        assert sent == [{"name": "s[x]", "kind": "gx", "port": 1884}]
        assert out == [True]
        assert "s[x] was added" in screen_text(app)


async def test_what_is_wrong_can_be_read_whole() -> None:
    """Beside its field a long reason is cut; below the form it stands whole, units near."""
    why = "it drops the loads, which take 16.4 kW now; take them off first"
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        fields = [Field(name="a", label="set to", unit="A", check=lambda text: why if text else "")]

        async def send(_: Mapping[str, object]) -> str:
            return ""

        await opened(app, FormPage("A limit", fields, send), pilot)
        await pilot.press("5")
        await settle(pilot)
        lines = screen_text(app).splitlines()
        assert any(why in line for line in lines[10:])
        assert any("5" in line and line.find(" A ") in range(30, 50) for line in lines[3:10])


async def test_nothing_wrong_is_sent() -> None:
    """A form with a wrong field says which, puts the keys there, and sends nothing."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        sent: list[Mapping[str, object]] = []
        page = form(sent)
        await opened(app, page, pilot)
        await pilot.press("down", "ctrl+s")
        await settle(pilot)
        assert sent == []
        assert "it is needed" in screen_text(app)
        assert page.focused is page.entries()[0]


async def test_a_refusal_stays_with_what_was_typed() -> None:
    """What the collector says stands on the form, which can be sent again."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        sent: list[Mapping[str, object]] = []
        await opened(app, form(sent, refuse="the collector refused: taken [/]"), pilot)
        await pilot.press("a", "ctrl+s")
        await settle(pilot)
        text = screen_text(app)
        assert "taken [/]" in text
        assert " a" in text
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(sent) == 2


async def test_escape_does_not_lose_what_was_typed() -> None:
    """The first esc asks, the second one throws away; page keys lead nowhere meanwhile."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        out = await opened(app, form([]), pilot)
        await pilot.press("a", "down", "h", "colon", "space")
        await settle(pilot)
        assert app.current_mode == "site"
        assert isinstance(app.screen, FormPage)
        await pilot.press("escape")
        await settle(pilot)
        assert "esc once more" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert out == [False]


async def test_help_over_a_form_leads_nowhere_else() -> None:
    """A key of a place, pressed in the help of a form, does not throw away what was typed."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        out = await opened(app, form([]), pilot)
        await pilot.press("a", "f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpPage)
        await pilot.press("s", "h", "colon")
        await settle(pilot)
        assert app.current_mode == "site"
        assert isinstance(app.screen, HelpPage)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, FormPage)
        assert app.screen.values["name"] == "a"
        assert out == []


async def test_waiting_can_be_stopped() -> None:
    """While a form is sent it says for how long; esc stops waiting and says that it may have been
    done."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        async def never(_: Mapping[str, object]) -> str:
            await asyncio.Event().wait()
            return ""

        await opened(app, FormPage("Slow", [Field(name="a", label="A")], never), pilot)
        await pilot.press("enter")
        await shows(pilot, "working")
        await pilot.press("escape")
        await shows(pilot, "stopped waiting")


async def test_keys_in_one_burst_all_count() -> None:
    """What was typed before enter is part of what is sent, each character in its own field."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        sent: list[Mapping[str, object]] = []

        async def send(values: Mapping[str, object]) -> str:
            sent.append(values)
            return ""

        fields = [Field(name="name", label="Name"),
                  Field(name="litres", label="Litres", kind=Kind.NUMBER)]  # fmt: skip
        await opened(app, FormPage("Fuel", fields, send), pilot)
        burst(app, *"track", "left", "left", "backspace", "u", "enter", *"39", "backspace",
              "ctrl+u", *"400", "enter")  # fmt: skip
        await settle(pilot)
        assert sent == [{"name": "truck", "litres": 400.0}]
        done: list[str] = []

        async def do() -> str:
            done.append("done")
            return ""

        await opened(app, ConfirmPage("?", lambda _: [], do, verb="do it", word="stage-a"), pilot)
        burst(app, *"stage-a", "enter")
        await settle(pilot)
        assert done == ["done"]


async def test_a_long_burst_is_one_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of characters that come at once are judged and painted once, not each by itself,
    and what is too long is said; so is it of a paste, and neither is lost."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = form([])
        await opened(app, page, pilot)
        changes: list[str] = []
        take = page._changed

        def changed(name: str, value: str) -> None:
            changes.append(value)
            take(name, value)

        monkeypatch.setattr(page, "_changed", changed)
        burst(app, *"x" * 5000, "backspace", *"ab", "ctrl+s")
        await settle(pilot)
        assert page.values["name"] == "x" * 4999 + "ab"
        assert len(changes) < 10
        assert "at most 500 characters; these are 5001" in screen_text(app)
        await pilot.press("ctrl+u")
        app.post_message(events.Paste("y" * 600))
        await settle(pilot)
        assert page.values["name"] == "y" * 600
        assert "at most 500 characters; these are 600" in screen_text(app)
        app.post_message(events.Paste("y" * 100_000))
        await settle(pilot)
        assert "not taken: a field takes 20000 characters at most" in screen_text(app)


async def test_jump_mode_in_a_form() -> None:
    """ctrl+o has a letter for every field, also while one of them is typed in; the letter goes
    there and is none of what is typed."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = form([])
        await opened(app, page, pilot)
        await pilot.press("x", "ctrl+o")
        await settle(pilot)
        assert "[a]" in screen_text(app)
        await pilot.press("s")
        await settle(pilot)
        assert page.focused is page.entries()[1]
        assert page.values["name"] == "x"


async def test_help_in_a_field_has_what_works_there() -> None:
    """Letters are typed there, so no key that is one is in the help, nor any key that is cut."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        await opened(app, form([]), pilot)
        await pilot.press("f1")
        await settle(pilot)
        text = screen_text(app)
        keys = {line[3:16].strip() for line in text.splitlines()}
        assert "In this field" in text
        assert {"f1", "ctrl+q", "ctrl+c", "ctrl+s", "ctrl+u", "ctrl+o"} <= {*" ".join(keys).split()}
        assert not {"?", "q"} & keys
        assert "…" not in text.partition("Columns")[0]


async def test_ctrl_c_leaves_a_field_too() -> None:
    """It asks, or leaves, as it does everywhere."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await opened(app, form([]), pilot)
        await pilot.press("x", "ctrl+c")
        await pilot.pause()
    assert app.return_value is Leave.LEFT


async def test_what_was_typed_can_be_taken_back() -> None:
    """ctrl+z takes back a run of typing or deleting at a time; a secret is not kept for it. What
    is changed says what it was."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        async def send(_: Mapping[str, object]) -> str:
            return ""

        fields = [Field(name="name", label="Name", value="Truck 7"),
                  Field(name="code", label="Code", kind=Kind.SECRET)]  # fmt: skip
        page = FormPage("Fuel", fields, send)
        await opened(app, page, pilot)

        async def value_after(*keys: str) -> str:
            await pilot.press(*keys)
            await settle(pilot)
            return page.values["name"]

        assert await value_after("backspace", "backspace", *"12") == "Truck12"
        assert "was Truck 7" in screen_text(app)
        assert await value_after("ctrl+u") == ""
        assert await value_after("ctrl+z") == "Truck12"
        assert await value_after("ctrl+z") == "Truck"
        assert await value_after("ctrl+z") == "Truck 7"
        assert "was Truck" not in screen_text(app)
        assert await value_after("ctrl+z", *"!") == "Truck 7!"
        await pilot.press("tab", *"1234", "ctrl+u", "ctrl+z")
        await settle(pilot)
        assert page.values["code"] == ""


async def test_a_question_begins_on_cancel() -> None:
    """Enter alone does nothing; it takes a choice to do it."""
    app, _ = make_app(site(5))
    done: list[str] = []

    async def do() -> str:
        done.append("done")
        return "it is done"

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = ConfirmPage("Sure?", lambda now: [f"load {now.silent_s:.0f}"], do, verb="do it")
        assert await opened(app, page, pilot) == []
        await pilot.press("enter")
        await settle(pilot)
        assert done == []
        out = await opened(app, ConfirmPage("Sure?", lambda _: [], do, verb="do it"), pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert done == ["done"]
        assert out == [True]
        assert "it is done" in screen_text(app)


async def test_a_name_has_to_be_typed() -> None:
    """Anything but the very name does nothing, and says so."""
    app, _ = make_app(site(5))
    done: list[str] = []

    async def do() -> str:
        done.append("done")
        return ""

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = ConfirmPage("Sure?", lambda _: [], do, verb="do it", word="BESS [1]")
        await opened(app, page, pilot)
        await pilot.press(*"bess", "enter")
        await settle(pilot)
        assert done == []
        assert "not what has to be typed" in screen_text(app)
        for _ in "bess":
            await pilot.press("backspace")
        await pilot.press(*"BESS", "space", *"[1]", "enter")
        await settle(pilot)
        assert done == ["done"]


LOOKS = [
    Profile(theme=ThemeName.DARK),
    Profile(theme=ThemeName.LIGHT),
    Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False),
    Profile(theme=ThemeName.MONO, glyphs=GlyphSet.ASCII, mouse=False),
]


@pytest.mark.parametrize("profile", LOOKS, ids=lambda one: f"{one.theme}-{one.glyphs}")
async def test_where_to_type_is_seen(profile: Profile) -> None:
    """Each empty place is underlined before it has the keys, in every theme and set of signs; a
    sign stands before the one that has them."""
    app, _ = make_app(site(5), profile=profile)

    async def send(_: Mapping[str, object]) -> str:
        return ""

    fields = [
        Field(name="name", label="Name"), Field(name="amps", label="Limit", unit="A"),
        Field(name="secret", label="Password", kind=Kind.SECRET),
    ]  # fmt: skip
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, FormPage("A device", fields, send), pilot)
        await settle(pilot)
        before = {line[2:12].strip(): line for line in screen_text(app).splitlines()}
        assert before["Name"].startswith("> ")
        assert all(before[name].startswith("  ") for name in ("Limit", "Password"))
        assert all("_" * 12 in before[name] for name in ("Name", "Limit", "Password"))
        assert "_ A" in before["Limit"]
        await pilot.press(*"ab ", "down", "down", *"1234")
        await settle(pilot)
        after = {line[2:12].strip(): line for line in screen_text(app).splitlines()}
        assert "ab __" in after["Name"]
        assert after["Password"].startswith("> ")
        assert after["Password"].count("_") == 60 - len("1234") - 1 - 6  # the cursor; 80 columns
        assert "1234" not in after["Password"]


async def test_the_last_line_names_keys_that_work() -> None:
    """Where text is typed ? and q are letters: the line says f1 and ctrl+q, and these do it."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await opened(app, form([]), pilot)
        last = screen_text(app).splitlines()[-1]
        assert "f1 help" in last
        assert "ctrl+q leave" in last
        await pilot.press("question_mark", "q", "down")
        await settle(pilot)
        assert "?q_" in screen_text(app)
        last = screen_text(app).splitlines()[-1]
        assert "? help" in last  # letters and digits choose there, signs do not
        assert "ctrl+q leave" in last
        await pilot.press("up", "f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpPage)


async def test_the_last_line_says_what_esc_does_now() -> None:
    """While a form is sent, esc ends the waiting only, and it is not sent once more."""
    app, _ = make_app(site(5))
    go = asyncio.Event()

    async def send(_: Mapping[str, object]) -> str:
        await go.wait()
        return "done"

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = FormPage("A device", [Field(name="a", label="Name")], send, verb="keep")
        await opened(app, page, pilot)
        last = screen_text(app).splitlines()[-1]
        assert "esc back, nothing is done   ctrl+s keep" in last
        await pilot.press("ctrl+s")
        await settle(pilot)
        last = screen_text(app).splitlines()[-1]
        assert "esc stop waiting" in last
        assert "ctrl+s" not in last
        go.set()
        await settle(pilot)


async def test_a_question_under_way_offers_no_key() -> None:
    """Nothing can be taken back then: neither esc nor enter stands in the last line."""
    app, _ = make_app(site(5))
    go = asyncio.Event()

    async def do() -> str:
        await go.wait()
        return "done"

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = ConfirmPage("Remove it?", lambda _: ["It goes."], do, verb="remove it", word="ab")
        await opened(app, page, pilot)
        assert "remove it" not in screen_text(app).splitlines()[-1]
        await pilot.press("a", "b")
        await settle(pilot)
        assert "remove it" in screen_text(app).splitlines()[-1]
        await pilot.press("enter")
        await settle(pilot)
        last = screen_text(app).splitlines()[-1]
        assert "esc" not in last
        assert "remove it" not in last
        go.set()
        await settle(pilot)


@pytest.mark.parametrize("above", ["f1", "another place"])
async def test_what_is_done_below_another_page_closes_once(above: str) -> None:
    """Help, or another place, while something is done: it is over when the person is back, nothing
    else is closed for it, and it cannot be done a second time."""
    app, _ = make_app(site(5))
    go, done = asyncio.Event(), []

    async def do() -> str:
        done.append(1)
        await go.wait()
        return "removed"

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        page = ConfirmPage("Remove it?", lambda _: ["It goes."], do, verb="remove it")
        out = await opened(app, page, pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        if above == "f1":
            await pilot.press(above)
        else:
            app.go("health")
        await settle(pilot)
        top, mode = app.screen, app.current_mode
        assert top is not page
        go.set()
        await settle(pilot)
        assert (app.screen, app.current_mode, out) == (top, mode, [])
        if above == "f1":
            await pilot.press("escape")
        else:
            app.go("site")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert page not in app.screen_stack
        assert (out, done) == ([True], [1])
        assert not app.now().console.fault


async def test_a_long_choice_can_be_read_whole() -> None:
    """In its place it is cut so that the sign and the count behind it stay; below it is whole."""
    app, _ = make_app(site(5))
    long = "powers, currents and energies are so many times as great as the meter says"

    async def send(_: Mapping[str, object]) -> str:
        return ""

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        choices = (Choice("a", long), Choice("b", "short"))
        fields = [Field(name="a", label="what", kind=Kind.CHOICE, choices=choices)]
        await opened(app, FormPage("A correction", fields, send), pilot)
        await settle(pilot)
        told = screen_text(app)
        (line,) = (line for line in told.splitlines() if "what" in line)
        assert line.rstrip().endswith("… >   1 of 2")
        assert long in " ".join(told.split())
