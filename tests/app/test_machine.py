"""The computer under the collector, and how sources failed last, as health tells them."""

import os
import platform
import sqlite3

import pytest

from collector.app.machine import Machine, memory_of, system_of
from collector.app.surroundings import Disk, disk_of
from collector.client import Client
from tests.support.nodes import make_home, running
from tests.support.ports import free_port

MEMINFO = (
    "MemTotal:       16000 kB\nMemFree:  10 kB\nMemAvailable:    4000 kB\nHugePages_Total: 0\n"
)


def test_it_is_looked_at_every_five_seconds(tmp_path) -> None:
    """Whoever asks more often gets what was seen, be they many; units are bytes and seconds."""
    memory, system = tmp_path / "meminfo", tmp_path / "os-release"
    memory.write_text(MEMINFO)
    system.write_text('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12"\n')
    now, asked = [100.0], []

    def disk():
        asked.append(1)
        return Disk(5, 9)

    machine = Machine(disk, mono=lambda: now[0], memory=memory, system=system)
    first = machine.health()
    assert (first.memory_free_bytes, first.memory_size_bytes) == (4_096_000, 16_384_000)
    assert (first.disk_free_bytes, first.disk_size_bytes) == (5, 9)
    assert first.system == "Debian GNU/Linux 12"
    now[0] += 4.9
    assert machine.health() is first
    now[0] += 0.1
    assert machine.health() is not first
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["", "MemTotal:\n", "MemTotal: many kB\n", "\xff\xfe"])
def test_what_it_does_not_tell_is_unknown(tmp_path, text) -> None:
    """A machine without these files, or with others, has no numbers rather than wrong ones."""
    file = tmp_path / "meminfo"
    file.write_bytes(text.encode("latin-1"))
    assert memory_of(file) == (None, None)
    assert memory_of(tmp_path / "none") == (None, None)
    assert system_of(tmp_path / "none") == system_of(file) == ""
    health = Machine(lambda: None, memory=file, system=file).health()
    assert (health.disk_free_bytes, health.memory_size_bytes) == (None, None)


async def test_a_running_collector_tells(tmp_path) -> None:
    """Health has the disk of the state folder, memory, load, versions, and the newest failure of a
    source. A viewer sees how full it is, not what runs there nor what failed."""
    port = free_port()
    device = {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": port}
    home = make_home(tmp_path, [device | {"asset_kind": "load"}])
    async with running(home) as node:
        await node.until(lambda: node.snapshot.sources[0].state == "backoff", 20)
        async with Client(home.operator_socket) as client:
            told = await client.health()
        async with Client(home.viewer_socket) as client:
            seen = await client.health()
        disk = disk_of(home.state)
    machine = told.machine
    assert disk is not None
    assert machine.disk_size_bytes == disk.size
    assert 0 < (machine.memory_free_bytes or 0) < (machine.memory_size_bytes or 0)
    assert machine.cores == len(os.sched_getaffinity(0))
    assert machine.load is not None
    assert (machine.python, machine.sqlite, machine.kernel) == (
        platform.python_version(),
        sqlite3.sqlite_version,
        platform.release(),
    )
    assert (machine.up_s or 0) > 0
    assert [failure.device for failure in told.failures] == ["stage-a"]
    assert told.failures[0].cause
    assert told.failures[0].at_ms >= told.health.started_ms
    assert seen.machine.disk_size_bytes == disk.size
    assert (seen.machine.kernel, seen.machine.python, seen.failures) == ("", "", ())
