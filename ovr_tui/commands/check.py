"""`ovr check`: read the configuration and say all that is wrong with it."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator

from collector.config.load import Loaded, load
from collector.config.paths import Home
from collector.config.problems import EXIT_STATUS, ConfigError
from collector.profiles.inspect import problems_of


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    commands.add_parser("check", help="check the configuration and say all that is wrong")


def run(args: argparse.Namespace, home: Home) -> int:
    """Problems go to stderr, with status 78; without any, a summary is printed."""
    home.check_sockets()
    try:
        loaded = _load(home)
    except ConfigError as error:
        print(error, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' if count > 1 else ''} to mend.", file=sys.stderr)
        return EXIT_STATUS
    for line in summary(home, loaded):
        print(line)
    return 0


def _load(home: Home) -> Loaded:
    """The configuration, with every profile in it. Raises ConfigError."""
    loaded = load(home, os.environ)
    problems = problems_of(home.config, home.registry_toml, loaded.devices)
    if problems:
        raise ConfigError(problems)
    return loaded


def summary(home: Home, loaded: Loaded) -> Iterator[str]:
    """What was read, in lines for people; no secret is among it."""
    node = loaded.node
    place = f" at {node.latitude:g}, {node.longitude:g}" if node.latitude is not None else ""
    yield f"Node {node.id}, site {node.site}, time zone {node.timezone}{place}"
    yield f"Configuration in {home.config}, state in {home.state}, sockets in {home.run}"
    if not node.sinks:
        yield "Sinks: none; samples stay in the journal, and a sink added later gets them"
    for sink in node.sinks.values():
        login = ", with token" if sink.token else ", with password" if sink.password else ""
        yield f"Sink {sink.name}: {sink.write_url}, every {sink.flush_s:g} s{login}"
    kinds = Counter(device.kind.value for device in loaded.devices)
    counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    disabled = sum(not device.enabled for device in loaded.devices)
    yield (
        f"Devices: {len(loaded.devices)}"
        + (f" ({counted})" if counted else "")
        + (f", {disabled} disabled" if disabled else "")
    )
    yield f"Assets described: {len(loaded.settings)}, links: {len(loaded.links)}"
    for note in loaded.notes:
        yield f"Note: {note}"
    yield "The configuration is sound."
