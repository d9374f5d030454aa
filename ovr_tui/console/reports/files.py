"""A report's files, asked of the collector, and what is made of them for the screen."""

import hashlib
from collections import OrderedDict
from contextlib import aclosing
from typing import TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from collector.errors import ApiError
from collector.model.report.evidence import Effect
from collector.model.report.series import Series
from collector.model.report_document import Document, Edition
from collector.model.report_input import INPUTS_FILE
from collector.model.report_meta import META_FILE, REPORT_FILE, ReportMeta
from collector.model.report_state import ReportEntry, Standing
from ovr_tui.console.child import run_module
from ovr_tui.console.link import Reader

K = TypeVar("K")
V = TypeVar("V")

KEPT = 4
MOST_BYTES = 64 << 20
"""A report.json is read into memory; a longer one is none of ours."""


class _Branded(Struct):
    brand: msgspec.Raw = msgspec.Raw(b"{}")


class Figures(Struct):
    """What the console itself reads of a report.json."""

    series: Series = Series()
    effects: tuple[Effect, ...] = ()


class Printed(Struct, frozen=True):
    """One edition of a report, ready to be laid out."""

    document: Document
    series: Series


class _Told(Struct):
    report: msgspec.Raw
    brand: msgspec.Raw
    standing: Standing


def where(entry: ReportEntry, name: str) -> str:
    """The path of one of its files."""
    return f"/v1/reports/{quote(entry.id, safe='')}/{quote(name, safe='')}"


class ReportFiles:
    """Asks for files, and keeps the newest few of what was made of them. Raises ApiError."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._printed: OrderedDict[tuple[str, Edition, Standing], Printed] = OrderedDict()

    async def content(self, reader: Reader, entry: ReportEntry, name: str) -> bytes:
        """A file of a revision, whole."""
        found = bytearray()
        async with aclosing(reader.chunks(where(entry, name), revision=entry.revision)) as chunks:
            async for chunk in chunks:
                found += chunk
                if len(found) > MOST_BYTES:
                    raise ApiError(f"{name} is longer than {MOST_BYTES >> 20} MB")
        return bytes(found)

    async def meta(self, reader: Reader, entry: ReportEntry) -> ReportMeta:
        """Which files there are, with their hashes."""
        content = await self.content(reader, entry, META_FILE)
        try:
            return msgspec.json.decode(content, type=ReportMeta)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ApiError(f"{META_FILE} cannot be read: {error}") from error

    async def report(self, reader: Reader, entry: ReportEntry) -> bytes:
        """Its report.json, which is the one that the list speaks of."""
        kept = self._contents.get(entry.report_sha256)
        if kept is not None:
            return kept
        content = await self.content(reader, entry, REPORT_FILE)
        if hashlib.sha256(content).hexdigest() != entry.report_sha256:
            raise ApiError(f"{REPORT_FILE} is not the one that was made: verify the report")
        _keep(self._contents, entry.report_sha256, content)
        return content

    async def figures(self, reader: Reader, entry: ReportEntry) -> Figures:
        """Series and effects of its report.json."""
        return _figures(await self.report(reader, entry))

    async def printed(self, reader: Reader, entry: ReportEntry, edition: Edition) -> Printed:
        """One edition; the reporting process makes its document."""
        standing = Standing(entry.state, entry.released_ms, entry.released_by)
        key = (entry.report_sha256, edition, standing)
        if key in self._printed:
            return self._printed[key]
        report = await self.report(reader, entry)
        inputs = await self.content(reader, entry, INPUTS_FILE)
        told = _Told(msgspec.Raw(report), _brand(inputs), standing)
        done = await run_module("reporting.document", edition, content=msgspec.json.encode(told))
        if done.code:
            raise ApiError(done.said or f"the report could not be laid out (status {done.code})")
        try:
            document = msgspec.json.decode(done.out, type=Document)
        except msgspec.MsgspecError as error:
            raise ApiError(f"the report could not be laid out: {error}") from error
        made = Printed(document, _figures(report).series)
        _keep(self._printed, key, made)
        return made


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    while len(kept) > KEPT:
        kept.popitem(last=False)


def _brand(inputs: bytes) -> msgspec.Raw:
    try:
        return msgspec.json.decode(inputs, type=_Branded).brand
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.Raw(b"{}")  # a logo is nothing that a terminal shows


def _figures(report: bytes) -> Figures:
    try:
        return msgspec.json.decode(report, type=Figures)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ApiError(f"{REPORT_FILE} cannot be read: {error}") from error
