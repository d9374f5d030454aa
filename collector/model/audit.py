"""What somebody changed on this node: the audit."""

from msgspec import Struct

BEGUN = "begun"
"""The outcome of what was tried and whose end nobody has written down: the program ended then."""

ACK, SHELVE, UNSHELVE = "ack", "shelve", "unshelve"
TO_ALARMS = frozenset({ACK, SHELVE, UNSHELVE})


class Deed(Struct, frozen=True, kw_only=True):
    """Something that somebody does. `person` is the peer's user on a socket, the token's name on
    TCP; `action` a fixed word, `subject` what it is done to, `before` and `after` its values. What
    is done to an alarm has its id as `subject`, and in `before` which one it is, in words."""

    person: str
    transport: str
    address: str = ""
    action: str
    subject: str = ""
    before: str = ""
    after: str = ""

    @property
    def about(self) -> str:
        """What it is done to, as people tell one from another."""
        return (self.before if self.action in TO_ALARMS else "") or self.subject

    @property
    def was(self) -> str:
        """The value before, where there is one."""
        return "" if self.action in TO_ALARMS else self.before


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of the audit. `outcome` is `done`, `begun`, or `refused: …` with the reason."""

    id: str
    at_ms: int
    deed: Deed
    outcome: str
