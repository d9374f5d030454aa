"""Fronius inverters over SunSpec: a GEN24 (integers with scale factors, smart meter at unit 200)
and a Datamanager (floats, smart meter at unit 240)."""

from collections.abc import Callable

from msgspec import Struct

from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Block, Registers, floats, s16, string, u16, u32
from collector.simulator.meters.sunspec import (
    ACC32,
    NO_S16,
    NO_U16,
    chain,
    common,
    fitting_sf,
    meter_203,
    meter_213,
    model,
    sf,
)
from collector.simulator.physics.battery import Battery
from collector.simulator.physics.flow import PHASES, DcFlow
from collector.simulator.physics.sun import Array

BASE = 40000
GEN24_METER, DATAMANAGER_METER = 200, 240
SLEEPING, MPPT, THROTTLED = 2, 4, 5
DISCHARGING, CHARGING, HOLDING = 3, 4, 6
_TO_DC = 1 / 0.972
_TRACKERS = (0.58, 0.42)


class Store(Struct, kw_only=True):
    """The battery of a hybrid inverter; `most_w` is what it charges with at most."""

    battery: Battery
    serial: str
    most_w: float = 5000.0

    @property
    def flow(self) -> DcFlow:
        """At its terminals, + charging."""
        return self.battery.flow

    @property
    def soc_pct(self) -> float:
        """Its charge."""
        return self.battery.soc_pct


class Inverter(Struct, kw_only=True):
    """What the registers are made of. `throttled` says whether something limits it now."""

    point: Point
    array: Array
    serial: str
    throttled: Callable[[], bool]
    store: Store | None = None

    @property
    def asleep(self) -> bool:
        """Whether there is too little light, and no battery that gives."""
        return self.array.available_w <= 0 and self.point.flow.total_w == 0

    @property
    def state(self) -> int:
        """SunSpec's operating state."""
        return SLEEPING if self.asleep else THROTTLED if self.throttled() else MPPT

    @property
    def energy_wh(self) -> float:
        """AC energy of its life."""
        return self.point.energies()["imp"] * 1000


def gen24(inv: Inverter) -> Registers:
    """A GEN24 at unit 1: stays up at night and says that it sleeps."""

    def build() -> list[int]:
        return chain([
            common("Fronius", "Symo GEN24 12.0", inv.serial, 1, "1.34.6-1"),
            _model_103(inv), _model_120(inv), _model_121(inv), _model_122(inv), _model_123(),
            _model_160(inv), _model_124(inv),
        ])  # fmt: skip

    return Registers([Block(BASE, len(build()), build)])


def datamanager(inv: Inverter) -> Registers:
    """A Symo behind a Datamanager: it says that it sleeps while light fades, then it switches
    itself off and the Datamanager answers exception 11."""

    def build() -> list[int]:
        return chain([
            common("Fronius", "Symo 12.5-3-M", inv.serial, 1, "0.3.30.2", "3.30.3-1"),
            _model_113(inv), _model_120(inv), _model_121(inv), _model_122(inv), _model_123(),
            _model_160(inv),
        ])  # fmt: skip

    return Registers([Block(BASE, len(build()), build)], asleep=lambda: inv.array.dark)


def smart_meter(point: Point, serial: str, unit: int) -> Registers:
    """The meter at the grid connection, with the inverter's number format."""

    def build() -> list[int]:
        body = meter_203(point) if unit == GEN24_METER else meter_213(point)
        return chain([common("Fronius", "Smart Meter TS 65A-3", serial, unit, "1.3"), body])

    return Registers([Block(BASE, len(build()), build)])


def _model_103(inv: Inverter) -> list[int]:
    f = inv.point.flow
    amps = [f.amps(k) for k in PHASES]
    a_sf, w_sf = fitting_sf(sum(amps)), fitting_sf(f.total_w, finest=-1)
    ll = inv.point.line_to_line()
    return model(103, 50, {
        2: [u16(a / 10.0**a_sf) for a in (sum(amps), *amps)], 6: sf(a_sf),
        7: [u16(v * 10) for v in ll], 10: [u16(v * 10) for v in f.bus.u], 13: sf(-1),
        14: s16(f.total_w / 10.0**w_sf), 15: sf(w_sf), 16: u16(f.bus.hz * 100), 17: sf(-2),
        18: s16(f.total_va / 10.0**w_sf), 19: sf(w_sf), 20: s16(f.total_var), 21: sf(0),
        22: s16(f.power_factor() * 10000), 23: sf(-2), 24: u32(inv.energy_wh, ACC32), 26: sf(0),
        27: [NO_U16, sf(-1), NO_U16, sf(-1)], 31: s16(f.total_w * _TO_DC / 10.0**w_sf),
        32: sf(w_sf), 33: [s16(412), NO_S16, NO_S16, NO_S16], 37: sf(-1),
        38: [inv.state, inv.state], 40: [0] * 12,
    })  # fmt: skip


def _model_113(inv: Inverter) -> list[int]:
    f = inv.point.flow
    amps = [f.amps(k) for k in PHASES]
    values = [
        sum(amps), *amps, *inv.point.line_to_line(), *f.bus.u, f.total_w, f.bus.hz, f.total_va,
        f.total_var, f.power_factor() * 100, inv.energy_wh, *[float("nan")] * 2,
        f.total_w * _TO_DC, 41.2, *[float("nan")] * 3,
    ]  # fmt: skip
    return model(113, 60, {2: floats(values), 48: [inv.state, inv.state], 50: [0] * 12})


def _model_120(inv: Inverter) -> list[int]:
    rated = u16(inv.array.rated_w / 10)
    return model(120, 26, {
        2: 4, 3: [rated, sf(1)], 5: [rated, sf(1)], 7: [rated] * 4, 11: sf(1),
        12: [u16(inv.array.rated_w / 360 * 10), sf(-1)], 14: [NO_S16] * 4, 18: NO_S16,
        20: NO_S16, 22: NO_S16, 24: NO_S16, 26: NO_S16, 27: NO_S16,
    })  # fmt: skip


def _model_121(inv: Inverter) -> list[int]:
    rated = u16(inv.array.rated_w / 10)
    return model(121, 30, {
        2: rated, 3: 120, 4: 0, 7: rated, 22: sf(1), 23: sf(0), 24: sf(0), 25: [NO_S16] * 7,
    })  # fmt: skip


def _model_122(inv: Inverter) -> list[int]:
    wh = int(inv.energy_wh)
    return model(122, 44, {
        2: [0 if inv.asleep else 7, NO_U16, 1], 5: [wh >> 48 & 0xFFFF, wh >> 32 & 0xFFFF,
        wh >> 16 & 0xFFFF, wh & 0xFFFF], 9: [0] * 20, 29: NO_S16, 31: NO_S16, 35: [0, 0],
        37: string("RTC", 4), 41: [0, 0], 43: [0], 44: NO_U16, 45: NO_S16,
    })  # fmt: skip


def _model_123() -> list[int]:
    return model(123, 24, {4: 1, 5: 10000, 9: 0, 23: sf(-2), 24: sf(-2), 25: sf(-2)})


def _model_124(inv: Inverter) -> list[int]:
    """Storage; where there is none, a charge rating of 0 says so."""
    store = inv.store
    if store is None:
        return model(124, 24, {2: 0, 5: 0, 18: [sf(0)] * 8})
    state = CHARGING if store.flow.w > 0 else DISCHARGING if store.flow.w < 0 else HOLDING
    return model(124, 24, {
        2: u16(store.most_w), 3: 100, 4: 100, 5: 0, 7: 500, 8: u16(store.soc_pct * 100),
        11: state, 12: 10000, 13: 10000, 15: 0, 17: 1,
        18: [sf(0), sf(0), NO_S16, sf(-2), sf(-2), NO_S16, NO_S16, sf(-2)],
    })  # fmt: skip


def _model_160(inv: Inverter) -> list[int]:
    """Two MPP trackers, and with a battery two modules more: what it charges and discharges. Their
    energy is DC energy, some percent above the AC counters."""
    charging = inv.store.flow.w if inv.store is not None else 0.0
    sun_w = max(0.0, inv.point.flow.total_w + charging) * _TO_DC
    sun_wh = inv.energy_wh * _TO_DC
    modules = [
        (f"MPPT {index + 1}", sun_w * share, 610.0 - 40 * index, sun_wh * share)
        for index, share in enumerate(_TRACKERS)
    ]
    if inv.store is not None:
        flow, volts = inv.store.flow, 8 * inv.store.battery.voltage_v
        modules += [
            ("StCha 3", max(0.0, flow.w), volts, flow.forward_wh),
            ("StDisCha 4", max(0.0, -flow.w), volts, flow.reverse_wh),
        ]
    w_sf = fitting_sf(max(watts for _, watts, _, _ in modules), most=65000, finest=-1)
    points: dict[int, int | list[int]] = {
        2: [sf(-2), sf(-1), sf(w_sf), sf(0)], 6: [0, 0], 8: len(modules), 9: NO_U16,
    }  # fmt: skip
    for index, (name, watts, volts, wh) in enumerate(modules):
        at = 10 + 20 * index
        points |= {
            at: index + 1, at + 1: string(name, 8),
            at + 9: u16(watts / volts * 100), at + 10: u16(volts * 10 if watts else 0.0),
            at + 11: u16(watts / 10.0**w_sf), at + 12: u32(wh, ACC32),
            at + 14: u32(0), at + 16: NO_S16, at + 17: inv.state, at + 18: [0, 0],
        }  # fmt: skip
    return model(160, 8 + 20 * len(modules), points)
