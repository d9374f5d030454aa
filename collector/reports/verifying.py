"""A report's inputs once more from what is stored, to see whether its figures still follow."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from collector.model.report_input import INPUTS_FILE, EventInputs, ReportInputs
from collector.model.report_state import ReportState
from collector.reports.inputs import identity
from collector.reports.making import Maker
from collector.reports.means import Means
from collector.reports.table import Job, Stored

KEPT = 8
"""So many folders stay for those who look into them."""
_MOVING = frozenset({"upto_ms"})
"""What of inputs is no matter of what is stored."""


class Verification(Struct, frozen=True, kw_only=True):
    """A job's folder (relative to the state folder) written anew for a revision, whose files are
    in `of`. `same`: its inputs are what the revision was made of; else `differs` names what is
    otherwise."""

    folder: str
    of: str
    revision: int
    same: bool
    differs: tuple[str, ...] = ()


async def verify(means: Means, one: Stored, number: int) -> Verification:
    """Write the folder; that of eight numbers before goes. Raises StoreError, NotWritten, and
    Impossible when nothing is there that it could be written of."""
    maker = Maker(means)
    entry = one.entry
    job = Job(
        id=f"verify-{number % KEPT}",
        report=entry.id,
        kind=entry.kind,
        stage="final",
        event=entry.event,
        system=entry.system,
        participation=entry.participation,
        part_of=one.part_of,
        from_ms=entry.from_ms,
        to_ms=entry.to_ms,
        queued_ms=0,
        due_ms=0,
    )
    planned = await maker.plan(job, means.known(), one)
    stage = "provisional" if entry.state is ReportState.PROVISIONAL else "final"
    inputs = structs.replace(planned.inputs, revision=entry.revision, stage=stage)
    planned = structs.replace(planned, inputs=inputs)
    folder = maker.folder(job)
    written = await maker.write(folder, planned, live=False)
    sha256 = await asyncio.to_thread(identity, written.inputs)
    before = means.state / entry.folder / INPUTS_FILE
    differs = await asyncio.to_thread(partial(differing, before, written.inputs))
    return Verification(
        folder=str(folder.relative_to(means.state)),
        of=entry.folder,
        revision=entry.revision,
        same=sha256 == one.inputs_sha256,
        differs=() if sha256 == one.inputs_sha256 else differs,
    )


def differing(before: Path, now: ReportInputs | EventInputs) -> tuple[str, ...]:
    """The fields of inputs that are otherwise than in the file."""
    try:
        then = msgspec.json.decode(before.read_bytes(), type=type(now))
    except (OSError, msgspec.MsgspecError) as error:
        return (f"{INPUTS_FILE} cannot be read: {error}",)
    return tuple(
        name
        for name in now.__struct_fields__
        if name not in _MOVING and getattr(now, name) != getattr(then, name)
    )
