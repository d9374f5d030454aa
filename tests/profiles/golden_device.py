"""A golden folder's device: registers that were laid out by hand, behind a real Modbus server."""

import tomllib
from pathlib import Path
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice

from collector.profiles.items import Placed
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

    def said(self, function: int, address: int, count: int) -> list[int] | int:
        """What a read is answered with: registers, or the number of an exception."""
        known = self.by_function.get(function)
        if known is None:
            return 1
        wanted = range(address, address + count)
        if any(register not in known for register in wanted):
            return 2
        if any(wanted != run and set(wanted) & set(run) for run in self.whole):
            return 2
        return [known[register] for register in wanted]

    def chain(self) -> dict[int, Placed]:
        """Its SunSpec models, walked by hand."""
        held = self.by_function[3]
        found: dict[int, Placed] = {}
        for base in (40000, 50000, 0):
            if (held.get(base), held.get(base + 1)) != (0x5375, 0x6E53):
                continue
            at = base + 2
            while held[at] != 0xFFFF:
                found.setdefault(held[at], Placed(at, held[at + 1]))
                at += 2 + held[at + 1]
            break
        return found

    def device(self, number: int) -> SimDevice:
        """All registers exist for the server, so that every read comes to `_answer`."""
        whole = SimData(0, count=0xFFFF, values=0, datatype=DataType.REGISTERS)
        return SimDevice(number, [whole], action=self._answer)

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
        said = self.said(function, address, count)
        if isinstance(said, int):
            return ExcCodes(said)
        current[address - start : address - start + count] = said
        return None
