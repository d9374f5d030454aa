"""What an asset counts for in the totals, and why. Pure."""

from collector.model.snapshot import AssetView, Snapshot, Total
from ovr_tui.console.asset.layout import Block
from ovr_tui.console.called import Names, in_names, names_of
from ovr_tui.console.format import Figure, Trust, inline, label, number, scale, scaled
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import wrap


def counts_as(view: AssetView, shot: Snapshot, glyphs: Glyphs, cells: int) -> Block:
    """What the asset counts for in the totals, and its links."""
    roles = roles_of(view, shot)
    lines = [line for text in roles for line in wrap(glyphs.prose(text), cells - 1)]
    links = linked(view, shot)
    lines += [line for text in links for line in wrap(glyphs.prose(text), cells - 1, "dim")]
    return Block(title="COUNTS", lines=lines)


def roles_of(view: AssetView, shot: Snapshot) -> list[str]:
    """What the asset is in each total, in words; nothing where it has no part."""
    names = names_of(shot)
    told = (_role(view, name, total, names) for name, total in shot.totals.items())
    return [text for text in told if text]


def linked(view: AssetView, shot: Snapshot) -> list[str]:
    """What the asset is linked to, in words."""
    names = names_of(shot)
    return [in_names(text, names) for text in view.links]


def _role(view: AssetView, name: str, total: Total, names: Names) -> str:
    what = label(name)
    for check in total.checks:
        if check.asset == view.id:
            by = (
                ""
                if check.deviation_pct is None
                else f", deviates {number(check.deviation_pct, 1)} %"
            )
            return f"{what}: a check of {names[check.of]}, never added{by}"
    if view.id in total.left_out:
        return f"{what}: would count, is left out now (the total is partial)"
    for overlap in total.unverified:
        if view.id in (overlap.asset, overlap.other):
            other = overlap.other if view.id == overlap.asset else overlap.asset
            return (
                f"{what}: counts, and may be one flow with {names[other]} (the total is unverified)"
            )
    for rest in total.remainders:
        if view.id in rest.children:
            return f"{what}: a part of what {names[rest.parent]} measures"
        if view.id == rest.parent:
            text, _ = inline(
                scaled(Figure(rest.value, Trust.GOOD), scale(name).by), 1, scale(name).unit
            )
            return f"{what}: counts; {text} of it unmetered and losses"
    return f"{what}: counts" if view.id in total.counted else ""
