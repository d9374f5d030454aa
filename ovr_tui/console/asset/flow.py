"""The flow diagram of a battery system: what feeds the inverter, what it feeds, and the battery.

Arrows point where power flows now; where that is not known for sure, or nothing flows, there are
none. Pure.
"""

from typing import NamedTuple

from collector.model.kinds import AssetKind
from ovr_tui.console.asset.phases import PHASES
from ovr_tui.console.asset.sheet import Sheet, added, flowing
from ovr_tui.console.format import ABSENT, Figure, Trust, inline, scaled
from ovr_tui.console.text import Line, Piece, Tone, fit

WIDE, NARROW = 79, 58
MODE_ON = 3.0


class Source(NamedTuple):
    """Something that feeds the system: its figure (W), and the assets that it is from."""

    label: str
    power: Figure
    members: tuple[str, ...]


class Flows(NamedTuple):
    """All flows, W: AC sources, PV on the DC side, battery (+ charging), loads."""

    ac: tuple[Source, ...]
    dc: Source | None
    battery: Figure
    loads: Figure

    @property
    def inverter_dc(self) -> Figure:
        """What the inverter gives to the DC side; below zero: takes from it."""
        if self.dc is None:
            return self.battery
        less = self.dc.power
        return added([self.battery, scaled(less, -1.0)])


def flows(sheet: Sheet) -> Flows:
    """What flows, from the system's own readings and those of its device's other assets."""
    ac = [
        found
        for title, key, kind in (
            ("GENERATOR", "generator_power_w", AssetKind.GENERATOR),
            ("GRID", "grid_power_w", AssetKind.GRID),
        )
        if (found := _source(sheet, title, key, kind)) is not None
    ]
    solar = sheet.others(AssetKind.PV)
    dc = [each for each in solar if each.has("battery_voltage_v", "battery_current_a")]
    on_ac = [each for each in solar if each not in dc]
    if on_ac:
        ac.append(_sum("PV (AC)" if dc else "PV", on_ac))
    by_dc = _sum("PV (DC)" if on_ac else "PV", dc) if dc else None
    if not solar and sheet.has("pv_power_w"):
        by_dc = Source("PV", sheet.figure("pv_power_w"), (sheet.view.id,))
    return Flows(tuple(ac), by_dc, sheet.figure("battery_power_w"), sheet.figure("load_power_w"))


def _source(sheet: Sheet, title: str, key: str, kind: AssetKind) -> Source | None:
    """By the system's own reading, else by what measures there."""
    if sheet.has(key):
        others = tuple(each.view.id for each in sheet.others(kind))
        return Source(title, sheet.figure(key), (sheet.view.id, *others))
    for each in sheet.others(kind, system=True):
        if each.has(key):
            return Source(title, each.figure(key), (each.view.id,))
    return None


def _sum(title: str, sheets: list[Sheet]) -> Source:
    power = added([each.figure("pv_power_w") for each in sheets])
    return Source(title, power, tuple(each.view.id for each in sheets))


class Canvas:
    """Pieces put anywhere; none over another."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Piece]] = {}

    def put(self, x: int, y: int, text: str, tone: Tone = "text") -> int:
        """Put a text; where it ends."""
        if text:
            self._rows.setdefault(y, {})[x] = (text, tone)
        return x + len(text)

    def lines(self) -> list[Line]:
        """All rows down to the last."""
        out: list[Line] = []
        for y in range(max(self._rows, default=-1) + 1):
            pieces: list[Piece] = []
            at = 0
            for x, (text, tone) in sorted(self._rows.get(y, {}).items()):
                pieces.append((" " * max(0, x - at), "text"))
                pieces.append((text, tone))
                at = x + len(text)
            out.append(tuple(piece for piece in pieces if piece[0]))
        return out


class _Places(NamedTuple):
    """Where the columns of the diagram begin."""

    wire: int
    join: int
    inverter: int
    loads: int


_AT = {WIDE: _Places(13, 31, 38, 72), NARROW: _Places(11, 26, 31, 53)}


class Diagram:
    """One diagram while it is drawn."""

    def __init__(self, sheet: Sheet, cells: int) -> None:
        self.wide = cells >= WIDE
        self._sheet = sheet
        self._at = _AT[WIDE if self.wide else NARROW]
        self._flows = flows(sheet)
        self._canvas = Canvas()
        wires = sheet.glyphs.wires
        self._across, self._upright = wires[0], wires[1]
        self._down_left, self._up_left = wires[3], wires[5]
        self._tee_right, self._tee_left, self._cross = wires[6], wires[7], wires[10]

    @property
    def flows(self) -> Flows:
        """What it shows."""
        return self._flows

    @property
    def cells(self) -> int:
        """How wide it is."""
        return WIDE if self.wide else NARROW

    def lines(self) -> list[Line]:
        """The diagram down to the battery, of which other lines tell."""
        middle = self._ac()
        self._inverter(middle)
        below = self._phases(middle) if self.wide else middle + 1
        self._dc(middle + 2, below)
        return self._canvas.lines()

    def _ac(self) -> int:
        """The AC sources; the row of the inverter."""
        sources = self._flows.ac
        rows = (0, 2) if len(sources) == 2 else tuple(range(len(sources)))
        middle = 1 if len(sources) > 1 else 0
        busy = any(flowing(each.power) for each in sources)
        for source, y in zip(sources, rows, strict=True):
            self._canvas.put(1, y, fit(source.label, self._at.wire - 2), "text")
            self._wire(self._at.wire, self._at.join, y, source.power)
        tone: Tone = "bar" if busy else "dim"
        if len(sources) > 1:
            inner = self._cross if len(sources) == 3 else self._tee_right
            for y, sign in enumerate((self._down_left, inner, self._up_left)):
                self._canvas.put(self._at.join, y, sign, tone)
        if sources:
            first = self._at.join + (len(sources) > 1)
            total = added([each.power for each in sources]) if len(sources) > 1 else ABSENT
            self._short(first, self._at.inverter - 1, middle, flowing(total), tone)
        return middle

    def _inverter(self, y: int) -> None:
        end = self._canvas.put(self._at.inverter, y, "INVERTER", "bold")
        self._wire(end + 1, self._at.loads - 1, y, self._flows.loads, last=1)
        self._canvas.put(self._at.loads, y, "LOADS", "text")
        text, tone = self._sheet.state("inverter_state")
        end = self._canvas.put(self._at.inverter, y + 1, text, tone)
        if self._limited:
            mode, _ = self._sheet.state("inverter_mode")
            self._canvas.put(end, y + 1, f", set to {mode}" if text else f"set to {mode}", "warn")

    @property
    def _limited(self) -> bool:
        """Whether the inverter is set to something else than *on*."""
        return self._sheet.figure("inverter_mode").value not in (None, MODE_ON)

    def _phases(self, y: int) -> int:
        """Below the loads each phase, and how even they are; the last row."""
        sheet, x = self._sheet, self._at.loads - 17
        rows = [
            (key, unit)
            for key, unit in (("load_power_w", "kW"), ("voltage_v", "V"), ("current_a", "A"))
            if sheet.has(*(f"{key}.{phase}" for phase in PHASES))
        ]
        if not rows:
            return y + 1
        top = y + (2 if self._limited else 1)
        for number, phase in enumerate(PHASES):
            self._canvas.put(x + number * 7, top, f"{phase:>6}", "head")
        for row, (key, unit) in enumerate(rows, top + 1):
            for number, phase in enumerate(PHASES):
                text, tone = sheet.cell(f"{key}.{phase}", 7)
                self._canvas.put(x + number * 7, row, text, tone)
            self._canvas.put(x + 21, row, unit, "dim")
        return top + len(rows)

    def _dc(self, top: int, least: int) -> None:
        """Between inverter and battery: each flow at its arrow, PV joining between them."""
        found, x = self._flows, self._at.inverter + 3
        y = top
        if found.dc is not None:
            self._upright_wire(x, y, found.inverter_dc)
            y += 1
            self._canvas.put(1, y, fit(found.dc.label, self._at.wire - 2), "text")
            self._wire(self._at.wire, x, y, found.dc.power)
            tone: Tone = "bar" if flowing(found.dc.power) else "dim"
            self._canvas.put(x, y, self._tee_left, tone)
            y += 1
        while True:
            last = y >= least
            self._upright_wire(x, y, found.battery if last else ABSENT)
            if last:
                return
            y += 1

    def _upright_wire(self, x: int, y: int, power: Figure) -> None:
        way, glyphs = flowing(power), self._sheet.glyphs
        known = power.trust is not Trust.ABSENT
        sign = {1: glyphs.descending, -1: glyphs.ascending}.get(way, self._upright)
        self._canvas.put(x, y, sign, "bar" if way or not known else "dim")
        if known:
            text, tone = self._amount(Figure(abs(power.value), power.trust)
                                      if power.value is not None else power)  # fmt: skip
            self._canvas.put(x + 2, y, text, tone)

    def _wire(self, start: int, end: int, y: int, power: Figure, *, last: int = 2) -> None:
        """A line from `start` up to `end`, its power in it, an arrow where it flows: to the right
        in the `last` place but so many."""
        way, glyphs = flowing(power), self._sheet.glyphs
        tone: Tone = "bar" if way else "dim"
        text, own = self._amount(power)
        first = self._across * (2 if self.wide else 1)
        at = self._canvas.put(start, y, f"{first} ", tone)
        at = self._canvas.put(at, y, text, own)
        rest = [" ", *(self._across * max(0, end - at - 1))]
        if way and len(rest) > last:
            rest[-last if way > 0 else 1] = glyphs.right if way > 0 else glyphs.left
        self._canvas.put(at, y, "".join(rest), tone)

    def _short(self, start: int, end: int, y: int, way: int, tone: Tone) -> None:
        signs = [self._across] * max(0, end - start)
        glyphs = self._sheet.glyphs
        if way and len(signs) > 1:
            signs[-2 if way > 0 else 1] = glyphs.right if way > 0 else glyphs.left
        self._canvas.put(start, y, "".join(signs), tone)

    def _amount(self, power: Figure) -> Piece:
        return inline(scaled(power, 1000), 1, "kW", self._sheet.glyphs.absent)
