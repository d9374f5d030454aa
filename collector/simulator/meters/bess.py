"""A battery system that speaks the plain register map of the profile `bess-generic`.

No rental maker publishes a map; this one is of the kind that they hand out: function 3, zero-based
addresses, 32-bit values high word first, powers in W, a block for each topic. What the system does
not have holds 0xFFFF (0x8000 where signed); 32-bit values likewise.
"""

from collections.abc import Mapping

from msgspec import Struct

from collector.simulator.meters.registers import Block, Registers, s16, string, u16, u32
from collector.simulator.physics.bess import Bess, Mode, Source
from collector.simulator.physics.flow import PHASES, Flow

MARK = string("BESS", 2)
NO_S16, NO_U16 = 0x8000, 0xFFFF
NO_S32, NO_U32 = [0x8000, 0], [0xFFFF, 0xFFFF]
OFF, STANDBY, RUNNING, FAULT = 0, 1, 2, 3
SOC_LOW, OVERLOAD = 0, 1
"""Bits: of the warnings, of the faults."""
LOW_SOC_PCT = 10.0
_SOURCE = {Source.NONE: 0, Source.GRID: 1, Source.GENERATOR: 2}


class System(Struct, kw_only=True):
    """What the registers are made of. `first_kwh`: what its energy registers held at the start."""

    bess: Bess
    serial: str
    first_kwh: float = 0.0


def generic_bess(s: System) -> Registers:
    """The blocks of the map."""
    return Registers(
        [
            Block(0, 32, lambda: _identity(s)),
            Block(100, 40, lambda: _power(s.bess)),
            Block(150, 12, lambda: _battery(s.bess)),
            Block(200, 14, lambda: _energies(s)),
            Block(300, 4, lambda: _alarms(s.bess)),
        ]
    )


def _block(start: int, size: int, values: Mapping[int, int | list[int]]) -> list[int]:
    words = [NO_U16] * size
    for address, value in values.items():
        run = [value] if isinstance(value, int) else value
        words[address - start : address - start + len(run)] = run
    return words


def _identity(s: System) -> list[int]:
    version = 1
    return [
        *string("Generic Power", 8), *string(f"GP-{s.bess.spec.battery.kwh:g}", 8),
        *string(s.serial, 8), *string("1.4.2", 4), *MARK, version, 0,
    ]  # fmt: skip


def _power(b: Bess) -> list[int]:
    on_grid = bool(b.spec.grid_w)
    values: dict[int, int | list[int]] = {
        **_flow(100, b.served),
        **(_flow(108, b.input) if on_grid else dict.fromkeys(range(108, 116, 2), NO_S32)),
        **(
            _flow(116, b.genset.flow)
            if b.genset
            else dict.fromkeys(range(116, 124, 2), NO_S32)
        ),
        124: _s32(b.pv_dc_w + b.pv_ac.total_w),
        126: _s32(b.battery.flow.w),
        134: u16(b.out_bus.hz * 100),
        135: _SOURCE[b.source],
        136: _state(b),
        137: _s32(b.served.total_var),
    }  # fmt: skip
    for k in PHASES:
        values[128 + k] = u16(b.out_bus.u[k] * 10)
        values[131 + k] = u16(b.served.amps(k) * 10)
    return _block(100, 40, values)


def _flow(start: int, flow: Flow) -> dict[int, int | list[int]]:
    """The whole and the three phases in W."""
    return {start + 2 * i: _s32(w) for i, w in enumerate((flow.total_w, *flow.p))}


def _state(b: Bess) -> int:
    if b.mode is Mode.OFF:
        return OFF
    if b.overloaded:
        return FAULT
    return RUNNING if b.output_on else STANDBY


def _battery(b: Bess) -> list[int]:
    battery = b.battery
    left = battery.time_to_go_s
    return _block(150, 12, {
        150: u16(battery.soc_pct * 10), 151: u16(987), 152: u16(battery.voltage_v * 10),
        153: s16(battery.current_a * 10), 154: s16(battery.temperature_c * 10),
        155: u16(battery.cell_min_v * 1000), 156: u16(battery.cell_max_v * 1000),
        157: u16(battery.charge_limit_a), 158: u16(battery.discharge_limit_a),
        159: NO_U16 if left is None else u16(left / 60),
    })  # fmt: skip


def _energies(s: System) -> list[int]:
    """Loads, import, export, generator, solar, charged, discharged, in tenths of a kWh."""
    b = s.bess
    solar_wh = b.pv_ac.forward_wh + sum(m.forward_wh for m in b.mppts)
    grid = (b.input.forward_wh, b.input.reverse_wh) if b.spec.grid_w else (None, None)
    made = b.genset.flow.forward_wh if b.genset else None
    flow = b.battery.flow
    all_wh = (b.served.forward_wh, *grid, made, solar_wh, flow.forward_wh, flow.reverse_wh)
    return [
        word
        for wh in all_wh
        for word in (NO_U32 if wh is None else u32((s.first_kwh + wh / 1000) * 10))
    ]


def _alarms(b: Bess) -> list[int]:
    """Warnings, then faults, 32 bits each."""
    warnings = (b.battery.soc_pct < LOW_SOC_PCT) << SOC_LOW
    faults = b.overloaded << OVERLOAD
    return [*u32(warnings), *u32(faults)]


def _s32(value: float) -> list[int]:
    return list(divmod(round(value) & 0xFFFFFFFF, 0x10000))
