"""The text of docs/victron.md: what is read of a GX, from the table that the derivation is checked
against."""

from collections.abc import Iterable, Iterator

from collector.model.catalogue import KEYS
from collector.sources.victron.claims import CLAIMS, DECIDES, NOTED, PAIRS, Claim
from collector.sources.victron.faults import FLAGS, NUMBERED
from collector.sources.victron.roles import KINDS

INTRO = """# What is read of a Victron GX

<!-- Generated from collector/sources/victron/claims.py by `make docs`. -->

Each service of the GX's D-Bus, and which of its paths is which measurement. `Lx` stands for L1, L2
and L3, `[n]` for 0 to 3. Where several paths are one measurement, the first that has a value
counts; for the battery system that is the GX's own summary (`system`) before its parts. An inverter
at which grid and generator take turns has its input's power under the name of what feeds it.
Everything else that is a number is a raw series, `victron_<service>_<path>`; daily histories,
device trees and settings that nobody needs are not read.
"""


def text() -> str:
    """The whole document."""
    services = sorted({claim.service for claim in CLAIMS} | NOTED.keys())
    return "\n".join([INTRO, *(line for each in services for line in _service(each)), *_others()])


def _service(service: str) -> Iterator[str]:
    claims = [claim for claim in CLAIMS if claim.service == service]
    yield f"## {service}\n"
    kind = KINDS.get(service)
    if kind is not None:
        panels = "its panels are " if service in ("multi", "inverter") else ""
        yield f"{panels}an asset of its own of the kind *{kind.value}*.\n".capitalize()
    if claims:
        yield "| path | measurement | unit | of | from the GX's value |"
        yield "|---|---|---|---|---|"
        yield from (_row(claim) for claim in claims)
        yield ""
    if service in NOTED:
        yield f"Told in words at the asset: {_paths(NOTED[service])}.\n"
    if service in DECIDES:
        yield f"Says what the others mean: {_paths(DECIDES[service])}.\n"


def _row(claim: Claim) -> str:
    unit = KEYS[claim.key.replace("Lx", "L1")].unit
    made = "" if claim.factor == 1 else f"× {claim.factor:g}"
    if claim.states is not None:
        made = ", ".join(f"{theirs} → {ours}" for theirs, ours in claim.states.items())
    return f"| `{claim.path}` | `{claim.key}` | {unit} | {claim.asset} | {made} |"


def _others() -> Iterator[str]:
    yield "## Everywhere\n"
    yield f"Powers are made of {_paths(PAIRS)} where a device tells none.\n"
    yield (
        "Complaints, where the GX keeps no list of notifications: every path `Alarms/*` (1 is a "
        "warning, 2 an alarm), error numbers in words "
        f"({_paths(f'{service}/{path}' for service, path in NUMBERED)}), "
        f"{_paths(f'{service}/{path}' for service, path in FLAGS)}, `evcharger/Status` 8 to 14, "
        "and the engine codes `Error/[n]/Id` of gensets.\n"
    )
    yield ("Position: `gps` `Position/Latitude` and `Position/Longitude` while `Fix` is 1.\n")


def _paths(paths: Iterable[str]) -> str:
    return ", ".join(f"`{path}`" for path in sorted(paths))
