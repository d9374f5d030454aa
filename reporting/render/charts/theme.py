"""One look for all charts, and how a figure becomes an SVG that is the same on every machine."""

import re
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, cast

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reporting.render.fonts import HERE

WIDTH_IN = 6.85
"""The text's width on A4 (174 mm); HTML scales the drawing to its column."""
INK, MUTED, GRID, PANEL = "#14212b", "#52636f", "#dde4e8", "#f3f6f8"
ACCENT = "#0b4f6c"


class Look(NamedTuple):
    """How a source is drawn: its name, colour, and pattern."""

    name: str
    colour: str
    hatch: str


SOURCES: Mapping[str, Look] = {
    "grid": Look("Grid", "#56b4e9", "\\\\"),
    "generator": Look("Generator", "#e69f00", "//"),
    "pv": Look("PV", "#f0e442", ""),
    "battery": Look("Battery", "#009e73", ""),
    "brought in": Look("Stored before", "#b3bcc2", "||"),
    "unknown": Look("Not metered", "#e3e8eb", ""),
}
OTHER = Look("Other", "#b3bcc2", "||")
PHASES = (("#0072b2", "-"), ("#d55e00", (0, (5, 1.5))), ("#009e73", (0, (1.2, 1.2))))

_RULES: dict[str, Any] = {
    "font.family": ["Inter", "DejaVu Sans"],
    "font.size": 8.0,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "xtick.major.size": 3.0,
    "xtick.minor.width": 0.4,
    "xtick.minor.size": 2.0,
    "ytick.major.size": 0.0,
    "hatch.linewidth": 0.45,
    "lines.linewidth": 1.1,
    "lines.solid_joinstyle": "round",
    "svg.fonttype": "none",
    "font.weight": 400,
    "svg.image_inline": True,
    "path.simplify": True,
    "text.parse_math": False,
}


def ruled() -> AbstractContextManager[None]:
    """What a chart is made within: the settings above, with our typeface known."""
    _typeface()
    return cast("AbstractContextManager[None]", mpl.rc_context(cast("Any", _RULES)))


@lru_cache(1)
def _typeface() -> None:
    known = font_manager.fontManager
    known.ttflist = [font for font in known.ttflist if _brought(font)]
    for path in sorted(HERE.glob("*.otf")):
        known.addfont(path)


def _brought(font: font_manager.FontEntry) -> bool:
    """Whether it is matplotlib's DejaVu: no machine's own fonts decide where text stands."""
    path = Path(font.fname)
    own = not path.is_absolute() or path.is_relative_to(mpl.get_data_path())
    return own and font.name == "DejaVu Sans"


def figure(height_in: float, *, left: float = 0.5, right: float = 0.5, top: float = 0.32) -> Figure:
    """An empty figure; margins in inches are kept by `axes`."""
    made = Figure(figsize=(WIDTH_IN, height_in), facecolor="none")
    made.subplots_adjust(
        left=left / WIDTH_IN,
        right=1 - right / WIDTH_IN,
        top=1 - top / height_in,
        bottom=0.34 / height_in,
    )
    return made


def axes(made: Figure, unit: str) -> Axes:
    """Axes with light horizontal lines, no frame but the base, the unit above the scale."""
    drawn = made.add_subplot()
    drawn.set_facecolor("none")
    for side in ("top", "left", "right"):
        drawn.spines[side].set_visible(False)
    drawn.grid(axis="y", color=GRID, linewidth=0.6)
    drawn.tick_params(axis="y", pad=2)
    if unit:
        above(drawn, unit, 0.0, "right", dx=-2)
    return drawn


def above(
    drawn: Axes, text: str, x: float, align: str, *, dx: float = 0, colour: str = MUTED
) -> None:
    """A word above the axes, at `x` of its width, `dx` points aside."""
    drawn.annotate(
        text,
        (x, 1),
        (dx, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha=align,
        va="bottom",
        color=colour,
        annotation_clip=False,
    )


def svg(made: Figure, name: str) -> str:
    """The figure as one `<svg>` element: ids that begin with `name`, no date, no program's name."""
    FigureCanvasSVG(made)
    out = StringIO()
    with mpl.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # it stands as text
        made.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return trimmed(out.getvalue(), name)


_HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_LONG = re.compile(r"(?<=\.\d\d)\d+")
_ID = re.compile(r' id="([^"]+)"')
_USED = re.compile(r"""url\(#([^)]+)\)|xlink:href="#([^"]+)\"""")
_SIZE = re.compile(r'(<svg [^>]*?) ?width="[^"]*"')
_HEIGHT = re.compile(r'(<svg [^>]*?) ?height="[^"]*"')
_SPACE = re.compile(r">\s+<")


def trimmed(text: str, name: str) -> str:
    """matplotlib's SVG without prolog and unused ids, hundredths of a point at most.

    Ids that are used get `name` in front, so that several charts can stand in one page. Sizes are
    left to `viewBox`.
    """
    text = _METADATA.sub("", _HEAD.sub("", text, count=1))
    used = {first or second for first, second in _USED.findall(text)}
    text = _ID.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{name}-\1"', text)
    text = _HEIGHT.sub(r"\1", _SIZE.sub(r"\1", text, count=1), count=1)
    text = text.replace("<svg ", '<svg role="img" ', 1)
    return _SPACE.sub("><", _LONG.sub("", text)).strip()
