"""A DSE genset controller (GenComm over Modbus TCP) on a generator of the plant.

Register = page × 256 + offset, function 3, 32-bit values high word first. What a page does not
have holds its type's sentinel (GenComm: the top eight codes of each type are no numbers); a page
that the controller does not have is refused with exception 2. Pages, offsets and scales: GenComm
as read by Victron's dbus-modbus-client; alarm numbers: its family 72xx/73xx/61xx/74xx MKII.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Block, Registers, s16, u16, u32
from collector.simulator.physics.flow import PHASES
from collector.simulator.physics.genset import Engine, Genset

MAKER, MODEL = 1, 32845
"""Deep Sea Electronics, 7410 MKII."""
AUTO = 1
NO_U16, NO_S16 = 0xFFFF, 0x7FFF
NO_U32, NO_S32 = [0xFFFF, 0xFFFF], [0x7FFF, 0xFFFF]

HEALTHY, WARNING, SHUTDOWN, TRIP, UNUSED = 1, 2, 3, 4, 15
"""States of a named alarm."""
ALARMS = 80
LOW_FUEL, OVERLOAD = 22, 30
"""Numbers of named alarms, from 0."""
LOW_FUEL_PCT = 20.0

_ENGINE = {
    Engine.STOPPED: 0, Engine.STARTING: 1, Engine.WARM_UP: 2, Engine.RUNNING: 3,
    Engine.COOL_DOWN: 4, Engine.STOPPING: 4,
}  # fmt: skip


class Controller(Struct, kw_only=True):
    """What the registers are made of. `alarms` are states by number that stand above what the
    plant gives; `first_starts` were made before the site was."""

    genset: Genset
    point: Point
    serial: int
    first_starts: int = 0
    alarms: dict[int, int] = field(default_factory=dict)


def dse(c: Controller) -> Registers:
    """Pages 3 to 7 and 154 of a controller without mains measurement."""
    return Registers(
        [
            Block(3 * 256, 7, lambda: _status(c)),
            Block(4 * 256, 72, lambda: _basic(c)),
            Block(5 * 256, 132, lambda: _extended(c)),
            Block(6 * 256, 26, lambda: _derived(c)),
            Block(7 * 256, 36, lambda: _accumulated(c)),
            Block(154 * 256, 1 + ALARMS // 4, lambda: _named_alarms(c)),
        ]
    )


def _page(size: int, values: Mapping[int, int | list[int]]) -> list[int]:
    """A page of `size` registers, with `values` by offset."""
    words = [NO_U16] * size
    for offset, value in values.items():
        run = [value] if isinstance(value, int) else value
        words[offset : offset + len(run)] = run
    return words


def _status(c: Controller) -> list[int]:
    states = set(_alarm_states(c))
    flags = (WARNING in states) << 10 | (TRIP in states) << 11 | (SHUTDOWN in states) << 12
    return _page(7, {0: MAKER, 1: MODEL, 2: u32(c.serial), 4: AUTO, 6: flags})


def _basic(c: Controller) -> list[int]:
    g, f = c.genset, c.genset.flow
    live = f.bus.live and g.turning
    values: dict[int, int | list[int]] = {
        0: u16(g.oil_kpa), 1: s16(g.coolant_c), 2: NO_S16, 3: u16(g.fuel_pct),
        4: u16(g.starter_v * 10 if g.turning else 0), 5: u16(g.starter_v * 10),
        6: u16(g.speed_rpm), 7: u16(f.bus.hz * 10 if live else 0), 26: NO_U32, 34: NO_S16,
        48: NO_S16,
    }  # fmt: skip
    for k in PHASES:
        values[8 + 2 * k] = u32(round(f.bus.u[k] * 10) if live else 0)
        values[14 + 2 * k] = u32(round(c.point.line_to_line()[k] * 10) if live else 0)
        values[20 + 2 * k] = u32(round(f.amps(k) * 10))
        values[28 + 2 * k] = _s32(f.p[k])
        values[60 + 2 * k] = NO_S32
    return _page(72, values)


def _extended(c: Controller) -> list[int]:
    return _page(132, {128: _ENGINE[c.genset.engine]})


def _derived(c: Controller) -> list[int]:
    f = c.genset.flow
    values: dict[int, int | list[int]] = {
        0: _s32(f.total_w), 8: u32(round(f.total_va)), 16: _s32(f.total_var),
        21: s16(f.power_factor() * 100), 22: s16(c.genset.load_pct * 10), 23: NO_S16, 24: NO_S32,
    }  # fmt: skip
    for k in PHASES:
        values[2 + 2 * k] = u32(round(f.va(k)))
        values[10 + 2 * k] = _s32(f.q[k])
        values[18 + k] = s16(f.power_factor(k) * 100)
    return _page(26, values)


def _accumulated(c: Controller) -> list[int]:
    """Run time in seconds, energies in tenths, starts. Maintenance is not due and not known."""
    e = c.point.energies()
    run_s = c.genset.spec.first_hours * 3600 + c.genset.run_s
    return _page(36, {
        2: NO_S32, 6: u32(run_s), 8: u32(e["imp"] * 10), 10: u32(e["exp"] * 10),
        12: u32(e["s"] * 10), 14: u32(e["q_imp"] * 10), 16: u32(c.first_starts + c.genset.starts),
    })  # fmt: skip


def _alarm_states(c: Controller) -> list[int]:
    states = [HEALTHY] * ALARMS
    if c.genset.fuel_pct < LOW_FUEL_PCT:
        states[LOW_FUEL] = WARNING
    if c.genset.load_pct > 100:
        states[OVERLOAD] = WARNING
    for number, state in c.alarms.items():
        states[number] = state
    return states


def _named_alarms(c: Controller) -> list[int]:
    """Their count, then four states in each register, the first in the highest four bits."""
    s = _alarm_states(c)
    packed = [s[i] << 12 | s[i + 1] << 8 | s[i + 2] << 4 | s[i + 3] for i in range(0, ALARMS, 4)]
    return [ALARMS, *packed]


def _s32(value: float) -> list[int]:
    return list(divmod(round(value) & 0xFFFFFFFF, 0x10000))
