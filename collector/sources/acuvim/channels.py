"""The channels of an AcuRev: each a place of its own behind the mains."""

from collections.abc import Iterator

from collector.model.kinds import AssetKind
from collector.sources.acuvim.decode import LARGEST, power_factor
from collector.sources.acuvim.others import CHANNEL_POINTS, CHANNELS, MOST_CHANNELS, STRIDE
from collector.sources.base import DeviceImage
from collector.sources.modbus.errors import IllegalAddress
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.words import as_bytes, number

FEWER = (9, 3, 1)
USED_A = 0.1
"""A channel that has carried as much is in use, and an asset from then on."""
PARTS = frozenset({"load_power_w", "load_energy_kwh"})

ChannelValues = dict[str, float | None]


class Channels:
    """Reads the channels that a meter has; they are looked for on the first poll of each run."""

    def __init__(self, unit: int, timeout_s: float, image: DeviceImage) -> None:
        self._unit = unit
        self._timeout_s = timeout_s
        self._image = image
        self._blocks: list[tuple[int, int]] | None = None
        self._used: set[int] = set()

    async def read(self, turn: Turn) -> list[ChannelValues]:
        """The values of each channel in A, W, var, VA. Raises what reading raises."""
        if self._blocks is None:
            return await self._find(turn)
        found: list[ChannelValues] = []
        for first, count in self._blocks:
            found += await self._block(turn, first, count)
        return found

    async def _find(self, turn: Turn) -> list[ChannelValues]:
        """Look how many there are: nine at a time, then as many as there still are."""
        blocks: list[tuple[int, int]] = []
        found: list[ChannelValues] = []
        for count in FEWER:
            while len(found) + count <= MOST_CHANNELS:
                told = await self._there(turn, len(found), count)
                if told is None:
                    break
                blocks.append((len(found), count))
                found += told
        self._blocks = blocks
        return found

    async def _there(self, turn: Turn, first: int, count: int) -> list[ChannelValues] | None:
        """So many channels; None when the meter refuses them twice: once may have been another's
        answer."""
        for _ in range(2):
            try:
                return await self._block(turn, first, count)
            except IllegalAddress:
                continue
        return None

    async def _block(self, turn: Turn, first: int, count: int) -> list[ChannelValues]:
        address = CHANNELS + first * STRIDE
        words = await turn.read(self._unit, address, count * STRIDE, timeout_s=self._timeout_s)
        return [
            decode_channel(as_bytes(words[STRIDE * n : STRIDE * (n + 1)])) for n in range(count)
        ]

    def write(self, channels: list[ChannelValues], *, behind: bool) -> None:
        """Into the image: the channels in use as assets, which are parts of the mains if it
        measures a load (`behind`)."""
        for place, values in enumerate(channels):
            if place in self._used or self._in_use(place, values, behind):
                role = f"ch{place + 1}"
                for key, value in channel_readings(values):
                    self._image.put(role, key, value)
                self._image.alive(role)

    def _in_use(self, place: int, values: ChannelValues, behind: bool) -> bool:
        role = f"ch{place + 1}"
        if not self._image.pinned(role) and (values["i"] or 0.0) < USED_A:
            return False
        self._image.pin(role, "in use")
        self._image.declare(role, AssetKind.LOAD, name=f"Channel {place + 1}")
        if behind:
            self._image.link_behind(role, "", PARTS)
        self._used.add(place)
        return True


def decode_channel(block: bytes) -> ChannelValues:
    """Twelve registers as values; None for what is no number, or none that can be."""
    values: ChannelValues = {}
    for point in CHANNEL_POINTS:
        value = number(block, point.at, "f32")
        values[point.name] = value if value is not None and abs(value) < LARGEST else None
    return values


def channel_readings(values: ChannelValues) -> Iterator[tuple[str, float | None]]:
    """Canonical readings of a channel. On which phase it is nobody says: its current is a raw
    series only."""
    yield "load_power_w", values["p"]
    yield "reactive_power_var", values["q"]
    yield "apparent_power_va", values["s"]
    yield "power_factor", power_factor(values["pf"], values["p"])
