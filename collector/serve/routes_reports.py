"""Endpoints of reports."""

from collector import wire
from collector.serve.access import OPERATE
from collector.serve.endpoint import LIMIT, Endpoint, Param

FILE_KIND = "application/octet-stream"
ZIP_KIND = "application/zip"
REPORT = Param(
    name="report",
    place="path",
    required=True,
    text="The id of a report: its participation's, its event's, or an interim one's own.",
    schema={"type": "string", "minLength": 1},
)
FILE = Param(
    name="file",
    place="path",
    required=True,
    text="The name of one of its files, like `report.pdf`.",
    schema={"type": "string", "minLength": 1},
)
REVISION = Param(
    name="revision",
    text="Of which revision; the newest if left out.",
    schema={"type": "integer", "minimum": 1, "maximum": 1_000_000},
)

REPORTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="reports",
        method="GET",
        path="/v1/reports",
        access=OPERATE,
        text="Reports with their states and main figures, and what is being done about them.",
        answers={200: wire.ReportsAnswer},
        params=(
            Param(
                name="event",
                text="Only this event's: its id, job code or name.",
                schema={"type": "string"},
            ),
            Param(name="limit", text="How many revisions.", schema=LIMIT),
        ),
    ),
    Endpoint(
        name="build_reports",
        method="POST",
        path="/v1/reports",
        access=OPERATE,
        text="Have reports made once more, or of any window.",
        answers={202: wire.JobsAnswer},
        body=wire.BuildRequest,
    ),
    Endpoint(
        name="release_report",
        method="POST",
        path="/v1/reports/release",
        access=OPERATE,
        text="A revision goes out; the one that was released before is superseded.",
        answers={200: wire.ReportAnswer},
        body=wire.ReleaseRequest,
    ),
    Endpoint(
        name="verify_report",
        method="POST",
        path="/v1/reports/verify",
        access=OPERATE,
        text="Write what a revision was computed from once more, from what is stored now.",
        answers={200: wire.VerifyAnswer},
        body=wire.VerifyRequest,
    ),
    Endpoint(
        name="import_report",
        method="POST",
        path="/v1/reports/import",
        access=OPERATE,
        text=(
            "Take in a system's report that another node made, as a ZIP of the files in its folder."
        ),
        answers={200: wire.ReportAnswer},
        posts=(ZIP_KIND,),
    ),
    Endpoint(
        name="report_file",
        method="GET",
        path="/v1/reports/{report}/{file}",
        access=OPERATE,
        text="One file of a report, as it is, with its own media type.",
        answers={200: FILE_KIND},
        params=(REPORT, FILE, REVISION),
    ),
)
