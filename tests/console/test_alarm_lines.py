"""Alarms and the cloud's records on the console."""

import msgspec
import pytest

from collector.model.alarm import Severity
from collector.model.outbox import OutboxHealth
from ovr_tui.console.band import text_of, top_line
from ovr_tui.console.health import health_lines
from ovr_tui.console.text import plain, width
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
    ],
)
def test_every_page_says_how_many_alarms_wait(alarms, says, tone):
    """The head counts what nobody has seen, as loud as the worst of it."""
    line = top_line(moment(shot(*alarms)), 120)
    assert says in plain(line) + " "
    assert tones(line, says.strip()) == [tone]


def test_no_alarms_no_words():
    """Without alarms the head does not speak of them."""
    assert "larm" not in plain(top_line(moment(shot()), 120))


def test_health_page_says_what_is_wrong_and_what_to_do():
    """Each alarm stands whole on the health page: what, since when, for whom, what to do; a page
    that has alarms does not claim that there are no problems."""
    many = tuple(f"stage-{n}" for n in range(12))
    lines = health_lines(moment(shot(alarm(members=many), alarm(state="acknowledged"))), 80)
    text = text_of(lines)
    for words in (
        "ALARMS  2",
        "ALARM    new                        30 min   BESS 1 Main stage",
        "state of charge 14 %, limit 20 %",
        "Start its generator, or take loads off.",
        "concerns stage-0, stage-1",
        "and 4 more",
    ):
        assert words in text
    assert "No problems" not in text
    assert max(width(line) for line in lines if "messages" not in plain(line)) <= 80


def test_hostile_words_of_an_alarm_are_only_words():
    """What a device says in an alarm is no markup and no control."""
    text = text_of(health_lines(moment(shot(alarm(now="[red]\x1b[2J off[/]"))), 80))
    assert "[red]" in text
    assert "\x1b" not in text


def test_a_flood_is_counted():
    """Of many alarms the most urgent are shown and the others counted, with where they are."""
    text = text_of(health_lines(moment(shot(*[alarm() for _ in range(40)])), 80))
    assert text.count("Start its generator") == 12
    assert "and 28 more: ovr alarm list" in text


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
