"""Whatever bytes a peer sends, the API answers the next one."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.serve.access import Transport
from tests.serve.support import TOKENS, raw, served
from tests.support.snapshots import HandFeed, snapshot

OVR, VIEW, TCP = Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET, Transport.TCP

WORDS = st.sampled_from([
    b"GET ", b"POST ", b"HEAD ", b"PUT ", b"/v1/stream", b"/v1/snapshot", b"/v1/stop", b"/metrics",
    b" HTTP/1.1", b"\r\n", b"\r\n\r\n", b"Host: x", b"Content-Length: 5", b"Content-Length: -1",
    b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Upgrade: websocket",
    b"Connection: Upgrade", b"Connection: close", b"5\r\nabcde\r\n0\r\n\r\n", b"ffffffffff\r\n",
    b"\0",
    b"Authorization: Bearer \xff", b"Ovr-Schema: 9", b"If-Match: *", b"%2e%2e/", b"?a=%ff",
])  # fmt: skip
BYTES = st.lists(WORDS | st.binary(max_size=40), max_size=14).map(b"".join)


@given(st.lists(st.tuples(st.sampled_from([VIEW, TCP]), BYTES), min_size=1, max_size=6))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_any_bytes(sent) -> None:
    """Any bytes over any transport end in an answer or a closed connection; afterwards the API
    answers, nobody has stopped the collector, and no place is taken for ever."""
    asyncio.run(send_all(sent))


async def send_all(sent: list[tuple[Transport, bytes]]) -> None:
    """Send them, read a little, leave."""
    feed = HandFeed(snapshot())
    with tempfile.TemporaryDirectory(prefix="ovr-") as folder:
        async with served(Path(folder), feed, (OVR, VIEW, TCP)) as api, asyncio.timeout(20):
            for transport, data in sent:
                where = api.ports[TCP] if transport is TCP else Path(folder) / transport.value
                reader, writer = await raw(where, data)
                try:
                    async with asyncio.timeout(0.02):
                        await reader.read(1000)
                except (TimeoutError, OSError):
                    pass
                writer.close()
            async with api.client(OVR) as client:
                answer = await client.get("/v1/health")
            assert answer.status_code == 200
            assert answer.json()["api"]["refused"].get("fault", 0) == 0
            async with api.client(TCP, TOKENS["kiosk"]) as client:
                assert (await client.get("/v1/snapshot")).status_code == 200
        assert feed.readers == 0
    assert feed.stops == 0
