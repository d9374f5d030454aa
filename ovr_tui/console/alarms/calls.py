"""How alarms call whoever sits at the console: once in words, and with a bell until they are
acknowledged."""

from collections.abc import Sequence

from collector.model.alarm import Alarm, Severity
from ovr_tui.console.alarms.words import subject, unseen, what
from ovr_tui.console.glyphs import Glyphs

BELLS_S = (0, 10, 60)
"""How often the bell may sound; 0: never."""

_Call = tuple[str, int, Severity]


class Calls:
    """What of the alarms this console has told already, and when its bell sounded last."""

    def __init__(self) -> None:
        self._told: frozenset[_Call] | None = None
        self._rang_at: float | None = None

    def new(self, alarms: Sequence[Alarm]) -> list[Alarm]:
        """Those that call and did not when this was asked before: raised, again, worse, back from
        the shelf. What was there when the console began is not new."""
        calling = {(a.id, a.raises, a.severity): a for a in alarms if a.state == "active"}
        before, self._told = self._told, frozenset(calling)
        found = [] if before is None else [a for call, a in calling.items() if call not in before]
        if found:
            self._rang_at = None
        return found

    def rings(self, alarms: Sequence[Alarm], at_s: float, bell_s: int) -> bool:
        """Whether the bell is due: at once when an alarm comes, then every `bell_s` seconds as
        long as there is one that nobody has acknowledged."""
        if not bell_s or not any(unseen(alarm) for alarm in alarms):
            self._rang_at = None
            return False
        if self._rang_at is not None and at_s - self._rang_at < bell_s:
            return False
        self._rang_at = at_s
        return True


def in_words(alarms: Sequence[Alarm], glyphs: Glyphs) -> str:
    """New alarms in one line; the first one is the most urgent."""
    first = alarms[0]
    more = f" (+{len(alarms) - 1})" if len(alarms) > 1 else ""
    return f"{first.severity.value.upper()}{more}: {subject(first, glyphs)}: {what(first, glyphs)}"


def bell_words(bell_s: int) -> str:
    """How the bell is set."""
    return f"bell every {bell_s} s until acknowledged" if bell_s else "bell off"
