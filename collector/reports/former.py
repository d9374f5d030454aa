"""What the files of a report's former revision say of its assets."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from collector.model.report_input import INPUTS_FILE, AssetInput
from collector.model.report_state import ReportState
from collector.reports.table import Job, Stored

log = structlog.get_logger("reports")


class _Assets(Struct):
    assets: tuple[AssetInput, ...] = ()


def assets_then(state: Path, job: Job, done: Stored | None) -> Mapping[str, AssetInput]:
    """The assets as the newest revision knew them, by id; none where they are to be asked anew: a
    person wishes it, or that revision is provisional still. May block."""
    if done is None or job.anew or done.entry.state is ReportState.PROVISIONAL:
        return {}
    path = state / done.entry.folder / INPUTS_FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Assets)
    except (OSError, msgspec.MsgspecError) as error:
        log.warning(
            "What a former revision was made of cannot be read ({file})",
            file=str(path),
            cause=str(error),
        )
        return {}
    return {one.id: one for one in found.assets}
