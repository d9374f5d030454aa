"""The shipped profiles against golden folders: registers in, values out.

Registers and expected values were both worked out by hand from the makers' lists, neither from the
profiles. Each case runs through the true source on a true Modbus server.
"""

from pathlib import Path
from typing import Any

import pytest

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.catalogue import CATALOGUE
from collector.model.kinds import AssetKind, DeviceKind
from collector.profiles.fingerprint import Look
from collector.profiles.load import SHIPPED, Shelf
from collector.profiles.profile import Profile
from collector.sources.modbus.gateway import Gateways
from collector.sources.profile.source import ProfileSource
from tests.modbus.live import Turned, running
from tests.profiles.golden_device import FOLDER, GoldenUnit, cases, told
from tests.support.image import RecordingImage
from tests.support.modbus import Make

CASES = cases(".toml")
NOWHERE = Path("/nonexistent")
SHELF = Shelf(NOWHERE)


async def read(
    case: dict[str, Any], profile: str, modbus: Make
) -> tuple[RecordingImage, GoldenUnit]:
    """What the source says of a case's device after some polls, and what it asked for."""
    unit = GoldenUnit(case["registers"])
    server = await modbus({case["unit"]: unit})
    kind = AssetKind(case["asset_kind"]) if "asset_kind" in case else None
    device = Device(
        id="d1", kind=DeviceKind.MODBUS, host="127.0.0.1", port=server.port, unit=case["unit"],
        system="d1", profile=profile, asset_kind=kind,
    )  # fmt: skip
    image, time = RecordingImage(), Turned()
    source = ProfileSource(device, Gateways(), NOWHERE, time.clock)
    async with running(source, image) as run:
        began = time.now
        await run.until(lambda: run.ready and time.now > began + 3)
    return image, unit


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}/{p.stem}")
async def test_registers_in_values_out(path: Path, modbus: Make) -> None:
    """Readings, states, counters with where they start anew, unknown values, alarms, identity and
    raw series of the case; nothing is read that must not be."""
    case, profile = told(path), path.parent.name
    expect = case["expect"]
    image, unit = await read(case, profile, modbus)

    identity = image.identities[-1]
    for key in ("serial", "model", "firmware"):
        if key in expect:
            assert getattr(identity, key) == expect[key]
    if "kind" in expect:
        assert image.assets[""].kind == expect["kind"]

    readings = image.readings[""]
    assert {k: readings.get(k) for k in expect["readings"]} == pytest.approx(
        expect["readings"], rel=1e-5, abs=1e-6
    )
    assert {k: readings.get(k, "not said") for k in expect.get("none", ())} == dict.fromkeys(
        expect.get("none", ())
    )
    shown = {k: CATALOGUE[k].states.get(int(readings[k] or 0)) for k in expect.get("states", {})}
    assert shown == expect.get("states", {})

    counters = {name: register for (_, name), register in image.counters.items()}
    raws = {name: counters[name].raw for name in expect.get("counters", {})}
    assert raws == pytest.approx(expect.get("counters", {}), rel=1e-9)
    moduli = {name: counters[name].modulus for name in expect.get("modulus", {})}
    assert moduli == pytest.approx(expect.get("modulus", {}), rel=1e-9)

    cells = {cell.name: cell.value for cell in image.cells.values()}
    assert {k: cells.get(k) for k in expect.get("raw", {})} == pytest.approx(expect.get("raw", {}))

    complaints = [f"{n.severity}: {n.text}" for n in image.complaints[-1]]
    assert sorted(complaints) == sorted(expect["alarms"])

    for first, last in expect.get("never", ()):
        assert not [r for r in unit.reads if r[1] <= last and r[1] + r[2] > first]
    assert {function for function, _, _ in unit.reads} <= {3, 4}


async def test_alarms_come_and_go_with_the_registers(modbus: Make) -> None:
    """A controller whose list of alarms is shorter than another family's: its alarms are read on
    and on, and those of the others never."""
    case = told(FOLDER / "dse-gencomm" / "7410_running.toml")
    unit = GoldenUnit(case["registers"])
    server = await modbus({10: unit})
    device = Device(
        id="d1", kind=DeviceKind.MODBUS, host="127.0.0.1", port=server.port, unit=10, system="d1",
        profile="dse-gencomm",
    )  # fmt: skip
    image, time = RecordingImage(), Turned()
    said = image.complaints
    async with running(ProfileSource(device, Gateways(), NOWHERE, time.clock), image) as run:
        await run.until(lambda: said and [n.text for n in said[-1]] == ["low fuel level"])
        unit.by_function[3][39425] = 0x3111
        await run.until(lambda: "emergency stop" in [n.text for n in said[-1]])
        unit.by_function[3][39425] = 0x1111
        await run.until(lambda: [n.text for n in said[-1]] == ["low fuel level"])
    assert {(a, n) for _, a, n in unit.reads if a >= 2048} == {(39425, 20)}
    assert not image.drops


def known_by(profile: Profile, unit: GoldenUnit) -> bool:
    """Whether the profile's identification reads fit what a case's device answers."""
    chain = unit.chain()
    look = Look(profile, chain)
    return look.fits({mark: unit.said(mark.function, mark.start, mark.size) for mark in look.marks})


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_device_is_known_by_its_own_profile_alone(path: Path) -> None:
    """The fingerprints of the shipped profiles tell their devices apart."""
    unit = GoldenUnit(told(path)["registers"])
    profiles = [SHELF.find(name)[0] for name in SHELF.names()]
    fitting = {p.name for p in profiles if p is not None and known_by(p, unit)}
    assert fitting == {path.parent.name}


async def test_a_chain_without_the_models_is_no_device_of_the_profile(modbus: Make) -> None:
    """A SunSpec meter is not taken for a battery system."""
    meter = [0x5375, 0x6E53, 1, 4, 0, 0, 0, 0, 203, 2, 0, 0, 0xFFFF, 0]
    case = {"unit": 1, "registers": [{"at": 40000, "words": meter}]}
    with pytest.raises(BadDevice, match="none of the SunSpec models 802, 713"):
        await read(case, "sunspec-storage", modbus)


def test_every_shipped_profile_is_sound_and_has_a_golden_folder() -> None:
    """A profile that is shipped is proven."""
    for file in sorted(SHIPPED.glob("*.toml")):
        profile, problems = SHELF.find(file.stem)
        assert profile is not None, [str(problem) for problem in problems]
        assert list((FOLDER / file.stem).iterdir()), f"{file.stem} has no golden folder"
