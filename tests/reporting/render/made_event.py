"""An event of three participations on two nodes, made by hand; both nodes have a `bess-1`."""

from msgspec import structs

from collector.model.event import UseCase
from collector.model.report.billing import Billing, BillingRow
from collector.model.report.event import (
    AccountRow,
    Coincidence,
    EventFlow,
    EventReport,
    Moment,
    Rank,
    SystemRow,
)
from collector.model.report.load import Peak
from collector.model.report_input import Missing, PartRef
from collector.model.said import LogEntry, LogKind
from collector.model.terms import Terms
from tests.reporting.render import made
from tests.reporting.render.made import END, HOUR, START

NORTH, SOUTH = "ovr-node-07", "ovr-node-11"


def rows() -> tuple[SystemRow, ...]:
    """All figures of the first, of the second a load alone, of the third nothing."""
    first = SystemRow(
        node=NORTH, system="bess-1", name="Main stage", report="0199-aa", revision=3,
        use_case=UseCase.HYBRIDIZATION, from_ms=START, to_ms=END, load_kwh=1842.312,
        counted_kwh=1741.201, peak_kw=86.04, peak_ms=START + 12 * HOUR, at_coincident_kw=71.26,
        generator_h=21.375, fuel_l=362.25, pv_kwh=310.208, discharged_kwh=730.907, saved_l=402.75,
        coverage_pct=97.92, blocked=False,
    )  # fmt: skip
    none = dict.fromkeys(
        ("generator_h", "fuel_l", "pv_kwh", "discharged_kwh", "saved_l"),
    )
    second = structs.replace(
        first, node=SOUTH, name="Camping", report="0199-bb", revision=1,
        use_case=UseCase.METERING, from_ms=START + 5 * HOUR, load_kwh=611.507, counted_kwh=611.507,
        peak_kw=33.44, peak_ms=START + 30 * HOUR, at_coincident_kw=21.17, coverage_pct=99.31,
        **none,
    )  # fmt: skip
    unknown = dict.fromkeys(
        ("load_kwh", "counted_kwh", "peak_kw", "peak_ms", "at_coincident_kw", "coverage_pct")
    )
    third = structs.replace(
        second, node=SOUTH, system="gate", name="", report="0199-cc", use_case=None,
        to_ms=START + 20 * HOUR, blocked=True, **unknown,
    )  # fmt: skip
    return first, second, third


def billing() -> Billing:
    """A meter on each node, each of another account."""

    def row(account: str, name: str, asset: str, kwh: float, amount: float) -> BillingRow:
        return BillingRow(
            account=account, account_name=name, asset=asset, name=f"Meter {asset}", unit="OD-1",
            from_ms=START, to_ms=END, share_pct=None, opening_kwh=100.125,
            closing_kwh=100.125 + kwh, correction_kwh=0.0, kwh=kwh, peak_kw=None, bands=(),
            demand_amount=None, standing_amount=None, amount=amount,
        )  # fmt: skip

    return Billing(
        currency="USD",
        rows=(
            row("prod", "Goldfield Productions", f"{NORTH}/stage-a", 1741.201, 731.30),
            row("food", "Food court", f"{SOUTH}/camp", 611.507, 256.83),
        ),
        kwh=2352.708,
        amount=988.13,
    )


ACCOUNTS = (
    AccountRow(account="prod", name="Goldfield Productions", kwh=1741.201, amount=731.30, rows=1),
    AccountRow(account="food", name="Food court", kwh=611.507, amount=256.83, rows=1),
)


def timeline() -> tuple[Moment, ...]:
    """Both `bess-1` join; an alarm and a line of the log are for the company alone."""
    return (
        Moment(at_ms=START, what="started", text="Desert Weekend 1"),
        Moment(at_ms=START, what="joined", node=NORTH, system="bess-1", text="Main stage"),
        Moment(at_ms=START + 5 * HOUR, what="joined", node=SOUTH, system="bess-1", text="Camping"),
        Moment(at_ms=START + 7 * HOUR, what="swapped", node=NORTH, system="bess-1",
               text="genset-1: G-100-9 fuel pump"),
        Moment(at_ms=START + 8 * HOUR, what="alarm", node=SOUTH, system="bess-1",
               text="camp: no answer for 43 s"),
        Moment(at_ms=START + 9 * HOUR, what="log", system="bess-1",
               text="note: rigger tripped the feeder"),
        Moment(at_ms=END, what="ended"),
    )  # fmt: skip


def event(**other: object) -> EventReport:
    """The whole report; `other` are fields of its head."""
    whole = made.report()
    said = {"kind": "event", "system": "", "system_name": "", "use_case": None, **other}
    head = made.head(**said)  # type: ignore[arg-type]
    digests = {"profile_sha256": "2b" * 32, "inputs_sha256": "3c" * 32}
    return EventReport(
        head=head,
        parts=(
            PartRef(node=NORTH, system="bess-1", report="0199-aa", revision=3, folder="a",
                    report_sha256="1a" * 32, **digests),
            PartRef(node=SOUTH, system="bess-1", report="0199-bb", revision=1, folder="b",
                    report_sha256="4d" * 32, **digests),
        ),
        missing=(Missing(node="ovr-node-12", system="bar", report="0199-dd",
                         why="node ovr-node-12 could not be reached"),),
        coverage_pct=91.27,
        quality=whole.quality,
        energy=whole.energy,
        flows=(
            EventFlow(node=NORTH, system="bess-1", report="0199-aa", asset="stage-a",
                      flow="load_energy_kwh", kwh=1842.312, counted_kwh=1741.201,
                      behind="Grid hall"),
            EventFlow(node=SOUTH, system="bess-1", report="0199-bb", asset="camp",
                      flow="load_energy_kwh", kwh=611.507, counted_kwh=611.507),
        ),
        load=whole.load,
        sources=whole.sources,
        coincidence=Coincidence(coincident=Peak(kw=92.43, at_ms=START + 12 * HOUR),
                                summed_kw=119.48, diversity=1.2927, unseen_min=14),
        systems=rows(),
        generators=whole.generators,
        days=whole.days,
        timeline=timeline(),
        ranking=(
            Rank(by="load_kwh", systems=(f"{NORTH}/bess-1", f"{SOUTH}/bess-1"),
                 values=(1842.312, 611.507)),
            Rank(by="fuel_l", systems=(f"{NORTH}/bess-1",), values=(362.25,)),
        ),
        billing=billing(),
        accounts=ACCOUNTS,
        saving=whole.saving,
        terms=Terms(),
        log=(
            LogEntry(id="l1", kind=LogKind.FUEL, at_ms=START + 6 * HOUR, value=300.0, unit="l",
                     text="delivery note 8812", client=True, person="lee", made_ms=START),
            LogEntry(id="l2", kind=LogKind.NOTE, at_ms=START + 9 * HOUR,
                     text="rigger tripped the feeder", person="lee", made_ms=START),
        ),
        series=whole.series,
        notes=whole.notes,
        inputs_sha256="6e" * 32,
    )  # fmt: skip
