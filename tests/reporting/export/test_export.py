"""Parquet and CSV hold the same rows, and what counts adds up to the event's report."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from msgspec import structs

from collector.model.assets import Link
from collector.model.catalogue import CATALOGUE
from collector.model.kinds import AssetKind, LinkType
from collector.model.report_input import AssetInput, AssetRows
from collector.model.rollup import Gauge, Rollup
from reporting.event import BadPart, Part, event_report, read_parts
from reporting.export import Export, Format, Source, export
from reporting.export.files import safe
from reporting.measured.model import MINUTE_MS
from reporting.profile import ProfileTable, read_profile
from tests.reporting.event.made import HOUR, Flow, event, inputs_of, part
from tests.reporting.profile.made import START
from tests.reporting.support import counter, gauge, rollup_file, row

BEHIND = Link(asset="b", type=LinkType.BEHIND, other="a")


def table_of(path: Path) -> ProfileTable:
    """A profile with its columns of the system as a whole."""
    return read_profile(path.read_bytes(), rest=True)


def exported(
    tmp_path: Path, form: Format = "both", rollups: Iterable[AssetRows] | None = None
) -> tuple[Export, Path, float]:
    """Two systems, one behind the other for half an hour; the export, its folder, the event's load
    by its report."""
    folder = tmp_path / "parts"
    refs = [
        part(
            folder / "0", "a", [Flow(asset="a", kw=100)],
            from_ms=START + HOUR // 2 + 12_345, links=[BEHIND],
        ),
        part(
            folder / "1", "b",
            [Flow(asset="b", kw=[60.0] * 50 + [None] * 10),
             Flow(asset="b", energy="battery_discharged_kwh", kw=5)],
            assets=[AssetInput(id="b", device="b", kind=AssetKind.BESS, system="b")],
        ),
    ]  # fmt: skip
    read = read_parts(inputs_of(refs), tmp_path)
    by_ref = {ref.report_sha256: ref.folder for ref in refs}
    sources = [
        Source(
            part=one,
            table=partial(table_of, folder / by_ref[one.ref.report_sha256] / "profile.csv"),
        )
        for one in read.parts
    ]

    def rows_of(one: Part) -> Iterable[AssetRows]:
        if one.ref.system == "a":
            raise BadPart("they are on another node")
        return rollups or ()

    to = tmp_path / "out"
    to.mkdir()
    done = export(to, event(), sources, (), form, None if rollups is None else rows_of)
    load = event_report(inputs_of(refs), read.parts).energy.load_kwh
    assert load is not None
    return done, to, load


def test_what_counts_adds_up_to_the_event(tmp_path: Path):
    """The flows' energies, in the share of each minute that counts: nothing twice."""
    _, to, load = exported(tmp_path)
    flows = pq.read_table(to / "flows.parquet").to_pylist()
    counted = sum(
        (one["plus_kwh"] or 0.0) * one["counts_s"] / one["window_s"]
        for one in flows
        if one["measurement"] == "load_power_w"
    )
    assert counted == pytest.approx(load, abs=0.0011)
    minutes = pq.read_table(to / "minutes.parquet").to_pylist()
    assert {one["system"] for one in minutes} == {"a", "b"}
    first = next(one for one in minutes if one["system"] == "a")
    assert first["window_s"] == 47.655
    assert first["load_kw"] == 100.0
    assert first["grid_kw"] is None


def test_columns_are_typed_and_say_their_unit(tmp_path: Path):
    """Times are UTC milliseconds; each column of a measurement names it; the dictionary agrees."""
    _, to, _ = exported(tmp_path)
    schema = pq.read_schema(to / "minutes.parquet")
    assert str(schema.field("time_utc").type) == "timestamp[ms, tz=UTC]"
    told = json.loads((to / "dictionary.json").read_bytes())
    for table in told:
        found = pq.read_schema(to / f"{table['name']}.parquet")
        assert found.names == [field["name"] for field in table["fields"]]
        for field in table["fields"]:
            metadata = found.field(field["name"]).metadata or {}
            assert metadata.get(b"unit", b"").decode() == field["unit"]
            assert metadata[b"description"].decode() == field["text"]
            if field["source"]:
                assert field["source"] in CATALOGUE
    with (to / "dictionary.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(1 + len(table["fields"]) for table in told)


@pytest.mark.parametrize("name", ["minutes", "flows"])
def test_csv_and_parquet_hold_the_same(tmp_path: Path, name: str):
    """Row by row; what is not known is empty."""
    _, to, _ = exported(tmp_path)
    typed = pq.read_table(to / f"{name}.parquet").to_pylist()
    with (to / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        plain = list(csv.DictReader(file))
    assert len(plain) == len(typed) > 0
    for one, other in zip(plain, typed, strict=True):
        for column, value in other.items():
            if value is None:
                assert one[column] == ""
            elif isinstance(value, float):
                assert float(one[column]) == pytest.approx(value, abs=1e-10)
            elif column == "time_utc":
                assert one[column] == value.strftime("%Y-%m-%dT%H:%M:%SZ")
            else:
                assert one[column] == value


def test_assets_of_the_node_are_in_it_and_of_others_it_says_why_not(tmp_path: Path):
    """Every measurement as it was stored, in its unit; rows of another system's asset are not."""
    rows = rollup_file(
        {
            "b": [
                _row({"voltage_v.L1": gauge("voltage_v.L1", 231.5, least=230.0, greatest=232.0)}),
            ],
            "z": [_row({"load_power_w": gauge("load_power_w", 9.0)})],
        }
    ).assets
    done, to, _ = exported(tmp_path, rollups=rows)
    found = pq.read_table(to / "assets.parquet").to_pylist()
    volts = next(one for one in found if one["measurement"] == "voltage_v")
    assert (volts["phase"], volts["unit"], volts["mean"], volts["max"]) == (
        "L1", "V", 231.5, 232.0,
    )  # fmt: skip
    energy = next(one for one in found if one["measurement"] == "load_energy_kwh")
    assert (energy["first"], energy["last"], energy["mean"]) == (10.0, 11.0, None)
    state = next(one for one in found if one["measurement"] == "inverter_state")
    assert (state["state"], state["good_s"]) == (3, 60.0)
    assert {one["asset"] for one in found} == {"b"}
    assert done.without == ("the assets of n1/a: they are on another node",)


def _row(gauges: Mapping[str, float | Gauge]) -> Rollup:
    """A row within the parts' hour."""
    counters = {"load_energy_kwh": counter(10.0, 11.0)}
    made = row(0, gauges, counters, states={"inverter_state": 3})
    return structs.replace(made, from_ms=START + MINUTE_MS, to_ms=START + 2 * MINUTE_MS)


def test_the_manifest_has_every_file(tmp_path: Path):
    """With its hash and its rows."""
    done, to, _ = exported(tmp_path, "csv")
    there = {path.name for path in to.iterdir()} - {"manifest.json"}
    assert {one.name for one in done.files} == there
    assert not any(name.endswith(".parquet") for name in there)
    for one in done.files:
        content = (to / one.name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one.sha256
        assert len(content) == one.size
    rows = {one.name: one.rows for one in done.files}
    assert rows["minutes.csv"] == 60 + 30
    assert json.loads((to / "manifest.json").read_bytes())["parts"][0]["system"] == "a"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_no_text_is_a_formula(text: str):
    """An apostrophe goes before it."""
    assert safe(text) == f"'{text}"
    assert safe("Main stage") == "Main stage"
