"""The form of a command, and what comes out of it. Pure."""

import math
from collections.abc import Mapping

from msgspec import Struct

from collector.model.control import ControlValue, Offer
from ovr_tui.console.control.words import present, value_text
from ovr_tui.console.form.fields import Choice, Field, Kind, Values
from ovr_tui.console.form.typed import read_number
from ovr_tui.console.format import span

NUMBER = "a number"
"""How the collector calls all numbers in `Offer.impossible`."""
WITHOUT_TIME = ("release", "stop")
"""Words that take no time, whatever the command's numbers and other words take."""


class Wish(Struct, frozen=True):
    """What a person wants a command to do."""

    value: ControlValue
    for_s: int | None = None


def ready(offer: Offer) -> Wish | None:
    """What is wanted where there is nothing to choose; None: a form has to ask."""
    only = offer.low is None and len(offer.choices) == 1 and offer.lasting == "no"
    return Wish(offer.choices[0]) if only else None


def fields(offer: Offer, values: Values) -> list[Field]:
    """The fields: the word if there is a choice, the number, the time."""
    found = []
    numbers = offer.low is not None and offer.high is not None
    ways = [*([NUMBER] if numbers else []), *offer.choices]
    way = values.get("way") or (ways[0] if ways else NUMBER)
    if offer.choices:
        found.append(_way(offer, ways))
    if numbers and (not offer.choices or way == NUMBER):
        found.append(_number(offer))
    if offer.lasting != "no" and way not in WITHOUT_TIME:
        found.append(_time(offer))
    return found


def _way(offer: Offer, ways: list[str]) -> Field:
    word = offer.value if isinstance(offer.value, str) else ""
    now = word if word in ways and word not in WITHOUT_TIME else ways[0]
    return Field(
        name="way",
        label="set it to",
        kind=Kind.CHOICE,
        value=now,
        choices=tuple(Choice(way, value_text(way, "")) for way in ways),
        text=f"it was {present(offer)} when this page came up",
        check=lambda way: offer.impossible.get(way, ""),
    )


def _number(offer: Offer) -> Field:
    low, high = value_text(offer.low, ""), value_text(offer.high, offer.unit)
    step = f" in steps of {offer.step:g}" if offer.step and offer.step != 1 else ""
    return Field(
        name="number",
        label="set it to",
        kind=Kind.NUMBER,
        unit=offer.unit,
        needed=True,
        least=offer.low,
        most=offer.high,
        text=f"{low} to {high}{step}; it was {present(offer)} when this page came up",
        check=lambda text: _number_wrong(offer, text),
    )


def _number_wrong(offer: Offer, text: str) -> str:
    if NUMBER in offer.impossible:
        return offer.impossible[NUMBER]
    value = read_number(text)
    if offer.step and not math.isclose(value / offer.step, round(value / offer.step), abs_tol=1e-6):
        return f"it goes in steps of {offer.step:g}"
    return ""


def _time(offer: Offer) -> Field:
    must = offer.lasting == "must"
    return Field(
        name="time",
        label="for how long",
        kind=Kind.SPAN,
        needed=must,
        text=f"{span(offer.least_s)} to {span(offer.most_s)}; "
        + ("then it ends by itself" if must else "empty: until somebody stops it"),
        check=lambda text: _time_wrong(offer, text),
    )


def _time_wrong(offer: Offer, text: str) -> str:
    seconds = read_number(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]]
    if offer.least_s <= seconds <= offer.most_s:
        return ""
    return f"{span(offer.least_s)} to {span(offer.most_s)}"


def wish(answers: Mapping[str, object]) -> Wish:
    """What a filled form wants."""
    way, number, time = answers.get("way"), answers.get("number"), answers.get("time")
    value = number if isinstance(number, float) else str(way)
    return Wish(value, time if isinstance(time, int) else None)


def asked_for(offer: Offer, wanted: Wish) -> str:
    """What is wanted, in words."""
    value = value_text(wanted.value, offer.unit)
    return f"{value} for {span(wanted.for_s)}" if wanted.for_s else value
