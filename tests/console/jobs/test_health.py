"""What the cloud refused, by keyboard on a real collector with a cloud that judges."""

from functools import partial
from pathlib import Path

from collector.outbox import put
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.profile import Profile
from tests.console.jobs.test_events import to
from tests.console.readers import screen_text, shows
from tests.outbox.cloud import Cloud, result
from tests.support.http_answers import answering
from tests.support.nodes import make_home, running


async def test_refused_records_are_sent_again(tmp_path: Path) -> None:
    """Two records that the cloud refuses are listed with its reason. One that is sent again while
    the cloud has not been mended is refused again; once it has been, it goes through; the other one
    still waits for a person, and both go when both are marked."""
    cloud = Cloud()
    cloud.judge = lambda record: result(record, "refused", "bad") if record.id[0] == "l" else None
    async with answering(cloud) as api:
        home = make_home(tmp_path, node={"cloud": {"url": api.url}})
        async with running(home) as node:
            for name in ("l1", "l2", "l3"):
                record = partial(put, kind="log", record_id=name, body={}, at_ms=1)
                await node.collector.parts.node_db.run("put", record)
            await node.until(lambda: node.snapshot.outbox.refused == {"log": 3}, 30)
            app = ConsoleApp(home.operator_socket, profile=Profile())
            async with app.run_test(size=(120, 40)) as pilot:
                await shows(pilot, "operator")
                await pilot.press("h", "3")
                assert "it is bad (mend it)" in await shows(pilot, "log l3")
                asked = len(api.posts())
                await to(pilot, "log l1")
                await pilot.press("R")
                await shows(pilot, "1 record has another turn")
                await node.until(
                    lambda: len(api.posts()) > asked and node.snapshot.outbox.refused == {"log": 3}
                )
                assert ("log", "l1") not in cloud.newest

                await shows(pilot, "log l1")
                cloud.judge = lambda record: None
                await to(pilot, "log l1")
                await pilot.press("R")
                await node.until(lambda: ("log", "l1") in cloud.newest)
                await node.until(lambda: node.snapshot.outbox.refused == {"log": 2})
                await to(pilot, "log l2")
                await pilot.press("x", "x", "R")
                await shows(pilot, "2 records have another turn")
                await node.until(lambda: not node.snapshot.outbox.refused)
                await shows(pilot, "nothing refused")
                assert "log l" not in screen_text(app)
    assert sorted(name for kind, name in cloud.newest if kind == "log") == ["l1", "l2", "l3"]
