"""One connection to a GX without a broker: messages are put into its tree by hand."""

import json

import pytest

from collector.sources.victron.assets import Assets
from collector.sources.victron.notices import Complaints
from collector.sources.victron.remarks import Remarks
from collector.sources.victron.roles import Roles
from collector.sources.victron.tree import Tree
from collector.sources.victron.writer import Writer
from tests.support.image import RecordingImage
from tests.victron.conftest import HandClock

PORTAL = "p1"
SYSTEM: dict[str, object] = {
    "system/0/Dc/Battery/Voltage": 52.8,
    "system/0/Ac/Grid/L1/Power": 100,
    "system/0/Ac/Genset/L1/Power": 200,
    "system/0/ActiveBatteryService": "com.victronenergy.battery/512",
    "vebus/276/ProductName": "MultiPlus-II",
    "vebus/276/State": 3,
    "settings/0/Settings/SystemSetup/SystemName": "Stage left",
}


class Bench:
    """One connection, without a broker. `roles` outlives it."""

    def __init__(
        self,
        roles: Roles | None = None,
        image: RecordingImage | None = None,
        portal: str = PORTAL,
    ) -> None:
        self.roles = roles or Roles()
        self.image = image or RecordingImage()
        self.clock = HandClock()
        self.tree = Tree(self.image, portal, self.clock)
        self.writer = Writer(self.image)
        self.assets = Assets(
            self.tree,
            self.writer,
            self.roles,
            portal,
            complaints=Complaints(self.tree, self.image),
            remarks=Remarks(self.image, self.roles.remarks),
        )

    def say(self, values: dict[str, object], *, complete: bool = True) -> None:
        """Values by `service/instance/path`, then a tick."""
        for tail, value in values.items():
            payload = b"" if value == "" else json.dumps({"value": value}).encode()
            self.tree.take(f"N/{PORTAL}/{tail}", payload)
        if complete:
            self.tree.settle(complete=True)
        self.assets.update(alive=True)


@pytest.fixture
def bench() -> Bench:
    """A connection on which nothing was said yet."""
    return Bench()


def mppt(instance: int, serial: str | None, power: float = 100.0) -> dict[str, object]:
    """A solar charger."""
    values: dict[str, object] = {f"solarcharger/{instance}/Yield/Power": power}
    return values | ({f"solarcharger/{instance}/Serial": serial} if serial else {})
