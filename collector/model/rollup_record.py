"""How packed rollups travel to the cloud: a record that names them, and their bytes beside it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.rollup import Rollup
from collector.model.rollup_codec import BadRollup
from collector.model.rollup_decode import unpack

ROWS = "rows"
"""The name of the content that holds the packed rows one after another."""


class RecordRow(Struct, frozen=True, array_like=True):
    """One row of a record: what its asset was then, and how many bytes it has in the content."""

    from_ms: int
    kind: AssetKind
    system: str
    size: int


class RollupRecord(Struct, frozen=True, kw_only=True):
    """The rows of one asset that touch the time from `from_ms` to `to_ms` (UTC ms)."""

    node: str
    asset: str
    from_ms: int
    to_ms: int
    rows: tuple[RecordRow, ...]


class TravelledRow(NamedTuple):
    """A row as it arrived."""

    kind: AssetKind
    system: str
    rollup: Rollup


def read_record(record: RollupRecord, content: bytes) -> Sequence[TravelledRow]:
    """The rows of a record and its content. Raises BadRollup when they do not fit together."""
    if sum(row.size for row in record.rows) != len(content):
        raise BadRollup(f"{len(content)} bytes of rows do not fit their record")
    return list(_cut(record.rows, content))


def _cut(rows: Iterable[RecordRow], content: bytes) -> Iterable[TravelledRow]:
    at = 0
    for row in rows:
        body = content[at : at + row.size]
        at += row.size
        yield TravelledRow(row.kind, row.system, unpack(body, row.from_ms))
