"""What is said of events on the command line: options, and times in the event's zone."""

import argparse
import time
from datetime import datetime

import pytest
from msgspec import UNSET, structs

from collector.errors import OvrError
from collector.model.event import SystemUse, UseCase
from collector.model.terms import Account, Share, Terms
from collector.wire import CreateEventRequest, EditEventRequest
from ovr_tui.commands.ask import at_ms
from ovr_tui.commands.event_fields import add_fields, fields_of, nothing_said
from ovr_tui.commands.moment import Moment, moment
from tests.events.books import BLANK

NOW_MS = 1_795_714_506_000
"""2026-11-26 09:35:06 in Los Angeles, 18:35:06 in Berlin."""
LA = "America/Los_Angeles"


def said(*words, before=BLANK, kind=CreateEventRequest, **more):
    """The request that these options make."""
    parser = argparse.ArgumentParser()
    add_fields(parser)
    return fields_of(parser.parse_args(words), before, kind, **more)


def test_nothing_is_said_of_what_is_left_out():
    """The node's defaults stay what they are."""
    assert nothing_said(said())
    body = said("--fuel-price", "1.5", "--currency", "EUR")
    assert (body.fuel.price_per_l, body.fuel.slope_l_per_kwh) == (1.5, UNSET)
    assert (body.tariff.currency, body.tariff.energy_per_kwh) == ("EUR", UNSET)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("100", ("100 kW", 100.0, 1, "00:00", "24:00")),
        ("2x62.5", ("62.5 kW", 62.5, 2, "00:00", "24:00")),
        ("night=60@22:00-06:00", ("night", 60.0, 1, "22:00", "06:00")),
        ("main=3x100@08:00-24:00", ("main", 100.0, 3, "08:00", "24:00")),
    ],
)
def test_sets_of_a_baseline(text, found):
    """A name, how many, how large, when."""
    (one,) = said("--baseline", text).baseline.sets
    assert (one.name, one.rated_kw, one.count, one.start, one.end) == found


def test_an_edit_adds_to_what_there_is():
    """Systems, accounts and shares that are not named stay; a share of 0 goes."""
    before = structs.replace(
        BLANK,
        systems=(SystemUse(system="a", use_case=UseCase.PV_OFFSET), SystemUse(system="b")),
        terms=Terms(
            accounts=(Account(id="x"),),
            shares=(
                Share(asset="m", account="x", percent=40), Share(asset="n", account="x", percent=9)
            ),
        ),
    )  # fmt: skip
    body = said(
        "--system", "b=peak-shaving", "--account", "y=Yard", "--share", "m=x:0",
        before=before, kind=EditEventRequest, revision=3,
    )  # fmt: skip
    assert [(use.system, use.use_case.value) for use in body.systems] == [
        ("a", "pv-offset"), ("b", "peak-shaving"),
    ]  # fmt: skip
    assert [one.id for one in body.accounts] == ["x", "y"]
    assert [(one.asset, one.percent) for one in body.shares] == [("n", 9.0)]
    assert body.revision == 3


def test_terms_from_a_file(tmp_path):
    """Everything can be said in TOML; what is no term is refused with its name."""
    file = tmp_path / "terms.toml"
    file.write_text(
        '[tariff]\nenergy_per_kwh = 0.3\n[[tariff.bands]]\nname = "peak"\nstart = "16:00"\n'
        'end = "21:00"\nenergy_per_kwh = 0.5\n[[fuels]]\nkind = "HVO"\nscope1_kg_per_l = 0.04\n'
    )
    body = said("--terms", str(file))
    assert (body.tariff.bands[0].name, body.fuels[0].kind) == ("peak", "HVO")
    for text, told in (
        ("[tarif]\n", "tarif is no table"),
        ("[fuel]\nprice = 1\n", "price"),
        ("[", "terms"),
    ):
        file.write_text(text)
        with pytest.raises(OvrError, match=told):
            said("--terms", str(file))


@pytest.mark.parametrize(
    "words",
    [
        ("--system", "a"), ("--system", "a=flying"), ("--share", "m=x"), ("--share", "m=x:-4"),
        ("--baseline", "big"), ("--terms", "/nowhere/terms.toml"),
    ],
)  # fmt: skip
def test_what_is_no_option(words):
    """It is said what is expected."""
    with pytest.raises(OvrError):
        said(*words)


@pytest.mark.parametrize(
    ("text", "zone", "ahead", "found_ms"),
    [
        ("09:00", LA, False, NOW_MS - 35 * 60_000 - 6_000),
        ("10:00", LA, False, NOW_MS + 24 * 60_000 + 54_000 - 86_400_000),
        ("10:00", LA, True, NOW_MS + 24 * 60_000 + 54_000),
        ("09:35:06", LA, True, NOW_MS),
        ("18:35:06", "Europe/Berlin", False, NOW_MS),
        ("2026-11-26 09:35:06", LA, False, NOW_MS),
        ("2026-11-26T17:35:06+00:00", LA, False, NOW_MS),
        ("2h ago", LA, False, NOW_MS - 7_200_000),
    ],
)
def test_times_are_in_the_events_zone(text, zone, ahead, found_ms):
    """Whatever the zone of the machine is."""
    assert Moment(text).ms(zone, NOW_MS, ahead=ahead) == found_ms


def test_a_bare_time_of_the_hour_that_comes_twice(monkeypatch):
    """The last one: at 03:00 PST of 2026-11-01 `01:30` is PST, at 01:10 PST `01:50` is PDT; in an
    event's zone, and in this machine's."""
    monkeypatch.setenv("TZ", LA)
    time.tzset()
    try:
        for now, text, found in (("11:00", "01:30", "09:30"), ("09:10", "01:50", "08:50")):
            now_ms, found_ms = (
                int(datetime.fromisoformat(f"2026-11-01 {one}Z").timestamp() * 1000)
                for one in (now, found)
            )
            assert Moment(text).ms(LA, now_ms) == found_ms
            assert at_ms(text, now_ms) == found_ms
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["soon", "25:00", "2026-13-01", "x ago", ""])
def test_what_is_no_time(text):
    """It is said how one is written."""
    with pytest.raises(argparse.ArgumentTypeError, match="2h ago"):
        moment(text)
