"""`ovr registry`: the devices of this node, and every change of them."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from collector.config.csv_import import TEMPLATE, merged, read_csv
from collector.config.gx_tables import gx_tables
from collector.config.load import load_registry
from collector.config.paths import Home
from collector.config.typed import asset_keys, device_keys, typed
from collector.errors import OvrError
from collector.model import tables as edit
from collector.model.text import clean
from collector.wire import ReasonRequest, RegistryAnswer
from ovr_tui.commands import pair, test_connection
from ovr_tui.commands.ask import ask, print_json
from ovr_tui.commands.registry_desk import Edit, change, keep_secret, runs, take_back
from ovr_tui.commands.registry_list import as_object, print_table

PAIRS = "KEY=VALUE"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    text = "the devices of this node: list, add, change, remove, test, import, undo"
    actions = commands.add_parser("registry", help=text).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    listing = actions.add_parser("list", help="every device that is registered")
    adding = actions.add_parser("add", help="a further device: kind=gx host=10.0.0.5 name=…")
    adding.add_argument("id", metavar="ID", help="its id, which stays for ever")
    setting = actions.add_parser("set", help="other keys of a device, or of an asset")
    setting.add_argument("id", metavar="ID", help="a device, or an asset such as bess-1.genset")
    setting.add_argument(
        "--asset", action="store_true", help="ID is a device's main asset: keys of [[asset]]"
    )
    for action in (adding, setting):
        action.add_argument(
            "pairs", metavar=PAIRS, nargs="+", help="as in registry.toml; KEY= takes a key away"
        )
        action.add_argument(
            "--password", action="store_true", help="ask for its password, and keep it"
        )
    removing = actions.add_parser("remove", help="a device goes, its history stays")
    removing.add_argument("id", metavar="DEVICE")
    importing = actions.add_parser("import", help="many devices from CSV or gx_systems.json")
    importing.add_argument("file", nargs="?", metavar="FILE", help="- reads standard input")
    importing.add_argument("--template", action="store_true", help="print a CSV to fill in")
    pair.add(actions)
    test_connection.add(actions)
    applying = actions.add_parser("apply", help="bring registry.toml into force as it is")
    undoing = actions.add_parser("undo", help="put it back as it was before its last change")
    for action in (adding, setting, removing, importing):
        action.add_argument(
            "--dry-run", action="store_true", help="check it, and say what it would change"
        )
    for action in (adding, setting, removing, importing, applying, undoing):
        action.add_argument("--reason", default="", help="why, for the audit and the reports")
    for action in (listing, adding, setting, removing, importing, applying, undoing):
        action.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ConfigError when the registry is, or would be, broken; NotPossible and ApiError."""
    if args.action == "list":
        registry = load_registry(home, os.environ)
        print_json(as_object(registry)) if args.json else print_table(registry)
        return 0
    if args.action == "import" and args.template:
        sys.stdout.write(TEMPLATE)
        return 0
    if args.action == "pair":
        return pair.run(args, home)
    if args.action == "test":
        return test_connection.run(args, home)
    if args.action == "undo":
        return _undo(args, home)
    if args.action == "apply":
        return _apply(args, home)
    return _changed(args, home, _edit(args, home))


def _changed(args: argparse.Namespace, home: Home, wanted: Edit) -> int:
    if getattr(args, "password", False) and not args.dry_run:
        keep_secret(home, args.id, _password(args.id))
    done = change(home, wanted, reason=args.reason, dry_run=args.dry_run)
    return _told(args, home, done, "would be: " if args.dry_run else "")


def _told(args: argparse.Namespace, home: Home, done: RegistryAnswer, word: str = "") -> int:
    if args.json:
        print_json(done)
        return 0
    print(f"{word}{done.changes or 'nothing changed'}.")
    for note in done.notes:
        print(note, file=sys.stderr)
    if not word and not runs(home):
        print("No collector runs: it is in force when one starts.")
    return 0


def _edit(args: argparse.Namespace, home: Home) -> Edit:
    """What the command makes of the registry's tables."""
    if args.action == "remove":
        return lambda tables: edit.remove_device(tables, args.id)
    if args.action == "import":
        return _import(args, home)
    of_asset = args.action == "set" and (args.asset or "." in args.id)
    keys = asset_keys() if of_asset else device_keys()
    said = dict(_pair(pair) for pair in args.pairs)
    values = {key: typed(keys, key, text) for key, text in said.items()}
    if args.password:
        values["password_secret"] = args.id
    if args.action == "add":
        return lambda tables: edit.add_device(tables, {"id": args.id, **values})
    if of_asset:
        return lambda tables: edit.set_asset(tables, args.id, values)
    return lambda tables: edit.set_device(tables, args.id, values)


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise OvrError(f"{clean(text)}: expected {PAIRS}, like name='Stage A'")
    return key.strip(), value


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(f"Password of {name}: ")


def _import(args: argparse.Namespace, home: Home) -> Edit:
    file: str | None = args.file
    if file is None:
        raise OvrError("name a FILE, - for standard input, or --template for a table to fill in")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OvrError(f"{file} cannot be read as text: {error}") from error
    if text.lstrip()[:1] in ("{", "[") and file != "-":
        return _import_gx(Path(file), home, dry_run=args.dry_run)
    rows = read_csv("standard input" if file == "-" else file, text)
    return lambda tables: merged(tables, rows)


def _import_gx(file: Path, home: Home, *, dry_run: bool) -> Edit:
    found = gx_tables(file)
    for note in found.notes:
        print(note, file=sys.stderr)
    for name, password in found.secrets.items():
        if dry_run:
            print(f"would be kept: the password of {name}")
        else:
            keep_secret(home, name, password)
    return lambda tables: found.merged(tables, logins=not dry_run)


def _undo(args: argparse.Namespace, home: Home) -> int:
    changes = take_back(home, reason=args.reason)
    if args.json:
        print_json({"changes": changes})
        return 0
    print(f"{home.registry_toml} is as it was before its last change: {changes}.")
    print(f"What was taken back is kept as {home.registry_toml.name}.undone.")
    return 0


def _apply(args: argparse.Namespace, home: Home) -> int:
    if not runs(home):
        load_registry(home, os.environ)
        print("No collector runs; registry.toml is sound, and in force when one starts.")
        return 0
    waiting = ask(home, lambda client: client.get("/v1/registry", RegistryAnswer))
    body = ReasonRequest(reason=args.reason)
    done = ask(home, lambda client: client.post("/v1/registry/apply", RegistryAnswer, body))
    if args.json:
        print_json(done)
        return 0
    for line in waiting.waits:
        print(line)
    print("registry.toml is in force as it is.")
    return 0
