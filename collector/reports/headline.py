"""What a list shows of a report: a few of the figures in `report.json`, read without the rest."""

import math
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from collector.model.report.quality import NoteLevel
from collector.model.report_state import Headline, ReportKind
from collector.model.rounding import decimal

CONTRADICTION = "register-contradicts"
"""The code of the note about a register and a power that differ (`reporting.measured.notes`)."""


class _Peak(Struct):
    kw: float


class _Load(Struct):
    kwh: float | None = None
    peak_1min: _Peak | None = None


class _Set(Struct):
    hours: float | None = None
    fuel_l: float | None = None


class _Emission(Struct):
    scope1_kg: float | None = None


class _Saving(Struct):
    valid: bool = False
    saved_l: float | None = None
    saved: _Emission | None = None


class _Quality(Struct):
    coverage_pct: float | None = None


class _Evidence(Struct):
    asset: str
    flow: str
    name: str = ""
    flagged: bool = False
    deviation_pct: float | None = None


class _Note(Struct):
    text: str
    level: NoteLevel = "info"
    code: str = ""
    about: str = ""


class _Energy(Struct):
    load_kwh: float | None = None


class _Row(Struct):
    system: str
    blocked: bool = False


class _Figures(Struct):
    """What a list shows of a system's report and of an event's."""

    load: _Load | None = None
    energy: _Energy | None = None
    coverage_pct: float | None = None
    systems: tuple[_Row, ...] = ()
    generators: tuple[_Set, ...] = ()
    saving: _Saving | None = None
    quality: _Quality | None = None
    evidence: tuple[_Evidence, ...] = ()
    notes: tuple[_Note, ...] = ()


_decode = msgspec.json.Decoder(_Figures).decode


def headline_of(kind: ReportKind, content: bytes) -> Headline:
    """The headline of a report's JSON. Raises msgspec.MsgspecError for what is none."""
    found = _decode(content)
    load, saving = found.load, found.saving
    kwh = None if load is None else load.kwh
    peak = None if load is None else load.peak_1min
    coverage = None if found.quality is None else found.quality.coverage_pct
    if kind == "event":
        kwh = None if found.energy is None else found.energy.load_kwh
        coverage = found.coverage_pct
    valid = saving is not None and saving.valid
    return Headline(
        load_kwh=kwh,
        peak_kw=None if peak is None else peak.kw,
        generator_h=_sum([one.hours for one in found.generators]),
        fuel_l=_sum([one.fuel_l for one in found.generators]),
        saved_l=saving.saved_l if saving is not None and valid else None,
        saved_kg=saving.saved.scope1_kg if saving is not None and valid and saving.saved else None,
        coverage_pct=coverage,
        blocked_by=_blocks(found),
    )


def _blocks(found: _Figures) -> tuple[str, ...]:
    """What keeps a report from being released, in words, each once: the note about a contradiction
    says in full what the evidence has flagged."""
    names = {one.asset: one.name or one.asset for one in found.evidence}
    flagged = [one for one in found.evidence if one.flagged]
    reasons = [
        f"{names[one.asset]}: {_flow(one.flow)} by its register and by its power "
        f"differ{_by(one.deviation_pct)}"
        for one in flagged
    ]
    reasons += [f"the report of {one.system} is blocked" for one in found.systems if one.blocked]
    told = {one.asset for one in flagged}
    reasons += [
        _said(one, names)
        for one in found.notes
        if one.level == "blocks" and not (one.code == CONTRADICTION and one.about in told)
    ]
    return tuple(dict.fromkeys(reasons))


def _said(note: _Note, names: Mapping[str, str]) -> str:
    """A note with the name of the meter that it is about."""
    name = names.get(note.about, "")
    return f"{name}: {note.text}" if name and name not in note.text else note.text


def _flow(key: str) -> str:
    """`load_energy_kwh` as people say it."""
    return key.removesuffix("_kwh").removesuffix("_energy").replace("_", " ") + " energy"


def _by(deviation_pct: float | None) -> str:
    return "" if deviation_pct is None else f" by {decimal(abs(deviation_pct), 1)} %"


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known and len(known) == len(values) else None
