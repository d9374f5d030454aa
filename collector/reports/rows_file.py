"""`rollups.msgpack`: written piece by piece, so that 400 days fit into little memory.

The bytes are those of `msgspec.msgpack.encode(RollupFile(…))` in shape, with fixed-width headers.
"""

import hashlib
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from collector.model.rollup_record import RecordRow
from collector.rollups import Row

_encode = msgspec.msgpack.Encoder().encode
COPIED_AT_ONCE = 1 << 20


class RowsFile:
    """The file while it is written: for each asset, in order, `asset`, then `add`; then `close`.

    Methods may block: call them beside the event loop, one at a time. They raise OSError.
    """

    def __init__(self, path: Path, node: str, assets: int, from_ms: int, to_ms: int) -> None:
        self.count = 0
        """How many rows were written."""
        self._path = path
        self._node = node
        self._window = (from_ms, to_ms)
        self._name = ""
        self._heads = bytearray()
        self._here = 0
        self._hash = hashlib.sha256()
        self._file = path.open("wb")
        self._content: BinaryIO = path.with_name(path.name + ".content").open("w+b")
        self._write(_map(1) + _encode("assets") + _array(assets))

    def __enter__(self) -> "RowsFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._content.close()
        Path(self._content.name).unlink(missing_ok=True)

    def asset(self, name: str) -> None:
        """The rows that follow are this asset's."""
        self._end_asset()
        self._name = name

    def add(self, rows: Iterable[Row]) -> None:
        """Rows of the present asset, later than those before."""
        for row in rows:
            head = RecordRow(row.from_ms, row.subject.kind, row.subject.system, len(row.body))
            self._heads += _encode(head)
            self._content.write(row.body)
            self._here += 1

    def close(self) -> str:
        """All is written; the sha256 of the file."""
        self._end_asset()
        self._file.flush()
        return self._hash.hexdigest()

    def _end_asset(self) -> None:
        if not self._name:
            return
        from_ms, to_ms = self._window
        size = self._content.tell()
        self._write(_map(2) + _encode("record") + _map(5))
        for key, value in (
            ("node", self._node),
            ("asset", self._name),
            ("from_ms", from_ms),
            ("to_ms", to_ms),
        ):
            self._write(_encode(key) + _encode(value))
        self._write(_encode("rows") + _array(self._here))
        self._write(bytes(self._heads))
        self._write(_encode("content") + b"\xc6" + struct.pack(">I", size))
        self._content.seek(0)
        while piece := self._content.read(COPIED_AT_ONCE):
            self._write(piece)
        self._content.seek(0)
        self._content.truncate()
        self.count += self._here
        self._heads, self._here, self._name = bytearray(), 0, ""

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)


def _map(size: int) -> bytes:
    return bytes([0x80 | size])


def _array(size: int) -> bytes:
    return b"\xdd" + struct.pack(">I", size)


def link_or_copy(source: Path, target: Path) -> None:
    """A file that will not be changed, once more at another place. Raises OSError."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
