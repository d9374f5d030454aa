"""Thinning: what is kept, and that a repeat gives the same samples."""

from array import array
from struct import unpack
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.journal import Batch, Journal
from collector.model.series import STALE, STALE_BITS, encode_series
from collector.sinks.collect import collect_minutes
from collector.sinks.remote_write import TimeSeries
from collector.sinks.thin import Rule, Thinner, rule_of, series_name
from tests.sinks.conftest import delivering, local
from tests.sinks.test_answers import Receiver
from tests.support.http_answers import answering
from tests.support.waiting import until

MINUTE = 1_790_000_040_000
assert MINUTE % 60_000 == 0

POWER = encode_series("ovr_load_power_w", {"asset": "a"})
ENERGY = encode_series("ovr_load_energy_kwh", {"asset": "a"})
STATE = encode_series("ovr_generator_state", {"asset": "a"})
SEQ = encode_series("ovr_node_batch_seq", {"node": "n"})
RAW = encode_series("victron_vebus_ac_out_l1_p", {"db": "telegraf"})


class Sample(NamedTuple):
    """A decoded sample: bits of the value, and when."""

    bits: int
    second: float


def _samples(series: TimeSeries) -> list[Sample]:
    found = []
    at = 0
    while at < len(series.samples):
        end = at + 2 + series.samples[at + 1]
        bits = unpack("<Q", series.samples[at + 3 : at + 11])[0]
        stamp = sum((b & 0x7F) << 7 * i for i, b in enumerate(series.samples[at + 12 : end]))
        found.append(Sample(bits, (stamp - MINUTE) / 1000))
        at = end
    return found


def _bits(value: float) -> int:
    number: int = unpack("<Q", array("d", [value]).tobytes())[0]
    return number


def _tick(second: int, *rows: tuple[bytes, float]) -> Batch:
    return Batch(
        seq=second + 1,
        at_ms=MINUTE + 1000 * second,
        series=[labels for labels, _ in rows],
        values=array("d", [value for _, value in rows]),
    )


def _thin(*batches: Batch) -> dict[bytes, list[Sample]]:
    thinner = Thinner(10)
    thinner.extend(batches)
    return {series.labels: _samples(series) for series in thinner.series()}


def test_a_gauge_keeps_the_last_of_ten_seconds_and_the_minutes_extremes() -> None:
    """Six last values, and the lowest and highest sample with the times at which they were."""
    values = [float(second) for second in range(60)]
    values[23], values[47] = -5.0, 500.0
    kept = _thin(*(_tick(second, (POWER, values[second])) for second in range(60)))[POWER]
    assert [sample.second for sample in kept] == [9, 19, 23, 29, 39, 47, 49, 59]
    assert _bits(-5.0) in {sample.bits for sample in kept}
    assert _bits(500.0) in {sample.bits for sample in kept}


def test_an_extreme_that_is_kept_anyway_is_not_sent_twice() -> None:
    """A level that does not move gives one sample for each window, not two more with its value."""
    values = [50.0 if second < 30 else 51.0 for second in range(60)]
    kept = _thin(*(_tick(second, (POWER, values[second])) for second in range(60)))[POWER]
    assert [sample.second for sample in kept] == [9, 19, 29, 39, 49, 59]


def test_each_minute_has_its_own_extremes() -> None:
    """What a neighbouring minute keeps does not stand in for this one's lowest or highest."""
    values = [5.0] * 120
    values[3], values[99] = 9.0, 9.0
    kept = _thin(*(_tick(second, (POWER, values[second])) for second in range(120)))[POWER]
    high = [sample.second for sample in kept if sample.bits == _bits(9.0)]
    assert high == [3, 99]


def test_alike_series_stand_together() -> None:
    """Series come in the order of their labels, whatever came first, so that they pack well."""
    first = _tick(1, (RAW, 1.0), (POWER, 1.0), (ENERGY, 1.0))
    assert list(_thin(first)) == sorted((RAW, POWER, ENERGY))


def test_counters_states_and_marks_are_exact() -> None:
    """Every sample of a counter, a state and the batch marks goes out."""
    kept = _thin(*(_tick(s, (ENERGY, 5.0), (STATE, 1.0), (SEQ, s)) for s in range(60)))
    assert {labels: len(samples) for labels, samples in kept.items()} == {
        ENERGY: 60,
        STATE: 60,
        SEQ: 60,
    }


def test_a_raw_series_keeps_the_last_of_the_minute() -> None:
    """Of a vendor's raw series one sample a minute goes out, the last."""
    kept = _thin(*(_tick(second, (RAW, float(second))) for second in range(0, 130, 2)))[RAW]
    assert [sample.second for sample in kept] == [58, 118, 128]


def test_stale_markers_always_go_out() -> None:
    """A stale marker is kept bit by bit and never counts as lowest or highest."""
    kept = _thin(_tick(1, (POWER, 5.0)), _tick(2, (POWER, STALE)), _tick(3, (POWER, 7.0)))[POWER]
    assert [sample.second for sample in kept] == [1, 2, 3]
    assert kept[1].bits == STALE_BITS


def test_batches_with_own_times_are_not_thinned() -> None:
    """Samples that a meter logged itself keep their times and their number."""
    logged = Batch(
        seq=1,
        at_ms=MINUTE,
        series=[POWER] * 4,
        values=array("d", [1.0, 2.0, 3.0, 4.0]),
        times=array("q", [MINUTE - 120_000 + 1000 * n for n in range(4)]),
    )
    assert [sample.second for sample in _thin(logged)[POWER]] == [-120, -119, -118, -117]


def test_what_no_receiver_takes_is_counted() -> None:
    """Infinite values, impossible times and nameless series are left out by reason."""
    thinner = Thinner(10)
    thinner.add(_tick(1, (POWER, float("inf")), (b"junk", 1.0)))
    thinner.add(_tick(-(1 << 40), (POWER, 1.0)))
    assert thinner.series() == []
    assert thinner.dropped == {
        "value not finite": 1,
        "series without name": 1,
        "time out of range": 1,
    }


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("ovr_load_power_w", Rule.GAUGE),
        ("ovr_load_energy_kwh", Rule.EXACT),
        ("ovr_inverter_state", Rule.EXACT),
        ("ovr_node_batch_samples", Rule.EXACT),
        ("ovr_node_rss_bytes", Rule.GAUGE),
        ("acuvim_freq", Rule.RAW),
    ],
)
def test_the_rule_follows_the_catalogue(name: str, rule: Rule) -> None:
    """Gauge, counter or state is what the catalogue says; all else is raw."""
    assert rule_of(name) is rule
    assert series_name(encode_series(name, {"a": "b"})) == name


def test_a_long_name_is_read() -> None:
    """A name whose length takes two bytes is still read."""
    name = "victron_" + "x" * 200
    assert series_name(encode_series(name, {})) == name


@given(first=st.integers(1, 240), length=st.integers(0, 200), limit=st.integers(1, 400))
@settings(max_examples=12)
def test_a_repeat_gives_the_same_samples(first: int, length: int, limit: int) -> None:
    """Whichever part of the journal is asked for, its samples are those of the whole run."""
    import asyncio
    import tempfile
    from pathlib import Path

    batches = [_tick(s, (POWER, float(s * 7919 % 101)), (RAW, float(s))) for s in range(240)]
    whole = {labels: set(samples) for labels, samples in _thin(*batches).items()}

    async def part() -> None:
        with tempfile.TemporaryDirectory() as folder:
            journal = await Journal.open(Path(folder) / "j.db", cap_bytes=1 << 30, max_age_s=1e9)
            for batch in batches:
                await journal.append(batch)
            last = min(240, first + length)
            load = await collect_minutes(journal, (first, last), limit, 10)
            await journal.close()
        assert first <= load.span[1] <= last
        assert load.batches == load.span[1] - first + 1
        found = {series.labels: set(_samples(series)) for series in load.series}
        touched = {(seq - 1) // 60 for seq in range(first, load.span[1] + 1)}
        for labels, samples in whole.items():
            wanted = {sample for sample in samples if sample.second // 60 in touched}
            assert wanted <= found.get(labels, set())
            assert found.get(labels, set()) <= samples

    asyncio.run(part())


async def test_a_thinned_sink_sends_only_whole_minutes(journal: Journal) -> None:
    """Nothing of a running minute goes out; once it is over all of it does, thinned."""
    receiver = Receiver()
    async with answering(receiver) as server:
        settings = local(server.url, resolution_s=10)
        async with delivering(journal, settings) as sink:
            for second in range(60):
                await journal.append(_tick(second, (POWER, float(second)), (RAW, 1.0)))
            await sink.drain()
            assert receiver.posts == 0
            await journal.append(_tick(60, (POWER, 1.0)))
            await until(lambda: sink.state.head == 60, "the minute goes out")
            await sink.drain()
            assert receiver.taken == {POWER: 7, RAW: 1}
            assert sink.health().sent_samples == 8
            assert sink.state.head == 60
