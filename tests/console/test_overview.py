"""Alarms in the head of each page, and what health says at a glance."""

import msgspec
import pytest

from collector.model.alarm import Severity
from collector.model.outbox import OutboxHealth
from collector.model.snapshot import JournalHealth
from ovr_tui.console.band import text_of, top_line
from ovr_tui.console.health.overview import health_lines
from ovr_tui.console.text import plain
from tests.console.test_band import moment
from tests.support.snapshots import alarm, site


def shot(*alarms, outbox=None):
    """A healthy site with these alarms."""
    return msgspec.structs.replace(site(5), alarms=alarms, outbox=outbox or OutboxHealth())


def tones(line, word):
    """The tones of the pieces that hold `word`."""
    return [tone for text, tone in line if word in text]


@pytest.mark.parametrize(
    ("alarms", "says", "tone"),
    [
        ((alarm(), alarm(severity=Severity.WARNING)), "2 ALARMS", "alert"),
        ((alarm(severity=Severity.WARNING),), "1 ALARM ", "warn"),
        ((alarm(state="acknowledged", acked_by="anna"),), "1 alarm seen", "dim"),
        ((alarm(state="cleared"),) * 2, "2 alarms over, unseen", "warn"),
        ((alarm(), alarm(state="acknowledged")), "1 ALARM, 1 seen", "alert"),
        (
            (alarm(state="cleared"), alarm(state="cleared"), alarm(state="acknowledged")),
            "1 alarm seen, 2 over, unseen",
            "warn",
        ),
    ],
)
def test_every_page_says_how_many_alarms_wait(alarms, says, tone):
    """The head counts what nobody has seen, as loud as the worst of it."""
    line = top_line(moment(shot(*alarms)), 120)
    assert says in plain(line) + " "
    assert tones(line, says.strip()) == [tone]


def test_the_words_of_alarms_give_way_to_the_link():
    """Where there is little room alarms are told of in fewer words, before that values are the
    present is left out; what is still wrong and what is over are both said."""
    over, seen = alarm(state="cleared"), alarm(state="acknowledged")
    for alarms, long, short in (
        ((over, over, over, seen), "1 alarm seen, 3 over, unseen", "1 seen, 3 over"),
        ((alarm(), alarm(), seen), "▲ 2 ALARMS, 1 seen", "▲ 2 ALARMS"),
    ):
        one = msgspec.structs.replace(shot(*alarms), sinks=shot().sinks[:1])
        told = {cells: plain(top_line(moment(one), cells)) for cells in range(60, 121)}
        assert all(short in text or long in text for text in told.values())
        assert all(long in text for cells, text in told.items() if cells >= 100)
        assert "● collecting" in told[80]
        assert any(long not in text and "● collecting" in text for text in told.values())


@pytest.mark.parametrize("cells", [80, 120])
def test_a_long_name_of_the_site_hides_no_alarm(cells):
    """The site's name gives way to alarms and to how far the sinks are behind."""
    long = msgspec.structs.replace(shot(alarm()), site="A very long name of a field " * 9)
    line = plain(top_line(moment(long), cells))
    assert "1 ALARM " in line
    assert "cloud" in line
    assert len(line) == cells


def test_no_alarms_no_words():
    """Without alarms the head does not speak of them."""
    assert "larm" not in plain(top_line(moment(shot()), 120))


def test_the_overview_leads_to_the_alarms():
    """How many there are, how many nobody has, and the key; it does not claim that all is well."""
    text = text_of(health_lines(moment(shot(alarm(), alarm(state="acknowledged"))), 80))
    assert "2 alarms, 1 not acknowledged: a" in text
    assert "No problems" not in text


def test_a_journal_without_batches_says_so():
    """Before the clock is confirmed none may be sent: there is no first and no last one."""
    fresh = JournalHealth(state="ok", first=1, head=0, samples=67, unconfirmed=3)
    text = text_of(health_lines(moment(msgspec.structs.replace(shot(), journal=fresh)), 80))
    line = next(line for line in text.splitlines() if "batches" in line)
    assert line.split() == ["batches", "none", "yet"]
    assert "3 batches, until the clock is confirmed" in text


def test_records_that_the_cloud_does_not_have():
    """What waits, since when and why; what is refused is loud; without a cloud it says so."""
    held = OutboxHealth(
        state="backoff",
        cause="https://cloud: its certificate has expired",
        waiting={"alarms": 3, "events": 1},
        refused={"reports": 1},
        oldest_min=95.0,
    )
    text = text_of(health_lines(moment(shot(outbox=held)), 80))
    assert "3 alarms, 1 events, the oldest for 95 min" in text
    assert "its certificate has expired" in text
    assert "1 reports" in text
    assert "no [cloud] in node.toml" in text_of(health_lines(moment(shot()), 80))
