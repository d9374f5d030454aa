"""Where reports are written to, and that they are whole there or not at all."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import ApiError
from collector.model.report_meta import ReportFile, ReportMeta
from ovr_tui.console.reports import export
from ovr_tui.console.reports.files import ReportFiles
from ovr_tui.console.reports.media import Medium, media
from tests.console.readers import HandReader
from tests.console.report_scene import entry

CONTENTS = {"report.pdf": b"%PDF" * 50_000, "report.html": b"<html>", "report.json": b"{}"}


def holding(contents: dict[str, bytes], names: dict[str, str] | None = None) -> HandReader:
    """A collector with the report r-1 of these files; `names`: what report.meta.json calls some."""
    files = tuple(
        ReportFile(
            name=(names or {}).get(name, name),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
        )
        for name, content in contents.items()
    )
    meta = ReportMeta(
        report="r-1", revision=1, schema=1, method=1, built_ms=0, inputs_sha256="", files=files
    )
    found = HandReader()
    found.contents = {f"/v1/reports/r-1/{name}": body for name, body in contents.items()}
    found.contents["/v1/reports/r-1/report.meta.json"] = msgspec.json.encode(meta)
    return found


async def written(found: HandReader, to: Path, which: str = "all") -> list[Path]:
    """What was written."""
    parts = await export.parts(found, ReportFiles(), [(entry("r-1", "bess-1"), "DW 1")], which)
    return await export.write(found, parts, to, which, lambda _: None)


def below(folder: Path) -> set[str]:
    """The names of all files in it, hidden ones too."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_all_files_and_their_hashes(tmp_path: Path) -> None:
    """Each as it was made, readable, and nothing that was only on the way; again is no trouble."""
    for _ in range(2):
        paths = await written(holding(CONTENTS), tmp_path / "new" / "folder")
        (folder,) = (tmp_path / "new" / "folder").iterdir()
        assert folder.name == "DW-1-bess-1-r-1-r1"
        assert {path.name for path in folder.iterdir()} == {*CONTENTS, "report.meta.json"}
        assert set(paths) == set(folder.iterdir())
        for name, content in CONTENTS.items():
            assert (folder / name).read_bytes() == content


async def test_the_client_gets_what_is_the_client_s(tmp_path: Path) -> None:
    """No internal edition, no data."""
    contents = CONTENTS | {"internal.pdf": b"secret", "inputs.json": b"{}"}
    paths = await written(holding(contents), tmp_path, "client")
    assert {path.name for path in paths} == {"report.pdf", "report.html"}


async def test_another_content_is_not_kept(tmp_path: Path) -> None:
    """Cut or changed on the way: no such file appears, the one from before stays."""
    (first, *_) = await written(holding(CONTENTS), tmp_path)
    found = holding(CONTENTS)
    found.contents["/v1/reports/r-1/report.pdf"] = b"%PDF"
    with pytest.raises(ApiError, match="not the one that was made"):
        await written(found, tmp_path)
    assert first.name == "report.pdf"
    assert first.read_bytes() == CONTENTS["report.pdf"]
    assert below(tmp_path) == {"report.pdf", "report.html", "report.json", "report.meta.json"}


class Halting(HandReader):
    """Gives half of the first file, and then nothing more."""

    def __init__(self, of: HandReader) -> None:
        super().__init__()
        self.contents = of.contents
        self.half = asyncio.Event()

    async def chunks(self, path: str, **query: str | int | None) -> AsyncGenerator[bytes, None]:
        content = self.contents[path]
        if not path.endswith("report.pdf"):
            yield content
            return
        yield content[: len(content) // 2]
        self.half.set()
        await asyncio.Event().wait()


async def test_stopped_halfway_there_is_no_half_file(tmp_path: Path) -> None:
    """Who stops it finds whole files only."""
    found = Halting(holding(CONTENTS))
    task = asyncio.create_task(written(found, tmp_path))
    await found.half.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not below(tmp_path)


async def test_without_room_nothing_is_begun(tmp_path: Path) -> None:
    """The sizes are added up first."""
    found = holding(CONTENTS)
    parts = await export.parts(found, ReportFiles(), [(entry("r-1", "bess-1"), "DW")], "all")
    huge = [
        export.Part(
            part.entry,
            part.folder,
            tuple(msgspec.structs.replace(file, size=1 << 60) for file in part.files),
        )
        for part in parts
    ]
    with pytest.raises(ApiError, match="free"):
        await export.write(found, huge, tmp_path / "out", "all", lambda _: None)
    assert not list((tmp_path / "out").iterdir())


async def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """In words."""
    (tmp_path / "file").touch()
    with pytest.raises(ApiError, match="cannot be written"):
        await written(holding(CONTENTS), tmp_path / "file")


@pytest.mark.parametrize("name", ["../x.pdf", "/etc/x.pdf", ".x.pdf", "a/b.pdf", "x\n.pdf", ""])
async def test_a_hostile_name_is_never_written(tmp_path: Path, name: str) -> None:
    """Whatever report.meta.json calls a file."""
    found = holding(CONTENTS, {"report.pdf": name})
    paths = await written(found, tmp_path / "to")
    assert {path.name for path in paths} == {"report.html", "report.json", "report.meta.json"}
    assert below(tmp_path) == {path.name for path in paths}


@given(st.text(), st.text())
def test_folders_have_plain_names(system: str, event: str) -> None:
    """Of whatever the systems and events are called."""
    name = export.folder_of(entry("r-1", system), event)
    assert export.NAME.match(name[:100])
    assert "/" not in name


class Machine:
    """A root with proc, sys and dev as the kernel has them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mounts: list[str] = []
        (root / "proc/self").mkdir(parents=True)
        (root / "sys/class/block").mkdir(parents=True)
        (root / "dev/disk/by-label").mkdir(parents=True)

    def disk(self, name: str, *partitions: str, removable: bool, bus: str = "ata1") -> None:
        """A disk and its partitions."""
        folder = self.root / "sys/devices" / bus / "block" / name
        for part in ("", *partitions):
            here = folder / part if part else folder
            here.mkdir(parents=True)
            (here / "size").write_text("62500000\n")
            (self.root / "sys/class/block" / (part or name)).symlink_to(here)
            if part:
                (here / "partition").write_text("1\n")
        (folder / "removable").write_text(f"{int(removable)}\n")

    def mount(self, device: str, folder: str, options: str = "rw,noatime") -> None:
        """A partition is mounted."""
        self.mounts.append(f"/dev/{device} {folder} vfat {options} 0 0\n")
        (self.root / "proc/self/mounts").write_text("".join(self.mounts))

    def found(self) -> list[tuple[str, str, str]]:
        """What is seen of it: device, label, folder."""
        return [(one.device, one.label, one.folder) for one in media(self.root)]


def test_sticks_are_told_from_disks(tmp_path: Path) -> None:
    """Removable, or on USB, and none of the system's places: mounted ones with label and free
    space, the others as not mounted. A system that itself lives on USB is none."""
    machine = Machine(tmp_path / "root")
    stick = tmp_path / "my stick"
    stick.mkdir()
    machine.disk("sda", "sda1", removable=False)
    machine.disk("sdb", "sdb1", removable=True)
    machine.disk("sdc", "sdc1", removable=False, bus="usb2/2-1")
    machine.disk("sdd", "sdd1", "sdd2", removable=False, bus="usb3/3-1")
    machine.mount("sda1", "/data")
    machine.mount("sdd1", "/boot/firmware")
    machine.mount("sdb1", str(stick).replace(" ", "\\040"))
    label = tmp_path / "root/dev/disk/by-label/OES\\x20stick"
    label.symlink_to("../../sdb1")
    assert machine.found() == [("sdb1", "OES stick", str(stick)), ("sdc1", "", "")]
    (one, _) = media(tmp_path / "root")
    assert isinstance(one, Medium)
    assert one.writable
    assert one.free > 0


def test_a_stick_that_is_mounted_read_only_is_not_written_to(tmp_path: Path) -> None:
    """It is listed as such."""
    machine = Machine(tmp_path / "root")
    machine.disk("sdb", "sdb1", removable=True)
    machine.mount("sdb1", str(tmp_path), "ro,noatime")
    (one,) = media(tmp_path / "root")
    assert not one.writable


def test_a_machine_without_any(tmp_path: Path) -> None:
    """Where proc and sys are not there, there is no stick, and no trouble."""
    assert media(tmp_path / "nothing") == []
