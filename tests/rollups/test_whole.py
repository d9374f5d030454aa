"""Rollups in a whole collector, on devices that speak their true protocols."""

from collector.rollups import reads, tables
from collector.store import NodeDb
from tests.support.whole import site


async def test_an_orderly_end_leaves_every_asset_s_minute_up_to_the_last_tick(tmp_path):
    """With its kind and system, and the registers of what counts."""
    async with site(tmp_path, 6) as (_, node):
        await node.ticks(4)
        asset = next(a for a in node.snapshot.assets if a.kind.value == "bess")
        open_minute = await node.collector.parts.rollups.history(
            asset.id, "load_power_w", node.snapshot.at_ms - 2000, node.snapshot.at_ms, 60
        )
        assert open_minute is not None
        assert open_minute.values[-1] is not None
    last = node.snapshot
    db = NodeDb(node.collector.home.node_db)
    await db.open()
    try:
        assert await db.run("read", tables.mark) == last.at_ms + 1000
        names = [a.id for a in last.assets]
        rows = [row async for some in reads.rows(db, names, 0, 2**41) for row in some]
    finally:
        await db.close()
    ends = {row.subject: row.rollup() for row in rows}
    assert {(s.asset, s.kind, s.system) for s in ends} == {
        (a.id, a.kind, a.system) for a in last.assets
    }
    assert {row.to_ms for row in ends.values()} == {last.at_ms + 1000}
    registers = [
        c for row in ends.values() for c in row.counters.values() if c.raw_last is not None
    ]
    assert registers
