"""Reads everything that configures a node, and tells everything that is wrong with it at once."""

import hashlib
import os
from collections.abc import Mapping

from msgspec import Struct

from collector.config.document import Document, Report, file_problem, parse_document, read_document
from collector.config.gx_import import read_gx_systems
from collector.config.node import NodeConfig, read_node
from collector.config.outside import Outside
from collector.config.paths import Home
from collector.config.problems import ConfigError, Problem, in_order
from collector.config.registry import Registry, read_registry
from collector.config.secrets import read_secrets
from collector.config.write import as_toml
from collector.model.assets import AssetSettings, Device, Link


class LoadedRegistry(Struct, frozen=True, kw_only=True):
    """A sound registry. `notes` are hints for people about what works, but not as one may think;
    `revision` names the bytes that were read ("" when there are none)."""

    devices: tuple[Device, ...]
    settings: Mapping[str, AssetSettings]
    links: tuple[Link, ...]
    notes: tuple[str, ...]
    revision: str


class Loaded(Struct, frozen=True, kw_only=True):
    """A sound configuration. `node_notes` are hints about the node, as the registry's are."""

    node: NodeConfig
    registry: LoadedRegistry
    node_notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All hints."""
        return (*self.node_notes, *self.registry.notes)

    @property
    def devices(self) -> tuple[Device, ...]:
        """The registry's devices."""
        return self.registry.devices

    @property
    def settings(self) -> Mapping[str, AssetSettings]:
        """What the registry says of assets."""
        return self.registry.settings

    @property
    def links(self) -> tuple[Link, ...]:
        """The registry's links."""
        return self.registry.links

    @property
    def revision(self) -> str:
        """Of the registry."""
        return self.registry.revision


def load(home: Home, environ: Mapping[str, str]) -> Loaded:
    """Read node.toml, registry.toml (else gx_systems.json) and secrets.toml of `home`.

    Every file may be missing. Raises ConfigError with all problems of all files.
    """
    problems: list[Problem] = []
    node_notes: list[Problem] = []
    notes: list[Problem] = []
    outside = Outside(environ, read_secrets(home, problems.append))
    node = _node(home, outside, environ, problems.append, node_notes.append)
    registry = _registry(home, outside, problems.append, notes.append)
    loaded = _alone(registry, outside, problems, notes)
    return Loaded(node=node, registry=loaded, node_notes=_texts(node_notes))


def load_registry(home: Home, environ: Mapping[str, str]) -> LoadedRegistry:
    """Read the registry (and secrets) alone, as after an edit. Raises ConfigError with all
    problems; then the registry that is in force stays so."""
    problems: list[Problem] = []
    notes: list[Problem] = []
    outside = Outside(environ, read_secrets(home, problems.append))
    registry = _registry(home, outside, problems.append, notes.append)
    return _alone(registry, outside, problems, notes)


def check_registry(
    home: Home, environ: Mapping[str, str], tables: Mapping[str, object]
) -> LoadedRegistry:
    """What the registry would be with `tables` (see `write.save_registry`), without writing it.

    Raises ConfigError with all problems; their lines are those that the file would have.
    """
    problems: list[Problem] = []
    notes: list[Problem] = []
    content = as_toml(home.registry_toml, tables)
    revision = hashlib.sha256(content).hexdigest()
    name = str(home.registry_toml)
    doc = parse_document(name, content.decode(), revision, problems.append)
    outside = Outside(environ, read_secrets(home, problems.append))
    registry = Registry()
    if doc is not None:
        registry = read_registry(doc, outside, problems.append, notes.append)
    return _alone(registry, outside, problems, notes)


def _alone(
    registry: Registry, outside: Outside, problems: list[Problem], notes: list[Problem]
) -> LoadedRegistry:
    problems += outside.shared()
    if problems:
        raise ConfigError(problems)
    return LoadedRegistry(
        devices=registry.devices,
        settings=registry.settings,
        links=registry.links,
        notes=_texts(notes),
        revision=registry.revision,
    )


def _node(
    home: Home, outside: Outside, environ: Mapping[str, str], report: Report, note: Report
) -> NodeConfig:
    doc = read_document(home.node_toml, report)
    if doc is None:
        doc = Document(file=str(home.node_toml))
    return read_node(doc, outside, environ, report, note)


def _registry(home: Home, outside: Outside, report: Report, note: Report) -> Registry:
    problems: list[Problem] = []
    doc = read_document(home.registry_toml, problems.append)
    for problem in problems:
        report(problem)
    if problems:
        return Registry()
    if doc is not None:
        return read_registry(doc, outside, report, note)
    if os.path.lexists(home.gx_systems_json):  # a broken link is told
        return read_gx_systems(home.gx_systems_json, report, note)
    hint = "write it: each [[device]] takes an id, a kind and a host"
    note(file_problem(home.registry_toml, "there is no registry, hence no device", hint))
    return Registry()


def _texts(notes: list[Problem]) -> tuple[str, ...]:
    return tuple(str(note) for note in in_order(notes))


def secrets_of(node: NodeConfig, registry: LoadedRegistry) -> tuple[str, ...]:
    """Every password and token that this configuration uses, to keep them out of what is shown."""
    sinks = [secret for sink in node.sinks.values() for secret in (sink.token, sink.password)]
    cloud = node.cloud.token if node.cloud is not None else ""
    devices = [device.password for device in registry.devices]
    return tuple(filter(None, (*node.tokens.values(), *sinks, cloud, *devices)))
