"""True register maps of the devices that are fuzzed."""

from collector.simulator.meters import sunspec
from collector.simulator.meters.registers import floats, string, u32

ENERGY = 1_234_567


def acuvim_ii(watts: float, serial: str) -> dict[int, int]:
    """An ACUVIM II in primary mode whose power is `watts`, with the SunSpec block of its module."""
    part, amps = watts / 3, watts / 3 / 230
    values = [50.0, *[230.0] * 4, *[398.4] * 4, *[amps] * 4, 0.0, *[part] * 3, watts, *[0.0] * 4]
    values += [*[part] * 3, watts, *[1.0] * 4, 0.0, 0.0, 82.0, watts, 0.0, watts]
    words = floats(values)
    words += [w for n in (ENERGY, 0, 0, 0, ENERGY, ENERGY, 0, 0, ENERGY) for w in u32(n)]
    words += [100] * 8
    known = dict(enumerate(words, 0x4000)) | dict.fromkeys(range(0x1001, 0x1046), 0)
    known |= {0x1006: 400, 0x1007: 400, 0x1008: 1000, 0x1009: 5, 0x101D: 1}
    if serial:
        common = sunspec.common("Accuenergy", "Acuvim II", serial, 1, "3.60", "IIR")
        known |= dict(enumerate([*sunspec.SUNS, *common, 203, 105], 50000))
    return known


def acuvim_l(watts: float) -> dict[int, int]:
    """An ACUVIM L."""
    part, amps = watts / 3, watts / 3 / 230
    values = [50.0, *[230.0] * 3, *[398.4] * 3, *[amps] * 3, 0.0, *[part] * 3, watts, *[0.0] * 4]
    values += [watts, *[1.0] * 4, 0.0, 0.0, 82.0, *[part] * 3, 0.0, watts, 0.0, watts, *[amps] * 3]
    known = dict(enumerate(floats(values), 0x0600)) | dict.fromkeys(range(0x0101, 0x0119), 0)
    known |= {0x0106: 400, 0x0107: 400, 0x0108: 1000, 0x0109: 5}
    energies = [w for n in (ENERGY, 0, 0, 0, ENERGY) for w in u32(n)]
    return known | dict(enumerate(energies, 0x0156)) | dict.fromkeys(range(0x0400, 0x0406), 100)


def acurev(watts: float, channels: int) -> dict[int, int]:
    """An AcuRev whose channels share the power of its mains."""
    part, amps = watts / 3, watts / 3 / 230
    values = [50.0, *[230.0] * 4, *[398.4] * 4, *[amps] * 4, 0.0, *[part] * 3, watts, *[0.0] * 4]
    values += [*[part] * 3, watts, *[1.0] * 4]
    one = watts / channels
    each = floats([one / 230, one, 0.0, one, 1.0, 82.0])
    known = dict(enumerate(floats(values), 0x2000))
    for channel in range(channels):
        known |= dict(enumerate(each, 0x2100 + 12 * channel))
    return known


def fronius(watts: float, serial: str) -> dict[int, int]:
    """A three-phase inverter with floats."""
    part, amps = watts / 3, watts / 3 / 230
    values = [3 * amps, *[amps] * 3, *[398.4] * 3, *[230.0] * 3, watts, 50.0, watts, 0.0, 100.0]
    values += [5e6, 10.0, 600.0, watts * 1.03, 40.0, 40.0, 40.0, 40.0]
    model = sunspec.model(113, 60, {2: floats(values), 48: 4, 49: 4}, fill=0)
    assert part * 3 <= watts + 1
    words = sunspec.chain([sunspec.common("Fronius", "Symo GEN24 10.0", serial, 1, "1.41"), model])
    return dict(enumerate(words, 40000))


def example(watts: float, serial: str) -> dict[int, int]:
    """The meter of the shipped profile `example-meter`: tenths of a watt."""
    third = round(watts * 10 / 3)
    known = dict(enumerate([*string("EXAMPLE M3", 8), *string(serial, 8)]))
    known |= dict(enumerate([w for _ in range(3) for w in u32(third)], 100))
    return known | dict(enumerate(u32(ENERGY), 120))


def readable(known: dict[int, int]) -> list[tuple[int, int]]:
    """Reads of a map that find only registers: each block, at most 125 at once."""
    found: list[tuple[int, int]] = []
    for address in sorted(known):
        start, count = found[-1] if found else (-1, 0)
        if address == start + count and count < 125:
            found[-1] = (start, count + 1)
        else:
            found.append((address, 1))
    return found
