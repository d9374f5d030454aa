"""`ovr read`: one poll of a real server by a thread of its own, as a person does it."""

import asyncio
import json

import pytest

from ovr_tui import cli
from tests.modbus.acuvim_map import acuvim_ii
from tests.profiles.bench import written
from tests.support.modbus import Unit, ascii_words, u32

BODY = """point = [
  { name = "serial", address = 0, type = "string", len = 4, once = true },
  { name = "power", address = 10, type = "s32", divide = 10, unit = "W", measurement = "power_w" },
  { name = "hz", address = 12, type = "u16", divide = 100, unit = "Hz" },
  { name = "mode", address = 13, type = "u16", enum = { 2 = "auto" } },
  { name = "gone", address = 900, type = "u16" },
]
[modbus]
unit = 7
word_order = "little"
[identity]
serial = ["serial"]
[[computed]]
name = "double"
sum = ["power", "power"]
"""


@pytest.fixture
async def meter(modbus):
    """A meter at unit 7, and at 1."""
    unit = Unit({})
    unit.put(0, ascii_words("SN-1", 4))
    unit.put(10, [*u32(12_340)[::-1], 5001, 2])
    return await modbus({7: unit, 1: unit})


@pytest.fixture
def ovr(tmp_path, capsys):
    """Runs a command on a home with the profile `mine`."""
    folder = tmp_path / "config" / "profiles"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(written(BODY))

    async def run(*words: str) -> tuple[int, str, str]:
        status = await asyncio.to_thread(cli.main, ["--home", str(tmp_path), *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


async def test_registers_orders_and_values_side_by_side(ovr, meter) -> None:
    """By an address and a profile, without any registry: the profile's unit is asked, the order
    that it means is marked, what is not there is said."""
    status, out, _ = await ovr("read", f"127.0.0.1:{meter.port}", "--profile", "mine")
    assert status == 0
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line.strip()}
    assert lines["POINT"][:7] == ["POINT", "REGISTERS", "RAW", "ABCD", "CDAB", "BADC", "DCBA"]
    assert lines["power"] == [
        "power", "3:10-11", "3034", "0000", str(0x30340000), "12340*", "875560960", "13360",
        "1234", "W", "power_w",
    ]  # fmt: skip
    assert lines["mode"][-2:] == ["2", "(auto)"]
    assert lines["double"][1:] == ["computed", "2468"]
    assert "Serial SN-1" in out
    assert "unit 7 by mine" in out
    assert "load_power_w  1234" in out
    assert "The device does not have: gone." in out


async def test_a_device_of_the_registry(ovr, meter, tmp_path) -> None:
    """By its id and its own profile; JSON has the same."""
    (tmp_path / "config" / "registry.toml").write_text(
        f'[[device]]\nid = "m1"\nkind = "modbus"\nhost = "127.0.0.1"\nport = {meter.port}\n'
        'profile = "mine"\nasset_kind = "grid"\n'
    )
    status, out, _ = await ovr("read", "m1", "--json")
    assert status == 0
    told = json.loads(out)
    assert told["identity"]["serial"] == "SN-1"
    assert {"role": "", "key": "grid_power_w", "value": 1234.0} in told["readings"]
    power = next(point for point in told["points"] if point["name"] == "power")
    assert power["registers"] == [12_340, 0]
    assert power["orders"]["CDAB"] == 12_340


async def test_a_profile_in_a_file(ovr, meter, tmp_path) -> None:
    """A file that is being written: read as it is, told with its lines when it is broken."""
    file = tmp_path / "new.toml"
    file.write_text(written(BODY))
    address = f"127.0.0.1:{meter.port}"
    assert (await ovr("read", address, "--profile", str(file), "--unit", "1"))[0] == 0
    file.write_text(written(BODY.replace('"s32"', '"s33"')))
    status, _, err = await ovr("read", address, "--profile", str(file))
    assert status == 78
    assert "new.toml:6: point[power].type" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("read", "nobody"), "nobody is no device of the registry"),
        (("read", "127.0.0.1:1", "--profile", "mine"), "refuses the connection"),
        (("read", "x", "--profile", "./none.toml"), "there is no such file"),
    ],
)
async def test_what_cannot_be_read(ovr, words, said) -> None:
    """Status 1, and why."""
    status, _, err = await ovr(*words)
    assert status == 1
    assert said in err


async def test_a_meter_that_is_read_by_code(ovr, modbus, tmp_path) -> None:
    """Without --profile, a device of any kind: who it is, readings and counters, raw series."""
    server = await modbus({1: acuvim_ii()})
    (tmp_path / "config" / "registry.toml").write_text(
        f'[[device]]\nid = "m1"\nkind = "acuvim"\nhost = "127.0.0.1"\nport = {server.port}\n'
    )
    status, out, _ = await ovr("read", "m1")
    assert status == 0
    assert "Serial AH19040551, AccuEnergy" in out.replace("Accuenergy", "AccuEnergy")
    lines = [line.split() for line in out.splitlines()]
    assert ["(main)", "load", "frequency_hz", "50.02", "Hz"] in lines
    assert ["(main)", "load", "load_energy_kwh", "123456.7", "kWh"] in lines
    assert any(line and line[0] == "acuvim_frequency" for line in lines)


async def test_another_device_than_the_registry_says(ovr, meter, tmp_path) -> None:
    """A serial that the registry states has to be that of who answers."""
    (tmp_path / "config" / "registry.toml").write_text(
        f'[[device]]\nid = "m1"\nkind = "modbus"\nhost = "127.0.0.1"\nport = {meter.port}\n'
        'profile = "mine"\nserial = "SN-2"\n'
    )
    status, _, err = await ovr("read", "m1")
    assert status == 1
    assert "SN-1 answers, the registry expects SN-2" in err


async def test_an_address_is_read_though_the_registry_is_broken(ovr, meter, tmp_path) -> None:
    """What is wrong with other devices is told by ovr check."""
    (tmp_path / "config" / "registry.toml").write_text("[[")
    assert (await ovr("read", f"127.0.0.1:{meter.port}", "--profile", "mine"))[0] == 0
    assert (await ovr("read", "m1"))[0] == 78


async def test_registers_without_a_profile(ovr, meter) -> None:
    """Each register, and each pair in every order as a whole number and as a float."""
    address = f"127.0.0.1:{meter.port}"
    status, out, _ = await ovr("read", address, "--registers", "3:10-12", "--unit", "7")
    assert status == 0
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line.strip()}
    assert lines["r10"][1:5] == ["3:10", "3034", "12340*", "13360"]
    assert lines["r10_int"][4:8] == ["808714240*", "12340", "875560960", "13360"]
    assert "r10_float" in lines
    assert "r12_int" not in lines
    assert (await ovr("read", address, "--registers", "9:1"))[0] == 1
