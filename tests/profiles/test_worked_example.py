"""The worked example of docs/profiles.md does what it says, with a device as its table tells."""

import re
from pathlib import Path

from collector.model.alarm import Severity
from collector.model.kinds import AssetStatus, DeviceKind
from collector.profiles.fingerprint import Look
from tests.profiles.bench import Bench, sound
from tests.support.modbus import Unit, ascii_words, u32

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text()
_EXAMPLE = re.compile(r"<!-- example: ([\w-]+) -->\n```toml\n(.*?)```\n<!-- end -->", re.DOTALL)


def low_first(value: int) -> list[int]:
    """A number of 32 bits as this device has it."""
    return u32(value & 0xFFFFFFFF)[::-1]


def battery() -> Unit:
    """The battery of the example: 12.5 kW out of it, 41 °C, one alarm."""
    unit = Unit(dict.fromkeys(range(100, 306), 0))
    unit.put(100, ascii_words("PB90-0042", 8))
    unit.put(110, [317])
    unit.put(200, [3, 655, 1058])
    unit.put(210, [*low_first(12_500), 7680, 163])
    unit.put(220, [*low_first(81_234_567), *low_first(70_000_001)])
    unit.put(240, [0b10000])
    unit.put(300, [*low_first(5_000), *low_first(-200), *low_first(4_000)])
    return unit


async def test_the_example_of_the_document(modbus, tmp_path) -> None:
    """Less than 60 lines; every value of the table is in the snapshot, in our units and signs."""
    ((name, text),) = _EXAMPLE.findall(TEXT)
    assert name == "nordwind-pb90"
    assert len(text.splitlines()) < 60
    server = await modbus({1: battery()})
    b = Bench(tmp_path, server, text)
    assert b.device.kind is DeviceKind.MODBUS
    async with b.live():
        b.site.tick()
        asset = b.site.asset("d1")
        assert asset.status is AssetStatus.LIVE
        readings = {
            key: round(r.value, 3) for key, r in asset.readings.items() if r.value is not None
        }
        counters = b.image.roles[""].counters
        told = list(b.image.notices)
        assert b.image.identity.firmware == "3.17"
    assert readings | {"load_power_w": 8_800} == readings
    for key, value in {
        "battery_soc_pct": 65.5, "battery_temperature_c": 41.0, "battery_power_w": -12_500,
        "battery_voltage_v": 768, "battery_current_a": -16.3, "battery_state": 2,
        "load_power_w.L1": 5_000, "load_power_w.L2": -200, "load_power_w.L3": 4_000,
    }.items():  # fmt: skip
        assert readings[key] == value, key
    assert counters["battery_charged_kwh"].raw == 812_345.67
    assert counters["battery_charged_kwh"].unit == "PB90-0042"
    assert [(n.text, n.severity) for n in told] == [("Contactor", Severity.ALARM)]


def test_the_example_is_found_by_its_fingerprint() -> None:
    """Discovery knows it by its serial number."""
    ((_, text),) = _EXAMPLE.findall(TEXT)
    look = Look(sound(text))
    (mark,) = look.marks
    assert look.fits({mark: ascii_words("PB90-0042", 8)})
    assert not look.fits({mark: ascii_words("PB80-0042", 8)})
