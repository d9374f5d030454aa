"""JSON documents: pointers, numbers in all their disguises, and what is none."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.profiles.language import PointTable
from collector.sources.http.document import NoDocument, find, number, parse, text, usable

DOCUMENT = {
    "a": {"b/c": [10, {"d~e": 11}], "": 12, "n": None},
    "list": [[1, 2], [3, 4]],
    "0": "zero",
}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", DOCUMENT),
        ("/a/b~1c/0", 10),
        ("/a/b~1c/1/d~0e", 11),
        ("/a/", 12),
        ("/a/n", None),
        ("/list/1/0", 3),
        ("/0", "zero"),
        ("/list/2", None),
        ("/list/-1", None),
        ("/list/01234567890123", None),
        ("/list/1/0/x", None),
        ("/a/b~1c/x", None),
        ("/nothing/at/all", None),
    ],
)
def test_pointers_find_what_they_name(pointer, found) -> None:
    """RFC 6901 with its escapes; what is not there is None, never an error."""
    assert find(DOCUMENT, pointer) == found


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (12, 12.0), (-0.5, -0.5), (True, 1.0), (False, 0.0), ("230.5", 230.5), (" -3 ", -3.0),
        ("1e3", 1000.0), (".5", 0.5), ("230.5 V", 230.5), ("230.5V", 230.5),
        (None, None), ("", None), ("----", None), ("n/a", None), ("12 kW", None), ("1,5", None),
        ("NaN", None), ("inf", None), ([1], None), ({"value": 1}, None), (10**400, None),
        (1e301, None), (math.nan, None), (math.inf, None), ("9" * 5000, None), ("1e999", None),
    ],
)  # fmt: skip
def test_numbers(told, value) -> None:
    """Numbers, booleans and texts that are numbers, with their own unit; nothing else."""
    assert number(told, "V") == value


def test_texts() -> None:
    """Texts without their outer blanks, numbers as text; what is empty or compound is none."""
    assert [text(t) for t in (" AB12 ", 77, 1.5, "", True, None, [1])] == [
        "AB12", "77", "1.5", None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "value"),
    [("on", 1), (" on ", 1), ("ON", None), ("2", -2), ("3", 3.0), (4, 4.0), (None, None)],
)
def test_codes(told, value) -> None:
    """Texts of the point's codes are their numbers, before a text is read as a number."""
    point = PointTable(name="state", pointer="/s", codes={"on": 1, "2": -2})
    assert usable(told, point) == value


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"a":', b"{'a': 1}", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b"\0" * 9],
)
def test_what_is_no_document(body) -> None:
    """Cut, foreign, hostile or endlessly nested: one error, and no other."""
    with pytest.raises(NoDocument):
        parse(body)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(document=_VALUES, pointer=st.text(alphabet="/~01ab-", max_size=12).map(lambda t: "/" + t))
def test_no_document_and_no_pointer_raises(document, pointer) -> None:
    """Whatever stands there becomes a finite number, a text or nothing."""
    told = find(document, pointer)
    value = number(told, "V")
    assert value is None or math.isfinite(value)
    assert text(told) is None or isinstance(text(told), str)


@given(_VALUES)
def test_what_json_writes_is_read(document) -> None:
    """Documents with finite numbers come back as they were."""
    try:
        body = json.dumps(document, allow_nan=False).encode()
    except (ValueError, UnicodeEncodeError):
        return
    assert parse(body) == json.loads(body)
