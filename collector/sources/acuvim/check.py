"""Do the sizes of the meter's values agree with each other? Verdicts for whoever commissions it.

Formulas: apparent power against volts × amperes (within 5 % when loaded), active power against
apparent power, frequency 45–65 Hz, volts and amperes against what a supply and the CTs can give.
"""

from math import sqrt
from typing import NamedTuple

from collector.sources.acuvim.decode import Values
from collector.sources.acuvim.registers import Wiring
from collector.sources.acuvim.settings import Settings

TOLERANCE = 0.05
WILD = 30.0
LOADED_PART = 0.01
"""Of the CT's primary current: below it, ratios say nothing."""
LOADED_A = 0.1
LIVE_V = 20.0
"""No supply that is measured here has less; a PT or unit that is wrong by a thousand shows it."""
MOST_V = 60_000.0
OVER_CT = 2.5
"""No CT passes on more than this part of its primary current for seconds."""
FREQUENCY_HZ = (45.0, 65.0)


class Verdict(NamedTuple):
    """What is wrong, in words; `key` names the fault. Empty: nothing."""

    key: str
    text: str


FINE = Verdict("", "")


def amperes(values: Values) -> list[float]:
    """The phases' currents; 0 for what is not known."""
    return [values.get(f"i{n}") or 0.0 for n in (1, 2, 3)]


def carries(amps: float, settings: Settings) -> bool:
    """Whether a conductor carries enough for ratios to mean something."""
    return amps > max(LOADED_A, LOADED_PART * settings.ct_primary_a)


def volts(values: Values) -> float:
    """The highest voltage that it shows."""
    return max(values.get(name) or 0.0 for name in ("u1", "u2", "u3", "u12", "u23", "u31"))


def loaded(values: Values, settings: Settings) -> bool:
    """Whether enough current flows for ratios to mean something."""
    return carries(max(amperes(values)), settings) and volts(values) > LIVE_V


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
        u, i = values.get(f"u{n}"), values.get(f"i{n}")
        if u is None or i is None:
            return None
        total += u * i
    return total if phases else None


def sizes(values: Values, settings: Settings) -> Verdict | None:
    """What is wrong with the sizes of the values. None: nothing can be said of them now."""
    wrong = _supply(values) or _currents(values, settings)
    if wrong:
        return wrong
    told = values.get("s_total")
    due = volt_amperes(settings.wiring, values)
    if told is None or due is None or not due or not loaded(values, settings):
        return None
    return _apparent(told, due, values, settings) or _active(told, values) or FINE


def _supply(values: Values) -> Verdict | None:
    hz, most = values.get("frequency"), volts(values)
    if hz is None or most <= 0:
        return None
    mains = FREQUENCY_HZ[0] <= hz <= FREQUENCY_HZ[1]
    if most > LIVE_V and not mains:
        text = f"The frequency reads {hz:.1f} Hz: not a mains supply, or not this meter's map."
        return Verdict("frequency", text)
    if mains and not LIVE_V < most < MOST_V:
        return Verdict(
            "volts",
            f"There is a supply of {hz:.1f} Hz, but the highest voltage reads {most:.3g} V: far "
            f"too {'small' if most < LIVE_V else 'large'}, perhaps by a thousand. Correct PT1 and "
            "PT2, or the unit of whatever passes the values on.",
        )
    return None


def _currents(values: Values, settings: Settings) -> Verdict | None:
    most = max(amperes(values))
    if not settings.ct_primary_a or most <= OVER_CT * settings.ct_primary_a:
        return None
    return Verdict(
        "amperes",
        f"A current of {most:.4g} A cannot come through CTs of {settings.ct_primary_a} A. Set CT1 "
        "and CT2 of the meter to what is printed on the CTs.",
    )


def _apparent(told: float, due: float, values: Values, settings: Settings) -> Verdict | None:
    ratio = abs(told) / due
    if not 1 / WILD < ratio < WILD:
        way = "small" if ratio < 1 else "large"
        factor = max(ratio, 1 / ratio) if ratio else 0.0
        return Verdict(
            "factor",
            f"Apparent power reads {told:.4g} VA, volts times amperes make {due:.4g}: too {way} by "
            f"a factor of {factor:.0f}. Check units and PT/CT settings.",
        )
    if abs(ratio - 1) > TOLERANCE and not _sum_fits(values, due):
        return Verdict(
            "apparent",
            f"Apparent power reads {told / 1000:.1f} kVA, volts times amperes make "
            f"{due / 1000:.1f} kVA. Check the wiring mode ({settings.wiring.value}) and the PT/CT "
            "settings.",
        )
    return None


def _sum_fits(values: Values, due: float) -> bool:
    """The phases add up, though their vector sum (unequal power factors) is smaller."""
    parts = [values.get(f"s{n}") for n in (1, 2, 3)]
    known = [part for part in parts if part is not None]
    return len(known) == 3 and abs(sum(known) / due - 1) <= TOLERANCE


def _active(apparent: float, values: Values) -> Verdict | None:
    watts = values.get("p_total")
    if watts is None or abs(watts) <= abs(apparent) * (1 + 2 * TOLERANCE):
        return None
    return Verdict(
        "active",
        f"Active power reads {watts:.4g} W, more than the apparent power of {apparent:.4g} VA: its "
        "unit is not watts, or this is not this meter's map.",
    )
