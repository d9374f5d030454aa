"""`ovr discover`: without a collector, through one, and adding by one key."""

import asyncio
import json
import os
import pty
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ovr_tui.cli import main
from tests.modbus.acuvim_map import acuvim_ii, acuvim_l
from tests.support.modbus import Make
from tests.support.nodes import make_home, running
from tests.victron.test_connection import secured

Targets = list[str]


@pytest_asyncio.fixture
async def targets(modbus: Make) -> AsyncIterator[Targets]:
    """Two meters, one of which says who it is, as HOST:PORT."""
    first = await modbus({1: acuvim_ii("AH1")})
    second = await modbus({1: acuvim_l()})
    yield [f"127.0.0.1:{server.port}" for server in (first, second)]


class Ran:
    """A command that has ended."""

    def __init__(self, status: int, out: bytes, err: bytes) -> None:
        self.status = status
        self.out, self.err = out.decode(), err.decode()


def program(home: Path, *words: str) -> tuple[str, str, str]:
    """How the command is started."""
    argv = ["--home", str(home), *words]
    return sys.executable, "-c", f"from ovr_tui.cli import main; raise SystemExit(main({argv!r}))"


async def ovr(home: Path, *words: str) -> Ran:
    """Run the command beside the servers of the test."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*program(home, *words), stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out, err)


async def shown(screen: int, *texts: str, limit_s: float = 20) -> None:
    """Read a terminal until these stood on it, whatever comes in one piece."""
    seen = b""
    async with asyncio.timeout(limit_s):
        while not all(text.encode() in seen for text in texts):
            ready = asyncio.Event()
            asyncio.get_running_loop().add_reader(screen, ready.set)
            try:
                await ready.wait()
            except asyncio.CancelledError:
                raise AssertionError(f"not on the terminal: {texts}; but {seen!r}") from None
            finally:
                asyncio.get_running_loop().remove_reader(screen)
            seen += os.read(screen, 4096)


def devices(home: Path) -> list[dict[str, object]]:
    """What the registry holds."""
    found: list[dict[str, object]] = tomllib.loads((home / "config/registry.toml").read_text())[
        "device"
    ]
    return found


async def test_before_the_node_is_set_up(tmp_path: Path, targets: Targets) -> None:
    """A table with what is new, and all of it in a registry that was not there; then it is
    known."""
    ran = await ovr(tmp_path, "discover", *targets, "--add", "all")
    assert ran.status == 0, ran.err
    assert "new  acuvim" in ran.out
    assert "2 addresses asked, 2 devices, 2 of them new; add them with --add." in ran.out
    assert "2 added." in ran.out
    assert {one["id"] for one in devices(tmp_path)} == {"meter-1", "meter-2"}
    assert {one.get("serial") for one in devices(tmp_path)} == {"AH1", None}
    ran = await ovr(tmp_path, "discover", *targets, "--json")
    assert ran.status == 0, ran.err
    told = json.loads(ran.out)["search"]
    assert [one["standing"] for one in told["found"]] == ["known", "known"]
    assert len(devices(tmp_path)) == 2


async def test_through_the_collector(tmp_path: Path, modbus: Make, targets: Targets) -> None:
    """The running collector searches: what it reads is shown as it knows it and not asked; what is
    added is read at once."""
    meter = acuvim_ii("AH9")
    server = await modbus({1: meter})
    mine = {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": server.port}
    home = make_home(tmp_path, [mine])
    async with running(home) as node:
        await node.until(lambda: node.asset("stage-a").status == "live")
        connects = server.connects
        words = ("discover", f"127.0.0.1:{server.port}", *targets, "--add", "all")
        ran = await ovr(tmp_path, *words)
        assert ran.status == 0, ran.err
        assert "known  acuvim" in ran.out
        assert "AH9" in ran.out
        assert server.connects == connects
        await node.until(lambda: node.asset("meter-1").status == "live")
        await node.until(lambda: node.asset("meter-2").status == "live")
        assert len(devices(tmp_path)) == 3


async def test_one_key_adds(tmp_path: Path, targets: Targets) -> None:
    """On a terminal: n leaves one out, y adds the other, g says that it measures a generator."""
    screen, child = pty.openpty()
    words = program(tmp_path, "discover", *targets, "--add")
    process = await asyncio.create_subprocess_exec(*words, stdin=child, stdout=child, stderr=child)
    os.close(child)
    for question, key in (("add it?", "n"), ("add it?", "y"), ("it measures", "g")):
        await shown(screen, question)
        os.write(screen, key.encode())
    assert await process.wait() == 0
    os.close(screen)
    (added,) = devices(tmp_path)
    assert (added["id"], added["asset_kind"]) == ("meter-2", "generator")


async def test_one_key_moves(tmp_path: Path, modbus: Make) -> None:
    """A device that stands at another address than the registry has is offered to be read there;
    how far the search is stands on the terminal."""
    server = await modbus({1: acuvim_ii("AH1")})
    mine = {"id": "stage-a", "kind": "acuvim", "host": "127.0.15.1", "serial": "AH1", "unit": 4}
    make_home(tmp_path, [mine])
    screen, child = pty.openpty()
    words = program(tmp_path, "discover", f"127.0.0.1:{server.port}", "--add")
    process = await asyncio.create_subprocess_exec(*words, stdin=child, stdout=child, stderr=child)
    os.close(child)
    await shown(screen, "1 of 1 asked, 1 found", "read it there from now on?")
    os.write(screen, b"y")
    await shown(screen, "changed device stage-a")
    assert await process.wait() == 0
    os.close(screen)
    (moved,) = devices(tmp_path)
    assert moved == {**mine, "host": "127.0.0.1", "port": server.port, "unit": 1}


async def test_all_but_what_is_not_sure(tmp_path: Path, mosquitto) -> None:
    """A broker that wants a password may be anybody's: it is shown, and not added unasked."""
    broker = mosquitto(secured(tmp_path))
    ran = await ovr(tmp_path, "discover", f"127.0.0.1:{broker.port}", "--add", "all")
    assert ran.status == 0, ran.err
    assert "new  gx?" in ran.out
    assert "was left out: it may be a GX" in ran.out
    assert not (tmp_path / "config/registry.toml").exists()


def test_usage(tmp_path: Path, capsys) -> None:
    """Nobody to ask, nothing to search: said on stderr, status 1; a wrong word is usage."""
    home = ("--home", str(tmp_path))
    assert main([*home, "discover", "127.0.0.1", "--add"]) == 1
    assert "--add all" in capsys.readouterr().err
    assert main([*home, "discover", "8.8.8.0/24"]) == 1
    assert "no private network" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main([*home, "discover", "--rate", "9"])
    assert ended.value.code == 2
