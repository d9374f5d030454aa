"""A GX on the site's true image, without a broker, on a clock that tests turn."""

import json

from collector.model.kinds import DeviceKind
from collector.sources.victron.assets import Assets
from collector.sources.victron.notices import Complaints
from collector.sources.victron.remarks import Remarks
from collector.sources.victron.roles import Roles
from collector.sources.victron.tree import Tree
from collector.sources.victron.writer import Writer
from tests.support.sites import Clocked, device

PORTAL = "p1"


class Stage:
    """What a GX says, and what the site makes of it."""

    def __init__(self) -> None:
        self.site = Clocked(device("bess-1", DeviceKind.GX))
        self.image = self.site.image("bess-1")
        self.site.site.watches["bess-1"].turn("running")
        self.tree = Tree(self.image, PORTAL, lambda: self.site.now_s)
        roles = Roles()
        self.assets = Assets(
            self.tree,
            Writer(self.image),
            roles,
            PORTAL,
            complaints=Complaints(self.tree, self.image),
            remarks=Remarks(self.image, roles.remarks),
        )

    def say(self, values: dict[str, object]) -> None:
        """Values by `service/instance/path`; `...` ends one."""
        for tail, value in values.items():
            payload = b"" if value is ... else json.dumps({"value": value}).encode()
            self.tree.take(f"N/{PORTAL}/{tail}", payload)

    def tick(self, seconds: float = 5.0) -> None:
        """Time passes and the GX lives."""
        self.image.alive()
        self.tree.settle(complete=True)
        self.assets.update(alive=True)
        self.site.tick(seconds)

    def run(self, values: dict[str, object], seconds: int) -> None:
        """Say it, and let so much time pass."""
        self.say(values)
        for _ in range(seconds // 5):
            self.tick()

    def value(self, asset: str, key: str) -> float | None:
        """A good reading of the last tick."""
        reading = self.site.asset(asset).readings.get(key)
        return reading.value if reading is not None and reading.quality == "good" else None

    def kwh(self, asset: str, key: str) -> float:
        """An energy of the last tick; 0 where there is none."""
        return self.value(asset, key) or 0.0
