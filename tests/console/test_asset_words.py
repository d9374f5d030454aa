"""Energies since a moment, strings of PV, and why an asset counts: what is made of the answers."""

from collections.abc import Mapping

import msgspec
import pytest

from collector.assignments.book import FIRST
from collector.errors import ApiError
from collector.model.alarm import Clamp, Commissioning
from collector.model.assignment import Fact, Held
from collector.model.event import Event, Participation
from collector.model.kinds import AssetKind
from collector.model.raw import RawValue
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import EventAnswer, HistoryAnswer, RawAnswer, Twin
from ovr_tui.console.asset.energy import NAMES, base, moments, since_word
from ovr_tui.console.asset.evidence import Evidence, evidence
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.asset.starts import Starts
from ovr_tui.console.asset.strings import strings
from ovr_tui.console.band import text_of
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import Now
from ovr_tui.console.pages.commission import compared
from tests.support.kinds import HOUR_MS, one_of_each
from tests.support.snapshots import START_MS, asset, changed, snapshot

MINUTE_MS = 60_000


def counted(times: tuple[int, ...], values: tuple[float | None, ...]) -> HistoryAnswer:
    """A counter's minutes."""
    return HistoryAnswer(asset="a", measurement="load_energy_kwh", times=times, values=values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.0, 2.0, 3.0, 4.0), 2.0),
        ((1.0, None, None, 4.0), 1.0),
        ((None, None, 3.0, 4.0), 3.0),
        ((None, None, None, None), None),
        ((), None),
    ],
)
def test_what_a_counter_showed_at_a_moment(
    values: tuple[float | None, ...], expected: float | None
) -> None:
    """The last minute that had ended by then; if there is none, what it began with soon after; else
    it is not known."""
    times = tuple(n * MINUTE_MS for n in range(len(values)))
    assert base(counted(times, values), 2 * MINUTE_MS) == expected


def test_a_counter_that_began_late_did_not_begin_then() -> None:
    """A value hours after the moment is none of that moment."""
    assert base(counted((5 * HOUR_MS,), (7.0,)), 0) is None


def test_the_moments_that_matter() -> None:
    """Local midnight; the join of the event that its system is in, none for another system."""
    shot = one_of_each()
    bess, stage = shot.assets[0], shot.assets[6]
    found = moments(bess, shot)
    assert found.midnight_ms == START_MS - (14 * 3600 + 32 * 60 + 7) * 1000
    assert found.joined_ms == START_MS - 30 * HOUR_MS
    assert moments(stage, shot).joined_ms is None
    assert moments(bess, shot, START_MS - HOUR_MS).joined_ms == START_MS - HOUR_MS
    assert since_word(START_MS - HOUR_MS, shot) == "join 13:32"
    assert since_word(START_MS - 30 * HOUR_MS, shot) == "join Wed"
    assert since_word(START_MS - 300 * HOUR_MS, shot) == "join 13.06"


class Answers:
    """A collector's answers to `Starts`, and what was asked."""

    def __init__(self, joined_ms: int | None) -> None:
        self.joined_ms = joined_ms
        self.asked: list[tuple[str, int]] = []

    async def history(
        self, asset_id: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer:
        """Ten kWh an hour."""
        self.asked.append((key, from_ms))
        times = tuple(range(from_ms, to_ms + 1, step_s * 1000))
        values = tuple((t + MINUTE_MS - START_MS) / HOUR_MS * 10 + 1000 for t in times)
        return HistoryAnswer(asset=asset_id, measurement=key, times=times, values=values)

    async def event(self, wanted: str) -> EventAnswer:
        """The event, in which the system has been twice."""
        if self.joined_ms is None:
            raise ApiError("for operators only")
        event = Event(id=wanted, name="x", timezone="UTC", created_ms=0, changed_ms=0)
        ends = ((self.joined_ms - HOUR_MS, self.joined_ms - 1), (self.joined_ms, None))
        parts = tuple(
            Participation(id=str(n), event=wanted, node="n", system="bess-1", from_ms=begin,
                          to_ms=end, changed_ms=0)
            for n, (begin, end) in enumerate(ends)
        )  # fmt: skip
        return EventAnswer(event=event, participations=parts, changes=(), conflicts=())


async def asked(answers: Answers) -> tuple[Starts, AssetView, Snapshot]:
    """Ask twice about the BESS."""
    starts = Starts(answers.history, answers.event)
    shot = one_of_each()
    view = shot.assets[0]
    assert await starts.ask(view, shot, operator=True)
    assert not await starts.ask(view, shot, operator=True)
    return starts, view, shot


async def test_starts_are_asked_for_once() -> None:
    """Each counter at midnight and at the join, and never again that day; the join is when the
    system came in last, not when the event began."""
    answers = Answers(START_MS - 3 * HOUR_MS)
    starts, view, shot = await asked(answers)
    keys = [key for key in NAMES if key in view.readings]
    assert len(answers.asked) == 2 * len(keys)
    marks = starts.marks(view, shot)
    assert marks.since == "join 11:32"
    assert marks.joined["load_energy_kwh"] == pytest.approx(970.0, abs=0.2)
    assert marks.today["load_energy_kwh"] == pytest.approx(854.6, abs=0.2)
    tomorrow = changed(shot, at_ms=shot.at_ms + 12 * HOUR_MS)
    assert starts.marks(view, tomorrow).today == {}


async def test_without_the_right_the_event_has_to_do() -> None:
    """Who may not see participations gets energies since the event began."""
    starts, view, shot = await asked(Answers(None))
    assert starts.marks(view, shot).since == "join Wed"


async def test_a_day_that_has_just_begun_is_asked_for_again() -> None:
    """Where a counter has said nothing since the moment yet, it is asked for once a minute until it
    has; an hour later that is given up."""
    asked_: list[int] = []

    async def history(*wanted: object) -> HistoryAnswer:
        asked_.append(1)
        return counted((), ())

    answers = Answers(None)
    starts = Starts(history, answers.event)
    shot = changed(one_of_each(), events=())
    view = shot.assets[3]  # the genset: one energy
    midnight = START_MS - (14 * 3600 + 32 * 60 + 7) * 1000
    for later_ms, count in ((1000, 1), (2000, 1), (61_000, 2), (2 * HOUR_MS, 3), (3 * HOUR_MS, 3)):
        await starts.ask(view, changed(shot, at_ms=midnight + later_ms), operator=True)
        assert len(asked_) == count


def raws(*values: tuple[str, Mapping[str, str], float | None], part: str = "") -> RawAnswer:
    """An answer with these values."""
    return RawAnswer(
        asset="x", device="x", at_ms=START_MS, part=part,
        values=tuple(
            RawValue(name=name, labels=labels, value=value, age_s=1.0,
                     quality="bad" if value is None else "good")
            for name, labels, value in values
        ),
    )  # fmt: skip


def told(view: AssetView, raw: RawAnswer) -> str:
    """The strings of an asset as text."""
    return text_of(strings(Sheet(view, snapshot(view), None, UNICODE), raw).all)


def test_strings_of_an_inverter() -> None:
    """Each module of a Fronius with power, volts and amps; without a valid value `--`."""
    text = told(asset("pv-1", AssetKind.PV), raws(
        ("fronius_mppt_dcw", {"module": "1"}, 6359.5), ("fronius_mppt_dcv", {"module": "1"}, 610.0),
        ("fronius_mppt_dcw", {"module": "2"}, None), ("fronius_mppt_dcw", {}, 10_964.0),
        ("victron_solarcharger_yield_power", {"instance": "278"}, 1.0),
    ))  # fmt: skip
    lines = text.splitlines()
    assert len(lines) == 3
    assert "string 1" in lines[1]
    assert "6 360" in lines[1]
    assert "610.0" in lines[1]
    assert "--" in lines[2]


def test_strings_of_an_old_answer_are_stale() -> None:
    """The asset is live, but the collector has not said anew what its strings do: in brackets."""
    view = asset("pv-1", AssetKind.PV)
    answer = raws(("fronius_mppt_dcw", {"module": "1"}, 1500.0))
    assert " 1 500 " in told(view, answer)
    old = msgspec.structs.replace(answer, at_ms=START_MS - MINUTE_MS)
    assert "(1 500)" in told(view, old)


def test_strings_of_a_solar_charger() -> None:
    """The trackers of the charger, its array where it has no trackers of their own; nothing for an
    asset of another kind of unit."""
    panel = (
        ("victron_solarcharger_pv_v", {"instance": "278"}, 98.2),
        ("victron_solarcharger_yield_power", {"instance": "278"}, 6777.0),
    )
    charger = asset("bess-1.mppt-hq1", AssetKind.PV)
    assert "array" in told(charger, raws(*panel))
    assert "6 777" in told(charger, raws(*panel))
    tracker = ("victron_solarcharger_pv_0_v", {"instance": "278"}, 97.1)
    assert "tracker 1" in told(charger, raws(*panel, tracker))
    assert "array" not in told(charger, raws(*panel, tracker))
    assert told(asset("bess-1.pvinverter-3", AssetKind.PV), raws(*panel)) == ""


def test_strings_of_several_chargers() -> None:
    """Each charger has its own strings: the one that the collector says it is, whether the others
    have trackers or not; where it does not say so, those of all, each with its number."""
    values = (
        ("victron_solarcharger_pv_v", {"instance": "278"}, 98.2),
        ("victron_solarcharger_yield_power", {"instance": "278"}, 6777.0),
        ("victron_solarcharger_pv_v", {"instance": "279"}, 55.0),
        ("victron_solarcharger_pv_0_v", {"instance": "279"}, 44.4),
        ("victron_solarcharger_pv_1_v", {"instance": "279"}, 43.3),
    )
    charger = asset("bess-1.mppt-hq1", AssetKind.PV)
    one = told(charger, raws(*values, part="solarcharger/278"))
    assert "98.2" in one
    assert "44.4" not in one
    other = told(charger, raws(*values, part="solarcharger/279"))
    assert [line.split()[1] for line in other.splitlines()[1:]] == ["1", "2"]
    assert "98.2" not in other
    assert told(charger, raws(*values, part="solarcharger/280")) == ""
    every = told(charger, raws(*values))
    assert [line.split()[0] for line in every.splitlines()[1:]] == ["278", "279", "279"]
    assert "279 tracker 2" in every


def test_evidence_of_what_is_not_there() -> None:
    """An asset that is linked to nothing, counts nowhere and was not commissioned is told so; what
    was not asked for is left out."""
    view = asset("a", AssetKind.LOAD)
    bare = text_of(evidence(view, snapshot(view), Evidence(), UNICODE, 80))
    assert "no part in any total" in bare
    assert "Nothing is linked to it." in bare
    assert "COMMISSIONING" not in bare
    known = Evidence(held=(), refused=(), corrections=(), commissionings=(), twins=())
    text = text_of(evidence(view, snapshot(view), known, UNICODE, 80))
    assert "Not commissioned: its alarms do not count yet; c, then commission." in text
    assert "No fleet number is known" in text
    assert "Nothing was refused." in text
    assert "what was measured counts as it is" in text


def test_evidence_names_people_as_they_are_called() -> None:
    """Since when something is so, why, and by whom; the number of a login is the audit's."""
    view = asset("a", AssetKind.LOAD)
    held = Held(asset="a", what=Fact.SYSTEM, key="", value="camp", from_ms=0, to_ms=None, id="1",
                reason=FIRST, person="uid 1000 (kim)")  # fmt: skip
    text = text_of(evidence(view, snapshot(view), Evidence(held=(held,)), UNICODE, 90))
    told = "since the beginning by kim: it was so when this node first started"
    assert told in " ".join(text.split())


def test_a_flow_that_may_be_counted_twice_is_evidence() -> None:
    """Twins that nobody has decided stand among the links, with what to do."""
    view = asset("a", AssetKind.LOAD)
    twins = (Twin(asset="b", other="a", quantities=("load_power_w",), since_ms=START_MS),)
    text = text_of(evidence(view, snapshot(view), Evidence(twins=twins), UNICODE, 80))
    assert "seems to be one flow with b" in " ".join(text.split())
    assert "c, then link, says what is so" in " ".join(text.split())


@pytest.mark.parametrize(
    ("meter_a", "told", "tone"),
    [(99.98, "+0.0 %", "good"), (104.25, "+4.3 %", "good"), (94.0, "-6.0 %", "warn")],
)
def test_a_clamp_is_judged_by_one_rule(meter_a: float, told: str, tone: str) -> None:
    """The evidence page and the form say how far a meter is beside its clamp in the same words, and
    what is within 5 % is well."""
    clamp = Clamp(phase="L1", clamp_a=100.0, meter_a=meter_a, at_ms=START_MS)
    one = Commissioning(asset="a", at_ms=START_MS, person="kim", note="", clamps=(clamp,))
    view = asset("a", AssetKind.LOAD, readings={"current_a.L1": meter_a})
    shot = snapshot(view)
    lines = evidence(view, shot, Evidence(commissionings=(one,)), UNICODE, 80)
    pieces = {text.strip(): tone for line in lines for text, tone in line}
    assert pieces[told] == tone
    now = Now(snapshot=shot, silent_s=0, link=LinkState(attached=True), retry_in_s=None,
              wall_ms=START_MS, at_s=0, glyphs=UNICODE)  # fmt: skip
    typed = {text.strip(): tone for line in compared(now, "a", {"L1": "100"}, 80)
             for text, tone in line}  # fmt: skip
    assert typed[told] == ("good" if tone == "good" else "alert")
