"""What a GX's topics become: services with values, and raw series."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.victron import tree as tree_module
from collector.sources.victron.tree import Tree
from tests.support.image import RecordedCell, RecordingImage
from tests.victron.conftest import HandClock

ROOT = "N/p1/"


class Bench:
    """A tree on a recording image."""

    def __init__(self) -> None:
        self.image = RecordingImage()
        self.clock = HandClock()
        self.tree = Tree(self.image, "p1", self.clock)

    def say(self, tail: str, value: object) -> None:
        """A value by `service/instance/path`."""
        self.tree.take(ROOT + tail, json.dumps({"value": value}).encode())

    def empty(self, tail: str) -> None:
        """An empty payload."""
        self.tree.take(ROOT + tail, b"")

    def raw(self, name: str, instance: str = "276") -> float | None:
        """The value of a raw series."""
        return self.image.raw()[f"{name}{{instance={instance},portal_id=p1}}"]


@pytest.fixture
def bench() -> Bench:
    """A tree that nothing was said to yet."""
    return Bench()


def test_names_and_labels(bench: Bench) -> None:
    """A number becomes a series `victron_<service>_<path in snake case>` with portal and
    instance; truth values are 0 and 1; texts and lists are no series."""
    bench.say("vebus/276/Ac/Out/L1/P", 640)
    bench.say("battery/512/Info/MaxChargeCurrent", 100.5)
    bench.say("modbusclient/0/Scan", True)
    bench.say("vebus/276/ProductName", "MultiPlus")
    bench.say("system/0/Batteries", [{"soc": 1}])
    assert bench.image.raw() == {
        "victron_vebus_ac_out_l1_p{instance=276,portal_id=p1}": 640.0,
        "victron_battery_info_max_charge_current{instance=512,portal_id=p1}": 100.5,
        "victron_modbusclient_scan{instance=0,portal_id=p1}": 1.0,
    }


def test_repeat_is_said_again(bench: Bench) -> None:
    """The same payload again (a full publish) sets the series again and changes nothing else."""
    bench.say("vebus/276/State", 9)
    bench.tree.changed[0].changed = False
    bench.tree.changed.clear()
    bench.say("vebus/276/State", 9)
    (cell,) = bench.image.cells.values()
    assert (cell.value, cell.sets) == (9.0, 2)
    assert bench.tree.changed == []


def test_null_ends_the_series(bench: Bench) -> None:
    """`null`: the path has no valid value; its series is cleared, and comes back with a value."""
    bench.say("battery/512/TimeToGo", 3600)
    bench.say("battery/512/TimeToGo", None)
    assert bench.raw("victron_battery_time_to_go", "512") is None
    service = bench.tree.services["battery", "512"]
    assert service.values["TimeToGo"] is None
    assert not service.gone
    bench.say("battery/512/TimeToGo", 3600)
    assert bench.raw("victron_battery_time_to_go", "512") == 3600.0


def test_vanished_service(bench: Bench) -> None:
    """An empty payload on an identifying path means that the whole service is gone: all its
    series end, whatever is still to come; a later value brings it back, with that value alone."""
    bench.say("pvinverter/20/Connected", 1)
    bench.say("pvinverter/20/Ac/Power", 900)
    bench.say("pvinverter/20/Ac/Energy/Forward", 12.5)
    bench.empty("pvinverter/20/Connected")
    service = bench.tree.services["pvinverter", "20"]
    assert service.gone
    assert not service.usable
    assert "lists pvinverter/20 no more" in service.absence
    assert service.values == {}
    assert set(bench.image.raw().values()) == {None}
    bench.empty("pvinverter/20/Ac/Power")
    bench.say("pvinverter/20/Ac/Power", 450)
    assert not service.gone
    assert service.values == {"Ac/Power": 450.0}
    assert bench.raw("victron_pvinverter_ac_power", "20") == 450.0
    assert bench.raw("victron_pvinverter_ac_energy_forward", "20") is None


def test_lost_farewell(bench: Bench) -> None:
    """A service of which two full publishes in a row say nothing is gone, though nobody said so;
    one that says the same as before is not, nor one that one of them has left out."""
    bench.say("pvinverter/20/Ac/Power", 900)
    bench.say("tank/3/Level", 60)
    bench.say("tank/4/Level", 61)
    services = bench.tree.services
    bench.tree.asked()
    bench.say("tank/3/Level", 60)
    assert bench.tree.sweep()
    assert not any(each.gone for each in services.values())
    bench.tree.asked()
    bench.say("tank/3/Level", 60)
    bench.say("tank/4/Level", 61)
    assert not bench.tree.sweep()
    assert {instance for (_, instance), each in services.items() if each.gone} == {"20"}
    assert not bench.tree.sweep()
    assert bench.raw("victron_pvinverter_ac_power", "20") is None
    assert bench.raw("victron_tank_level", "3") == 60.0


def test_one_path_vanishes(bench: Bench) -> None:
    """An empty payload on any other path takes only that path; when nothing is left, the rest."""
    bench.say("tank/3/Level", 60)
    bench.say("tank/3/Remaining", 0.6)
    bench.empty("tank/3/Level")
    service = bench.tree.services["tank", "3"]
    assert service.usable
    assert service.values == {"Remaining": 0.6}
    bench.empty("tank/3/Remaining")
    assert service.gone


def test_same_value_after_absence(bench: Bench) -> None:
    """A device that comes back with the very same value is there again."""
    bench.say("pvinverter/20/Ac/Power", 900)
    bench.empty("pvinverter/20/Ac/Power")
    assert bench.raw("victron_pvinverter_ac_power", "20") is None
    bench.say("pvinverter/20/Ac/Power", 900)
    assert bench.raw("victron_pvinverter_ac_power", "20") == 900.0
    assert bench.tree.services["pvinverter", "20"].usable


def test_not_connected(bench: Bench) -> None:
    """`Connected` 0: the device's series end though the service stands, and show again what they
    hold when it is 1; a value said meanwhile waits, `Connected` itself is shown."""
    bench.say("genset/0/Connected", 1)
    bench.say("genset/0/Ac/Power", 4000)
    bench.say("genset/0/Engine/Speed", 1500)
    bench.say("genset/0/Connected", 0)
    service = bench.tree.services["genset", "0"]
    assert not service.usable
    assert "not connected" in service.absence
    assert bench.raw("victron_genset_ac_power", "0") is None
    assert bench.raw("victron_genset_connected", "0") == 0.0
    bench.say("genset/0/Ac/Power", 4000)
    bench.say("genset/0/Engine/Speed", 0)
    assert bench.raw("victron_genset_ac_power", "0") is None
    assert bench.raw("victron_genset_engine_speed", "0") is None
    bench.say("genset/0/Connected", 1)
    assert service.usable
    assert bench.raw("victron_genset_ac_power", "0") == 4000.0
    assert bench.raw("victron_genset_engine_speed", "0") == 0.0


def test_noise_makes_nothing(bench: Bench) -> None:
    """Daily histories and device trees make no series and no values."""
    bench.say("solarcharger/258/History/Daily/0/Yield", 1.5)
    bench.say("vebus/276/Devices/0/Ac/Inverter/P", 10)
    assert bench.image.raw() == {}
    assert bench.tree.services == {}
    assert not bench.image.drops


def test_broken_keeps_the_value(bench: Bench) -> None:
    """What cannot be read leaves the value alone and is counted; no number ends the series."""
    bench.say("system/0/Dc/Battery/Current", -46.1)
    bench.tree.take(ROOT + "system/0/Dc/Battery/Current", b"xyz")
    assert bench.raw("victron_system_dc_battery_current", "0") == -46.1
    bench.tree.take(ROOT + "system/0/Dc/Battery/Current", b'{"value": NaN}')
    assert bench.raw("victron_system_dc_battery_current", "0") is None
    bench.say("system/0/Dc/Battery/Current", -46.1)
    assert bench.raw("victron_system_dc_battery_current", "0") == -46.1
    assert bench.image.drops == {"payload": 1, "not finite": 1}


def test_number_turns_text(bench: Bench) -> None:
    """A path that held a number and now holds a text ends its series, and is counted."""
    bench.say("vebus/276/Mode", 3)
    bench.say("vebus/276/Mode", "three")
    assert bench.raw("victron_vebus_mode") is None
    assert bench.image.details == {"wrong type": "vebus/276/Mode: str instead of a number"}


def test_text_for_a_number(bench: Bench) -> None:
    """A text or a list where only a number makes sense is no value, and is counted; null is none
    either, and is well."""
    for value in ("900", [900], {"w": 900}, None):
        bench.say("pvinverter/20/Ac/Power", value)
    assert bench.image.drops == {"wrong type": 3}
    assert bench.image.raw() == {}


def test_series_cap(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the cap no series is made, the value is still known, and each is counted."""
    monkeypatch.setattr(tree_module, "MAX_SERIES", 2)
    for number in range(4):
        bench.say(f"vebus/276/P{number}", 1)
    bench.say("vebus/276/P3", 2)
    assert len(bench.image.cells) == 2
    assert bench.tree.services["vebus", "276"].values["P3"] == 2.0
    assert bench.image.drops == {"too many series": 3}


def test_one_series_for_each_topic(bench: Bench) -> None:
    """Two topics that would be called the same do not write into one series, and one of which no
    name is left has none; both are counted."""
    bench.say("vebus/276/Ac/Out/P", 640)
    bench.say("vebus/276/ac/out/p", 1)
    bench.say("vebus/276/日本", 2)
    assert bench.image.raw() == {"victron_vebus_ac_out_p{instance=276,portal_id=p1}": 640.0}
    assert bench.image.drops == {"no series of its own": 2}


def test_service_cap(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless number of devices is not kept; those known go on."""
    monkeypatch.setattr(tree_module, "MAX_SERVICES", 2)
    for number in range(5):
        bench.say(f"pvinverter/{number}/Ac/Power", number)
    bench.say("pvinverter/1/Ac/Frequency", 50)
    assert list(bench.tree.services) == [("pvinverter", "0"), ("pvinverter", "1")]
    assert bench.image.drops == {"too many services": 3}
    assert bench.raw("victron_pvinverter_ac_frequency", "1") == 50.0


def test_topic_cap(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless stream of new topics is not kept."""
    monkeypatch.setattr(tree_module, "MAX_TOPICS", 3)
    for number in range(10):
        bench.say(f"vebus/276/P{number}", 1)
    assert len(bench.tree.services["vebus", "276"].slots) == 3
    assert bench.image.drops == {"too many topics": 7}


def test_large_payloads_are_not_kept(bench: Bench) -> None:
    """Texts and payloads are kept short in memory."""
    bench.say("vebus/276/CustomName", "x" * 4000)
    service = bench.tree.services["vebus", "276"]
    assert service.values["CustomName"] == "x" * 256
    assert len(service.slots[0].payload or b"") < 10


def test_settling(bench: Bench) -> None:
    """A new service is used once a full publish has ended, or 2 s after its first word."""
    bench.say("tank/3/Level", 60)
    bench.tree.settle()
    assert not bench.tree.services["tank", "3"].settled
    bench.tree.settle(complete=True)
    assert bench.tree.services["tank", "3"].settled
    bench.say("tank/4/Level", 60)
    bench.clock.now += 2.0
    bench.tree.settle()
    assert bench.tree.services["tank", "4"].settled


TAILS = st.sampled_from([
    "vebus/276/State", "vebus/276/Connected", "vebus/276/ProductName", "tank/3/Level",
    "tank/3/FluidType", "system/0/Batteries", "heartbeat", "vebus/276/", "x", "vebus//P",
    "vebus/\u202e/P", "vebus/276/\u0301$$", "system/0/History/Daily/1/X",
])  # fmt: skip
PAYLOADS = st.one_of(
    st.binary(max_size=60),
    st.just(b""),
    st.sampled_from([None, 0, 1, 7.5, "a", "", [], [1], {}, {"a": 1}, True, 1e400]).map(
        lambda value: json.dumps({"value": value}).encode()
    ),
)


@given(st.lists(st.tuples(TAILS, PAYLOADS), max_size=60))
def test_any_conversation(messages: list[tuple[str, bytes]]) -> None:
    """Whatever is said in whatever order, nothing is raised, and a series has exactly the value
    that its service holds while the service is usable."""
    bench = Bench()
    for tail, payload in messages:
        bench.tree.take(ROOT + tail, payload)
        bench.tree.settle()
    for service in bench.tree.services.values():
        assert service.said == sum(bool(slot.payload) for slot in service.slots)
        for slot in service.slots:
            if slot.cell is None or slot.path == "Connected":
                continue
            known = service.values.get(slot.path)
            shown = known if isinstance(known, float) and service.usable else None
            assert isinstance(slot.cell, RecordedCell)
            assert slot.cell.value == shown
