"""Writes the generated parts of the documents; with `--check` only says which are not true.

`docs/measurements.md` comes from the catalogue as a whole, `docs/victron.md` from the table of what
is read of a GX, `docs/openapi.json` from the local API's
table of endpoints, `docs/profile.schema.json` from the language of profiles,
`docs/report.schema.json` from the structs of reports, the keys in `docs/console.md` from the
bindings. In
`docs/configuration.md` and `docs/profiles.md` the tables of keys between `<!-- keys: NAME -->` and
`<!-- end -->` come from the structs that are read.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo

from collector.config.assets import AssetTable
from collector.config.devices import DeviceTable
from collector.config.figures import (
    AlarmSettings,
    CarbonSettings,
    FuelSettings,
    ReportSettings,
    TariffBand,
    TariffSettings,
)
from collector.config.node import NodeTable
from collector.config.services import (
    CloudSettings,
    DiscoverySettings,
    JournalSettings,
    ListenSettings,
    ListenToken,
    RetentionSettings,
    SinkTable,
)
from collector.config.words import expected, is_secret
from collector.model.catalogue import CATALOGUE, Measurement
from collector.model.kinds import AssetKind
from collector.model.rollup_keys import BY_KEY
from collector.profiles import language as profile
from collector.profiles.schema import schema_text
from collector.serve import openapi
from reporting.schema import schema_text as report_schema
from scripts import console_docs, victron_docs

DOCS = Path(__file__).parent.parent / "docs"

TABLES: Mapping[str, type[Struct]] = {
    "node": NodeTable,
    "sinks.NAME": SinkTable,
    "journal": JournalSettings,
    "cloud": CloudSettings,
    "listen": ListenSettings,
    "listen.token": ListenToken,
    "discovery": DiscoverySettings,
    "retention": RetentionSettings,
    "alarms": AlarmSettings,
    "fuel": FuelSettings,
    "carbon": CarbonSettings,
    "tariff": TariffSettings,
    "tariff.band": TariffBand,
    "report": ReportSettings,
    "device": DeviceTable,
    "asset": AssetTable,
}
PROFILE_TABLES: Mapping[str, type[Struct]] = {
    "profile": profile.ProfileTable,
    "profile.modbus": profile.ModbusTable,
    "profile.sunspec": profile.SunSpecTable,
    "profile.http": profile.HttpTable,
    "profile.request": profile.RequestTable,
    "profile.role": profile.RoleTable,
    "profile.identity": profile.IdentityTable,
    "profile.fingerprint": profile.FingerprintTable,
    "profile.block": profile.BlockTable,
    "profile.point": profile.PointTable,
    "profile.when": profile.ConditionTable,
    "profile.repeat": profile.RepeatTable,
    "profile.computed": profile.ComputedTable,
    "profile.alarm": profile.AlarmTable,
}

TYPES = {"gauge": "Gauges", "counter": "Counters", "state": "States"}
INTRO = """# Measurements

<!-- Generated from collector/model/catalogue.py by `make docs`. -->

Every quantity that the program knows, whatever the device calls it. A reading is addressed by its
*key*: the name, and behind a dot the phase if it has one (`voltage_v.L1`). In VictoriaMetrics the
series is `ovr_<name>{node, site, system, asset, kind}`, with the label `phase` where there is one.

Signs: loads, generators and PV are positive when they do their job; `grid_power_w` is positive for
import, `battery_power_w` for charging. Decimals are those that people see; samples are not rounded,
but energies go in steps of 1/16384 kWh (0.06 Wh), and minutes (rollups) keep values to the nearest
*step* of the unit. A stale asset has no value: no sample of it is sent, and totals leave it out,
but for the energy that it had counted.
"""
GROUP_INTRO = {
    "gauge": "What is measured now.",
    "counter": (
        "The program's own totals: they never go back, whatever the device's register does when it "
        "resets, rolls over or is swapped."
    ),
    "state": "Whole numbers with a meaning; the tables say which.",
}
_BLOCK = re.compile(r"<!-- keys: (?P<name>[\w.]+) -->\n.*?<!-- end -->", re.DOTALL)
_SHAPES: Mapping[Any, str] = {tuple: "a list; each is ", dict: "a table; each value is "}
_UNSET: tuple[object, ...] = (None, "", (), {})


def measurements() -> str:
    """The text of docs/measurements.md."""
    return "\n".join([INTRO, *_groups()])


def _groups() -> Iterator[str]:
    for kind, title in TYPES.items():
        members = [m for m in CATALOGUE.values() if m.type == kind]
        yield f"## {title}\n\n{GROUP_INTRO[kind]}\n"
        yield "| name | unit | decimals | step | phases | of | what it is |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(measurement) for measurement in members)
        yield ""
        for measurement in members:
            if measurement.states:
                yield from _states(measurement)
    yield "## Which asset has what\n"
    for asset in AssetKind:
        names = ", ".join(f"`{m.name}`" for m in CATALOGUE.values() if asset in m.kinds)
        yield f"- **{asset.value}**: {names}"
    yield ""


def _row(m: Measurement) -> str:
    phases = " ".join(m.phases) + ("" if m.total or not m.phases else " (no total)")
    kinds = " ".join(kind.value for kind in m.kinds)
    step = f"{1 / BY_KEY[m.keys[0]].scale:g}"
    cells = (f"`{m.name}`", m.unit, str(m.decimals), step, phases, kinds, m.text)
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _states(m: Measurement) -> Iterator[str]:
    yield f"### `{m.name}`\n"
    yield "| value | meaning |"
    yield "|---|---|"
    yield from (f"| {number} | {_cell(name)} |" for number, name in sorted(m.states.items()))
    yield ""


def keys(kind: type[Struct]) -> str:
    """The table of the keys that a struct of the configuration reads."""
    lines = ["| key | what it takes | default |", "|---|---|---|"]
    for field in msgspec.structs.fields(kind):
        if not _holds_tables(field):
            taken = _cell(_taken(field))
            lines.append(f"| `{field.encode_name}` | {taken} | {_default(field)} |")
    return "\n".join(lines)


def _holds_tables(field: FieldInfo) -> bool:
    return any(isinstance(part, type) and issubclass(part, Struct) for part in _parts(field.type))


def _parts(kind: Any) -> Iterator[Any]:
    yield kind
    for part in getattr(kind, "__args__", ()):
        yield from _parts(part)


def _taken(field: FieldInfo) -> str:
    if is_secret(field.type):
        return f"only as `{field.encode_name}_secret` or `{field.encode_name}_env`"
    shape = next((part for part in _whole(field.type) if get_origin(part) in _SHAPES), None)
    if shape is None:
        return expected(field.type, _wrong(field.type))
    first, *rest = get_args(shape)
    inner = rest[0] if rest and rest[0] is not ... else first
    alone = "" if shape is field.type or type(None) in get_args(field.type) else "one, or "
    return f"{alone}{_SHAPES[get_origin(shape)]}{expected(inner, _wrong(inner))}"


def _whole(kind: Any) -> tuple[Any, ...]:
    """A type, or those that it is a union of; none where it has words of its own."""
    return () if get_origin(kind) is Annotated else (kind, *get_args(kind))


def _wrong(kind: Any) -> str:
    """What msgspec says of a value that no key takes, to learn the type's name."""
    try:
        msgspec.convert(object(), kind)
    except msgspec.ValidationError as why:
        return str(why)
    return ""


def _default(field: FieldInfo) -> str:
    if field.required:
        return "must be given"
    value = field.default if field.default is not NODEFAULT else None
    if field.default_factory is not NODEFAULT:
        value = field.default_factory()
    if value in _UNSET:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{', '.join(map(str, value))}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value:g}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def filled(text: str) -> str:
    """`text` with every block of keys written anew."""
    return _BLOCK.sub(
        lambda block: f"<!-- keys: {block['name']} -->\n{_table(block['name'])}\n<!-- end -->", text
    )


def _table(name: str) -> str:
    """The keys of a table; those of profiles below what the table is for."""
    if name in TABLES:
        return keys(TABLES[name])
    kind = PROFILE_TABLES[name]
    return f"{inspect.getdoc(kind)}\n\n{keys(kind)}"


def documents() -> dict[Path, str]:
    """What each document should be."""
    written = (DOCS / "configuration.md", DOCS / "profiles.md")
    return {
        DOCS / "measurements.md": measurements(),
        DOCS / "victron.md": victron_docs.text(),
        DOCS / "openapi.json": openapi.text(),
        DOCS / "profile.schema.json": schema_text(),
        DOCS / "report.schema.json": report_schema(),
        **{path: filled(path.read_text()) for path in written},
        DOCS / "console.md": console_docs.filled((DOCS / "console.md").read_text()),
    }


def main(words: list[str]) -> int:
    """Write what differs; with `--check` only name it, status 1 if there is any."""
    wrong = [
        (path, text)
        for path, text in documents().items()
        if not path.exists() or path.read_text() != text
    ]
    for path, text in wrong:
        if "--check" in words:
            print(f"{path.relative_to(DOCS.parent)} is not true any more: run make docs")
        else:
            path.write_text(text)
            print(f"{path.relative_to(DOCS.parent)} written")
    return 1 if wrong and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
