"""A node's configuration in a temporary folder, and what reading it says."""

import os
from collections.abc import Mapping
from pathlib import Path

from collector.config.load import Loaded, load
from collector.config.paths import Home, find_home
from collector.config.problems import ConfigError


def make_home(folder: Path, **files: str | bytes) -> Home:
    """A home below `folder` with these files: `node`, `registry`, `secrets`, `gx`."""
    home = find_home(str(folder), {})
    home.ensure()
    places = {
        "node": home.node_toml,
        "registry": home.registry_toml,
        "secrets": home.secrets_toml,
        "gx": home.gx_systems_json,
    }
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        places[name].write_bytes(raw)
        if name == "secrets":
            places[name].chmod(0o600)
    return home


def read(home: Home, environ: Mapping[str, str] | None = None) -> Loaded:
    """The loaded configuration."""
    return load(home, environ or {})


def problems(home: Home, environ: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with it, each line from the file's name on; none when it loads."""
    try:
        load(home, environ or {})
    except ConfigError as error:
        return [short(str(problem)) for problem in error.problems]
    return []


def short(line: str) -> str:
    """A message with the folder left out."""
    return line.replace(os.path.dirname(line.split(":")[0]) + "/", "")  # noqa: PTH120 text


DEVICE = '[[device]]\nid = "{id}"\nkind = "{kind}"\nhost = "{host}"\n'


def device(name: str = "bess-1", kind: str = "gx", host: str = "10.20.0.21", more: str = "") -> str:
    """One `[[device]]` in four lines and `more`."""
    return DEVICE.format(id=name, kind=kind, host=host) + (f"{more}\n" if more else "")
