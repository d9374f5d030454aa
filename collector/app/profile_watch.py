"""Profiles that somebody edits while their devices are read."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path

import structlog

from collector.config.still import Still
from collector.profiles.load import FOLDER, Shelf

LOOK_S = 1.0

Stamp = tuple[int, int, int]

log = structlog.get_logger("registry")


class ProfileWatch:
    """Looks once a second at the profiles of the node's folder `config`.

    `used` gives the profiles of devices that are read; `changed` is told which of them are to be
    read anew: their files stood still since the last look, and are sound. Of a broken one
    `problem` says what is wrong, and its devices are read as before.
    """

    def __init__(
        self,
        config: Path,
        *,
        used: Callable[[], Collection[str]],
        changed: Callable[[Collection[str]], Awaitable[None]],
    ) -> None:
        self.problem = ""
        self._config = config
        self._used = used
        self._changed = changed
        self._files = Still(self._stamps)

    async def run(self, ready: Callable[[], None]) -> None:
        """Look until cancelled."""
        ready()
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Take up what was edited and stood still since the last look."""
        before = self._files.look()
        if before is None:
            return
        found = self._files.taken
        names = {
            name for name in found.keys() | before.keys() if found.get(name) != before.get(name)
        }
        await self._take_up(names & set(self._used()))

    async def _take_up(self, names: Collection[str]) -> None:
        sound, told = set(), []
        for name in sorted(names):
            profile, problems = await asyncio.to_thread(Shelf(self._config).find, name)
            if profile is None:
                told.append("; ".join(map(str, problems)))
            else:
                sound.add(name)
        self.problem = (
            f"an edited profile is refused, the former stays in force: {'; '.join(told)}"
            if told
            else ""
        )
        if told:
            log.warning(
                "A profile is not taken up, the former ones stay in force", cause=self.problem
            )
        if sound:
            await self._changed(sound)
            log.info("Profiles are read anew: {profiles}.", profiles=sorted(sound))

    def _stamps(self) -> Mapping[str, Stamp]:
        found = {}
        for file in (self._config / FOLDER).glob("*.toml"):
            try:
                stat = file.stat()
            except OSError:
                continue  # gone, or a broken link: as if it were not there
            found[file.stem] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return found
