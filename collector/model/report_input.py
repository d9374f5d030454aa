"""What a report is computed from: `inputs.json` and the packed rollups beside it."""

from typing import Literal

from msgspec import Struct

from collector.model.assets import Link, Ratings
from collector.model.assignment import Held
from collector.model.event import Change, Event, Participation, UseCase
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.rollup_record import RollupRecord
from collector.model.said import Action, Alert, Correction, Doubt, LogEntry, SignOff
from collector.model.terms import FuelCurve

INPUTS_SCHEMA = 1
INPUTS_FILE, STANDING_FILE, ROLLUPS_FILE, PARTS_FOLDER, OUT_FOLDER = (
    "inputs.json",
    "standing.json",
    "rollups.msgpack",
    "parts",
    "out",
)

"""Of a job. With a standing (`report_state.Standing`) the files say where the revision stands; with
a report.json beside it only they are made, of that very report."""

Stage = Literal["provisional", "final"]


class AssetInput(Struct, frozen=True, kw_only=True):
    """One asset as the node knew it at the end of the window; what was before is in the
    assignments. `meter` says PT/CT ratios and wiring in words; `certified`: for revenue."""

    id: str
    device: str
    device_kind: DeviceKind | None = None
    kind: AssetKind
    role: str = ""
    name: str = ""
    system: str = ""
    model: str = ""
    serial: str = ""
    unit_no: str = ""
    ratings: Ratings = Ratings()
    fuel_curve: FuelCurve = ()
    account: str = ""
    accuracy_class: str = ""
    meter: str = ""
    certified: bool = False


class Limits(Struct, frozen=True, kw_only=True):
    """What is outside limits: deviations from nominal in per cent, as alarms have them."""

    voltage_deviation_pct: float = 10.0
    frequency_deviation_pct: float = 5.0
    voltage_unbalance_pct: float = 3.0
    current_unbalance_pct: float = 30.0
    overload_pct: float = 100.0
    soc_low_pct: float = 20.0
    voltage_thd_pct: float = 8.0
    nominal_hz: float | None = None


class Brand(Struct, frozen=True, kw_only=True):
    """Whose report it is. `logo` is the content of an image file, `logo_type` its media type."""

    company: str = ""
    logo: bytes = b""
    logo_type: str = ""


class ReportInputs(Struct, frozen=True, kw_only=True):
    """`inputs.json` of one system's report: everything but the rollups.

    `report` is the id of its series of revisions: the participation's, of an interim report its
    own. The window is [from_ms, to_ms) (UTC ms); a provisional report's data may end before, at
    `upto_ms`. `assets` are all that belonged to the system at any time of the window, and what
    they are linked to. `links` are those that nobody dated (found by devices); dated ones are in
    `assignments`. `rollups_sha256` is of the rollups file.
    """

    schema: int = INPUTS_SCHEMA
    kind: Literal["system", "interim"] = "system"
    report: str
    revision: int = 1
    stage: Stage = "final"
    node: str
    site: str = ""
    system: str
    system_name: str = ""
    use_case: UseCase = UseCase.METERING
    event: Event
    participation: Participation | None = None
    from_ms: int
    to_ms: int
    upto_ms: int
    assets: tuple[AssetInput, ...] = ()
    assignments: tuple[Held, ...] = ()
    links: tuple[Link, ...] = ()
    corrections: tuple[Correction, ...] = ()
    log: tuple[LogEntry, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    alerts: tuple[Alert, ...] = ()
    actions: tuple[Action, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    changes: tuple[Change, ...] = ()
    """Of the event and this participation that a reader has to know of."""
    limits: Limits = Limits()
    brand: Brand = Brand()
    notes: tuple[str, ...] = ()
    rollups_sha256: str = ""


class PartRef(Struct, frozen=True, kw_only=True):
    """A system's report that an event's report is made of: `folder` below `parts/`, the sha256 of
    its report.json, profile.csv and inputs.json."""

    node: str
    system: str
    report: str
    revision: int
    folder: str
    report_sha256: str
    profile_sha256: str
    inputs_sha256: str


class Missing(Struct, frozen=True, kw_only=True):
    """A participation without a report, and why."""

    node: str
    system: str
    report: str
    why: str


class EventInputs(Struct, frozen=True, kw_only=True):
    """`inputs.json` of an event's report; the parts lie beside it. `report` is the event's id, of
    an interim report its own."""

    schema: int = INPUTS_SCHEMA
    kind: Literal["event"] = "event"
    report: str
    revision: int = 1
    stage: Stage = "final"
    node: str = ""
    site: str = ""
    event: Event
    from_ms: int
    to_ms: int
    parts: tuple[PartRef, ...] = ()
    missing: tuple[Missing, ...] = ()
    log: tuple[LogEntry, ...] = ()
    brand: Brand = Brand()


class AssetRows(Struct, frozen=True, kw_only=True):
    """The rows of one asset that touch the window, and the nearest one before it and after it if
    there is one (what its counters rose in a gap across an end of the window is shared by time):
    `record` says what they are, `content` holds their bytes
    (`collector.model.rollup_record.read_record`)."""

    record: RollupRecord
    content: bytes


class RollupFile(Struct, frozen=True, kw_only=True):
    """`rollups.msgpack`: the rows of all assets, ordered by id."""

    assets: tuple[AssetRows, ...] = ()
