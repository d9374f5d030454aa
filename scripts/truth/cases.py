"""The cases of the comparison: what is simulated, and what must come of it."""

from collections.abc import Awaitable, Callable, Iterator

from msgspec import structs

from collector.model.event import UseCase
from collector.model.said import Correction, CorrectionKind
from collector.simulator import overlaps as doubled
from collector.simulator import show
from collector.simulator.blocks import GEN24_PLUS, Block, bess_spec, genset_spec, gx
from collector.simulator.by_profile import CONTROLLED, PLAIN
from collector.simulator.faults import Fault, FaultKind
from collector.simulator.layout import Layout
from collector.simulator.meters.point import Point
from collector.simulator.physics.load import LoadSpec
from collector.simulator.virtual.site import VirtualSite
from scripts.truth.compare import DIGIT_KWH, ENERGY_SHARE, PRINTED_KWH, Line, lines
from scripts.truth.ledger import ENERGIES
from scripts.truth.run import Bench, Case, Outcome, Spell

CUT_SHARE = 0.05
CUTS = 4
BACK_S = 60.0
"""After a cut the supervisor may wait so long before it connects again."""
EMPTIED_S = 4 * 3600
"""After so long the battery that arrived full leaves empty."""
BRIMFUL_PCT = 96.0
NO_SAVING_L_PER_KWH = 0.22
"""No diesel set makes a kWh with less: what a battery gave costs that much to put back."""

Act = Callable[[Bench], Awaitable[None]]


def _brimful(layout: Layout) -> None:
    """A battery system that comes full and serves much, with a set that does not start."""
    n = layout.number("bess")
    spec = bess_spec(layout, n, genset=genset_spec(layout, 60.0, n))
    spec = structs.replace(
        spec,
        battery=structs.replace(spec.battery, first_soc_pct=BRIMFUL_PCT),
        load=LoadSpec(base_w=19_000, show_w=2_000, hours=(6, 24)),
        genset=structs.replace(genset_spec(layout, 60.0, n), running=False),
        start_soc_pct=5.0,
    )
    gx(layout, n, spec)


BRIMFUL = Block(2, _brimful)
SYSTEMS = (show.HYBRID, BRIMFUL, show.SHAVER, show.STAND)
"""bess-1, bess-2 (comes full), bess-3 (not seen for 5 % of the time), load-1 (a CT is turned)."""
OVERLAPS = (*doubled.OVERLAPS, GEN24_PLUS, CONTROLLED, PLAIN)


def systems(seconds: int, seed: int) -> Case:
    """Four systems, and all that may happen to them."""
    cut_s = seconds * CUT_SHARE / CUTS
    acts: list[tuple[int, Act]] = [
        (round(seconds * (cut + 0.5) / CUTS), lambda bench: _cut(bench, cut_s))
        for cut in range(CUTS)
    ]
    acts += [
        (seconds // 2, _turn_back),
        (3 * seconds // 4, _again),
        (min(EMPTIED_S, seconds * 4 // 5), lambda bench: bench.leave("bess-2")),
    ]
    return Case(
        blocks=SYSTEMS,
        seconds=seconds,
        seed=seed,
        hour=10.5,
        uses={
            "bess-1": UseCase.HYBRIDIZATION,
            "bess-2": UseCase.HYBRIDIZATION,
            "bess-3": UseCase.PEAK_SHAVING,
        },
        acts=acts,
        prepare=_clamp_wrongly,
    )


def overlaps(seconds: int, seed: int) -> Case:
    """A site on which every flow that can be is measured twice; all its systems take part,
    the meter outside at a feed as one of its own."""
    return Case(blocks=OVERLAPS, seconds=seconds, seed=seed, hour=10.0)


def _point(site: VirtualSite, device: str) -> Point:
    units = (unit for gateway in site.layout.gateways for unit in gateway.units.values())
    return next(unit.points[0] for unit in units if unit.device == device)


def _clamp_wrongly(site: VirtualSite) -> None:
    _point(site, "load-1").turned = (1,)


async def _turn_back(bench: Bench) -> None:
    """The CT is turned, and what it said is corrected."""
    _point(bench.node.plant, "load-1").turned = ()
    draft = Correction(
        id="",
        asset="load-1",
        kind=CorrectionKind.SIGN,
        from_ms=0,
        to_ms=bench.node.now_ms(),
        phase="L2",
        reason="CT of L2 faced backwards",
        made_ms=0,
    )
    await bench.node.said.correct(draft, person="bench")


async def _again(bench: Bench) -> None:
    """It leaves and joins in the same moment."""
    await bench.leave("load-1")
    await bench.join("load-1")


async def _cut(bench: Bench, seconds: float) -> None:
    await bench.node.plant.inject(
        Fault(kind=FaultKind.LINK_DOWN, target="bess-3", for_s=round(seconds))
    )


# -- judging ---------------------------------------------------------------------------------


def judge_systems(outcome: Outcome) -> Iterator[Line]:
    """All figures of `systems` of which the truth is known."""
    for spell in outcome.of("bess-1"):
        yield from lines("bess-1", outcome.system(spell), spell.facts)
    yield from _judge_turned(outcome)
    yield from _judge_cut(outcome, outcome.of("bess-3")[0])
    yield from _judge_emptied(outcome, outcome.of("bess-2")[0])


def _judge_turned(outcome: Outcome) -> Iterator[Line]:
    """Both spells of the meter, and what they share."""
    spells = outcome.of("load-1")
    reports = [outcome.system(spell) for spell in spells]
    for number, (spell, report) in enumerate(zip(spells, reports, strict=True), 1):
        yield from lines(f"load-1/{number}", report, spell.facts)
    told = [report.energy.load_kwh for report in reports]
    true = sum(spell.facts.energy["load_kwh"] for spell in spells)
    said = sum(kwh for kwh in told if kwh is not None) if None not in told else None
    slack = ENERGY_SHARE * true + DIGIT_KWH
    yield Line(system="load-1", figure="both together", said=said, true=true, slack=slack)
    closing, opening = reports[0].evidence[-1], reports[1].evidence[0]
    yield Line(
        system="load-1",
        figure="register between",
        said=opening.own_opening_kwh,
        true=closing.own_closing_kwh or 0.0,
        slack=0.0,
    )


def _judge_cut(outcome: Outcome, spell: Spell) -> Iterator[Line]:
    """The report tells how much was not seen, and the truth lies within what it states."""
    report = outcome.system(spell)
    again_s = CUTS * BACK_S / (report.quality.duration_ms / 1000)
    yield Line(
        system="bess-3",
        figure="coverage_pct",
        said=report.quality.coverage_pct,
        true=100 * (1 - CUT_SHARE),
        slack=1.0 + 100 * again_s,
    )
    for name in ENERGIES:
        true, said = spell.facts.energy[name], getattr(report.energy, name)
        if said is None and not true:
            continue
        stated = report.energy.uncertainty.get(name)
        slack = -1.0 if stated is None else stated + PRINTED_KWH
        yield Line(
            system="bess-3", figure=f"{name} ± {slack:.1f}", said=said, true=true, slack=slack
        )


def _judge_emptied(outcome: Outcome, spell: Spell) -> Iterator[Line]:
    """What the battery brought along is told, and costs the litres that put it back."""
    report, facts = outcome.system(spell), spell.facts
    yield from lines("bess-2", report, facts)
    given = facts.stored_start_kwh - facts.stored_end_kwh
    saving = report.saving
    yield Line(
        system="bess-2", figure="stored_kwh", said=saving.stored_kwh, true=given, slack=0.05 * given
    )
    if saving.saved_l is not None:
        would = (saving.without_us.fuel_l if saving.without_us else None) or 0.0
        ran = (saving.with_us.fuel_l if saving.with_us else None) or 0.0
        most = would - ran - NO_SAVING_L_PER_KWH * given
        yield Line(
            system="bess-2",
            figure="saved_l, at most",
            said=max(saving.saved_l, most),
            true=most,
            slack=0.01,
        )


def judge_overlaps(outcome: Outcome) -> Iterator[Line]:
    """The totals of the event: each flow once, loads that only a balance tells of among them."""
    report = outcome.whole()
    for name in ENERGIES:
        true, said = outcome.totals[name], getattr(report.energy, name)
        if said is None and not true:
            continue
        slack = ENERGY_SHARE * abs(true) + 6 * DIGIT_KWH
        yield Line(system="event", figure=name, said=said, true=true, slack=slack)
