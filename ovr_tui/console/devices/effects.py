"""What a link does to the totals, in words. Pure."""

from collections.abc import Mapping

from msgspec import structs

from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.called import names_of
from ovr_tui.console.form.fields import Choice
from ovr_tui.console.format import figure, inline, label, scale, scaled

LINKS = (
    Choice("same_as", "one flow: it is a check of the other"),
    Choice("behind", "fed by it: a part of what the other measures"),
    Choice("apart_from", "two flows: they only look alike"),
)
WORDS: Mapping[str, str] = {
    "same_as": "the same as", "behind": "behind", "apart_from": "apart from",
}  # fmt: skip
"""What one asset is to another, between their names."""
MEANING: Mapping[str, str] = {
    "same_as": "{one} measures the same flow as {other}. {other} counts, {one} is a check of it: "
    "its deviation is shown, and it is added to no total.",
    "behind": "{one} is fed by {other}: a part of what that measures. {other} counts; {one} is "
    "shown as a part of it, and what is left is unmetered or lost.",
    "apart_from": "{one} and {other} are two flows that look alike. Both count, and the program "
    "does not ask again.",
}


def both_counted(shot: Snapshot | None, one: str, other: str) -> list[str]:
    """The totals in which both assets are added up now."""
    if shot is None:
        return []
    found = {**shot.today, **shot.totals}
    return [key for key, total in found.items() if one in total.counted and other in total.counted]


def effects(shot: Snapshot | None, one: str, other: str, link: str) -> list[str]:
    """What it means, and by how much the totals change now."""
    names = names_of(shot)
    told = names[one]
    out = [MEANING[link].format(one=told, other=names[other])]
    both = both_counted(shot, one, other)
    if link == "apart_from" or shot is None:
        return out
    if not both:
        return [*out, "The two are in no total together now, so no figure changes at once."]
    views = {view.id: view for view in shot.assets}
    return [*out, *(_falls(key, views.get(one), told, today=key in shot.today) for key in both)]


def _falls(key: str, view: AssetView | None, one: str, *, today: bool) -> str:
    """By how much a total changes. What a counter has counted since midnight is not its reading."""
    reading = view.readings.get(key) if view else None
    if today:
        return f"{label(key)} of today: what {one} has counted leaves the total"
    if reading is None or reading.value is None:
        return f"{label(key)}: {one} leaves the total"
    shape = scale(key)
    way = "rises" if reading.value < 0 else "falls"
    less = structs.replace(reading, value=abs(reading.value))
    words, _ = inline(scaled(figure(less), shape.by), shape.decimals, shape.unit)
    return f"{label(key)}: the total {way} by {words.strip()}, which were counted twice"
