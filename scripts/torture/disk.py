"""A small disk of our own for the state folder: a tmpfs in a mount namespace that ends with us."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

INSIDE = "OVR_TORTURE_NAMESPACE"
WAYS = (("unshare", "--mount"), ("unshare", "--mount", "--map-root-user"))
"""As root; as anybody, where the kernel lets everybody have namespaces of users."""
CHUNK = 1 << 20


def enter(module: str, words: Sequence[str]) -> str:
    """Go on as `python -m module words` in a mount namespace of its own.

    Returns only when we are there already (then an empty text), or when this system does not
    permit it (then why not).
    """
    if os.environ.get(INSIDE):
        return ""
    said = ""
    for way in WAYS:
        try:
            tried = subprocess.run(
                [*way, "mount", "-t", "tmpfs", "none", "/mnt"],
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            return f"no mount namespace to be had: {error}"
        if tried.returncode == 0:
            argv = [*way, sys.executable, "-m", module, *words]
            os.execvpe(argv[0], argv, {**os.environ, INSIDE: "1"})  # noqa: S606  our own words
        said = tried.stderr.strip()
    return f"no mount namespace to be had: {said}"


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of `megabytes` at `folder` while the block runs."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Glutton:
    """Somebody else's file, which takes the disk's last byte, again and again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "somebody-elses"
        self._file = self._path.open("wb", buffering=0)

    def eat(self) -> None:
        """Take whatever is free now."""
        size = CHUNK
        while size:
            try:
                os.write(self._file.fileno(), bytes(size))
            except OSError:  # full for this much
                size //= 2

    def go(self) -> None:
        """Free all of it."""
        self._path.unlink(missing_ok=True)
        self._file.close()


@contextmanager
def filled(folder: Path) -> Iterator[Glutton]:
    """The disk of `folder` is full to its last byte while the block runs."""
    glutton = Glutton(folder)
    try:
        glutton.eat()
        yield glutton
    finally:
        glutton.go()


def free_bytes(folder: Path) -> int:
    """What is left on the disk of `folder`."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
