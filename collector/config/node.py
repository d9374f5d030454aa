"""`node.toml`: who the node is and where its samples go. A person writes it, the program never."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from collector.config.authority import read_authority
from collector.config.columns import checked
from collector.config.document import Document, Report
from collector.config.figures import (
    AlarmSettings,
    CarbonSettings,
    FuelSettings,
    ReportSettings,
    TariffSettings,
)
from collector.config.hosts import (
    is_loopback,
    own_name,
    own_timezone,
    same_url,
    timezone_wrong,
)
from collector.config.outside import Outside
from collector.config.services import (
    CloudSettings,
    DiscoverySettings,
    JournalSettings,
    ListenSettings,
    RetentionSettings,
    SinkTable,
)
from collector.config.tables import KEY_PATTERN, Key, Name, TableReader
from collector.config.toml_lines import Path as KeyPath
from collector.model.sink import SinkSettings
from collector.model.text import clean

THINNED_FLUSH_S = 60.0
Zone = Annotated[str, checked(timezone_wrong, "a time zone in quotes")]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="degrees north from -90 to 90")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="degrees east from -180 to 180")]


class NodeTable(Struct, frozen=True, kw_only=True):
    """`[node]` as it is written."""

    id: Key | None = None
    site: Name = ""
    timezone: Zone | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    trust_clock: bool = False


class NodeFile(Struct, frozen=True, kw_only=True):
    """node.toml as it is written."""

    node: NodeTable = NodeTable()
    sinks: dict[str, SinkTable] = {}
    journal: JournalSettings = JournalSettings()
    cloud: CloudSettings | None = None
    listen: ListenSettings | None = None
    discovery: DiscoverySettings = DiscoverySettings()
    retention: RetentionSettings = RetentionSettings()
    alarms: AlarmSettings = AlarmSettings()
    fuel: FuelSettings = FuelSettings()
    carbon: CarbonSettings = CarbonSettings()
    tariff: TariffSettings = TariffSettings()
    report: ReportSettings = ReportSettings()


class NodeConfig(Struct, frozen=True, kw_only=True):
    """The node. `timezone` is a name of the time zone database; positions are WGS 84 degrees.

    `trust_clock`: the node's clock is right from the start, nothing has to confirm it.
    `cloud_ca_pem`: the certificates of the cloud's own CA; "": the system's store counts.
    """

    id: str
    site: str
    timezone: str
    latitude: float | None = None
    longitude: float | None = None
    trust_clock: bool = False
    sinks: Mapping[str, SinkSettings] = {}
    journal: JournalSettings = JournalSettings()
    cloud: CloudSettings | None = None
    cloud_ca_pem: str = ""
    listen: ListenSettings | None = None
    tokens: Mapping[str, str] = {}
    discovery: DiscoverySettings = DiscoverySettings()
    retention: RetentionSettings = RetentionSettings()
    alarms: AlarmSettings = AlarmSettings()
    fuel: FuelSettings = FuelSettings()
    carbon: CarbonSettings = CarbonSettings()
    tariff: TariffSettings = TariffSettings()
    report: ReportSettings = ReportSettings()

    def __repr__(self) -> str:
        return f"NodeConfig({self.id})"


def read_node(
    doc: Document, outside: Outside, environ: Mapping[str, str], report: Report, note: Report
) -> NodeConfig:
    """The node that `doc` describes (an empty document gives the defaults). What was reported
    counts as not written, so that checks between tables still find the rest. `note` takes what
    works, but not as one may think."""
    reader = NodeReader(doc, outside, report)
    file = NodeFile(**reader.parts(NodeFile, (), doc.data)[1])
    if (file.node.latitude is None) != (file.node.longitude is None):
        lacks = "latitude" if file.node.latitude is None else "longitude"
        reader.wrong(("node",), f"{lacks} is missing", "a position takes both")
    reader.bind(file)
    reader.note_plain(file, note)
    return NodeConfig(
        id=file.node.id or own_name(),
        site=clean(file.node.site) or file.node.id or own_name(),
        timezone=file.node.timezone or own_timezone(environ),
        latitude=file.node.latitude,
        longitude=file.node.longitude,
        trust_clock=file.node.trust_clock,
        sinks=reader.sinks(file.sinks),
        journal=file.journal,
        cloud=file.cloud,
        cloud_ca_pem=reader.cloud_authority(file.cloud),
        listen=file.listen,
        tokens=reader.tokens(file.listen),
        discovery=file.discovery,
        retention=file.retention,
        alarms=file.alarms,
        fuel=file.fuel,
        carbon=file.carbon,
        tariff=file.tariff,
        report=file.report,
    )


class NodeReader(TableReader):
    """The checks of node.toml that reach over one value."""

    def bind(self, file: NodeFile) -> None:
        """Says which table sends what it holds to which host."""
        for name, sink in file.sinks.items():
            self.outside.goes_to(self.doc, ("sinks", name), _host(sink.url))
        if file.cloud is not None:
            self.outside.goes_to(self.doc, ("cloud",), _host(file.cloud.url))

    def sinks(self, tables: Mapping[str, SinkTable]) -> dict[str, SinkSettings]:
        """The sinks; what is wrong between and within them is reported."""
        found: dict[str, SinkSettings] = {}
        receivers: dict[str, str] = {}
        for name, table in tables.items():
            path: KeyPath = ("sinks", name)
            self._check_sink(path, name, table)
            pem = self._authority(path, table.ca_file, table.url, table.epoch_url or "")
            sink = _sink(name, table, pem)
            other = receivers.setdefault(same_url(sink.write_url), name)
            if other != name:
                message = f"is the receiver of sinks.{other} too: every sample would go there twice"
                self.wrong((*path, "url"), message, "remove one of the two")
            found[name] = sink
        return found

    def _check_sink(self, path: KeyPath, name: str, table: SinkTable) -> None:
        if not re.match(KEY_PATTERN, name):
            self.wrong(path, "is no name of a sink", "a-z, 0-9 and - inside")
        if table.token and (table.username or table.password):
            self.wrong(path, "has a token and a user: a sink takes one of them", "remove one")
        elif bool(table.username) != bool(table.password):
            lacks = "password" if table.username else "username"
            self.wrong(path, f"{lacks} is missing", "basic auth takes username and password")

    def cloud_authority(self, cloud: CloudSettings | None) -> str:
        """The certificates of the cloud's own CA; "" without one, or when it was reported."""
        return "" if cloud is None else self._authority(("cloud",), cloud.ca_file, cloud.url)

    def _authority(self, path: KeyPath, name: str | None, *urls: str) -> str:
        if name is None:
            return ""
        path = (*path, "ca_file")
        if not any(url.startswith("https:") for url in urls):
            self.wrong(path, "no certificate is ever seen without https", "use https, or remove it")
            return ""
        pem, why, hint = read_authority(Path(self.doc.file).parent, name)
        if why:
            self.wrong(path, why, hint)
        return pem

    def tokens(self, listen: ListenSettings | None) -> dict[str, str]:
        """The secret of each `[[listen.token]]`, by its name."""
        found: dict[str, str] = {}
        for index, token in enumerate(listen.token if listen else ()):
            path: KeyPath = ("listen", "token", index)
            if token.control and token.role != "operator":
                message = f"means nothing to a {token.role}"
                self.wrong(
                    (*path, "control"), message, 'devices are controlled by role = "operator"'
                )
            value = self.outside.secret(token.secret)
            if value is None:
                message = f"there is no secret {token.secret}"
                self.wrong((*path, "secret"), message, self.outside.secret_hint(token.secret))
            elif token.name in found:
                self.wrong((*path, "name"), "is in use by another token", "each has its own name")
            elif value in found.values():
                self.wrong(
                    (*path, "secret"),
                    "is the token of somebody else too",
                    "each person has a token of his own, or nobody knows who it was",
                )
            else:
                found[token.name] = value
        return found

    def note_plain(self, file: NodeFile, note: Report) -> None:
        """Notes where a secret would cross the network for everyone to read."""
        sent = {("sinks", name): (t.url, t.token or t.password) for name, t in file.sinks.items()}
        if file.cloud is not None:
            sent["cloud", ""] = (file.cloud.url, file.cloud.token)
        for (table, name), (url, secret) in sent.items():
            if secret and url.startswith("http:") and not is_loopback(_host(url)):
                path = (table, name, "url") if name else (table, "url")
                note(self.doc.problem(path, "carries its secret unencrypted", "use https"))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _sink(name: str, table: SinkTable, ca_pem: str) -> SinkSettings:
    usual = 1.0 if table.resolution_s == 1 else THINNED_FLUSH_S
    return SinkSettings(
        name=name,
        url=table.url,
        token=table.token or "",
        username=table.username,
        password=table.password or "",
        resolution_s=float(table.resolution_s),
        flush_s=usual if table.flush_s is None else table.flush_s,
        order=table.order,
        epoch_url=table.epoch_url or "",
        ca_pem=ca_pem,
    )
