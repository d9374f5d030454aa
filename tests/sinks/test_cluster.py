"""A VictoriaMetrics cluster: vminsert takes the samples, vmstorage keeps them."""

import pytest

from collector.journal import Journal
from collector.model.sink import SinkSettings
from tests.sinks.conftest import FAST, delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until

WRITE = "/insert/0/prometheus/api/v1/write"
METRICS = b"""flag{name="storageNode", value="a:8400", is_set="true"} 1
process_start_time_seconds 1795715618
vm_app_start_timestamp 1795715618
vm_rows_inserted_total{type="promremotewrite"} 12
vm_rpc_rows_sent_total{name="vminsert", addr="a:8400"} 12
"""


class VmInsert(Receiver):
    """The paths and metrics that vminsert has: its own start, nothing of the storage."""

    def __call__(self, request: Request) -> Reply:
        if request.path == WRITE and request.method == "POST":
            return super().__call__(request)
        if request.path == "/metrics":
            return Reply(200, METRICS)
        return Reply(400, b"unsupported path requested: " + request.path.encode())


async def test_vminsert_alone_is_never_called_lossless(journal: Journal) -> None:
    """Restarts of vmstorage do not show at vminsert: not lossless, with the reason; what is
    answered settles by time without failures."""
    pace = FAST.__class__(settle_s=-10.0, look_s=0.1, save_s=0.1, rest=0.0)
    receiver = VmInsert()
    await fill(journal, 10)
    async with (
        answering(receiver) as server,
        delivering(journal, local(f"{server.url}{WRITE}"), pace) as sink,
    ):
        await sink.drain()
        await until(lambda: sink.health().settled == 10, "it settles")
        assert receiver.samples >= 100
        assert sink.health().lossless is False
        assert "restarts of the storage cannot be seen" in sink.health().lossless_why
        assert "set epoch_url" in sink.health().lossless_why


async def test_an_epoch_of_the_storage_makes_it_lossless(journal: Journal) -> None:
    """`epoch_url` (the cloud's /v1/receiver) tells of any storage's restart: lossless, and what was
    answered before a restart is sent again though vminsert lived on."""
    storage = {"epoch": b'{"epoch": "a:1,b:1", "encodings": ["snappy", "zstd"]}'}
    receiver = VmInsert()
    async with (
        answering(lambda request: Reply(200, storage["epoch"])) as cloud,
        answering(receiver) as server,
    ):
        settings = local(f"{server.url}{WRITE}", epoch_url=f"{cloud.url}/v1/receiver")
        async with delivering(journal, settings) as sink:
            await fill(journal, 10)
            await sink.drain()
            assert receiver.samples == 100
            assert sink.health().lossless is True
            storage["epoch"] = b'{"epoch": "a:1,b:2", "encodings": ["snappy", "zstd"]}'
            await until(lambda: receiver.samples == 200, "all of it is sent again")


async def test_an_epoch_url_that_fails_for_long_is_told(journal: Journal) -> None:
    """While the epoch cannot be had for a moment nothing changes; when that lasts, the sink is not
    lossless, and says what answers instead."""
    replies = [Reply(200, b'{"epoch": "a"}')]
    pace = FAST.__class__(settle_s=60.0, look_s=0.05, save_s=0.1, rest=0.0, blind_s=0.5)
    async with (
        answering(lambda request: replies[-1]) as cloud,
        answering(VmInsert()) as server,
    ):
        settings = local(f"{server.url}{WRITE}", epoch_url=f"{cloud.url}/v1/receiver")
        async with delivering(journal, settings, pace) as sink:
            await fill(journal, 1)
            await until(lambda: sink.health().lossless is True, "the epoch is seen")
            replies.append(Reply(502))
            await until(lambda: sink.health().lossless is False, "it is told")
            assert "HTTP 502" in sink.health().lossless_why
            replies.append(Reply(404))
            await until(lambda: "names no epoch" in sink.health().lossless_why, "it is told")
            replies.append(Reply(200, b'{"epoch": "a"}'))
            await until(lambda: sink.health().lossless is True, "the epoch is seen again")


@pytest.mark.parametrize(
    ("url", "metrics"),
    [
        ("http://h:8428", "http://h:8428/metrics"),
        ("http://h/vm/api/v1/write?extra_label=a=b", "http://h/vm/metrics"),
        (f"http://h:8480{WRITE}", "http://h:8480/metrics"),
        (f"http://h/x{WRITE}", "http://h/x/metrics"),
        ("http://h:9009/api/v1/push", "http://h:9009/metrics"),
    ],
)
def test_where_a_receiver_shows_its_metrics(url: str, metrics: str) -> None:
    """Beside the path that takes samples, whatever stands before it."""
    assert SinkSettings(name="x", url=url).metrics_url == metrics
