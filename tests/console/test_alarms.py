"""How alarms are worded, listed, told and filtered on the console, and how they call."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from collector.alarms.advice import ADVICE
from collector.model.alarm import Alarm, Rule, Severity
from collector.model.control import Lockout
from collector.model.snapshot import AssetView
from ovr_tui.console import query
from ovr_tui.console.alarms.asking import UNTIL, shelf_fields, whom
from ovr_tui.console.alarms.calls import Calls, in_words
from ovr_tui.console.alarms.detail import alarm_detail
from ovr_tui.console.alarms.rows import open_rows, past_rows
from ovr_tui.console.alarms.words import coming, of_assets
from ovr_tui.console.arrange import SortKey, View, order
from ovr_tui.console.band import text_of
from ovr_tui.console.columns import Paint, draw_row, lay_out
from ovr_tui.console.form import problems
from ovr_tui.console.glyphs import TTY, UNICODE
from ovr_tui.console.rows import Row, make_rows
from ovr_tui.console.text import Tone, plain, width
from ovr_tui.console.trends import Trends
from tests.support.snapshots import START_MS, alarm, asset, changed, snapshot

ZONE = "America/Los_Angeles"
HOSTILE = "[red]\x1b[2J\u202e" + "a" * 500


def grave(**more: object) -> Alarm:
    """A critical alarm about load-1."""
    made: dict[str, Any] = {
        "id": "c",
        "severity": Severity.CRITICAL,
        "asset": "load-1",
        "subject": "load-1",
        "name": "Stage A",
    }
    return alarm(Rule.OVERLOAD, **(made | more))


def seen(**more: object) -> Alarm:
    """An alarm that kim has."""
    made: dict[str, Any] = {
        "id": "s",
        "acked_ms": START_MS - 60_000,
        "acked_by": "uid 1000 (kim)",
        "ack_note": "on my way",
    }
    return alarm(state="acknowledged", **(made | more))


def rows_of(*alarms: Alarm) -> dict[str, Row]:
    """The rows of two assets with these alarms on the site."""
    shot = changed(snapshot(asset("bess-1"), asset("load-1")), alarms=alarms)
    return {row.id: row for row in make_rows(shot)}


def tones(row: Row, word: str, cells: int = 160) -> list[Tone]:
    """The tones of the pieces of a row that hold `word`."""
    line = draw_row(row, lay_out(cells), Paint(UNICODE, Trends()))
    return [tone for text, tone in line if word in text]


# the list


@pytest.mark.parametrize("cells", [79, 119, 199])
def test_a_row_says_how_bad_since_when_where_what_and_who(cells: int) -> None:
    """Severity by sign and word, state, age, name, what is wrong now; who has it where there is
    room; no row is wider than its list."""
    items = open_rows([grave(), seen()], START_MS, UNICODE, cells)
    text = plain(items[0].line)
    for words in ("▲ CRITICAL", "new", "30m", "Stage A", "state of charge 14"):
        assert words in text
    assert "seen" in plain(items[1].line)
    assert ("kim" in plain(items[1].line)) == (cells > 79)
    assert all(width(item.line) <= cells for item in items)


def test_what_somebody_has_is_quiet() -> None:
    """An acknowledged alarm is dim, an unseen one as loud as its severity."""
    loud, quiet = open_rows([grave(), seen()], START_MS, UNICODE, 120)
    assert [tone for text, tone in loud.line if "CRITICAL" in text] == ["alert"]
    assert [tone for text, tone in quiet.line if "ALARM" in text] == ["dim"]


def test_history_says_when_in_local_time_and_how_long() -> None:
    """14:02 in Los Angeles, over after ten minutes; one that goes on lasts at least so long."""
    over = alarm(state="closed", cleared_ms=START_MS - 1_200_000, acked_ms=START_MS)
    lines = [plain(i.line) for i in past_rows([over, grave()], START_MS, ZONE, UNICODE, 160)]
    assert "06-25 14:02" in lines[0]
    assert "10 min " in lines[0]
    assert "30 min+" in lines[1]


def test_a_filter_finds_what_is_not_in_sight() -> None:
    """Members, notes and the rule can be searched for."""
    (item,) = open_rows([seen(members=("stage-9",))], START_MS, UNICODE, 80)
    assert all(word in item.text for word in ("stage-9", "on my way", "low soc"))


def test_detail_tells_the_whole_life() -> None:
    """What now, what to do, what at first, for whom, when in the zone, how often, who, why."""
    told = seen(
        raises=3,
        members=("load-1", "load-2"),
        shelved_until_ms=START_MS + 3_600_000,
        shelved_by="ben",
        shelf_reason="being repaired",
    )
    shot = snapshot(asset("load-2", name="Stage B"))
    text = " ".join(text_of(alarm_detail(told, START_MS, shot, UNICODE, 70)).split())
    for words in (
        "now state of charge 14 %, limit 20 %",
        "do Start its generator, or take loads off.",
        "at first state of charge below 20 %",
        "concerns load-1, Stage B",
        "raised Thu 25 Jun 14:02:07 PDT, 3 times since",
        "seen Thu 25 Jun 14:31:07 PDT by kim: on my way",
        "shelved until Thu 25 Jun 15:32:07 PDT by ben: being repaired",
    ):
        assert words in text


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("cells", [60, 79, 119])
def test_what_to_do_is_told_to_its_end(rule: Rule, cells: int) -> None:
    """Advice of several sentences, and a long cause, are wrapped, never cut."""
    cause = "no answer of the meter " * 12
    told = alarm(rule, advice=ADVICE[rule], text="", now=cause)
    text = " ".join(text_of(alarm_detail(told, START_MS, snapshot(), UNICODE, cells)).split())
    assert ADVICE[rule] in text
    assert cause.strip() in text


@pytest.mark.parametrize("glyphs", [UNICODE, TTY])
@pytest.mark.parametrize("cells", [40, 79, 200])
def test_hostile_words_are_only_words(glyphs, cells: int) -> None:
    """Whatever stands in an alarm is text, within its width, without controls."""
    bad = msgspec.structs.replace(
        seen(), name=HOSTILE, now=HOSTILE, text=HOSTILE, advice=HOSTILE, acked_by=HOSTILE,
        ack_note=HOSTILE, members=(HOSTILE,), subject=HOSTILE, device=HOSTILE,
    )  # fmt: skip
    lines = [
        *alarm_detail(bad, START_MS, snapshot(), glyphs, cells),
        *(item.line for item in open_rows([bad], START_MS, glyphs, cells)),
    ]
    text = text_of(lines)
    assert "[red]" in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert max(width(line) for line in lines) <= cells


# asking


def test_whom_an_acknowledgement_may_mean() -> None:
    """This one; all warnings; alarms too; all: without those that somebody has, and no choice
    twice."""
    warning = alarm(id="w", severity=Severity.WARNING)
    plain_one = alarm(id="a")
    meant = whom([plain_one], [grave(), plain_one, warning, seen()], UNICODE)
    assert [(each.value, each.ids) for each in meant] == [
        ("these", ("a",)),
        ("warning", ("w",)),
        ("alarm", ("a", "w")),
        ("critical", ("c", "a", "w")),
    ]
    assert [each.value for each in whom([grave()], [grave()], UNICODE)] == ["these"]
    assert whom([seen()], [seen()], UNICODE) == []


def test_a_shelf_needs_a_reason_and_an_end() -> None:
    """No reason, a time that is over, or more than a week away: each is said."""

    def wrong(**typed: str) -> dict[str, str]:
        return problems(shelf_fields(typed, START_MS, ZONE), typed, START_MS)

    assert wrong(span="900") == {"reason": "it is needed"}
    assert wrong(span="900", reason="cable") == {}
    assert wrong(span=UNTIL, reason="cable", until="15:00") == {}
    assert wrong(span=UNTIL, reason="x", until="2026-06-25 14:00") == {"until": "that is over"}
    assert "a week" in wrong(span=UNTIL, reason="x", until="2026-08-01 14:00")["until"]
    assert "write 18:00" in wrong(span=UNTIL, reason="x", until="tomorrow")["until"]


def test_a_clock_time_means_the_next_one() -> None:
    """At 14:32 in Los Angeles 15:00 is in 28 minutes, 14:00 is tomorrow. When clocks are put back,
    01:30 is in 50 minutes at 01:40 PDT."""
    assert (coming("15:00", START_MS, ZONE) - START_MS) // 60_000 == 27
    assert (coming("14:00", START_MS, ZONE) - START_MS) // 3_600_000 == 23
    now_ms = int(datetime.fromisoformat("2026-11-01 08:40Z").timestamp() * 1000)
    assert coming("01:30", now_ms, ZONE) - now_ms == 50 * 60_000


# the site's table


def test_the_state_of_an_asset_is_its_alarm_first() -> None:
    """Sign, word and text of the most urgent one, in its colour; then what the asset does."""
    row = rows_of(grave(), alarm(id="b", asset="load-1"))["load-1"]
    text = plain(draw_row(row, lay_out(200), Paint(UNICODE, Trends())))
    assert "▲ CRITICAL state of charge 14 %, limit 20 % (+1)" in text
    assert tones(row, "CRITICAL") == ["alert"]
    assert tones(rows_of(seen())["bess-1"], "ALARM") == ["dim"]


def test_what_is_over_says_so_and_leaves_the_state_its_place() -> None:
    """An alarm that is over, unseen, comes last, with another sign and in words; who has locked an
    asset out comes before everything; what holds comes before what is over."""
    over = alarm(id="o", state="cleared", cleared_ms=START_MS - 60_000, now="silent for 245 s")
    locked = Lockout(
        asset="bess-1", name="kim", person="kim", at_ms=START_MS, reason="a guard is off"
    )
    view = asset("bess-1", readings={"inverter_state": 9.0})

    def state(view: AssetView, *alarms: Alarm) -> str:
        (row,) = make_rows(changed(snapshot(view), alarms=alarms))
        return plain(draw_row(row, lay_out(200), Paint(UNICODE, Trends())))

    assert "inverting · ✓ over: silent for 245 s" in state(view, over)
    assert "▲" not in state(view, over)
    held = msgspec.structs.replace(view, lockout=locked)
    told = state(held, over, seen(asset="bess-1"))
    assert "▲ LOCKED OUT by kim · ▲ ALARM state of charge 14 %" in told
    assert "inverting · ✓ over: " in told
    (item,) = open_rows([over], START_MS, UNICODE, 120)
    assert "✓ ALARM" in plain(item.line)
    assert "was silent for 245 s" in " ".join(
        text_of(alarm_detail(over, START_MS, snapshot(), UNICODE, 120)).split()
    )


def test_a_cause_is_an_alarm_of_each_that_it_stands_for() -> None:
    """An alarm about several assets is shown at each of them, after their own."""
    cause = alarm(id="g", asset="", subject="10.20.0.1", members=("load-1", "bess-1"))
    found = of_assets([cause, grave()])
    assert [each.id for each in found["load-1"]] == ["g", "c"]
    assert [each.id for each in found["bess-1"]] == ["g"]


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("alarm:", ["bess-1", "load-1"]),
        ("alarm:crit", ["load-1"]),
        ("alarm:seen", ["bess-1"]),
        ("!alarm:", []),
        ("alarm:overload", ["load-1"]),
        ("limit", ["bess-1", "load-1"]),
    ],
)
def test_the_filter_knows_alarms(typed: str, passes: list[str]) -> None:
    """By severity, state, rule, or any at all; free words look in their text too."""
    rows = rows_of(grave(), seen())
    terms = query.parse(typed)
    assert [row.id for row in rows.values() if query.matches(row, terms)] == passes


def test_by_status_alarms_come_first() -> None:
    """Unseen before seen, whatever their severity; both before what is only lost."""
    shot = changed(
        snapshot(asset("a"), asset("bess-1"), asset("load-1")),
        alarms=(seen(severity=Severity.CRITICAL), grave(severity=Severity.WARNING)),
    )
    view = View(sort=SortKey.STATUS)
    assert order(make_rows(shot), view) == ["load-1", "bess-1", "a"]


# calling


def test_an_alarm_is_new_once() -> None:
    """What was there at the start is not new; what comes, comes again or gets worse is, once."""
    calls = Calls()
    assert calls.new([alarm(id="a")]) == []
    assert [each.id for each in calls.new([alarm(id="a"), grave()])] == ["c"]
    assert calls.new([alarm(id="a"), grave()]) == []
    assert len(calls.new([alarm(id="a", raises=2), grave()])) == 1
    assert calls.new([seen(id="a", raises=2), grave()]) == []
    assert len(calls.new([alarm(id="a", raises=2), grave()])) == 1


def test_the_bell_sounds_until_somebody_has_it() -> None:
    """At once, then every ten seconds; not when it is off, and no more once it is acknowledged."""
    calls = Calls()
    sounded = [calls.rings([alarm()], at, 10) for at in (0.0, 1.0, 9.0, 10.0, 19.0, 20.0)]
    assert sounded == [True, False, False, True, False, True]
    assert not calls.rings([alarm()], 40.0, 0)
    assert not calls.rings([seen()], 60.0, 10)
    assert calls.rings([alarm(state="cleared")], 61.0, 10)


def test_an_alarm_that_comes_rings_at_once() -> None:
    """It does not wait for the turn of the one before."""
    calls = Calls()
    calls.new([alarm(id="a")])
    assert calls.rings([alarm(id="a")], 0.0, 60)
    calls.new([alarm(id="a"), grave()])
    assert calls.rings([alarm(id="a"), grave()], 1.0, 60)


def test_new_alarms_in_one_line() -> None:
    """The first one in words, the others counted."""
    assert in_words([grave(), alarm()], UNICODE).startswith("CRITICAL (+1): Stage A: state of")


def test_where_a_device_is_reached_stands_in_the_details() -> None:
    """In a list and in the last line what is wrong comes first; its details say the address too."""
    cause = "the GX c061 at 10.0.0.5:1883: its heartbeat stands still"
    lost = alarm(rule=Rule.SILENT, text=cause, now=cause)
    (item,) = open_rows([lost], START_MS, UNICODE, 120)
    assert " its heartbeat stands still" in plain(item.line)
    assert in_words([lost], UNICODE) == "ALARM: BESS 1 Main stage: its heartbeat stands still"
    assert f"now {cause}" in " ".join(
        text_of(alarm_detail(lost, START_MS, snapshot(), UNICODE, 120)).split()
    )
    (past,) = past_rows([lost], START_MS, ZONE, UNICODE, 120)
    assert " its heartbeat stands still" in plain(past.line)
