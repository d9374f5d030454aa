"""Posts of meters over the API, and a clock that a person confirms."""

import asyncio

import pytest

from collector.serve.access import Transport
from tests.ingest.posts import CSV, FORM, SHAPE_B, form, text
from tests.serve.support import TOKENS, served
from tests.support.snapshots import START_MS, HandFeed, site

TCP, TLS, OVR = Transport.TCP, Transport.TLS, Transport.OPERATOR_SOCKET


async def post(client, content, kind=FORM, **more):
    """Post a body; status and answer."""
    answer = await client.post(
        "/v1/ingest/axm", content=content, headers={"content-type": kind}, **more
    )
    return answer.status_code, answer.json()


async def test_a_meter_posts_with_its_token(tmp_path):
    """Both transports take a form and a file alone, once, and say what became of them; without a
    confirmed clock the meter is told to come again."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (TCP, TLS)) as api:
        async with api.client(TCP, TOKENS["meter"]) as client:
            answer = await client.post(
                "/v1/ingest/axm", content=form(CSV, "1.csv"), headers={"content-type": FORM}
            )
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
            await feed.clock.confirm("kim")
            assert await post(client, form(CSV, "1.csv")) == (
                200,
                {
                    "schema": 1,
                    "device": "stage-a",
                    "rows": 0,
                    "samples": 0,
                    "repeated": 0,
                    "left_out": {"older than the journal keeps": 2},
                },
            )
            await feed.push(site(1, -60 * 60 * 24 * 190))  # it is December
        async with api.client(TLS, TOKENS["meter"]) as client:
            for samples in (7, 0):
                status, told = await post(client, form(CSV, "1.csv"))
                assert (status, told["samples"]) == (200, samples)
            status, told = await post(
                client, CSV.encode(), "text/csv", params={"serial": "AL12345678"}
            )
            assert (status, told["repeated"]) == (200, 2)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", FORM, 400, "bad_post"),
        (b"{", "application/json", 400, "bad_post"),
        (b"[" * 50_000, "application/json", 400, "bad_post"),
        (text({**SHAPE_B, "device": {"serial": "ZZ"}}), "application/json", 404, "no_such_meter"),
        (b"x" * 8_000_001, "text/csv", 413, "too_large"),
    ],
    ids=["empty", "cut", "deep", "unknown", "large"],
)
async def test_what_cannot_be_taken_is_told(tmp_path, content, kind, status, code):
    """Nonsense, strangers and too much are refused with a reason, and nothing is journaled."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (TCP,)) as api, api.client(TCP, TOKENS["meter"]) as client:
        await feed.clock.confirm("kim")
        answered, told = await post(client, content, kind)
        assert (answered, told["error"]["code"]) == (status, code)


async def test_eight_megabytes_are_taken(tmp_path):
    """A post of just under 8 MB is read whole."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (TCP,)) as api, api.client(TCP, TOKENS["meter"]) as client:
        await feed.clock.confirm("kim")
        padding = '{"timestamp": 1, "x": "' + "y" * 7_990_000 + '"}'
        status, told = await post(client, form(padding, "1.json"))
        assert (status, told["left_out"]) == (200, {"no readings": 1})


async def test_a_packed_body_is_refused(tmp_path):
    """No packing is taken: eight megabytes could be thousands."""
    async with served(tmp_path, transports=(TCP,)) as api:
        async with api.client(TCP, TOKENS["meter"]) as client:
            answer = await client.post(
                "/v1/ingest/axm", content=b"x", headers={"content-encoding": "gzip"}
            )
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, "coding")


async def test_slow_posts_do_not_shut_others_out_for_ever(tmp_path):
    """Meters whose bodies do not come take three places; the next one is told to come again."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (TCP,)) as api, api.client(TCP, TOKENS["meter"]) as client:
        await feed.clock.confirm("kim")
        head = (
            f"POST /v1/ingest/axm HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {TOKENS['meter']}\r\nContent-Length: 1000\r\n\r\nabc"
        )
        slow = []
        for _ in range(3):
            _, writer = await asyncio.open_connection("127.0.0.1", api.ports[TCP])
            writer.write(head.encode())
            await writer.drain()
            slow.append(writer)
        await answers(client, 503)
        for writer in slow:
            writer.close()
        await answers(client, 200)


async def answers(client, status):
    """Post until it is answered so."""
    async with asyncio.timeout(20):
        while (await post(client, form(CSV, "1.csv")))[0] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_person_confirms_the_clock(tmp_path):
    """A clock that stands as the person's own does is confirmed, once, with the person's name; one
    that is beside it is not; the audit holds both."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:
        wrong = await client.post("/v1/clock/confirm", json={"utc_ms": START_MS + 120_000})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "not_possible")
        assert not feed.clock.confirmed
        for _ in range(2):
            right = await client.post("/v1/clock/confirm", json={"utc_ms": START_MS + 3_000})
            assert (right.status_code, right.json()["confirmed"]) == (200, True)
        assert right.json()["clock"].startswith("confirmed by uid ")
        entries = (await client.get("/v1/audit")).json()["entries"]
        assert [e["deed"]["action"] for e in entries] == ["confirm clock"]
