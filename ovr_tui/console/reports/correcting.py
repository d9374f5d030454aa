"""Corrections as lists and forms have them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from collector.errors import ApiError
from collector.model.catalogue import CATALOGUE, unit_of
from collector.model.kinds import AssetKind
from collector.model.said import Correction, CorrectionKind
from collector.model.snapshot import AssetView
from collector.model.text import called
from collector.wire import CorrectionRequest
from ovr_tui.console.called import Names, name_of, names_of, told_apart
from ovr_tui.console.form import Choice, Field, Kind, Values
from ovr_tui.console.format import label
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.reports.listed import moment
from ovr_tui.console.text import BLANK, Line, Piece, fact, wrap

KINDS = {
    CorrectionKind.FACTOR: ("factor", "powers, currents and energies are so many times as great"),
    CorrectionKind.SIGN: ("sign", "a clamp was reversed: powers have the other sign"),
    CorrectionKind.PHASE_SWAP: ("phases swapped", "which reading belongs to L1, L2 and L3"),
    CorrectionKind.ROLE: ("role", "the asset measured another kind of thing"),
    CorrectionKind.EXCLUDE: ("exclude", "what was read then does not count: it is a gap"),
    CorrectionKind.READING: ("manual reading", "a person read the register of a meter"),
}
"""What each kind is called, and what it says."""
METERED = tuple(
    sorted(name for name, one in CATALOGUE.items() if one.type == "counter" and one.unit == "kWh")
)
"""What a person can read off a meter."""
SWAPS = ("L2,L1,L3", "L1,L3,L2", "L3,L2,L1", "L2,L3,L1", "L3,L1,L2")
COLUMNS = (
    Column(title="ASSET", least=14, most=24),
    Column(title="WHAT", least=16, most=26),
    Column(title="FROM", least=25, rank=1),
    Column(title="TO", least=25, rank=3),
    Column(title="BY", least=12, most=20, rank=4),
    Column(title="WHY", least=14, most=60, rank=2),
)


def grid(cells: int) -> Grid:
    """The columns of the list."""
    return lay_out(COLUMNS, cells)


def what(one: Correction) -> str:
    """What a correction says, in few words."""
    how = {
        CorrectionKind.FACTOR: f"× {one.factor:g}" if one.factor is not None else "",
        CorrectionKind.PHASE_SWAP: ",".join(one.phases or ()),
        CorrectionKind.ROLE: "" if one.role is None else one.role.value,
        CorrectionKind.READING: (
            f"{label(one.measurement)} = {one.value} {unit_of(one.measurement)}"
        ),
    }.get(one.kind, "")
    return " ".join(filter(None, (KINDS[one.kind][0], how, one.phase)))


def items(found: Sequence[Correction], zone: str, now: Now, cells: int) -> list[Item]:
    """The newest first; those withdrawn dim, at the end."""
    columns = grid(cells)
    order = sorted(found, key=lambda one: (one.withdrawn_ms is not None, -one.made_ms))
    names = names_of(now.snapshot)
    return [
        Item(
            key=one.id, line=columns.line(_row(one, zone, names, now)), text=f"{one.id} {one.asset}"
        )
        for one in order
    ]


def _row(one: Correction, zone: str, names: Names, now: Now) -> list[Piece]:
    text = now.glyphs.text
    gone = one.withdrawn_ms is not None
    tone = "dim" if gone else "text"
    until = "on and on" if one.to_ms is None else moment(one.to_ms, zone)
    why = f"withdrawn by {one.withdrawn_by}" if gone else one.reason
    texts = (text(names[one.asset]), text(what(one)), moment(one.from_ms, zone), until,
             text(called(one.person)), text(why))  # fmt: skip
    return [(each, tone) for each in texts]  # type: ignore[misc]  # both are Tones


def detail(one: Correction, zone: str, now: Now, cells: int) -> list[Line]:
    """All of one."""
    text = now.glyphs.text
    until = "on and on" if one.to_ms is None else moment(one.to_ms, zone)
    out: list[Line] = [
        ((f" {text(name_of(now.snapshot, one.asset))}: {text(what(one))}", "bold"),), BLANK,
        *wrap(KINDS[one.kind][1].capitalize() + ".", cells, "dim"), BLANK,
        fact("from", (moment(one.from_ms, zone), "text")), fact("to", (until, "text")),
    ]  # fmt: skip
    if one.at_ms is not None:
        out.append(fact("read", (moment(one.at_ms, zone), "text")))
    out += [
        fact("said by", (text(called(one.person)), "text")),
        fact("on", (moment(one.made_ms, zone), "text")), BLANK,
        *wrap(text(one.reason), cells),
    ]  # fmt: skip
    if one.withdrawn_ms is not None:
        gone = f"Withdrawn by {text(one.withdrawn_by)} on {moment(one.withdrawn_ms, zone)}."
        out += [BLANK, *wrap(gone, cells, "warn")]
    return out


def fields(
    values: Values, assets: Sequence[AssetView], asset: str, zone: str, from_text: str, to_text: str
) -> list[Field]:
    """The form: asset, kind, what the kind needs, from when to when, and why."""
    kind = CorrectionKind(values.get("kind") or CorrectionKind.FACTOR)
    chosen = values.get("asset") or asset
    kinds = tuple(Choice(one.value, f"{name}: {text}") for one, (name, text) in KINDS.items())
    names = tuple(Choice(one.id, text) for one, text in told_apart(assets))
    return [
        Field(name="asset", label="asset", kind=Kind.CHOICE, choices=names, value=chosen,
              needed=True, text="whose data is to be read otherwise"),
        Field(name="kind", label="what", kind=Kind.CHOICE, choices=kinds, value=kind.value),
        *_of_kind(kind, zone),
        Field(name="from", label="from", kind=Kind.TIME, timezone=zone, value=from_text,
              needed=True, text="since when it is to be read so; stored data stays as it is"),
        Field(name="to", label="to", kind=Kind.TIME, timezone=zone, value=to_text,
              text="until when; empty: on and on"),
        Field(name="reason", label="why", needed=True, most_chars=500,
              text="it stands in the reports, beside what it changed"),
    ]  # fmt: skip


def _of_kind(kind: CorrectionKind, zone: str) -> list[Field]:
    if kind is CorrectionKind.FACTOR:
        phases = (Choice("", "all phases"), Choice("L1"), Choice("L2"), Choice("L3"))
        return [
            Field(name="factor", label="factor", kind=Kind.NUMBER, needed=True,
                  least=1e-6, most=1e6, text="1.5 for clamps that were set 1.5 times too small"),
            Field(name="phase", label="phase", kind=Kind.CHOICE, choices=phases),
        ]  # fmt: skip
    if kind is CorrectionKind.PHASE_SWAP:
        swaps = tuple(Choice(one, f"L1, L2, L3 are what was read as {one}") for one in SWAPS)
        return [Field(name="phases", label="phases", kind=Kind.CHOICE, choices=swaps)]
    if kind is CorrectionKind.ROLE:
        roles = tuple(Choice(one.value) for one in AssetKind)
        return [Field(name="role", label="it measured a", kind=Kind.CHOICE, choices=roles)]
    if kind is CorrectionKind.READING:
        registers = tuple(Choice(key, label(key)) for key in METERED)
        return [
            Field(name="measurement", label="register", kind=Kind.CHOICE, choices=registers,
                  needed=True),
            Field(name="value", label="it showed", kind=Kind.NUMBER, unit="kWh", needed=True),
            Field(name="at", label="read at", kind=Kind.TIME, timezone=zone, needed=True),
        ]  # fmt: skip
    return []


def request(answers: Mapping[str, object]) -> CorrectionRequest:
    """What is sent. Raises ApiError in words when it does not fit together."""
    said: dict[str, Any] = {
        "asset": answers["asset"],
        "kind": answers["kind"],
        "from_ms": answers["from"],
        "to_ms": answers["to"],
        "reason": answers["reason"],
        "factor": answers.get("factor"),
        "phase": answers.get("phase") or "",
        "role": answers.get("role"),
        "measurement": answers.get("measurement") or "",
        "value": answers.get("value"),
        "at_ms": answers.get("at"),
    }
    if phases := answers.get("phases"):
        said["phases"] = str(phases).split(",")
    try:
        return msgspec.convert(said, CorrectionRequest)
    except msgspec.ValidationError as error:
        raise ApiError(str(error)) from error
