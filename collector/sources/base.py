"""The contract between a source and the site.

A source reads one device. It writes what it learns into the device's *image*; once a second the
site freezes all images into a snapshot. A source never reconnects, retries, logs failures or
judges freshness: it says what it heard and raises when it cannot go on.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from collector.model.alarm import Notice
from collector.model.control import ControlValue, Plant, Point, Reply
from collector.model.kinds import AssetKind
from collector.model.reading import Identity


class Cell(Protocol):
    """One raw series of a device. Both methods are cheap and never raise."""

    def set(self, value: float) -> None:
        """The device said `value` now. Values that are not finite are counted and left out."""

    def clear(self) -> None:
        """The device has no valid value now: the series ends with a stale marker."""


class DeviceImage(Protocol):
    """The next image of one device. No method blocks; all are called on the event loop.

    Roles name a device's assets: "" is the main asset. Text handed in is cleaned by the image.
    """

    def identify(self, identity: Identity) -> None:
        """State who answers, with an empty serial who cannot say it. Raises WrongDevice when
        another identity is pinned; call it on every connect, before anything else of the device is
        used."""

    def expected(self) -> str:
        """The identity that is pinned, or that the registry states; "" where nobody was met yet."""

    def declare(
        self,
        role: str,
        kind: AssetKind,
        *,
        name: str = "",
        model: str = "",
        serial: str = "",
        part: str = "",
    ) -> AssetKind:
        """The device has an asset in `role`. May be called again when details change. An id in
        use by another device is refused, counted and shown. `part` is which of the device's parts
        it is, as raw series tell them apart (`solarcharger/278`). The kind that the asset has: the
        registry's word stands above `kind`."""

    def link_same(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """For these quantities `role` measures what `other_role` of this device measures."""

    def link_behind(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """For these quantities `role` is a part of what `other_role` of this device measures."""

    def put(self, role: str, key: str, value: float | None) -> None:
        """A reading by catalogue key (gauge or state). None: known quantity, no valid value."""

    def put_counter(
        self,
        role: str,
        measurement: str,
        raw: float | None,
        *,
        path: str,
        unit: str = "",
        modulus: float | None = None,
    ) -> None:
        """A counter register in the measurement's unit. `path` and `unit` (serial of the physical
        thing, "" = the device's identity) name whose register it is; `modulus` is where it rolls
        over. None: no valid value, so it is not heard until it is said again. Reset, dip and
        rollover are the site's business."""

    def cell(self, name: str, labels: Mapping[str, str], unit: str = "") -> Cell:
        """The raw series `name`; the image adds `db="telegraf"`, node, site and device. `unit` is
        what people are shown behind its values, where the name does not tell. Get it once, keep it.
        Raises BadSeries for an illegal name."""

    def rate(self, role: str, *, ct_primary_a: float, nominal_v: float) -> None:
        """What the device itself says of what an asset can carry: volts are between phase and
        neutral. A rating of the registry stands above it."""

    def alive(self, role: str | None = None) -> None:
        """The device (or just one of its assets) showed now that it lives."""

    def present(self, role: str, present: bool, reason: str = "") -> None:
        """The device says that an asset is there, or gone. Gone: stale at once, whatever lives."""

    def silence_limit(self, seconds: float) -> None:
        """After how much silence an asset of this device is stale (default 10)."""

    def note(self, role: str, topic: str, text: str) -> None:
        """A hint for people at an asset, replaced by topic; empty text removes it."""

    def remark(self, role: str, topic: str, text: str) -> None:
        """What the device says of an asset beside its readings, in words (a door is open, why an
        engine runs): it asks nothing of anybody. Replaced by topic; empty text removes it."""

    def complains(self, notices: tuple[Notice, ...]) -> None:
        """What the device itself complains of now, instead of what it did before; nothing is an
        empty tuple. Who never calls it cannot say. At most 50 are used. Texts are clean."""

    def pin(self, fact: str, value: str) -> None:
        """Keep a fact of the identified device (its TLS certificate) over restarts. What is
        pinned already stays."""

    def pinned(self, fact: str) -> str:
        """What `pin` has kept, now or in an earlier run; "" when nothing."""

    def timed(self) -> None:
        """A message came now whose way into the snapshot shall be timed; for one in many."""

    def count(self, messages: int = 1, latency_ms: float | None = None) -> None:
        """Traffic, for the health page."""

    def drop(self, reason: str, detail: str = "") -> None:
        """Something was not usable and is left out: counted by `reason` (a few fixed words), the
        first of each reason is logged with `detail`."""

    def before_tick(self, derive: Callable[[], None] | None) -> None:
        """`derive` runs just before each freeze: the place to put what follows from many
        messages. None removes it."""

    def clock(self, device_ms: int) -> None:
        """The device's own idea of the UTC time now (a GX heartbeat)."""

    def position(self, latitude: float, longitude: float) -> None:
        """The device's own idea of where it stands, WGS 84 degrees (a GX with a GPS receiver)."""

    def reset(self) -> None:
        """A new connection begins: everything known is doubtful until it is heard again, and raw
        series are asked for anew: cells from before go nowhere."""


class Source(Protocol):
    """One device. Run by the supervisor, which alone reconnects, backs off and logs."""

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """Connect, call `ready` once the first useful answer came, then write into `image` until
        cancelled. Raises SourceError (NotConnected, Unauthorized, BadDevice, WrongDevice) with a
        message for people; returning is a fault. Cancelling it closes everything it opened."""


class ControlPort(Protocol):
    """What a source can have its device do. It judges neither persons nor preconditions: whoever
    writes has asked `collector.control` first, in the same turn of the event loop."""

    @property
    def unready(self) -> str:
        """Why nothing may be written now, in words: the device's identity is not confirmed on this
        connection, or it shows no life. "" when it may."""

    def points(self, role: str) -> Mapping[str, Point]:
        """What can be commanded at the asset in `role` now, by command."""

    def plant(self) -> Plant:
        """What is known of the system that the commands act on."""

    async def look(self, role: str, command: str) -> str:
        """Ask the device how a command is set now, so that `points` tells of this moment; why it
        did not say so within a second or two, "" when it did. Writes nothing."""

    async def write(
        self,
        role: str,
        command: str,
        value: ControlValue,
        *,
        for_s: int | None,
        still: Callable[[], str],
        later: Callable[[str], None],
    ) -> Reply:
        """Write once, read back, compare; returns within some seconds. The first write goes out
        before anything else gets a turn. `for_s`: a setpoint is kept up so long and then released,
        an engine runs so long. `still` is asked before each further write: why it must not go out,
        "" when it may. `later` is told in words what came of it after the answer: that an engine
        runs, why what was kept up ended. Raises SourceError when the connection ends meanwhile,
        NotPossible when the device offers it no more."""

    def holds(self, role: str) -> str:
        """What is kept up at the asset now, in words; "" when nothing is."""

    def release(self, role: str, why: str) -> None:
        """End what is kept up at the asset, at once."""


@runtime_checkable
class Controllable(Protocol):
    """A source whose device can be written to; others have no such attribute."""

    @property
    def control(self) -> ControlPort:
        """The way to write to the device."""
