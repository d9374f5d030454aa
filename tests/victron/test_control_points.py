"""What GX of other shapes offer, and that no other path can ever be written."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.victron.control_points import WRITABLE, plant, spots
from collector.sources.victron.control_write import Timing, Watched, Wish, payload_of, write
from collector.sources.victron.derive.common import Readings
from collector.sources.victron.payload import read_limits
from collector.sources.victron.tree import Service, Slot

NEVER = (
    "battery/512/Mode", "vebus/276/SystemReset", "vebus/276/RedetectSystem",
    "settings/0/Settings/SystemSetup/MaxChargeVoltage", "settings/0/Settings/Services/Bol",
    "settings/0/Settings/Services/MqttLocal", "settings/0/Settings/System/SecurityProfile",
    "settings/0/Settings/Network/VrmPortal", "settings/0/Settings/CGwacs/AcPowerSetPoint",
    "settings/0/Settings/CGwacs/Hub4Mode", "platform/0/Device/Reboot", "genset/1/Start",
    "solarcharger/278/Mode", "system/0/Relay/2/State", "hub4/0/Overrides/ForceCharge",
    "vebus/276/Mode/x", "x/vebus/276/Mode", "vebus/276/Mode\n", "vebus/#", "vebus/+/Mode",
    "multi/0/Relay/0/State", "generator/0/ServiceCounterReset", "vebus/276/Ac/In/3/CurrentLimit",
)  # fmt: skip


class Hand:
    """A GX by hand."""

    def __init__(self, **values: dict[str, object]) -> None:
        self.services = {}
        for name, said in values.items():
            kind, _, instance = name.partition("_")
            service = Service(kind, instance or "0", 0.0)
            service.values = {
                path: float(value) if isinstance(value, int) else value  # type: ignore[misc]
                for path, value in said.items()
            }
            self.services[kind, service.instance] = service
        self.logics: dict[str, Service] = {}

    @property
    def inverters(self) -> Sequence[Service]:
        kinds = ("vebus", "acsystem", "multi", "inverter")
        found = [s for s in self.services.values() if s.kind in kinds]
        return [s for s in found if s.kind == found[0].kind]

    def logic_at(self, role: str) -> Service | None:
        return self.logics.get(role)

    def whole(self) -> Readings:
        return {"load_power_w": 900.0, "ac_source": 1.0, "battery_soc_pct": 50.0}

    def tails(self, role: str = "") -> dict[str, str]:
        return {name: spot.point.target for name, spot in spots(role, self, self.services).items()}


@pytest.mark.parametrize("tail", NEVER)
def test_never_written(tail: str) -> None:
    """What drops an output, harms a battery, locks people out or wears the flash is not in the
    pattern, and no pattern can be widened by what a topic holds."""
    assert WRITABLE.match(tail) is None


async def test_the_last_guard() -> None:
    """Even asked for, such a path is not written."""
    said: list[tuple[str, str]] = []

    async def say(topic: str, payload: str) -> None:
        said.append((topic, payload))

    wish = Wish("battery/512/Mode", '{"value":252}', (), (), lambda: True)
    with pytest.raises(ValueError, match="not to be written"):
        await write(say, Watched(), "b827eb000001", wish, Timing())
    assert said == []


def test_multi_rs() -> None:
    """A Multi RS alone: mode, limits and the ESS limit of its own."""
    gx = Hand(
        multi_0={
            "Mode": 3, "Ac/In/1/CurrentLimit": 50.0, "Ac/In/1/CurrentLimitIsAdjustable": 1,
            "Settings/Ess/MinimumSocLimit": 20.0,
        }
    )  # fmt: skip
    assert gx.tails() == {
        "mode": "multi/0/Mode",
        "input-limit-1": "multi/0/Ac/In/1/CurrentLimit",
        "minimum-soc": "multi/0/Settings/Ess/MinimumSocLimit",
    }


def test_several_multi_rs() -> None:
    """Several without an acsystem have no mode together: none is offered."""
    gx = Hand(multi_0={"Mode": 3}, multi_1={"Mode": 3})
    assert "mode" not in gx.tails()


def test_phoenix() -> None:
    """An inverter without a charger knows on and off, by numbers of its own."""
    found = spots("", Hand(inverter_1={"Mode": 2}), Hand(inverter_1={"Mode": 2}).services)
    assert found["mode"].point.value == "on"
    assert found["mode"].numbers == {"on": 2, "off": 4}
    both = Hand(inverter_1={"Mode": 3, "IsInverterCharger": 1})
    assert spots("", both, both.services)["mode"].numbers["charger-only"] == 1


def test_an_old_multi() -> None:
    """One that tells of its active input only has one limit."""
    gx = Hand(vebus_276={"Mode": 3, "Ac/ActiveIn/CurrentLimit": 16.0})
    assert gx.tails() == {
        "mode": "vebus/276/Mode",
        "input-limit-1": "vebus/276/Ac/ActiveIn/CurrentLimit",
    }


@pytest.mark.parametrize(
    ("active", "words"),
    [(0, "AC input 1 feeds it"), (1, "AC input 2 feeds it"), (240, "no AC input feeds it")],
)
def test_what_a_limit_shows(active: int, words: str) -> None:
    """Beside a limit stands which input feeds the inverter now, then the inverter's own state."""
    gx = Hand(
        vebus_276={"Ac/In/1/CurrentLimit": 16.0, "Ac/ActiveIn/ActiveInput": active, "State": 9}
    )
    shown = spots("", gx, gx.services)["input-limit-1"].point.effect
    assert shown == f"{words}, its state is inverting"


def test_a_mode_that_nobody_knows() -> None:
    """Passthrough is shown as the number that it is, and can be left."""
    gx = Hand(acsystem_0={"Mode": 251})
    point = spots("", gx, gx.services)["mode"].point
    assert point.value == 251.0
    assert "on" in point.choices


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"State": 5}, "level of its tank"),
        ({"Error": 1}, "remote start"),
        ({"Alarms/RemoteStartModeDisabled": 2}, "remote start"),
        ({"Enabled": 0}, "switched off"),
        ({"State": 0, "Enabled": 1}, ""),
    ],
)
def test_a_generator_that_would_not_start(said: dict[str, object], why: str) -> None:
    """What keeps the logic from starting its engine is said beforehand."""
    gx = Hand(generator_0={"ManualStart": 0, "ManualStartTimer": 0, **said})
    gx.logics["genset"] = gx.services["generator", "0"]
    point = spots("genset", gx, gx.services)["generator"].point
    assert why in point.why_not
    assert bool(point.why_not) is bool(why)


@pytest.mark.parametrize("function", [-1, 0, 1, 3, 4, 5, 6, 7, None])
def test_relays_that_the_gx_switches(function: int | None) -> None:
    """Any function but manual, known or not, keeps the relay from us."""
    gx = Hand(system={"Relay/0/State": 0}, settings={"Settings/Relay/Function": function})
    assert "not manual" in spots("", gx, gx.services)["relay-1"].point.why_not


def test_relay_by_hand() -> None:
    """A manual one may be switched."""
    gx = Hand(system={"Relay/0/State": 1}, settings={"Settings/Relay/Function": 2})
    point = spots("", gx, gx.services)["relay-1"].point
    assert (point.value, point.why_not) == ("on", "")


def test_a_service_that_is_gone() -> None:
    """What has vanished or says that it is not connected offers nothing."""
    for gx in (Hand(vebus_276={"Mode": 3}), Hand(vebus_276={"Mode": 3, "Connected": 0})):
        gx.services["vebus", "276"].gone = "Connected" not in gx.services["vebus", "276"].values
        assert gx.tails() == {}


def test_limits_of_the_device() -> None:
    """Limits that a payload states stand above ours; others are read as none."""
    gx = Hand(vebus_276={"Ac/In/1/CurrentLimit": 16.0})
    slot = Slot(gx.services["vebus", "276"], "Ac/In/1/CurrentLimit")
    slot.payload = b'{"max":50.0,"min":5.3,"value":16.0}'
    slot.service.slots.append(slot)
    point = spots("", gx, gx.services)["input-limit-1"].point
    assert (point.low, point.high) == (5.3, 50.0)
    assert read_limits(b'{"max":"x","value":1}') == (None, None)
    assert read_limits(b"") == (None, None)


def test_what_preconditions_know() -> None:
    """Ratings of the phases add up, the voltage is that of a phase, the higher limit counts."""
    gx = Hand(
        vebus_276={
            "Ac/Out/L1/NominalInverterPower": 4000, "Ac/Out/L2/NominalInverterPower": 4000,
            "Ac/Out/L1/V": 121.0, "Ac/Out/L2/V": 119.0, "Ac/NumberOfPhases": 2,
        },
        system={"Control/ActiveSocLimit": 10.0},
        settings={"Settings/CGwacs/BatteryLife/MinimumSocLimit": 35.0},
    )  # fmt: skip
    told = plant(gx, gx.services)
    assert (told.inverter_w, told.input_v, told.phases) == (8000.0, 120.0, 2)
    assert (told.soc_limit_pct, told.load_w, told.ac_source) == (35.0, 900.0, 1.0)
    assert plant(Hand(), {}).inverter_w is None


@given(value=st.floats(-1e6, 1e6), whole=st.booleans())
def test_payloads_are_numbers(value: float, whole: bool) -> None:
    """Integers go out as integers, other numbers with a point; words by their numbers."""
    text = payload_of(value, {}, whole=whole)
    assert text.startswith('{"value":')
    assert text.endswith("}")
    number = text.removeprefix('{"value":').removesuffix("}")
    assert ("." in number or "e" in number) is not whole
    assert payload_of("on", {"on": 3}, whole=True) == '{"value":3}'
    assert payload_of("release", {"release": None}, whole=True) == '{"value":null}'
