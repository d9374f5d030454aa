"""Where a node keeps its files: three folders, found in one way by every command."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from collector.config.problems import HomeError
from collector.model.text import clean

SYSTEM_CONFIG = Path("/etc/ovr")
SYSTEM_STATE = Path("/var/lib/ovr")
SYSTEM_RUN = Path("/run/ovr")

SOCKET_PATH_BYTES = 107
"""The longest path that Linux takes for a Unix socket (`sun_path` of unix(7), less its NUL)."""

_OPEN_TO_ALL = 0o755
_OWN = 0o750


class Home(Struct, frozen=True, kw_only=True):
    """The folders of one node. Absolute paths; none of them need exist."""

    config: Path
    state: Path
    run: Path

    @property
    def node_toml(self) -> Path:
        """What a person writes about the node."""
        return self.config / "node.toml"

    @property
    def registry_toml(self) -> Path:
        """Devices and assets."""
        return self.config / "registry.toml"

    @property
    def secrets_toml(self) -> Path:
        """Passwords and tokens by name, mode 0600."""
        return self.config / "secrets.toml"

    @property
    def gx_systems_json(self) -> Path:
        """The older stack's registry, read where there is no `registry.toml`."""
        return self.config / "gx_systems.json"

    @property
    def journal_db(self) -> Path:
        """The durable log of samples."""
        return self.state / "journal.db"

    @property
    def node_db(self) -> Path:
        """Everything else that outlives a restart."""
        return self.state / "node.db"

    @property
    def lock(self) -> Path:
        """Held by the node's one collector."""
        return self.state / "collector.lock"

    @property
    def operator_socket(self) -> Path:
        """The local API for operators."""
        return self.run / "ovr.sock"

    @property
    def viewer_socket(self) -> Path:
        """The local API for those who may only look."""
        return self.run / "view.sock"

    def ensure(self) -> None:
        """Make the folders that are missing: config and run readable by all, state by the group.

        Folders that exist keep their mode. Raises HomeError when one cannot be made, or when the
        path of a socket would be too long.
        """
        self.check_sockets()
        for folder, mode in (
            (self.config, _OPEN_TO_ALL),
            (self.state, _OWN),
            (self.run, _OPEN_TO_ALL),
        ):
            _make(folder, mode)

    def check_sockets(self) -> None:
        """Raises HomeError when Linux would refuse the path of a socket."""
        for socket in (self.operator_socket, self.viewer_socket):
            size = len(os.fsencode(socket))
            if size > SOCKET_PATH_BYTES:
                raise HomeError(
                    f"{socket}: the path of a socket takes at most {SOCKET_PATH_BYTES} bytes, this "
                    f"one has {size} (choose a shorter --home, or a short OVR_RUN_DIR)"
                )


def find_home(
    option: str | None, environ: Mapping[str, str], *, system_config: Path = SYSTEM_CONFIG
) -> Home:
    """The folders that a command works on.

    `--home` (`option`), else `OVR_HOME`: three folders below it. Else the system's folders if
    there is a node.toml in `system_config`, else the user's by the XDG rules with the sockets
    below the state; each of OVR_CONFIG_DIR, OVR_STATE_DIR and OVR_RUN_DIR replaces one of them.
    Raises HomeError for a folder below `~user` when there is no such user.
    """
    below = option or environ.get("OVR_HOME")
    if below:
        top = _absolute(below)
        return Home(config=top / "config", state=top / "state", run=top / "run")
    if _is_file(system_config / "node.toml"):
        home = Home(config=system_config, state=SYSTEM_STATE, run=SYSTEM_RUN)
    else:
        state = _xdg(environ, "XDG_STATE_HOME", ".local/state")
        home = Home(
            config=_xdg(environ, "XDG_CONFIG_HOME", ".config"), state=state, run=state / "run"
        )
    return Home(
        config=_given(environ, "OVR_CONFIG_DIR", home.config),
        state=_given(environ, "OVR_STATE_DIR", home.state),
        run=_given(environ, "OVR_RUN_DIR", home.run),
    )


def settings_file(option: str | None, environ: Mapping[str, str]) -> Path:
    """Where a person's choices on their console are kept: below the home that was named, so that
    it leaves no trace elsewhere, else in the user's own folder, never in the system's."""
    below = option or environ.get("OVR_HOME")
    if below:
        return _absolute(below) / "config" / "console.toml"
    return _xdg(environ, "XDG_CONFIG_HOME", ".config") / "console.toml"


def _absolute(path: str) -> Path:
    try:
        expanded = Path(path).expanduser()
    except RuntimeError as why:
        raise HomeError(
            f"{clean(path)}: there is no such user, or nobody knows the user's folder (write the "
            "path from / on)"
        ) from why
    return Path(os.path.abspath(expanded))  # noqa: PTH100 keeps links as they are


def _given(environ: Mapping[str, str], name: str, otherwise: Path) -> Path:
    value = environ.get(name)
    return _absolute(value) if value else otherwise


def _xdg(environ: Mapping[str, str], name: str, below_home: str) -> Path:
    """The user's folder for `ovr`; a relative value counts as unset, as the XDG rules say."""
    value = environ.get(name, "")
    if value.startswith("/"):
        return _absolute(value) / "ovr"
    return _absolute(environ.get("HOME") or "~") / below_home / "ovr"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:  # then it is there, for others: the system's node
        return True


def _make(folder: Path, mode: int) -> None:
    try:
        if folder.is_dir():
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)
        folder.chmod(mode)  # whatever the umask
    except OSError as why:
        raise HomeError(
            f"{folder}: the folder cannot be made: {why.strerror} "
            "(make it for this user, or choose another with --home)"
        ) from why
