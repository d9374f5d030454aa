"""The registry's file over the API: its tables without secrets, and replacing it as a whole."""

from collections.abc import Mapping
from typing import Any

from collector.config.load import LoadedRegistry, check_registry, load_registry
from collector.config.paths import Home
from collector.config.problems import ConfigError
from collector.config.write import read_tables, revision_of, save_registry
from collector.profiles.inspect import of_devices
from collector.wire import RegistryAnswer

NO_FILE = "none"
"""The ETag's text while there is no registry.toml."""
OLDER = "gx_systems.json is read as long as there is no registry.toml: saving one replaces it"
_HIDDEN = ("password", "secret", "token", "passphrase", "pin", "key")
_REFERS = ("_secret", "_env")


class RegistryDesk:
    """Reads and replaces `registry.toml` of `home`. Its methods block on the disk: run them in a
    thread. `environ` is what `…_env` keys refer to."""

    def __init__(self, home: Home, environ: Mapping[str, str]) -> None:
        self._home = home
        self._environ = environ

    def read(self) -> RegistryAnswer:
        """What the file says. Raises ConfigError when it is no TOML, HomeError for the disk."""
        tables, revision = read_tables(self._home)
        older = not revision and self._home.gx_systems_json.exists()
        return RegistryAnswer(
            registry=without_secrets(tables), etag=etag(revision), notes=(OLDER,) if older else ()
        )

    def lenient(self) -> RegistryAnswer:
        """The same; of a file that is no TOML, no tables. Raises HomeError."""
        try:
            return self.read()
        except ConfigError:
            return RegistryAnswer(registry={}, etag=self.standing())

    def standing(self) -> str:
        """The ETag of the file as it is now. Raises HomeError."""
        return etag(revision_of(self._home))

    def check(self, tables: Mapping[str, Any]) -> RegistryAnswer:
        """What `tables` would be as the registry. Raises ConfigError with all problems."""
        checked = self._checked(tables)
        return RegistryAnswer(
            registry=without_secrets(tables), etag=etag(checked.revision), notes=checked.notes
        )

    def replace(
        self, tables: Mapping[str, Any], expect: str
    ) -> tuple[LoadedRegistry, RegistryAnswer]:
        """Make `tables` the registry if the file is still at the ETag `expect`.

        Raises ConfigError with all problems, RegistryChanged, HomeError; then the old one stands.
        """
        checked = self._checked(tables)
        revision = save_registry(self._home, tables, _revision(expect))
        told = RegistryAnswer(
            registry=without_secrets(tables), etag=etag(revision), notes=checked.notes
        )
        return checked, told

    def _checked(self, tables: Mapping[str, Any]) -> LoadedRegistry:
        """A sound registry whose new devices have profiles that can be used: what a person did to
        a profile of another device holds up no change. Raises ConfigError."""
        checked = check_registry(self._home, self._environ, tables)
        try:
            present = load_registry(self._home, self._environ).devices
        except ConfigError:
            present = ()
        known = {(one.id, one.kind, one.profile) for one in present}
        new = [one for one in checked.devices if (one.id, one.kind, one.profile) not in known]
        problems = of_devices(self._home.config, self._home.registry_toml, new)
        if problems:
            raise ConfigError(problems)
        return checked


def etag(revision: str) -> str:
    """The ETag of the file at this revision."""
    return f'"{revision or NO_FILE}"'


def _revision(tag: str) -> str:
    text = tag.strip('"')
    return "" if text == NO_FILE else text


def matches(if_match: str, standing: str) -> bool:
    """Whether an If-Match header names the file that stands (RFC 9110: strongly compared)."""
    tags = [tag.strip() for tag in if_match.split(",")]
    return standing in tags or ("*" in tags and standing != etag(""))


def without_secrets(value: Any) -> Any:
    """The same tables, each text that stands where a password or token would made empty.

    None can stand there in a sound registry, which only refers to secrets; a hand edit may.
    """
    if isinstance(value, Mapping):
        return {
            key: "" if _hidden(key) and not isinstance(part, Mapping | list) else
            without_secrets(part)
            for key, part in value.items()
        }  # fmt: skip
    if isinstance(value, list | tuple):
        return [without_secrets(part) for part in value]
    return value


def _hidden(key: str) -> bool:
    words = key.lower().replace("-", "_")
    return not words.endswith(_REFERS) and any(
        part == hidden for part in words.split("_") for hidden in _HIDDEN
    )


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Which devices came, went and changed, and of which other assets something else is said, in
    one line: an `[[asset]]` that comes or goes adds or removes no asset."""
    old, new = _by_id(before.get("device")), _by_id(after.get("device"))
    came, went = new.keys() - old.keys(), old.keys() - new.keys()
    said = _differing(_by_id(before.get("asset")), _by_id(after.get("asset")))
    parts = (
        ("added device", came),
        ("removed device", went),
        ("changed device", _differing(old, new) - came - went),
        ("changed asset", {one for one in said if one.partition(".")[0] not in came | went}),
    )
    return (
        "; ".join(f"{word} {', '.join(sorted(names))}" for word, names in parts if names)
        or "nothing changed"
    )


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _by_id(entries: object) -> dict[str, Any]:
    found = entries if isinstance(entries, list | tuple) else ()
    return {str(one.get("id")): one for one in found if isinstance(one, Mapping)}
