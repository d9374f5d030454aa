"""Ids of records: valid, rising, and never the same twice."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.ids import Uuid7, uuid7, uuid7_ms

TIMES = st.integers(0, 2**48 - 1)


@given(TIMES)
def test_an_id_is_a_uuid_of_version_7(at_ms: int) -> None:
    """Its text is the usual one, and the time stands in its first 48 bits."""
    text = Uuid7()(at_ms)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert parsed.version == 7
    assert parsed.variant == uuid.RFC_4122
    assert parsed.int >> 80 == uuid7_ms(text) == at_ms


@given(st.lists(st.integers(0, 2**40), min_size=2, max_size=50))
def test_ids_rise_as_text(times: list[int]) -> None:
    """Whatever the clock does meanwhile."""
    make = Uuid7()
    ids = [make(at_ms) for at_ms in times]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("bits", [0, -1], ids=["all zero", "all one"])
def test_ids_rise_at_the_ends_of_the_random_range(bits: int) -> None:
    """When the random bits run over, the time goes on by a millisecond."""
    make = Uuid7(lambda n: bits & ((1 << n) - 1))
    ids = [make(1_000) for _ in range(5)]
    assert ids == sorted(set(ids))
    assert all(uuid7_ms(one) in (1_000, 1_001) for one in ids)


def test_ids_of_two_makers_at_one_time_differ() -> None:
    """Two nodes make records in the same millisecond."""
    makers = [Uuid7(), Uuid7()]
    ids = {make(5_000) for make in makers for _ in range(500)}
    assert len(ids) == 1000


@pytest.mark.parametrize(
    "text",
    ["", "node/stage-a", str(uuid.uuid4()), uuid7(1)[:-1], "7" * 36],
    ids=("empty", "asset", "version 4", "too short", "sevens"),
)
def test_another_text_has_no_time(text: str) -> None:
    """Ids of systems and assets are no UUIDs."""
    with pytest.raises(ValueError, match="UUIDv7"):
        uuid7_ms(text)
