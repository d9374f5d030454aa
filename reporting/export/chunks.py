"""The rows of an export: from a part's profile, and from packed rollups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from collector.model.catalogue import KEYS, split_key
from collector.model.report_input import AssetRows
from collector.model.rollup import Rollup
from collector.model.rollup_keys import in_unit
from collector.model.rollup_record import TravelledRow, read_record
from reporting.event.parts import Part
from reporting.event.places import Key, Plan, Stretch
from reporting.event.plan import ownership
from reporting.event.spread import KWH, POWER_OF, length_ms
from reporting.export.fields import ASSETS, MINUTES, Chunk, Field
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile import ProfileTable

MOST_ROWS = 100_000
"""A chunk of assets is never longer."""


def minutes(part: Part, table: ProfileTable) -> Chunk:
    """The system as a whole; `table` was read with its rest."""
    count = len(table.starts_ms)
    found: dict[str, Sequence[object]] = dict(_who(part, count))
    found["time_utc"] = list(table.starts_ms)
    found["time_local"] = list(table.rest.get("time_local", [None] * count))
    found["window_s"] = [one / 1000 for one in table.window_ms]
    for field in MINUTES.fields:
        if field.name not in found:
            cells = table.rest.get(field.name)
            found[field.name] = (
                [None] * count if cells is None else [float(one) if one else None for one in cells]
            )
    return found


def flows(index: int, part: Part, table: ProfileTable, plan: Plan) -> Iterator[Chunk]:
    """Each flow of record."""
    for (asset, power), flow in sorted(table.flows.items()):
        yield _flow(part, asset, power, flow, table, _counts(plan, index, asset, power))


def _counts(plan: Plan, index: int, asset: str, power: str) -> tuple[Stretch, ...]:
    """When a flow counts; of grid and battery the first of its energies says so."""
    for energy, (name, _) in POWER_OF.items():
        place = plan.places[index].get(Key(index, asset, energy)) if name == power else None
        if place is not None and place.counts:
            return place.counts
    return ()


def _flow(
    part: Part,
    asset: str,
    power: str,
    flow: Minutes,
    table: ProfileTable,
    counts: Sequence[Stretch],
) -> Chunk:
    count = len(table.starts_ms)
    good = flow.good_ms
    return {
        **_who(part, count),
        "asset": [asset] * count,
        "measurement": [power] * count,
        "time_utc": list(table.starts_ms),
        "window_s": [one / 1000 for one in table.window_ms],
        "good_s": [one / 1000 for one in good],
        "counts_s": [
            length_ms(counts, start, start + MINUTE_MS) / 1000 for start in table.starts_ms
        ],
        "mean_w": [
            (plus - minus) / ms / 10 if ms else None
            for plus, minus, ms in zip(flow.pos, flow.neg, good, strict=True)
        ],
        "min_w": [one / 10 if ms else None for one, ms in zip(flow.least, good, strict=True)],
        "max_w": [one / 10 if ms else None for one, ms in zip(flow.greatest, good, strict=True)],
        "plus_kwh": [one / KWH if ms else None for one, ms in zip(flow.pos, good, strict=True)],
        "minus_kwh": [one / KWH if ms else None for one, ms in zip(flow.neg, good, strict=True)],
    }


def assets(part: Part, files: Iterable[AssetRows]) -> Iterator[Chunk]:
    """Every measurement of the part's own assets while they were its system's. Raises BadRollup
    for rows that cannot be read."""
    for one in files:
        owned = ownership(part.inputs, one.record.asset)
        rows: list[tuple[object, ...]] = []
        for row in read_record(one.record, one.content):
            whole = row.rollup
            if any(own.from_ms <= whole.from_ms and whole.to_ms <= own.to_ms for own in owned):
                rows += _measurements(part, one.record.asset, row)
            if len(rows) >= MOST_ROWS:
                yield _columns(ASSETS.fields, rows)
                rows = []
        if rows:
            yield _columns(ASSETS.fields, rows)


def _measurements(part: Part, asset: str, row: TravelledRow) -> Iterator[tuple[object, ...]]:
    whole: Rollup = row.rollup
    span = (whole.to_ms - whole.from_ms) / 1000
    ref = part.ref
    front = (
        ref.node, ref.system, ref.report, asset, row.kind.value, whole.from_ms, span,
    )  # fmt: skip
    for key, gauge in sorted(whole.gauges.items()):
        name, phase = split_key(key)
        yield (
            *front, name, phase, KEYS[key].unit, gauge.good_ms / 1000, in_unit(key, gauge.mean),
            in_unit(key, gauge.least), in_unit(key, gauge.greatest), in_unit(key, gauge.first),
            in_unit(key, gauge.last), None, None,
        )  # fmt: skip
    for key, counter in sorted(whole.counters.items()):
        first, last = in_unit(key, counter.first), in_unit(key, counter.last)
        yield (
            *front, key, "", KEYS[key].unit, None, None, None, None, first, last, None, None,
        )  # fmt: skip
    for key, spells in sorted(whole.states.items()):
        for state, spell in sorted(spells.items()):
            yield (
                *front, key, "", "", spell.ms / 1000, None, None, None, None, None, state,
                spell.entries,
            )  # fmt: skip


def _columns(fields: Sequence[Field], rows: Sequence[tuple[object, ...]]) -> Chunk:
    return {
        field.name: list(values)
        for field, values in zip(fields, zip(*rows, strict=True), strict=True)
    }


def _who(part: Part, count: int) -> Mapping[str, Sequence[object]]:
    ref = part.ref
    return {
        "node": [ref.node] * count,
        "system": [ref.system] * count,
        "report": [ref.report] * count,
    }
