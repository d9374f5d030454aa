"""A site on a clock that tests turn."""

from collector.model.assets import AssetSettings, Device
from collector.model.kinds import DeviceKind
from collector.model.series import STALE_BITS, decode_series
from collector.site.memory import Memory
from collector.site.site import Site, Taken

START_MS = 1_780_000_000_000


class Clocked:
    """A site, its steady clock, and what its last tick took."""

    def __init__(self, *devices: Device, settings=None, links=(), memory=None) -> None:
        self.now_s = 1000.0
        self.site = Site(
            node="n1",
            site="field",
            timezone="Europe/Berlin",
            devices=devices,
            settings=settings or {},
            links=links,
            memory=memory or Memory({}, "", {}, {}),
            mono=lambda: self.now_s,
        )
        self.taken: Taken

    def image(self, device="d1"):
        """A device's image, as its source has it."""
        return self.site.images[device]

    def tick(self, seconds=1.0):
        """Let time pass, then take a tick."""
        self.now_s += seconds
        self.taken = self.site.take(START_MS + int(self.now_s) * 1000)
        return self.taken

    def asset(self, name):
        """An asset's view at the last tick."""
        return next(a for a in self.taken.assets if a.id == name)

    def samples(self):
        """The last tick's samples: (name, labels) → value, "stale" for a marker."""
        found = {}
        values = self.taken.samples.values
        for series, value, bits in zip(
            self.taken.samples.series, values, memoryview(values.tobytes()).cast("Q"), strict=True
        ):
            name, labels = decode_series(series)
            key = (name, labels.get("asset") or labels.get("device"), labels.get("phase", ""))
            assert key not in found, f"{key} twice in one tick"
            found[key] = "stale" if bits == STALE_BITS else value
        return found


def device(name="d1", kind=DeviceKind.ACUVIM, **more) -> Device:
    """A registry entry."""
    return Device(id=name, kind=kind, host="127.0.0.1", port=502, **more)


__all__ = ["AssetSettings", "Clocked", "device"]
