"""Shapes and words at points of a sheet, which matplotlib's renderer writes as SVG.

matplotlib's `Figure` and `Axes` make, measure and lay out some hundred objects for each scale:
eight ninths of a chart's time, and half of the time that the library takes to load. A report has
few kinds of charts, of one width and typeface: `plot.py` places what belongs to a scale, and the
library draws it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from typing import Any, Literal, NamedTuple, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.patches import BoxStyle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

from reporting.render.charts.theme import FAMILY, INK, SIZE, WIDTH_IN, Pen
from reporting.render.fonts import HERE

Floats = NDArray[np.float64]
Align = Literal["left", "center", "right"]
Rise = Literal["top", "middle", "bottom"]
INCH = 72.0
ASCENT, DESCENT = 0.969, 0.242
"""Inter's, in its size."""
_RULES = {
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "path.simplify": False,
    "hatch.linewidth": 0.45,
}
_AS_IT_IS = IdentityTransform()
_PAPER = Pen(fill="#ffffffdd")


class Box(NamedTuple):
    """A rectangle of the sheet, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


class Sheet:
    """One drawing of the page's width. What is drawn later lies above.

    Ids are hashes that `name` is in, so that several charts can stand in one page. matplotlib's
    settings are the process's, so one sheet is drawn after another.
    """

    def __init__(self, height_in: float, name: str) -> None:
        mpl.rcParams.update(cast("Any", {**_RULES, "svg.hashsalt": name}))
        self.width, self.height = WIDTH_IN * INCH, height_in * INCH
        self._out = StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        made = cast("Any", RendererSVG)(self.width, self.height, self._out, metadata=nothing)
        self._drawing: Any = made
        self._word = Text()

    def line(self, xs: Floats, ys: Floats, pen: Pen, within: Box | None = None) -> None:
        """A line from point to point; one that is NaN interrupts it."""
        self._path(Path(np.column_stack((xs, ys))), pen, within)

    def shapes(self, outlines: Sequence[Floats], pen: Pen, within: Box | None = None) -> None:
        """Closed shapes of one look, each by its corners (n x 2)."""
        if not outlines:
            return
        points = np.concatenate([np.vstack((one, one[:1])) for one in outlines])
        codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
        ends = np.cumsum([len(one) + 1 for one in outlines])
        codes[ends - 1] = Path.CLOSEPOLY
        codes[[0, *ends[:-1]]] = Path.MOVETO
        self._path(Path(points, codes), pen, within)

    def strokes(self, ends: Sequence[tuple[float, float, float, float]], pen: Pen) -> None:
        """Straight strokes of one look, each from (x, y) to (x, y)."""
        if ends:
            points = np.array(ends).reshape(-1, 2)
            codes = np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=Path.code_type), len(ends))
            self._path(Path(points, codes), pen, None)

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle."""
        self._path(Path.circle((x, y), radius), Pen(fill=colour), None)

    def picture(self, pixels: NDArray[np.uint8], box: Box) -> None:
        """An image (rows from the top on, RGBA), each pixel with sharp edges."""
        wide, high = box.right - box.left, box.top - box.bottom
        placed = Affine2D().scale(wide, -high).translate(0, high)
        self._drawing.draw_image(self._drawing.new_gc(), box.left, box.bottom, pixels, placed)

    def words(
        self,
        text: str,
        x: float,
        y: float,
        align: Align = "left",
        rise: Rise = "bottom",
        *,
        size: float = SIZE,
        colour: str = INK,
        paper: float | None = None,
    ) -> None:
        """Lines of text that are anchored where they are aligned; `y` is their top, middle or
        bottom. `paper`: how far a white ground reaches beyond them, if they have one."""
        lines, x = text.split("\n"), round(x, 2)
        pitch = (ASCENT + DESCENT) * size
        tall = pitch * len(lines)
        top = y + {"top": 0.0, "middle": tall / 2, "bottom": tall}[rise]
        if paper is not None:
            wide = max(width(line, size) for line in lines)
            left = x - {"left": 0.0, "center": wide / 2, "right": wide}[align]
            ground = cast("Any", BoxStyle.Round)(pad=paper)
            self._path(ground(left, top - tall, wide, tall, 1.0), _PAPER, None)
        gc = self._drawing.new_gc()
        gc.set_foreground(colour)
        self._word.set_horizontalalignment(align)
        for nth, line in enumerate(lines):
            base = round(top - nth * pitch - ASCENT * size, 2)
            self._word.set_position((x, base))
            self._drawing.draw_text(
                gc, x, self.height - base, line, _font(size), 0, False, self._word
            )

    def svg(self) -> str:
        """The sheet as one `<svg>` element: no date, no program's name, the size left to `viewBox`.
        Nothing can be drawn any more."""
        self._drawing.finalize()
        return trimmed(self._out.getvalue())

    def _path(self, path: Path, pen: Pen, within: Box | None) -> None:
        gc: Any = self._drawing.new_gc()
        gc.set_linewidth(pen.width if pen.stroke else 0)
        if pen.stroke:
            gc.set_foreground(pen.stroke)
        if pen.dashes:
            gc.set_dashes(0, [dash * pen.width for dash in pen.dashes])
        if pen.hatch:
            gc.set_hatch(pen.hatch)
            gc.set_hatch_color(to_rgba(pen.stroke))
        if within is not None:
            gc.set_clip_rectangle(Bbox.from_extents(*within))
        face = to_rgba(pen.fill) if pen.fill else None
        path.vertices = np.round(np.asarray(path.vertices), 2)
        self._drawing.draw_path(gc, path, _AS_IT_IS, face)


@lru_cache(16)
def _font(size: float) -> FontProperties:
    return FontProperties(family=[*FAMILY], size=size)


@lru_cache(1)
def _typeface() -> FT2Font:
    return FT2Font(str(HERE / "Inter-Regular.otf"))


@lru_cache(512)
def width(text: str, size: float = SIZE) -> float:
    """How long a line of text is, in points; of what Inter has."""
    face = _typeface()
    face.set_size(size, 72)
    face.set_text(text, 0.0)
    return float(face.get_width_height()[0]) / 64


_OPENING = re.compile(r".*?<svg ([^>]*)>", re.DOTALL)
_SIZE = re.compile(r'(?:width|height)="[^"]*" ?')
_SPACE = re.compile(r">\s+<")


def trimmed(text: str) -> str:
    """matplotlib's SVG without prolog, size, and space between elements."""
    text = _OPENING.sub(lambda m: f'<svg role="img" {_SIZE.sub("", m[1])}>', text, count=1)
    return _SPACE.sub("><", text).strip()
