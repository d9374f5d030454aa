"""The shipped HTTP profiles against golden documents, through the true source and a true server."""

import json
from pathlib import Path
from typing import Any

import pytest

from collector.model.assets import Device
from collector.model.kinds import AssetKind, DeviceKind
from collector.sources.http import HttpSource
from tests.modbus.live import Turned, running
from tests.profiles.golden_device import cases
from tests.support.http_answers import Reply, Request, answering
from tests.support.image import RecordingImage

CASES = [(path.parent.name, path.stem, json.loads(path.read_text())) for path in cases(".json")]


@pytest.mark.parametrize(
    ("profile", "case"), [(p, c) for p, _, c in CASES], ids=[f"{p}/{n}" for p, n, _ in CASES]
)
async def test_documents_in_values_out(profile: str, case: dict[str, Any]) -> None:
    """Readings, counters, unknown values, identity and raw series of the case; only GET is used,
    and only what the profile names is asked for."""
    expect, documents = case["expect"], case["documents"]

    def script(request: Request) -> Reply:
        document = documents.get(request.path)
        if document is None or request.method != "GET":
            return Reply(404)
        return Reply(200, json.dumps(document).encode())

    image, time = RecordingImage(), Turned()
    async with answering(script) as server:
        device = Device(
            id="d1", kind=DeviceKind.HTTP, host="127.0.0.1", port=server.port, system="d1",
            profile=profile,
            asset_kind=AssetKind(case["asset_kind"]) if "asset_kind" in case else None,
        )  # fmt: skip
        async with running(HttpSource(device, Path("/nonexistent"), time.clock), image) as run:
            began = time.now
            await run.until(lambda: run.ready and time.now > began + 3)

    identity = image.identities[-1]
    for key in ("serial", "model", "firmware"):
        if key in expect:
            assert getattr(identity, key) == expect[key]
    assert image.assets[""].kind == expect["kind"]
    readings = image.readings[""]
    assert {k: readings.get(k) for k in expect["readings"]} == pytest.approx(
        expect["readings"], rel=1e-5, abs=1e-6
    )
    assert {k: readings.get(k, "not said") for k in expect["none"]} == dict.fromkeys(expect["none"])
    counters = {name: register.raw for (_, name), register in image.counters.items()}
    assert counters == pytest.approx(expect["counters"])
    cells = {cell.name: cell.value for cell in image.cells.values()}
    assert {k: cells.get(k) for k in expect["raw"]} == pytest.approx(expect["raw"])
    assert {request.path for request in server.requests} == set(documents)
    assert {request.method for request in server.requests} == {"GET"}
