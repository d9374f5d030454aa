"""One connection as the API sees it: over what it came, and from whom."""

import functools
import pwd
import socket
import struct

from msgspec import Struct

from collector.serve.access import Caller, Role, Transport
from collector.serve.doorman import Doorman, network

_UCRED = struct.Struct("3i")

ROLES = {
    Transport.OPERATOR_SOCKET: Role.OPERATOR,
    Transport.VIEWER_SOCKET: Role.VIEWER,
}


class Link(Struct, frozen=True, kw_only=True):
    """`uid` is the peer's user on a Unix socket, as the kernel says; None elsewhere. `doorman`
    asks for tokens; only TCP has one."""

    transport: Transport
    uid: int | None = None
    address: str = ""
    doorman: Doorman | None = None

    @property
    def peer(self) -> str:
        """Whose requests and connections are counted together."""
        who = self.address if self.uid is None else f"uid {self.uid}"
        return f"{self.transport.value} {network(who)}"

    async def caller(self, authorization: str | None) -> Caller:
        """Who asks. Raises Refused."""
        if self.doorman is not None:
            return await self.doorman.caller(authorization, self.transport, self.address)
        role = ROLES[self.transport]
        return Caller(
            role=role,
            transport=self.transport,
            person=person_of(self.uid),
            control=role is Role.OPERATOR,
            root=self.uid == 0,
        )


def peer_uid(sock: socket.socket) -> int | None:
    """The user of the process at the other end of a Unix socket (`SO_PEERCRED`)."""
    if sock.family != socket.AF_UNIX:
        return None
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid: int = _UCRED.unpack(raw)[1]
    return uid


@functools.lru_cache(maxsize=64)
def person_of(uid: int | None) -> str:
    """A user in words: `uid 1000 (anna)`."""
    if uid is None:
        return "unknown"
    try:
        return f"uid {uid} ({pwd.getpwuid(uid).pw_name})"
    except KeyError:
        return f"uid {uid}"
