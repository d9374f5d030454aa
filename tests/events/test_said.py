"""What people add: corrections and the log, as statements that may be withdrawn."""

import pytest
from msgspec import structs

from collector.errors import NotPossible, UnknownRecord
from collector.model.kinds import AssetKind
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from tests.events.books import HOUR, T0, books

SIGN = Correction(
    id="", asset="bess-1", kind=CorrectionKind.SIGN, from_ms=T0, made_ms=0, reason="CT reversed"
)
FUEL = LogEntry(
    id="", kind=LogKind.FUEL, at_ms=T0, system="bess-1", value=400.0, unit="l", made_ms=0
)


@pytest.fixture
async def node(tmp_path):
    """The books of a node, an hour after T0."""
    async with books(tmp_path) as found:
        found.event = await found.started(job="J-1")
        await found.events.join("J-1", ["bess-1"], person="anna")
        found.later(HOUR)
        yield found


async def test_a_correction_and_its_withdrawal(node):
    """Both are kept, queued for the cloud, and told to the reports of that asset and time."""
    one = await node.said.correct(SIGN, person="anna")
    assert (one.person, one.origin, one.made_ms) == ("anna", "n1", node.now_ms)
    gone = await node.said.withdraw_correction(one.id, person="bob")
    assert (gone.withdrawn_ms, gone.withdrawn_by) == (node.now_ms, "bob")
    assert await node.said.corrections(["bess-1"], T0, T0 + 1) == [gone]
    assert await node.said.corrections(["bess-2"], T0, T0 + 1) == []
    assert [one["id"] for one in await node.records("corrections")] == [one.id, one.id]
    about = {"assets": frozenset({"bess-1"}), "from_ms": T0, "to_ms": None}
    assert node.told.touched == [("sign of bess-1", about), ("sign of bess-1 withdrawn", about)]
    with pytest.raises(NotPossible, match="withdrawn by bob"):
        await node.said.withdraw_correction(one.id, person="bob")
    with pytest.raises(UnknownRecord):
        await node.said.withdraw_correction("none", person="bob")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reason": ""}, "needs a reason"),
        ({"asset": "bes-1"}, r"did you mean bess-"),
        ({"to_ms": T0}, "ends after it begins"),
        ({"kind": CorrectionKind.FACTOR}, "factor needs factor"),
        ({"kind": CorrectionKind.FACTOR, "factor": 0.0}, "expected a number"),
        ({"kind": CorrectionKind.FACTOR, "factor": -1.0}, "is a sign"),
        ({"kind": CorrectionKind.ROLE}, "role needs role"),
        ({"kind": CorrectionKind.PHASE_SWAP, "phases": ("L1", "L1", "L2")}, "another order"),
        ({"kind": CorrectionKind.READING, "value": 5.0, "measurement": "x"}, "load_energy_kwh"),
        ({"phase": "L4"}, "L1, L2 or L3"),
        ({"from_ms": T0 + 9 * HOUR}, "lies ahead"),
    ],
)
async def test_what_cannot_be_corrected(node, fields, told):
    """It is said what is wrong, and nothing is kept."""
    with pytest.raises(NotPossible, match=told):
        await node.said.correct(structs.replace(SIGN, **fields), person="anna")
    assert await node.records("corrections") == []


async def test_a_role(node):
    """Another kind of asset."""
    draft = structs.replace(SIGN, kind=CorrectionKind.ROLE, role=AssetKind.LOAD)
    assert (await node.said.correct(draft, person="anna")).role is AssetKind.LOAD


async def test_the_log(node):
    """What is said of a system belongs to the event that it took part in then."""
    one = await node.said.note(structs.replace(FUEL, at_ms=node.now_ms), person="anna")
    assert one.event == node.event.id
    await node.events.leave("J-1", ["bess-1"], at_ms=node.now_ms, person="anna")
    node.later(HOUR)
    after = await node.said.note(structs.replace(FUEL, at_ms=node.now_ms), person="anna")
    assert after.event == node.event.id
    await node.said.withdraw_entry(after.id, person="anna")
    before = await node.said.note(structs.replace(FUEL, at_ms=T0 - HOUR), person="anna")
    assert before.event == ""
    note = LogEntry(id="", kind=LogKind.NOTE, at_ms=T0, text="rain\x07", event="J-1", made_ms=0)
    assert (await node.said.note(note, person="anna")).text == "rain·"
    assert len(await node.said.log(0, 1 << 60, "J-1")) == 3
    assert len(await node.said.log(0, 1 << 60)) == 4
    gone = await node.said.withdraw_entry(one.id, person="bob")
    assert gone in await node.said.log(0, 1 << 60, "J-1")
    assert len(await node.records("log")) == 6
    assert [why for why, _ in node.told.touched] == [
        "log: fuel", "log: fuel", "log: fuel withdrawn", "log: fuel", "log: note",
        "log: fuel withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value": None}, "needs a value"),
        ({"value": -1.0}, "needs a value"),
        ({"unit": "gal"}, "its unit is l"),
        ({"kind": LogKind.DIP, "unit": "pct", "value": 101.0}, "at most 100"),
        ({"kind": LogKind.NOTE}, "needs a text"),
        ({"kind": LogKind.READING, "measurement": "load_energy_kwh"}, "needs an asset"),
        ({"system": ""}, "asset or system"),
        ({"system": "bess-9"}, "did you mean bess-"),
        ({"at_ms": T0 + 9 * HOUR}, "lies ahead"),
    ],
)
async def test_what_cannot_be_logged(node, fields, told):
    """It is said what is wrong, and nothing is kept."""
    with pytest.raises(NotPossible, match=told):
        await node.said.note(structs.replace(FUEL, **fields), person="anna")
    assert await node.records("log") == []
