"""Numbers for labels: short work for readers, and never a value under another's name."""

import sqlite3
import struct
import zlib
from array import array
from importlib.resources import files
from pathlib import Path

import cramjam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.errors import JournalError
from collector.journal import Batch, Journal
from collector.journal import codec as codec_module
from collector.journal.codec import Codec
from tests.support.batches import batch, decode


def _same(one: Batch, other: Batch) -> bool:
    return (
        (one.seq, one.at_ms, list(one.series)) == (other.seq, other.at_ms, list(other.series))
        and one.values.tobytes() == other.values.tobytes()
        and one.times == other.times
    )


def _version_1(made: Batch) -> bytes:
    """A body as the first programs wrote it; byte by byte after their specification."""
    payload = struct.pack(f"<{len(made)}I", *map(len, made.series)) + b"".join(made.series)
    payload += made.values.tobytes() + (b"" if made.times is None else made.times.tobytes())
    content = struct.pack("<QqII", made.seq, made.at_ms, len(made), len(payload))
    content += bytes(cramjam.zstd.compress(payload, level=1))
    flags = 0 if made.times is None else 1
    return struct.pack("<4sBBHI", b"OVRB", 1, flags, 0, zlib.crc32(content)) + content


@pytest.mark.parametrize("times", [None, array("q", [7, -1, 1 << 50, 0, 9])])
def test_bodies_of_version_1_are_still_read(times: "array[int] | None") -> None:
    """What an earlier program has journaled comes back sample by sample."""
    plain = batch(3, 5)
    made = Batch(seq=3, at_ms=plain.at_ms, series=plain.series, values=plain.values, times=times)
    assert _same(decode(_version_1(made)), made)


def test_a_damaged_body_of_version_1_is_noticed() -> None:
    """A flipped bit or a lost tail of an old body raises."""
    raw = bytearray(_version_1(batch(3, 5)))
    with pytest.raises(JournalError):
        decode(bytes(raw[:-1]))
    raw[-5] ^= 4
    with pytest.raises(JournalError, match="checksum"):
        decode(bytes(raw))


async def test_a_journal_of_schema_1_opens_and_goes_on(tmp_path: Path) -> None:
    """A file of an earlier program keeps its batches, takes new ones, and tells its new schema."""
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as db:
        db.executescript(files("collector.journal").joinpath("schema_v1.sql").read_text())
        for seq in range(1, 21):
            made = batch(seq, 30)
            db.execute(
                "INSERT INTO batch (seq, at_ms, samples, body) VALUES (?, ?, ?, ?)",
                (seq, made.at_ms, 30, _version_1(made)),
            )
    db.close()
    journal = await Journal.open(path, cap_bytes=1 << 30, max_age_s=1e9)
    try:
        assert (journal.first, journal.next_seq) == (1, 21)
        for seq in range(21, 41):
            await journal.append(batch(seq, 30))
        found = await journal.read(1, 40, max_samples=1 << 40)
        assert journal.health().lost_samples == 0
    finally:
        await journal.close()
    assert [one.seq for one in found] == list(range(1, 41))
    assert all(_same(one, batch(one.seq, 30)) for one in found)
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (3,)
    db.close()


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.lists(st.sampled_from([b"", b"a", b"b", b"c" * 300, b"d"]), max_size=6),
        ),
        max_size=25,
    ),
    most=st.integers(0, 6),
)
@settings(max_examples=200)
def test_no_value_gets_anothers_name(rows: list[tuple[int, list[bytes]]], most: int) -> None:
    """However many programs have written to a journal, and however small their tables are, one
    reader that remembers names, and one of the writers, read what was written."""
    before, codec_module.MAX_NAMES = codec_module.MAX_NAMES, most
    try:
        writers = [Codec() for _ in range(4)]
        made = []
        for seq, (writer, series) in enumerate(rows):
            values = array("d", map(float, range(len(series))))
            one = Batch(seq=seq, at_ms=seq, series=series, values=values)
            made.append((one, writers[writer].encode(one)))
        for reader in (Codec(), writers[0]):
            for one, body in (*made, *reversed(made)):
                assert _same(reader.decode(body), one)
    finally:
        codec_module.MAX_NAMES = before


def test_equal_labels_are_one_object() -> None:
    """Labels of all batches, whoever wrote them, come back as the same object: cheap to group."""
    reader = Codec()
    bodies = [Codec().encode(batch(1)), Codec().encode(batch(2)), _version_1(batch(3))]
    found = [reader.decode(body).series for body in bodies]
    assert all(a is b is c for a, b, c in zip(*found, strict=True))


def test_a_number_with_two_names_is_damage() -> None:
    """Two tables that claim to be one are found out instead of mixing up series."""
    one, other, reader = Codec(), Codec(), Codec()
    other._table = one._table
    values = array("d", [1.0])
    first = one.encode(Batch(seq=1, at_ms=1, series=[b"a"], values=values))
    second = other.encode(Batch(seq=2, at_ms=2, series=[b"x", b"y"], values=values * 2))
    reader.decode(first)
    with pytest.raises(JournalError, match="two names"):
        reader.decode(second)
