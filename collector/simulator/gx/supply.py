"""`grid/30`, `genset/1` with its start/stop logic `generator/1` (`/0` by relay), and `tank/21`."""

from typing import Any

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import (
    Counter,
    Row,
    Service,
    decimal,
    number,
    single,
    whole,
)
from collector.simulator.physics.bess import Bess
from collector.simulator.physics.flow import PHASES, Flow
from collector.simulator.physics.genset import CRANK_S, Engine, Genset

GRID = 30
GENSET = 1
TANK = 21
EMERGENCY_STOP = 165
"""`ErrorCode` of a set that somebody, or its own protection, has stopped."""

_STATE = {
    Engine.STOPPED: 0, Engine.STARTING: 1, Engine.WARM_UP: 2, Engine.RUNNING: 1,
    Engine.COOL_DOWN: 3, Engine.STOPPING: 4,
}  # fmt: skip


def grid(plan: GxPlan) -> Service:
    """The service of the energy meter at the grid feed."""
    flow = plan.bess.input
    first = plan.lifetime_kwh
    rows = [
        Row("Ac/Power", decimal(lambda: flow.total_w, 1)),
        Row("Ac/Frequency", decimal(lambda: flow.bus.hz, 2), 3),
        Row("Ac/PowerFactor", decimal(flow.power_factor, 3), 3),
        Row("Ac/N/Current", decimal(lambda: flow.neutral_a, 2), 3),
        Row("Ac/Energy/Forward", Counter(lambda: flow.forward_wh / 1000, first, 2), 5),
        Row("Ac/Energy/Reverse", Counter(lambda: flow.reverse_wh / 1000, first / 9, 2), 5),
    ]
    for k in PHASES:
        rows += _grid_phase(flow, k, first)
    static = {
        "ProductId": 45058, "ProductName": "Energy Meter VM-3P75CT", "CustomName": "Feed",
        "Serial": plan.grid_serial, "FirmwareVersion": 131840, "HardwareVersion": None,
        "DeviceType": 71, "ErrorCode": 0, "Role": "grid", "AllowedRoles": ["grid", "genset"],
        "Mgmt/Connection": "/dev/can0", "Mgmt/ProcessName": "dbus-modbus-client",
        "Mgmt/ProcessVersion": "1.66", "Position": 0, "RefreshTime": 500, "PhaseConfig": 0,
    }  # fmt: skip
    return Service("grid", GRID, rows, static)


def _grid_phase(flow: Flow, k: int, first_kwh: float) -> list[Row]:
    at = f"Ac/L{k + 1}"
    imported = Counter(lambda: flow.phase_forward_wh[k] / 1000, first_kwh / 3, 2)
    exported = Counter(lambda: flow.phase_reverse_wh[k] / 1000, first_kwh / 27, 2)
    return [
        Row(f"{at}/Power", decimal(lambda: flow.p[k], 1)),
        Row(f"{at}/Voltage", decimal(lambda: flow.bus.u[k], 1), 2),
        Row(f"{at}/Current", decimal(lambda: flow.amps(k), 3), 2),
        Row(f"{at}/PowerFactor", decimal(lambda: flow.power_factor(k), 3), 3),
        Row(f"{at}/Energy/Forward", imported, 10),
        Row(f"{at}/Energy/Reverse", exported, 10),
    ]


def status_code(genset: Genset) -> int:
    """`StatusCode`: standby, seven steps of starting, running, stopping."""
    match genset.engine:
        case Engine.STOPPED:
            return 0
        case Engine.STARTING:
            return min(7, 1 + int(7 * genset.in_engine_s / CRANK_S))
        case Engine.STOPPING:
            return 9
        case _:
            return 8


def genset(plan: GxPlan, g: Genset) -> Service:
    """The service of the engine's controller, which has instruments of its own."""
    flow, gain = g.flow, plan.genset_gain
    first_s = g.spec.first_hours * 3600
    rows = [
        Row("StatusCode", lambda: status_code(g)),
        Row("ErrorCode", lambda: EMERGENCY_STOP if g.broken else 0),
        Row("Engine/Speed", single(lambda: round(g.speed_rpm), 0)),
        Row("Engine/Load", single(lambda: g.load_pct * gain, 0)),
        Row("Engine/OperatingHours", Counter(lambda: g.run_s, first_s, 0), 10),
        Row("Engine/Starts", Counter(lambda: g.starts, 388, 0), 5),
        Row("Engine/CoolantTemperature", single(lambda: g.coolant_c, 0), 5),
        Row("Engine/WindingTemperature", single(lambda: g.coolant_c - 9, 0), 5),
        Row("Engine/ExaustTemperature", single(lambda: g.coolant_c * 0.8, 0), 5),
        Row("Engine/OilPressure", single(lambda: g.oil_kpa, 0), 2),
        Row("StarterVoltage", single(lambda: g.starter_v, 1), 5),
        Row("Ac/Power", whole(lambda: flow.total_w * gain)),
        Row("Ac/Frequency", decimal(lambda: g.hz if g.turning else 0.0, 1)),
        Row(
            "Ac/Energy/Forward",
            Counter(lambda: flow.forward_wh * gain / 1000, plan.lifetime_kwh, 1),
            10,
        ),
        Row("AutoStart", lambda: int(g.wanted)),
        Row("Start", lambda: int(g.wanted)),
    ]
    for k in PHASES:
        rows += _genset_phase(g, k, gain)
    static = {
        "ProductId": 45120, "ProductName": "DSE Genset controller", "CustomName": "",
        "Serial": plan.genset_serial, "FirmwareVersion": 520, "HardwareVersion": None,
        "NrOfPhases": 3, "RemoteStartModeEnabled": 1, "ModuleId": 9,
        "EnableRemoteStartMode": 1, "HeatsinkTemperature": None, "Model": "DSE4620",
        "Mgmt/Connection": "VE.Can", "Mgmt/ProcessName": "dbus-modbus-client",
        "Mgmt/ProcessVersion": "1.66", **{f"Error/{k}/Id": "" for k in range(8)},
    }  # fmt: skip
    return Service("genset", GENSET, rows, static)


def _genset_phase(g: Genset, k: int, gain: float) -> list[Row]:
    at = f"Ac/L{k + 1}"
    return [
        Row(f"{at}/Power", whole(lambda: g.flow.p[k] * gain)),
        Row(f"{at}/Voltage", whole(lambda: g.flow.bus.u[k])),
        Row(f"{at}/Current", whole(lambda: g.flow.amps(k) * gain)),
        Row(f"{at}/Frequency", single(lambda: g.hz if g.turning else 0.0, 1), 2),
    ]


def generator(plan: GxPlan, g: Genset) -> Service:
    """The start/stop logic: `generator/1` drives a genset on a bus, `generator/0` the relay."""
    bess = plan.bess
    instance = 1 if plan.genset_serial else 0

    def condition() -> int:
        if not g.wanted:
            return 0
        return 1 if bess.manual_start or bess.relay_start else 4

    rows = [
        Row("State", lambda: _STATE[g.engine]),
        Row("RunningByConditionCode", condition),
        Row("ManualStart", lambda: int(bess.manual_start)),
        Row("ManualStartTimer", lambda: round(bess.manual_left_s or 0)),
        Row("Runtime", lambda: int(g.this_run_s // 60 * 60) if g.turning else 0, 5),
        Row("TodayRuntime", Counter(lambda: g.run_s // 60 * 60, 3600, 0), 5),
        Row("AccumulatedRuntime", Counter(lambda: g.run_s, g.spec.first_hours * 3600, 0), 30),
        Row("AutoStartEnabled", lambda: int(bess.auto_start)),
        Row("ServiceCounter", lambda: 900000 - int(g.run_s // 60 * 60), 30),
    ]
    writes = {
        "ManualStart": lambda v: _manual(bess, v),
        "ManualStartTimer": lambda v: _timer(bess, v),
        "AutoStartEnabled": lambda v: _auto(bess, v),
    }
    static = _generator_static()
    if instance:
        static |= {
            "GensetService": f"com.victronenergy.genset.socketcan_can0_di{GENSET}_uc88",
            "GensetServiceType": "genset", "GensetInstance": GENSET,
        }  # fmt: skip
    return Service("generator", instance, rows, static, writes=writes)


def _manual(bess: Bess, value: Any) -> bool:
    if value not in (0, 1) or isinstance(value, bool):
        return False
    bess.manual_start = bool(value)
    if not value:
        bess.manual_left_s = None
    return True


def _auto(bess: Bess, value: Any) -> bool:
    if value not in (0, 1) or isinstance(value, bool):
        return False
    bess.auto_start = bool(value)
    return True


def _timer(bess: Bess, value: Any) -> bool:
    seconds = number(value)
    if seconds is None or seconds < 0:
        return False
    bess.manual_left_s = seconds or None
    return True


def _generator_static() -> dict[str, Any]:
    return {
        "RunningByConditionCode": 0, "Error": 0, "Runtime": 0, "TodayRuntime": 0,
        "AccumulatedRuntime": 0, "ServiceCounter": None, "ServiceCounterReset": None,
        "ManualStartTimer": 0, "AutoStartEnabled": 1, "QuietHours": 0, "NextTestRun": None,
        "SkipTestRun": None, "TestRunIntervalRuntime": 0, "ProductId": 49408,
        "ProductName": "Generator start/stop", "Mgmt/ProcessName": "dbus_generator.py",
        "Mgmt/ProcessVersion": "1.7.8", "Mgmt/Connection": "generator",
        "Alarms/NoGeneratorAtAcIn": 0, "Alarms/NoGeneratorAtDcIn": 0,
        "Alarms/ServiceIntervalExceeded": 0, "Alarms/AutoStartDisabled": 0,
        "Alarms/RemoteStartModeDisabled": 0, "Alarms/StoppedByTankLevelCondition": 0,
        "DigitalInput/Running": 0, "DigitalInput/Input": 0, "Capabilities": 1,
        "GensetProductId": None, "Enabled": 1,
    }  # fmt: skip


def tank(g: Genset) -> Service:
    """The fuel tank as its sender reads it."""
    litres = g.spec.tank_l
    rows = [
        Row("Level", single(lambda: g.fuel_pct, 1), 5),
        Row("Remaining", single(lambda: g.fuel_pct / 100 * litres / 1000, 4), 5),
        Row("RawValue", single(lambda: 0.5 + 4 * g.fuel_pct / 100, 3), 5),
    ]
    static: dict[str, Any] = {
        "Capacity": litres / 1000, "FluidType": 0, "Status": 0, "CustomName": "Diesel",
        "ProductId": 41313, "ProductName": "Generic Tank Input", "RawUnit": "V",
        "RawValueEmpty": 0.5, "RawValueFull": 4.5, "Shape": "", "Standard": 2,
        "FilterLength": 10, "Mgmt/Connection": "Tank Level input 1",
        "Mgmt/ProcessName": "dbus-adc", "Mgmt/ProcessVersion": "1.62",
    }  # fmt: skip
    for name, active, restore in (("High", 90, 80), ("Low", 10, 15)):
        static |= {
            f"Alarms/{name}/Active": active, f"Alarms/{name}/Restore": restore,
            f"Alarms/{name}/Enable": 0, f"Alarms/{name}/Delay": 30, f"Alarms/{name}/State": None,
        }  # fmt: skip
    return Service("tank", TANK, rows, static)
