"""Sizing for next time: what other sets would have done under the load that was measured.

Rules (reports.md §5.4.9): rated ≥ 1.25 × the P99.5 of the minute means; 60–80 % load; energy by
simulating the measured profile. A set *serves* when nothing of the load stays unserved with every
minute at 1.25 times itself, capped at 1.25 × P99.5 (so that one short spike does not size the whole
set, but is served as it was).

*Smallest* is the least kW of generator + kVA of inverter + half the kWh of battery: the field's
units hold two hours of their inverter (60 kW with 120 kWh).
"""

from collections.abc import Sequence
from itertools import compress, product
from operator import itemgetter, mul
from typing import NamedTuple

from msgspec import structs

from collector.model.assets import generator_kw
from collector.model.kinds import AssetKind
from collector.model.report.load import Load
from collector.model.report.quality import Note
from collector.model.report.sizing import Candidate, Sizing
from collector.model.rounding import half_up
from reporting.measured.model import Measured
from reporting.rounding import HOURS, LITRES, kw, kwh, percent
from reporting.worth.dispatch import Ran, Set, Step, run
from reporting.worth.facts import HOUR_MS, LOAD, PV, means_kw

MARGIN = 1.25
PERMILLE = 995
KW_PER_KVA = 0.8
"""What an inverter carries in kW for each kVA: data sheets of the field's inverters give 0.8 at
25 °C (Victron Quattro 15 kVA: 12 kW)."""
MOST_STEPS = 1500
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60)
LEAST_KWH = 0.0005

BATTERY_KWH = (10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 720, 1000, 1500, 2000, 3000, 4000)
INVERTER_KVA = (5, 10, 15, 30, 45, 60, 90, 120, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000)
GENERATOR_KW = (
    10,
    20,
    30,
    45,
    60,
    80,
    100,
    125,
    160,
    200,
    250,
    320,
    400,
    500,
    640,
    800,
    1000,
    1600,
)
"""Sizes that are rented out; simulated are those near the load."""

RULE = (
    "Each set was run against the measured load less PV, in steps of {step} min with their highest "
    "minute. Battery from 10 to 95 %, charged with 0.5 C at most, 5 % lost each way; inverter "
    "0.8 kW per kVA. The generator starts at 25 %, or when the inverter cannot carry the load, "
    "charges up to 75 % of its rating and stops at 90 %. Serving with margin: nothing unserved "
    "with each minute at 1.25 times, at most 1.25 × P99.5. Smallest: least generator kW + inverter "
    "kVA + half the battery kWh. Fuel by the usual curve of each size, the battery filled up again "
    "at the end."
)


class _Minutes(NamedTuple):
    """Of each minute in which the load was seen: for how long, the load, and it less PV (kW)."""

    hours: Sequence[float]
    load: Sequence[float]
    net: Sequence[float]


class _Plated(NamedTuple):
    """A set by what is written on its plates."""

    battery_kwh: float
    inverter_kva: float
    generator_kw: float

    @property
    def size(self) -> float:
        return self.generator_kw + self.inverter_kva + self.battery_kwh / 2

    def set(self) -> Set:
        return Set(self.battery_kwh, self.inverter_kva * KW_PER_KVA, self.generator_kw)


class _Simulated(NamedTuple):
    """The sets that serve, and what stood there."""

    serving: Sequence[tuple[_Plated, Candidate]]
    actual: Candidate | None


def sizing_figures(measured: Measured, load: Load) -> Sizing:
    """What to bring next time; without any figure, and a note, when no load was seen."""
    minutes = _minutes(measured)
    p995 = _p995(minutes)
    if p995 <= 0:
        text = "No load was seen: nothing can be said of what would have served it."
        none = (_note("no-sizing", text),)
        return Sizing(margin=MARGIN, design_kw=None, rule="", notes=none)
    peak = max(minutes.load)
    step = _step_min(len(minutes.load))
    plain = _steps(minutes, step, 1.0, 0.0)
    more = _steps(minutes, step, MARGIN, MARGIN * p995)
    seen_h = sum(minutes.hours)
    average = sum(map(mul, minutes.load, minutes.hours)) / seen_h
    tried = _grid(MARGIN * p995, average)
    simulated = _simulated(tried, _stood(measured), plain, more)
    serving = sorted(simulated.serving, key=lambda pair: (pair[0].size, pair[1].fuel_l, pair[0]))
    factor = _phase_factor(load)
    sizing = Sizing(
        margin=MARGIN,
        design_kw=kw(MARGIN * p995),
        rule=RULE.format(step=step),
        peak_kw=kw(peak),
        seen_h=half_up(seen_h, HOURS),
        step_min=step,
        phase_factor=None if factor is None else half_up(factor, 2),
        tried=len(tried),
        candidates=tuple(_best(serving)),
        smallest=next((one for plate, one in serving if plate.battery_kwh), None),
        alone=next((one for plate, one in serving if not plate.battery_kwh), None),
        actual=simulated.actual,
    )
    return structs.replace(sizing, notes=tuple(_notes(measured, sizing)))


def _minutes(measured: Measured) -> _Minutes:
    """The minutes in which the load was seen; PV that was not seen then counts as none."""
    flow = measured.flows.get(LOAD)
    if flow is None:
        return _Minutes((), (), ())
    load = [max(0.0, kw_then) for kw_then in means_kw(flow) if kw_then is not None]
    net = load
    if PV in measured.flows:
        sun = compress(means_kw(measured.flows[PV]), flow.good_ms)
        net = [own - max(0.0, given or 0.0) for own, given in zip(load, sun, strict=True)]
    return _Minutes([good / HOUR_MS for good in flow.good_ms if good], load, net)


def _p995(minutes: _Minutes) -> float:
    """The load that 99.5 % of the seen time does not exceed, by minute means."""
    total = sum(minutes.hours)
    passed = 0.0
    for load, hours in sorted(zip(minutes.load, minutes.hours, strict=True), key=itemgetter(0)):
        passed += hours
        if passed * 1000 >= total * PERMILLE:
            return load
    return 0.0


def _step_min(count: int) -> int:
    return next((step for step in STEPS_MIN if count <= MOST_STEPS * step), STEPS_MIN[-1])


def _steps(minutes: _Minutes, step: int, margin: float, cap_kw: float) -> list[Step]:
    """The net load in steps; each minute's load times a margin, up to a cap."""
    raised = [
        max(load, min(load * margin, cap_kw)) - (load - net)
        for load, net in zip(minutes.load, minutes.net, strict=True)
    ]
    energies = list(map(mul, minutes.hours, raised))
    found = []
    for at in range(0, len(raised), step):
        hours = sum(minutes.hours[at : at + step])
        mean = sum(energies[at : at + step]) / hours
        found.append(Step(hours, mean, max(raised[at : at + step])))
    return found


def _grid(design_kw: float, average_kw: float) -> list[_Plated]:
    """The sets to try: generators up to the one that serves alone, inverters up to the one that
    carries everything, batteries from a quarter of an hour to a day of the average load."""
    generators = _near(GENERATOR_KW, 0.1 * design_kw, design_kw)
    inverters = _near(INVERTER_KVA, 0.2 * design_kw / KW_PER_KVA, design_kw / KW_PER_KVA)
    batteries = _near(BATTERY_KWH, 0.25 * average_kw, 24 * average_kw)
    alone = [_Plated(0, 0, generator) for generator in generators]
    return alone + [
        _Plated(battery, inverter, generator)
        for battery, inverter, generator in product(batteries, inverters, [0.0, *generators])
        if battery >= inverter * KW_PER_KVA / 2
    ]


def _near(sizes: Sequence[float], least: float, most: float) -> list[float]:
    """The standard sizes from `least` on up to the first that is not below `most`; beyond the
    largest, several of it: 2, 3, 4, 6, 9 … times."""
    known_sizes = [float(size) for size in sizes]
    count = 1
    while known_sizes[-1] < most:
        count += max(1, count // 2)
        known_sizes.append(sizes[-1] * float(count))
    at = next(n for n, size in enumerate(known_sizes) if size >= most)
    return [size for size in known_sizes[: at + 1] if size >= least or size == known_sizes[at]]


def _simulated(
    tried: Sequence[_Plated], stood: _Plated | None, plain: Sequence[Step], more: Sequence[Step]
) -> _Simulated:
    """The sets of `tried` that serve, and what stood there."""
    plates = [*tried, *([] if stood is None else [stood])]
    ran, with_margin = run([plate.set() for plate in plates], plain, more)
    made = list(map(_candidate, plates, ran, with_margin))
    actual = None if stood is None else made.pop()
    return _Simulated([pair for pair in zip(tried, made, strict=True) if pair[1].serves], actual)


def _candidate(plate: _Plated, ran: Ran, with_margin: Ran) -> Candidate:
    load = None
    if plate.generator_kw and ran.hours > 0:
        load = 100 * ran.kwh / ran.hours / plate.generator_kw
    return Candidate(
        battery_kwh=plate.battery_kwh,
        inverter_kva=plate.inverter_kva,
        generator_kw=plate.generator_kw,
        generator_h=half_up(ran.hours, HOURS),
        starts=ran.starts,
        fuel_l=half_up(ran.litres, LITRES),
        unserved_kwh=kwh(ran.unserved_kwh) or 0.0,
        soc_min_pct=percent(ran.soc_min_pct),
        average_load_pct=percent(load),
        serves=ran.unserved_kwh < LEAST_KWH and with_margin.unserved_kwh < LEAST_KWH,
    )


def _best(serving: Sequence[tuple[_Plated, Candidate]]) -> list[Candidate]:
    """Of each size of generator the set without a battery, the smallest with one, and the one of
    least fuel."""
    found: dict[tuple[float, int], Candidate] = {}
    for plate, one in serving:
        found.setdefault((plate.generator_kw, 1 if plate.battery_kwh else 0), one)
        thrifty = found.setdefault((plate.generator_kw, 2), one)
        if one.fuel_l < thrifty.fuel_l:
            found[plate.generator_kw, 2] = one
    return list(dict.fromkeys(found[key] for key in sorted(found)))


def _stood(measured: Measured) -> _Plated | None:
    """What stood there by its plates; of an asset whose unit was swapped the larger. None when a
    battery, an inverter or a generator has no rating."""
    batteries: dict[str, tuple[float, float]] = {}
    generators: dict[str, float] = {}
    for track in measured.tracks:
        plate = track.asset.ratings
        if track.kind is AssetKind.BESS:
            if not plate.battery_kwh or not plate.inverter_kva:
                return None
            old = batteries.get(track.asset.id, (0.0, 0.0))
            batteries[track.asset.id] = max(old, (plate.battery_kwh, plate.inverter_kva))
        elif track.kind is AssetKind.GENERATOR and not _same(measured, track.asset.id):
            rated = generator_kw(plate.rated_kw, plate.rated_kva) or 0.0
            if not rated:
                return None
            generators[track.asset.id] = max(generators.get(track.asset.id, 0.0), rated)
    if not batteries and not generators:
        return None
    return _Plated(
        sum(kwh for kwh, _ in batteries.values()),
        sum(kva for _, kva in batteries.values()),
        sum(generators.values()),
    )


def _same(measured: Measured, asset: str) -> bool:
    """Whether an asset is but a check of another."""
    return any(flow.asset == asset and flow.same_as for flow in measured.energy.flows)


def _phase_factor(load: Load) -> float | None:
    """The mean power of the heaviest phase against a third of all three."""
    if load.phases is None:
        return None
    means = [one for one in load.phases.mean_kw if one is not None]
    if len(means) < 3 or sum(means) <= 0:
        return None
    return 3 * max(means) / sum(means)


def _notes(measured: Measured, sizing: Sizing) -> list[Note]:
    notes = []
    if not measured.quality.enough:
        text = "Much of the load was not seen: what is said of sizes is of the rest."
        notes.append(_note("sizing-coverage", text))
    if sizing.phase_factor is not None and sizing.phase_factor > 1.1:
        text = (
            f"The heaviest phase carried {sizing.phase_factor:.2f} times a third of the load. "
            "Inverters and generators give a third on each phase: they must be larger by as much, "
            "or the load be balanced."
        )
        notes.append(_note("phase-unbalance", text))
    if sizing.smallest is None:
        text = "No set with a battery that was tried serves the load with margin."
        notes.append(_note("none-serves", text))
    return notes


def _note(code: str, text: str) -> Note:
    return Note(code=code, level="info", about="sizing", text=text)
