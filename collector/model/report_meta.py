"""`report.meta.json`: what lies beside the figures and is no part of them.

The reporting process writes it last, so that a folder with it is whole: which files there are, with
their hashes, by which program they were made, and when. The collector adds where the revision
stands; a release changes this file only.
"""

from msgspec import Struct

from collector.model.report_state import ReportState

META_FILE = "report.meta.json"
REPORT_FILE, PROFILE_FILE = "report.json", "profile.csv"


class ReportFile(Struct, frozen=True, kw_only=True):
    """One file of a report. `name` is that in its folder; `size` is in bytes."""

    name: str
    sha256: str
    size: int


class ReportMeta(Struct, frozen=True, kw_only=True):
    """The file. `versions` are of the program and of what it draws with, by name; `method` and
    `schema` those of report.json; `built_ms` is when the files were made (UTC ms), `took_ms` how
    long that took; `inputs_sha256` is of inputs.json, which is among the files too. What follows
    from `state` on is the collector's."""

    report: str
    revision: int
    schema: int
    method: int
    built_ms: int
    took_ms: int = 0
    versions: dict[str, str] = {}
    inputs_sha256: str
    files: tuple[ReportFile, ...]
    state: ReportState | None = None
    why: str = ""
    released_ms: int | None = None
    released_by: str = ""
    release_note: str = ""
