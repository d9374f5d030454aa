"""The registry is edited while 150 assets run: nobody else notices."""

import asyncio
import json
from collections import defaultdict
from itertools import pairwise
from statistics import median

import pytest

from collector.client import Client
from collector.model.kinds import AssetStatus
from tests.integration.test_lifecycle import collecting, simulated
from tests.support.nodes import make_home
from tests.support.processes import finish, said, start, status, until

ASSETS = 150
TICKS_BESIDE = 4
"""How many ticks are seen before the first edit, and after the last."""
SLACK = 3
"""A busy machine reads later now and then."""


def _all_of_them(home):
    """Whether every asset has been found and is good."""
    seen = collecting(home)
    return seen and len(seen["assets"]) >= ASSETS


async def edited(home, socket, edits):
    """Do the edits one after the other; the snapshots from before the first to after the last."""
    begin, done = asyncio.Event(), asyncio.Event()
    seen = []

    async def watch():
        left = TICKS_BESIDE
        async with Client(socket) as client:
            async for snapshot in client.stream():
                seen.append(snapshot)
                if len(seen) == TICKS_BESIDE:
                    begin.set()
                left -= done.is_set()
                if not left:
                    return

    watching = asyncio.create_task(watch())
    await begin.wait()
    for words in edits:
        await said(home, "registry", *words)
    done.set()
    await watching
    return seen


@pytest.mark.timeout(150)
def test_an_edit_touches_no_other_device(tmp_path):
    """One is renamed, one reached elsewhere, one removed and brought back, one added: every tick
    comes, and in every one all others live and go on being read."""
    with simulated("--assets", str(ASSETS)) as site:
        home = make_home(tmp_path, site["devices"], site["assets"], {})
        process = start("collect", home=tmp_path, log=tmp_path / "log")
        until(lambda: _all_of_them(tmp_path), "150 assets good", 60)
        meters = [d["id"] for d in site["devices"] if d["kind"] == "acuvim"]
        renamed, moved, gone = meters[:3]
        edits = [
            ("set", renamed, "name=Another name"),
            ("set", moved, "host=127.0.0.2", "port=9"),
            ("remove", gone),
            ("undo",),
            ("add", "new-1", "kind=acuvim", "host=127.0.0.2", "port=10"),
        ]
        seen = asyncio.run(edited(tmp_path, home.operator_socket, edits))
        ended = status(tmp_path)
        assert ended is not None
        finish(process)
    assert process.returncode == 0
    for one, two in pairwise(seen):  # a busy reader skips to the newest; ticks do not
        assert two.at_ms - one.at_ms == 1000 * (two.seq - one.seq)
    ticks = seen[-1].seq - seen[0].seq
    touched = {moved, gone, "new-1"}
    first = {asset.id for asset in seen[0].assets if asset.device not in touched}
    assert len(first) >= ASSETS - len(touched)
    messages, spells = defaultdict(list), defaultdict(set)
    for snapshot in seen:
        live = {a.id for a in snapshot.assets if a.status is AssetStatus.LIVE}
        assert first <= live, "another asset was not live"
        for source in snapshot.sources:
            if source.device not in touched:
                messages[source.device].append(source.messages)
                spells[source.device].add((source.state, source.since_ms))
    missed = {name: ticks - (counts[-1] - counts[0]) for name, counts in messages.items()}
    assert median(missed.values()) <= SLACK, missed
    assert {name for name, spell in spells.items() if len(spell) > 1} == set(), "connected anew"
    assert json.dumps(ended).count("Another name") >= 1
    assert "new-1" in {asset["id"] for asset in ended["assets"]}
    assert gone in {asset["id"] for asset in ended["assets"]}
