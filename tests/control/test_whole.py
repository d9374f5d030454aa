"""`ovr control` on a whole collector that reads a simulated site."""

import asyncio
import io
import json
import sys
from contextlib import asynccontextmanager

import aiomqtt
import pytest

from collector.simulator import SimulatedSite
from ovr_tui.cli import main
from tests.support.nodes import make_home, running
from tests.support.processes import end_left_over, start

pytestmark = pytest.mark.timeout(120)

GX, ENGINE = "bess-1", "bess-1.genset"


@pytest.fixture(autouse=True)
def clean():
    """No process stays."""
    yield
    end_left_over()


@asynccontextmanager
async def site(tmp_path):
    """A running node on a battery system with a generator; what is written to its GX; and a
    function that runs a command."""
    async with SimulatedSite(assets=6, seed=2) as sim:
        port = next(device["port"] for device in sim.devices if device["id"] == GX)
        home = make_home(tmp_path, sim.devices, sim.assets)
        async with aiomqtt.Client("127.0.0.1", port) as ear, running(home) as node:
            await ear.subscribe("W/#")
            writes: list[str] = []
            listening = asyncio.create_task(_listen(ear, writes))
            await node.until(lambda: node.asset(ENGINE).status == "live")
            await node.until(lambda: node.value(GX, "load_power_w"))

            async def command(*words):
                return await asyncio.to_thread(main, ["--home", str(tmp_path), *words])

            yield node, writes, command
            listening.cancel()


async def _listen(ear, writes):
    async for message in ear.messages:
        writes.append(str(message.topic).partition("/")[2].partition("/")[2])


class Typing(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


async def test_control_by_command(tmp_path, capsys, monkeypatch):
    """A tech lists what an asset offers, is refused without the name, gives it on the command line
    and at a terminal, sees the outcome, locks out and unlocks; exit status 0, 1 and 2."""
    async with site(tmp_path) as (node, writes, command):
        name = node.asset(GX).name
        assert await command("control", GX) == 0
        out = capsys.readouterr().out
        assert "relay-2" in out
        assert "off drops the loads" in out
        assert await command("control", GX, "--json") == 0
        told = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert {offer["command"] for offer in told["offers"]} >= {"mode", "minimum-soc"}
        with pytest.raises(SystemExit) as wrong:
            await command("control", GX, "relay-2")
        assert wrong.value.code == 2
        assert await command("control", GX, "warp", "9") == 1
        assert "offers no command warp" in capsys.readouterr().err
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        assert await command("control", GX, "relay-2", "on") == 1
        assert f"--confirm '{name}'" in capsys.readouterr().err
        assert await command("control", GX, "mode", "off", "--confirm", name) == 1
        assert "drops the loads" in capsys.readouterr().err
        assert writes == []

        words = ("control", GX, "relay-2", "on", "--confirm", name, "--json")
        assert await command(*words) == 0
        done = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (done["outcome"], done["value"]) == ("confirmed", "on")
        assert await command(*words[:-1], "--seen", "off") == 1
        assert "is on now, not off" in capsys.readouterr().err

        monkeypatch.setattr(sys, "stdin", Typing(f"{name}\n"))
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert await command("control", GX, "relay-2", "off") == 0
        out, err = capsys.readouterr()
        assert "Type the asset's name" in err
        assert "Confirmed: relay 2 is off." in out
        assert writes == ["system/0/Relay/1/State", "system/0/Relay/1/State"]

        assert await command("control", ENGINE, "lock", "new filter", "--name", "Jo") == 0
        assert "physical lock" in capsys.readouterr().out
        await node.until(lambda: node.asset(ENGINE).lockout is not None)
        start = ("control", ENGINE, "generator", "start", "--for", "10m", "--confirm", name)
        assert await command(*start) == 1
        assert "locked out by Jo: new filter" in capsys.readouterr().err
        assert await command("control", ENGINE) == 0
        assert "LOCKED OUT by Jo" in capsys.readouterr().out
        assert await command("control", ENGINE, "unlock") == 0
        assert await command("control", ENGINE, "unlock") == 1
        assert len(writes) == 2

        assert await command("audit", "--json") == 0
        entries = json.loads(capsys.readouterr().out.splitlines()[-1])["entries"]
        tried = [(e["deed"]["action"], e["outcome"].partition(":")[0]) for e in entries]
        assert ("control relay-2", "confirmed") in tried
        assert ("control mode", "refused") in tried
        assert ("lockout", "done") in tried


async def test_the_pin_by_command(tmp_path, capsys, monkeypatch):
    """A tech sets a PIN at a terminal, typed twice; from then on each command asks for it, there or
    in a file; a wrong one is refused and nothing is written. Removed, nothing is asked."""
    async with site(tmp_path) as (node, writes, command):
        name = node.asset(GX).name
        relay = ("control", GX, "relay-2", "on", "--confirm", name)
        typed: list[str] = []
        monkeypatch.setattr("getpass.getpass", lambda *_: typed.pop(0))
        assert await command("control", "--set-pin") == 1
        assert "type it at a terminal" in capsys.readouterr().err
        monkeypatch.setattr(sys, "stdin", Typing())
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        for words, said in ((["4938", "4939"], "two PINs"), (["12"], "4 to 12 digits")):
            typed[:] = words
            assert await command("control", "--set-pin") == 1
            assert said in capsys.readouterr().err
        typed[:] = ["4938", "4938"]
        assert await command("control", "--set-pin") == 0
        assert "Commands take it from now on" in capsys.readouterr().out
        typed[:] = ["1111"]
        assert await command(*relay) == 1
        assert "that is not the PIN" in capsys.readouterr().err
        assert writes == []
        typed[:] = ["4938"]
        assert await command(*relay) == 0
        assert "Confirmed" in capsys.readouterr().out
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        assert await command(*relay) == 1
        assert "--pin-file" in capsys.readouterr().err
        file = tmp_path / "pin"
        file.write_text("4938\n")
        assert await command("control", GX, "lock", "feeder") == 0
        assert await command("control", GX, "unlock", "--pin-file", str(file)) == 0
        assert len(writes) == 1
        monkeypatch.setattr(sys, "stdin", Typing())
        typed[:] = ["4938"]  # asked for of everybody but root
        assert await command("control", "--remove-pin") == 0
        assert "no PIN any more" in capsys.readouterr().out
        with pytest.raises(SystemExit) as wrong:
            await command("control")
        assert wrong.value.code == 2


async def test_a_killed_collector_goes_on_with_nothing(tmp_path, capsys):
    """SIGKILL while a setpoint stands: nothing is released, the next collector writes nothing and
    keeps nothing up, and says that the override stands still."""
    async with SimulatedSite(assets=2, seed=2) as sim:
        port = next(device["port"] for device in sim.devices if device["id"] == GX)
        make_home(tmp_path, sim.devices, sim.assets)

        async def offered():
            """The setpoint, once the asset lives."""
            async with asyncio.timeout(60):
                while True:
                    words = ["--home", str(tmp_path), "control", GX, "--json"]
                    if await asyncio.to_thread(main, words) == 0:
                        told = json.loads(capsys.readouterr().out.splitlines()[-1])
                        found = [o for o in told["offers"] if o["command"] == "grid-setpoint"]
                        if found and not told["why_not"] and not found[0]["impossible"]:
                            return found[0]
                    await asyncio.sleep(0.2)

        async with aiomqtt.Client("127.0.0.1", port) as ear:
            await ear.subscribe("W/#")
            writes: list[str] = []
            listening = asyncio.create_task(_listen(ear, writes))
            first = start("collect", home=tmp_path, log=tmp_path / "first.log")
            await offered()
            words = ["--home", str(tmp_path), "control", GX, "grid-setpoint", "2000"]
            assert await asyncio.to_thread(main, [*words, "--for", "10m"]) == 0
            assert (await offered())["holds"].startswith("grid setpoint 2000 W")
            first.kill()
            first.wait()
            second = start("collect", home=tmp_path, log=tmp_path / "second.log")
            found = await offered()
            assert (found["value"], found["holds"]) == (2000.0, "")
            assert writes == ["hub4/0/Overrides/Setpoint"]
            second.terminate()
            assert await asyncio.to_thread(second.wait, 30) == 0
            assert writes == ["hub4/0/Overrides/Setpoint"]
            listening.cancel()
