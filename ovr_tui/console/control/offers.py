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

SHORTEST, LONGEST = 27, 44
"""The least and the most of a command's name: a longer one is cut, `detail` has it whole."""
BARRED = "not now: "


def table(
    told: OffersAnswer, cells: int, glyphs: Glyphs, *, live: bool = True
) -> tuple[Line, list[Item]]:
    """The titles, and a row for each command; `live`: the asset is heard. Each says what it takes,
    or that it is not possible now, and why: as much of it as fits, `detail` tells it whole."""
    rows = [_row(offer, told, glyphs, live) for offer in told.offers]
    barred = any(row[-1][0].startswith(BARRED) for row in rows)
    titles = ("COMMAND", "NOW", "DANGER", "TAKES, OR WHY NOT NOW" if barred else "TAKES")
    grid = lay_out(_columns(titles, rows, cells), cells)
    items = [
        Item(key=offer.command, line=grid.line(row), text=offer.command)
        for offer, row in zip(told.offers, rows, strict=True)
    ]
    return grid.header(), items


def _columns(titles: Sequence[str], rows: Sequence[Sequence[Piece]], cells: int) -> list[Column]:
    """As wide as what stands in them; the name of a command gives way to what it takes."""
    wide = [
        max([cell_len(title), *(cell_len(row[place][0]) for row in rows)])
        for place, title in enumerate(titles)
    ]
    left = cells - sum(wide[1:]) - len(wide) - 1
    name = min(wide[0], LONGEST, max(SHORTEST, left))
    return [
        Column(title=titles[0], least=min(name, SHORTEST), most=name),
        *(Column(title=titles[place], least=wide[place]) for place in (1, 2)),
        Column(title=titles[3], least=min(wide[3], len(BARRED)), most=wide[3], rank=1),
    ]


def _row(offer: Offer, told: OffersAnswer, glyphs: Glyphs, live: bool) -> list[Piece]:
    why = forbidden(offer, told.why_not)
    barred = bool(why or told.why_not)
    tone: Tone = "dim" if barred else "text"
    sign, colour = danger(offer, glyphs)
    return [
        (glyphs.text(offer.label), tone),
        (glyphs.text(present(offer, live=live)), "bold" if live and not barred else "dim"),
        (sign, "dim" if barred else colour),
        (glyphs.text(f"{BARRED}{why}"), "warn")
        if why
        else (glyphs.text(takes(offer, glyphs)), tone),
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
        lines += _wrapped("it shows", glyphs.prose(offer.effect), cells)
    lines += _wrapped("takes", glyphs.text(takes(offer, glyphs)), cells)
    if offer.lasting == "must":
        lines += _wrapped("", "with a time after which it ends", cells)
    lines += _wrapped(sign, DANGER_TEXT[offer.danger], cells, tone)
    if offer.holds and live:
        lines += _wrapped("held", glyphs.prose(offer.holds), cells, "accent")
    for way, why in _impossible(offer, told) if live else ():
        lines += _wrapped(f"{way} now"[:17], glyphs.prose(why), cells, "warn")
    for way in offer.choices or ("",):
        said = follows(offer.command, way or 0.0)
        if said:
            lines += _wrapped(value_text(way, "") if way else "then", said, cells, "dim")
    return lines


def _impossible(offer: Offer, told: OffersAnswer) -> list[tuple[str, str]]:
    if offer.why_not:
        return [] if offer.why_not == told.why_not else [("not possible", offer.why_not)]
    return [
        ("no number" if way == "a number" else f"not {value_text(way, '')}", why)
        for way, why in offer.impossible.items()
    ]


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
