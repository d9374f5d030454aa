"""Who asks, over what, and what each may do: the roles, the transports, and their combinations."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What somebody may do. Device control is a right of its own beside `operator`."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    INGEST = "ingest"


class Transport(StrEnum):
    """Over what a request came."""

    OPERATOR_SOCKET = "ovr.sock"
    VIEWER_SOCKET = "view.sock"
    TCP = "tcp"
    TLS = "tls"


class Caller(Struct, frozen=True, kw_only=True):
    """Somebody whose role is known. `person` names them in the audit: the peer's user on a
    socket, the token's name on TCP; `address` is the peer's IP address, "" on a socket. `control`:
    an operator who may also control devices; `root`: the system's administrator, on a socket."""

    role: Role
    transport: Transport
    person: str
    address: str = ""
    control: bool = False
    root: bool = False

    @property
    def who(self) -> str:
        """The person and over what they came: two persons on two transports may share a name."""
        return f"{self.transport.value} {self.person}"


Access = frozenset[tuple[Role, Transport]]

EVERYWHERE: Access = frozenset({
    (Role.OPERATOR, Transport.OPERATOR_SOCKET),
    (Role.OPERATOR, Transport.TLS),
    (Role.VIEWER, Transport.VIEWER_SOCKET),
    (Role.VIEWER, Transport.TCP),
    (Role.VIEWER, Transport.TLS),
    (Role.INGEST, Transport.TCP),
    (Role.INGEST, Transport.TLS),
})  # fmt: skip
"""Every role where it can be: an operator's token counts over TLS only."""

LOOK: Access = frozenset(pair for pair in EVERYWHERE if pair[0] is not Role.INGEST)
"""Viewers (who get less, see `views`) and operators."""

OPERATE: Access = frozenset(pair for pair in EVERYWHERE if pair[0] is Role.OPERATOR)
"""Operators: on the node by the group of the socket, elsewhere by a personal token over TLS."""

ON_THE_NODE: Access = frozenset({(Role.OPERATOR, Transport.OPERATOR_SOCKET)})
"""Operators who are on the node itself."""

POST_RECORDS: Access = frozenset(pair for pair in EVERYWHERE if pair[0] is Role.INGEST)
"""Meters with a token of their own, which opens nothing else."""


def who_may(access: Access) -> str:
    """`access` in words, for a refusal and for the documents."""
    roles = sorted({role.value for role, _ in access})
    if access == ON_THE_NODE:
        return "an operator on ovr.sock"
    return " or ".join(roles)
