"""Reports over the API: the list, files, releasing and building, in the audit with names."""

import argparse
import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from collector.client import Client
from collector.config.paths import Home
from collector.errors import ApiError, OvrError
from collector.events import tables as events
from collector.model.event import Event, Participation
from collector.model.report_meta import ReportFile, ReportMeta
from collector.model.report_state import Headline, ReportEntry, ReportState
from collector.reports import commit, jobs, table
from collector.reports.check import whole
from collector.reports.recover import tell
from collector.reports.table import Stored
from collector.serve.access import Transport
from collector.serve.link import person_of
from ovr_tui.commands import report as command
from tests.serve.support import served
from tests.support.snapshots import START_MS, HandFeed, site

OVR = Transport.OPERATOR_SOCKET
ME = person_of(os.getuid())
FOLDER = "reports/event-1/systems/bess-1/part-1-r1"
PAGE = b"<p>12 kWh</p>"

Api = tuple[HandFeed, httpx.AsyncClient, Path]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """The API, a client of it, and the state folder with one draft."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as found, found.client(OVR) as client:
        state = feed.reports._means.state
        await _draft(feed, state)
        yield feed, client, state


async def _draft(feed: HandFeed, state: Path, blocked: tuple[str, ...] = ()) -> None:
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, content in (
        ("report.html", PAGE),
        ("report.json", b"{}"),
        ("inputs.json", b'{"report":"part-1","revision":1,"stage":"final","system":"bess-1"}'),
    ):
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(ReportFile(name=name, sha256=digest, size=len(content)))
    entry = ReportEntry(
        id="part-1",
        revision=1,
        kind="system",
        state=ReportState.DRAFT,
        event="event-1",
        system="bess-1",
        node="n1",
        participation="part-1",
        from_ms=START_MS - 60_000,
        to_ms=START_MS,
        folder=FOLDER,
        made_ms=START_MS,
        report_sha256=files[1].sha256,
        headline=Headline(load_kwh=12.0, blocked_by=blocked),
    )
    meta = ReportMeta(
        report="part-1",
        revision=1,
        schema=1,
        method=1,
        built_ms=START_MS,
        inputs_sha256="",
        files=tuple(files),
        state=ReportState.DRAFT,
    )
    assert whole(folder, meta.files)
    stored = Stored(entry=entry, part_of="event-1", inputs_sha256="x", meta=meta)
    await feed.db.run("keep", lambda db: table.keep(db, stored))
    (folder / "report.meta.json").write_text("{}")
    tell(state, stored)


@pytest.mark.usefixtures("api")
async def test_files_by_the_client(tmp_path: Path) -> None:
    """A console gets the bytes of a file as they are, and a refusal in words."""
    async with Client(tmp_path / OVR.value) as client:
        assert await client.content("/v1/reports/part-1/report.html") == PAGE
        assert await client.content("/v1/reports/part-1/report.html", revision=1) == PAGE
        with pytest.raises(ApiError, match="refused") as refused:
            await client.content("/v1/reports/other/report.html")
    assert refused.value.code == "no_such_record"


async def test_list_and_files(api: Api) -> None:
    """The list has the entry with its figures; a file comes as it is, and can reach nothing; what
    is no file of the report is not there, wherever it lies."""
    _, client, state = api
    found = (await client.get("/v1/reports")).json()
    assert [(one["id"], one["state"]) for one in found["reports"]] == [("part-1", "draft")]
    assert found["reports"][0]["headline"]["load_kwh"] == 12.0
    page = await client.get("/v1/reports/part-1/report.html")
    assert (page.status_code, page.content) == (200, PAGE)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox" in page.headers["content-security-policy"]
    assert (await client.get("/v1/reports/part-1/report.meta.json")).status_code == 200
    (state / FOLDER / "secret.txt").write_text("not of it")
    for name in ("secret.txt", "report.pdf", "..%2F..%2Fnode.db", "%2Fetc%2Fpasswd"):
        answer = await client.get(f"/v1/reports/part-1/{name}")
        assert answer.status_code == 404, name
    assert (await client.get("/v1/reports/part-1/report.html?revision=2")).status_code == 404
    assert (await client.get("/v1/reports/other/report.html")).status_code == 404


async def test_release(api: Api) -> None:
    """Who released it, and what was said about it, is in the answer, in the file beside the report
    and in the audit; the record for the cloud says so too."""
    _, client, state = api
    body = {"report": "part-1", "note": "checked"}
    done = (await client.post("/v1/reports/release", json=body)).json()["report"]
    assert (done["state"], done["released_by"], done["release_note"]) == ("released", ME, "checked")
    assert b'"released_by": "' in (state / FOLDER / "report.meta.json").read_bytes()
    (line,) = (await client.get("/v1/audit")).json()["entries"]
    assert (line["deed"]["action"], line["outcome"]) == ("release report", "done")
    (record,) = (await client.get("/v1/outbox?kind=reports")).json()["items"]
    assert record["record_id"] == "part-1"
    assert {f"{FOLDER}/report.html", f"{FOLDER}/report.json"} <= set(record["files"])
    assert b'"released"' in (state / FOLDER / "report.html").read_bytes()


async def test_blocked(api: Api) -> None:
    """A blocked report is refused with the reasons; the refusal is in the audit."""
    feed, client, state = api
    await _draft(feed, state, ("stage-a: register and integral differ by +3.1 %",))
    refused = await client.post("/v1/reports/release", json={"report": "part-1"})
    assert refused.status_code == 409
    assert "+3.1 %" in refused.json()["error"]["message"]
    (line,) = (await client.get("/v1/audit")).json()["entries"]
    assert line["outcome"].startswith("refused: ")


async def test_build(api: Api) -> None:
    """Building again is a job in the list, under the person's name; what is not there is 404."""
    feed, client, _ = api
    body = {"report": "part-1", "reason": "a file was damaged"}
    answer = await client.post("/v1/reports", json=body)
    assert answer.status_code == 202, answer.text
    (job,) = answer.json()["jobs"]
    assert (job["report"], job["state"]) == ("part-1", "waiting")
    kept = await feed.db.run("read", lambda db: table.job_of(db, "part-1"))
    assert kept is not None
    assert (kept.person, kept.anew, kept.why) == (ME, True, "a file was damaged")
    waiting = (await client.get("/v1/reports")).json()["jobs"]
    assert [one["report"] for one in waiting] == ["part-1"]
    (line,) = (await client.get("/v1/audit")).json()["entries"]
    assert (line["deed"]["subject"], line["deed"]["before"]) == ("part-1", "bess-1")
    refused = await client.post("/v1/reports/release", json={"report": "part-1"})
    assert "made once more" in refused.json()["error"]["message"]
    assert (await client.post("/v1/reports", json={"report": "other"})).status_code == 404
    assert (await client.post("/v1/reports", json={"event": "other"})).status_code == 404
    assert (await client.post("/v1/reports", json={})).status_code == 409


async def test_failed_job_is_told(api: Api) -> None:
    """What cannot be made is in the list with its reason."""
    feed, client, _ = api
    part = Participation(
        id="part-2", event="event-1", node="n1", system="bess-1",
        from_ms=START_MS - 1, to_ms=START_MS, changed_ms=START_MS,
    )  # fmt: skip

    def fail(db: table.Db) -> None:
        jobs.system_ended(db, part, START_MS)
        job = table.job_of(db, "part-2")
        assert job is not None
        commit.failed(db, job, "it has no load", START_MS, final=True, counted=True)

    await feed.db.run("fail", fail)
    (job,) = (await client.get("/v1/reports")).json()["jobs"]
    assert (job["state"], job["reason"]) == ("failed", "it has no load")


class Shell:
    """`ovr report` against the served API."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._home = Home(config=folder / "config", state=folder / "state", run=folder)
        self._capsys = capsys
        self._parser = argparse.ArgumentParser()
        command.add(self._parser.add_subparsers(dest="command"))

    async def __call__(self, *words: str) -> str:
        """What it says."""
        args = self._parser.parse_args(["report", *words])
        assert await asyncio.to_thread(command.run, args, self._home) == 0
        return self._capsys.readouterr().out


async def test_command(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """People list, release and build by the end of an id; what is blocked, waits or failed says so
    with what to do."""
    feed, _, state = api
    shell = Shell(state.parent, capsys)
    listed = await shell("list")
    assert "part-1" in listed
    assert "12.0 kWh" in listed
    assert "released" in await shell("release", "part-1", "--note", "checked")
    assert f"({ME})" in await shell("release", "t-1")
    built = await shell("build", "part-1", "--reason", "damaged")
    assert "the report of bess-1 will be made" in built
    assert "final report of bess-1 waits" in await shell("list")
    with pytest.raises(OvrError, match="is no report"):
        await shell("release", "nothing")
    with pytest.raises(OvrError, match="say which report"):
        await shell("build")
    with pytest.raises(OvrError, match="of an event"):
        await shell("build", "part-1", "--from", "10:00")
    assert feed.stops == 0


async def test_times_are_those_of_the_event(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """An event in Tokyo is listed in its time, whatever zone the node and this machine are in."""
    feed, _, state = api
    event = Event(id="event-1", name="Fair", timezone="Asia/Tokyo", created_ms=1, changed_ms=1)
    await feed.db.run("keep", lambda db: events.put_event(db, event))
    await feed.events.open()
    there = datetime.fromtimestamp(START_MS / 1000, ZoneInfo("Asia/Tokyo"))
    assert f"{there:%Y-%m-%d %H:%M:%S} JST" in await Shell(state.parent, capsys)("list")
