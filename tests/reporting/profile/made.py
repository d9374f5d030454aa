"""A `Measured` made by hand."""

from collections.abc import Mapping, Sequence

from collector.model.event import Event
from collector.model.report.energy import Energy
from collector.model.report.quality import Quality
from collector.model.report_input import ReportInputs
from reporting.measured.model import MINUTE_MS, Measured, Minutes

START = 1_800_000_000_000 // MINUTE_MS * MINUTE_MS


def minutes(means_kw: Sequence[float | None], spans_ms: Sequence[int] | None = None) -> Minutes:
    """A steady power in each minute, in kW; None: not seen."""
    spans = spans_ms or [MINUTE_MS] * len(means_kw)
    good = [0 if kw is None else span for kw, span in zip(means_kw, spans, strict=True)]
    quanta = [round((kw or 0.0) * 10_000) for kw in means_kw]
    return Minutes(
        good_ms=good,
        pos=[max(0, q) * ms for q, ms in zip(quanta, good, strict=True)],
        neg=[max(0, -q) * ms for q, ms in zip(quanta, good, strict=True)],
        least=quanta,
        greatest=quanta,
    )


def measured(
    flow_of: Mapping[tuple[str, str], Minutes],
    flows: Mapping[str, Minutes],
    *,
    from_ms: int = START,
    to_ms: int,
    timezone: str = "America/Los_Angeles",
) -> Measured:
    """Flows over a window, and nothing else."""
    first = from_ms // MINUTE_MS * MINUTE_MS
    event = Event(id="e", name="Show", timezone=timezone, created_ms=0, changed_ms=0)
    return Measured(
        inputs=ReportInputs(
            report="p", node="n", system="s", event=event, from_ms=from_ms, to_ms=to_ms,
            upto_ms=to_ms,
        ),
        tracks=[],
        starts_ms=range(first, to_ms, MINUTE_MS),
        flows=flows,
        flow_of=flow_of,
        quality=Quality(
            duration_ms=to_ms - from_ms, coverage_pct=None, enough=False, min_coverage_pct=80.0
        ),
        energy=Energy(
            load_kwh=None, grid_import_kwh=None, grid_export_kwh=None, generator_kwh=None,
            pv_kwh=None, charged_kwh=None, discharged_kwh=None, uncertainty={},
            stored_start_kwh=None, stored_end_kwh=None, battery_losses_kwh=None,
            residual_kwh=None, residual_pct=None,
        ),
        evidence=(),
        effects=(),
        notes=(),
    )  # fmt: skip
