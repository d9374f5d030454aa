"""Is an inverter that gives no answer asleep? Then it delivers 0 W, and that is known.

A SnapINverter switches its electronics off at night: its Datamanager then answers exception 11 for
it, or nothing, as it also does when the cable of the ring is pulled while the inverter produces.
So the answer alone proves nothing. It is believed with evidence: what the inverter said last, and
where the sun stands.
"""

from collector.sources.fronius.readings import Values

RECENT_S = 3600.0
"""So long what the inverter said last stands above the sun (the clock may be wrong)."""
LONGEST_NIGHT_S = 16 * 3600.0
"""How long it may rest where the sun is not known."""
DARK_DEG = -1.0
"""Below it no module delivers anything."""
BRIGHT_DEG = 10.0
"""Above it an inverter that is still silent may have been producing for long."""

_DOWN = (1, 2, 3, 6, 8)
"""SunSpec `St`: off, sleeping, starting, shutting down, standby."""
_MPPT = 4
FADING_PART = 0.01
FADING_W = 50.0


def at_rest(values: Values, rated_w: float | None) -> bool:
    """Whether an inverter says that it delivers nothing, or next to nothing for want of sun."""
    state, power = values.get("St"), values.get("W")
    if state in _DOWN:
        return power is None or abs(power) <= _fading_w(rated_w)
    return state == _MPPT and power is not None and abs(power) <= _fading_w(rated_w)


def _fading_w(rated_w: float | None) -> float:
    return FADING_PART * rated_w if rated_w else FADING_W


class Rest:
    """What is known of one inverter's rest. Times are steady seconds."""

    def __init__(self) -> None:
        self._heard_s: float | None = None
        self._resting = False

    def heard(self, now_s: float, *, resting: bool) -> None:
        """The inverter answered, and said whether it rests."""
        self._heard_s = now_s
        self._resting = resting

    def believed(self, now_s: float, sun_deg: float | None) -> bool:
        """Whether an inverter that cannot be reached sleeps. `sun_deg`: the sun's elevation,
        None where the position is not known."""
        silent_s = None if self._heard_s is None else now_s - self._heard_s
        if silent_s is not None and silent_s < RECENT_S:
            return self._resting
        if sun_deg is not None:
            return sun_deg < (BRIGHT_DEG if self._resting else DARK_DEG)
        return self._resting and silent_s is not None and silent_s < LONGEST_NIGHT_S
