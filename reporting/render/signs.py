"""Signs that no typeface of ours has, for a PDF that must not depend on a machine's own fonts."""

from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from matplotlib.ft2font import FT2Font

from reporting.render.fonts import folders

BOX = "\N{WHITE SQUARE}"
"""What stands for one such sign in a chart, where there is no room."""
TOLD = (
    "Signs that the typefaces of this PDF do not have stand as their Unicode numbers, as [U+4E2D]; "
    "in charts as □. The HTML file shows them."
)


def spelled(value: Any) -> Any:
    """A document's plain data with such signs as `[U+65E5 U+672C]`, those of a chart as boxes."""
    if isinstance(value, str):
        return value if known(value) else _spelled(value)
    if isinstance(value, dict):
        return {key: _of_chart(one) if key == "svg" else spelled(one) for key, one in value.items()}
    return type(value)(spelled(one) for one in value) if isinstance(value, list | tuple) else value


def known(text: str) -> bool:
    """Whether the typefaces have all of it."""
    return text.isascii() or _signs().issuperset(text)


def _spelled(text: str) -> str:
    signs = _signs()
    runs = ((has, "".join(run)) for has, run in groupby(text, signs.__contains__))
    return "".join(
        run if has else f"[{' '.join(f'U+{ord(s):04X}' for s in run)}]" for has, run in runs
    )


def _of_chart(svg: str) -> str:
    return svg if known(svg) else "".join(sign if sign in _signs() else BOX for sign in svg)


@lru_cache(1)
def _signs() -> frozenset[str]:
    inter, dejavu = folders()
    faces = (Path(inter) / "Inter-Regular.otf", Path(dejavu) / "DejaVuSans.ttf")
    numbers = (number for face in faces for number in FT2Font(str(face)).get_charmap())
    return frozenset(map(chr, (*range(128), *numbers)))
