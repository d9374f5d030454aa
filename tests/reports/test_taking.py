"""Reports that another node made, taken in as parts of an event's report."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from collector.errors import NotPossible
from collector.model.report import EventReport
from collector.model.report_state import ReportState
from collector.reports import table
from collector.reports.process import Limits
from tests.reports.support import FAKE, Node, folders, node

EVENT = "01a00000-0000-7000-8000-000000000001"
REAL = Limits()


def packed(folder: Path, other: Mapping[str, bytes | None] | None = None) -> bytes:
    """A report's files as a ZIP, some of them otherwise, or (None) left out."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    changed = {**files, **(other or {})}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, body in changed.items():
            if body is not None:
                archive.writestr(name, body)
    return made.getvalue()


async def made_elsewhere(home: Path, limits: Limits = FAKE) -> bytes:
    """A draft that node n2 made, packed."""
    async with node(home, limits=limits, name="n2") as other:
        event = await other.event(["stage-b"], id_=EVENT)
        left = await other.leave(event, "stage-b")
        draft = await other.draft(left.id)
        return packed(home / draft.entry.folder)


async def taken(one: Node, content: bytes) -> None:
    """Take it in."""
    await one.desk.take_in(content, "uid 0 (ann)")


async def test_a_part_of_another_node_counts(tmp_path: Path) -> None:
    """Two systems of 1 kWh each, measured by two nodes: the event's report has 2 kWh, and is made
    again when the other node's part arrives."""
    content = await made_elsewhere(tmp_path / "b", REAL)
    async with node(tmp_path / "a", limits=REAL) as one:
        event = await one.event(["stage-a"], id_=EVENT)
        left = await one.leave(event, "stage-a")
        await one.end(event)
        await one.draft(left.id)
        await one.idle()
        await taken(one, content)
        await one.idle()
        newest = (await one.revisions(EVENT))[-1].entry
        assert newest.why == "stage-b has revision 1"
        content = (tmp_path / "a" / newest.folder / "report.json").read_bytes()
        report = msgspec.json.decode(content, type=EventReport)
        assert [(row.node, row.system, row.load_kwh) for row in report.systems] == [
            ("n1", "stage-a", 1.0),
            ("n2", "stage-b", 1.0),
        ]
        assert report.energy.load_kwh == 2.0
        assert [part.node for part in report.parts] == ["n1", "n2"]


async def test_the_same_once_more_changes_nothing(tmp_path: Path) -> None:
    """It is there once, also after a restart, and nobody makes it anew here."""
    content = await made_elsewhere(tmp_path / "b")
    async with node(tmp_path / "a") as one:
        await one.event(id_=EVENT)
        await taken(one, content)
        await taken(one, content)
        (report,) = [s.entry for s in await one.db.run("l", lambda db: table.listed(db, EVENT, 9))]
        assert (report.node, report.state) == ("n2", ReportState.DRAFT)
        assert report.why == "taken in from n2 by ann"
        for refused in (one.build(report=report.id), one.release(report.id), one.verify(report.id)):
            with pytest.raises(NotPossible, match="n2"):
                await refused
        await one.touch("late", "stage-b")
        assert await one.job(report.id) is None
    async with node(tmp_path / "a") as one:
        await one.idle()
        assert folders(tmp_path / "a") == [f"{EVENT}/nodes/n2/stage-b/{report.id}-r1"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"report.json": b"{}"}, "not what report.meta.json says"),
        ({"report.json": None}, "whole report"),
        ({"report.meta.json": None}, "not finished"),
        ({"inputs.json": b"{}"}, "whole report"),
        ({"profile.csv": b"time_utc\r\n"}, "not what report.meta.json says"),
    ],
)
async def test_what_its_meta_does_not_vouch_for(
    tmp_path: Path, other: dict[str, bytes | None], why: str
) -> None:
    """Not taken, and nothing is left of it."""
    await made_elsewhere(tmp_path / "b")
    folder = next((tmp_path / "b" / "reports").glob("*/systems/*/*"))
    async with node(tmp_path / "a") as one:
        await one.event(id_=EVENT)
        with pytest.raises(NotPossible, match=why):
            await taken(one, packed(folder, other))
        assert await one.db.run("l", lambda db: table.listed(db, None, 9)) == []
        assert folders(tmp_path / "a") == []


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(60)])
async def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    """Told so."""
    async with node(tmp_path) as one:
        with pytest.raises(NotPossible, match="no whole report"):
            await taken(one, content)


async def test_whose_event_is_not_here(tmp_path: Path) -> None:
    """What to do is told."""
    content = await made_elsewhere(tmp_path / "b")
    async with node(tmp_path / "a") as one:
        with pytest.raises(NotPossible, match="ovr event import"):
            await taken(one, content)


async def test_names_lead_nowhere(tmp_path: Path) -> None:
    """A name with folders in it is its last part; two of one name are refused."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../../evil/report.meta.json", b"{}")
        archive.writestr("report.meta.json", b"{}")
    async with node(tmp_path) as one:
        with pytest.raises(NotPossible, match="no report has"):
            await taken(one, made.getvalue())


async def test_a_bomb(tmp_path: Path) -> None:
    """A ZIP that unpacks to more than a report has is refused while it unpacks."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", bytes(65 << 20))
    assert len(made.getvalue()) < 1 << 20
    async with node(tmp_path) as one:
        with pytest.raises(NotPossible, match="at most 64 MB"):
            await taken(one, made.getvalue())
