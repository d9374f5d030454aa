"""The frozen image of a node at one tick: what every reader sees.

Built once a second by the site and never changed. Times are UTC milliseconds (`…_ms`), ages and
delays seconds (`…_s`). Plain structs, so that the same classes travel over the local API.
"""

from collections.abc import Mapping

from msgspec import Struct

from collector.model.alarm import Alarm
from collector.model.control import Lockout
from collector.model.event import EventNow
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.outbox import OutboxHealth
from collector.model.reading import Reading


class AssetView(Struct, frozen=True, kw_only=True):
    """One asset at one tick. `reason` says in words why it is not live, else it is empty.

    `readings` is keyed by catalogue key; `age_s` counts from when the asset was last heard (None:
    never). `notes` are hints for people (commissioning, refused counters, links); `remarks` is
    what the device says beside its readings, and asks nothing of anybody. `ratings` are what is
    known of its plate, by the names of `collector.model.assets.Ratings`. `lockout`: somebody works
    there, and nothing is commanded.
    """

    id: str
    name: str
    kind: AssetKind
    system: str
    device: str
    status: AssetStatus
    reason: str = ""
    age_s: float | None = None
    readings: Mapping[str, Reading] = {}
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    model: str = ""
    serial: str = ""
    links: tuple[str, ...] = ()
    ratings: Mapping[str, float] = {}
    lockout: Lockout | None = None


class Check(Struct, frozen=True, kw_only=True):
    """An asset that measures what another one counts: by how much it deviates (None: unknown)."""

    asset: str
    of: str
    deviation_pct: float | None


class Remainder(Struct, frozen=True, kw_only=True):
    """What a parent measured beyond its children: unmetered and losses."""

    parent: str
    children: tuple[str, ...]
    value: float


class Overlap(Struct, frozen=True, kw_only=True):
    """Two counted assets whose flow has been nearly equal since `since_ms`: perhaps one flow."""

    asset: str
    other: str
    since_ms: int


class Total(Struct, frozen=True, kw_only=True):
    """One quantity over the whole site, each flow once.

    `value` is None where no asset has the quantity or all are left out. `left_out` names assets
    that would count but have no good reading: then the total is *partial*. `unverified` are
    overlaps that nobody has decided.
    """

    quantity: str
    value: float | None
    counted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    remainders: tuple[Remainder, ...] = ()
    unverified: tuple[Overlap, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether something that belongs to the total is missing from it."""
        return bool(self.left_out)


UNANSWERED = frozenset({"not connected", "no answer", "connection lost"})
"""Reasons in the `drops` of a source that are polls to which nothing was said: nothing that the
device says was left out."""


class SourceHealth(Struct, frozen=True, kw_only=True):
    """One supervised device connection.

    `state` is one of: starting, running, backoff, disabled, wrong device. `cause` is the last
    failure in words, kept while it lasts; `drops` counts what was not used, by reason;
    `latency_ms` is how long the last answer took, while it runs.
    """

    device: str
    kind: str
    address: str
    state: str
    since_ms: int
    cause: str = ""
    tries: int = 0
    retry_in_s: float | None = None
    messages: int = 0
    latency_ms: float | None = None
    drops: Mapping[str, int] = {}


class SinkHealth(Struct, frozen=True, kw_only=True):
    """How far one sink is behind, by the times of samples.

    `lossless`: whether everything journaled gets to the receiver and stays there; None until the
    receiver was seen. `lossless_why`: in words, when it is not. `sent_bytes`: request bodies as
    they went out, packed, repeats included; headers, TLS and TCP are not counted.
    """

    sink: str
    state: str
    cause: str = ""
    behind_s: float = 0.0
    head: int = 0
    settled: int = 0
    owed_batches: int = 0
    sent_batches: int = 0
    sent_samples: int = 0
    sent_bytes: int = 0
    dead_samples: int = 0
    lossless: bool | None = None
    lossless_why: str = ""


class Gap(Struct, frozen=True, kw_only=True):
    """Ticks in a row whose samples could not be journaled, and why.

    `from_ms` and `to_ms` are the first and the last of them, in UTC; with a `boot` whose clock
    nobody has confirmed yet they are ms of its steady time.
    """

    from_ms: int
    to_ms: int
    ticks: int
    samples: int
    cause: str
    boot: str = ""


class JournalHealth(Struct, frozen=True, kw_only=True):
    """The durable log of samples.

    `state` is ok, losing (full of unsent batches, the oldest go) or failing (nothing is kept);
    `cause` says why. Batches from `first` to `head` may be sent, `unconfirmed` ones behind them
    wait until the node's clock is confirmed. `lost_samples` were never sent and are gone, in this
    run and before; `gap_samples` of `gap_ticks` are those among them that were never journaled,
    and `gap` is the newest such time, also while it lasts. `estimated_ticks` have times that were
    worked out, for the node went off before its clock was confirmed.
    """

    state: str
    cause: str = ""
    first: int = 0
    head: int = 0
    bytes: int = 0
    cap_bytes: int = 0
    samples: int = 0
    lost_samples: int = 0
    unconfirmed: int = 0
    estimated_ticks: int = 0
    gap_ticks: int = 0
    gap_samples: int = 0
    gap: Gap | None = None
    commit_ms: float = 0.0


class NodeHealth(Struct, frozen=True, kw_only=True):
    """The collector itself. `drops` counts everything left out anywhere else, by reason.

    `clock` says how the node's clock is: unconfirmed, confirmed by whom, or jumped. Only with
    `clock_confirmed` samples are sent and events may start. `reports_open` are to be made,
    `reports_failed` wait for a person.
    """

    started_ms: int
    tick_seq: int = 0
    tick_late_ms: float = 0.0
    clock: str = "unconfirmed"
    clock_confirmed: bool = False
    rss_bytes: int = 0
    cpu_s: float = 0.0
    series: int = 0
    samples: int = 0
    readers: int = 0
    reports_open: int = 0
    reports_failed: int = 0
    drops: Mapping[str, int] = {}
    problems: tuple[str, ...] = ()


class Snapshot(Struct, frozen=True, kw_only=True):
    """Everything at one tick. `today` holds the energies since local midnight, by quantity;
    `alarms` those that are open and not shelved, the most urgent first; `outbox` what the cloud
    does not have yet; `events` those that are on, or about which somebody should do something."""

    seq: int
    at_ms: int
    node: str
    site: str
    timezone: str
    assets: tuple[AssetView, ...]
    totals: Mapping[str, Total]
    today: Mapping[str, Total]
    sources: tuple[SourceHealth, ...]
    sinks: tuple[SinkHealth, ...]
    journal: JournalHealth
    health: NodeHealth
    alarms: tuple[Alarm, ...] = ()
    outbox: OutboxHealth = OutboxHealth()
    events: tuple[EventNow, ...] = ()
