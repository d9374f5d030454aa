"""Files that are not what they should be, and the files that are written."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.config import files
from collector.config.document import MAX_BYTES, read_document
from collector.config.files import locked, replace_file
from collector.config.problems import HomeError, Problem
from tests.config.homes import device, make_home, problems, read


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[node\n", "node.toml:1: is no TOML: Expected ']'"),
        (b"[node]\nid = \n", "node.toml:2: is no TOML: Invalid value"),
        (b"[node]\nid = 'a'\nid = 'b'\n", "node.toml:3: is no TOML: Cannot overwrite a value"),
        (b"[node]\n\n[node]\n", "node.toml:3: is no TOML: Cannot declare"),
        (b'[node]\nid = "x', "node.toml:2: is no TOML: Unterminated string"),
        (b"[node]\nsite = 'caf\xe9'\n", "node.toml:2: is no UTF-8 text"),
        ("[node]\n".encode("utf-16"), "node.toml:1: is no UTF-8 text"),
        (b"\x00\x01\x02", "node.toml:1: is no TOML"),
        (b"\x7fELF\x02\x01" + bytes(4000), "node.toml:1: is no TOML"),
        (b"a = " + b"[" * 100_000, "node.toml: is nested too deeply"),
        (b"a = " + b"9" * 5000, "node.toml: cannot be read"),
        (b"#" * (MAX_BYTES + 1), "node.toml: is larger than 1024 KiB"),
        (b'{"node": {}}', "node.toml:1: is no TOML"),
    ],
)
def test_content_that_is_no_configuration(tmp_path, content, said) -> None:
    """Broken, binary, huge and wrongly encoded files are each told with what is wrong."""
    found = problems(make_home(tmp_path, node=content))
    assert len(found) == 1
    assert found[0].startswith(said)
    assert found[0].isprintable()


def test_all_files_are_told_together(tmp_path) -> None:
    """A broken file does not hide the problems of the others."""
    home = make_home(tmp_path, node="[node", registry=device(more="port = 0"), secrets="x = 1")
    assert [line.split(":")[0] for line in problems(home)] == [
        "node.toml", "registry.toml", "secrets.toml",
    ]  # fmt: skip


def _link(to: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(to)


@pytest.mark.parametrize("name", ["node_toml", "registry_toml", "secrets_toml", "gx_systems_json"])
@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, _link("/dev/zero"), _link("nowhere"), _link("registry.toml")]
)
def test_things_that_are_no_files(tmp_path, name, make) -> None:
    """A folder, a pipe, a device, a broken link or a circle of links in a file's place is told,
    never waited for."""
    home = make_home(tmp_path)
    path = getattr(home, name)
    make(path)
    found = problems(home)
    assert len(found) == 1, found
    assert found[0].startswith(f"{path.name}: ")


def test_what_cannot_be_read(tmp_path, monkeypatch) -> None:
    """A file that the system refuses to open is told with the system's reason."""
    home = make_home(tmp_path, node="")
    monkeypatch.setattr(Path, "open", _refuse)
    found: list[Problem] = []
    assert read_document(home.node_toml, found.append) is None
    assert "cannot be read: Permission denied" in str(found[0])


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf[node]\nid = "n-1"\n',
        b'[node]\r\nid = "n-1"\r\n',
        b'[node]\nid = "n-1"',
        '# é\n[node] # 日本\nid = "n-1"\n'.encode(),
    ],
)
def test_what_editors_do(tmp_path, content) -> None:
    """A byte order mark, CRLF, no last line end and UTF-8 comments are fine."""
    assert read(make_home(tmp_path, node=content)).node.id == "n-1"


def test_lines_with_crlf(tmp_path) -> None:
    """Lines count the same with CRLF."""
    found = problems(make_home(tmp_path, node=b"[node]\r\n\r\nx = 1\r\n"))
    assert found[0].startswith("node.toml:3: node.x")


def test_linked_files(tmp_path) -> None:
    """A file may be a link to one elsewhere; writing changes the file that is meant."""
    home = make_home(tmp_path)
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(device())
    home.registry_toml.symlink_to(elsewhere)
    assert read(home).devices
    replace_file(home.registry_toml, device("other").encode())
    assert home.registry_toml.is_symlink()
    assert "other" in elsewhere.read_text()


def test_replaced_files_keep_their_mode(tmp_path) -> None:
    """A file that is written anew keeps its mode whatever the umask; a new one is 0644."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("a")
    old.chmod(0o640)
    before = os.umask(0o077)
    try:
        replace_file(old, b"b")
        replace_file(new, b"b")
    finally:
        os.umask(before)
    assert (old.stat().st_mode & 0o777, new.stat().st_mode & 0o777) == (0o640, 0o644)
    assert {path.name for path in tmp_path.iterdir()} == {"new", "old"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_files_to_their_owner(tmp_path) -> None:
    """What root writes in the folder of another user belongs to that user, the lock too."""
    os.chown(tmp_path, 1234, 1235)
    file = tmp_path / "f"
    with locked(file):
        replace_file(file, b"x")
    owners = {(p.stat().st_uid, p.stat().st_gid) for p in tmp_path.iterdir()}
    assert owners == {(1234, 1235)}


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_a_disk_that_refuses(tmp_path, monkeypatch, call) -> None:
    """When writing fails half-way the old file stands, nothing is left behind, and it is told."""
    file = tmp_path / "f"
    file.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(HomeError, match="No space left on device; the old file stands"):
        replace_file(file, b"new")
    monkeypatch.undo()
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_killed_while_writing(tmp_path) -> None:
    """A program killed at any call of a replacement leaves the old file or the new one, whole."""
    file = tmp_path / "f"
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "left = int(sys.argv[2])\n"
        "def hook(event, args):\n"
        "    global left\n"
        "    if event.startswith(('open', 'os.')) and 'tmp' in str(args):\n"
        "        left -= 1\n"
        "        if left < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from collector.config.files import replace_file\n"
        "sys.addaudithook(hook)\n"
        "replace_file(Path(sys.argv[1]), b'n' * 5000)\n"
    )
    seen = set()
    for count in range(20):
        file.write_bytes(b"o" * 5000)
        done = subprocess.run(
            [sys.executable, "-c", script, str(file), str(count)], check=False, capture_output=True
        )
        seen.add(file.read_bytes())
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    assert seen == {b"o" * 5000, b"n" * 5000}


def test_lock_is_waited_for(tmp_path, monkeypatch) -> None:
    """A second program does not enter while the first is inside; it gives up with a clear word."""
    monkeypatch.setattr(files, "BUSY_S", 0.05)
    with (
        locked(tmp_path / "f"),
        pytest.raises(HomeError, match="another program keeps changing it"),
        locked(tmp_path / "f"),
    ):
        raise AssertionError("two inside")
    with locked(tmp_path / "f"):
        pass


def test_no_folder_to_write_in(tmp_path) -> None:
    """Changing a file in a folder that is not there says so."""
    with (
        pytest.raises(HomeError, match=r"check that .*gone is there"),
        locked(tmp_path / "gone" / "f"),
    ):
        pass
    with pytest.raises(HomeError, match="cannot be written"):
        replace_file(tmp_path / "gone" / "f", b"")
