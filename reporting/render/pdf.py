"""A document as PDF: typst, one template, the document as its data.

Nothing is read but this package's template and fonts (no system fonts), and no time but the
document's own, so the same document gives the same bytes on every machine. What the fonts do not
have is spelled (`signs.py`).
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec
import typst

from collector.model.report_document import Document, Table
from reporting.render.fonts import folders
from reporting.render.signs import TOLD, spelled
from reporting.render.widths import widths

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def pdf(document: Document) -> bytes:
    """The PDF. A template that does not compile is a fault of ours: `typst.TypstError`."""
    dated = _EPOCH + timedelta(seconds=document.dated_ms // 1000)  # typst takes whole seconds
    as_said = msgspec.to_builtins(msgspec.structs.replace(document, logo=None))
    data = spelled(as_said)
    if data != as_said:
        data["small_print"] = [*data["small_print"], TOLD]
    data["date"] = [*dated.timetuple()[:6]]
    for section, told in zip(document.sections, data["sections"], strict=True):
        for block, plain in zip(section.blocks, told["blocks"], strict=True):
            if isinstance(block, Table):
                plain["widths"] = widths(block)
    files: dict[str, str | bytes] = {"main.typ": _TEMPLATE.read_bytes()}
    if document.logo is not None:
        data["logo"] = f"logo.{document.logo.kind.partition('+')[0]}"
        files[data["logo"]] = document.logo.content
    else:
        del data["logo"]
    files["document.json"] = msgspec.json.encode(data)
    made = _compiler().compile(input=cast("Any", files), format="pdf", timestamp=dated)
    return cast("bytes", made)


@lru_cache(1)
def _compiler() -> typst.Compiler:
    """One for the process: fonts are looked at once, what did not change is not laid out again."""
    return typst.Compiler(font_paths=[*folders()], ignore_system_fonts=True)
