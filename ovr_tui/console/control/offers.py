"""The commands of an asset as rows, what is said of one, and what was done there. Pure."""

from collections.abc import Sequence

from rich.cells import cell_len

from collector.model.audit import AuditEntry
from collector.model.control import Offer
from collector.model.text import called
from collector.wire import OffersAnswer
from ovr_tui.console.control.words import (
    DANGER_TEXT,
    danger,
    follows,
    forbidden,
    present,
    takes,
    value_text,
)
from ovr_tui.console.format import local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece, Tone, fit, wrap

LONGEST = 44
"""A command's name, how it is set, and what it takes are cut beyond; `detail` has them whole."""
BARRED = "not now"


def table(
    told: OffersAnswer, cells: int, glyphs: Glyphs, *, live: bool = True
) -> tuple[Line, list[Item]]:
    """The titles, and a row for each command; `live`: the asset is heard. What it takes, and why
    it is not possible, stands there where there is room for all of it: `detail` tells it too."""
    rows = [_row(offer, told, glyphs, live) for offer in told.offers]
    grid = lay_out(_columns(rows), cells)
    whole = [[*row[:3], *row[4:]] for row in rows]
    if any(row[-1][0] for row in rows):
        everything = lay_out(_columns(whole), cells)
        if len(everything.columns) == len(_TITLES) - 1:
            grid, rows = everything, whole
    items = [
        Item(key=offer.command, line=grid.line(row), text=offer.command)
        for offer, row in zip(told.offers, rows, strict=True)
    ]
    return grid.header(), items


_TITLES = ("COMMAND", "NOW", "DANGER", "", "TAKES", "NOT NOW, FOR")


def _columns(rows: Sequence[Sequence[Piece]]) -> list[Column]:
    """As wide as what stands in them."""
    titles = _TITLES if rows and len(rows[0]) == len(_TITLES) else (*_TITLES[:3], *_TITLES[4:])
    out = []
    for place, title in enumerate(titles):
        wide = max([cell_len(title), *(cell_len(row[place][0]) for row in rows)])
        most = wide if place > 2 else min(wide, LONGEST)
        least = min(most, 26) if place == 0 else most
        rank = {"TAKES": 1, "NOT NOW, FOR": 2}.get(title, 0)
        out.append(Column(title=title, least=least, most=most, rank=rank))
    return out


def _row(offer: Offer, told: OffersAnswer, glyphs: Glyphs, live: bool) -> list[Piece]:
    why = forbidden(offer, told.why_not)
    barred = bool(why or told.why_not)
    tone: Tone = "dim" if barred else "text"
    sign, colour = danger(offer, glyphs)
    return [
        (glyphs.text(offer.label), tone),
        (glyphs.text(present(offer, live=live)), "bold" if live and not barred else "dim"),
        (sign, "dim" if barred else colour),
        (BARRED if why else "", "warn"),
        (glyphs.text(takes(offer, glyphs)), tone),
        (glyphs.text(why), "warn"),
    ]


def detail(
    offer: Offer, told: OffersAnswer, cells: int, glyphs: Glyphs, *, live: bool = True
) -> list[Line]:
    """Everything about one command; where the asset is not heard, without what follows from how
    it is."""
    sign, tone = danger(offer, glyphs)
    lines: list[Line] = [
        ((f" {fit(glyphs.text(offer.label), cells - 2).rstrip()}", "bold"),),
        _fact("now", (glyphs.text(present(offer, live=live)), "bold" if live else "dim")),
    ]
    if offer.effect and live:
        lines += _wrapped("which means", glyphs.prose(offer.effect), cells)
    lines += _wrapped("takes", glyphs.text(takes(offer, glyphs)), cells)
    if offer.lasting == "must":
        lines += _wrapped("", "with a time after which it ends", cells)
    lines += _wrapped(sign, DANGER_TEXT[offer.danger], cells, tone)
    if offer.holds and live:
        lines += _wrapped("held", glyphs.prose(offer.holds), cells, "accent")
    for way, why in _impossible(offer, told) if live else ():
        lines += _wrapped(f"not {way} now"[:17], glyphs.prose(why), cells, "warn")
    for way in offer.choices or ("",):
        said = follows(offer.command, way or 0.0)
        if said:
            lines += _wrapped(value_text(way, "") if way else "then", said, cells, "dim")
    return lines


def _impossible(offer: Offer, told: OffersAnswer) -> list[tuple[str, str]]:
    if offer.why_not:
        return [] if offer.why_not == told.why_not else [("possible", offer.why_not)]
    return [(value_text(way, ""), why) for way, why in offer.impossible.items()]


def _fact(name: str, *pieces: Piece) -> Line:
    return ((f" {fit(name, 18)}", "dim"), *pieces)


def _wrapped(name: str, text: str, cells: int, tone: Tone = "text") -> list[Line]:
    parts = wrap(text, cells - 19, tone, 0) or [()]
    return [_fact(name if not at else "", *part) for at, part in enumerate(parts)]


# -- the audit -------------------------------------------------------------------------------

_GOOD = ("confirmed", "done")


def audit(
    entries: Sequence[AuditEntry],
    offers: Sequence[Offer],
    cells: int,
    timezone: str,
    glyphs: Glyphs,
) -> list[Line]:
    """What was done to the asset, the newest first: when, who, what, from which value to which,
    how it ended; commands by the names and in the units of `offers`."""
    lines: list[Line] = [((" DONE HERE, the newest first", "head"),)]
    if not entries:
        return [*lines, ((" Nobody has done anything here yet.", "dim"),)]
    known = {offer.command: offer for offer in offers}
    for entry in entries:
        command = entry.deed.action.removeprefix("control ").removesuffix(" later")
        lines += _entry(entry, known.get(command), cells, timezone, glyphs)
    return lines


def _entry(
    entry: AuditEntry, offer: Offer | None, cells: int, timezone: str, glyphs: Glyphs
) -> list[Line]:
    deed = entry.deed
    at = local(entry.at_ms, timezone).strftime("%a %H:%M:%S")
    what = offer.label if offer else deed.action.removeprefix("control ").replace("-", " ")
    what += ", later" if offer and deed.action.endswith(" later") else ""
    who = glyphs.text(called(deed.person))
    tone: Tone = "dim" if entry.outcome.startswith(_GOOD) or " later" in deed.action else "warn"
    first: Line = (
        (f" {at} ", "dim"),
        (fit(who, min(14, len(who))), "accent"),
        (f" {glyphs.text(what)}", "text"),
    )
    values = [_value(text, offer.unit if offer else "") for text in (deed.before, deed.after)]
    change = glyphs.text(f" {glyphs.to} ".join(text for text in values if text))
    lines = [first, *(wrap(change, cells, "text", 15) if change else [])]
    return [*lines, *wrap(glyphs.prose(entry.outcome), cells, tone, 15)]


def _value(text: str, unit: str) -> str:
    """A value as the audit has it (`release`, `-5000 for 1800 s`) for people."""
    said, _, lasting = text.partition(" for ")
    try:
        value = value_text(float(said), unit)
        return f"{value} for {span(float(lasting.removesuffix(' s')))}" if lasting else value
    except ValueError:
        return "not set" if said == "release" else text
