"""Everything numeric that a Fronius unit says, as raw series `fronius_<model>_<point>`."""

import re
from collections.abc import Mapping

from collector.sources.base import Cell, DeviceImage
from collector.sources.fronius.models import GROUPS
from collector.sources.modbus.sunspec import Decoded

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(point: str) -> str:
    """`ActWh` → `act_wh`, `PhVphA` → `ph_vph_a`, `DCW` → `dcw`."""
    return _WORD.sub("_", point).lower()


class RawSeries:
    """The raw series of one unit."""

    def __init__(self, image: DeviceImage, labels: Mapping[str, str]) -> None:
        self._image = image
        self._labels = dict(labels)
        self._cells: dict[tuple[int, str, int], Cell] = {}

    def write(self, blocks: Mapping[int, Decoded]) -> None:
        """All points of the blocks; what has no value ends its series."""
        for model, told in blocks.items():
            for name, value in told.values.items():
                self._set(model, name, 0, value)
            for number, group in enumerate(told.groups, 1):
                for name, value in group.items():
                    self._set(model, name, number, value)

    def clear(self) -> None:
        """Nothing is known of the unit now."""
        for cell in self._cells.values():
            cell.clear()

    def _set(self, model: int, point: str, module: int, value: float | None) -> None:
        key = (model, point, module)
        cell = self._cells.get(key)
        if cell is None:
            labels = self._labels | ({"module": str(module)} if module else {})
            cell = self._image.cell(f"fronius_{GROUPS[model]}_{snake(point)}", labels)
            self._cells[key] = cell
        if value is None:
            cell.clear()
        else:
            cell.set(value)
