"""The raw series of one meter."""

from collections.abc import Mapping

from collector.sources.acuvim.decode import Values
from collector.sources.base import Cell, DeviceImage


class Raw:
    """Writes `acuvim_<name>{unit, model}`; series of another model end."""

    def __init__(self, image: DeviceImage, unit: int) -> None:
        self._image = image
        self._unit = unit
        self._model = ""
        self._cells: dict[tuple[str, str], Cell] = {}

    def of(self, model: str) -> None:
        """Whose series they are from now on."""
        if model == self._model:
            return
        for cell in self._cells.values():
            cell.clear()
        self._cells = {}
        self._model = model

    def write(self, values: Values, channel: str = "") -> None:
        """The values by name, of the meter or of a channel; None ends a series."""
        for name, value in values.items():
            cell = self._cells.get((name, channel))
            if cell is None:
                labels: Mapping[str, str] = {"unit": str(self._unit), "model": self._model}
                if channel:
                    labels = {**labels, "channel": channel}
                series = f"acuvim_{'channel_' if channel else ''}{name}"
                cell = self._cells[name, channel] = self._image.cell(series, labels)
            if value is None:
                cell.clear()
            else:
                cell.set(value)
