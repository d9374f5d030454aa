"""The line of every key."""

import datetime
import string
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from collector.config.toml_lines import line_index


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in what tomllib read."""
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from paths(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from paths(part, (*path, index))


KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = (
    st.integers(-(2**40), 2**40)
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.datetimes(timezones=st.just(datetime.UTC))
    | st.sampled_from(['"""', "'''", "#", "[x]", "a = 1\n[b]\n", "\\", '\\"', "]]", "{", ","])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.booleans())
def test_written_documents(tables: dict[str, Any], multiline: bool) -> None:
    """Whatever tomli-w writes: the scanner finds exactly the paths that tomllib finds."""
    text = tomli_w.dumps(tables, multiline_strings=multiline)
    assert set(line_index(text)) == set(paths(tomllib.loads(text)))


PART = st.text(string.ascii_lowercase + "_-0", min_size=1, max_size=2) | st.sampled_from(
    ['"a.b"', "'c d'", '"\\u00e9"', '""', '"#"', '"]"']
)
DOTTED = st.lists(PART, min_size=1, max_size=3).map(" . ".join) | st.lists(
    PART, min_size=1, max_size=3
).map(".".join)
FLAT = st.sampled_from(
    [
        "1", "-1.5e3", "true", "1979-05-27 07:32:00", "nan", '"a # b"', "'[x]'", '"""a\nb = 1\n"""',
        '""""quoted""""', "'''it''''", '"\\\\"', '"""\\"""\n[no]"""', "[]", "{}", "[[1, 2], [3]]",
        "[\n  1, # one\n  {a = 1, b.c = 2},\n]", '{x = "}", y = [1, {z = 2}]}', "'''\n'''",
        '"""x \\\n   y"""',
    ]
)  # fmt: skip
LINE = (
    st.tuples(DOTTED, FLAT).map(lambda pair: f"{pair[0]} = {pair[1]} # end")
    | DOTTED.map(lambda key: f"[{key}]")
    | DOTTED.map(lambda key: f" [[ {key} ]] # more")
    | st.sampled_from(["", "# [note]", "\t"])
)


@given(st.lists(LINE, max_size=12))
def test_hand_written_documents(lines: list[str]) -> None:
    """Of documents with dotted and quoted keys, sub-tables and every form of value that tomllib
    accepts, the scanner finds exactly the paths that tomllib finds."""
    text = "\n".join(lines)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(line_index(text)) == set(paths(data))


@given(st.lists(st.tuples(st.integers(0, 3), FLAT), min_size=1, max_size=8))
def test_lines_are_right(entries: list[tuple[int, str]]) -> None:
    """The line of a key is the one it is written on, whatever multi-line values stand before."""
    text, written = "", {}
    for index, (blank, value) in enumerate(entries):
        text += "\n" * blank
        written[f"k{index}"] = text.count("\n") + 1
        text += f"k{index} = {value}\n"
    lines = line_index(text)
    assert {key: lines[key,] for key in written} == written


def test_tables_and_elements() -> None:
    """Headers count for their own table, keys of inline tables and elements for their own line."""
    text = 'a.b = 1\n[[d]]\nid = "x"\n[d.sub]\nk = 1\n[[d]]\nid = "y"\nc = [\n1,\n{ z = 2 },\n]\n'
    index = line_index(text)
    assert index["a", "b"] == 1
    assert index["d",] == 2
    assert index["d", 0] == 2
    assert index["d", 0, "sub"] == 4
    assert index["d", 1, "id"] == 7
    assert index["d", 1, "c", 0] == 9
    assert index["d", 1, "c", 1, "z"] == 10
