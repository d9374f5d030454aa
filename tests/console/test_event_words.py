"""What is said of events, typed about them and told of a shift: pure."""

from datetime import UTC, datetime

import msgspec
import pytest

from collector.model.event import EventStatus, UseCase
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.report_state import Headline, JobEntry, JobState, ReportState
from collector.model.said import LogEntry, LogKind
from collector.model.snapshot import Check, Remainder, Total
from collector.model.terms import Account, BaselineSet, TariffTerms
from collector.wire import EventAnswer, HistoryAnswer, ReportsAnswer
from ovr_tui.console.band import text_of
from ovr_tui.console.events import (
    facts,
    fields,
    logbook,
    making,
    part,
    rows,
    shift,
    timeline,
    words,
)
from ovr_tui.console.form import problems
from ovr_tui.console.format import Trust
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import Now
from ovr_tui.console.reports.rows import FIGURES
from ovr_tui.console.text import plain, width
from ovr_tui.sets import (
    read_accounts,
    read_sets,
    read_shares,
    write_accounts,
    write_sets,
    write_shares,
)
from tests.console.event_scene import (
    HOSTILE,
    HOUR_MS,
    ID,
    PARTS,
    ZONE,
    answers,
    event,
    reports,
    shot,
)
from tests.support.snapshots import START_MS, alarm, asset, snapshot

NOW = Now(
    snapshot=shot(), silent_s=0, link=LinkState(attached=True), retry_in_s=None, wall_ms=START_MS,
    at_s=0, glyphs=UNICODE,
)  # fmt: skip


def test_a_number_of_the_log_is_whole() -> None:
    """As it was written down, to three decimals."""
    one = LogEntry(id="l", at_ms=START_MS, made_ms=START_MS, kind=LogKind.READING, value=36_209.125)
    assert logbook.value(one) == "36 209.125 kWh"
    assert logbook.value(msgspec.structs.replace(one, value=7.0)) == "7 kWh"


@pytest.mark.parametrize(
    ("name", "job", "wanted"),
    [
        ("Desert Weekend 1", "DW-1", "Desert Weekend 1"),
        ("Fête 🎪", "DW-1", "DW-1"),
        ("x" * 60, "DW-1", "DW-1"),
        ("Fête", "", ID[-8:]),
        ("two  blanks", "", ID[-8:]),
    ],
)
def test_what_is_typed_can_be_typed(name: str, job: str, wanted: str) -> None:
    """To end an event its name is typed, or what stands for it where a keyboard has not all of its
    letters."""
    assert words.typed_name(event(name=name, job=job)) == wanted


def test_figures_of_reports_are_rounded_as_in_the_reports() -> None:
    """Beside an event they stand as in the list of reports: a coverage of 99.96 % is not whole."""
    reports = answers()["/v1/reports"]
    assert isinstance(reports, ReportsAnswer)
    head = Headline(load_kwh=1234.56, saved_l=78.94, coverage_pct=99.96)
    made = msgspec.structs.replace(reports.reports[0], headline=head)
    (item,) = making.items(ReportsAnswer(reports=(made,), jobs=()), NOW, 150)
    own = [figure.text(figure.of(head), "") for figure in FIGURES]
    assert "99.96" in own
    assert all(text in plain(item.line) for text in own if text)


def test_days_are_of_the_calendar_of_the_event() -> None:
    """An event that began an hour before its midnight is in day 2 an hour after it; one that is
    over has no day."""
    midnight = START_MS - 14 * HOUR_MS - 32 * 60_000
    late = event(from_ms=midnight - HOUR_MS)
    assert words.day(late, midnight - 60_000) == 1
    assert words.day(late, midnight + HOUR_MS) == 2
    assert words.day(event(status=EventStatus.ENDED), START_MS) is None


def test_times_are_short_and_never_wider_than_their_column() -> None:
    """Within a week the day's name, then the date, then the year."""
    shown = [words.when(START_MS - hours * HOUR_MS, ZONE, START_MS) for hours in (2, 300, 9000)]
    assert shown == ["Thu 12:32", "13 Jun 02:32", "2025-06-15"]
    assert max(map(len, shown)) <= words.WHEN_CELLS


def test_a_time_that_comes_twice_says_which_it_is() -> None:
    """In the hour that is put back the zone stands behind it; before and after it does not."""
    first_ms = int(datetime(2026, 11, 1, 7, 30, tzinfo=UTC).timestamp() * 1000)
    hours = [first_ms + n * HOUR_MS for n in range(4)]
    shown = [words.when(at_ms, ZONE, first_ms) for at_ms in hours]
    assert shown == ["Sun 00:30", "Sun 01:30 PDT", "Sun 01:30 PST", "Sun 02:30"]
    assert max(map(len, shown)) <= words.WHEN_CELLS
    assert words.when(hours[2], ZONE, first_ms + 300 * HOUR_MS) == "01 Nov 01:30 PST"


def test_sets_are_written_as_they_are_read() -> None:
    """Each way of writing a set comes back as it was; one with a curve keeps it while its text
    stays; what is none says what is expected."""
    text = "100, 2x60, night=2x60@22:00-06:00, 12.5"
    assert write_sets(read_sets(text)) == text
    curve = BaselineSet(name="main", rated_kw=80, fuel_curve=((0.0, 2.0), (80.0, 20.0)))
    assert read_sets("main=80, 20", (curve,))[0] == curve
    assert read_sets("main=90", (curve,))[0].fuel_curve == ()
    with pytest.raises(ValueError, match="expected a set like"):
        read_sets("many")


def test_who_pays_is_written_as_it_is_read() -> None:
    """Accounts and shares come back as they were; an account keeps its own tariff."""
    own = Account(id="bar", name="Bar", tariff=TariffTerms(energy_per_kwh=0.5))
    assert read_accounts("food=Food court, bar=The bar", (own,))[1].tariff == own.tariff
    assert write_accounts(read_accounts("food=Food court, bar")) == "food=Food court, bar"
    assert write_shares(read_shares("a=food:40,a=bar:60")) == "a=food:40, a=bar:60"
    with pytest.raises(ValueError, match="expected ASSET=ACCOUNT:PERCENT"):
        read_shares("a=food")


def test_only_what_is_otherwise_is_sent() -> None:
    """A form that nobody touched changes nothing; a changed price and an emptied client are all
    that is sent, with the revision that was read."""
    made = event()
    form = fields.fields(made, {})
    typed = fields.as_typed(form, START_MS)
    assert fields.edit(made, typed, START_MS) is None
    body = fields.edit(
        made, typed | {"fuel_price": 1.75, "client": None, "reason": "new offer"}, START_MS
    )
    assert msgspec.to_builtins(body) == {
        "revision": 7,
        "reason": "new offer",
        "client": "",
        "fuel": {"price_per_l": 1.75},
    }


def test_a_new_event_leaves_terms_to_the_node() -> None:
    """Terms that nobody typed are not sent: node.toml says them."""
    blank = fields.first(ZONE)
    typed = fields.as_typed(fields.fields(blank, {}), START_MS) | {"name": "A", "grid": 0.4}
    body = msgspec.to_builtins(fields.create(blank, typed, START_MS))
    assert body == {"name": "A", "timezone": ZONE, "carbon": {"grid_kg_per_kwh": 0.4}}


def test_planned_times_lie_ahead_and_are_of_the_event_s_zone() -> None:
    """A bare time of a plan is the next one, in the zone that stands in the form."""
    form = fields.fields(fields.first(ZONE), {"timezone": "Europe/Berlin"})
    field = next(one for one in form if one.name == "planned_from_ms")
    assert (field.ahead, field.timezone) == (True, "Europe/Berlin")
    assert not problems([field], {field.name: "2027-01-01 10:00"}, START_MS)


def test_uses_keep_those_of_other_systems() -> None:
    """Saying one system's use leaves the others', and its own baseline, as they are."""
    found = fields.uses(event(), ["pv-3"], {"use": "pv-offset", "baseline": "60"})
    assert [(one.system, one.use_case) for one in found] == [
        ("bess-1", UseCase.HYBRIDIZATION),
        ("load-6", UseCase.METERING),
        ("pv-3", UseCase.PV_OFFSET),
    ]
    assert found[2].baseline is not None
    assert found[2].baseline.sets[0].rated_kw == 60


@pytest.mark.parametrize("kind", LogKind)
def test_each_kind_of_entry_asks_only_for_what_it_needs(kind: LogKind) -> None:
    """The number, or the text, comes first; a note needs no asset; what is sent has the event."""
    form = logbook.fields(kind, {}, NOW.snapshot, event())
    names = [one.name for one in form]
    assert names[0] == ("text" if kind in logbook.SPOKEN else "value")
    assert ("asset" in names) == (kind not in logbook.SPOKEN)
    assert ("measurement" in names) == (kind is LogKind.READING)
    body = logbook.request(kind, {"value": 4.0, "text": "x", "asset": "a"}, event())
    assert (body.kind, body.event, body.value) == (kind, ID, 4.0)


def test_the_likeliest_asset_comes_first() -> None:
    """Fuel goes into a set of the system at the cursor, if it has one."""
    found = logbook.assets(LogKind.FUEL, NOW.snapshot, "bess-2")
    assert found[0].system == "bess-2"
    assert len({view.id for view in found}) == len(found)


def test_many_that_came_as_one_are_one_line() -> None:
    """A hundred systems that joined at once are one thing that happened, with all their names."""
    many = [msgspec.structs.replace(PARTS[0], id=f"q{n}", system=f"sys-{n:03}") for n in range(100)]
    found = timeline.newest_first(each for one in many for each in timeline.of_participation(one))
    assert [one.about for one in found] == ["100 systems"]
    assert "sys-000, sys-001" in found[0].text
    assert "sys-099" in found[0].text


def test_hostile_names_break_no_line() -> None:
    """No line of the list, the head or the details is wider than its room, and nothing that a
    terminal obeys is in it."""
    found = answers()["/v1/events"].events  # type: ignore[attr-defined]  # an EventsAnswer
    hostile = next(one for one in found if one.event.name == HOSTILE)
    for cells in (60, 80, 120):
        lines = [
            *(item.line for item in rows.items(found, NOW, cells)),
            *facts.head(hostile, NOW, cells),
            *rows.detail(hostile, NOW, cells),
        ]
        assert max(map(width, lines)) <= cells + 1
        text = text_of(lines)
        assert "\x1b" not in text
        assert "\u202e" not in text


def series(*values: float | None) -> HistoryAnswer:
    """A history in steps of five minutes that ends now."""
    step_ms = shift.STEP_S * 1000
    first = START_MS - len(values) * step_ms
    times = tuple(first + n * step_ms for n in range(len(values)))
    return HistoryAnswer(asset="a", measurement="x", times=times, values=values)


def test_a_counter_that_was_not_heard_all_the_time_says_so() -> None:
    """What rose is what is known; whether that is the whole window is said beside it."""
    assert shift.risen(series(10, 11, 12, 14)) == (4, True)
    assert shift.risen(series(None, None, None, 11, 12, 14)) == (3, False)
    assert shift.risen(series(10, 11, None, None, None, None)) == (1, False)
    assert shift.risen(series(None, None)) is None
    assert shift.risen(None) is None


def test_outages_are_joined() -> None:
    """Steps without a value that follow each other are one outage; the first step lies before the
    window and the last is not over."""
    found = shift.outages(series(None, 1, None, None, 1, None, 1, None))
    step_ms = shift.STEP_S * 1000
    assert [(b - a) // step_ms for a, b in found] == [2, 1]


def test_a_shift_without_data_claims_nothing() -> None:
    """Where nothing is known of the window, each part says so; no figure is made up."""
    snap = shot()
    empty = shift.Shift(
        from_ms=START_MS - 8 * HOUR_MS, to_ms=START_MS, snapshot=snap, alarms=(), log=(), events=(),
    )  # fmt: skip
    text = shift.text(empty, NOW)
    assert "nothing known of the window" in text
    assert "load energy                not known" in text
    assert "ran" not in text.split("GENERATORS")[1].split("ENERGY")[0]
    assert "nothing is known of it" in text
    assert "No alarm came or went." in text


def test_a_shift_names_the_node_and_counts_one_system() -> None:
    """An alarm about no asset is about this node, there and in what happened; one is no plural."""
    deaf = alarm(name="", subject="", asset="", now="nothing is reached from this node")
    snap, replace = shot(), msgspec.structs.replace
    here = replace(snap.events[0], systems=("bess-1",))
    made = shift.Shift(
        from_ms=START_MS - 8 * HOUR_MS, to_ms=START_MS, snapshot=replace(snap, alarms=(deaf,),
        events=(here,)), alarms=(deaf,), log=(), events=(),
    )  # fmt: skip
    text = shift.text(made, NOW)
    assert "this node: nothing is reached" in text.split("BATTERIES")[0]
    assert "this node" in text.split("ALARMS")[1]
    assert ": 1 system in" in text
    assert "1 systems" not in text
    assert f": {len(snap.events[0].systems)} systems in" in shift.text(
        replace(made, snapshot=snap), NOW
    )


def test_since_when_a_system_is_out() -> None:
    """Beside *out* stands when it left, beside *in* when it joined; never the join beside *out*."""
    answer = EventAnswer(event=event(), participations=PARTS, changes=(), conflicts=())
    told = {
        words_[0]: words_[1:5]
        for item in part.items(answer, None, NOW, 100)
        for words_ in [plain(item.line).split()]
    }
    assert told["bess-1"] == ["●", "in", "Wed", "12:02"]
    assert told["load-4"] == ["·", "out", "Thu", "12:32"]


def test_the_power_of_a_system_is_that_of_all_its_loads() -> None:
    """What checks a load, or is a part of one, is not added again; a load of which nothing is
    known leaves the sum unknown, one that is lost makes it stale."""
    watts = {"a": 29_800.0, "b": 10_800.0, "check": 29_700.0, "part": 4_000.0}
    loads = [
        asset(name, AssetKind.LOAD, readings={"load_power_w": value})
        for name, value in watts.items()
    ]
    gen = asset("gen", AssetKind.GENERATOR, readings={"generator_power_w": 43_000.0})
    total = Total(
        quantity="load_power_w", value=40_600.0, counted=("a", "b"),
        checks=(Check(asset="check", of="a", deviation_pct=None),),
        remainders=(Remainder(parent="b", value=6_800.0, children=("part",)),),
    )  # fmt: skip
    shown = msgspec.structs.replace(NOW, snapshot=snapshot(totals={"load_power_w": total}))
    assert part.power_of([gen, *loads], shown) == (40.6, Trust.GOOD)
    assert part.power_of([gen], shown) == (43.0, Trust.GOOD)
    assert part.power_of([*loads[2:], gen], shown) == (33.7, Trust.GOOD)
    lost = asset("c", AssetKind.LOAD, AssetStatus.LOST, {"load_power_w": 1_000.0})
    assert part.power_of([*loads, lost], shown) == (41.6, Trust.STALE)
    bad = asset("d", AssetKind.LOAD, readings={"load_power_w": None})
    assert part.power_of([*loads, bad], shown) == (None, Trust.INVALID)
    assert part.power_of([], shown) == (None, Trust.ABSENT)


@pytest.mark.parametrize(
    ("state", "made", "column", "row"),
    [
        (JobState.WAITING, None, "waiting", "waiting"),
        (JobState.WAITING, ReportState.PROVISIONAL, "provisional r1, final due", "final due"),
        (JobState.WAITING, ReportState.DRAFT, "draft r1, another due", "another due"),
        (JobState.RUNNING, ReportState.PROVISIONAL, "being made", "being made"),
        (JobState.RETRYING, ReportState.PROVISIONAL, "trying again", "trying again"),
        (JobState.FAILED, ReportState.PROVISIONAL, "▲ FAILED", "▲ FAILED"),
    ],
)
def test_a_report_that_can_be_read_does_not_wait(
    state: JobState, made: ReportState | None, column: str, row: str
) -> None:
    """While the final report waits, the provisional one is there and is named: *waiting* is only
    what is not made at all. What goes wrong is said first."""
    there = msgspec.structs.replace(reports().reports[0], state=made or ReportState.DRAFT)
    job = JobEntry(
        id="j1", report="p3", kind="system", stage="final", event=ID, system="load-4", state=state,
        queued_ms=START_MS, due_ms=START_MS + 60_000,
    )  # fmt: skip
    answer = ReportsAnswer(reports=(there,) if made else (), jobs=(job,))
    assert making.of_part(PARTS[2], answer, UNICODE)[0] == column
    assert row in plain(making.items(answer, NOW, 100)[0].line)
