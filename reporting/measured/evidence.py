"""What each energy stands on: the meter, its registers, the method, who verified it."""

from collections.abc import Sequence

from collector.model.report.evidence import Evidence
from collector.model.report_input import ReportInputs
from collector.model.said import SignOff
from reporting.measured.metering import Line, kwh
from reporting.rounding import kwh as rounded_kwh
from reporting.rounding import percent

MAKES = {"gx": "Victron", "acuvim": "Accuenergy", "fronius": "Fronius"}


def evidence(line: Line, inputs: ReportInputs) -> Evidence:
    """The evidence of one line."""
    asset = line.track.asset
    signed = _sign_off(inputs.sign_offs, asset.id, line.track.to_ms)
    kind = "" if asset.device_kind is None else asset.device_kind.value
    return Evidence(
        asset=asset.id,
        name=asset.name or asset.id,
        flow=line.energy,
        unit=line.track.unit,
        make=MAKES.get(kind, ""),
        model=asset.model,
        serial=asset.serial,
        accuracy_class=asset.accuracy_class,
        wiring=asset.meter,
        certified=asset.certified,
        from_ms=line.track.from_ms,
        to_ms=line.track.to_ms,
        raw_opening=rounded_kwh(line.raw_opening),
        raw_closing=rounded_kwh(line.raw_closing),
        own_opening_kwh=_total(line.own_opening),
        own_closing_kwh=_total(line.own_closing),
        register_kwh=rounded_kwh(kwh(line.register)),
        integral_kwh=rounded_kwh(kwh(line.integral)),
        deviation_pct=percent(line.deviation_pct),
        method=line.method,
        flagged=line.flagged,
        kwh=rounded_kwh(kwh(line.work)),
        uncertainty_kwh=rounded_kwh(kwh(line.uncertainty)),
        verified_ms=None if signed is None else signed.at_ms,
        verified_by="" if signed is None else signed.person,
        clamps=() if signed is None else signed.clamps,
    )


def _total(quanta: int | None) -> float | None:
    return None if quanta is None else rounded_kwh(quanta / 10_000)


def _sign_off(sign_offs: Sequence[SignOff], asset: str, before_ms: int) -> SignOff | None:
    """The last commissioning of an asset before a moment."""
    found = [one for one in sign_offs if one.asset == asset and one.at_ms <= before_ms]
    return max(found, key=lambda one: (one.at_ms, one.person), default=None)
