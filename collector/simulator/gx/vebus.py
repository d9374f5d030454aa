"""`vebus/276`: three Quattros as one system."""

from typing import Any

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Counter, Get, Row, Service, decimal, number, whole
from collector.simulator.physics.bess import Bess, Mode, Source
from collector.simulator.physics.flow import PHASES, Flow

INSTANCE = 276
_STEP_A = 0.1
_LIMIT_A = (7.5, 300.0)
_ENERGY = {
    "AcIn1ToAcOut": "in_out", "AcIn1ToInverter": "in_inverter", "AcOutToAcIn1": "out_in",
    "OutToInverter": "out_inverter", "InverterToAcIn1": "inverter_in",
    "InverterToAcOut": "inverter_out",
}  # fmt: skip


def state(bess: Bess) -> int:
    """`State`: what the inverter/charger does, in Victron's numbers."""
    if bess.mode is Mode.OFF or not bess.output_on:
        return 0 if bess.mode is Mode.OFF or not bess.overloaded else 2
    if bess.source is Source.NONE:
        return 9
    if bess.inverter_w > 200:
        return 10
    soc = bess.battery.soc_pct
    return 3 if soc < 90 else 4 if soc < 98 else 5


def build(plan: GxPlan) -> Service:
    """The service of `plan`'s inverter/charger."""
    bess = plan.bess
    second = SecondInput()
    rows = [
        Row("State", lambda: state(bess)),
        Row("VebusChargeState", lambda: {3: 1, 4: 2, 5: 3}.get(state(bess), 0), 2),
        Row("VebusError", lambda: 0, 60),
        Row("Mode", lambda: int(bess.mode)),
        Row("Ac/ActiveIn/ActiveInput", lambda: 240 if bess.source is Source.NONE else 0),
        Row("Ac/ActiveIn/Connected", lambda: int(bess.source is not Source.NONE)),
        Row("Ac/ActiveIn/CurrentLimit", lambda: round(bess.input_limit_a, 1), 5),
        Row("Ac/In/1/CurrentLimit", lambda: round(bess.input_limit_a, 1), 5),
        Row("Ac/In/2/CurrentLimit", lambda: round(second.limit_a, 1), 5),
        Row("Dc/0/Voltage", decimal(lambda: bess.battery.voltage_v, 2), 2),
        Row("Dc/0/Current", decimal(lambda: _dc_w(bess) / bess.battery.voltage_v, 1), 2),
        Row("Dc/0/Power", whole(lambda: _dc_w(bess)), 2),
        Row("Dc/0/MaxChargeCurrent", decimal(lambda: bess.battery.charge_limit_a, 0), 10),
        Row("Soc", decimal(lambda: bess.battery.soc_pct, 1), 10),
        Row("Alarms/Overload", lambda: 2 if bess.overloaded else 0),
        Row("Alarms/LowBattery", lambda: 2 if bess.battery.soc_pct < 5 else 0, 5),
        Row("Alarms/BmsConnectionLost", lambda: 2 if "battery/512" in plan.gone else 0),
        Row("Leds/Mains", lambda: int(bess.source is not Source.NONE)),
        Row("Leds/Inverter", lambda: int(bess.inverter_w > 200)),
        Row("Leds/Bulk", lambda: int(state(bess) == 3)),
        Row("Leds/Absorption", lambda: int(state(bess) == 4)),
        Row("Leds/Float", lambda: int(state(bess) == 5)),
        Row("Leds/Overload", lambda: int(bess.overloaded)),
        *_side("Ac/Out", bess.output, bess),
        *_side("Ac/ActiveIn", bess.input, bess),
        *(_energy(bess, path, key) for path, key in _ENERGY.items()),
    ]
    writes = {
        "Mode": lambda v: _mode(bess, v),
        "Ac/In/1/CurrentLimit": lambda v: _limit(bess, "input_limit_a", v),
        "Ac/In/2/CurrentLimit": lambda v: _limit(second, "limit_a", v),
        "Ac/ActiveIn/CurrentLimit": lambda v: _limit(bess, "input_limit_a", v),
    }
    guards = {"Mode": "ModeIsAdjustable"} | {
        f"{side}/CurrentLimit": f"{side}/CurrentLimitIsAdjustable"
        for side in ("Ac/In/1", "Ac/In/2", "Ac/ActiveIn")
    }
    return Service(
        "vebus", INSTANCE, rows, _static(plan), writes=writes, guards=guards, volatile=True
    )


def _energy(bess: Bess, path: str, key: str) -> Row:
    return Row(f"Energy/{path}", Counter(lambda: bess.paths.wh[key] / 1000), 4)


def _dc_w(bess: Bess) -> float:
    """Power into the battery side; + while it charges."""
    return bess.battery.flow.w - bess.pv_dc_w


def _side(prefix: str, flow: Flow, bess: Bess) -> list[Row]:
    """Rows of an AC side; the input has no values while nothing is connected."""
    incoming = prefix == "Ac/ActiveIn"

    def row(path: str, get: Get, every: int) -> Row:
        if not incoming:
            return Row(f"{prefix}/{path}", get, every)
        return Row(f"{prefix}/{path}", lambda: None if bess.source is Source.NONE else get(), every)

    def phase(k: int) -> list[Row]:
        at = f"L{k + 1}"
        return [
            row(f"{at}/P", whole(lambda: flow.p[k]), 2),
            row(f"{at}/S", whole(lambda: flow.va(k)), 2),
            row(f"{at}/V", decimal(lambda: flow.bus.u[k], 2), 3),
            row(f"{at}/I", decimal(lambda: flow.amps(k), 2), 2),
            row(f"{at}/F", decimal(lambda: flow.bus.hz, 3), 4),
        ]

    rows = [r for k in PHASES for r in phase(k)]
    rows.append(row("P", whole(lambda: flow.total_w), 2))
    rows.append(row("S", whole(lambda: flow.total_va), 2))
    return rows


def _mode(bess: Bess, value: Any) -> bool:
    if isinstance(value, bool) or value not in (1, 2, 3, 4):
        return False
    bess.mode = Mode(int(value))
    return True


class SecondInput:
    """AC input 2, to which nothing is connected: it has a limit, and that is all."""

    def __init__(self) -> None:
        self.limit_a = 150.0


def _limit(target: Any, attribute: str, value: Any) -> bool:
    """The Multi coerces to its range and step; a current below its minimum becomes the minimum."""
    amps = number(value)
    if amps is None or amps < 0:
        return False
    within = min(_LIMIT_A[1], max(_LIMIT_A[0], amps))
    setattr(target, attribute, round(within / _STEP_A) * _STEP_A)
    return True


def _static(plan: GxPlan) -> dict[str, Any]:
    values: dict[str, Any] = {
        "Ac/ActiveIn/CurrentLimitIsAdjustable": 1, "Ac/In/1/CurrentLimitIsAdjustable": 1,
        "Ac/In/1/Type": 2 if plan.bess.genset else 1, "Ac/NumberOfPhases": 3,
        "Ac/NumberOfAcInputs": 2, "Ac/PowerMeasurementType": 4,
        "Ac/In/2/CurrentLimitIsAdjustable": 1, "Ac/In/2/Type": 0,
        "Ac/Out/NominalInverterPower": round(plan.bess.spec.inverter.rated_w),
        "ModeIsAdjustable": 1, "ProductId": 9797, "ProductName": "Quattro 48/15000/200-2x100",
        "CustomName": "", "FirmwareVersion": 1362, "Mgmt/Connection": "VE.Bus",
        "Mgmt/ProcessName": "mk2-dbus", "Mgmt/ProcessVersion": "3.91",
        "Dc/0/Temperature": None, "Dc/0/PreferRenewableEnergy": None, "BmsPreAlarm": None,
        "Bms/AllowToCharge": 1, "Bms/AllowToDischarge": 1, "Bms/BmsExpected": 1, "Bms/Error": 0,
        "Hub4/Sustain": 0, "Hub4/DisableCharge": 0, "Hub4/DisableFeedIn": 0,
        "Ac/Control/IgnoreAcIn1": 0, "Ac/Control/IgnoreAcIn2": 0,
        "Ac/State/IgnoreAcIn1": 0, "Ac/State/IgnoreAcIn2": 0,
        "Ac/State/SplitPhaseL2Passthru": None, "Ac/State/RemoteGeneratorSelected": 0,
        "Energy/AcIn2ToAcOut": 0.0, "Energy/AcIn2ToInverter": 0.0,
        "Energy/AcOutToAcIn2": 0.0, "Energy/InverterToAcIn2": 0.0,
        "Settings/AssistCurrentBoostFactor": 2.0, "Settings/InverterOutputVoltage": 120.0,
        "Settings/PowerAssistEnabled": 1, "Leds/Temperature": 0, "Leds/LowBattery": 0,
        "RedetectSystem": 0, "SystemReset": None, "VebusMainState": 9,
        "Interfaces/Mk2/ProductName": "MK3", "Interfaces/Mk2/Version": 1170212,
    }  # fmt: skip
    for alarm in (
        "HighTemperature", "HighDcVoltage", "HighDcCurrent", "TemperatureSensor", "VoltageSensor",
        "PhaseRotation", "GridLost", "BmsPreAlarm",
    ):  # fmt: skip
        values[f"Alarms/{alarm}"] = 0
    for k in (1, 2, 3):
        for alarm in (
            "HighTemperature", "LowBattery", "Overload", "Ripple", "InverterImbalance",
            "MainsImbalance",
        ):  # fmt: skip
            values[f"Alarms/L{k}/{alarm}"] = 0
        values[f"Hub4/L{k}/AcPowerSetpoint"] = None
        values[f"Hub4/L{k}/MaxFeedInPower"] = None
        values[f"Devices/{k - 1}/Version"] = 2629362
        values[f"Devices/{k - 1}/ExtendStatus/IgnoreAcIn1"] = 0
        values[f"Devices/{k - 1}/Ac/Inverter/P"] = None
    return values
