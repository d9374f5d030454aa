"""What can go wrong between us and one Modbus unit, named by what it means.

`reason` is the fixed word under which a source counts the miss.
"""

from collector.errors import NotConnected, SourceError


class NoAnswer(SourceError):
    """Silence until the time limit. The connection was given up, for the answer may still come."""

    reason = "no answer"


class BadFrame(SourceError):
    """Something came that is no answer to what was asked: short, wrong length, other unit or
    transaction. The connection was given up."""

    reason = "bad frame"


class Lost(NotConnected):
    """The other end closed the connection while an answer was due."""

    reason = "connection lost"


class Refused(SourceError):
    """The unit answered with a Modbus exception. The connection is fine."""

    reason = "refused"

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code

    @property
    def lasting(self) -> bool:
        """Whether the same question would be refused tomorrow too: it says what the unit is."""
        return self.code in (1, 2, 3)


class IllegalAddress(Refused):
    """Exception 2 (or 3): the unit has no such registers."""

    reason = "illegal address"


class Busy(Refused):
    """Exception 5 or 6: later."""

    reason = "busy"


class Asleep(Refused):
    """Exception 10 or 11: the gateway reaches no unit of this id; a Fronius inverter at night."""

    reason = "asleep"


_MEANING = {
    1: (Refused, "does not know the function"),
    2: (IllegalAddress, "has no such registers"),
    3: (IllegalAddress, "does not give that many registers at once"),
    4: (Refused, "has a fault"),
    5: (Busy, "needs longer"),
    6: (Busy, "is busy"),
    10: (Asleep, "cannot be reached behind its gateway"),
    11: (Asleep, "does not answer its gateway: switched off, asleep, or a wrong unit id"),
}


def refused(where: str, code: int) -> Refused:
    """The error for Modbus exception `code`; `where` names the unit and what was asked."""
    kind, meaning = _MEANING.get(code, (Refused, "refuses"))
    return kind(f"{where}: the unit {meaning} (Modbus exception {code}).", code)
