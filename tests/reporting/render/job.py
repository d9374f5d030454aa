"""A job's folder as the collector writes it: four days of a battery, a generator and a stage."""

import hashlib
import math
from pathlib import Path

import msgspec

from collector.model.assets import Ratings
from collector.model.event import UseCase
from collector.model.kinds import AssetKind
from collector.model.report_input import (
    INPUTS_FILE,
    ROLLUPS_FILE,
    AssetInput,
    Brand,
    ReportInputs,
    RollupFile,
)
from collector.model.rollup import Rollup
from tests.reporting.support import asset, counter, gauge, inputs, rollup_file, row

KINDS = {"bess": AssetKind.BESS, "gen": AssetKind.GENERATOR, "stage": AssetKind.LOAD}


def need_w(minute: int) -> float:
    """What the stage takes: most in the evening."""
    hour = minute / 60 % 24
    return 11_000 + 60_000 * math.exp(-(((hour - 20) / 3.5) ** 2)) + 1500 * math.sin(minute / 7)


def rows(minutes: int) -> dict[str, list[Rollup]]:
    """Every minute of all three; the generator runs while the stage takes more than 40 kW."""
    found: dict[str, list[Rollup]] = {name: [] for name in KINDS}
    energy = dict.fromkeys(("load", "gen", "in", "out"), 0.0)
    soc = 80.0
    for minute in range(minutes):
        need = need_w(minute)
        made = 50_000.0 if need > 40_000 or soc < 30 else 0.0
        flow = made - need
        soc = min(100.0, max(5.0, soc + flow / 60_000 / 4))
        before = dict(energy)
        energy["load"] += need / 60_000
        energy["gen"] += made / 60_000
        energy["in" if flow > 0 else "out"] += abs(flow) / 60_000
        found["stage"].append(
            row(
                minute,
                {
                    "load_power_w": gauge(
                        "load_power_w", need, least=need * 0.9, greatest=need * 1.1
                    ),
                    **{f"current_a.L{n}": need / 690 * (0.9 + n / 20) for n in (1, 2, 3)},
                    **{f"voltage_v.L{n}": 230.0 - need / 20_000 + n for n in (1, 2, 3)},
                    "frequency_hz": 60.0,
                },
                {"load_energy_kwh": counter(before["load"], energy["load"])},
            )
        )
        found["gen"].append(
            row(
                minute,
                {"generator_power_w": made},
                {"generator_energy_kwh": counter(before["gen"], energy["gen"])},
            )
        )
        found["bess"].append(
            row(
                minute,
                {"battery_power_w": flow, "battery_soc_pct": soc},
                {
                    "battery_charged_kwh": counter(before["in"], energy["in"]),
                    "battery_discharged_kwh": counter(before["out"], energy["out"]),
                },
            )
        )
    return found


def assets() -> tuple[AssetInput, ...]:
    """The three, with ratings."""
    return (
        asset("bess", AssetKind.BESS, ratings=Ratings(battery_kwh=240.0), unit_no="OD-12"),
        asset("gen", AssetKind.GENERATOR, ratings=Ratings(rated_kw=100.0), unit_no="G-7"),
        asset("stage", AssetKind.LOAD, model="Acuvim II", serial="AH2104", unit_no="OD-44"),
    )


def packed(minutes: int) -> RollupFile:
    """The rows as a job has them."""
    return rollup_file(rows(minutes), KINDS)


def write(folder: Path, minutes: int, content: bytes = b"", **other: object) -> ReportInputs:
    """Write the folder; `content` is a rollups file that was made before."""
    content = content or msgspec.msgpack.encode(packed(minutes))
    given: dict[str, object] = {
        "use_case": UseCase.HYBRIDIZATION,
        "system_name": "BESS 1 Main stage",
        "brand": Brand(company="Overdrive Energy"),
        "rollups_sha256": hashlib.sha256(content).hexdigest(),
        **other,
    }
    said = inputs(assets(), minutes, **given)  # type: ignore[arg-type]
    folder.mkdir(parents=True)
    (folder / ROLLUPS_FILE).write_bytes(content)
    (folder / INPUTS_FILE).write_bytes(msgspec.json.encode(said))
    return said
