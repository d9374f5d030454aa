"""Hints that come and go calmly, and what only several polls together can tell."""

from collections.abc import Callable

from collector.model.kinds import AssetKind
from collector.sources.acuvim.check import FINE, Verdict, sizes
from collector.sources.acuvim.decode import Values
from collector.sources.acuvim.facing import direction
from collector.sources.acuvim.settings import Settings

STREAK = 10
"""Polls in a row that must find a fault before its hint appears."""
CALM = 60
"""Polls in a row that must find none (or all another) before it goes. Polls of which nothing can
be said count for neither."""
ZEROS_S = 60.0
ENERGY_COUNTS = 20
ENERGY_RATIO = (0.8, 1.25)
ENERGY_GAP_S = 10.0


class Hint:
    """One topic: a fault that is shown only while polls agree on it for long enough."""

    def __init__(self) -> None:
        self.shown = FINE
        self._next = FINE
        self._streak = 0

    def take(self, verdict: Verdict | None) -> bool:
        """One more verdict; True when what is shown changes. None says nothing."""
        if verdict is None:
            return False
        if verdict.key == self.shown.key:
            self._streak = 0
            return False
        self._streak = self._streak + 1 if verdict.key == self._next.key else 1
        self._next = verdict
        if self._streak < (STREAK if self.shown == FINE else CALM):
            return False
        self.shown, self._streak = verdict, 0
        return True


class Zeros:
    """Notices frames that are all zero though the meter had counted: a WEB module that has lost
    its meter serves such. What stays so for a minute is believed: energies were cleared while
    nothing was connected."""

    def __init__(self) -> None:
        self._counted = False
        self._since_s: float | None = None

    def take(self, now_s: float, values: Values) -> bool:
        """Whether the values of this poll say nothing."""
        if any(values.values()):
            self._counted = self._counted or bool(values.get("es") or values.get("ep_import"))
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s >= ZEROS_S:
            self._counted = False
        return self._counted


class EnergyCheck:
    """Compares what an energy register counts with the integral of the power.

    A meter that shows secondary energy counts less by PT × CT, which no single reading betrays.
    """

    def __init__(self, register: str) -> None:
        self._register = register
        self._at_s: float | None = None
        self._began_kwh = 0.0
        self._due_kwh = 0.0
        self.text = ""

    def take(self, now_s: float, values: Values, settings: Settings) -> None:
        """One more poll; `text` is what is known by then (empty: nothing wrong)."""
        count, watts = values.get(self._register), values.get("p_total")
        before, self._at_s = self._at_s, now_s
        if count is None or watts is None or watts < 0:
            self._at_s = None
            return
        if before is None or now_s - before > ENERGY_GAP_S:
            self._began_kwh, self._due_kwh = count, 0.0
            return
        self._due_kwh += watts * (now_s - before) / 3.6e6
        if self._due_kwh < ENERGY_COUNTS * max(settings.kwh_per_count, 0.1):
            return
        counted = count - self._began_kwh
        low, high = ENERGY_RATIO
        wrong = not low <= counted / self._due_kwh <= high
        self.text = (
            f"The energy register counted {counted:.3f} kWh where the power makes "
            f"{self._due_kwh:.3f} kWh. Set the meter's energy display to primary, and check "
            "its PT/CT settings."
            if wrong
            else ""
        )
        self._began_kwh, self._due_kwh = count, 0.0


Note = Callable[[str, str], None]
"""Shows the text of a topic; an empty one removes it."""


class Hints:
    """All topics of one meter. It outlives connections, so that a hint does not go and come with
    each of them."""

    def __init__(self) -> None:
        self._topics = {"plausibility": Hint(), "direction": Hint()}
        self._energy = EnergyCheck("")
        self._energy_shown = ""
        self._about = ""

    def about(self, who: str, register: str, note: Note) -> None:
        """From now on the meter is `who`, whose energy is in `register`: another one begins with
        no hints."""
        if who == self._about:
            return
        self._about = who
        self._topics = {topic: Hint() for topic in self._topics}
        self._energy, self._energy_shown = EnergyCheck(register), ""
        for topic in (*self._topics, "energy"):
            note(topic, "")

    def settled_anew(self, register: str) -> None:
        """The meter was set anew: its energy is compared from now on."""
        self._energy = EnergyCheck(register)

    def take(
        self, kind: AssetKind, values: Values, settings: Settings, now_s: float, note: Note
    ) -> None:
        """One more poll."""
        verdicts = {
            "plausibility": sizes(values, settings),
            "direction": direction(kind, values, settings),
        }
        for topic, hint in self._topics.items():
            if hint.take(verdicts[topic]):
                note(topic, hint.shown.text)
        self._energy.take(now_s, values, settings)
        if self._energy.text != self._energy_shown:
            self._energy_shown = self._energy.text
            note("energy", self._energy_shown)
