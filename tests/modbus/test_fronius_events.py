"""What Fronius devices complain of: event flags in words, as notices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.alarm import Severity
from collector.sources.fronius import events
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.support.modbus import u32

ALARM, WARNING = Severity.ALARM, Severity.WARNING
SYMO, GEN24 = "Symo 12.5-3-M", "Symo GEN24 10.0"


@pytest.fixture
def bench(modbus):
    """Makes a bench around units by unit id."""

    async def make(units, **more):
        return Bench(await modbus(units), **more)

    return make


def said(notices):
    """Notices as (fact, severity, text, value)."""
    return [(n.fact, n.severity, n.text, n.value) for n in notices]


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        (SYMO, {"Evt1": 1 << 7}, [("Evt1/7", ALARM, "too hot", "")]),
        (SYMO, {"EvtVnd1": 1}, [
            ("EvtVnd1/0", ALARM, "insulation fault on the DC side", "state 447, 475, 502"),
        ]),
        (SYMO, {"EvtVnd2": 1 << 12}, [("EvtVnd2/12", ALARM, "arc detected", "state 240")]),
        (SYMO, {"EvtVnd3": 1 << 20}, [
            ("EvtVnd3/20", WARNING,
             "an event that no public list names: EvtVnd3 bit 20", ""),
        ]),
        (SYMO, {"EvtVnd1": 1 << 6 | 1 << 5, "EvtVnd2": 1 << 17}, []),  # dusk; a test that went well
        (SYMO, {"StVnd": 13}, [("StVnd/13", ALARM, "arc detected", "")]),
        (SYMO, {"StVnd": 4, "St": 4}, []),
        (SYMO, {"St": 7}, [("St/7", ALARM, "fault, and no event names it", "")]),
        (SYMO, {"St": 7, "Evt1": 1}, [("Evt1/0", ALARM, "ground fault", "")]),
        (GEN24, {"EvtVnd1": 1}, [("EvtVnd1/0", ALARM, "an error stands in its event list", "")]),
        (GEN24, {"EvtVnd1": 6}, [
            ("EvtVnd1/1", WARNING, "a warning stands in its event list", ""),
        ]),
        (GEN24, {"EvtVnd2": 4, "EvtVnd3": 0xFFFF_FFFE}, []),
        (GEN24, {"Evt1": None, "EvtVnd1": None}, []),
    ],
)  # fmt: skip
def test_flags_in_words(model, values, expected):
    """Each flag is named with the code that the display shows; what asks nothing of anybody is no
    complaint; the vendor's flags of a GEN24 only say how bad it is."""
    assert said(events.inverter("", model, values)) == expected


def test_flags_of_mppt_modules():
    """A module's flags are told with its number."""
    assert said(events.inverter("", SYMO, {}, [0.0, None, float(1 << 15 | 1 << 21)])) == [
        ("module 3/Evt/15", ALARM, "module 3: arc detected", "")
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, []),
        (None, []),
        (307, []),  # DC low: every evening
        (240, [("ErrorCode/240", ALARM, "arc detected", "state 240")]),
        (4711, [("ErrorCode/4711", WARNING, "an event that no public list names", "state 4711")]),
    ],
)
def test_error_codes_of_the_solar_api(number, expected):
    """The Solar API tells the display's code."""
    assert said(events.code("", number)) == expected


@given(st.dictionaries(
    st.sampled_from(["Evt", "Evt1", "EvtVnd1", "EvtVnd2", "EvtVnd3", "EvtVnd4", "St", "StVnd"]),
    st.none() | st.integers(0, 0xFFFF_FFFF).map(float),
))  # fmt: skip
def test_any_flags_are_facts_once(values):
    """Whatever flags are up, each complaint has a name of its own and words."""
    for model in (SYMO, GEN24):
        found = (*events.inverter("", model, values), *events.meter("", values))
        assert len({n.fact for n in found}) == len(found)
        assert all(n.text for n in found)


EVT_VND2 = 40069 + 46


async def test_an_inverter_complains_while_it_does(bench):
    """The flags of a poll are what the device complains of, together with its meter's; when they
    are down, it complains of nothing."""
    inverter = fm.unit(fm.inverter_int(), md=SYMO)
    words = fm.meter_int()
    words[105:107] = u32(1 << 6)
    b = await bench({1: inverter, 240: fm.smart_meter(words)})
    async with b.live("", "meter") as run:
        inverter.put(EVT_VND2, u32(1 << 12))
        await run.until(lambda: len(b.image.notices or ()) == 2)
        told = {(n.role, n.text) for n in b.image.notices}
        assert told == {("", "arc detected"), ("meter", "voltage too high")}
        inverter.put(EVT_VND2, u32(0))
        await run.until(lambda: len(b.image.notices) == 1)


async def test_who_is_silent_complains_of_nothing(bench):
    """What an inverter complained of ends with its answers."""
    inverter = fm.unit(fm.inverter_int(), md=SYMO)
    inverter.put(EVT_VND2, u32(1 << 12))
    b = await bench({1: inverter, 240: fm.smart_meter()}, timeout_s=0.1)
    async with b.live("", "meter") as run:
        assert len(b.image.notices) == 1
        inverter.delay_s = 600
        await run.until(lambda: b.image.notices == ())
        assert not b.image.roles[""].present


async def test_flags_that_are_not_there(bench):
    """Models that tell no flags make no complaint, and a device that can say so does."""
    b = await bench({1: fm.unit(fm.nothing_but_power())})
    async with b.live():
        assert b.image.notices == ()
