"""The command line."""

import json
import subprocess
import sys

import pytest

from ovr_tui.cli import COMMANDS


def ovr(*words, home=None, **more):
    """Run `ovr`."""
    where = ["--home", str(home)] if home else []
    return subprocess.run(
        [sys.executable, "-m", "ovr_tui.cli", *where, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        **more,
    )


def test_version():
    """`ovr --version` says so and ends with 0."""
    done = ovr("--version")
    assert (done.returncode, done.stdout) == (0, "ovr 0.1.0\n")


def test_help_names_every_command():
    """All commands are in the help."""
    done = ovr("--help")
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name):
    """Every command loads and explains itself."""
    done = ovr(name, "--help")
    assert done.returncode == 0
    assert f"ovr {name}" in done.stdout


def test_wrong_usage():
    """A command that does not exist is wrong usage: 2."""
    assert ovr("dance").returncode == 2


def test_only_the_console_is_read_only():
    """`--view` before a command is wrong usage: it would not keep that from changing anything."""
    done = ovr("--view", "status")
    assert done.returncode == 2
    assert "--view is the console's" in done.stderr


def test_bad_configuration(tmp_path):
    """Every command that needs the configuration says all that is wrong; it ends with 78."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "node.toml").write_text("[node]\nid = 7\n")
    (config / "registry.toml").write_text('version = 1\n[[device]]\nid = "A b"\nkind = "gx"\n')
    for command in ("check", "collect"):
        done = ovr(command, home=tmp_path)
        assert done.returncode == 78, done.stderr
        assert "node.toml:2" in done.stderr
        assert "registry.toml:" in done.stderr


def test_status_without_collector(tmp_path):
    """Without a collector `ovr status` says that none runs, and how to get one."""
    done = ovr("status", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("ovr: ")


def test_console_needs_a_terminal(tmp_path):
    """Without a terminal the console says what to use instead."""
    done = ovr(home=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "ovr status" in done.stderr


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("ovr_tui.cli", ["textual", "pymodbus", "aiomqtt", "starlette", "httpx"]),
        ("ovr_tui.commands.collect, collector.app.collector", ["textual", "plotext"]),
    ],
)
def test_lazy_imports(modules, absent):
    """The command line loads no libraries by itself, and the collector no screen."""
    code = f"import sys, json, {modules}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert not [name for name in absent if name in loaded]
