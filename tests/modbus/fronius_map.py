"""Fronius units as true SunSpec maps, written by hand from the model definitions."""

from collections.abc import Sequence

from tests.support.modbus import Unit, ascii_words, common_model, f32, sunspec_map, u32

NA = 0xFFFF
NA_S = 0x8000


def u64(value: int) -> list[int]:
    """A 64-bit integer as registers."""
    return [value >> shift & 0xFFFF for shift in (48, 32, 16, 0)]


def sf(value: int) -> int:
    """A scale factor, or any negative 16-bit number, as a register."""
    return value & 0xFFFF


def inverter_int(
    *, watts: int = 5000, wh: int = 12_345_678, state: int = 4, model: int = 103, w_sf: int = 0
) -> list[int]:
    """Model 101–103: 5 kW at 230 V, 50 Hz."""
    return [
        model, 50,
        220, 73, 74, 73, sf(-1), 4000, 4010, 4020, 2300, 2310, 2320, sf(-1),
        watts & 0xFFFF, sf(w_sf), 5001, sf(-2), 5010, 0, sf(-300), 0, sf(-999), sf(-1),
        *u32(wh), 0, NA, NA_S, NA, NA_S, 5100, 0, 412, NA_S, NA_S, NA_S, sf(-1),
        state, state, *[0] * 12,
    ]  # fmt: skip


def inverter_float(*, watts: float = 5000.0, wh: float = 12_345_678.0, state: int = 4) -> list[int]:
    """Model 113 with the same values."""
    nan = float("nan")
    return [
        113, 60,
        *f32(22.0, 7.3, 7.4, 7.3, 400.0, 401.0, 402.0, 230.0, 231.0, 232.0, watts, 50.01, 5010.0,
             -300.0, -99.9, wh, nan, nan, 5100.0, 41.2, nan, nan, nan),
        state, state, *[0] * 12,
    ]  # fmt: skip


def null_inverter(state: int = 7) -> list[int]:
    """Model 103, all zero, with a state."""
    words = [103, 50, *[0] * 50]
    words[38] = state
    return words


def nothing_float() -> list[int]:
    """Model 113 in which nothing is available, not even a state."""
    return [113, 60, *f32(*[float("nan")] * 23), NA, NA, *[NA] * 12]


def nothing_but_power() -> list[int]:
    """Model 103 whose states and flags are not available."""
    words = inverter_int()
    words[38:52] = [NA] * 14
    return words


def nameplate(watts: int = 10_000) -> list[int]:
    """Model 120."""
    words = [120, 26, 4, watts // 10, 1, *[0] * 23]
    words[19], words[20] = NA, NA_S
    return words


def status(wh: int) -> list[int]:
    """Model 122 with ActWh."""
    return [122, 44, 7, 0, 1, *u64(wh), *[0] * 37]


def storage(w_cha_max: int = 10_240, soc: int = 5550, state: int = 4) -> list[int]:
    """Model 124 of a battery that charges; WChaMax 0: no battery."""
    words = [124, 24, w_cha_max, *[0] * 23]
    words[8], words[11] = soc, state
    words[18:26] = [0, sf(-2), NA_S, sf(-2), sf(-2), NA_S, sf(-2), sf(-2)]
    return words


def mppt(*modules: tuple[str, int, int, int, int]) -> list[int]:
    """Model 160 of modules (name, A/100, V/10, W, Wh)."""
    words = [160, 8 + 20 * len(modules), sf(-2), sf(-1), 0, 0, 0, 0, len(modules), 0]
    for number, (name, amps, volts, watts, wh) in enumerate(modules, 1):
        words += [number, *ascii_words(name, 8), amps, volts, watts, *u32(wh), 0, 0, NA_S, 4, 0, 0]
    return words


HYBRID = (
    ("MPPT 1", 455, 4120, 1875, 100_000),
    ("MPPT 2", 461, 4183, 1923, 200_000),
    ("StCha 3", 500, 4000, 2000, 300_000),
    ("StDisCha 4", 0, 0, 0, 250_000),
)
"""The modules of a hybrid whose battery charges with 2 kW."""


def meter_int(*, watts: int = -1234, imported: int = 500_000, exported: int = 90_000) -> list[int]:
    """Model 203: exporting by default."""
    words = [203, 105, *[0] * 105]
    words[2:7] = [sf(-54), sf(-18), sf(-18), sf(-18), sf(-1)]
    words[7:16] = [2300, 2300, 2310, 2320, 4000, 4000, 4010, 4020, sf(-1)]
    words[16:18] = [5000, sf(-2)]
    words[18:23] = [sf(watts), sf(watts // 3), sf(watts // 3), sf(watts // 3), 0]
    words[23:28] = [1300, 430, 430, 440, 0]
    words[28:33] = [200, 70, 70, 60, 0]
    words[33:38] = [sf(-95), sf(-95), sf(-94), sf(-96), sf(-2)]
    words[38:40] = u32(exported)
    words[46:48] = u32(imported)
    words[54] = 0
    words[71] = 0
    return words


def meter_float(*, watts: float = -1234.0) -> list[int]:
    """Model 213, which is one register too long for one request."""
    nan = float("nan")
    values = [
        -5.4, -1.8, -1.8, -1.8, 230.0, 230.0, 231.0, 232.0, 400.0, 400.0, 401.0, 402.0, 50.0,
        watts, watts / 3, watts / 3, watts / 3, 1300.0, 430.0, 430.0, 440.0, 200.0, 70.0, 70.0,
        60.0, -0.95, -0.95, -0.94, -0.96, 90_000.0, nan, nan, nan, 500_000.0, nan, nan, nan,
    ]  # fmt: skip
    words = [213, 124, *f32(*values)]
    return words + [0] * (126 - len(words))


def unit(*models: Sequence[int], serial: str = "33411122", md: str = "Symo GEN24 10.0") -> Unit:
    """A unit with a common model and these."""
    common = common_model("Fronius", md, "", "1.41.10-1", serial)
    return Unit(sunspec_map(40000, common, *models))


def smart_meter(*models: Sequence[int], serial: str = "METER7") -> Unit:
    """A Fronius Smart Meter."""
    return unit(*(models or (meter_int(),)), serial=serial, md="Smart Meter TS 65A-3")
