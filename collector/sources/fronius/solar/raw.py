"""Everything numeric that a Solar API says, as raw series `fronius_solar_<part>_<key>`."""

import re
from collections.abc import Mapping
from typing import Any

from collector.sources.base import Cell, DeviceImage
from collector.sources.fronius.raw import snake
from collector.sources.fronius.solar.answers import number

MOST = 120
"""More keys of one part are left out, counted."""
_KEY = re.compile(r"\A[A-Za-z][A-Za-z0-9_]{0,79}\Z")
_Place = tuple[str, str]
"""A part (inverter, meter, site, storage) and which of them."""


class SolarRaw:
    """The raw series of one device by its Solar API."""

    def __init__(self, image: DeviceImage) -> None:
        self._image = image
        self._cells: dict[_Place, dict[str, Cell]] = {}

    def write(self, part: str, which: str, serial: str, data: Mapping[str, Any]) -> None:
        """What an answer says now; what it says no more ends its series."""
        cells = self._cells.setdefault((part, which), {})
        said: set[str] = set()
        for key, told in data.items():
            value = number(told)
            if value is None or not _KEY.match(str(key)):
                continue
            cell = cells.get(key)
            if cell is None:
                if len(cells) >= MOST:
                    self._image.drop("too many keys", f"solar {part} {which}")
                    break
                labels = {"unit": which, "serial": serial} if which else {"serial": serial}
                name = f"fronius_solar_{part}_{snake(str(key))}"
                cell = cells[key] = self._image.cell(name, labels)
            cell.set(value)
            said.add(key)
        for key, cell in cells.items():
            if key not in said:
                cell.clear()

    def clear(self) -> None:
        """Nothing is known of the device now."""
        for cells in self._cells.values():
            for cell in cells.values():
                cell.clear()
