"""What the pages draw from: the newest snapshot, and how far it may still be believed."""

from msgspec import Struct

from collector.model.snapshot import Snapshot
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.link import LinkState
from ovr_tui.console.rows import SILENT_S


class ConsoleHealth(Struct, frozen=True, kw_only=True):
    """This console's own state. `late_s` is the longest the event loop stood still lately."""

    rss_bytes: int = 0
    cpu_s: float = 0.0
    late_s: float = 0.0
    dropped_frames: int = 0
    fault: str = ""


class Now(Struct, frozen=True, kw_only=True):
    """One moment of the console.

    `silent_s` counts from when the snapshot came; `paused_s` is how long a person has held the
    picture (None: it runs), and then `snapshot` is the held one. `wall_ms` is the time of day.
    """

    snapshot: Snapshot | None
    silent_s: float
    link: LinkState
    retry_in_s: float | None
    wall_ms: int
    glyphs: Glyphs
    hosted: bool = False
    paused_s: float | None = None
    console: ConsoleHealth = ConsoleHealth()

    @property
    def current(self) -> bool:
        """Whether the numbers are of now: neither silent nor held."""
        return self.silent_s <= SILENT_S and self.paused_s is None

    @property
    def doubt_s(self) -> float:
        """How much older than the snapshot says its values are by now."""
        return max(self.silent_s, self.paused_s or 0.0)
