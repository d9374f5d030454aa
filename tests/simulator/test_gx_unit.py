"""The MQTT behaviour of a GX, rule by rule, with time in hand."""

import json
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.simulator.gx.unit import echo_of, encode
from collector.simulator.physics.bess import Mode, Source
from collector.simulator.physics.genset import Engine
from tests.simulator.gx import Bench, names, values

SUPPRESS = '{"keepalive-options":["suppress-republish"]}'


def echo(text: str) -> str:
    """A keepalive that asks for an echo."""
    return json.dumps({"keepalive-options": [{"full-publish-completed-echo": text}]})


def test_silent_until_somebody_keeps_it_alive() -> None:
    """On start it says its keepalive flag and its retained serial, and then nothing."""
    bench = Bench()
    bench.gx.connected()
    portal = bench.plan.portal_id
    serial = b'{"value":"%s"}' % portal.encode()
    assert bench.take() == [("keepalive", b"1", False), ("system/0/Serial", serial, True)]
    assert bench.pass_s(30) == []


def test_empty_keepalive_publishes_everything_once() -> None:
    """Every topic comes exactly once and the completed message with the time comes last."""
    bench = Bench()
    said = bench.send("R/keepalive")
    assert len(said) == bench.topics + 1
    assert len(set(names(said))) == len(said)
    assert said[-1][0] == "full_publish_completed"
    assert json.loads(said[-1][1]) == {"value": int(bench.wall())}
    assert 600 <= bench.topics <= 900


def test_echo_is_repeated() -> None:
    """The completed message repeats the caller's echo; a number is no echo."""
    bench = Bench()
    done = json.loads(bench.send("R/keepalive", echo("a-1"))[-1][1])
    assert done == {"full-publish-completed-echo": "a-1", "value": int(bench.wall())}
    assert echo_of(b'{"keepalive-options":[{"full-publish-completed-echo":5}]}') is None
    assert echo_of(b"broken") is None
    assert echo_of(b"[1]") is None


def test_suppressed_keepalive_only_keeps_alive() -> None:
    """No republish and no completed message, but changes and heartbeats come."""
    bench = Bench()
    assert bench.send("R/keepalive", SUPPRESS) == []
    said = bench.pass_s(3)
    assert "heartbeat" in names(said)
    assert "battery/512/Dc/0/Power" in names(said)


def test_alive_for_sixty_seconds() -> None:
    """60 s after the last keepalive changes and heartbeats end, without any null."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    assert bench.pass_s(59)
    assert bench.pass_s(1) == []
    assert bench.pass_s(20) == []


def test_heartbeat_every_three_seconds() -> None:
    """The heartbeat comes every 3 s and holds the GX' UTC seconds."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    beats = [json.loads(raw)["value"] for tail, raw, _ in bench.pass_s(30) if tail == "heartbeat"]
    assert len(beats) == 10
    assert {b - a for a, b in pairwise(beats)} == {3}


def test_three_full_publishes_a_second() -> None:
    """A fourth one in a second is refused in silence; the next second has three again."""
    bench = Bench()
    for _ in range(3):
        assert bench.send("R/keepalive")
    assert bench.send("R/keepalive", echo("x")) == []
    bench.pass_s(1)
    assert bench.send("R/keepalive")


def test_legacy_keepalive() -> None:
    """Asking for system/0/Serial keeps alive too and gives the serial."""
    bench = Bench()
    said = bench.send("R/system/0/Serial")
    assert values(said)["system/0/Serial"] == bench.plan.portal_id
    assert bench.gx.alive


def test_only_changes_are_published() -> None:
    """Without any step of the plant nothing but heartbeats and the clock comes."""
    bench = Bench()
    bench.send("R/keepalive")
    bench.pass_s(60, plant=False)
    bench.send("R/keepalive", SUPPRESS)
    still = set(names(bench.pass_s(30, plant=False)))
    assert still <= {"heartbeat", "platform/0/Device/Time", "logger/0/Vrm/TimeLastContact"}


def test_rates_are_those_of_a_real_gx() -> None:
    """A big GX sends some tens of messages a second, no topic more than once a second."""
    bench = Bench()
    bench.send("R/keepalive")
    said = bench.pass_s(50)
    assert 20 <= len(said) / 50 <= 75
    assert max(names(said).count(name) for name in set(names(said))) <= 50


def test_read_of_a_path_even_when_not_alive() -> None:
    """An exact path gives one message without anybody keeping it alive."""
    bench = Bench()
    said = bench.send("R/battery/512/Soc")
    assert names(said) == ["battery/512/Soc"]
    assert not bench.gx.alive


def test_read_of_a_subtree_gives_its_children() -> None:
    """A sub-path publishes all children, a service all its paths, the unknown nothing."""
    bench = Bench()
    children = names(bench.send("R/vebus/276/Ac/ActiveIn/L2"))
    assert sorted(children) == [f"vebus/276/Ac/ActiveIn/L2/{x}" for x in "FIPSV"]
    whole = bench.send("R/battery/512")
    assert len(whole) == len(bench.gx.services["battery/512"].values)
    assert bench.send("R/battery/513/Soc") == []
    assert bench.send("R/battery/512/Nonsense") == []
    assert bench.send("R/battery/#") == []


def test_write_takes_effect_and_is_told() -> None:
    """A writable path: the plant follows, and the new value is published to who keeps alive."""
    bench = Bench(index=1)
    bench.send("R/keepalive", SUPPRESS)
    said = bench.send("W/vebus/276/Mode", '{"value":1}')
    assert said == [("vebus/276/Mode", b'{"value":1}', False)]
    assert bench.plan.bess.mode is Mode.CHARGER_ONLY


def test_write_of_the_same_value_says_nothing() -> None:
    """No change, no message."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    assert bench.send("W/vebus/276/Mode", '{"value":3}') == []


def test_current_limit_is_coerced() -> None:
    """The Multi makes a current limit fit its range and step."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    said = values(bench.send("W/vebus/276/Ac/In/1/CurrentLimit", '{"value":3.21}'))
    assert said == {"vebus/276/Ac/In/1/CurrentLimit": 7.5}


@pytest.mark.parametrize(
    ("tail", "payload"),
    [
        ("vebus/276/Mode", '{"value":9}'),
        ("vebus/276/Mode", '{"value":true}'),
        ("vebus/276/Mode", '{"value":"3"}'),
        ("vebus/276/State", '{"value":0}'),
        ("vebus/276/Mode", "4"),
        ("vebus/276/Mode", '{"val":4}'),
        ("vebus/276/Mode", '{"value":{"a":1}}'),
        ("vebus/276/Mode", "not json \udcff"),
        ("vebus/277/Mode", '{"value":4}'),
        ("vebus", '{"value":4}'),
        ("settings/0/Settings/CGwacs/Hub4Mode", '{"value":7}'),
        ("settings/0/Settings/CGwacs/Hub4Mode", '{"value":null}'),
        ("settings/0/Settings/Nowhere", '{"value":1}'),
    ],
)
def test_unusable_writes_are_ignored(tail: str, payload: str) -> None:
    """Unknown or read-only paths, wrong types, values outside the range: nothing comes back and
    nothing changes; it is counted."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    before = bench.gx.ignored
    assert bench.send(f"W/{tail}", payload.encode("utf-8", "surrogateescape")) == []
    assert bench.plan.bess.mode is Mode.ON
    assert bench.gx.ignored == before + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@settings(max_examples=150)
@given(data=st.data(), value=JSON)
def test_no_write_upsets_it(data: st.DataObject, value: object) -> None:
    """Whatever is written to any writable path, nothing is raised and what it says afterwards is
    finite JSON."""
    bench = _shared()
    name, path = data.draw(st.sampled_from(_writable(bench)))
    bench.send("R/keepalive", SUPPRESS)
    bench.send(f"W/{name}/{path}", json.dumps({"value": value}))
    for tail, raw, _ in bench.pass_s(2) + bench.send(f"R/{name}/{path}"):
        assert not raw or json.loads(raw, parse_constant=_refuse) is not None, tail


@given(verb=st.sampled_from("RWN"), tail=st.text(max_size=30), payload=st.binary(max_size=60))
def test_no_message_upsets_it(verb: str, tail: str, payload: bytes) -> None:
    """Any topic and any bytes are survived."""
    _shared().send(f"{verb}/{tail}", payload)


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"value":' + b"9" * 5000 + b"}"])
def test_payloads_made_to_break_a_parser(payload: bytes) -> None:
    """Deep nesting and endless numbers are ignored."""
    bench = Bench()
    bench.send("W/vebus/276/Mode", payload)
    assert bench.send("R/keepalive", payload)
    assert bench.plan.bess.mode is Mode.ON


def test_text_that_is_no_text() -> None:
    """A lone surrogate in a written string does not end the GX."""
    bench = Bench()
    bench.send("R/keepalive", SUPPRESS)
    path = "settings/0/Settings/System/TimeZone"
    assert bench.send(f"W/{path}", r'{"value":"a\ud800"}') == [(path, b'{"value":"a?"}', False)]


@cache
def _shared() -> Bench:
    return Bench()


def _writable(bench: Bench) -> list[tuple[str, str]]:
    return [(s.name, path) for s in bench.gx.services.values() for path in s.writes]


def _refuse(constant: str) -> None:
    raise AssertionError(constant)


def test_settings_carry_their_limits() -> None:
    """Settings have max, min, value in this order; other paths have the value alone."""
    bench = Bench()
    (said,) = bench.send("R/settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit")
    assert said[1] == b'{"max":100.0,"min":0.0,"value":10.0}'
    (soc,) = bench.send("R/battery/512/Soh")
    assert soc[1] == b'{"value":98.0}'


def test_start_by_hand_runs_the_engine() -> None:
    """ManualStart leads through starting and warm-up to a running, loaded generator, and the
    timer ends it."""
    bench = Bench()
    genset = bench.plan.bess.genset
    assert genset is not None
    bench.plan.bess.started_by_soc = False
    bench.plan.bess.start_soc_pct = 5
    bench.send("R/keepalive", SUPPRESS)
    bench.pass_s(200)
    assert genset.engine is Engine.STOPPED
    bench.send("R/keepalive", SUPPRESS)
    bench.send("W/generator/1/ManualStartTimer", '{"value":120}')
    bench.send("W/generator/1/ManualStart", '{"value":1}')
    said = bench.pass_s(50)
    codes = [json.loads(raw)["value"] for tail, raw, _ in said if tail == "genset/1/StatusCode"]
    assert codes == sorted(codes)
    assert codes[-1] == 8
    assert bench.plan.bess.source is Source.GENERATOR
    assert values(said)["system/0/Ac/ActiveIn/Source"] == 2
    assert values(said)["generator/1/RunningByConditionCode"] == 1
    bench.send("R/keepalive", SUPPRESS)
    bench.pass_s(55)
    bench.send("R/keepalive", SUPPRESS)
    assert values(bench.pass_s(59))["generator/1/ManualStart"] == 0


def test_lost_service_is_told_even_when_not_alive() -> None:
    """Each topic gets an empty payload; reads are silent; when it is back its values come."""
    bench = Bench()
    bench.gx.lose("battery/512")
    said = bench.take()
    assert len(said) == len(bench.gx.services["battery/512"].values)
    assert all(raw == b"" and tail.startswith("battery/512/") for tail, raw, _ in said)
    assert bench.send("R/battery/512/Soc") == []
    bench.send("R/keepalive", SUPPRESS)
    lost = values(bench.pass_s(10))
    assert lost["system/0/Dc/Battery/Soc"] is None
    assert lost["vebus/276/Alarms/BmsConnectionLost"] == 2
    bench.gx.find("battery/512")
    assert "battery/512/Soc" in names(bench.take())
    assert values(bench.pass_s(10))["system/0/Dc/Battery/Soc"] is not None


def test_reboot_forgets_what_is_in_memory() -> None:
    """Volatile counters start at zero, stored ones go on, services come one after the other."""
    bench = Bench()
    bench.plan.bess.paths.wh["in_out"] += 5000
    first = values(bench.send("R/keepalive"))
    assert first["vebus/276/Energy/AcIn1ToAcOut"] > 4
    bench.gx.reboot({"battery/512": 5.0})
    said = bench.send("R/keepalive")
    again = values(said)
    assert "battery/512/Soc" not in again
    assert again["system/0/Dc/Battery/Soc"] is None
    assert again["vebus/276/Energy/AcIn1ToAcOut"] == 0
    late = bench.pass_s(6)
    assert "battery/512/Soc" in names(late)
    assert (
        values(late)["battery/512/History/ChargedEnergy"]
        >= first["battery/512/History/ChargedEnergy"]
    )


def test_hung_gx_says_and_hears_nothing() -> None:
    """While it hangs nothing is published, not even that a service has vanished, and no request is
    answered."""
    bench = Bench()
    bench.send("R/keepalive")
    bench.gx.hung = True
    assert bench.pass_s(20) == []
    assert bench.send("R/keepalive") == []
    bench.gx.lose("battery/512")
    assert bench.take() == []
    bench.gx.hung = False
    assert bench.pass_s(3)
    assert "battery/512/Soc" not in names(bench.send("R/keepalive"))


def test_another_portal_is_not_meant() -> None:
    """Requests for another portal id have no effect."""
    bench = Bench()
    bench.gx.received("R/b827eb999999/keepalive", b"")
    bench.gx.received("R", b"")
    assert bench.take() == []


def test_values_have_the_types_of_a_gx() -> None:
    """Integers, floats with 32-bit noise, strings, lists, objects and nulls all occur, and no
    payload is anything but compact JSON."""
    bench = Bench()
    said = bench.send("R/keepalive")
    found = values(said)
    assert isinstance(found["vebus/276/Ac/Out/P"], int)
    assert isinstance(found["system/0/Batteries"], list)
    assert found["system/0/Ac/PvOnGrid/L1/Power"] is None
    noisy = [v for k, v in found.items() if k.startswith("battery") and isinstance(v, float)]
    assert any(len(repr(v)) > 12 for v in noisy)
    for _, raw, _ in said:
        compact = json.dumps(json.loads(raw), separators=(",", ":"), ensure_ascii=False)
        assert raw.decode() == compact
        assert b"NaN" not in raw


def test_encode() -> None:
    """Payload bytes are dbus-flashmq's."""
    assert encode(1, None) == b'{"value":1}'
    assert encode(25.600000381469727, None) == b'{"value":25.600000381469727}'
    assert encode(True, None) == b'{"value":true}'
    assert encode("ä", None) == '{"value":"ä"}'.encode()
    assert encode(0, (0, 2)) == b'{"max":2,"min":0,"value":0}'


def test_relay_generator_has_no_genset_service() -> None:
    """A trailer's generator is started by relay 0; whoever writes that relay starts the engine
    beside its logic, as on a real GX."""
    bench = Bench(assets=3)
    assert "generator/0" in bench.gx.services
    assert not any(name.startswith("genset") for name in bench.gx.services)
    bench.send("R/keepalive", SUPPRESS)
    assert values(bench.send("W/system/0/Relay/1/State", '{"value":1}')) == {
        "system/0/Relay/1/State": 1
    }
    bench.plan.bess.auto_start = False
    bench.pass_s(100)
    bench.send("R/keepalive", SUPPRESS)
    bench.send("W/system/0/Relay/0/State", '{"value":1}')
    said = values(bench.pass_s(3))
    assert said["system/0/Relay/0/State"] == 1
    assert "generator/0/ManualStart" not in said
    assert bench.plan.bess.genset is not None
    assert bench.plan.bess.genset.wanted


def test_an_override_lapses() -> None:
    """The volatile setpoint works for 60 s after it was written last, whatever the plant's speed,
    and null releases it at once."""
    bench = Bench(index=1)
    bench.send("R/keepalive", SUPPRESS)
    bench.send("W/hub4/0/Overrides/Setpoint", '{"value":4000}')
    bench.pass_s(50)
    assert bench.plan.bess.grid_setpoint_w == 4000
    bench.send("W/hub4/0/Overrides/Setpoint", '{"value":4000}')
    bench.pass_s(58)
    assert bench.plan.bess.grid_setpoint_w == 4000
    bench.pass_s(3, plant=False)
    assert bench.plan.bess.grid_setpoint_w is None
    bench.send("W/hub4/0/Overrides/Setpoint", '{"value":-2000}')
    bench.send("W/hub4/0/Overrides/Setpoint", '{"value":null}')
    assert bench.plan.bess.grid_setpoint_w is None


@pytest.mark.parametrize(
    ("path", "value"),
    [("Mode", 1), ("Ac/In/1/CurrentLimit", 20.0), ("Ac/In/2/CurrentLimit", 20.0)],
)
def test_what_is_not_adjustable_stays(path: str, value: float) -> None:
    """A switch, or an unticked "overruled by remote": a write does nothing, without a word."""
    bench = Bench()
    service = bench.gx.services["vebus/276"]
    guard = "ModeIsAdjustable" if path == "Mode" else f"{path}IsAdjustable"
    service.values[guard] = 0
    before = service.values[path]
    bench.send("R/keepalive", SUPPRESS)
    assert bench.send(f"W/vebus/276/{path}", json.dumps({"value": value})) == []
    assert values(bench.send(f"R/vebus/276/{path}"))[f"vebus/276/{path}"] == before


def test_automatic_start_can_be_switched_off() -> None:
    """Without it a low charge starts nothing; with it the engine runs by state of charge."""
    bench = Bench()
    bess, genset = bench.plan.bess, bench.plan.bess.genset
    assert genset is not None
    bench.send("R/keepalive", SUPPRESS)
    bench.send("W/generator/1/AutoStartEnabled", '{"value":0}')
    bess.battery.soc_pct = bess.start_soc_pct - 5
    bench.pass_s(100)
    assert genset.engine is Engine.STOPPED
    bench.send("R/keepalive", SUPPRESS)
    bench.send("W/generator/1/AutoStartEnabled", '{"value":1}')
    said = values(bench.pass_s(40))
    assert said["generator/1/RunningByConditionCode"] == 4


def test_minimum_charge_stops_the_discharge_at_the_grid() -> None:
    """At the limit the grid carries the loads, and the limit in force is told."""
    bench = Bench(index=1)
    bess = bench.plan.bess
    bess.battery.soc_pct, bess.grid_setpoint_w = 40.0, None
    bench.send("R/keepalive", SUPPRESS)
    path = "settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit"
    said = values(bench.send(f"W/{path}", '{"value":60.0}'))
    assert said[path] == 60.0
    assert bench.send(f"W/{path}", '{"value":160.0}') == []
    bench.send("W/hub4/0/Overrides/Setpoint", '{"value":-15000}')
    said = values(bench.pass_s(5))
    assert said["system/0/Control/ActiveSocLimit"] == 60.0
    assert bess.battery.flow.w >= -100
    bench.send(f"W/{path}", '{"value":10.0}')
    bench.pass_s(5)
    assert bess.battery.flow.w < -100
