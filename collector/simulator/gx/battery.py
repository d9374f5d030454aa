"""`battery/512`: a CAN-bus BMS with cells."""

from typing import Any

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Counter, Row, Service, single

INSTANCE = 512


def build(plan: GxPlan) -> Service:
    """The service of `plan`'s battery."""
    b = plan.bess.battery

    def drawn_ah() -> float:
        return -b.drawn_ah

    rows = [
        Row("Dc/0/Voltage", single(lambda: b.voltage_v, 2)),
        Row("Dc/0/Current", single(lambda: b.current_a, 1)),
        Row("Dc/0/Power", single(lambda: b.flow.w, 0)),
        Row("Dc/0/Temperature", single(lambda: b.temperature_c, 1), 10),
        Row("Soc", single(lambda: b.soc_pct, 1), 2),
        Row("TimeToGo", lambda: None if b.time_to_go_s is None else round(b.time_to_go_s, -2), 10),
        Row("ConsumedAmphours", single(lambda: (b.soc_pct - 100) * b.capacity_ah / 100, 1), 3),
        Row("Info/MaxChargeCurrent", single(lambda: b.charge_limit_a, 1), 5),
        Row("Info/MaxDischargeCurrent", single(lambda: b.discharge_limit_a, 1), 5),
        Row("System/MinCellVoltage", single(lambda: b.cell_min_v, 3), 2),
        Row("System/MaxCellVoltage", single(lambda: b.cell_max_v, 3), 2),
        Row("System/MinCellTemperature", single(lambda: b.temperature_c - 1.5, 1), 30),
        Row("System/MaxCellTemperature", single(lambda: b.temperature_c + 1.2, 1), 30),
        Row("Io/AllowToCharge", lambda: int(b.charge_limit_a > 0), 5),
        Row("Io/AllowToDischarge", lambda: int(b.discharge_limit_a > 0), 5),
        Row("Alarms/LowSoc", lambda: 2 if b.soc_pct < 5 else 1 if b.soc_pct < 10 else 0, 5),
        Row(
            "History/ChargedEnergy",
            Counter(lambda: b.flow.forward_wh / 1000, plan.lifetime_kwh, 1),
            10,
        ),
        Row(
            "History/DischargedEnergy",
            Counter(lambda: b.flow.reverse_wh / 1000, plan.lifetime_kwh * 0.93, 1),
            10,
        ),
        Row("History/TotalAhDrawn", Counter(drawn_ah, -plan.lifetime_kwh * 18, 1), 10),
    ]
    return Service("battery", INSTANCE, rows, _static(plan))


def _static(plan: GxPlan) -> dict[str, Any]:
    b = plan.bess.battery
    values: dict[str, Any] = {
        "ProductId": 45069, "ProductName": "CAN-bus BMS battery", "CustomName": "BESS battery",
        "FirmwareVersion": 272, "HardwareVersion": None, "Serial": plan.battery_serial,
        "Mgmt/Connection": "CAN-bus", "Mgmt/ProcessName": "can-bus-bms",
        "Mgmt/ProcessVersion": "1.02", "Manufacturer": "ODES", "Family": None,
        "Soh": 98.0, "Capacity": round(b.capacity_ah, 1), "State": 9, "ErrorCode": 0, "Mode": 3,
        "InstalledCapacity": round(b.capacity_ah, 1), "Dc/1/Voltage": None,
        "Info/MaxChargeVoltage": round(b.spec.cells * 3.5, 1),
        "Info/BatteryLowVoltage": round(b.spec.cells * 2.9, 1), "Info/ChargeRequest": 0,
        "Info/MaxChargeCellVoltage": None,
        "System/MinVoltageCellId": "P2C07", "System/MaxVoltageCellId": "P1C12",
        "System/MinTemperatureCellId": "P2C03", "System/MaxTemperatureCellId": "P1C14",
        "System/NrOfModulesOnline": 8, "System/NrOfModulesOffline": 0,
        "System/NrOfModulesBlockingCharge": 0, "System/NrOfModulesBlockingDischarge": 0,
        "System/NrOfBatteries": 8, "System/NrOfCellsPerBattery": b.spec.cells,
        "System/BatteriesParallel": 8, "System/BatteriesSeries": 1,
        "Io/AllowToBalance": 1, "Io/ExternalRelay": None, "SystemSwitch": 1,
        "Balancer/Status": 1, "History/ChargeCycles": 214, "History/FullDischarges": 0,
        "History/DeepestDischarge": None, "History/LastDischarge": None,
        "History/AverageDischarge": None, "History/AutomaticSyncs": 87,
        "History/MinimumVoltage": 46.9, "History/MaximumVoltage": 57.2,
        "History/MinimumCellVoltage": 2.871, "History/MaximumCellVoltage": 3.58,
        "History/TimeSinceLastFullCharge": None, "History/CanBeCleared": 0,
    }  # fmt: skip
    for alarm in (
        "Alarm", "LowVoltage", "HighVoltage", "LowCellVoltage", "HighCellVoltage",
        "LowTemperature", "HighTemperature", "LowChargeTemperature", "HighChargeTemperature",
        "HighChargeCurrent", "HighDischargeCurrent", "HighCurrent", "CellImbalance",
        "InternalFailure", "Contactor", "BmsCable", "FuseBlown", "StateOfHealth",
    ):  # fmt: skip
        values[f"Alarms/{alarm}"] = 0
    for k in range(1, 5):
        values[f"Diagnostics/LastErrors/{k}/Error"] = 0
        values[f"Diagnostics/LastErrors/{k}/Time"] = None
    return values
