"""What somebody changed on this node: the audit."""

from msgspec import Struct

BEGUN = "begun"
"""The outcome of what was tried and whose end nobody has written down: the program ended then."""

ACK, SHELVE, UNSHELVE = "ack", "shelve", "unshelve"
BUILD, RELEASE = "build report", "release report"
TAKE_BACK, STRIKE, STAY = "correct remove", "log remove", "participation edit"
BY_ID = frozenset({ACK, SHELVE, UNSHELVE, BUILD, RELEASE, TAKE_BACK, STRIKE, STAY})
"""Actions whose subject is an id that says nothing to people."""


class Deed(Struct, frozen=True, kw_only=True):
    """Something that somebody does. `person` is the peer's user on a socket, the token's name on
    TCP; `action` a fixed word, `subject` what it is done to, `before` and `after` its values. What
    is done `BY_ID` has in `before` what it is done to, in words."""

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
        return (self.before if self.action in BY_ID else "") or self.subject

    @property
    def was(self) -> str:
        """The value before, where there is one."""
        return "" if self.action in BY_ID else self.before


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of the audit. `outcome` is `done`, `begun`, or `refused: …` with the reason."""

    id: str
    at_ms: int
    deed: Deed
    outcome: str
