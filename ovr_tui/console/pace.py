"""Whether the terminal keeps up, and the one time to say what helps. Pure."""

OFTEN = 2
"""So many times it fell behind and came back: once may have been a pause of the line."""
HINT = "this terminal is slow: < paints less often, ovr --slow also paints less"


class Pace:
    """Looked at once a second. `told` is set by who has said the hint: it is said once."""

    def __init__(self) -> None:
        self.told = False
        self._lost = 0
        self._behind = False
        self._times = 0

    def due(self, lost: int, *, behind: bool) -> bool:
        """Whether to give the hint now. `lost`: frames that were left out since the start;
        `behind`: whether a frame would be now."""
        if lost > self._lost:
            self._behind = True
        elif self._behind and not behind:
            self._behind = False
            self._times += 1
        self._lost = lost
        return self._times >= OFTEN and not self.told and not behind
