"""`multipart/form-data` as posts have it (RFC 7578), taken apart within bounds. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_PARTS = 32
MAX_HEAD = 4096
_BOUNDARY = re.compile(r'(?:^|;)\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.I)
_PARAM = re.compile(r';\s*(name|filename)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.I)


class Part(NamedTuple):
    """One field or file."""

    name: str
    filename: str
    kind: str
    content: bytes


def boundary(content_type: str) -> bytes | None:
    """The boundary that a content type names."""
    found = _BOUNDARY.search(content_type.partition(";")[2])
    return None if found is None else (found[1] or found[2]).encode("latin-1", "replace")


def parts(body: bytes, mark: bytes) -> Iterator[Part]:
    """The parts between the marks, at most MAX_PARTS; what has no head is passed over."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + mark, MAX_PARTS + 1)
    for piece in pieces[1 : MAX_PARTS + 1]:
        if piece.startswith(b"--"):
            return
        head, found, content = piece.partition(b"\r\n\r\n")
        if found and len(head) <= MAX_HEAD:
            yield _part(head.decode("utf-8", "replace"), content)


def _part(head: str, content: bytes) -> Part:
    name = filename = kind = ""
    for line in head.split("\r\n"):
        field, _, value = line.partition(":")
        if field.strip().lower() == "content-disposition":
            for key, quoted, plain in _PARAM.findall(value):
                text = re.sub(r"\\(.)", r"\1", quoted) or plain
                if key.lower() == "name":
                    name = text
                else:
                    filename = text
        elif field.strip().lower() == "content-type":
            kind = value.strip().lower()
    return Part(name, filename, kind, content)
