"""`settings/0`, `platform/0`, `hub4/0` and `logger/0`: what a GX has beside measurements."""

from collections.abc import Callable
from typing import Any

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Row, Service, accept, number

OVERRIDE_S = 60
"""After so long without being written again a volatile override lapses."""

_SETTINGS: dict[str, tuple[Any, float | None, float | None]] = {
    "SystemSetup/MaxChargeCurrent": (-1.0, -1.0, 10000.0),
    "SystemSetup/MaxChargeVoltage": (0.0, 0.0, 80.0),
    "CGwacs/AcPowerSetPoint": (50.0, -1e6, 1e6), "CGwacs/Hub4Mode": (1, 1, 3),
    "CGwacs/MaxDischargePower": (-1.0, -1.0, 1e6), "CGwacs/MaxChargePower": (-1.0, -1.0, 1e6),
    "CGwacs/MaxFeedInPower": (-1.0, -1.0, 1e6), "CGwacs/AcInputLimit": (-1.0, -1.0, 1e6),
    "CGwacs/AcExportLimit": (-1.0, -1.0, 1e6), "CGwacs/AlwaysPeakShave": (0, 0, 1),
    "CGwacs/OvervoltageFeedIn": (0, 0, 1), "CGwacs/PreventFeedback": (0, 0, 1),
    "CGwacs/RunWithoutGridMeter": (0, 0, 1), "CGwacs/DeviceIds": ("", None, None),
    "CGwacs/BatteryLife/State": (10, 0, 12),
    "CGwacs/BatteryLife/SocLimit": (10.0, 0.0, 100.0),
    "Relay/Polarity": (0, 0, 1),
    "Relay/1/Function": (2, -1, 6), "Relay/1/Polarity": (0, 0, 1),
    "Generator{n}/Soc/Enabled": (1, 0, 1), "Generator{n}/Soc/StartTimer": (0, 0, 10000),
    "Generator{n}/Soc/StopTimer": (60, 0, 10000), "Generator{n}/QuietHours/Enabled": (0, 0, 1),
    "Generator{n}/AcLoad/Enabled": (0, 0, 1), "Generator{n}/AcLoad/StartValue": (1600.0, 5.0, 1e6),
    "Generator{n}/AcLoad/StopValue": (800.0, 0.0, 1e6), "Generator{n}/WarmUpTime": (20, 0, 1800),
    "Generator{n}/CoolDownTime": (60, 0, 600), "Generator{n}/MinimumRuntime": (0, 0, 86400),
    "Generator{n}/TestRun/Enabled": (0, 0, 1), "Generator{n}/Alarms/NoGeneratorAtAcIn": (1, 0, 1),
    "Services/MqttLocal": (1, 0, 2), "Services/Bol": (3, 0, 7), "Services/Modbus": (0, 0, 1),
    "Services/SignalK": (0, 0, 1), "Services/NodeRed": (0, 0, 2), "Services/Console": (0, 0, 1),
    "System/SecurityProfile": (2, 0, 3), "System/VncLocal": (1, 0, 1),
    "System/TimeZone": ("America/Los_Angeles", None, None),
    "System/Units/Temperature": ("celsius", None, None),
    "System/AutoUpdate": (0, 0, 3), "System/ReleaseType": (0, 0, 3),
    "Network/VrmPortal": (2, 0, 2), "Vrmlogger/Logmode": (1, 0, 2),
    "Vrmlogger/Url": ("", None, None), "Vrmlogger/LogInterval": (60, 1, 86400),
    "Vrmlogger/RamDiskMode": (2, 0, 2), "Gui2/StartPageName": ("", None, None),
    "Gui/AutoBrightness": (1, 0, 1), "Gui/DisplayOff": (0, 0, 86400), "LEDs/Enable": (1, 0, 1),
    "Fronius/AutoScan": (1, 0, 1), "Fronius/PortNumber": (80, 0, 65535),
    "Alarm/System/GridLost": (1, 0, 1), "Alarm/Audible": (1, 0, 1),
    "AnalogInput/Resistive/1/Function2": (0, 0, 2), "DigitalInput/1/Type": (0, 0, 12),
    "DigitalInput/2/Type": (0, 0, 12), "DynamicEss/Mode": (0, 0, 4),
}  # fmt: skip


def settings(plan: GxPlan) -> Service:
    """`settings/0`: min and max beside each number; writing outside them does nothing."""
    bess = plan.bess
    static: dict[str, Any] = {}
    limits: dict[str, tuple[float, float]] = {}
    logic = "Generator0" if plan.by_relay else "Generator1"
    for pattern, (value, low, high) in _SETTINGS.items():
        path = pattern.replace("Generator{n}", logic)
        static[f"Settings/{path}"] = value
        if low is not None and high is not None:
            limits[f"Settings/{path}"] = (low, high)
    static |= {
        "Settings/SystemSetup/SystemName": plan.name,
        "Settings/SystemSetup/AcInput1": 2 if bess.genset else 1,
        "Settings/SystemSetup/AcInput2": 0,
        "Settings/Relay/Function": 1 if plan.by_relay else 2,
    }
    limits["Settings/Relay/Function"] = (-1, 6)
    limits |= {f"Settings/SystemSetup/AcInput{k}": (0, 3) for k in (1, 2)}
    start, stop = (f"Settings/{logic}/Soc/{name}" for name in ("StartValue", "StopValue"))
    least = "Settings/CGwacs/BatteryLife/MinimumSocLimit"
    rows = [
        Row(start, lambda: bess.start_soc_pct, 5),
        Row(stop, lambda: bess.stop_soc_pct, 5),
        Row(least, lambda: bess.minimum_soc_pct, 2),
    ]
    limits |= {start: (0, 100), stop: (0, 100), least: (0.0, 100.0)}
    writes = dict.fromkeys(static, accept) | {
        least: _number_to(bess, "minimum_soc_pct"),
        start: _number_to(bess, "start_soc_pct"),
        stop: _number_to(bess, "stop_soc_pct"),
    }
    return Service("settings", 0, rows, static, limits=limits, writes=writes)


def _number_to(target: Any, attribute: str) -> Callable[[Any], bool]:
    def set_number(value: Any) -> bool:
        setattr(target, attribute, float(value))
        return True

    return set_number


def platform(plan: GxPlan, wall: Callable[[], float]) -> Service:
    """`platform/0`: the GX computer itself and its list of notifications."""
    notifications: dict[str, Any] = {
        "Notifications/Alarm": False, "Notifications/Alert": False,
        "Notifications/AcknowledgeAll": 0, "Notifications/NumberOfActiveAlarms": 0,
        "Notifications/NumberOfActiveWarnings": 0, "Notifications/NumberOfActiveInformations": 0,
        "Notifications/NumberOfActiveNotifications": 0, "Notifications/NumberOfNotifications": 1,
        "Notifications/0/Active": False,
        "Notifications/0/Silenced": False, "Notifications/0/Type": 0,
        "Notifications/0/DateTime": int(wall()) - 7200,
        "Notifications/0/DeviceName": "Quattro 48/15000", "Notifications/0/Value": "Warning",
        "Notifications/0/AlarmValue": 1, "Notifications/0/Description": "Overload",
        "Notifications/0/Service": "vebus.ttyS3", "Notifications/0/Trigger": "/Alarms/L1/Overload",
    }  # fmt: skip

    acknowledged = False

    def acknowledge(value: Any) -> bool:
        nonlocal acknowledged
        acknowledged = acknowledged or value == 1
        return False  # the path itself stays 0

    static = notifications | {
        "Device/Model": "Cerbo GX", "Device/HQSerialNumber": "HQ2211AAAAA",
        "Device/UniqueId": plan.portal_id, "Device/Reboot": 0,
        "Firmware/Installed/Version": "v3.72",
        "Firmware/Installed/Build": "20260301094512", "Firmware/Online/AvailableVersion": None,
        "Firmware/State": 0, "Firmware/Progress": None, "Network/Ethernet/LinkLocalIpAddress": "",
        "Network/Wifi/State": "", "Services/AccessPoint/Enabled": 0, "ProductId": 0,
        "ProductName": "Venus platform", "Mgmt/ProcessName": "venus-platform",
        "Mgmt/ProcessVersion": "2.31", "CanBus/Interfaces": '[{"interface":"can0"}]',
    }  # fmt: skip
    rows = [
        Row("Device/Time", lambda: int(wall()), 10),
        Row("Notifications/0/Acknowledged", lambda: acknowledged),
    ]
    writes = {"Notifications/AcknowledgeAll": acknowledge}
    return Service("platform", 0, rows, static, writes=writes)


def hub4(plan: GxPlan) -> Service:
    """`hub4/0`: the ESS control loop, whose setpoint can be overridden until it is released, or
    nobody has written it for OVERRIDE_S."""
    bess = plan.bess
    left_s = 0

    def setpoint(value: Any) -> bool:
        nonlocal left_s
        if value is not None and number(value) is None:
            return False
        bess.grid_setpoint_w = value
        left_s = OVERRIDE_S
        return True

    def each_second() -> None:
        nonlocal left_s
        left_s -= 1
        if left_s <= 0:
            bess.grid_setpoint_w = None

    static = {
        "AcPowerSetpoint": 50.0, "PvPowerLimiterActive": 0, "MaxDischargePower": None,
        "Overrides/ForceCharge": 0, "Overrides/MaxDischargePower": None, "Pv/Disable": 0,
        "ProductId": None, "ProductName": "hub4control", "Mgmt/ProcessName": "hub4control",
        "Mgmt/ProcessVersion": "3.4", "Mgmt/Connection": "multi",
    }  # fmt: skip
    rows = [Row("Overrides/Setpoint", lambda: bess.grid_setpoint_w, 2)]
    return Service(
        "hub4",
        0,
        rows,
        static,
        writes={"Overrides/Setpoint": setpoint},
        each_second=each_second,
    )


def logger(wall: Callable[[], float]) -> Service:
    """`logger/0`: VRM logging, the noise that nobody subscribes to."""
    static = {
        "Storage/FreeSpace": 4112420864, "Storage/MountState": 1, "Vrm/ConnectionError": 0,
        "Buffer/Count": 0, "Buffer/Location": 1, "Buffer/FreeDiskSpace": 24100864,
    }  # fmt: skip
    return Service("logger", 0, [Row("Vrm/TimeLastContact", lambda: int(wall()), 60)], static)
