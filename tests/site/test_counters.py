"""Registers become totals that only rise."""

import math
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.site.counters import Bound, CounterState, advance, published

FREE = Bound(per_s=None, slack=1.0)
MW2 = Bound(per_s=2000 / 3600, slack=1.0)
KW100 = Bound(per_s=100 / 3600, slack=1.0)


class Counter:
    """A counter that is read again and again."""

    def __init__(self, bound=KW100, unit="SN1", path="p", modulus=None):
        self._state: CounterState | None = None
        self.now = 0
        self.bound, self.unit, self.path, self.modulus = bound, unit, path, modulus

    def read(self, raw, after_s=1.0, unit=None, path=None, *, continued=True):
        """A reading; returns what happened beside counting."""
        self.now += int(after_s * 1000)
        step = advance(
            self._state,
            raw=raw,
            unit=self.unit if unit is None else unit,
            path=path or self.path,
            now_ms=self.now,
            bound=self.bound,
            modulus=self.modulus,
            continued=continued,
        )
        self._state = step.state
        return step.event

    @property
    def state(self) -> CounterState:
        """What is known; fails while nothing is."""
        assert self._state is not None
        return self._state

    @property
    def total(self):
        """The program's own total."""
        return round(self.state.total, 6)


def test_first_reading_is_a_baseline():
    """A meter that shows 12,345 kWh at first contact has counted nothing for us yet."""
    c = Counter()
    assert c.read(12345.0) == "baseline"
    assert c.total == 0
    c.read(12345.5, 60)
    assert c.total == 0.5


def test_same_value_changes_nothing():
    """A register that stands still keeps counter and total."""
    c = Counter()
    for _ in range(5):
        c.read(7.0)
    assert c.total == 0


def test_reset_adds_the_new_value():
    """A counter that restarted at zero: what it shows after a minute was counted since."""
    c = Counter()
    c.read(500.0)
    assert c.read(0.1) == ""
    assert c.total == 0
    for _ in range(12):
        c.read(0.4, 5)
    assert c.total == 0.4
    c.read(1.4, 60)
    assert c.total == 1.4


def test_young_register_that_begins_anew():
    """A register that had counted little when it restarted is soon above half of that again: it was
    seen to begin at nothing, so all of it counts."""
    c = Counter()
    c.read(1.0)
    for second in range(61):
        c.read(second * 0.015)
    assert c.total == pytest.approx(0.9)


def test_dip_that_comes_back():
    """A drop to zero for some seconds (an inverter waking up) adds nothing."""
    c = Counter()
    c.read(500.0)
    c.read(0.0)
    c.read(0.0, 30)
    c.read(500.2, 5)
    assert c.total == 0.2


def test_partial_fall_is_no_reset():
    """A sum of registers that loses a part for minutes (one phase is not told) has not begun
    anew: what the others show was counted before and is not added again."""
    c = Counter(MW2)
    c.read(30.0)
    events = [c.read(25.0) for _ in range(62)]
    assert [e for e in events if e] == ["refused: reset to 25, what it counted since is unproven"]
    c.read(25.5)
    assert c.total == 0.5


def test_fall_after_a_rest_is_bounded_by_the_fall():
    """A register that stood still all night and then falls cannot have counted the night long
    since: it was heard at its old value until the fall."""
    c = Counter()
    c.read(5000.0)
    for _ in range(720):
        c.read(5000.0, 50)
    c.read(400.0)
    assert c.read(400.0, 61).startswith("refused")
    assert c.total == 0


def test_restart_during_a_partial_fall():
    """A register that falls in two steps, the second one to nothing, has begun anew."""
    c = Counter()
    c.read(500.0)
    c.read(300.0)
    c.read(0.0, 5)
    c.read(0.5, 40)
    assert c.read(0.5, 20) == "reset"
    assert c.total == 0.5


def test_dip_after_a_pause():
    """The first reading after a silence of minutes is a zero that goes away: what was counted
    meanwhile is added once, as gap."""
    c = Counter()
    c.read(500.0)
    assert c.read(0.0, 600) == ""
    assert c.read(510.0, 5) == ""
    assert (c.total, c.state.gap) == (10.0, 10.0)


def test_reset_after_a_pause():
    """A register that began anew while nobody looked: what it shows a minute later is gap."""
    c = Counter()
    c.read(500.0)
    c.read(7.0, 600)
    for _ in range(6):
        c.read(7.5, 10)
    assert (c.total, c.state.gap) == (7.5, 7.5)


def test_identity_that_comes_late():
    """Registers that arrive before the serial number prove nothing: when it comes, and when it
    is missing again after a reconnect, the reading is a baseline."""
    c = Counter()
    c.read(100.0, unit="")
    c.read(100.5, 60, unit="")
    assert c.read(900.0, unit="SN1").startswith("baseline")
    assert c.read(900.1, 60, unit="SN1") == ""
    assert c.read(950.0, 30, unit="").startswith("baseline")
    assert c.read(950.0, unit="SN1").startswith("baseline")
    assert c.total == 0.6


def test_long_dip():
    """An inverter that shows no energy all night and its lifetime's in the morning has not
    counted that in the morning."""
    c = Counter()
    c.read(500.0)
    for _ in range(720):
        c.read(0.0, 50)
    assert c.read(500.2).startswith("refused: 500 of +500.2")
    c.read(500.3, 60)
    assert c.total == pytest.approx(0.3)


@pytest.mark.parametrize("silence_s", [1, 36_000])
def test_long_dip_of_an_unrated_asset(silence_s):
    """The same where nobody has said a rating, so that 500 kWh in a night were possible; also when
    the inverter shows nothing in the evening and is silent until the morning."""
    c = Counter(MW2)
    c.read(500.0)
    for _ in range(80):
        c.read(0.0)
    c.read(500.2, silence_s)
    assert c.total == pytest.approx(0.2)
    c.read(500.3, 60)
    assert c.total == pytest.approx(0.3)


def test_part_that_comes_back():
    """A sum that lost a part for minutes, while the others counted on, has not counted that part
    again when it is back."""
    c = Counter(MW2)
    c.read(30.0)
    for _ in range(62):
        c.read(25.0)
    c.read(25.5, 30)
    assert c.read(30.7, 60).startswith("refused: 5 of +5.2")
    assert c.total == pytest.approx(0.7)


def test_counter_that_began_anew_passes_its_former_value():
    """A register that did begin anew counts past what it once was, also over a silence."""
    c = Counter()
    c.read(5.0)
    for raw in (0.0, 0.1, 0.2):
        c.read(raw, 60)
    c.read(20.0, 3600)
    assert c.total == 20.0


def test_meter_that_goes_on_from_an_older_value():
    """A meter that lost its supply shows nothing, then what it had stored a while before: that is
    neither a restart nor anything new."""
    c = Counter(MW2)
    c.read(30.0)
    c.read(0.0)
    events = [c.read(29.9) for _ in range(62)]
    assert [e for e in events if e] == ["refused: reset to 29.9, what it counted since is unproven"]
    for step in range(1, 11):
        c.read(29.9 + step * 0.05, 10)
    assert c.total == pytest.approx(0.5)
    c.read(29.8, 36_000)
    assert c.read(29.8, 61).startswith("refused")
    assert c.total == pytest.approx(0.5)


def test_unproven_identity_on_a_new_connection():
    """Two meters without serial may have exchanged their addresses within seconds: the first
    reading of a new connection is a baseline."""
    c = Counter(MW2, unit="")
    c.read(10.0)
    c.read(10.5, 5)
    assert c.read(12.0, 5, continued=False).startswith("baseline")
    c.read(12.5, 5)
    assert c.total == 1.0


def test_rollover():
    """A register at its end goes on from zero by its modulus."""
    c = Counter(modulus=1000.0)
    c.read(999.5)
    assert c.read(0.5, 120) == "rollover"
    assert c.total == 1.0


def test_too_fast_is_refused():
    """1,000 kWh in a second cannot come from a 100 kW set: refused, and counted on from there."""
    c = Counter()
    c.read(100.0)
    assert c.read(1100.0).startswith("refused")
    assert c.total == 0
    c.read(1100.5, 60)
    assert c.total == 0.5


def test_reset_to_something_large_is_refused():
    """A swapped meter with a lower reading is no reset: its kWh are not ours."""
    c = Counter()
    c.read(9000.0)
    c.read(4000.0)
    assert c.read(4000.0, 61).startswith("refused")
    assert c.total == 0


def test_another_unit_is_a_baseline():
    """After a swap the new unit's register adds nothing by itself; the total goes on."""
    c = Counter()
    c.read(10.0)
    c.read(12.0, 200)
    assert c.read(90000.0, unit="SN2").startswith("baseline")
    c.read(90001.0, 200, unit="SN2")
    assert c.total == 3.0


def test_returning_unit_brings_nothing_along():
    """What a unit counted elsewhere before it came back is not booked here."""
    c = Counter()
    c.read(10.0)
    c.read(20.0, unit="SN2")
    c.read(500.0, 86400)
    assert c.total == 0


def test_gap_energy():
    """After an hour of silence a proven unit's difference is energy, marked as gap."""
    c = Counter()
    c.read(10.0)
    c.read(60.0, 3600)
    assert (c.total, c.state.gap) == (50.0, 50.0)
    c.read(61.0, 60)
    assert (c.total, c.state.gap) == (51.0, 50.0)


def test_unproven_identity_after_a_pause():
    """A meter without serial may be another one after a pause: baseline."""
    c = Counter(unit="")
    c.read(10.0)
    c.read(11.0, 59)
    assert c.total == 1.0
    assert c.read(30.0, 3600).startswith("baseline")
    assert c.total == 1.0


@pytest.mark.parametrize("raw", [math.nan, math.inf, -1.0])
def test_not_a_count(raw):
    """What is no count changes nothing, first or later."""
    c = Counter()
    assert c.read(raw) == "not a count"
    assert c._state is None
    c.read(5.0)
    assert c.read(raw) == "not a count"
    c.read(5.5, 60)
    assert c.total == 0.5


def test_coarse_register():
    """A register of whole kWh may jump by one at any moment."""
    c = Counter(Bound(per_s=2 / 3600, slack=1.0))
    c.read(10.0)
    c.read(11.0)
    assert c.total == 1.0


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.1, 7200)), max_size=60))
def test_total_never_falls_nor_outruns_the_rating(readings):
    """Whatever a register shows, the total only rises, and never faster than the rating allows."""
    c = Counter()
    last, steps = 0.0, 0
    for raw, after in readings:
        c.read(raw, after)
        assert c.state.total >= last
        last = c.state.total
        steps += 1
    assert last <= 100 / 3600 * 1.15 * c.now / 1000 + steps * KW100.slack + 1e-6


class Device:
    """A device that counts truly, with a register that may show something else."""

    def __init__(self, register, bound):
        self.counter = Counter(bound)
        self.register, self.true, self.start = register, 0.0, True
        self.counter.read(register)

    def run(self, seconds, kw, *, heard=True, shown=1.0):
        """Time passes at a power; while nobody hears it, it is read once at the end."""
        for _ in range(seconds if heard else 1):
            kwh = kw * (1 if heard else seconds) / 3600
            self.register += kwh
            self.true += kwh
            self.counter.read(self.register * shown, 1 if heard else seconds)


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("silence"), st.integers(1, 20_000), st.sampled_from([0, 5, 80])),
        st.tuples(st.just("restart"), st.just(0), st.just(0)),
        st.tuples(st.just("dip"), st.integers(1, 150), st.sampled_from([0.0, 0.6, 0.9])),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(
    st.sampled_from([0.0, 40.0, 900.0, 50_000.0]),
    happenings,
    st.sampled_from([MW2, Bound(per_s=300 / 3600, slack=1.0)]),
)
def test_nothing_is_counted_twice(register, events, bound):
    """Silences, restarts of the register and dips of any length, with 80 kW for a minute after
    each: the total is never more than what has truly flowed, and when nothing but dips and silences
    came, not less either."""
    device = Device(register, bound)
    for kind, seconds, how in events:
        if kind == "silence":
            device.run(seconds, how, heard=False)
        elif kind == "restart":
            device.register = 0.0
        else:
            device.run(seconds, 5, shown=how)
        device.run(75, 80)
        assert device.counter.state.total <= device.true + 1e-6
    if all(kind != "restart" for kind, *_ in events):
        assert device.counter.state.total == pytest.approx(device.true, abs=0.5)


@given(totals=st.lists(st.floats(0, 1e9), min_size=2))
@settings(max_examples=200)
def test_what_is_said_of_a_total_never_falls_and_ends_in_zeros(totals):
    """Published energies follow their totals in steps of 1/16384 kWh, from below, never back; their
    lowest bytes are zeros, which pack well."""
    said = [published(total) for total in sorted(totals)]
    assert said == sorted(said)
    for total, one in zip(sorted(totals), said, strict=True):
        assert 0 <= total - one < 1 / 16384
        assert (one * 16384).is_integer()
        assert published(one) == one
        if 1 <= total < 2**20:
            assert pack("<d", one)[:2] == b"\0\0"
