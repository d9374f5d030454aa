"""Energy that came while nobody looked is energy, and of no minute: no demand, peak or mean has it;
the same when the minutes are made again from the journal."""

import pytest

from collector.model.rollup import Rollup, in_gaps, merge
from tests.rollups.living import Living

KEY, POWER = "load_energy_kwh", "load_power_w"
QUANTA = 10_000
"""Of a counter in kWh: 0.1 Wh."""
SILENCE_S = 300
GAP_KWH = 5.0


async def parts_of(living: Living) -> list[Rollup]:
    """All parts of the meter, the oldest first."""
    rows = [row for row in await living.rows() if row.subject.asset == "d1"]
    return [row.rollup() for row in sorted(rows, key=lambda row: row.from_ms)]


async def test_gap_energy_is_between_the_minutes(tmp_path):
    """A meter is silent for five minutes in which 5 kWh flow, sixty times its usual power: the
    whole has them, no minute does, and the greatest power is one that was seen."""
    async with Living(tmp_path) as living:
        for _ in range(130):
            await living.tick()
        before = living.registers["d1"]
        for _ in range(SILENCE_S):
            await living.tick(silent=frozenset({"d1"}))
        living.registers["d1"] += GAP_KWH
        for _ in range(130):
            await living.tick()
        state = living.clocked.site.counters["d1", KEY]
        assert state.gap == pytest.approx(GAP_KWH, abs=0.02)
        await living.stop()
        await living.begin()
        await living.stored(living.at_ms // 60_000 * 60_000)
        parts = await parts_of(living)
        whole = merge(parts)
        assert in_gaps(parts, KEY) / QUANTA == pytest.approx(GAP_KWH, abs=0.2)
        counted = (whole.counters[KEY].last - whole.counters[KEY].first) / QUANTA
        assert counted == pytest.approx(living.registers["d1"] - 100.0, abs=0.1)
        assert before < living.registers["d1"] - GAP_KWH + 0.1
        for part in parts:
            counter = part.counters.get(KEY)
            assert counter is None or counter.last - counter.first < QUANTA
        assert whole.good_ms(POWER) <= 265_000
        assert max(part.gauges[POWER].greatest for part in parts if POWER in part.gauges) < 5_000
