"""What the pages draw from: the newest snapshot, and how far it may still be believed."""

from msgspec import Struct

from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot
from collector.wire import MeAnswer
from ovr_tui.console.format import span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.link import LinkState
from ovr_tui.console.text import Line

SILENT_S = 3.0
"""After how long without a snapshot everything shown counts as stale."""


_LASTING = ("head", "warn", "alert")
"""Tones that what is old keeps too."""


class ConsoleHealth(Struct, frozen=True, kw_only=True):
    """This console's own state. `late_s` is the longest the event loop stood still lately;
    `dropped_frames` were not drawn, or not written, as the terminal did not read. `stood`: for how
    many seconds it stood still altogether, and how many seconds ago that ended, if lately."""

    rss_bytes: int = 0
    cpu_s: float = 0.0
    late_s: float = 0.0
    dropped_frames: int = 0
    fault: str = ""
    stood: tuple[float, float] | None = None


class Now(Struct, frozen=True, kw_only=True):
    """One moment of the console.

    `silent_s` counts from when the newest snapshot came; `paused_s` is how long a person has held
    the picture (None: it runs), and then `snapshot` is the held one, which came `held_s` ago.
    `wall_ms` is the time of day, `at_s` the steady clock. `me` is who looks, once the
    collector has said so; `marks` say in a word each how this console is set (slow line, read only
    by choice); `unlocked_s` is for how long control stays unlocked.
    """

    snapshot: Snapshot | None
    silent_s: float
    link: LinkState
    retry_in_s: float | None
    wall_ms: int
    at_s: float
    glyphs: Glyphs
    hosted: bool = False
    paused_s: float | None = None
    held_s: float = 0.0
    console: ConsoleHealth = ConsoleHealth()
    me: MeAnswer | None = None
    marks: tuple[str, ...] = ()
    unlocked_s: float | None = None

    @property
    def may_operate(self) -> bool:
        """Whether who looks may change things."""
        return self.me is not None and self.me.role == "operator"

    @property
    def may_control(self) -> bool:
        """Whether who looks may also control devices."""
        return self.may_operate and self.me is not None and self.me.control

    @property
    def unheard_s(self) -> float | None:
        """For how long the collector has said nothing, once it is lost or silent, whatever the
        picture shows. None while it goes on."""
        if self.link.attached and self.silent_s <= SILENT_S:
            return None
        return self.silent_s

    @property
    def stale_s(self) -> float | None:
        """For how long the picture has not been the present: since its snapshot came, once the
        collector is lost or silent, or a person has held the picture for as long as that takes.
        None while it may be taken for the present."""
        if self.paused_s is None:
            return self.unheard_s
        fresh = self.unheard_s is None and self.held_s <= SILENT_S
        return None if fresh else self.held_s

    def as_it_was(self, line: Line) -> Line:
        """A line of how things stand, as it may be shown now: in a picture that is not the present
        it is dim, a title says how old it is, and only what is wrong keeps its colour."""
        if self.stale_s is None:
            return line
        if len(line) == 1 and line[0][1] == "head":
            return (*line, (f"  as it was {span(self.stale_s)} ago", "dim"))
        return tuple(
            (text, tone if tone in _LASTING else "dim") for text, tone in self.believed(line)
        )

    def believed(self, line: Line) -> Line:
        """A line as it may be shown now: in a picture that is not the present nothing is well."""
        if self.stale_s is None:
            return line
        status, good = self.glyphs.status, self.glyphs.good
        live, stale = status[AssetStatus.LIVE], status[AssetStatus.STALE]
        return tuple(
            (text.replace(live, stale).replace(good, stale), "dim")
            if tone == "good"
            else (text, tone)
            for text, tone in line
        )
