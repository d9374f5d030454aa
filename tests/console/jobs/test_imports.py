"""Devices from a file where the registry has some of them already, by keyboard alone on a real
collector."""

import tomllib
from pathlib import Path

import pytest

from tests.console.jobs.test_devices import console, meter, typed
from tests.console.jobs.test_devices_more import offered, screen
from tests.console.readers import shows
from tests.support.ports import free_port


async def test_imported_over_what_is_there_and_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there already is told as it is and as it would be, a cell that is empty changes
    nothing, and enter alone leaves all as it is. Imported, it can be taken back, which tells the
    same the other way round. A table that claims another one's address, or that is none, stays in
    the form with its reason."""
    monkeypatch.chdir(tmp_path)
    old, kept, new, third = (free_port() for _ in range(4))
    devices = [
        meter("stage-a", old) | {"name": "Old"},
        meter("stage-b", kept) | {"name": "Kept"},
    ]
    table, clash = tmp_path / "m.csv", tmp_path / "clash.csv"
    table.write_text(
        "id,kind,host,port,name,rated_kva\r\n"
        f"stage-a,acuvim,127.0.0.1,{new},New,250\r\n"
        f"stage-b,acuvim,127.0.0.1,{kept},,\r\n"
        f"stage-c,acuvim,127.0.0.1,{third},Third,\r\n"
    )
    clash.write_text(f"id,kind,host,port\r\nstage-d,acuvim,127.0.0.1,{kept}\r\n")
    registry = tmp_path / "config" / "registry.toml"
    async with console(tmp_path, devices) as (pilot, node, _):
        await shows(pilot, "2 devices")
        told = await offered(pilot, table)
        assert f"~ device stage-a: port {old} → {new}, name Old → New" in told
        assert "+ device stage-c" in told
        assert "stage-b" not in told
        before = tomllib.loads(registry.read_text())
        await pilot.press("enter")
        await shows(pilot, "2 devices")
        assert tomllib.loads(registry.read_text()) == before
        await offered(pilot, table)
        await pilot.press("down", "enter")
        await node.until(lambda: len(node.snapshot.sources) == 3)
        await shows(pilot, "3 devices")
        assert node.asset("stage-a").name == "New"
        assert node.asset("stage-b").name == "Kept"

        await pilot.press("u")
        told = await shows(pilot, "Take the last change of the registry back?")
        assert f"~ device stage-a: port {new} → {old}, name New → Old" in told
        assert "- device stage-c" in told
        await pilot.press("enter")
        await shows(pilot, "3 devices")
        await pilot.press("u")
        await shows(pilot, "Take the last change of the registry back?")
        await pilot.press("down", "enter")
        await node.until(lambda: len(node.snapshot.sources) == 2)
        await shows(pilot, "taken back: removed device stage-c")
        assert tomllib.loads(registry.read_text()) == before

        for file, why in ((clash, f"127.0.0.1:{kept}"), (registry, "names no column id")):
            await pilot.press("i")
            await shows(pilot, "Many devices from a file")
            await pilot.press("down")
            await typed(pilot, str(file.relative_to(tmp_path)))
            await pilot.press("ctrl+s")
            assert "stage-d" in await shows(pilot, why) or file is registry
            assert file.name in screen(pilot)
            await pilot.press("escape", "escape")
        assert tomllib.loads(registry.read_text()) == before
