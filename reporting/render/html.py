"""A document as one HTML file that needs nothing else: no request, no script, typeface included."""

from base64 import b64encode
from functools import lru_cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from collector.model.report_document import Block, Document
from reporting.render.fonts import woff

_TEMPLATES = Path(__file__).parent / "templates"
_FACE = (
    "@font-face{{font-family:Inter;font-weight:{};"
    "src:url(data:font/woff;base64,{}) format('woff')}}"
)


def html(document: Document) -> bytes:
    """The page in UTF-8. All text is escaped; only charts that we drew go in as they are."""
    logo = ""
    if document.logo is not None:
        content = b64encode(document.logo.content).decode()
        logo = f"data:image/{document.logo.kind};base64,{content}"
    page = _template().render(d=document, css=Markup(_css()), logo=logo, kind=_kind)  # noqa: S704
    return page.encode("utf-8", "replace")


def _kind(block: Block) -> str:
    return str(block.__struct_config__.tag)


@lru_cache(1)
def _css() -> str:
    faces = (_FACE.format(400, woff("Regular")), _FACE.format(600, woff("SemiBold")))
    return "".join((*faces, (_TEMPLATES / "report.css").read_text()))


@lru_cache(1)
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    rules = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False
    )
    return rules.get_template("report.html.j2")
