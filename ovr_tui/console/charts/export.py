"""What a chart shows, as a CSV or JSON file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ovr_tui.console import files
from ovr_tui.console.charts.series import Track, Window
from ovr_tui.console.format import local

Cell = float | None


def table(
    tracks: Sequence[tuple[str, Track]], window: Window, timezone: str
) -> list[list[str | Cell]]:
    """Head and rows: UTC, local time with its offset, then each reading by its key in the
    catalogue's unit; least and greatest where a value stands for a while."""
    head: list[str | Cell] = ["time_utc", "time_local"]
    columns: list[dict[int, Cell]] = []
    for key, track in tracks:
        parts = [("", track.values), (" least", track.least), (" greatest", track.greatest)]
        for tail, values in parts:
            if values:
                head.append(f"{key}{tail}")
                columns.append(dict(zip(track.times, values, strict=False)))
    moments = sorted({
        at_ms for _, track in tracks for at_ms in track.times
        if window.start_ms <= at_ms <= window.end_ms
    })  # fmt: skip
    rows: list[list[str | Cell]] = [head]
    for at_ms in moments:
        utc = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
        at_place = local(at_ms, timezone).isoformat()
        rows.append([utc, at_place, *(column.get(at_ms) for column in columns)])
    return rows


def write(
    rows: Sequence[Sequence[str | Cell]], name: str, folders: Sequence[Path], kind: str = "csv"
) -> Path:
    """Write the rows into a new file in the first folder that takes it, and return its path.
    Raises OSError when none does."""
    return files.write_new(files.as_table(rows, kind), name, kind, folders)
