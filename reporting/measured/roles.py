"""A meter that measured another kind of thing than its rows say: its main power and energy are
those of the other kind (`collector.model.catalogue.MAIN_POWER`, `MAIN_ENERGY`)."""

from collector.model.catalogue import MAIN_ENERGY, MAIN_POWER, split_key
from collector.model.kinds import AssetKind
from collector.model.rollup import Gauge, Rollup, Running

RUNNING_QUANTA = 2000
"""Above 200 W a generator runs (as live: `collector.site.energy.RUNNING_W`)."""
GENERATOR_POWER = "generator_power_w"
COUNTS_EXPORT = ("grid_export_kwh",)


def as_kind(row: Rollup, was: AssetKind, now: AssetKind) -> Rollup:
    """`row` of an asset that was taken for a `was`, read as a `now`. A tank is nothing else."""
    if was is now or AssetKind.TANK in (was, now):
        return row
    power, energy = MAIN_POWER[was], MAIN_ENERGY[was]
    gauges: dict[str, Gauge] = {}
    for key, gauge in row.gauges.items():
        name, phase = split_key(key)
        if name == power:
            name = MAIN_POWER[now]
        gauges[f"{name}.{phase}" if phase else name] = gauge
    counters = {
        MAIN_ENERGY[now] if key == energy else key: counter
        for key, counter in row.counters.items()
        if key not in COUNTS_EXPORT
    }
    return Rollup(
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        gauges=gauges,
        counters=counters,
        states=row.states,
        peak=row.peak,
        running=running_of(gauges.get(GENERATOR_POWER)) if now is AssetKind.GENERATOR else None,
        filled_ms=row.filled_ms,
    )


def running_of(power: Gauge | None) -> Running | None:
    """How long a generator ran, by its power alone: all of its good time where it never fell to
    200 W, none where it never rose above; in between as much of it as the mean is of the way from
    the least to the greatest power (an engine that is either off or at one load)."""
    if power is None or power.greatest <= RUNNING_QUANTA:
        return None
    net = power.pos - power.neg
    if power.least > RUNNING_QUANTA:
        return Running(power.good_ms, power.good_ms, net)
    above = net - power.least * power.good_ms
    ms = above // (power.greatest - power.least)
    return Running(ms, ms, net) if ms > 0 else None
