"""Does anything listen at a port? A connection is opened and closed; nothing is sent."""

import asyncio
import errno
import socket
from enum import StrEnum

LIMIT_S = 1.5
"""On a site's own network an answer takes milliseconds, over a bad radio link some tenths."""

_NO_ROUTE = (errno.ENETUNREACH, errno.ENETDOWN)


class Door(StrEnum):
    """What knocking at a port tells."""

    OPEN = "open"
    CLOSED = "closed"
    """The host is there and says that nobody listens."""
    SILENT = "silent"
    """No answer in time: something drops the packets, or the host is off."""
    ABSENT = "absent"
    """Nobody in the network has the address."""
    NO_ROUTE = "no route"
    """This node has no way to that network."""
    UNKNOWN_NAME = "unknown name"


async def knock(host: str, port: int, limit_s: float = LIMIT_S) -> Door:
    """Open and close a connection. Never raises but when cancelled."""
    try:
        async with asyncio.timeout(limit_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Door.SILENT
    except ConnectionRefusedError:
        return Door.CLOSED
    except (socket.gaierror, UnicodeError):
        return Door.UNKNOWN_NAME
    except OSError as error:
        return Door.NO_ROUTE if error.errno in _NO_ROUTE else Door.ABSENT
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        pass  # it was open all the same
    return Door.OPEN
