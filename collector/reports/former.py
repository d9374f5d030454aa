"""What the files of a report's former revision say of its assets and their links."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from collector.model.assets import Link
from collector.model.report_input import INPUTS_FILE, AssetInput
from collector.model.report_state import ReportState
from collector.reports.table import Job, Stored

log = structlog.get_logger("reports")


class Former(Struct, frozen=True, kw_only=True):
    """The assets as the newest revision knew them, and the links that their devices told. They go
    before what the node knows now if they `stand`, else where it knows nothing."""

    assets: Mapping[str, AssetInput] = {}
    links: tuple[Link, ...] = ()
    stands: bool = False


class _Inputs(Struct):
    assets: tuple[AssetInput, ...] = ()
    links: tuple[Link, ...] = ()


def former_of(state: Path, job: Job, done: Stored | None) -> Former:
    """What the newest revision knew. It does not stand where it is to be asked anew: a person
    wishes it, or that revision is provisional still. May block."""
    if done is None:
        return Former()
    path = state / done.entry.folder / INPUTS_FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Inputs)
    except (OSError, msgspec.MsgspecError) as error:
        log.warning(
            "What a former revision was made of cannot be read ({file})",
            file=str(path),
            cause=str(error),
        )
        return Former()
    return Former(
        assets={one.id: one for one in found.assets},
        links=found.links,
        stands=not job.anew and done.entry.state is not ReportState.PROVISIONAL,
    )
