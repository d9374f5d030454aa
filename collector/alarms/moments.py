"""What happens at a moment rather than lasts: a counter was refused, samples were lost.

Such a condition stands for ten minutes after it happened last, so that somebody sees it; then the
alarm clears, and stays visible until it is acknowledged.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from collector.alarms.condition import Condition, key_of
from collector.alarms.scene import Scene
from collector.model.alarm import Rule, Severity

STANDS_S = 600.0
_REFUSED = re.compile(r"\A([\w ]+): refused: (.*)\Z")


class Moments(Struct, frozen=True, kw_only=True):
    """What was seen, and when (steady seconds). `lost` is the journal's count of lost samples."""

    lost: int | None = None
    lost_s: float = float("-inf")
    refused_s: Mapping[tuple[str, str], float] = {}
    """By asset and what it says."""


def look(before: Moments, scene: Scene) -> Moments:
    """What has happened until this scene. What the first one has already happened before; what a
    journal loses while it fails is told by that alarm."""
    lost = scene.journal.lost_samples
    rose = before.lost is not None and lost > before.lost and scene.journal.state == "ok"
    refused = {
        (view.id, note): before.refused_s.get((view.id, note), scene.now_s)
        for view in scene.assets
        for note in view.notes
        if _REFUSED.match(note)
    }
    return Moments(lost=lost, lost_s=scene.now_s if rose else before.lost_s, refused_s=refused)


def _in_words(note: str) -> str:
    """`load energy: refused: +9 kWh …` as an alarm says it."""
    found = _REFUSED.match(note)
    return f"not all is added to {found[1]}: {found[2]}" if found else note


def momentary(moments: Moments, scene: Scene) -> Iterator[Condition]:
    """The conditions that still stand."""
    if scene.now_s - moments.lost_s < STANDS_S:
        yield Condition(
            key=key_of(Rule.LOST, ""),
            rule=Rule.LOST,
            subject="",
            severity=Severity.CRITICAL,
            text=f"{scene.journal.lost_samples} samples are lost: {scene.journal.cause}".rstrip(
                ": "
            ),
        )
    names = {view.id: (view.name, view.device) for view in scene.assets}
    texts: dict[str, list[str]] = {}
    for (asset, note), at_s in moments.refused_s.items():
        if scene.now_s - at_s < STANDS_S and scene.watches(asset):
            texts.setdefault(asset, []).append(_in_words(note))
    for asset, notes in texts.items():
        name, device = names[asset]
        yield Condition(
            key=key_of(Rule.COUNTER, asset),
            rule=Rule.COUNTER,
            subject=asset,
            severity=Severity.WARNING,
            text="; ".join(notes),
            name=name,
            asset=asset,
            device=device,
        )
