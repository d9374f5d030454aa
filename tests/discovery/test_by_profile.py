"""Devices that only a profile knows, found by the shipped ones, on registers laid out by hand."""

from pathlib import Path

import pytest

from collector.config.load import check_registry
from collector.discovery.by_profile import usual_units
from collector.discovery.hosts import as_gx
from collector.discovery.modbus import ask_modbus
from collector.discovery.propose import proposed
from collector.discovery.search import shelved
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from tests.config.homes import make_home
from tests.profiles.golden_device import GoldenUnit, cases, told
from tests.support.modbus import Make, Unit, ascii_words

PROFILES = shelved(Path("/nonexistent"))
ANSWER_S = 2.0


def first_cases() -> list[Path]:
    """One case of each device that is read by Modbus."""
    found: dict[str, Path] = {}
    for path in cases(".toml"):
        if "refuse" not in told(path).get("title", ""):
            found.setdefault(path.parent.name, path)
    return list(found.values())


@pytest.mark.parametrize("path", first_cases(), ids=lambda path: path.parent.name)
async def test_each_shipped_profile_finds_its_device(
    path: Path, modbus: Make, tmp_path: Path
) -> None:
    """Among all profiles the right one, at its usual unit, with the serial that it states; and
    only by reads that identify."""
    case = told(path)
    unit = GoldenUnit(case["registers"])
    server = await modbus({case["unit"]: unit})
    (found,) = await ask_modbus(
        "127.0.0.1", server.port, [case["unit"]], PROFILES, timeout_s=ANSWER_S
    )
    assert (found.kind, found.profile) == (DeviceKind.MODBUS, path.parent.name)
    assert found.unit == case["unit"]
    assert found.asset_kind is not None
    assert found.serial == case["expect"].get("serial", "")
    table = dict(proposed(found, set()).table)
    (device,) = check_registry(make_home(tmp_path), {}, {"device": [table]}).devices
    assert (device.profile, device.unit) == (path.parent.name, case["unit"])
    assert len(unit.reads) < 60
    assert sum(count for _, _, count in unit.reads) < 400


async def test_what_says_nothing_fits_nothing(modbus: Make) -> None:
    """Registers that are all zero are within many ranges; that proves nothing."""
    server = await modbus({1: Unit({})})
    (found,) = await ask_modbus("127.0.0.1", server.port, (), PROFILES, timeout_s=ANSWER_S)
    assert (found.profile, found.sure) == ("", False)
    assert "no profile knows it" in found.hints[0]


async def test_the_sites_own_profile(tmp_path: Path, modbus: Make) -> None:
    """A profile that was put beside the configuration finds its device, and the table that is
    proposed names it."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "acme-9.toml").write_text(
        'schema = 1\ntitle = "ACME 9"\nkind = "load"\n'
        "[modbus]\nunit = 9\n"
        '[identity]\nserial = ["serial"]\n'
        '[[fingerprint]]\naddress = 100\ntype = "string"\nlen = 4\ncontains = "ACME"\n'
        '[[point]]\nname = "serial"\naddress = 110\ntype = "u32"\nonce = true\n'
    )
    profiles = shelved(tmp_path)
    unit = Unit({})
    unit.put(100, ascii_words("ACME 9", 4))
    unit.put(110, [1, 2])
    server = await modbus({9: unit})
    (found,) = await ask_modbus("127.0.0.1", server.port, (), profiles, timeout_s=ANSWER_S)
    assert (found.profile, found.serial, found.asset_kind) == ("acme-9", "65538", AssetKind.LOAD)
    assert 9 in usual_units(profiles)


def test_a_gx_that_wants_a_password_is_told_by_its_modbus() -> None:
    """The broker and the Modbus server at one address are one GX."""
    broker = Found(kind=DeviceKind.GX, host="h", port=1883, sure=False, needs_password=True)
    its = Found(
        kind=DeviceKind.MODBUS, host="h", port=502, unit=100, profile="victron-gx", serial="p1"
    )
    meter = Found(kind=DeviceKind.ACUVIM, host="h", port=502, unit=1)
    gx, other = as_gx([broker], [its, meter])
    assert (gx.sure, gx.serial, gx.kind) == (True, "p1", DeviceKind.GX)
    assert other is meter
    assert as_gx([], [its]) == [its]
    assert as_gx([broker], [meter]) == [broker, meter]
