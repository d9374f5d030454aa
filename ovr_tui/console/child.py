"""Other processes that the console has do what is too heavy for it: they end with it."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from collector.errors import ApiError

ROOT = Path(__file__).parent.parent.parent
"""Where the packages lie, so that a child finds the same ones."""
MOST_SAID = 2000


class Done(Struct, frozen=True):
    """How a child ended, and what it said."""

    code: int
    out: bytes
    said: str


async def run_module(
    module: str,
    *words: str,
    content: bytes | None = None,
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run one of our modules to its end; who cancels this kills it. Raises ApiError when it cannot
    be started."""
    argv = [sys.executable, "-m", module, *words]
    try:
        child = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL if content is None else PIPE, stdout=PIPE, stderr=PIPE,
            cwd=ROOT, env=None if environment is None else dict(environment),
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ApiError(f"{_name(argv)} cannot be started: {error.strerror}") from error
    try:
        out, said = await child.communicate(content)
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    text = said.decode(errors="replace").strip()[-MOST_SAID:]
    return Done(child.returncode or 0, out, text)


def _name(argv: Sequence[str]) -> str:
    return " ".join(argv[1:4])
