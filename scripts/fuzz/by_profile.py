"""Registers without sense through every shipped profile for Modbus devices."""

import random
from pathlib import Path

from collector.profiles.load import Shelf
from collector.profiles.plan import plan
from collector.profiles.profile import Profile
from collector.profiles.program import Program
from collector.profiles.registers import Decoder, reader


class _One:
    """A profile at work, as its source has it."""

    def __init__(self, profile: Profile) -> None:
        modbus = profile.table.modbus
        self.name = profile.name
        self.program = Program(profile)
        requests = plan(self.program.items, modbus, profile.table.block)
        self.readers = [reader(each, self.program.items, modbus) for each in requests]
        self.decoder = Decoder(self.program.items, modbus)


class ByProfile:
    """Decodes answers by profiles that it chooses."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        shelf = Shelf(Path("/nonexistent"))
        found = [shelf.find(name)[0] for name in shelf.names()]
        made = [_One(each) for each in found if each is not None and each.table.http is None]
        self._known = [one for one in made if one.readers]

    def take(self, words: tuple[int, ...]) -> list[float]:
        """The numbers that follow when these registers (repeated, cut) answer one request."""
        one = self._rng.choice(self._known)
        told = self._rng.choice(one.readers)
        size = told.request.size
        some = (words * (size // len(words) + 1))[:size] if words else (0,) * size
        one.decoder.take(told, some, one.program.raws)
        one.program.run()
        return [value for value in one.program.values if isinstance(value, float)]
