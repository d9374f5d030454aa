"""The company's logo: looked at before it is put into anything."""

import re
from xml.etree import ElementTree as ET

from collector.model.report_document import Logo
from collector.model.report_input import Brand

MOST_BYTES = 2_000_000
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FORBIDDEN = frozenset(
    ["script", "foreignobject", "iframe", "animate", "set", "handler", "listener", "audio", "video"]
)
_DECLARED = re.compile(rb"<!(DOCTYPE|ENTITY)|<\?xml-stylesheet", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"url\(\s*['\"]?(?!#|\s*['\"]?#)|@import|javascript:|expression\(", re.IGNORECASE
)
_DATA = re.compile(r"\Adata:image/(png|jpeg);base64,", re.IGNORECASE)


class BadLogo(ValueError):
    """A picture that does not go into a report; the message says why."""


def logo(brand: Brand) -> Logo | None:
    """The logo, by what its bytes are, whatever its type says; None where there is none.

    Raises BadLogo for anything but PNG, JPEG and SVG, for an SVG that could run or fetch
    something, and for more than 2 MB.
    """
    content = brand.logo
    if not content:
        return None
    if len(content) > MOST_BYTES:
        raise BadLogo(f"the logo has {len(content)} bytes; at most {MOST_BYTES} go into a report")
    if content.startswith(_PNG):
        return Logo("png", content)
    if content.startswith(_JPEG):
        return Logo("jpeg", content)
    _check_svg(content)
    return Logo("svg+xml", content)


def _check_svg(content: bytes) -> None:
    if _DECLARED.search(content):
        raise BadLogo("the logo's SVG declares a DOCTYPE, entities or a style sheet; save it plain")
    try:
        root = ET.fromstring(content)  # noqa: S314 - no DOCTYPE, so no entities to expand
    except ET.ParseError as why:
        raise BadLogo(f"the logo is neither PNG, JPEG nor SVG ({why})") from why
    if _local(root.tag) != "svg":
        raise BadLogo("the logo is XML, but no SVG")
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _FORBIDDEN:
            raise BadLogo(f"the logo's SVG has a <{tag}>; save it as plain SVG")
        if _OUTSIDE.search(element.text or ""):
            raise BadLogo("the logo's SVG has styles that fetch something; save it as plain SVG")
        for key, value in element.attrib.items():
            _check_attribute(_local(key), value)


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise BadLogo(f"the logo's SVG has a script in {name}; save it as plain SVG")
    if name in ("href", "src") and not value.startswith("#") and not _DATA.match(value):
        raise BadLogo("the logo's SVG refers to another file; embed it")
    if _OUTSIDE.search(value):
        raise BadLogo("the logo's SVG has styles that fetch something; save it as plain SVG")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].lower()
