"""A golden folder's device: registers that were laid out by hand, behind a real Modbus server."""

import tomllib
from pathlib import Path
from typing import Any

from pymodbus.constants import ExcCodes

from tests.support.modbus import Unit

FOLDER = Path(__file__).parent / "golden"


def cases(suffix: str) -> list[Path]:
    """All cases of all devices."""
    return sorted(FOLDER.glob(f"*/*{suffix}"))


def told(path: Path) -> dict[str, Any]:
    """What a case says."""
    return tomllib.loads(path.read_text())


class GoldenUnit(Unit):
    """Answers by function; what is not in the case is exception 2, and so is a part of registers
    that exist only as a whole."""

    def __init__(self, tables: list[dict[str, Any]]) -> None:
        self.by_function: dict[int, dict[int, int]] = {3: {}, 4: {}}
        self.whole: list[range] = []
        self.reads: list[tuple[int, int, int]] = []
        """(function, address, count) of all requests."""
        everything: dict[int, int] = {}
        for table in tables:
            run = dict(enumerate(table["words"], table["at"]))
            self.by_function[table.get("fc", 3)] |= run
            everything |= run
            if table.get("whole"):
                self.whole.append(range(table["at"], table["at"] + len(run)))
        super().__init__(everything)

    async def _answer(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        current: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        self.reads.append((function, address, count))
        known = self.by_function.get(function)
        if known is None:
            return ExcCodes.ILLEGAL_FUNCTION
        wanted = range(address, address + count)
        if any(register not in known for register in wanted):
            return ExcCodes.ILLEGAL_ADDRESS
        if any(wanted != run and set(wanted) & set(run) for run in self.whole):
            return ExcCodes.ILLEGAL_ADDRESS
        for register in wanted:
            current[register - start] = known[register]
        return None
