"""Seeing a receiver's restarts: which process answers, and is it the one that stores?

`epoch_url` answers with JSON `{"epoch": …, "encodings": ["zstd", …]}`; else Prometheus metrics are
read, where the start time is the epoch. Metrics speak for the storage only if they hold its own
figures: a proxy (vmauth, vminsert) shows nothing but its own restarts.
"""

import re

import msgspec
from msgspec import Struct

from collector.model.sink import SinkSettings
from collector.net.http import Answer, Http, Unreachable, place
from collector.sinks.login import credentials

START = re.compile(
    rb"^(process_start_time_seconds|vm_app_start_timestamp)(?:\{[^}]*\})? (\S+)", re.M
)
STORES = re.compile(
    rb"^(?:vm_rows\{[^}]*storage|vm_data_size_bytes\{[^}]*storage|prometheus_tsdb_)", re.M
)
IGNORED = re.compile(rb"^vm_rows_ignored_total(?:\{[^}]*\})? ([0-9.e+]{1,30})$", re.M)
MAX_EPOCH = 200


class Seen(Struct, frozen=True, kw_only=True):
    """The receiver's process. `vouched`: it is the one that stores. `zstd`: it says it takes it.
    `ignored`: samples of anybody that it has answered 2xx to and thrown away since it started."""

    epoch: str
    vouched: bool
    zstd: bool = False
    ignored: int = 0


class Hidden(Struct, frozen=True):
    """The receiver shows no epoch; `why`: in words, with what to do."""

    why: str


class _Receiver(Struct):
    epoch: str | int | float
    encodings: list[str] = []


def read(answer: Answer) -> Seen | None:
    """The epoch in an answer; None when there is none."""
    if not 200 <= answer.status < 300:
        return None
    if answer.body.lstrip()[:1] == b"{":
        return _from_json(answer.body)
    found = sorted(START.findall(answer.body))
    if not found:
        return None
    epoch = " ".join(f"{name.decode()}={value.decode('utf-8', 'replace')}" for name, value in found)
    return Seen(
        epoch=epoch[:MAX_EPOCH],
        vouched=STORES.search(answer.body) is not None,
        ignored=_ignored(answer.body),
    )


def _ignored(metrics: bytes) -> int:
    """VictoriaMetrics takes samples that are older than its retention, or more than two days ahead
    of its clock, with 2xx, stores nothing, and counts them."""
    try:
        return round(sum(map(float, IGNORED.findall(metrics))))
    except (ValueError, OverflowError):
        return 0


def _from_json(body: bytes) -> Seen | None:
    try:
        receiver = msgspec.json.decode(body, type=_Receiver)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    epoch = str(receiver.epoch)[:MAX_EPOCH]
    return Seen(epoch=epoch, vouched=True, zstd="zstd" in receiver.encodings) if epoch else None


async def look(http: Http, settings: SinkSettings) -> Seen | Hidden:
    """Ask once. Raises Unreachable."""
    url = settings.epoch_url or settings.metrics_url
    answer = await http.get(url, credentials(settings, url))
    if answer.status == 429 or answer.status >= 500:
        raise Unreachable(f"{place(url)}: HTTP {answer.status} instead of the receiver's epoch")
    found = read(answer)
    if found is not None:
        return found
    if settings.epoch_url:
        return Hidden(f"epoch_url answers HTTP {answer.status} and names no epoch")
    return Hidden(
        f"the receiver's /metrics shows no start time (HTTP {answer.status}): its restarts cannot "
        "be seen; set epoch_url"
    )
