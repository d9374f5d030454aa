"""Tables of node.toml about who the node talks to and what it keeps."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from collector.config.authority import CaFile
from collector.config.columns import checked
from collector.config.hosts import address_wrong, places_wrong, url_wrong
from collector.config.tables import Login, Secret
from collector.model.sink import SinkOrder

Url = Annotated[str, Meta(max_length=2000), checked(url_wrong, "a URL in quotes")]
Places = Annotated[
    tuple[str, ...],
    Meta(max_length=500),
    checked(places_wrong, "addresses, networks (10.20.0.0/24) and host names in quotes"),
]
Window = Annotated[
    Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60],
    Meta(description="whole seconds that divide a minute: 1 2 3 4 5 6 10 12 15 20 30 60"),
]
Flush = Annotated[float, Meta(ge=1, le=3600, description="seconds from 1 to 3600")]
Days = Annotated[int, Meta(ge=1, le=36500, description="days from 1 to 36500")]

MB = 1_000_000
DAY_S = 86400.0


class SinkTable(Struct, frozen=True, kw_only=True):
    """`[sinks.NAME]` as it is written. `flush_s` is 1, or 60 when samples are thinned."""

    url: Url
    token: Secret | None = None
    username: Login = ""
    password: Secret | None = None
    resolution_s: Window = 1
    flush_s: Flush | None = None
    order: SinkOrder = "live-first"
    epoch_url: Url | None = None
    ca_file: CaFile | None = None

    def __repr__(self) -> str:
        return f"SinkTable({self.url})"


class CloudSettings(Struct, frozen=True, kw_only=True):
    """The cloud API of the fleet."""

    url: Url
    token: Secret | None = None
    ca_file: CaFile | None = None

    def __repr__(self) -> str:
        return f"CloudSettings({self.url})"


class ListenToken(Struct, frozen=True, kw_only=True):
    """Who may come over TCP. `secret` names the token in secrets.toml."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="a name")]
    role: Literal["viewer", "operator", "ingest"]
    secret: Annotated[str, Meta(min_length=1, description="the name of a secret")]
    control: bool = False


class ListenSettings(Struct, frozen=True, kw_only=True):
    """The local API over TCP; without an address it is off."""

    address: Annotated[
        str,
        Meta(
            pattern=r"\A(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):\d{1,5}\Z",
            description='an address with a port, like "0.0.0.0:8088"',
        ),
        checked(address_wrong, "an address with a port"),
    ]
    tls: bool = False
    token: tuple[ListenToken, ...] = ()


class JournalSettings(Struct, frozen=True, kw_only=True):
    """How much the durable log of samples keeps; the oldest goes first."""

    cap_mb: Annotated[int, Meta(ge=16, le=1_000_000, description="MB from 16 to 1000000")] = 4096
    max_age_days: Days = 30

    @property
    def cap_bytes(self) -> int:
        """The most that the journal takes on disk."""
        return self.cap_mb * MB

    @property
    def max_age_s(self) -> float:
        """After how long a batch may go."""
        return self.max_age_days * DAY_S


class DiscoverySettings(Struct, frozen=True, kw_only=True):
    """Looking for devices, which only happens when a person asks. `exclude` are addresses, networks
    and host names that are never asked; `rate` is how many connections a second it may open."""

    exclude: Places = ()
    rate: Annotated[float, Meta(ge=1, le=200, description="a number from 1 to 200")] = 50.0


class RetentionSettings(Struct, frozen=True, kw_only=True):
    """How long the node keeps what it has derived. Minutes inside a participation stay longer,
    until the cloud has confirmed them."""

    rollup_days: Days = 400
    alarm_days: Days = 730
    audit_days: Days = 3650
