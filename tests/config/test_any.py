"""Whatever stands in the files."""

import copy
import datetime
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from collector.config.assets import AssetTable
from collector.config.devices import DeviceTable
from collector.config.load import load
from collector.config.node import NodeFile, NodeTable
from collector.config.paths import Home
from collector.config.problems import ConfigError, Problem
from collector.config.services import CloudSettings, ListenSettings, SinkTable
from collector.config.toml_lines import line_index
from tests.config.homes import make_home

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = sorted(
    {
        name + end
        for kind in (NodeFile, NodeTable, SinkTable, CloudSettings, ListenSettings)
        for name in kind.__struct_fields__
        for end in ("", "_env", "_secret")
    }
    | {*DeviceTable.__struct_fields__, *AssetTable.__struct_fields__, "device", "asset", "version"}
)
SCALARS = (
    st.integers(-(2**70), 2**70)
    | st.booleans()
    | st.floats()
    | st.sampled_from(
        [
            "",
            "gx",
            "acuvim",
            "10.0.0.1",
            "a",
            "a.b",
            "http://h",
            "[",
            "UTC",
            "V",
            "\x1b[31m",
            "é" * 300,
        ]
    )
    | st.dates()
    | st.just(datetime.time(1, 2))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)
TABLES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
DEVICES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b"]), "kind": st.sampled_from(["gx", "acuvim", "modbus"])},
        optional=dict.fromkeys(DeviceTable.__struct_fields__[2:], VALUES),
    ),
    max_size=3,
)
ASSETS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b", "a.x", "c"])},
        optional={
            "same_as": st.sampled_from(["a", "b", "a.x"]),
            "behind": st.sampled_from(["a", "b", "a.x"]),
            "fuel_curve": VALUES,
        },
    ),
    max_size=4,
)


def told(home: Home, environ: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """What is wrong with a home; nothing when it loads."""
    try:
        load(home, environ or {})
    except ConfigError as error:
        return error.problems
    return ()


@given(TABLES, TABLES, DEVICES | VALUES, ASSETS | VALUES)
def test_any_tables(tmp_path_factory, node, registry, devices, assets) -> None:
    """Any tables at all load, or end in problems that stand in their file and print on one line."""
    texts = {
        "node": tomli_w.dumps(node),
        "registry": tomli_w.dumps({**registry, "device": devices, "asset": assets}),
    }
    home = make_home(tmp_path_factory.mktemp("any"), **texts)
    found = told(home, {"V": "a"})
    for problem in found:
        text = texts[Path(problem.file).stem]
        assert 1 <= problem.line <= text.count("\n") + 1
        assert str(problem).isprintable()
    if not found:
        loaded = load(home, {"V": "a"})
        assert len({device.id for device in loaded.devices}) == len(loaded.devices)


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes(tmp_path_factory, content) -> None:
    """Any bytes in any of the files load, or end in problems."""
    home = make_home(
        tmp_path_factory.mktemp("any"), node=content, registry=content, secrets=content
    )
    assert all(str(problem).isprintable() for problem in told(home))


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key that holds a plain value or a list of them."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path


EXAMPLES = {
    name: tomllib.loads((CONFIGS / f"{name}.toml").read_text()) for name in ("node", "registry")
}
PLACES = [(name, path) for name, tables in EXAMPLES.items() for path in leaves(tables)]


@pytest.mark.parametrize(("name", "path"), PLACES, ids=lambda part: str(part))
@pytest.mark.parametrize(
    "bad", [[{}], datetime.date(2020, 1, 1), {"x": 1}], ids=["list", "date", "table"]
)
def test_any_value_of_a_wrong_type(tmp_path, name, path, bad) -> None:
    """Each value of the shipped examples, replaced by one of a wrong type, is told at its line."""
    tables: Any = copy.deepcopy(EXAMPLES)
    place = tables[name]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = bad
    texts = {key: tomli_w.dumps(value) for key, value in tables.items()}
    home = make_home(tmp_path, **texts, secrets='cloud = "x"\nkiosk = "x"\nbess-1 = "x"\n')
    lines = line_index(texts[name])
    right = {lines[path], lines.get((*path, 0))}
    found = told(home)
    assert any(Path(p.file).stem == name and p.line in right for p in found), found
