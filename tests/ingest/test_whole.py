"""A meter posts to a whole collector over TCP."""

import asyncio
import time

import httpx

from collector.model.series import decode_series
from tests.ingest.posts import FORM, form
from tests.support.nodes import make_home, running
from tests.support.ports import free_port

METER = {
    "id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": 9, "serial": "AL12345678",
    "asset_kind": "load", "enabled": False,
}  # fmt: skip


async def test_posts_reach_receivers_and_rollups_but_not_the_snapshot(
    tmp_path, victoriametrics
) -> None:
    """What a meter posts with its own token is journaled with its own times beside the ticks,
    delivered so, and fills the minutes of its asset that had no data, marked; the snapshot holds
    nothing of it, and its token opens nothing else."""
    port, receiver = free_port(), victoriametrics()
    listen = {
        "address": f"127.0.0.1:{port}",
        "token": [{"name": "meter", "role": "ingest", "secret": "meter"}],
    }
    home = make_home(
        tmp_path, [METER], node={"listen": listen, "sinks": {"a": {"url": receiver.url}}}
    )
    home.secrets_toml.write_text('meter = "token-of-a-meter"\n')
    home.secrets_toml.chmod(0o600)
    minute_s = (int(time.time()) - 900) // 60 * 60
    log = f"Time Stamp,Psum_kW,V1\n{minute_s},10.5,230\n{minute_s + 30},11.5,231\n"
    async with running(home) as node, httpx.AsyncClient(trust_env=False) as client:
        await node.until(lambda: node.collector.parts.clock.confirmed and node.snapshot.seq > 1)
        url = f"http://127.0.0.1:{port}"
        headers = {"authorization": "Bearer token-of-a-meter", "content-type": FORM}
        for samples in (4, 0):
            answer = await client.post(
                f"{url}/v1/ingest/axm", content=form(log, "1.csv"), headers=headers
            )
            assert (answer.status_code, answer.json()["samples"]) == (200, samples), answer.text
        assert (await client.get(f"{url}/v1/snapshot", headers=headers)).status_code == 403
        await node.ticks(2)
        parts = node.collector.parts
        batches = await parts.journal.read(1, parts.journal.head, max_samples=10**6)
        posted = [batch for batch in batches if batch.times is not None]
        assert [list(batch.times or ()) for batch in posted] == [
            [1000 * minute_s] * 2 + [1000 * minute_s + 30_000] * 2
        ]
        assert decode_series(posted[0].series[0])[1]["via"] == "axm"
        assert node.asset("stage-a").readings == {}
        stored = await until_stored(receiver)
        assert stored == [([230, 231], [1000 * minute_s, 1000 * minute_s + 30_000])]
        await parts.ingest.fill_minutes()
        rows = [
            row
            async for some in parts.rollups.rows(["stage-a"], 0, 1000 * minute_s + 60_000)
            for row in some
        ]
    assert [(row.from_ms, row.rollup().mean("load_power_w")) for row in rows] == [
        (1000 * minute_s, 11_000.0)
    ]
    assert rows[0].rollup().filled_ms == 60_000


async def until_stored(receiver) -> list[tuple[list[float], list[int]]]:
    """Values and times of the posted voltage, as soon as the receiver has them."""
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(receiver.export, 'acuvim_u1{via="axm"}')
            if found:
                return [(one["values"], one["timestamps"]) for one in found]
            await asyncio.sleep(0.2)
