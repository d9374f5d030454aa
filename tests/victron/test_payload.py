"""What payloads of a GX mean."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.victron.payload import MAX_BYTES, Unusable, read_echo, read_value


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"value":12.3}', 12.3),
        (b'{"value": 0.0}', 0.0),
        (b'{"max":100.0,"min":0.0,"value":25}', 25.0),
        (b'{"value":true}', 1.0),
        (b'{"value":false}', 0.0),
        (b'{"value":-0.30000001192092896}', -0.30000001192092896),
        (b'{"value":null}', None),
        (b'{"value": []}', None),
        (b'{"value":""}', ""),
        (b'{"value":"HQ2108ABCDE"}', "HQ2108ABCDE"),
        (b'{"value":"{\\"a\\":1}"}', '{"a":1}'),
        (b'{"value":[1,2]}', [1, 2]),
        (b'{"value":{"a":1}}', {"a": 1}),
    ],
)
def test_forms(payload: bytes, value: object) -> None:
    """Every form of a value that was seen in the field is read as what it means."""
    assert read_value(payload) == value
    assert type(read_value(payload)) is type(value)


@pytest.mark.parametrize(
    "payload",
    [b"xyz", b"{}", b"[]", b"12", b'"a"', b"null", b'{"value":', b'{"Value":1}', b"\xff\xfe",
     b'{"value":"\xff"}', b"[" * 100_000, b'{"value":' + b"[" * 100_000],
)  # fmt: skip
def test_broken(payload: bytes) -> None:
    """What is no message of a GX is unusable, with an excerpt, and leaves the old value alone."""
    found = read_value(payload)
    assert isinstance(found, Unusable)
    assert found.reason == "payload"
    assert not found.invalid
    assert len(found.detail) < 600


@pytest.mark.parametrize(
    "payload",
    [b'{"value":NaN}', b'{"value": -Infinity}', b'{"value":1e999}',
     b'{"value":1' + b"0" * 400 + b"}"],
)  # fmt: skip
def test_no_number(payload: bytes) -> None:
    """A number that is none is refused, and the value before it no longer holds."""
    found = read_value(payload)
    assert isinstance(found, Unusable)
    assert found.reason == "not finite"
    assert found.invalid


def test_huge() -> None:
    """A payload over the bound is not even parsed; one of exactly the bound is."""
    frame = len(b'{"value":""}')
    assert read_value(b'{"value":"' + b"x" * (MAX_BYTES + 1 - frame) + b'"}') == Unusable(
        "too large", f"{MAX_BYTES + 1} bytes"
    )
    found = read_value(b'{"value":[' + b" " * (MAX_BYTES - frame) + b"]}")
    assert found is None


@given(st.binary(max_size=400))
def test_any_bytes(payload: bytes) -> None:
    """No bytes at all make the parser raise, and numbers that come out are finite."""
    found = read_value(payload)
    assert found is None or isinstance(found, float | str | list | dict | Unusable)
    assert read_echo(payload) is None or isinstance(read_echo(payload), str)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
))  # fmt: skip
def test_any_json(value: object) -> None:
    """Whatever JSON stands in `value`, the answer is a finite float, text, list, object or none."""
    found = read_value(json.dumps({"value": value}).encode())
    if isinstance(found, float):
        assert abs(found) < float("inf")
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**300):
        assert found == float(value)


def test_echo() -> None:
    """The echo of a completed publish is found where there is one."""
    assert read_echo(b'{"full-publish-completed-echo":"Ucq2","value":1718860914}') == "Ucq2"
    assert read_echo(b'{"value":1718860914}') is None
    assert read_echo(b'{"full-publish-completed-echo":5}') is None
    assert read_echo(b"") is None
