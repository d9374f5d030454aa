"""ACUVIM meters as true register maps, written by hand from the vendor's tables."""

from collections.abc import Mapping

from tests.support.modbus import Unit, common_model, f32, u32

# A star-wired 400 V supply under load; phase powers 13.8, 11.4 and 9.12 kW.
U = (230.0, 228.0, 229.0)
I = (62.0, 51.0, 41.0)  # noqa: E741  the field's own sign
P = (13_800.0, 11_400.0, 9_120.0)
S = tuple(u * i for u, i in zip(U, I, strict=True))
VALUES: Mapping[str, float] = {
    "f": 50.02, "u1": U[0], "u2": U[1], "u3": U[2], "ulnavg": 229.0,
    "u12": 397.0, "u23": 395.0, "u31": 399.0, "ullavg": 397.0,
    "i1": I[0], "i2": I[1], "i3": I[2], "iavg": 51.33, "in": 18.3,
    "pa": P[0], "pb": P[1], "pc": P[2], "p": sum(P),
    "qa": 3000.0, "qb": 2000.0, "qc": -500.0, "q": 4500.0,
    "sa": S[0], "sb": S[1], "sc": S[2], "s": sum(S),
    "pfa": 0.968, "pfb": 0.98, "pfc": 0.971, "pf": 0.973,
    "uunb": 0.005, "iunb": 0.2, "load": 76.0,
    "pdem": 33_000.0, "qdem": 4_400.0, "sdem": 34_500.0,
}  # fmt: skip

II_ORDER = (
    "f", "u1", "u2", "u3", "ulnavg", "u12", "u23", "u31", "ullavg", "i1", "i2", "i3", "iavg", "in",
    "pa", "pb", "pc", "p", "qa", "qb", "qc", "q", "sa", "sb", "sc", "s",
    "pfa", "pfb", "pfc", "pf", "uunb", "iunb", "load", "pdem", "qdem", "sdem",
)  # fmt: skip
L_AT = {
    0x0600: "f", 0x0602: "u1", 0x0604: "u2", 0x0606: "u3", 0x0608: "u12", 0x060A: "u23",
    0x060C: "u31", 0x060E: "i1", 0x0610: "i2", 0x0612: "i3", 0x0614: "in", 0x0616: "pa",
    0x0618: "pb", 0x061A: "pc", 0x061C: "p", 0x061E: "qa", 0x0620: "qb", 0x0622: "qc",
    0x0624: "q", 0x0626: "s", 0x0628: "pfa", 0x062A: "pfb", 0x062C: "pfc", 0x062E: "pf",
    0x0630: "uunb", 0x0632: "iunb", 0x0634: "load", 0x0636: "sa", 0x0638: "sb", 0x063A: "sc",
    0x063E: "pdem", 0x0640: "qdem", 0x0642: "sdem", 0x0644: "i1", 0x0646: "i2", 0x0648: "i3",
}  # fmt: skip
VOLTS = frozenset({"u1", "u2", "u3", "ulnavg", "u12", "u23", "u31", "ullavg"})
AMPS = frozenset({"i1", "i2", "i3", "iavg", "in"})
POWERS = frozenset({"pa", "pb", "pc", "p", "qa", "qb", "qc", "q", "sa", "sb", "sc", "s"})
RATIOS = frozenset({"f", "pfa", "pfb", "pfc", "pf", "uunb", "iunb", "load"})


def secondary(name: str, value: float, pt: float, ct: float) -> float:
    """What the register holds in secondary mode, for a primary value."""
    if name in RATIOS:
        return value
    return value / (pt if name in VOLTS else ct if name in AMPS else pt * ct)


def write_ii(
    unit: Unit,
    *,
    pt: tuple[int, int] = (400, 400),
    ct: tuple[int, int] = (1000, 5),
    mode: int = 1,
    energy: tuple[int, int] = (1_234_567, 89),
    energy_mode: int = 0,
    wiring: int = 0,
    convention: int = 0,
    values: Mapping[str, float] = VALUES,
) -> None:
    """Write settings, measurements and energies of an ACUVIM II into a unit."""
    ct2 = ct[1] if ct[1] in (1, 5) else 1
    ratios = (pt[0] / pt[1], ct[0] / ct2) if mode == 0 else (1.0, 1.0)
    unit.put(0x1003, [0] * 27)
    unit.put(0x1003, [wiring, 0, *u32(pt[0]), pt[1], ct[0], ct[1]])
    unit.put(0x1015, [convention])
    unit.put(0x1019, [energy_mode])
    unit.put(0x101D, [mode])
    for place, name in enumerate(II_ORDER):
        unit.put(0x4000 + 2 * place, f32(secondary(name, values[name], *ratios)))
    unit.put(0x4048, u32(*energy, 500, 20, sum(energy), energy[0] - energy[1], 520, 480, 1_400_000))
    unit.put(0x405A, [210, 220, 230, 220, 810, 820, 830, 820])


PHASE_ENERGIES = tuple(range(3_000, 3_012))
"""Ep import and export of each phase, then Eq."""


def put_phases(unit: Unit, *, ct: float = 1.0) -> None:
    """Current demands and the energies of each phase of an ACUVIM II."""
    unit.put(0x4600, f32(60.0 / ct, 50.0 / ct, 40.0 / ct))
    unit.put(0x4620, u32(*PHASE_ENERGIES, 4_000, 4_001, 4_002))


def acurev(channels: int = 18, *, used: Mapping[int, float] | None = None) -> Unit:
    """An AcuRev 2100: mains at 0x2000, channels at 0x2100; `used` holds watts by channel."""
    unit = Unit({})
    for place, name in enumerate(II_ORDER[:30]):
        unit.put(0x2000 + 2 * place, f32(VALUES[name]))
    for channel in range(1, channels + 1):
        put_channel(unit, channel, (used or {}).get(channel, 0.0))
    return unit


def put_channel(unit: Unit, channel: int, watts: float) -> None:
    """One channel of an AcuRev that carries so much at a power factor of 0.9."""
    apparent = watts / 0.9
    point = (apparent / 230.0, watts, apparent * 0.4359, apparent, 0.9 if watts else 0.0, 76.0)
    unit.put(0x2100 + 12 * (channel - 1), f32(*point))


def acudc(volts: float = 52.0, amps: float = -100.0, energy: tuple[int, int] = (1234, 567)) -> Unit:
    """An AcuDC 240: kW, and energies in hundredths of a kWh."""
    unit = Unit({})
    unit.put(0x0200, f32(volts, amps, volts * amps / 1000))
    unit.put(0x0300, u32(*energy, sum(energy), (energy[0] - energy[1]) & 0xFFFFFFFF))
    return unit


def acuvim_ii(serial: str = "AH19040551", **settings) -> Unit:
    """An ACUVIM IIR; without serial it has no WEB module."""
    unit = Unit({})
    if serial:
        block = common_model("Accuenergy", "Acuvim II", "IIR", "H: 2.31\nS: 3.60", serial)
        unit.put(0xC350, [0x5375, 0x6E53, *block, 203])
    write_ii(unit, **settings)
    return unit


def acuvim_l(*, wiring: int = 0, values: Mapping[str, float] = VALUES, thd: bool = True) -> Unit:
    """An ACUVIM L; `thd` as in the CL and above."""
    unit = Unit({})
    unit.put(0x0100, [0, 1, 1920, wiring, 0, *u32(400), 400, 1000, 5, 0, 0, 15])
    unit.put(0x0600, [0] * 0x4A)
    for address, name in L_AT.items():
        unit.put(address, f32(values[name]))
    unit.put(0x0156, u32(1_234_567, 89, 500, 20, 1_400_000))
    unit.put(0x0160, u32(*PHASE_ENERGIES))
    if thd:
        unit.put(0x0400, [210, 220, 230, 810, 820, 830])
    return unit
