"""The decision by itself: what is allowed is allowed by every rule, whatever is thrown at it."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from collector.control import preconditions as pre
from collector.control.catalogue import COMMANDS
from collector.control.offers import offer
from collector.control.rules import Allowed, Refusal, Request, Situation, may, normal, same
from collector.model.control import Danger, Lockout, Plant, Point
from collector.model.kinds import AssetKind, AssetStatus
from tests.support.snapshots import asset

NOW = 1_795_000_000_000
LOCK = Lockout(asset="bess-1", name="Jo", reason="filter", at_ms=NOW, person="uid 0")
GOOD = Plant(
    load_w=8000.0,
    inverter_w=38_000.0,
    soc_pct=60.0,
    soc_limit_pct=20.0,
    ac_source=1.0,
    input_v=120.0,
    phases=3,
)

watts = st.none() | st.floats(-1e5, 1e5)
plants = st.builds(
    Plant,
    load_w=watts,
    inverter_w=st.none() | st.floats(0, 1e5),
    soc_pct=st.none() | st.floats(0, 100),
    soc_limit_pct=st.none() | st.floats(0, 100),
    ac_source=st.none() | st.sampled_from([0.0, 1.0, 2.0, 3.0, 240.0]),
    input_v=st.none() | st.floats(0, 500),
    phases=st.none() | st.integers(0, 3),
)
values = st.sampled_from(
    ["on", "off", "start", "stop", "release", "done", "charger-only", "inverter-only", "", "ON "]
) | st.floats(-2e6, 2e6) | st.sampled_from([math.nan, math.inf, 5.0, 20.0])  # fmt: skip
POINTS: dict[str, dict[str, Any]] = {
    "mode": {"choices": ("on", "charger-only", "inverter-only", "off"), "value": "on"},
    "input-limit-1": {"low": 0.0, "high": 300.0, "value": 50.0},
    "generator": {"choices": ("start", "stop"), "value": "stop", "lasting": "may"},
    "grid-setpoint": {
        "choices": ("release",), "low": -5e4, "high": 5e4, "step": 1.0, "lasting": "must",
        "value": "release",
    },
    "minimum-soc": {"low": 0.0, "high": 100.0, "step": 5.0, "value": 10.0},
    "relay-1": {"choices": ("on", "off"), "value": "off"},
}  # fmt: skip


SOUND = {
    "mode": "inverter-only", "input-limit-1": 60.0, "generator": "start", "grid-setpoint": 100.0,
    "minimum-soc": 20.0, "relay-1": "on",
}  # fmt: skip
NAME = "BESS 1 Main stage"


def mostly(usual: object, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nearly always the usual, for it takes all of them together to be allowed."""
    return st.integers(0, 11).flatmap(lambda n: others if n == 11 else st.just(usual))


def point(command: str, **more: object) -> Point:
    """What a device offers."""
    told: dict[str, object] = {"command": command, "target": "x"}
    return Point(**{**told, **POINTS[command], **more})


def situation(command: str, **more: object) -> Situation:
    """One in which everything is possible."""
    kind = AssetKind.GENERATOR if command.startswith("generator") else AssetKind.BESS
    told: dict[str, object] = {
        "right": True,
        "asset": asset("bess-1", kind, name="BESS 1 Main stage"),
        "control": True,
        "unready": "",
        "lockout": None,
        "point": point(command),
        "plant": GOOD,
        "busy": False,
        "now_ms": NOW,
    }
    return Situation(**(told | more))  # type: ignore[arg-type]


def request(command: str, value: object, **more: object) -> Request:
    """A sound one."""
    told: dict[str, object] = {
        "command": command,
        "value": value,
        "seen": POINTS[command]["value"],
        "made_ms": NOW,
        "confirm": "BESS 1 Main stage",
    }
    return Request(**(told | more))  # type: ignore[arg-type]


@settings(max_examples=300)
@given(
    command=st.sampled_from(sorted(POINTS)),
    value=mostly(..., values),
    seen=mostly(..., st.none() | values),
    age_ms=mostly(0, st.integers(-10_000, 10_000)),
    for_s=mostly(..., st.none() | st.integers(1, 200_000)),
    confirm=mostly(NAME, st.sampled_from(["", "  BESS 1  Main stage ", "bess 1 main stage"])),
    status=mostly(AssetStatus.LIVE, st.sampled_from(AssetStatus)),
    broken=mostly(None, st.integers(0, 5)),
    plant=mostly(GOOD, plants),
)
def test_what_is_allowed_breaks_no_rule(
    command, value, seen, age_ms, for_s, confirm, status, broken, plant
) -> None:
    """Whatever comes together: what is allowed was allowed by each rule by itself."""
    seen = POINTS[command]["value"] if seen is ... else seen
    value = SOUND[command] if value is ... else value
    for_s = (600 if command == "grid-setpoint" else None) if for_s is ... else for_s
    flags = [number != broken for number in range(6)]
    right, control, ready, free, idle, adjustable = flags
    now = situation(
        command,
        right=right,
        control=control,
        unready="" if ready else "silent",
        lockout=None if free else LOCK,
        busy=not idle,
        point=(offered := point(command, why_not="" if adjustable else "a switch")),
        asset=asset("bess-1", situation(command).asset.kind, status, name="BESS 1 Main stage"),
        plant=plant,
    )
    verdict = may(
        request(command, value, seen=seen, made_ms=NOW - age_ms, for_s=for_s, confirm=confirm), now
    )
    if isinstance(verdict, Refusal):
        assert verdict.reason
        return
    assert all(flags)
    assert status is AssetStatus.LIVE
    assert -1000 <= age_ms <= 5000
    assert same(seen, offered.value)
    if isinstance(verdict.value, str):
        assert verdict.value in offered.choices
    else:
        assert offered.low is not None
        assert offered.high is not None
        assert offered.low <= verdict.value <= offered.high
        assert offered.step is None or verdict.value % offered.step in (0, offered.step)
    assert COMMANDS[command].check(verdict.value, plant) == ""
    if COMMANDS[command].danger is Danger.DANGEROUS:
        assert confirm.split() == ["BESS", "1", "Main", "stage"]
    if command == "grid-setpoint" and verdict.value != "release":
        assert for_s is not None


@pytest.mark.parametrize("command", sorted(POINTS))
def test_each_can_be_allowed(command) -> None:
    """The rules forbid nothing for good: as things should be, each command is allowed."""
    for_s = 600 if command == "grid-setpoint" else None
    verdict = may(request(command, SOUND[command], for_s=for_s), situation(command))
    assert isinstance(verdict, Allowed), verdict


@given(command=st.sampled_from(sorted(POINTS)), plant=plants)
def test_an_offer_says_what_would_be_refused(command, plant) -> None:
    """What an offer calls impossible is refused, and what it does not is not refused for that."""
    now = situation(command, plant=plant)
    told = offer(now, "")
    assert told is not None
    for word in told.choices:
        verdict = may(request(command, word), now)
        refused = isinstance(verdict, Refusal) and verdict.code == "precondition"
        assert refused is (word in told.impossible)


@given(plant=plants)
def test_no_load_drops(plant) -> None:
    """Off is never allowed under load, nor charger only without AC, nor to do without AC what the
    inverter or the battery cannot carry; what is not known counts as worse."""
    loaded = plant.load_w is None or plant.load_w > pre.UNDER_LOAD_W
    if loaded:
        assert pre.mode("off", plant)
        if plant.ac_source not in (1.0, 2.0, 3.0):
            assert pre.mode("charger-only", plant)
    weak = (
        plant.load_w is None
        or plant.inverter_w is None
        or plant.load_w > plant.inverter_w
        or plant.soc_pct is None
        or plant.soc_limit_pct is None
        or plant.soc_pct < plant.soc_limit_pct
    )
    if weak:
        assert pre.mode("inverter-only", plant)
        if plant.ac_source not in (1.0, 3.0):
            assert pre.generator("stop", plant)
            assert pre.generator_auto("off", plant)
    assert pre.generator("start", plant) == ""


@given(plant=plants, amps=st.floats(0, 1000))
def test_a_limit_leaves_enough(plant, amps) -> None:
    """A limit that is allowed carries, with what the inverter adds, all loads."""
    if pre.input_limit(amps, plant):
        return
    assert plant.load_w is not None
    assert plant.input_v
    assert plant.phases
    carried = amps * plant.input_v * plant.phases + (plant.inverter_w or 0.0)
    assert carried >= plant.load_w - 1e-6


def test_numbers_as_text() -> None:
    """A number that is written as text is one where the command takes numbers."""
    assert normal("60", point("input-limit-1")) == 60.0
    assert normal(" Release ", point("grid-setpoint")) == "release"
    assert normal("1e3", point("grid-setpoint")) == 1000.0
    assert normal("3", point("mode")) == "3"


def test_the_whole_name_is_typed() -> None:
    """Spaces aside the name is typed as it is."""
    for typed in ("BESS 1", "bess 1 main stage", "BESS 1 Main stage."):
        verdict = may(request("mode", "on", confirm=typed), situation("mode"))
        assert isinstance(verdict, Refusal)
        assert verdict.code == "not_confirmed"
        assert "BESS 1 Main stage" in verdict.hint


def test_kinds() -> None:
    """A command of another kind of asset is not offered, whatever its source says."""
    now = structs.replace(situation("mode"), asset=asset("gen-1", AssetKind.GENERATOR))
    verdict = may(request("mode", "on", confirm="gen-1"), now)
    assert isinstance(verdict, Refusal)
    assert verdict.code == "no_such_command"
    assert offer(now, "") is None
