"""Which folders a node uses."""

import os
from pathlib import Path

import pytest

from collector.config.paths import SOCKET_PATH_BYTES, Home, find_home, settings_file
from collector.config.problems import HomeError


def found(tmp_path, option=None, *, system=False, **environ) -> tuple[str, str, str]:
    """The folders for these settings, with or without a system's node.toml."""
    etc = tmp_path / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "node.toml").unlink(missing_ok=True)
    if system:
        (etc / "node.toml").touch()
    home = find_home(option, {"HOME": "/home/u", **environ}, system_config=etc)
    config = str(home.config).replace(str(etc), "/etc/ovr")
    return config, str(home.state), str(home.run)


def test_option_then_variable(tmp_path) -> None:
    """`--home` beats OVR_HOME, and OVR_HOME beats everything else."""
    environ = {"OVR_HOME": "/v", "OVR_STATE_DIR": "/s"}
    assert found(tmp_path, "/o", system=True, **environ) == ("/o/config", "/o/state", "/o/run")
    assert found(tmp_path, system=True, **environ) == ("/v/config", "/v/state", "/v/run")


def test_single_variables(tmp_path) -> None:
    """Each single variable replaces one folder, of the system or of the user."""
    assert found(tmp_path, system=True, OVR_RUN_DIR="/r") == ("/etc/ovr", "/var/lib/ovr", "/r")
    assert found(tmp_path, OVR_CONFIG_DIR="/c") == (
        "/c", "/home/u/.local/state/ovr", "/home/u/.local/state/ovr/run",
    )  # fmt: skip


def test_system(tmp_path) -> None:
    """With a system's node.toml its folders are used by every user."""
    assert found(tmp_path, system=True) == ("/etc/ovr", "/var/lib/ovr", "/run/ovr")


def test_user(tmp_path) -> None:
    """Else the XDG folders; relative values count as unset."""
    assert found(tmp_path, XDG_CONFIG_HOME="/x", XDG_STATE_HOME="rel") == (
        "/x/ovr", "/home/u/.local/state/ovr", "/home/u/.local/state/ovr/run",
    )  # fmt: skip


def test_paths_are_absolute(tmp_path, monkeypatch) -> None:
    """A relative home is meant from where the command was given."""
    monkeypatch.chdir(tmp_path)
    assert find_home("demo", {}).config == tmp_path / "demo" / "config"


def test_made_with_right_modes(tmp_path) -> None:
    """Made folders get their modes whatever the umask; those that exist keep theirs."""
    home = find_home(str(tmp_path / "h"), {})
    home.run.mkdir(parents=True, mode=0o700)
    before = os.umask(0o077)
    try:
        home.ensure()
        home.ensure()
    finally:
        os.umask(before)
    modes = [folder.stat().st_mode & 0o777 for folder in (home.config, home.state, home.run)]
    assert modes == [0o755, 0o750, 0o700]


def test_cannot_be_made(tmp_path) -> None:
    """A file in the way of a folder is told with what to do."""
    (tmp_path / "h").write_text("")
    with pytest.raises(HomeError, match=r"the folder cannot be made: .*--home"):
        find_home(str(tmp_path / "h"), {}).ensure()


def test_socket_paths(tmp_path) -> None:
    """A path of 107 bytes (not characters) passes for a socket, one of 108 is refused by name."""

    def home(size: int) -> Home:
        run = "/" + "é" * ((size - 14) // 2) + "r" * (size % 2)
        return Home(config=tmp_path, state=tmp_path, run=type(tmp_path)(run))

    fits = home(SOCKET_PATH_BYTES + 1 - 1)
    assert len(os.fsencode(fits.viewer_socket)) <= SOCKET_PATH_BYTES
    fits.check_sockets()
    with pytest.raises(HomeError, match=r"at most 107 bytes, this one has \d+ \(choose a shorter"):
        home(SOCKET_PATH_BYTES + 9).check_sockets()


def test_folder_of_nobody(tmp_path) -> None:
    """A folder below that of a user who does not exist is told, not a fault."""
    with pytest.raises(HomeError, match="no such user"):
        found(tmp_path, "~nobody-here/ovr")


def test_choices_of_a_person_are_kept_in_their_own_folder(tmp_path) -> None:
    """Below the home that was named, else in the user's folder; never in the system's."""
    env = {"HOME": str(tmp_path), "OVR_CONFIG_DIR": "/etc/ovr"}
    assert settings_file(None, env) == tmp_path / ".config" / "ovr" / "console.toml"
    assert settings_file("/srv/x", env) == Path("/srv/x/config/console.toml")
    env["OVR_HOME"] = "/srv/y"
    assert settings_file(None, env) == Path("/srv/y/config/console.toml")
