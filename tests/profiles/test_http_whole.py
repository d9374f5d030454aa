"""An HTTP device in a whole collector: from registry and secrets to the snapshot."""

import json
from pathlib import Path

from collector.model.kinds import AssetStatus
from tests.profiles.golden_device import FOLDER
from tests.support.http_answers import Reply, Request, answering
from tests.support.nodes import make_home, running

CASE = json.loads((FOLDER / "shelly-pro-3em" / "feed.json").read_text())
OWN = """schema = 1
title = "Fuel gauge"
kind = "tank"
transport = "http"
[http]
path = "/level"
auth = "header"
header = "X-Key"
[[point]]
name = "level"
pointer = "/tank/0"
unit = "%"
measurement = "fuel_level_pct"
"""


def shelly(request: Request) -> Reply:
    """The golden documents."""
    return Reply(200, json.dumps(CASE["documents"][request.path]).encode())


def gauge(request: Request) -> Reply:
    """A gauge that wants a key."""
    if request.headers.get("x-key") != "gauge-key":
        return Reply(401)
    return Reply(200, b'{"tank": ["61.5 %"]}')


async def test_shipped_and_own_profiles_live(tmp_path: Path) -> None:
    """A shipped profile as a load, and one of the site's own with its password in secrets.toml:
    both live, in the right units; a wrong password is said so and spoils nothing else."""
    async with answering(shelly) as meter, answering(gauge) as tank:
        devices = [
            {"id": "feed", "kind": "http", "profile": "shelly-pro-3em", "host": "127.0.0.1",
             "port": meter.port},
            {"id": "tank", "kind": "http", "profile": "gauge", "host": "127.0.0.1",
             "port": tank.port, "password_secret": "gauge"},
            {"id": "other", "kind": "http", "profile": "gauge", "host": "localhost",
             "port": tank.port, "password_secret": "wrong"},
        ]  # fmt: skip
        home = make_home(tmp_path, devices)
        (home.config / "profiles").mkdir()
        (home.config / "profiles" / "gauge.toml").write_text(OWN)
        home.secrets_toml.write_text('gauge = "gauge-key"\nwrong = "another-key"\n')
        home.secrets_toml.chmod(0o600)
        async with running(home) as node:

            def live() -> bool:
                found = {a.id: a.status for a in node.snapshot.assets}
                return found.get("feed") == found.get("tank") == AssetStatus.LIVE

            await node.until(live, 20)
            assert node.value("feed", "grid_power_w") == 392.572
            assert node.asset("feed").kind == "grid"
            assert node.value("tank", "fuel_level_pct") == 61.5
            await node.until(lambda: "refuses the login" in (node.asset("other").reason or ""), 10)
    assert not any("another-key" in str(asset) for asset in node.snapshot.assets)
