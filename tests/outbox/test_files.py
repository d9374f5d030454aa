"""Files of records: they come first, whole, and once; a lost one holds nothing up."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from collector.model.cloud import CloudRecord, RecordResult
from collector.model.outbox import FileRef
from collector.outbox.attach import PACK_BYTES, FileLost, pieces, verified
from collector.store import NodeDb
from tests.outbox.cloud import CUT, Cloud, result
from tests.outbox.conftest import delivering, left, queue, until_empty, until_left
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until

CSV = b"time_utc,load_kw\n" + b"2026-11-26T17:00:00Z,12.5\n" * 3000
PDF = os.urandom(300_000)


def written(state: Path, name: str, content: bytes) -> FileRef:
    """A file of a report, and what its record says of it."""
    path = state / "reports" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return FileRef(name=name, path=f"reports/{name}", sha256=sha256, size=len(content))


async def test_files_are_there_before_their_record(db: NodeDb) -> None:
    """Text compressed, the rest as it is; the record names them."""
    files = [
        written(db.path.parent, "profile.csv", CSV),
        written(db.path.parent, "report.pdf", PDF),
    ]
    await queue(db, "reports", "r1", {"revision": 1}, files=files)
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until_empty(db)
        puts = {one.path[-64:]: one for one in server.requests if one.method == "PUT"}
        assert len(puts[files[0].sha256].body) < len(CSV) / 20
        assert puts[files[1].sha256].body == PDF
        assert outbox.health().sent_bytes > len(PDF)
    assert cloud.blobs == {files[0].sha256: CSV, files[1].sha256: PDF}
    record = cloud.newest["reports", "r1"]
    assert [(one.name, one.size) for one in record.files] == [
        ("profile.csv", len(CSV)),
        ("report.pdf", len(PDF)),
    ]


async def test_a_file_that_the_cloud_has_is_not_sent_again(db: NodeDb) -> None:
    """Its answer was lost; and the same content may belong to two records."""
    file = written(db.path.parent, "report.pdf", PDF)
    await queue(db, "reports", "r1", files=[file])
    await queue(db, "reports", "r2", files=[file])
    lost = iter([CUT])
    cloud = Cloud()
    cloud.lose = lambda request: next(lost, None) if request.method == "PUT" else None
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
        assert [one.method for one in server.requests].count("PUT") == 1
    assert cloud.order["reports"] == ["r1", "r2"]


async def test_a_file_that_the_cloud_has_lost_is_brought_again(db: NodeDb) -> None:
    """It had deleted what no record spoke of, and puts the record off."""
    file = written(db.path.parent, "report.pdf", PDF)
    await queue(db, "reports", "r1", files=[file])
    cloud = Cloud()

    def judge(record: CloudRecord) -> RecordResult | None:
        missing = [one for one in record.files if one.sha256 not in cloud.blobs]
        return result(record, "later", "missing_files") if missing else None

    def lose(request: Request) -> Reply | None:
        if request.method == "PUT" and len(puts) < 2:
            puts.append(cloud.blobs.popitem())
        return None

    puts: list[object] = []
    cloud.judge, cloud.lose = judge, lose
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert len(puts) == 2
    assert cloud.blobs == {file.sha256: PDF}


async def test_an_upload_that_breaks_starts_over(db: NodeDb) -> None:
    """The cloud closes while the file is on its way."""
    await queue(db, "reports", "r1", files=[written(db.path.parent, "report.pdf", PDF)])
    breaks = iter([CUT] * 3)
    cloud = Cloud(lambda request: next(breaks, None) if request.method == "PUT" else None)
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert list(cloud.blobs.values()) == [PDF]


@pytest.mark.parametrize("harm", ["missing", "changed", "longer", "a folder", "a pipe"])
async def test_a_lost_file_sets_its_record_aside_and_the_next_goes_on(
    db: NodeDb, harm: str
) -> None:
    """It is shown why, and after a fix it is sent again."""
    state = db.path.parent
    bad, good = written(state, "bad.pdf", PDF), written(state, "good.pdf", PDF[::-1])
    path = state / bad.path
    await asyncio.to_thread(do_harm, path, harm)
    await queue(db, "reports", "r1", files=[bad])
    await queue(db, "reports", "r2", files=[good])
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: ("reports", "r2") in cloud.newest, "the next one arrives")
        (item,) = await outbox.items(state="refused")
        assert item.record_id == "r1"
        assert "reports/bad.pdf" in item.reason
        await asyncio.to_thread(mend, path)
        await outbox.resend([item.revision])
        await until_empty(db)
    assert cloud.blobs[bad.sha256] == PDF


def do_harm(path: Path, harm: str) -> None:
    """Let the file be what its record does not say."""
    if harm == "changed":
        path.write_bytes(PDF[:-1] + bytes([PDF[-1] ^ 1]))
    elif harm == "longer":
        path.write_bytes(PDF + b"x")
    else:
        path.unlink()
        if harm == "a folder":
            path.mkdir()
        elif harm == "a pipe":
            os.mkfifo(path)


def mend(path: Path) -> None:
    """What a person does about it."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_bytes(PDF)


@pytest.mark.parametrize("path", ["../secrets.toml", "/etc/hostname", "reports/link", "a\0b"])
def test_nothing_outside_the_state_folder_is_sent(tmp_path: Path, path: str) -> None:
    """Neither by a path nor by a link."""
    state = tmp_path / "state"
    (state / "reports").mkdir(parents=True)
    (tmp_path / "secrets.toml").write_text("secret")
    (state / "reports" / "link").symlink_to(tmp_path / "secrets.toml")
    sha256 = hashlib.sha256(b"secret").hexdigest()
    with pytest.raises(FileLost):
        verified(state, FileRef(name="x", path=path, sha256=sha256, size=6))


async def test_a_file_that_shrinks_while_it_is_sent_is_noticed(tmp_path: Path) -> None:
    """The request would never be whole."""
    file = written(tmp_path, "report.pdf", PDF)
    (tmp_path / file.path).write_bytes(PDF[:1000])
    with pytest.raises(FileLost, match="cut short"):
        _ = [piece async for piece in pieces(tmp_path / file.path, file)]


async def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """It goes in pieces of a quarter of a MB."""
    file = written(tmp_path, "big.csv", bytes(PACK_BYTES + 5))
    sizes = [len(piece) async for piece in pieces(tmp_path / file.path, file)]
    assert (max(sizes), sum(sizes)) == (256 << 10, PACK_BYTES + 5)


@pytest.mark.parametrize(
    "reply", [Reply(404), Reply(503, headers=(("Retry-After", "3000"),)), Reply(500)]
)
async def test_a_cloud_that_takes_no_files_holds_up_only_kinds_that_have_some(
    db: NodeDb, reply: Reply
) -> None:
    """An older cloud knows no such path, or its store of files is out of order: events arrive."""
    await queue(db, "reports", "r1", files=[written(db.path.parent, "report.pdf", PDF)])

    cloud = Cloud(lambda request: reply if "/blobs/" in request.path else None)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: "reports are held up" in outbox.health().cause, "it is shown")
        await queue(db, "events", "e1")
        await until_left(db, 1)
        assert ("events", "e1") in cloud.newest
    assert await left(db) == ["r1"]
