"""The command line: the composition root, together with `ovr_tui.commands`.

Each command is a module with `add(commands)`, which registers its parser, and `run(args, home)`,
which returns the exit status. Modules are imported only when their command is the one that runs,
so that `ovr --version` and `ovr collect` load no Textual.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from collector import __version__

DONE, FAILED, USAGE, CONFIG = 0, 1, 2, 78

COMMANDS = {
    "collect": "the collector without a screen (what systemd runs)",
    "kiosk": "read-only display, pages take turns; --public: chosen figures only",
    "demo": "a simulated site behind real protocols, and the console on it",
    "simulate": "only the simulated devices",
    "status": "how the running collector and its assets are",
    "check": "check the configuration and say all that is wrong",
    "read": "one poll of one device, raw beside decoded",
    "discover": "look for devices in the local networks, or at named addresses",
    "registry": "the devices of this node: list, add, change, remove, import, undo",
    "asset": "list assets, say what stands where and what belongs to what",
    "event": "jobs: list, create, start, who takes part, end; export, import, merge",
    "report": "reports: list, build, show, release, export, verify",
    "log": "fuel delivered, dips, hour meters, readings, notes",
    "correct": "how measured data is to be read otherwise in reports",
    "alarm": "list alarms, acknowledge and shelve them",
    "control": "what a device can be told, and telling it; lockouts",
    "journal": "the durable log of samples: state, what was refused of it",
    "clock": "whether the clock is right; say that it is",
    "audit": "who changed what, the newest first",
}

ROOT_PARSER = "ovr"


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"ovr_tui.commands.{name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=ROOT_PARSER,
        description="Telemetry and control of temporary power. Without a command: the console.",
        allow_abbrev=False,  # `_wanted` reads whole words
    )
    parser.add_argument("--version", action="version", version=f"ovr {__version__}")
    parser.add_argument(
        "--home",
        metavar="DIR",
        help="keep config/, state/ and run/ below DIR (default: OVR_HOME, else the system's)",
    )
    parser.add_argument(
        "--view", action="store_true", help="the console read-only, as viewers have it"
    )
    parser.add_argument(
        "--slow",
        action="store_true",
        default=None,
        help="the console for a thin line: painted every 5 s, in 16 colours (OVR_LINK=slow)",
    )
    return parser


def _build(wanted: str | None) -> argparse.ArgumentParser:
    """The whole parser; only the wanted command's own arguments are loaded."""
    parser = _parser()
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, text in COMMANDS.items():
        if name == wanted:
            _module(name).add(commands)
        else:
            commands.add_parser(name, help=text)
    return parser


def _wanted(argv: Sequence[str]) -> str | None:
    skip = False
    for word in argv:
        if skip:
            skip = False
        elif word == "--home":
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 usage, 78 configuration."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _build(_wanted(words))
    args = parser.parse_args(words)
    if args.view and args.command:
        parser.error("--view is the console's: it takes no command")
    from collector.config.paths import find_home
    from collector.config.problems import ConfigError
    from collector.errors import OvrError

    try:
        home = find_home(args.home, os.environ)
        run = _module(args.command or "console").run
        status: int = run(args, home)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return CONFIG
    except OvrError as error:
        print(f"ovr: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return status


if __name__ == "__main__":
    sys.exit(main())
