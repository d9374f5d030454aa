"""What the collector told of the devices, shared by the pages that are about them."""

from collector.errors import ApiError
from collector.model.alarm import Commissioning
from collector.model.assignment import SERIAL, Fact
from collector.model.diagnosis import Diagnosis
from collector.model.refused import RefusedCount
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import (
    AlarmsAnswer,
    AssignmentsAnswer,
    ProfilesAnswer,
    ProfileTold,
    RefusedAnswer,
    RegistryAnswer,
    Twin,
    TwinsAnswer,
)
from ovr_tui.console.devices.book import Entry, Row, Tables, asset_entry, rows
from ovr_tui.console.link import Reader
from ovr_tui.console.now import Now


class Known:
    """The newest answers. `broken` says why there is no registry that could be shown."""

    def __init__(self) -> None:
        self.registry: RegistryAnswer | None = None
        self.broken = ""
        self.pins: dict[str, str] = {}
        self.twins: tuple[Twin, ...] = ()
        self.refused: tuple[RefusedCount, ...] = ()
        self.commissioned: dict[str, Commissioning] = {}
        self.profiles: tuple[ProfileTold, ...] = ()
        self.tests: dict[str, Diagnosis] = {}
        """The newest test of each device that this console made."""
        self.added = ""
        """A device that was just added: the list goes to it."""

    @property
    def tables(self) -> Tables | None:
        """The registry's tables."""
        return None if self.registry is None else self.registry.registry

    @property
    def to_decide(self) -> int:
        """How much waits for a person's decision."""
        return len(self.twins) + len(self.refused)

    @property
    def waits(self) -> bool:
        """Whether the file says something else than what is in force."""
        return bool(self.broken or (self.registry and self.registry.problem))

    async def load(self, reader: Reader) -> None:
        """Ask for everything. Raises ApiError, but not for a registry that is broken."""
        try:
            self.registry = await reader.get("/v1/registry", RegistryAnswer)
            self.broken = ""
        except ApiError as error:
            if error.code != "bad_config":
                raise
            self.registry, self.broken = None, str(error)
        held = await reader.get("/v1/assignments", AssignmentsAnswer, what=Fact.UNIT.value)
        self.pins = {
            one.asset: one.value for one in held.held if one.key == SERIAL and one.to_ms is None
        }
        self.twins = (await reader.get("/v1/twins", TwinsAnswer)).twins
        self.refused = (await reader.get("/v1/refused", RefusedAnswer, limit=0)).open
        alarms = await reader.get("/v1/alarms", AlarmsAnswer, limit=0)
        self.commissioned = {one.asset: one for one in alarms.commissioned}
        if not self.profiles:
            self.profiles = (await reader.get("/v1/profiles", ProfilesAnswer)).profiles

    def rows(self, now: Now) -> list[Row]:
        """All devices, as far as the moment may still be believed."""
        why = "the collector is silent" if now.unheard_s is not None else "the picture is held"
        return rows(now.snapshot, self.tables, stale="" if now.stale_s is None else why)

    def row(self, now: Now, device: str) -> Row | None:
        """One device; None when it is gone."""
        return next((row for row in self.rows(now) if row.id == device), None)

    def said(self, asset: str) -> Entry:
        """What the registry says of an asset."""
        return asset_entry(self.tables or {}, asset)


def view_of(shot: Snapshot | None, asset: str) -> AssetView | None:
    """An asset of the moment."""
    return next((view for view in shot.assets if view.id == asset), None) if shot else None


def in_event(shot: Snapshot | None, system: str) -> str:
    """The name of the event that is on and in which a system takes part; "" none."""
    for event in shot.events if shot else ():
        if event.status == "active" and system in event.systems:
            return event.name
    return ""
