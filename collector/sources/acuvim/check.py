"""Do the meter's values agree with each other? Hints for whoever commissions it.

Formulas: apparent power against volts × amperes (within 5 % when loaded), frequency 45–65 Hz,
sign of the power by phase, energy register against the integral of the power.
"""

from math import sqrt

from collector.model.kinds import AssetKind
from collector.sources.acuvim.decode import ENERGIES, Values
from collector.sources.acuvim.registers import Wiring
from collector.sources.acuvim.settings import Settings

TOLERANCE = 0.05
WILD = 30.0
LOADED_PART = 0.01
"""Of the CT's primary current: below it, ratios say nothing."""
LIVE_V = 20.0
STREAK = 5
"""Polls in a row that must agree before a hint appears or goes."""
FREQUENCY_HZ = (45.0, 65.0)
BACKWARDS_PART = 0.02

ZEROS_S = 60.0
ENERGY_COUNTS = 20
ENERGY_RATIO = (0.8, 1.25)
ENERGY_GAP_S = 10.0


def loaded(values: Values, settings: Settings) -> bool:
    """Whether enough current flows for ratios to mean something."""
    amps = [values.get(f"i{n}") or 0.0 for n in (1, 2, 3)]
    volts = [values.get(n) or 0.0 for n in ("u1", "u12")]
    return max(amps) > max(0.1, LOADED_PART * settings.ct_primary_a) and max(volts) > LIVE_V


def volt_amperes(wiring: Wiring, values: Values) -> float | None:
    """What volts × amperes make, in VA; None when a value is missing or the wiring says nothing."""
    if wiring in (Wiring.DELTA, Wiring.OPEN_DELTA):
        told = [values.get(n) for n in ("u12", "u23", "u31", "i1", "i2", "i3")]
        known = [v for v in told if v is not None]
        if len(known) < len(told):
            return None
        return sqrt(3.0) * sum(known[:3]) / 3.0 * sum(known[3:]) / 3.0
    phases = {Wiring.STAR: 3, Wiring.NETWORK: 2, Wiring.SINGLE: 1}.get(wiring, 0)
    total = 0.0
    for n in range(1, phases + 1):
        volts, amps = values.get(f"u{n}"), values.get(f"i{n}")
        if volts is None or amps is None:
            return None
        total += volts * amps
    return total if phases else None


def plausibility(values: Values, settings: Settings) -> str:
    """What is wrong with the sizes of the values, in words; empty: nothing."""
    hz = values.get("frequency")
    if (values.get("u1") or values.get("u12") or 0.0) > LIVE_V and hz is not None:
        low, high = FREQUENCY_HZ
        if not low <= hz <= high:
            return f"The frequency reads {hz:.1f} Hz: not a mains supply, or not this meter's map."
    told = values.get("s_total")
    due = volt_amperes(settings.wiring, values)
    if told is None or due is None or not due or not loaded(values, settings):
        return ""
    ratio = abs(told) / due
    if not 1 / WILD < ratio < WILD:
        return (
            f"Apparent power reads {told:.4g} VA, volts times amperes make {due:.4g}: a factor of "
            f"{max(ratio, 1 / ratio) if ratio else 0:.0f}. Check units and PT/CT settings."
        )
    if abs(ratio - 1) > TOLERANCE and not _sum_fits(values, due):
        return (
            f"Apparent power reads {told / 1000:.1f} kVA, volts times amperes make "
            f"{due / 1000:.1f} kVA. Check the wiring mode and the PT/CT settings."
        )
    return ""


def _sum_fits(values: Values, due: float) -> bool:
    """The phases add up, though their vector sum (unequal power factors) is smaller."""
    parts = [values.get(f"s{n}") for n in (1, 2, 3)]
    known = [part for part in parts if part is not None]
    return len(known) == 3 and abs(sum(known) / due - 1) <= TOLERANCE


def direction(kind: AssetKind, values: Values, settings: Settings) -> str:
    """Whether power seems to flow the wrong way, in words; empty: no."""
    total, size = values.get("p_total"), values.get("s_total")
    if kind is AssetKind.GRID or total is None or not size or not loaded(values, settings):
        return ""
    if total < -BACKWARDS_PART * abs(size):
        return (
            f"The power of this {kind.value} is negative ({total / 1000:.1f} kW): the CTs face "
            "backwards, or it is not what the registry says. Its energy is in the export register."
        )
    phases = (1, 2, 3) if settings.wiring is Wiring.STAR else ()
    back = [
        n
        for n in phases
        if (watts := values.get(f"p{n}")) is not None and watts < -BACKWARDS_PART * abs(size)
    ]
    if back:
        names = ", ".join(f"L{n}" for n in back)
        return f"{names} runs against the other phases: check the direction of its CT."
    return ""


class Hint:
    """A hint that appears and goes only after several polls in a row agree."""

    def __init__(self) -> None:
        self.shown = ""
        self._wrong = 0
        self._right = 0

    def take(self, text: str) -> bool:
        """One more verdict; True when the hint appears or goes."""
        self._wrong = self._wrong + 1 if text else 0
        self._right = 0 if text else self._right + 1
        if text and not self.shown and self._wrong >= STREAK:
            self.shown = text
            return True
        if not text and self.shown and self._right >= STREAK:
            self.shown = ""
            return True
        return False


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
    """Compares what the energy register counts with the integral of the power.

    A meter that shows secondary energy counts less by PT × CT, which no single reading betrays.
    """

    def __init__(self, kind: AssetKind) -> None:
        self._register = ENERGIES[kind][0].register
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
