"""What an asset counts for and why: totals, links, who stands there, who verified it, what was
refused and corrected. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.alarm import CLAMP_PCT, Commissioning
from collector.model.assignment import NUMBER, OTHERS, SERIAL, Fact, Held
from collector.model.refused import RefusedCount
from collector.model.rounding import signed
from collector.model.said import Correction
from collector.model.snapshot import AssetView, Snapshot
from collector.model.text import called
from collector.wire import Twin
from ovr_tui.console.asset.layout import Block, columns
from ovr_tui.console.asset.roles import linked, roles_of
from ovr_tui.console.called import name_of
from ovr_tui.console.format import counted, label, local, number, scale
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import BLANK, Line, Piece, Tone, fit, wrap

COLUMN = 58
"""How wide a column of blocks is where there is room for several."""
TITLE = 14


class Evidence(Struct, frozen=True, kw_only=True):
    """What the collector says beside the snapshot; None where it was not asked, or refused it."""

    held: tuple[Held, ...] | None = None
    refused: tuple[RefusedCount, ...] | None = None
    corrections: tuple[Correction, ...] | None = None
    commissionings: tuple[Commissioning, ...] | None = None
    twins: tuple[Twin, ...] | None = None


def evidence(
    view: AssetView, shot: Snapshot, known: Evidence, glyphs: Glyphs, cells: int
) -> list[Line]:
    """All of it, in two columns where there is room."""
    told = _Told(view, shot, known, glyphs, min(cells, COLUMN) - 2 if cells >= 118 else cells - 2)
    blocks = [
        told.totals(), told.links(), told.unit(), told.verified(), told.plate(), told.refusals(),
        told.corrected(), told.earlier(),
    ]  # fmt: skip
    return [BLANK, *columns(blocks, cells)]


class _Told:
    """The blocks, each for a width."""

    def __init__(
        self, view: AssetView, shot: Snapshot, known: Evidence, glyphs: Glyphs, cells: int
    ) -> None:
        self._view = view
        self._shot = shot
        self._known = known
        self._glyphs = glyphs
        self._cells = cells

    def totals(self) -> Block:
        """Each total in which it has a part."""
        roles = roles_of(self._view, self._shot)
        lines = [line for role in roles for line in self._wrap(role)]
        if not lines:
            lines = self._wrap("It has no part in any total of the site.", dim=True)
        return Block(title="TOTALS", lines=lines)

    def links(self) -> Block:
        """What it is linked to, and what may be one flow with it."""
        links = linked(self._view, self._shot)
        lines = [line for link in links for line in self._wrap(link)]
        for twin in self._known.twins or ():
            if self._view.id in (twin.asset, twin.other):
                other = twin.other if twin.asset == self._view.id else twin.asset
                name, since = name_of(self._shot, other), self._date(twin.since_ms)
                text = (
                    f"seems to be one flow with {name} since {since}: c, then link, says what is so"
                )
                said = f"{self._glyphs.alarm} {self._glyphs.text(text)}"
                lines += wrap(said, self._cells, "warn")
        if not lines:
            lines = self._wrap("Nothing is linked to it.", dim=True)
        return Block(title="LINKS", lines=lines)

    def unit(self) -> Block:
        """Who stands there, of which system, for whom; each since when and by whom."""
        held = self._known.held
        if held is None:
            lines = self._fact("system", self._view.system)
            return Block(title="UNIT AND SYSTEM", lines=lines)
        now = [one for one in held if one.to_ms is None and one.value and one.what in _UNIT]
        lines = [line for one in sorted(now, key=_order) for line in self._held(one)]
        if not any(one.what is Fact.UNIT and one.key == NUMBER for one in now):
            lines += self._wrap("No fleet number is known: c, then plate, says it.", dim=True)
        return Block(title="UNIT AND SYSTEM", lines=lines)

    def plate(self) -> Block:
        """Ratings and account."""
        held = [o for o in self._known.held or () if o.to_ms is None and o.value]
        lines = [
            line
            for one in sorted(held, key=_order)
            if one.what in (Fact.RATING, Fact.ACCOUNT, Fact.ROLE)
            for line in self._held(one)
        ]
        said = {one.key for one in held if one.what is Fact.RATING}
        for name, value in self._view.ratings.items():
            if name not in said:
                lines += self._fact(_words(name), f"{number(value, 1)} (as the device says)")
        return Block(title="RATING, ROLE, ACCOUNT", lines=lines)

    def verified(self) -> Block:
        """Whether it is watched, since when, and verified by which clamp."""
        title = "COMMISSIONING"
        if self._known.commissionings is None:
            return Block(title="", lines=())
        found = [one for one in self._known.commissionings if one.asset == self._view.id]
        if not found or found[-1].released_ms is not None:
            text = "Not commissioned: its alarms do not count yet; c, then commission."
            return Block(title=title, lines=wrap(text, self._cells, "warn"))
        one = found[-1]
        by = f" by {called(one.person)}" if one.person else ""
        lines = self._wrap(f"since {self._date(one.at_ms)}{by}")
        lines += self._wrap(one.note, dim=True) if one.note else []
        for clamp in one.clamps:
            meter = "--" if clamp.meter_a is None else f"{number(clamp.meter_a, 1)} A"
            off = clamp.deviation_pct
            text = f" clamp {number(clamp.clamp_a, 1)} A, meter {meter}"
            pieces: list[Piece] = [(f" {clamp.phase}", "text"), (text, "text")]
            if off is not None:
                tone: Tone = "warn" if abs(off) > CLAMP_PCT else "good"
                pieces.append((f"  {signed(off, 1)} %", tone))
            lines.append(tuple(pieces))
        if not one.clamps:
            lines += wrap("not verified by a clamp", self._cells, "warn")
        return Block(title=title, lines=lines)

    def refusals(self) -> Block:
        """What its counters were not given."""
        if self._known.refused is None:
            return Block(title="", lines=())
        lines: list[Line] = []
        for one in self._known.refused:
            if one.asset != self._view.id:
                continue
            how = scale(one.measurement)
            amount = f"{number(one.amount / how.by, 1)} {how.unit}" if one.amount else "?"
            end = "open"
            if one.decided_ms is not None:
                end = "dismissed" if one.accepted is None else "accepted"
                end += f" by {called(one.person)}" if one.person else ""
            text = f"{self._date(one.at_ms)} {label(one.measurement)} {amount}: {one.why} ({end})"
            tone: Tone = "warn" if one.decided_ms is None else "dim"
            lines += wrap(self._glyphs.prose(text), self._cells, tone)
        if not lines:
            lines = self._wrap("Nothing was refused.", dim=True)
        return Block(title="REFUSED COUNTERS", lines=lines)

    def corrected(self) -> Block:
        """The corrections that are in force, of now or of the past."""
        if self._known.corrections is None:
            return Block(title="", lines=())
        lines: list[Line] = []
        for one in self._known.corrections:
            if one.asset != self._view.id or one.withdrawn_ms is not None:
                continue
            end = self._date(one.to_ms) if one.to_ms is not None else "on"
            by = f" ({called(one.person)})" if one.person else ""
            text = f"{one.kind.value} {_detail(one)} {self._date(one.from_ms)} to {end}: "
            lines += self._wrap(f"{' '.join(text.split())} {one.reason or 'no reason'}{by}")
        if not lines:
            lines = self._wrap("None: what was measured counts as it is.", dim=True)
        return Block(title="CORRECTIONS", lines=lines)

    def earlier(self) -> Block:
        """What was so before, the newest first."""
        held = [one for one in self._known.held or () if one.to_ms is not None and one.value]
        lines: list[Line] = []
        for one in sorted(held, key=lambda each: -(each.to_ms or 0)):
            times = f"{self._date(one.from_ms)} to {self._date(one.to_ms or 0)}"
            lines += self._wrap(f"{_name(one)} {one.value}: {times}", dim=True)
        return Block(title="EARLIER", lines=lines)

    # -- how -----------------------------------------------------------------------------------

    def _held(self, one: Held) -> list[Line]:
        by = f" by {called(one.person)}" if one.person else ""
        why = f": {one.reason}" if one.reason else ""
        lines = self._fact(_name(one), one.value)
        text = self._glyphs.text(f"since {self._date(one.from_ms)}{by}{why}")
        return [*lines, *wrap(text, self._cells, "dim", TITLE + 2)]

    def _fact(self, name: str, value: str) -> list[Line]:
        room = max(10, self._cells - TITLE - 2)
        text = fit(self._glyphs.text(value), room).rstrip()
        return [((f" {fit(name, TITLE)} ", "dim"), (text, "text"))]

    def _wrap(self, text: str, *, dim: bool = False) -> list[Line]:
        return wrap(self._glyphs.prose(text), self._cells, "dim" if dim else "text")

    def _date(self, at_ms: int) -> str:
        if at_ms <= 0:
            return "the beginning"
        at = local(at_ms, self._shot.timezone)
        near = abs(self._shot.at_ms - at_ms) < 300 * 86_400_000
        return at.strftime("%a %d %b %H:%M" if near else "%d %b %Y")


_UNIT = (Fact.UNIT, Fact.SYSTEM)
_ORDER: Sequence[Fact] = tuple(Fact)


def _order(one: Held) -> tuple[int, str]:
    return _ORDER.index(one.what), one.key


def _name(one: Held) -> str:
    if one.what is Fact.UNIT:
        return {NUMBER: "fleet number", SERIAL: "serial"}.get(one.key, "unit")
    if one.what is Fact.SYSTEM:
        return "others' system" if one.key == OTHERS else "system"
    if one.what is Fact.RATING:
        return _words(one.key)
    return f"{one.what.value} {one.key}".strip()


_UNITS = {"kva": "kVA", "kw": "kW", "kwh": "kWh", "v": "V", "a": "A", "l": "L"}


def _words(name: str) -> str:
    return " ".join(_UNITS.get(word, word) for word in name.replace("ct_", "CT ").split("_"))


def _detail(one: Correction) -> str:
    if one.factor is not None:
        return f"{one.factor:g} {one.phase}"
    if one.phases is not None:
        return " ".join(one.phases)
    if one.role is not None:
        return f"{one.role.value}"
    if one.value is not None:
        return f"{label(one.measurement)} {counted(one.value, one.measurement)}"
    return ""
