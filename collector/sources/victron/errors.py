"""Error numbers of Victron services in words, as the device's own documents have them.

Source: attributes.csv of dbus_modbustcp. The numbers of a solar charger hold for all chargers and
RS inverters of the VE.Can and VE.Direct families.
"""

from collections.abc import Mapping

VEBUS: Mapping[int, str] = {
    1: "switched off because another phase of the system has switched off",
    2: "new and old types of MK2 are mixed",
    3: "not all, or more than, the expected devices were found", 4: "no other device found",
    5: "overvoltage at the AC output", 6: "error in the DDC program",
    7: "a BMS is connected, but its assistant is missing", 8: "ground relay test failed",
    10: "system time synchronisation problem occurred", 11: "relay test fault",
    14: "device cannot transmit data", 16: "awaiting configuration or dongle missing",
    17: "phase master missing",
    18: "overvoltage on the output of a slave that was already switched off",
    22: "this device cannot function as slave", 24: "switch-over system protection initiated",
    25: "the firmware of one of the devices is too old to work with the others",
    26: "internal error",
}  # fmt: skip
"""`vebus` `VebusError`."""

CHARGER: Mapping[int, str] = {
    1: "battery temperature too high", 2: "battery voltage too high",
    3: "battery temperature sensor miswired (+)", 4: "battery temperature sensor miswired (-)",
    5: "battery temperature sensor disconnected", 6: "battery voltage sense miswired (+)",
    7: "battery voltage sense miswired (-)", 8: "battery voltage sense disconnected",
    9: "battery voltage wire losses too high", 10: "battery voltage too low",
    11: "battery ripple voltage on terminals too high", 12: "battery low state of charge",
    13: "battery mid-point voltage issue", 14: "battery temperature too low",
    17: "charger temperature too high", 18: "charger over-current",
    19: "charger current polarity reversed", 20: "bulk time limit reached",
    21: "charger current sensor issue", 22: "temperature sensor miswired",
    23: "charger temperature sensor disconnected", 24: "charger internal fan not detected",
    25: "charger internal fan over-current", 26: "charger terminal overheated",
    27: "charger short circuit", 28: "charger issue with power stage",
    29: "over-charge protection", 31: "input voltage out of range", 32: "input voltage too low",
    33: "input voltage too high", 34: "PV over current", 35: "input excessive power",
    36: "input polarity issue", 37: "input voltage absent (mains removed, fuse blown?)",
    38: "input shutdown due to battery over-voltage",
    39: "input shutdown due to battery over-voltage",
    40: "internal failure (the PV input failed to shut down)",
    41: "inverter shutdown (panel isolation resistance too low)",
    42: "inverter shutdown (ground current too high: >30mA)",
    43: "inverter shutdown (voltage over ground relay too high)",
    50: "inverter overload (iit protection)", 51: "inverter temperature too high",
    52: "inverter excessive current", 53: "inverter dc level (internal dc rail voltage)",
    54: "inverter ac level (output voltage not ok)", 55: "inverter dc fail (dc on output)",
    56: "inverter ac fail (shape wrong)", 57: "inverter ac on output (inverter only)",
    58: "inverter bridge fault (hardware signal)", 59: "ACIN1 relay test fault",
    60: "ACIN2 relay test fault", 65: "a device disappeared in parallel operation (broken cable?)",
    66: "incompatible device in parallel operation (old firmware, other settings?)", 67: "no BMS",
    68: "network misconfigured", 113: "non-volatile storage write error",
    114: "CPU temperature too high", 115: "CAN/SCI communication lost (when critical)",
    116: "calibration data lost", 117: "incompatible firmware encountered",
    118: "incompatible hardware encountered", 119: "settings data lost",
    120: "reference voltage failure", 121: "tester fail",
    122: "non-volatile history data invalid/corrupted", 200: "internal error",
    201: "internal error", 203: "internal error", 205: "internal error", 212: "internal error",
    215: "internal error",
}  # fmt: skip
"""`ErrorCode` of `solarcharger`, `multi`, `inverter`, `charger`, `dcdc`."""

BATTERY: Mapping[int, str] = {
    1: "battery initialization error", 2: "no batteries connected", 3: "unknown battery connected",
    4: "different battery type", 5: "number of batteries incorrect", 6: "Lynx Shunt not found",
    7: "battery measure error", 8: "internal calculation error", 9: "batteries in series not ok",
    10: "number of batteries incorrect", 11: "hardware error", 12: "watchdog error",
    13: "over voltage", 14: "under voltage", 15: "over temperature", 16: "under temperature",
    17: "hardware fault", 18: "standby shutdown", 19: "pre-charge charge error",
    20: "safety contactor check error", 21: "pre-charge discharge error", 22: "ADC error",
    23: "slave error", 24: "slave warning", 25: "pre-charge error", 26: "safety contactor error",
    27: "over current", 28: "slave update failed", 29: "slave update unavailable",
    30: "calibration data lost", 31: "settings invalid", 32: "BMS cable", 33: "reference failure",
    34: "wrong system voltage", 35: "pre-charge timeout",
}  # fmt: skip
"""`battery` `ErrorCode` (Lynx Ion and Lynx Smart BMS)."""

ALTERNATOR: Mapping[int, str] = {
    12: "high battery temperature", 13: "high battery voltage", 14: "low battery voltage",
    15: "battery voltage exceeds its limit", 21: "high alternator temperature",
    22: "alternator overspeed", 24: "internal error", 41: "high field FET temperature",
    42: "sensor missing", 43: "low alternator voltage", 44: "high voltage offset",
    45: "alternator voltage exceeds its limit", 51: "battery disconnect request",
    52: "battery disconnect request", 53: "battery instance out of range", 54: "too many BMSes",
    55: "AEBus fault", 56: "too many Victron devices", 58: "battery requested disconnection",
    59: "battery requested disconnection", 60: "battery requested disconnection",
    61: "battery requested disconnection", 91: "BMS lost", 92: "forced idle",
    201: "DC-DC converter failed", 202: "DC-DC error", 203: "DC-DC error", 204: "DC-DC error",
    205: "DC-DC error", 206: "DC-DC error", 207: "DC-DC error",
}  # fmt: skip
"""`alternator` `ErrorCode` (Wakespeed)."""

GENSET: Mapping[int, str] = {
    1: "AC voltage L1 too low", 2: "AC frequency L1 too low", 3: "AC current too low",
    4: "AC power too low", 5: "emergency stop", 6: "servo current too low",
    7: "oil pressure too low", 8: "engine temperature too low", 9: "winding temperature too low",
    10: "exhaust temperature too low", 13: "starter current too low", 14: "glow current too low",
    15: "glow current too low", 16: "fuel holding magnet current too low",
    17: "stop solenoid hold coil current too low", 18: "stop solenoid pull coil current too low",
    19: "optional DC out current too low", 20: "5V output voltage too low",
    21: "boost output current too low", 22: "panel supply current too high",
    25: "starter battery voltage too low", 26: "startup aborted (rotation too low)",
    28: "rotation too low", 29: "power contactor current too low", 30: "AC voltage L2 too low",
    31: "AC frequency L2 too low", 32: "AC current L2 too low", 33: "AC power L2 too low",
    34: "AC voltage L3 too low", 35: "AC frequency L3 too low", 36: "AC current L3 too low",
    37: "AC power L3 too low", 62: "fuel temperature too low", 63: "fuel level too low",
    65: "AC voltage L1 too high", 66: "AC frequency too high", 67: "AC current too high",
    68: "AC power too high", 70: "servo current too high", 71: "oil pressure too high",
    72: "engine temperature too high", 73: "winding temperature too high",
    74: "exhaust temperature too low", 77: "starter current too low", 78: "glow current too high",
    79: "glow current too high", 80: "fuel holding magnet current too high",
    81: "stop solenoid hold coil current too high", 82: "stop solenoid pull coil current too high",
    83: "optional DC out current too high", 84: "5V output voltage too high",
    85: "boost output current too high", 89: "starter battery voltage too high",
    90: "startup aborted (rotation too high)", 92: "rotation too high",
    93: "power contactor current too high", 94: "AC voltage L2 too high",
    95: "AC frequency L2 too high", 96: "AC current L2 too high", 97: "AC power L2 too high",
    98: "AC voltage L3 too high", 99: "AC frequency L3 too high", 100: "AC current L3 too high",
    101: "AC power L3 too high", 126: "fuel temperature too high", 127: "fuel level too high",
    130: "lost control unit", 131: "lost panel", 132: "service needed", 133: "lost 3-phase module",
    134: "lost AGT module", 135: "synchronization failure", 137: "intake airfilter",
    139: "lost sync. module", 140: "load-balance failed", 141: "sync-mode deactivated",
    142: "engine controller", 148: "rotating field wrong", 149: "fuel level sensor lost",
    150: "init failed", 151: "watchdog", 152: "out: winding", 153: "out: exhaust",
    154: "out: cylinder head", 155: "inverter over temperature", 156: "inverter overload",
    157: "inverter communication lost", 158: "inverter sync failed", 159: "CAN communication lost",
    160: "L1 overload", 161: "L2 overload", 162: "L3 overload", 163: "DC overload",
    164: "DC overvoltage", 165: "emergency stop", 166: "no connection", 65280: "unknown error",
}  # fmt: skip
"""`ErrorCode` of `genset` and `dcgenset` (Fischer Panda)."""
