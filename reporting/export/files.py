"""Writing a table chunk by chunk: Parquet with typed columns, CSV that no spreadsheet executes."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from reporting.export.fields import Chunk, Field, TableSpec

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection)."""


class Writer(Protocol):
    """A file of a table."""

    rows: int

    def add(self, chunk: Chunk) -> None:
        """More rows."""

    def close(self) -> None:
        """All is written."""


class Parquet:
    """Zstandard-compressed columns. Units, descriptions and sources are metadata of the fields,
    the table's description is metadata of the schema; times are timestamps in UTC, of ms."""

    def __init__(self, path: Path, table: TableSpec) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._pa: Any = pa
        self.rows = 0
        types = {
            "text": pa.string(),
            "time": pa.timestamp("ms", tz="UTC"),
            "real": pa.float64(),
            "whole": pa.int64(),
        }
        fields = [
            pa.field(field.name, types[field.kind], metadata=_metadata(field))
            for field in table.fields
        ]
        self._schema = pa.schema(fields, metadata={"table": table.name, "description": table.text})
        self._writer: Any = pq.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, chunk: Chunk) -> None:
        """More rows, in a row group of their own."""
        arrays = [self._pa.array(chunk[field.name], type=field.type) for field in self._schema]
        table = self._pa.Table.from_arrays(arrays, schema=self._schema)
        self.rows += table.num_rows
        if table.num_rows:
            self._writer.write_table(table)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


class Csv:
    """RFC 4180, UTF-8. Text that a spreadsheet would take for a formula has an apostrophe before
    it; what is not known is empty; times are ISO 8601 in UTC."""

    def __init__(self, path: Path, table: TableSpec) -> None:
        self.rows = 0
        self._fields = table.fields
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([field.name for field in table.fields])

    def add(self, chunk: Chunk) -> None:
        """More rows."""
        columns = [[_cell(field, one) for one in chunk[field.name]] for field in self._fields]
        rows = list(zip(*columns, strict=True))
        self._writer.writerows(rows)
        self.rows += len(rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Both:
    """The files of one table; closed when the block ends, whole or not."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self.writers = writers

    def __enter__(self) -> "Both":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self.writers:
            writer.close()

    def add(self, chunk: Chunk) -> None:
        """More rows for each."""
        for writer in self.writers:
            writer.add(chunk)


def _metadata(field: Field) -> dict[str, str]:
    found = {"unit": field.unit, "description": field.text, "source": field.source}
    return {name: value for name, value in found.items() if value}


def _cell(field: Field, value: object) -> str:
    if value is None:
        return ""
    if field.kind == "time" and isinstance(value, int):
        return datetime.fromtimestamp(value // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + (
            f".{value % 1000:03d}Z" if value % 1000 else "Z"
        )
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".") if value else "0"
    return safe(str(value))


def safe(text: str) -> str:
    """Text that stays text in a spreadsheet."""
    return f"'{text}" if text.startswith(FORMULA) else text
