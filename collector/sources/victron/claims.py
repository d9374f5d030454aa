"""Which path of which service is which measurement: what the program claims to read of a GX.

One table, made of the very tables that the derivation picks by, and of a row for each path that it
reads otherwise. Tests publish each row at a broker and look for it in the snapshot, and see that
the derivation reads nothing that stands neither here nor in `DECIDES`. `docs/victron.md` is made
from it. `Lx` in a path or key stands for L1, L2 and L3, `[n]` for the trackers 0 to 3.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from collector.sources.victron import words
from collector.sources.victron.derive import battery, dc, genset, inverter, main, meters, tank
from collector.sources.victron.derive.common import PHASES
from collector.sources.victron.derive.solar import TRACKERS

WHOLE, OWN = "the battery system", "its own"


class Claim(NamedTuple):
    """`path` of `service` is the measurement `key` of an asset. `factor`: the measurement's unit
    from the GX's. `states`: by the GX's number ours, where they differ."""

    service: str
    path: str
    key: str
    asset: str = OWN
    factor: float = 1.0
    states: Mapping[int, int] | None = None


def _rows(services: tuple[str, ...], table: Mapping[str, str], asset: str = OWN) -> Iterator[Claim]:
    """Claims from a table of the derivation (path by key)."""
    for service in services:
        for key, path in table.items():
            yield Claim(service, path, key, asset)


def _meter(services: tuple[str, ...], power: str) -> Iterator[Claim]:
    """An AC meter whose power is called `power`."""
    table = {**meters.AC, power: "Ac/Power", f"{power}.Lx": "Ac/Lx/Power"}
    yield from _rows(services, table)
    for service in services:
        yield Claim(service, "Ac/L1/Frequency", "frequency_hz")


SYSTEM = {
    "load_power_w.Lx": "Ac/Consumption/Lx/Power",
    "grid_power_w.Lx": "Ac/Grid/Lx/Power",
    "generator_power_w.Lx": "Ac/Genset/Lx/Power",
    "pv_power_w": "Dc/Pv/Power",
    "inverter_state": "SystemState/State",
    "ac_source": "Ac/ActiveIn/Source",
}

INVERTER = {
    **inverter.OUT,
    "apparent_power_va": "Ac/Out/S",
    "frequency_hz": "Ac/Out/Lx/F",
    "load_power_w": "Ac/Out/P",
    "load_power_w.Lx": "Ac/Out/Lx/P",
    "grid_power_w": "Ac/ActiveIn/P",
    "grid_power_w.Lx": "Ac/ActiveIn/Lx/P",
    "inverter_state": "State",
    "inverter_mode": "Mode",
    "ac_source": "Ac/ActiveIn/ActiveInput",
    "battery_soc_pct": "Soc",
    "battery_voltage_v": "Dc/0/Voltage",
    "battery_current_a": "Dc/0/Current",
    "battery_power_w": "Dc/0/Power",
    "battery_temperature_c": "Dc/0/Temperature",
    "time_to_go_s": "TimeToGo",
}
"""Where the GX's own summary (`system/0`) says nothing. The input's power goes by what feeds it:
grid, shore or generator."""

RS = ("multi", "inverter")

CLAIMS: tuple[Claim, ...] = (
    *_rows(("system",), main.SYSTEM_BATTERY, WHOLE),
    *_rows(("system",), SYSTEM, WHOLE),
    Claim("system", "Ac/ConsumptionOnOutput/Lx/Power", "load_power_w.Lx", WHOLE),
    *(Claim("system", f"Ac/{place}/Lx/Power", "pv_power_w.Lx", WHOLE) for place in main.AC_PV),
    *_rows(("vebus", "acsystem", *RS), INVERTER, WHOLE),
    *(
        Claim(service, f"Ac/In/{number}/Lx/P", "grid_power_w.Lx", WHOLE)
        for service in ("acsystem", "multi")
        for number in (1, 2)
    ),
    *_rows(("battery",), battery.MONITOR, WHOLE),
    Claim("battery", "Dc/0/Power", "battery_power_w", WHOLE),
    Claim("battery", "History/ChargedEnergy", "battery_charged_kwh", WHOLE),
    Claim("battery", "History/DischargedEnergy", "battery_discharged_kwh", WHOLE),
    Claim("temperature", "Temperature", "battery_temperature_c", WHOLE),
    Claim("solarcharger", "Yield/Power", "pv_power_w"),
    Claim("solarcharger", "Pv/[n]/P", "pv_power_w"),
    Claim("solarcharger", "Yield/System", "pv_energy_kwh"),
    Claim("solarcharger", "Yield/User", "pv_energy_kwh"),
    Claim("solarcharger", "State", "inverter_state"),
    Claim("solarcharger", "State", "pv_state", OWN, 1.0, {0: 0, 2: 6, 3: 3, 245: 2, 252: 3}),
    Claim("solarcharger", "Dc/0/Voltage", "battery_voltage_v"),
    Claim("solarcharger", "Dc/0/Current", "battery_current_a"),
    *(Claim(service, "Yield/Power", "pv_power_w") for service in RS),
    *(Claim(service, "Pv/[n]/P", "pv_power_w") for service in RS),
    *(Claim(service, "Yield/System", "pv_energy_kwh") for service in RS),
    *(Claim(service, "Yield/User", "pv_energy_kwh") for service in RS),
    *(
        Claim(service, "MppOperationMode", "pv_state", OWN, 1.0, {0: 0, 1: 4, 2: 3})
        for service in RS
    ),
    *_meter(("grid",), "grid_power_w"),
    Claim("grid", "Ac/Energy/Forward", "grid_import_kwh"),
    Claim("grid", "Ac/Energy/Reverse", "grid_export_kwh"),
    *_meter(("acload", "heatpump", "evcharger"), "load_power_w"),
    Claim("acload", "Ac/Energy/Forward", "load_energy_kwh"),
    Claim("heatpump", "Ac/Energy/Forward", "load_energy_kwh"),
    Claim("evcharger", "Ac/Energy/Forward", "load_energy_kwh"),
    Claim("evcharger", "Session/Energy", "load_energy_kwh"),
    *_meter(("pvinverter",), "pv_power_w"),
    Claim("pvinverter", "Ac/Energy/Forward", "pv_energy_kwh"),
    Claim("pvinverter", "Ac/Lx/Energy/Forward", "pv_energy_kwh"),
    Claim("pvinverter", "StatusCode", "pv_state", OWN, 1.0, meters.PV_INVERTER),
    *_meter(("genset",), "generator_power_w"),
    Claim("genset", "Ac/Energy/Forward", "generator_energy_kwh"),
    Claim("dcgenset", "Dc/0/Power", "generator_power_w"),
    Claim("dcgenset", "History/EnergyOut", "generator_energy_kwh"),
    *_rows(("genset", "dcgenset"), genset.ENGINE),
    *(
        claim
        for service in ("genset", "dcgenset")
        for claim in (
            Claim(service, "StatusCode", "generator_state", OWN, 1.0, genset.STATUS_CODE),
            Claim(service, "Engine/OperatingHours", "generator_run_s"),
            Claim(service, "Engine/Starts", "generator_starts"),
        )
    ),
    Claim("generator", "State", "generator_state", OWN, 1.0, genset.LOGIC_STATE),
    Claim("generator", "AccumulatedRuntime", "generator_run_s"),
    *_rows(("alternator", "fuelcell"), dc.DC_SOURCE),
    *(
        claim
        for service in ("alternator", "fuelcell")
        for claim in (
            Claim(service, "Dc/0/Power", "generator_power_w"),
            Claim(service, "History/EnergyOut", "generator_energy_kwh"),
            Claim(service, "State", "generator_state", OWN, 1.0, {0: 0, 2: 7, 3: 3, 252: 3}),
        )
    ),
    *(
        claim
        for service in ("dcload", "dcsystem")
        for claim in (
            Claim(service, "Dc/0/Power", "load_power_w"),
            Claim(service, "History/EnergyIn", "load_energy_kwh"),
        )
    ),
    Claim("tank", "Level", "fuel_level_pct"),
    Claim("tank", "Remaining", "fuel_remaining_l", OWN, tank.LITRES_PER_M3),
)

NOTED: Mapping[str, frozenset[str]] = {
    "system": frozenset({
        *(f"SystemState/{reason}" for reason in words.REASONS), "Dc/System/Power",
        "Dc/Charger/Power",
    }),
    "vebus": frozenset({
        "Ac/State/IgnoreAcIn1", "Ac/State/IgnoreAcIn2", "Bms/AllowToCharge",
        "Bms/AllowToDischarge",
    }),
    "battery": frozenset({
        "State", "Io/AllowToCharge", "Io/AllowToDischarge", "Balancer/Status", "Info/ChargeMode",
        "System/NrOfModulesOffline", "System/NrOfModulesBlockingCharge",
        "System/NrOfModulesBlockingDischarge",
    }),
    "genset": frozenset({"RemoteStartModeEnabled"}),
    "dcgenset": frozenset({"RemoteStartModeEnabled"}),
    "generator": frozenset({
        "RunningByConditionCode", "QuietHours", "AutoStartEnabled", "ServiceCounter",
    }),
    "tank": frozenset({"Status"}),
    "temperature": frozenset({"Temperature", "TemperatureType", "Status", "Humidity"}),
    "digitalinput": frozenset({"State", "Type"}),
    "evcharger": frozenset({"Status", "Mode", "Session/Energy"}),
    "heatpump": frozenset({"State", "Temperature", "TargetTemperature"}),
    "charger": frozenset({"State", "Dc/0/Power"}),
    "dcdc": frozenset({"State", "Dc/0/Power", "Dc/In/P"}),
    "alternator": frozenset({"State"}),
    "dcsource": frozenset({"Dc/0/Power"}),
    "solarcharger": frozenset({"DeviceOffReason"}),
    "meteo": frozenset({"Irradiance", "WindSpeed", "ExternalTemperature"}),
}  # fmt: skip
"""What is told in words at an asset, for no measurement has a place for it."""

PAIRS: frozenset[str] = frozenset({
    "Dc/0/Voltage", "Dc/0/Current", "Dc/In/V", "Dc/In/I", "Pv/V", "Pv/I",
})  # fmt: skip
"""Voltage and current, of which a power is made where a device tells none."""

DECIDES: Mapping[str, frozenset[str]] = {
    "system": frozenset({
        "ActiveBatteryService", "Batteries", "Dc/Battery/BatteryService", "VebusInstance",
        "Ac/In/0/Source", "Ac/In/1/Source",
    }),
    "settings": frozenset({"Settings/SystemSetup/AcInput1", "Settings/SystemSetup/AcInput2"}),
    **{s: frozenset({"Ac/In/1/Type", "Ac/In/2/Type"}) for s in ("vebus", "acsystem", "multi")},
    "inverter": frozenset({"Ac/In/1/Type", "Ac/In/2/Type"}),
    "pvinverter": frozenset({"Position"}),
    "solarcharger": frozenset({"MppOperationMode"}),
    "genset": frozenset({"Start"}),
    "dcgenset": frozenset({"Start"}),
    "tank": frozenset({"FluidType", "Status"}),
    "temperature": frozenset({"TemperatureType", "Status"}),
}  # fmt: skip
"""Paths that say what the value of another one means, or whether it is valid."""


def concrete(text: str) -> tuple[str, ...]:
    """A path or key with its phases and trackers written out."""
    if "Lx" in text:
        return tuple(text.replace("Lx", phase) for phase in PHASES)
    if "[n]" in text:
        return tuple(text.replace("[n]", str(tracker)) for tracker in TRACKERS)
    return (text,)


def spelled_out(claim: Claim) -> Iterator[Claim]:
    """A claim for each path that it stands for. Where only the path has a phase, each phase is a
    part of the one measurement."""
    paths, keys = concrete(claim.path), concrete(claim.key)
    for place, path in enumerate(paths):
        yield claim._replace(path=path, key=keys[place if len(keys) > 1 else 0])
