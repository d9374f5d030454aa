"""A small site with one asset of every kind, as devices have them; and what stands behind it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, structs

from collector.model.alarm import AlarmHealth, Clamp, Commissioning, Rule, Severity
from collector.model.assignment import Fact, Held
from collector.model.event import EventNow, EventStatus
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.raw import RawValue
from collector.model.refused import RefusedCount
from collector.model.said import Correction, CorrectionKind
from collector.model.snapshot import AssetView, Check, Remainder, Snapshot, Total
from collector.wire import (
    AlarmsAnswer,
    AssignmentsAnswer,
    CorrectionsAnswer,
    MeAnswer,
    RawAnswer,
    RefusedAnswer,
    TwinsAnswer,
)
from tests.support.snapshots import START_MS, alarm, asset, changed, snapshot

State = Literal["normal", "alarm", "stale"]
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
KIND_IDS = ("bess-1", "bess-1.genset", "stage-a", "bess-1.grid", "pv-1", "bess-1.tank")
"""One asset of each kind."""


def _phased(name: str, *values: float) -> dict[str, float]:
    return {
        f"{name}.{phase}": value
        for phase, value in zip(("L1", "L2", "L3", "N"), values, strict=False)
    }


BESS: Mapping[str, float] = {
    "load_power_w": 48_240.0, **_phased("load_power_w", 17_900.0, 15_600.0, 14_740.0),
    **_phased("voltage_v", 231.4, 230.8, 232.1), **_phased("current_a", 77.4, 67.6, 63.5),
    "apparent_power_va": 50_900.0, "frequency_hz": 50.01, "generator_power_w": 0.0,
    "grid_power_w": 4_100.0, "pv_power_w": 9_300.0, "battery_power_w": -39_700.0,
    "battery_soc_pct": 71.0, "battery_soh_pct": 98.0, "battery_voltage_v": 51.8,
    "battery_current_a": -766.0, "battery_temperature_c": 27.4, "time_to_go_s": 11_400.0,
    "charge_limit_a": 450.0, "discharge_limit_a": 900.0, "cell_voltage_min_v": 3.231,
    "cell_voltage_max_v": 3.246, "inverter_state": 9.0, "inverter_mode": 3.0, "ac_source": 1.0,
    "battery_state": 2.0, "load_energy_kwh": 2_842.1, "pv_energy_kwh": 911.4,
    "generator_energy_kwh": 1_203.4, "battery_charged_kwh": 1_003.0,
    "battery_discharged_kwh": 980.2,
}  # fmt: skip
GENSET: Mapping[str, float] = {
    "generator_state": 3.0, "generator_power_w": 46_353.0,
    **_phased("generator_power_w", 15_637.0, 15_415.0, 15_301.0),
    **_phased("voltage_v", 230.1, 229.8, 231.0), **_phased("current_a", 68.1, 67.2, 66.3),
    "frequency_hz": 50.2, "engine_speed_rpm": 1_506.0, "engine_load_pct": 58.0,
    "coolant_temperature_c": 83.0, "oil_pressure_kpa": 371.0, "battery_voltage_v": 14.1,
    "generator_run_s": 4_442_400.0, "generator_starts": 41.0, "generator_energy_kwh": 31_203.4,
}  # fmt: skip
METER: Mapping[str, float] = {
    "load_power_w": 126_900.0, **_phased("load_power_w", 46_100.0, 41_900.0, 38_900.0),
    **_phased("voltage_v", 228.9, 229.4, 230.2), "voltage_v.L12": 396.8, "voltage_v.L23": 398.1,
    "voltage_v.L31": 397.6, **_phased("current_a", 210.4, 190.3, 176.2, 31.8),
    "reactive_power_var": 41_200.0, **_phased("reactive_power_var", 14_100.0, 13_600.0, 13_500.0),
    "apparent_power_va": 133_400.0, **_phased("apparent_power_va", 48_200.0, 44_000.0, 41_200.0),
    "power_factor": 0.95, **_phased("power_factor", 0.96, 0.95, 0.94), "frequency_hz": 50.01,
    "voltage_unbalance_pct": 0.4, "current_unbalance_pct": 9.4, "voltage_thd_pct": 1.7,
    **_phased("voltage_thd_pct", 1.7, 1.6, 1.8), "current_thd_pct": 10.6,
    **_phased("current_thd_pct", 9.8, 10.0, 12.1), "load_energy_kwh": 8_123.4,
}  # fmt: skip
GRID: Mapping[str, float] = {
    "grid_power_w": 4_100.0, **_phased("grid_power_w", 1_500.0, 1_400.0, 1_200.0),
    **_phased("voltage_v", 229.6, 229.5, 229.2), **_phased("current_a", 6.9, 6.3, 5.6),
    "power_factor": 0.92, "frequency_hz": 50.0, "grid_import_kwh": 412.3, "grid_export_kwh": 0.4,
}  # fmt: skip
FRONIUS: Mapping[str, float] = {
    "pv_power_w": 10_601.0, "reactive_power_var": 0.0, "power_factor": 1.0, "pv_state": 3.0,
    "apparent_power_va": 10_601.0, "frequency_hz": 50.0,
    **_phased("voltage_v", 231.1, 230.9, 231.9), "voltage_v.L12": 400.3, "voltage_v.L23": 400.1,
    "voltage_v.L31": 400.4, **_phased("current_a", 15.3, 15.3, 15.2), "pv_energy_kwh": 1_811.9,
}  # fmt: skip
_RATINGS: Mapping[str, Mapping[str, float]] = {
    "bess-1": {"battery_kwh": 60.0, "inverter_kva": 45.0},
    "bess-1.genset": {"rated_kw": 80.0},
    "stage-a": {"rated_kva": 250.0},
    "bess-1.tank": {"tank_l": 600.0},
}


def one_of_each(state: State = "normal") -> Snapshot:
    """The site; with `alarm` each asset has one, with `stale` nothing has been heard for 43 s."""
    stale = state == "stale"
    status = AssetStatus.STALE if stale else AssetStatus.LIVE

    def made(
        name: str, kind: AssetKind, readings: Mapping[str, float], title: str, **more: object
    ) -> AssetView:
        view = asset(
            name, kind, status, readings, name=title, age_s=43.0 if stale else 0.0,
            reason="no heartbeat for 43 s" if stale else "",
        )  # fmt: skip
        return structs.replace(view, ratings=_RATINGS.get(name, {}), **more)

    assets = (
        made("bess-1", AssetKind.BESS, BESS, "BESS 1 Main stage",
             remarks=("Container: room 23 °C", "door: closed"),
             links=("measures the same as bess-1.grid (inside the device)",)),
        made("bess-1.mppt-hq21", AssetKind.PV,
             {"pv_power_w": 3_200.0, "battery_voltage_v": 51.9, "pv_state": 3.0}, "Solar 1"),
        made("bess-1.pvinverter-32", AssetKind.PV, {"pv_power_w": 6_100.0, "pv_state": 3.0},
             "Symo GEN24"),
        made("bess-1.genset", AssetKind.GENERATOR, GENSET, "Genset 1", model="DSE 8610"),
        made("bess-1.grid", AssetKind.GRID, GRID, "Shore feed", model="VM-3P75CT"),
        made("bess-1.tank", AssetKind.TANK,
             {"fuel_level_pct": 52.2, "fuel_remaining_l": 313.3}, "Diesel"),
        made("stage-a", AssetKind.LOAD, METER, "Stage A transformer", model="Acuvim II",
             notes=("current L3 is against the power: clamp reversed?",),
             links=("is fed by bess-1 (registry)",)),
        made("pv-1", AssetKind.PV, FRONIUS, "Roof of the kitchen", model="Fronius Symo 12.5-3-M"),
    )  # fmt: skip
    totals = {
        "load_power_w": Total(
            quantity="load_power_w", value=48_240.0, counted=("bess-1",),
            remainders=(Remainder(parent="bess-1", children=("stage-a",), value=2_031.0),),
        ),
        "grid_power_w": Total(
            quantity="grid_power_w", value=4_100.0, counted=("bess-1.grid",),
            checks=(Check(asset="bess-1", of="bess-1.grid", deviation_pct=0.6),),
        ),
    }  # fmt: skip
    event = EventNow(
        id="e1", name="Desert Weekend 1", status=EventStatus.ACTIVE,
        timezone="America/Los_Angeles", from_ms=START_MS - 30 * HOUR_MS, systems=("bess-1",),
    )  # fmt: skip
    shot = changed(snapshot(*assets, totals=totals), events=(event,))
    return changed(shot, alarms=_alarms(shot)) if state == "alarm" else shot


def _alarms(shot: Snapshot) -> tuple[object, ...]:
    return tuple(
        alarm(
            Rule.OVERLOAD, Severity.ALARM, id=f"a{n}", asset=view.id, subject=view.id,
            name=view.name, now="loaded with 104 % of its rating for 3 min",
        )
        for n, view in enumerate(shot.assets)
    )  # fmt: skip


ME = MeAnswer(
    person="kim", role="operator", transport="ovr.sock", control=True, pin=False,
    node="ovr-node-07", site="Main field", timezone="America/Los_Angeles", version="0.1.0",
)  # fmt: skip
VIEWER = structs.replace(ME, person="public", role="viewer", transport="view.sock", control=False)


def _raw() -> tuple[RawValue, ...]:
    strings = {"dca": (10.43, 8.08), "dcv": (610.0, 570.0), "dcw": (6_359.5, 4_605.2)}
    found = [
        RawValue(
            name=f"fronius_mppt_{name}", labels={"module": str(n)}, value=value, age_s=1.0,
            quality="good",
        )
        for name, values in strings.items()
        for n, value in enumerate(values, 1)
    ]  # fmt: skip
    for n in range(1, 31):
        found.append(
            RawValue(
                name=f"victron_vebus_ac_out_p{n:02}", labels={"instance": "276"}, value=17.5 * n,
                age_s=float(n), quality="good",
            )
        )  # fmt: skip
    found.append(RawValue(name="victron_tank_level", value=52.25, age_s=400.0, quality="stale"))
    found.append(RawValue(name="victron_vebus_soc", value=None, age_s=9.0, quality="bad"))
    return tuple(found)


def _held(asset_id: str, what: Fact, key: str, value: str, to_ms: int | None = None) -> Held:
    return Held(
        asset=asset_id, what=what, key=key, value=value, from_ms=START_MS - 3 * DAY_MS,
        to_ms=to_ms, id="x", person="kim", reason="delivered by truck 4",
    )  # fmt: skip


def answers(asset_id: str = "bess-1") -> dict[str, Struct]:
    """What the API answers to an operator about the asset."""
    refused = RefusedCount(
        id="r1", asset=asset_id, measurement="load_energy_kwh", unit="HQ1", path="/Ac",
        at_ms=START_MS - 2 * HOUR_MS, raw_before=1.0, raw_after=42.2, amount=41.2,
        why="more than its rating allows", alarms=True,
    )  # fmt: skip
    correction = Correction(
        id="c1", asset=asset_id, kind=CorrectionKind.FACTOR, from_ms=START_MS - DAY_MS, factor=1.2,
        phase="L2", reason="CT of another ratio", person="kim", made_ms=START_MS,
    )  # fmt: skip
    clamps = (
        Clamp(phase="L1", clamp_a=77.0, meter_a=77.4, at_ms=START_MS),
        Clamp(phase="L2", clamp_a=60.0, meter_a=67.6, at_ms=START_MS),
    )
    signed = Commissioning(asset=asset_id, at_ms=START_MS - DAY_MS, person="kim", clamps=clamps)
    return {
        "/v1/me": ME,
        f"/v1/assets/{asset_id}/raw": RawAnswer(
            asset=asset_id, device=asset_id.partition(".")[0], at_ms=START_MS, values=_raw()
        ),
        "/v1/assignments": AssignmentsAnswer(
            held=(
                _held(asset_id, Fact.UNIT, "number", "OVR-1042"),
                _held(asset_id, Fact.UNIT, "serial", "HQ2217201934007"),
                _held(asset_id, Fact.SYSTEM, "", "bess-1"),
                _held(asset_id, Fact.RATING, "rated_kva", "45"),
                _held(asset_id, Fact.ACCOUNT, "", "Sahara tent vendors"),
                _held(asset_id, Fact.UNIT, "number", "OVR-0991", START_MS - DAY_MS),
            ),
            statements=(),
        ),
        "/v1/refused": RefusedAnswer(open=(refused,), decided=(), left_out=0),
        "/v1/corrections": CorrectionsAnswer(corrections=(correction,)),
        "/v1/alarms": AlarmsAnswer(
            active=(), shelved=(), history=(), commissioned=(signed,), health=AlarmHealth()
        ),
        "/v1/twins": TwinsAnswer(twins=()),
    }
