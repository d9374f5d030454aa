"""The HTTP example of docs/profiles.md does what it says."""

import re
from pathlib import Path

import pytest

from collector.model.assets import Device
from collector.model.kinds import AssetKind, DeviceKind
from collector.sources.http import HttpSource
from tests.modbus.live import Turned, running
from tests.profiles.bench import sound
from tests.support.http_answers import Reply, Request, answering
from tests.support.image import RecordingImage

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text()
DOCUMENT = re.compile(r"## JSON over HTTP\n.*?```json\n(.*?)```\n", re.DOTALL)
EXAMPLE = re.compile(r"<!-- http example: ([\w-]+) -->\n```toml\n(.*?)```\n<!-- end -->", re.DOTALL)


async def test_the_example_of_the_document(tmp_path: Path) -> None:
    """Its document becomes readings, a counter, a state out of a text, and an alarm."""
    ((name, text),) = EXAMPLE.findall(TEXT)
    (document,) = DOCUMENT.findall(TEXT)
    sound(text)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / f"{name}.toml").write_text(text)
    says = [document]

    def script(request: Request) -> Reply:
        if request.headers.get("x-api-key") != "key-of-881":
            return Reply(401)
        return Reply(200, says[-1].encode())

    image, time = RecordingImage(), Turned()
    async with answering(script) as server:
        device = Device(
            id="d1", kind=DeviceKind.HTTP, host="127.0.0.1", port=server.port, system="d1",
            profile=name, password="key-of-881",
        )  # fmt: skip
        async with running(HttpSource(device, tmp_path, time.clock), image) as run:
            await run.until(lambda: image.lives)
            assert image.identities[-1].serial == "G-881"
            assert image.assets[""].kind is AssetKind.GENERATOR
            assert image.readings[""] == pytest.approx(
                {
                    "generator_state": 3.0, "engine_speed_rpm": 1500, "fuel_level_pct": 78,
                    "oil_pressure_kpa": None,
                    "generator_power_w.L1": 10_100, "generator_power_w.L2": 9_800,
                    "generator_power_w.L3": 10_400, "generator_power_w": 30_300,
                }
            )  # fmt: skip
            assert image.counters["", "generator_energy_kwh"].raw == 12_345.6
            units = {series.removeprefix(f"{name.replace('-', '_')}_"): unit
                     for series, unit in image.units.items()}  # fmt: skip
            assert units["rpm"] == "rpm"
            assert units["power_l1"] == "kW"
            assert [notice.text for notice in image.complaints[-1]] == ["Overload"]

            says.append(document.replace("true", "false").replace("running", "exploded"))
            await run.until(lambda: image.readings[""]["generator_state"] is None)
            assert not image.complaints[-1]
    assert image.details["not a number"] == "state: exploded"
