"""How the meter is set: transformer ratios, wiring, and the form of its values."""

from collections.abc import Sequence
from typing import NamedTuple

from collector.errors import BadDevice
from collector.sources.acuvim.registers import ACUVIM_II, Family, Side, Wiring

AMPERE_CT2 = (1, 5)
KWH_PER_COUNT = (0.1, 0.001, 0.01)
"""By energy mode: primary, secondary, primary in hundredths (IIW)."""


class Settings(NamedTuple):
    """What is needed to read the values of a meter.

    `pt` and `ct` multiply secondary volts and amperes (1 when the meter gives primary values);
    `kwh_per_count` is the step of its energy registers; with the `ieee` convention the signs of
    var and power factor are not those of IEC. `turned` says of each CT whether the meter is set to
    count it the other way. `text` names all that scales the values: with another text, registers
    are other registers. `ct_primary_a` is 0 where nobody says.
    """

    wiring: Wiring
    pt: float
    ct: float
    kwh_per_count: float
    ieee: bool
    ct_primary_a: int
    text: str
    turned: tuple[bool, bool, bool] = (False, False, False)

    def factors(self) -> dict[Side, float]:
        """What a raw value of each side is multiplied with."""
        return {"": 1.0, "u": self.pt, "i": self.ct, "p": self.pt * self.ct}


def fixed_settings(family: Family) -> Settings:
    """Of a family that tells no settings: primary values."""
    dc = Wiring.DC in family.wirings.values()
    wiring, step = (Wiring.DC, 0.01) if dc else (Wiring.STAR, 0.1)
    return Settings(wiring, 1.0, 1.0, step, False, 0, "as the meter shows them")


def decode_settings(family: Family, registers: Sequence[int], where: str) -> Settings:
    """The settings registers of a family. Raises BadDevice for what cannot be right: a wrong
    ratio would be wrong in every kWh."""
    wiring = family.wirings.get(registers[0])
    if wiring is None:
        raise BadDevice(f"{where}: voltage wiring {registers[0]} is unknown. {_HINT}")
    pt1 = registers[2] << 16 | registers[3]
    pt2, ct1, ct2 = registers[4:7]
    if not pt1 or not pt2 or not ct1 or not ct2:
        raise BadDevice(f"{where}: PT {pt1}:{pt2} or CT {ct1}:{ct2} is zero. {_HINT}")
    ratios = f"PT {pt1}:{pt2}, CT {ct1}:{ct2}, {wiring.value}"
    if family is not ACUVIM_II:
        return Settings(wiring, 1.0, 1.0, 0.1, False, ct1, f"primary values, {ratios}")
    ieee, energy_mode, mode = registers[18], registers[22], registers[26]
    if mode > 1 or energy_mode >= len(KWH_PER_COUNT):
        raise BadDevice(
            f"{where}: value mode {mode} or energy mode {energy_mode} is neither primary nor "
            f"secondary. {_HINT}"
        )
    # Inputs of 333 mV, mA and Rogowski coils give CT2 in other units: the ratio is CT1 itself.
    ct = ct1 / (ct2 if ct2 in AMPERE_CT2 else 1)
    step = KWH_PER_COUNT[energy_mode]
    return Settings(
        wiring=wiring,
        pt=1.0 if mode else pt1 / pt2,
        ct=1.0 if mode else ct,
        kwh_per_count=step,
        ieee=bool(ieee),
        ct_primary_a=ct1,
        text=f"{'primary' if mode else 'secondary'} values, {ratios}, "
        f"{'secondary' if energy_mode == 1 else 'primary'} energy in {step:g} kWh",
        turned=(registers[15] == 1, registers[16] == 1, registers[17] == 1),
    )


_HINT = "Is it an ACUVIM of the other family? Set model to II or L in the registry."
