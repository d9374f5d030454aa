"""A system's report: every area's figures of one window, put together."""

import hashlib

from collector.model.report.quality import Note
from collector.model.report.system import Head, Member, SystemReport
from collector.model.report_input import ReportInputs, RollupFile
from reporting.figures import figures
from reporting.measured.model import Measured
from reporting.measured.reading import read
from reporting.worth.bill import billing_figures
from reporting.worth.sizing import sizing_figures
from reporting.worth.system import saving_figures


def system_report(
    inputs: ReportInputs, rollups: RollupFile, content: bytes
) -> tuple[SystemReport, Measured]:
    """The report, and the measured minutes that it stands on (for profile.csv). `content` is the
    file that `inputs` were read from: the report names its hash."""
    measured = read(inputs, rollups)
    found = figures(measured)
    saving = saving_figures(measured, found.generators)
    billing = billing_figures(measured)
    notes = (*_told(inputs), *measured.notes, *found.notes, *saving.notes, *billing.notes)
    report = SystemReport(
        head=head_of(inputs),
        members=_members(measured),
        quality=measured.quality,
        energy=measured.energy,
        load=found.load,
        sources=found.sources,
        batteries=found.batteries,
        generators=found.generators,
        power_quality=found.power_quality,
        days=found.days,
        saving=saving.saving,
        billing=billing.billing,
        sizing=sizing_figures(measured, found.load),
        evidence=measured.evidence,
        effects=measured.effects,
        terms=inputs.event.terms,
        changes=inputs.changes,
        log=inputs.log,
        alerts=inputs.alerts,
        actions=inputs.actions,
        series=found.series,
        notes=tuple(dict.fromkeys(notes)),
        inputs_sha256=hashlib.sha256(content).hexdigest(),
    )
    return report, measured


def head_of(inputs: ReportInputs) -> Head:
    """Whose report, of what, of when."""
    event = inputs.event
    return Head(
        kind=inputs.kind,
        report=inputs.report,
        revision=inputs.revision,
        stage=inputs.stage,
        node=inputs.node,
        site=event.site or inputs.site,
        system=inputs.system,
        system_name=inputs.system_name,
        use_case=inputs.use_case,
        event=event.id,
        event_name=event.name,
        job=event.job,
        client=event.client,
        timezone=event.timezone,
        locale=event.locale,
        company=inputs.brand.company,
        client_notes=event.client_notes,
        internal_notes=event.notes,
        from_ms=inputs.from_ms,
        to_ms=inputs.to_ms,
        upto_ms=inputs.upto_ms,
    )


def _members(measured: Measured) -> tuple[Member, ...]:
    """Each unit at each asset, with when it stood there."""
    return tuple(
        Member(
            asset=track.asset.id,
            name=track.asset.name,
            kind=track.kind.value,
            unit=track.unit,
            model=track.asset.model,
            serial=track.asset.serial,
            from_ms=track.from_ms,
            to_ms=track.to_ms,
        )
        for track in measured.tracks
    )


def _told(inputs: ReportInputs) -> tuple[Note, ...]:
    """What the collector had to say when it wrote the inputs."""
    return tuple(Note(code="collector", text=text) for text in inputs.notes)
