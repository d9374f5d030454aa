"""What a sink is told: where samples go and how. Configuration makes it, delivery reads it."""

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

SinkOrder = Literal["live-first", "oldest-first"]

WRITE_PATH = "/api/v1/write"


class SinkSettings(Struct, frozen=True, kw_only=True):
    """One receiver of samples (Prometheus remote write). Times in seconds.

    `url`: remote write at `/api/v1/write` unless it names a path. `token` (bearer) and `username`
    with `password` (basic) are secrets; at most one of the two is set. `resolution_s` 1 sends
    every sample; above 1 the samples are thinned to that resolution. `flush_s` is the least time
    between two live requests. `epoch_url` answers with the receiver's epoch; without it the
    receiver's own `/metrics` is asked for its start time. `ca_pem`: the only authorities that
    certificates of both may lead to; "": the system's.
    """

    name: str
    url: str
    token: str = ""
    username: str = ""
    password: str = ""
    resolution_s: float = 1.0
    flush_s: float = 1.0
    order: SinkOrder = "live-first"
    epoch_url: str = ""
    ca_pem: str = ""

    @property
    def write_url(self) -> str:
        """Where samples are posted."""
        parts = urlsplit(self.url)
        if parts.path.strip("/"):
            return self.url
        return urlunsplit(parts._replace(path=WRITE_PATH))

    @property
    def metrics_url(self) -> str:
        """The `/metrics` of the receiver that `url` names; a path before `/api/`, or before a
        cluster's `/insert/`, is kept."""
        parts = urlsplit(self.write_url)
        base = parts.path.partition("/insert/")[0].partition("/api/")[0].rstrip("/")
        return urlunsplit(parts._replace(path=f"{base}/metrics", query="", fragment=""))

    def __repr__(self) -> str:
        host = urlsplit(self.url).netloc.rpartition("@")[2]
        return f"SinkSettings({self.name} {host})"
