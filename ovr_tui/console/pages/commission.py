"""Putting an asset into service: what a clamp shows beside what its meter shows, live."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from collector.model.alarm import CLAMP_PCT, Clamp
from collector.model.rounding import signed
from collector.wire import CommissionAnswer, CommissionRequest, NoRequest
from ovr_tui.console.devices import desk
from ovr_tui.console.devices.known import Known, view_of
from ovr_tui.console.form import ConfirmPage, Field, FormPage, Kind
from ovr_tui.console.form.typed import read_number
from ovr_tui.console.format import figure, inline, number
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, wrap

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

Phase = Literal["L1", "L2", "L3", "N"]
PHASES: tuple[Phase, ...] = ("L1", "L2", "L3", "N")
LOOK = "look at ratio, phase and direction of the transformer"


class CommissionPage(FormPage):
    """A form with a table of clamp and meter below it."""

    DEFAULT_CSS = "CommissionPage #explain { height: 11; }"
    asset = ""

    def _explain(self, now: Now, cells: int) -> list[Line]:
        lines = super()._explain(now, cells)
        if self._busy_at is not None or self._refused:
            return lines
        return [*lines[:3], (), *compared(now, self.asset, self.values, cells)]


def compared(now: Now, asset: str, values: Mapping[str, str], cells: int) -> list[Line]:
    """Each phase by clamp and by meter, and by how much they differ."""
    view = view_of(now.snapshot, asset)
    out: list[Line] = [((" PHASE    CLAMP A      METER A        BESIDE", "head"),)]
    for phase in PHASES:
        typed = values.get(phase, "").strip()
        reading = view.readings.get(f"current_a.{phase}") if view else None
        if phase == "N" and reading is None and not typed:
            continue
        if view is not None:
            meter, tone = inline(figure(reading, view.status), 1, "A", now.glyphs.absent)
        else:
            meter, tone = now.glyphs.absent, "dim"
        value = None if reading is None else reading.value
        pieces: list[Piece] = [
            (f" {phase:<5}", "text"),
            (f"{typed:>11}", "bold"),
            (f"{meter:>13}", tone),
        ]
        pieces += _beside(typed, value)
        out.append(tuple(pieces))
    notes = view.notes if view else ()
    for note in notes:
        out += wrap(f"{now.glyphs.alarm} {now.glyphs.prose(note)}", cells, "warn")
    return out


def _beside(typed: str, meter: float | None) -> list[Piece]:
    try:
        clamp = read_number(typed)
    except ValueError:
        return []
    off = Clamp(phase="", clamp_a=clamp, meter_a=meter, at_ms=0).deviation_pct
    if off is None:
        return []
    well = abs(off) <= CLAMP_PCT
    text = f"{signed(off, 1):>11} %"
    return [(text, "good" if well else "alert"), ("" if well else f"  {LOOK}", "warn")]


def commission(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask what a clamp shows, and put it into service."""
    del known
    fields = [
        Field(
            name=phase,
            label=f"clamp on {phase}",
            kind=Kind.NUMBER,
            unit="A",
            least=0,
            most=100_000,
            text="What the clamp shows now; empty: not held there",
        )
        for phase in PHASES
    ]
    fields.append(Field(name="note", label="note", text="What was checked; may stay empty"))
    about = [
        "Its alarms count from now on. A clamp beside the meter shows a wrong transformer "
        "ratio, a swapped phase or a reversed clamp before the show does."
    ]

    async def send(said: Mapping[str, Any]) -> str:
        clamp = {phase: said[phase] for phase in PHASES if said[phase] is not None}
        body = CommissionRequest(note=str(said["note"] or ""), clamp=clamp)
        path = f"/v1/assets/{desk.segment(asset)}/commission"
        done = (await app.reader.post(path, CommissionAnswer, body)).commissioning
        out = [f"{app.called(asset)} is watched from now on."]
        out += [_told(one) for one in (done.clamps if done else ())]
        view = view_of(app.now().snapshot, asset)
        return "\n".join(
            (*out, *(f"Look at this: {note}" for note in (view.notes if view else ())))
        )

    page = CommissionPage(f"Commission {app.called(asset)}", fields, send, about=about)
    page.asset = asset
    app.push_screen(page)


def _told(one: Clamp) -> str:
    meter = "no value" if one.meter_a is None else f"{number(one.meter_a, 1)} A"
    line = f"{one.phase}: clamp {one.clamp_a:g} A, meter {meter}"
    off = one.deviation_pct
    if off is None or abs(off) <= CLAMP_PCT:
        return line
    return f"{line}: {signed(off, 1)} %, {LOOK}"


def release(app: "ConsoleApp", asset: str) -> None:
    """Ask whether an asset goes out of service."""
    facts = [
        "Its alarms are over, and no new ones come up until it is commissioned again. It is "
        "measured and counted as before."
    ]

    async def do() -> str:
        path = f"/v1/assets/{desk.segment(asset)}/release"
        await app.reader.post(path, CommissionAnswer, NoRequest())
        return f"{app.called(asset)} is not watched any more"

    app.push_screen(
        ConfirmPage(f"Release {app.called(asset)}?", lambda _: facts, do, verb="release")
    )
