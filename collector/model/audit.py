"""What somebody changed on this node: the audit."""

from msgspec import Struct

BEGUN = "begun"
"""The outcome of what was tried and whose end nobody has written down: the program ended then."""


class Deed(Struct, frozen=True, kw_only=True):
    """Something that somebody does. `person` is the peer's user on a socket, the token's name on
    TCP; `action` a fixed word, `subject` what it is done to, `before` and `after` its values."""

    person: str
    transport: str
    address: str = ""
    action: str
    subject: str = ""
    before: str = ""
    after: str = ""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of the audit. `outcome` is `done`, `begun`, or `refused: …` with the reason."""

    id: str
    at_ms: int
    deed: Deed
    outcome: str
