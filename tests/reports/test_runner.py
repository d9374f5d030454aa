"""From the end of a participation to its report, by a real process."""

import json
from pathlib import Path

from collector.model.report_state import ReportState
from tests.reports.support import folders, node


async def test_provisional_then_draft(tmp_path: Path) -> None:
    """At once after a leave the provisional report is there; when its last minute is decided the
    draft takes its place, in the same folder, and nothing else is left."""
    async with node(tmp_path) as one:
        event = await one.event(["stage-a"])
        left = await one.leave(event, "stage-a")
        await one.until(lambda db: db.execute("SELECT 1 FROM report").fetchone() is not None)
        (first,) = await one.revisions(left.id)
        assert first.entry.state is ReportState.PROVISIONAL
        folder = tmp_path / first.entry.folder
        assert json.loads((folder / "report.json").read_bytes())["head"]["stage"] == "provisional"

        second = await one.draft(left.id)
        await one.idle()
        assert second.entry.folder == first.entry.folder
        assert second.entry.folder == f"reports/{event.id}/systems/stage-a/{left.id}-r1"
        assert json.loads((folder / "report.json").read_bytes())["head"]["stage"] == "final"
        assert json.loads((folder / "report.meta.json").read_bytes())["state"] == "draft"
        assert folders(tmp_path) == [second.entry.folder.removeprefix("reports/")]
        assert second.entry.headline.load_kwh == 12.5
        assert len(await one.revisions(left.id)) == 1
