"""A report as a festival stage would have it, made by hand: all areas, one gap, one correction."""

import math

from collector.model.event import Change, UseCase
from collector.model.report.battery import Battery
from collector.model.report.billing import BandLine, Billing, BillingRow, RowKind
from collector.model.report.days import Day
from collector.model.report.energy import Energy, FlowEnergy, Remainder
from collector.model.report.evidence import Effect, Evidence
from collector.model.report.generator import Generator, LoadBand
from collector.model.report.load import Load, Peak, PhaseBalance, Sources, SourceShare
from collector.model.report.power_quality import Band, PowerQuality
from collector.model.report.quality import Coverage, Gap, Note, Quality
from collector.model.report.saving import Emission, Saving, Side
from collector.model.report.series import HeatMap, Phases, Profile, Series, VoltageBand
from collector.model.report.sizing import Candidate, Sizing
from collector.model.report.system import Head, Member, SystemReport
from collector.model.report_input import Stage
from collector.model.said import (
    Action,
    Alert,
    Clamp,
    Correction,
    CorrectionKind,
    LogEntry,
    LogKind,
)
from collector.model.terms import Terms

START = 1_788_538_320_000
"""Friday, 4 September 2026, 09:12 in Los Angeles."""
HOUR = 3_600_000
STEP = 900_000
COUNT = 4 * 72 + 20
END = START + COUNT * STEP
GAP = range(150, 156)


def _load(index: int) -> float:
    hour = (index / 4 + 9.2) % 24
    show = math.exp(-(((hour - 21) / 3.2) ** 2)) + 0.35 * math.exp(-(((hour - 14) / 4) ** 2))
    return 11 + 62 * show + 4 * math.sin(index * 1.7) + 2.5 * math.sin(index * 0.37)


def profile() -> Profile:
    """Four days of a stage: generator in the evening, PV by day, the battery for the rest."""
    load: list[float] = []
    pv: list[float] = []
    gen: list[float] = []
    out: list[float] = []
    charge: list[float] = []
    soc: list[float] = []
    state = 82.0
    for index in range(COUNT):
        hour = (index / 4 + 9.2) % 24
        need = _load(index)
        sun = max(0.0, 14 * math.sin(math.pi * (hour - 6.5) / 12.5)) if 6.5 < hour < 19 else 0.0
        runs = state < 35 or (gen and gen[-1] > 0 and state < 85)
        make = 60.0 if runs else 0.0
        rest = need - sun - make
        state = min(100.0, max(8.0, state - rest / 4 / 1.5))
        load.append(need)
        pv.append(min(sun, need))
        gen.append(min(make, need - pv[-1]))
        out.append(max(0.0, need - pv[-1] - gen[-1]))
        charge.append(max(0.0, -rest))
        soc.append(state)
    rows = [
        tuple(None if at in GAP else round(v, 3) for at, v in enumerate(values))
        for values in (load, pv, gen, out, charge, soc)
    ]
    low = tuple(None if v is None else round(v * 0.93, 3) for v in rows[0])
    high = tuple(None if v is None else round(v * 1.11, 3) for v in rows[0])
    return Profile(
        from_ms=START,
        step_ms=STEP,
        load_kw=rows[0],
        load_min_kw=low,
        load_max_kw=high,
        pv_kw=rows[1],
        generator_kw=rows[2],
        battery_kw=rows[3],
        charge_kw=rows[4],
        soc_pct=rows[5],
    )


def series() -> Series:
    """All chart series of that profile."""
    drawn = profile()
    known = sorted((v for v in drawn.load_kw if v is not None), reverse=True)
    duration = tuple(known[min(len(known) - 1, at * len(known) // 100)] for at in range(101))
    days = ("2026-09-04", "2026-09-05", "2026-09-06", "2026-09-07")
    heat = tuple(
        tuple(
            None
            if (day == 0 and hour < 9) or (day == 1 and hour in (22, 23))
            else round(_load(int((day * 24 + hour - 9.2) * 4)), 1)
            for hour in range(24)
        )
        for day in range(4)
    )
    amps = [
        tuple(None if v is None else round(v * f * 1.45, 1) for v in drawn.load_kw)
        for f in (1.1, 0.98, 0.9, 0.22)
    ]
    volts = [
        tuple(None if v is None else round(231.5 - v * 0.06 + d, 2) for v in drawn.load_kw)
        for d in (-2.4, 0.0, 2.2)
    ]
    return Series(
        profile=drawn,
        duration_kw=duration,
        heat=HeatMap(days=days, hours=heat),
        phases=Phases(l1=amps[0], l2=amps[1], l3=amps[2], neutral=amps[3]),
        voltage=VoltageBand(
            least=volts[0], mean=volts[1], greatest=volts[2], lower=207.0, upper=253.0
        ),
    )


def head(stage: Stage = "final", **other: object) -> Head:
    """Whose report it is; `other` fields take the place of these."""
    fields: dict[str, object] = {
        "kind": "system", "report": "0199-aa", "revision": 2, "stage": stage,
        "node": "ovr-node-07", "site": "Main field, Indio", "system": "bess-1",
        "system_name": "BESS 1 Main stage", "use_case": UseCase.HYBRIDIZATION, "event": "0199-ev",
        "event_name": "Desert Weekend 1", "job": "J-2026-118", "client": "Goldfield Productions",
        "timezone": "America/Los_Angeles", "locale": "en-US", "company": "Overdrive Energy",
        "client_notes": "Stage A ran on the battery alone from midnight on, as agreed.",
        "internal_notes": "Send two more cable ramps next year.",
        "from_ms": START, "to_ms": END, "upto_ms": END,
    }  # fmt: skip
    return Head(**{**fields, **other})  # type: ignore[arg-type]


def generator(name: str, unit: str, begin: int, end: int, scale: float) -> Generator:
    """One set with plausible figures."""
    return Generator(
        asset="genset-1", name=name, unit=unit, from_ms=begin, to_ms=end, rated_kw=100.0,
        hours=round(14.25 * scale, 4), log_hours=round(14.3 * scale, 4), starts=5,
        kwh=round(801.204 * scale, 3), average_load_pct=56.22,
        bands=(
            LoadBand(from_pct=0.0, to_pct=25.0, hours=round(0.6 * scale, 4)),
            LoadBand(from_pct=25.0, to_pct=60.0, hours=round(7.2 * scale, 4)),
            LoadBand(from_pct=60.0, to_pct=80.0, hours=round(5.5 * scale, 4)),
            LoadBand(from_pct=80.0, to_pct=None, hours=round(0.95 * scale, 4)),
        ),
        peak_kw=88.412, peak_ms=START + 12 * HOUR, peak_pct=88.41,
        fuel_l=round(241.5 * scale, 2), fuel_method="log", fuel_log_l=round(241.5 * scale, 2),
        fuel_metered_l=None, fuel_curve_l=round(236.87 * scale, 2), cross_check_pct=1.95,
        delivered_l=round(300.0 * scale, 2), kwh_per_l=3.32, l_per_h=16.95, idle_l=3.11,
    )  # fmt: skip


CORRECTION = Correction(
    id="c1", asset="stage-a", kind=CorrectionKind.SIGN, from_ms=START, to_ms=START + 5 * HOUR,
    phase="L2", reason="CT on L2 was reversed, found at commissioning", person="kim",
    made_ms=START + 6 * HOUR,
)  # fmt: skip


def billing() -> Billing:
    """Two accounts on one meter, and its rest."""
    bands = (
        BandLine(band="day", kwh=1200.5, price=0.42, amount=504.21),
        BandLine(band="night", kwh=641.812, price=0.31, amount=198.96),
    )

    def row(
        account: str, name: str, share: float, kwh: float, amount: float, kind: RowKind
    ) -> BillingRow:
        return BillingRow(
            account=account, account_name=name, asset="stage-a", name="Stage A transformer",
            unit="OD-4411", from_ms=START, to_ms=END, share_pct=share, opening_kwh=None,
            closing_kwh=None, correction_kwh=None, kwh=kwh, peak_kw=None, bands=(),
            demand_amount=None, standing_amount=None, amount=amount, parent="stage-a", kind=kind,
        )  # fmt: skip

    whole = BillingRow(
        account="prod", account_name="Goldfield Productions", asset="stage-a",
        name="Stage A transformer", unit="OD-4411", from_ms=START, to_ms=END, share_pct=None,
        opening_kwh=10412.337, closing_kwh=12254.649, correction_kwh=0.0, kwh=1842.312,
        peak_kw=82.9, bands=bands, demand_amount=None, standing_amount=60.0, amount=763.17,
        divided=True,
    )  # fmt: skip
    rows = (
        whole,
        row("food", "Food court", 40.0, 736.925, 305.27, "share"),
        row("", "", 60.0, 1105.387, 457.9, "rest"),
    )
    return Billing(currency="USD", rows=rows, kwh=1842.312, amount=763.17)


def quality() -> Quality:
    """One gap of an hour and a half."""
    gap = Gap(asset="stage-a", flow="load_power_w", from_ms=START + 150 * STEP,
              to_ms=START + 156 * STEP, gap_kwh=61.204)  # fmt: skip
    short = Gap(asset="genset-1", flow="generator_power_w", from_ms=START + HOUR,
                to_ms=START + HOUR + 93_000)  # fmt: skip
    return Quality(
        duration_ms=END - START,
        coverage_pct=97.92,
        enough=True,
        min_coverage_pct=80.0,
        flows=(
            Coverage(asset="stage-a", flow="load_power_w", good_ms=END - START - 5_400_000,
                     coverage_pct=97.92, gaps=1, longest_gap_ms=5_400_000),
            Coverage(asset="genset-1", flow="generator_power_w", good_ms=END - START - 93_000,
                     coverage_pct=99.97, gaps=1, longest_gap_ms=93_000),
        ),
        gaps=(gap, short),
    )  # fmt: skip


def evidence() -> tuple[Evidence, ...]:
    """A commissioned meter and one that nobody looked at."""
    clamps = tuple(Clamp(phase=f"L{n}", clamp_a=40.0 + n, meter_a=40.3 + n) for n in (1, 2, 3))
    return (
        Evidence(
            asset="stage-a", name="Stage A transformer", flow="load_energy_kwh", unit="OD-4411",
            make="AccuEnergy", model="Acuvim II", serial="AH21040007", accuracy_class="0.5S",
            wiring="3LN, CT 400:5", certified=False, from_ms=START, to_ms=END,
            raw_opening=1041233.7, raw_closing=1225464.9, own_opening_kwh=212.5,
            own_closing_kwh=2054.812, register_kwh=1842.312, integral_kwh=1838.9,
            deviation_pct=-0.19, method="register", flagged=False, kwh=1842.312,
            uncertainty_kwh=9.212, verified_ms=START - HOUR, verified_by="kim", clamps=clamps,
        ),
        Evidence(
            asset="genset-1", name="Generator 1", flow="generator_energy_kwh", unit="G-100-7",
            make="Deep Sea", model="DSE 7420", serial="", accuracy_class="", wiring="",
            certified=False, from_ms=START, to_ms=END, raw_opening=None, raw_closing=None,
            own_opening_kwh=0.0, own_closing_kwh=1201.806, register_kwh=None,
            integral_kwh=1201.806, deviation_pct=None, method="integral", flagged=False,
            kwh=1201.806, uncertainty_kwh=24.036,
        ),
    )  # fmt: skip


def saving() -> Saving:
    """A generator alone against what ran."""
    return Saving(
        use_case=UseCase.HYBRIDIZATION,
        valid=True,
        baseline="1 × 125 kW running 24 h of the event, by its own fuel curve",
        with_us=Side(generator_h=21.375, fuel_l=362.25, cost=543.38),
        without_us=Side(generator_h=77.0, fuel_l=774.4, cost=1161.6),
        stored_kwh=31.2,
        stored_l=9.4,
        saved_l=402.75,
        saved_h=55.63,
        saved_money=604.13,
        saved=Emission(scope1_kg=1089.84, well_to_tank_kg=252.38, biogenic_kg=None),
        used=Emission(scope1_kg=980.25, well_to_tank_kg=227.0, biogenic_kg=None),
        currency="USD",
        factor_source="EPA GHG Emission Factors Hub",
        factor_year=2025,
        method="Fuel of the baseline by its curve for each measured minute, less what was burnt.",
    )


def days() -> tuple[Day, ...]:
    """Four days."""
    return tuple(
        Day(
            day=f"2026-09-0{4 + at}", from_ms=max(START, START + at * 24 * HOUR - 33_120_000),
            to_ms=START + (at + 1) * 24 * HOUR - 33_120_000, coverage_pct=100.0 - at,
            load_kwh=480.25 + at * 11, grid_kwh=None, generator_kwh=302.4, pv_kwh=88.1,
            battery_kwh=140.2, peak_kw=79.1 + at, peak_ms=START + 12 * HOUR + at * 24 * HOUR,
            generator_h=5.4, fuel_l=91.2, soc_min_pct=31.4,
        )
        for at in range(4)
    )  # fmt: skip


def report(stage: Stage = "final", **other: object) -> SystemReport:
    """The whole report; `other` are fields of its head."""
    limits = {"nominal": 230.0, "lower": 207.0, "upper": 253.0}
    bands = tuple(
        Band(key=f"voltage_v.L{n}", least=221.3, p1=223.1, p5=225.0, p50=229.6, p95=231.9,
             p99=232.5, greatest=234.1, outside_min=0.0, **limits)
        for n in (1, 2, 3)
    )  # fmt: skip
    hertz = Band(key="frequency_hz", nominal=60.0, lower=57.0, upper=63.0, least=59.1, p1=59.8,
                 p5=59.9, p50=60.0, p95=60.1, p99=60.2, greatest=60.9, outside_min=0.0)  # fmt: skip
    return SystemReport(
        head=head(stage, **other),
        members=(
            Member(asset="bess-1", name="BESS 1", kind="bess", unit="OD-BESS-12",
                   model="EasySolar 48/15000", serial="b827eb000001", from_ms=START, to_ms=END),
            Member(asset="stage-a", name="Stage A transformer", kind="load", unit="OD-4411",
                   model="Acuvim II", serial="AH21040007", from_ms=START, to_ms=END),
            Member(asset="genset-1", name="Generator 1", kind="generator", unit="G-100-7",
                   model="DSE 7420", serial="", from_ms=START, to_ms=START + 30 * HOUR),
            Member(asset="genset-1", name="Generator 1", kind="generator", unit="G-100-9",
                   model="DSE 7420", serial="", from_ms=START + 30 * HOUR, to_ms=END),
        ),
        quality=quality(),
        energy=Energy(
            load_kwh=1842.312, grid_import_kwh=None, grid_export_kwh=None, generator_kwh=1201.806,
            pv_kwh=310.44, charged_kwh=402.118, discharged_kwh=730.9,
            uncertainty={"load_kwh": 9.212, "generator_kwh": 24.036, "pv_kwh": 6.209},
            stored_start_kwh=123.0, stored_end_kwh=91.8, battery_losses_kwh=28.4,
            residual_kwh=-1.284, residual_pct=-0.06,
            flows=(
                FlowEnergy(asset="stage-a", name="Stage A transformer", flow="load_energy_kwh",
                           kwh=1842.312, gap_kwh=61.204, uncertainty_kwh=9.212, counted=True),
                FlowEnergy(asset="bess-1", name="BESS 1", flow="load_energy_kwh", kwh=1850.1,
                           gap_kwh=0.0, uncertainty_kwh=37.0, counted=False, same_as="stage-a",
                           deviation_pct=0.42),
            ),
            remainders=(Remainder(parent="stage-a", children=("food-1", "bar-2"),
                                  flow="load_energy_kwh", kwh=412.7),),
        ),
        load=Load(
            kwh=1842.312, average_kw=24.441, peak_1s=Peak(kw=91.2, at_ms=START + 12 * HOUR),
            peak_1min=Peak(kw=86.031, at_ms=START + 12 * HOUR),
            peak_window=Peak(kw=82.913, at_ms=START + 36 * HOUR, kva=87.1, power_factor=0.95),
            window_min=15, load_factor=0.2948, p5_kw=7.91, p50_kw=19.2, p95_kw=70.4, p99_kw=79.8,
            p995_kw=81.2,
            phases=PhaseBalance(
                mean_a=(39.2, 35.0, 32.1), max_a=(131.2, 117.0, 107.4), neutral_max_a=26.3,
                neutral_mean_a=7.9, mean_kw=(8.9, 8.0, 7.5), unbalance_mean_pct=10.6,
                unbalance_max_pct=24.2, over_10_min=1311.0, over_20_min=42.0,
            ),
            grid_peak_window=None,
        ),
        sources=Sources(
            delivered=(SourceShare(source="generator", kwh=801.204, share_pct=43.49),
                       SourceShare(source="pv", kwh=310.208, share_pct=16.84),
                       SourceShare(source="battery", kwh=730.9, share_pct=39.67)),
            origin=(SourceShare(source="generator", kwh=1412.0, share_pct=76.64),
                    SourceShare(source="pv", kwh=330.312, share_pct=17.93),
                    SourceShare(source="brought in", kwh=100.0, share_pct=5.43)),
            renewable_pct=17.93,
        ),
        batteries=(Battery(
            asset="bess-1", name="BESS 1", unit="OD-BESS-12", capacity_kwh=150.0,
            charged_kwh=402.118, discharged_kwh=730.9, throughput_kwh=566.509, cycles=3.78,
            soc_first_pct=82.0, soc_last_pct=61.2, soc_min_pct=31.4, soc_min_ms=START + 14 * HOUR,
            soc_max_pct=100.0, below_20_h=0.0, stored_start_kwh=123.0, stored_end_kwh=91.8,
            efficiency_pct=92.9, max_charge_kw=48.1, max_discharge_kw=66.9,
            temperature_max_c=34.2, cell_min_v=3.112, cell_max_v=3.448),),
        generators=(generator("Generator 1", "G-100-7", START, START + 30 * HOUR, 1.0),
                    generator("Generator 1", "G-100-9", START + 30 * HOUR, END, 0.5)),
        power_quality=(PowerQuality(
            asset="stage-a", name="Stage A transformer", voltages=bands, frequency=hertz,
            voltage_thd_max_pct=3.1, current_thd_max_pct=18.4, voltage_unbalance_max_pct=0.91,
            voltage_unbalance_over_min=0.0, neutral_max_a=26.3, overload_min=0.0, alarms=2),),
        days=days(),
        saving=saving(),
        billing=billing(),
        sizing=Sizing(
            margin=0.25, design_kw=101.5, rule="P99.5 of the minutes × 1.25.",
            candidates=tuple(
                Candidate(battery_kwh=b, inverter_kva=90.0, generator_kw=g, generator_h=19.0 + g,
                          starts=6, fuel_l=340.0 + g, unserved_kwh=0.0 if g > 50 else 12.4,
                          soc_min_pct=20.0, average_load_pct=61.0, serves=g > 50)
                for b in (100.0, 150.0, 200.0) for g in (40.0, 60.0, 100.0)),
            smallest=Candidate(battery_kwh=100.0, inverter_kva=90.0, generator_kw=60.0,
                               generator_h=79.0, starts=6, fuel_l=400.0, unserved_kwh=0.0,
                               soc_min_pct=20.0, average_load_pct=61.0, serves=True),
        ),
        evidence=evidence(),
        effects=(Effect(correction=CORRECTION, figure="load_energy_kwh", unit="kwh",
                        before=1701.112, after=1842.312),),
        terms=Terms(),
        changes=(
            Change(id="ch1", event="0199-ev", subject="0199-ev", field="to_ms",
                   before=str(END + 3 * HOUR), after=str(END), at_ms=END + HOUR, person="kim",
                   reason="left earlier"),
            Change(id="ch2", event="0199-ev", subject="0199-ev", field="notes",
                   before="Gate code 4471", after="Gate code 4472", at_ms=END, person="kim"),
        ),
        log=(
            LogEntry(id="l1", kind=LogKind.FUEL, at_ms=START + 6 * HOUR, asset="genset-1",
                     value=300.0, unit="l", text="delivery note 8812", client=True, person="lee",
                     made_ms=START + 6 * HOUR),
            LogEntry(id="l2", kind=LogKind.NOTE, at_ms=START + 40 * HOUR,
                     text="INTERNAL-ONLY: client's rigger tripped the feeder", person="lee",
                     made_ms=START + 40 * HOUR),
        ),
        alerts=(Alert(asset="stage-a", rule="lost", severity="warning", text="no answer for 43 s",
                      raised_ms=START + 150 * STEP, cleared_ms=START + 156 * STEP),),
        actions=(Action(at_ms=START + 31 * HOUR, asset="bess-1", person="kim",
                        what="grid set-point −10 kW", outcome="done"),),
        series=series(),
        notes=(Note(code="gap", level="warning", about="stage-a",
                    text="1 h 30 min of the load were not seen; its counter rose 61.204 kWh."),),
        inputs_sha256="5f" * 32,
    )  # fmt: skip
