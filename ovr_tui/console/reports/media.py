"""USB sticks and their like: what is plugged in, and where it is mounted.

A medium is removable when the kernel says so of its disk, or when it hangs on USB and holds none of
the places that a system lives in.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

SYSTEM = frozenset(["/", "/home", "/usr", "/var", "/opt", "/srv", "/etc", "/root"])
BOOT = ("/boot", "/efi")
_OCTAL = re.compile(r"\\([0-7]{3})")
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")


class Medium(Struct, frozen=True, kw_only=True):
    """One partition of a removable disk. `folder` is where it is mounted (""): nowhere. Sizes are
    in bytes."""

    device: str
    label: str
    folder: str = ""
    size: int = 0
    free: int = 0
    writable: bool = True


def media(root: Path = Path("/")) -> list[Medium]:
    """Every removable medium, those mounted first. `root` is where proc, sys and dev lie."""
    labels = _labels(root)
    found = list(_mounted(root, labels))
    known = {one.device for one in found}
    found += [
        Medium(device=name, label=labels.get(name, ""), size=_size(root, name))
        for name in _partitions(root)
        if name not in known
    ]
    return found


def _mounted(root: Path, labels: dict[str, str]) -> Iterator[Medium]:
    try:
        told = (root / "proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    seen: set[str] = set()
    for line in told.splitlines():
        words = line.split(" ")
        if len(words) < 4 or not words[0].startswith("/dev/"):
            continue
        name, folder = Path(words[0]).name, _plain(words[1])
        if name in seen or _of_system(folder) or not _removable(root, name):
            continue
        seen.add(name)
        try:
            space = os.statvfs(folder)
        except OSError:
            continue
        yield Medium(
            device=name,
            label=labels.get(name, ""),
            folder=folder,
            size=space.f_frsize * space.f_blocks,
            free=space.f_frsize * space.f_bavail,
            writable="rw" in words[3].split(",") and os.access(folder, os.W_OK),
        )


def _plain(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def _of_system(folder: str) -> bool:
    return folder in SYSTEM or folder.startswith(BOOT)


def _disk(root: Path, name: str) -> Path | None:
    """The folder of the disk that a partition (or disk) belongs to."""
    try:
        here = (root / "sys/class/block" / name).resolve(strict=True)
    except OSError:
        return None
    return here.parent if (here / "partition").exists() else here


def _removable(root: Path, name: str) -> bool:
    disk = _disk(root, name)
    if disk is None:
        return False
    try:
        told = (disk / "removable").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        told = ""
    return told == "1" or "/usb" in str(disk)


def _partitions(root: Path) -> Iterator[str]:
    """Partitions of removable disks, and those disks without any that hold something."""
    try:
        names = sorted(path.name for path in (root / "sys/class/block").iterdir())
    except OSError:
        return
    for name in names:
        disk = _disk(root, name)
        if disk is None or not _removable(root, name) or not _size(root, name):
            continue
        whole = disk.name == name
        if whole and any(other != name and other.startswith(name) for other in names):
            continue
        if not _in_use_by_system(root, disk):
            yield name


def _in_use_by_system(root: Path, disk: Path) -> bool:
    try:
        told = (root / "proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    for line in told.splitlines():
        words = line.split(" ")
        if words[0].startswith("/dev/") and len(words) > 1 and _of_system(_plain(words[1])):
            of = _disk(root, Path(words[0]).name)
            if of == disk:
                return True
    return False


def _size(root: Path, name: str) -> int:
    try:
        return int((root / "sys/class/block" / name / "size").read_text(encoding="ascii")) * 512
    except (OSError, ValueError):
        return 0


def _labels(root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for link in (root / "dev/disk/by-label").iterdir():
            name = link.readlink().name if link.is_symlink() else ""
            found[name] = _HEX.sub(lambda hit: chr(int(hit[1], 16)), link.name)
    except OSError:
        return found
    return found
