"""One reader of the collector's stream, as plain as can be: what `curl` would get.

`python -m scripts.bench.reader SOCKET` prints a line for each snapshot that it has received whole:
when (UTC ms), the snapshot's number and tick time (UTC ms), how late that tick was (ms), the
collector's resident bytes and the number of its readers.
"""

import socket
import sys
import time
from collections.abc import Iterator

import msgspec
from msgspec import Struct

REQUEST = b"GET /v1/stream HTTP/1.0\r\nHost: collector\r\n\r\n"
DATA = b"data: "
READ = 1 << 16


class _Health(Struct):
    tick_late_ms: float
    rss_bytes: int
    readers: int


class _Snapshot(Struct):
    seq: int
    at_ms: int
    health: _Health


class _Answer(Struct):
    snapshot: _Snapshot


class Seen(Struct, frozen=True):
    """One line of a reader's output."""

    got_ms: int
    seq: int
    at_ms: int
    late_ms: float
    rss_bytes: int
    readers: int


def events(sock: socket.socket) -> Iterator[bytes]:
    """The data of each event (HTTP 1.0: no chunks between)."""
    rest = b""
    while raw := sock.recv(READ):
        rest += raw
        while b"\n\n" in rest:
            event, rest = rest.split(b"\n\n", 1)
            at = event.find(DATA)
            if at >= 0:
                yield event[at + len(DATA) :]


def main() -> None:
    """Read until the collector ends or somebody ends us."""
    decode = msgspec.json.Decoder(_Answer).decode
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(sys.argv[1])
        sock.sendall(REQUEST)
        for event in events(sock):
            found = decode(event).snapshot
            health = found.health
            seen = Seen(
                round(time.time() * 1000),
                found.seq,
                found.at_ms,
                health.tick_late_ms,
                health.rss_bytes,
                health.readers,
            )
            sys.stdout.write(msgspec.json.encode(seen).decode() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
