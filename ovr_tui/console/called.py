"""What people call an asset, in place of its id. Pure."""

import re
from collections.abc import Sequence

from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.text import fit

NAME_CELLS = 48
"""A longer name is cut where it stands among other words."""
COMMAND = "ovr "
"""What follows is typed into a shell as it stands there, ids and all."""
_ID = re.compile(r"(?<![\w.-])[a-z0-9]+(?:[.-][a-z0-9_]+)+(?![\w-])")
"""What can only be an id: words without a dash or a point may be just words."""
_PLACE = re.compile(r"(?:the GX \S+ at )?\S+:\d+(?: unit \d+(?:, registers [\d–]+)?)?:? ")


class Names(dict[str, str]):
    """What assets are called, by their ids (a device is called like the asset that it is itself);
    an id that is not known here stands for itself."""

    def __missing__(self, asset: str) -> str:
        return asset


def names_of(shot: Snapshot | None) -> Names:
    """The names of a moment."""
    return Names({view.id: _name(view) for view in (shot.assets if shot else ())})


def _name(view: AssetView) -> str:
    return fit(view.name, NAME_CELLS).rstrip() or view.id


def name_of(shot: Snapshot | None, asset: str) -> str:
    """What one is called; its id where it is not known here."""
    found = next((view for view in shot.assets if view.id == asset), None) if shot else None
    return _name(found) if found is not None else asset


def told_apart(views: Sequence[AssetView]) -> list[tuple[AssetView, str]]:
    """Assets to choose from, each with its name; those of one name with their ids too."""
    names = [_name(view) for view in views]
    return [
        (view, name if names.count(name) == 1 else f"{name} ({view.id})")
        for view, name in zip(views, names, strict=True)
    ]


def in_names(text: str, names: Names) -> str:
    """A text of the collector's with names for ids; commands in it keep theirs."""
    said, sign, command = text.partition(COMMAND)
    return _ID.sub(lambda hit: names[hit[0]], said) + sign + command


def without_place(text: str) -> str:
    """What failed, without the address that it begins with: in a list what is wrong comes first,
    and the address stands in the details."""
    found = _PLACE.match(text)
    return text[found.end() :] if found else text
