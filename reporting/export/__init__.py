"""Minutes of an event for analysis: Parquet and CSV with a data dictionary, from report files."""

from reporting.export.export import Export, Format, Source, export

__all__ = ["Export", "Format", "Source", "export"]
