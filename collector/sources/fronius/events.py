"""What Fronius devices complain of by their event flags, in words.

Sources. `Evt1` of inverters, `Evt` of meters, `Evt` and `DCEvt` of MPPT modules: the SunSpec model
definitions 103, 203 and 160 (github.com/sunspec/models, Apache-2.0). `StVnd` and `EvtVnd1…3` of
SnapINverters with the codes that their display shows: Fronius' "Modbus SunSpec Maps, State Codes
and Events", as config/FroniusEventFlags.json of github.com/sm26449/fronius-modbus-mqtt (Symo) has
it. A GEN24 and its kin tell by the vendor's flags only how bad the worst entry of their event list
is, for customers (`EvtVnd1`) and technicians (`EvtVnd2`): Fronius' GEN24 Modbus documents, quoted
in issue 498 of github.com/iobroker-community-adapters/ioBroker.fronius, and the code of
github.com/callifo/fronius_modbus. The words are ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from collector.model.alarm import Notice, Severity
from collector.model.text import clean

Values = Mapping[str, float | None]


class Flag(NamedTuple):
    """What a flag says. Without a severity it asks nothing of anybody; `codes` are the numbers
    that the device's display shows with it."""

    severity: Severity | None
    words: str
    codes: tuple[int, ...] = ()


Table = Mapping[tuple[str, int], Flag]
"""By register and bit."""

_SEVERITY = {"a": Severity.ALARM, "w": Severity.WARNING, "-": None}


def _table(text: str) -> Table:
    """Lines of `register bit severity codes words`; the codes are joined by commas, or -."""
    found: dict[tuple[str, int], Flag] = {}
    for line in text.strip().splitlines():
        register, bit, severity, codes, words = line.split(maxsplit=4)
        numbers = () if codes == "-" else tuple(int(code) for code in codes.split(","))
        found[register, int(bit)] = Flag(_SEVERITY[severity], words, numbers)
    return MappingProxyType(found)


INVERTER = _table("""
    Evt1 0 a - ground fault
    Evt1 1 a - DC voltage too high
    Evt1 2 w - AC disconnect is open
    Evt1 3 w - DC disconnect is open
    Evt1 4 a - separated from the grid
    Evt1 5 w - cabinet is open
    Evt1 6 w - shut down by hand
    Evt1 7 a - too hot
    Evt1 8 a - frequency too high
    Evt1 9 a - frequency too low
    Evt1 10 a - AC voltage too high
    Evt1 11 a - AC voltage too low
    Evt1 12 a - string fuse has blown
    Evt1 13 w - too cold
    Evt1 14 w - memory or communication error
    Evt1 15 a - hardware test failed
""")

SNAP = _table("""
    EvtVnd1 0 a 447,475,502 insulation fault on the DC side
    EvtVnd1 1 a 107,108 grid error
    EvtVnd1 2 a 301 AC overcurrent
    EvtVnd1 3 a 302 DC overcurrent
    EvtVnd1 4 a 303,304 too hot
    EvtVnd1 5 - 306 too little power to feed in
    EvtVnd1 6 - 307,522,523 DC voltage too low to feed in
    EvtVnd1 7 a 308,426 intermediate circuit
    EvtVnd1 8 a 105 AC frequency too high
    EvtVnd1 9 a 106 AC frequency too low
    EvtVnd1 10 a 102,112 AC voltage too high
    EvtVnd1 11 a 103 AC voltage too low
    EvtVnd1 12 a 408 direct current fed into the grid
    EvtVnd1 13 a 457 relay sticks
    EvtVnd1 14 a 417,427,431,432,436,437,438,445,450,460,516 fault inside the power stage
    EvtVnd1 15 a 409,413 control problem
    EvtVnd1 16 a 453 guard: AC voltage
    EvtVnd1 17 a 454 guard: AC frequency
    EvtVnd1 18 a 443 no energy can be transferred
    EvtVnd1 19 a 455 AC reference outside its limits
    EvtVnd1 20 a 456 anti-islanding test failed
    EvtVnd1 21 w 412 fixed DC voltage is below the present MPP voltage
    EvtVnd1 22 w 451,711,712,713,714,715,721,722,723,724,725,726,727,728,729,730 memory fault
    EvtVnd1 23 w 464,465,466,467 display
    EvtVnd1 24 w 401,416,425,452,519 communication inside the inverter
    EvtVnd1 25 w 406,407 temperature sensor
    EvtVnd1 26 a 461 DC or AC board
    EvtVnd1 27 a 415 grid monitoring (ENS)
    EvtVnd1 28 w 530,531 fan
    EvtVnd1 29 a 472 fuse has blown
    EvtVnd1 30 a 469 output choke with wrong polarity
    EvtVnd1 31 a 470 buck converter's relay does not open
    EvtVnd2 0 w 504 no SolarNet communication
    EvtVnd2 1 w 508 wrong inverter number
    EvtVnd2 2 w 509 nothing fed in for 24 hours
    EvtVnd2 3 a 410,515 faulty plug
    EvtVnd2 4 a 473 phases are mixed up
    EvtVnd2 5 a 210 a grid conductor is open or a phase has failed
    EvtVnd2 6 w 558 incompatible or old software
    EvtVnd2 7 w 517 less power because of heat
    EvtVnd2 8 w 550 jumper is set wrongly
    EvtVnd2 9 w 559 incompatible feature
    EvtVnd2 10 w 501 ventilation blocked or defective
    EvtVnd2 11 w 560,561 less power because of a fault
    EvtVnd2 12 a 240 arc detected
    EvtVnd2 13 a 245 self test of the arc detection failed
    EvtVnd2 14 a 247 current sensor
    EvtVnd2 15 a 492,493 DC switch
    EvtVnd2 16 a 249 arc detection is defective
    EvtVnd2 17 - 250 arc detection was tested by hand: well
    EvtVnd2 18 a 476 supply of the power stage is missing
    EvtVnd2 19 a 477 arc detection does not answer
    EvtVnd2 20 a 478 arc detection was tested by hand: it failed
    EvtVnd2 21 a 463 AC polarity is reversed
    EvtVnd2 22 a 488 AC measurement
    EvtVnd2 23 w 782,783,784,789,794 flash memory
    EvtVnd2 24 w 772,773,775 general error
    EvtVnd2 25 a 494 grounding
    EvtVnd2 26 w 761,762,765,766,767,768 power limitation
    EvtVnd2 27 w 486 external contact is open
    EvtVnd2 28 a 597,598,599 external overvoltage protection has tripped
    EvtVnd2 29 - 707 state of the inner program
    EvtVnd2 30 w 701,702,703,706 SolarNet
    EvtVnd2 31 a 495,496,497,498,499 inner supply voltage
    EvtVnd3 0 w 751,754,755,757,758,760 clock
    EvtVnd3 1 w 731,732,733,734,735,736,737,738,740,741,743,745,746 USB
    EvtVnd3 2 a 309,313 DC voltage too high
    EvtVnd3 3 w 482 setting up was not finished
""")

GEN24 = _table("""
    EvtVnd1 0 a - an error stands in its event list
    EvtVnd1 1 w - a warning stands in its event list
    EvtVnd1 2 - - an information stands in its event list
    EvtVnd2 0 a - an error stands in its technician's event list
    EvtVnd2 1 w - a warning stands in its technician's event list
    EvtVnd2 2 - - an information stands in its technician's event list
""")

METER = _table("""
    Evt 2 a - loss of power or of a phase
    Evt 3 a - voltage too low
    Evt 4 w - power factor too low
    Evt 5 a - overcurrent
    Evt 6 a - voltage too high
    Evt 7 w - sensor is missing
""")

MODULE = _table("""
    Evt 0 a - ground fault
    Evt 1 a - input voltage too high
    Evt 3 w - DC disconnect is open
    Evt 5 w - cabinet is open
    Evt 6 w - shut down by hand
    Evt 7 a - too hot
    Evt 12 a - fuse has blown
    Evt 13 w - too cold
    Evt 14 w - memory or communication error
    Evt 15 a - arc detected
    Evt 20 a - test failed
    Evt 21 - - input voltage too low
    Evt 22 a - input overcurrent
""")

VENDOR_STATES: Mapping[int, Flag] = MappingProxyType({
    9: Flag(Severity.WARNING, "no SolarNet communication"),
    10: Flag(Severity.ALARM, "its Datamanager does not reach the inverter"),
    11: Flag(Severity.ALARM, "overcurrent at the SolarNet plug"),
    12: Flag(Severity.WARNING, "its software is being updated"),
    13: Flag(Severity.ALARM, "arc detected"),
})  # fmt: skip
"""`StVnd` beyond the eight states that SunSpec has."""

_REGISTERS = ("Evt", "Evt1", "EvtVnd1", "EvtVnd2", "EvtVnd3", "EvtVnd4")
FAULT = 7.0
_NO_NAME = Flag(Severity.WARNING, "an event that no public list names")
_KIN = ("gen24", "verto", "tauro", "argeno")

BY_CODE: Mapping[int, Flag] = MappingProxyType(
    {code: flag for flag in SNAP.values() for code in flag.codes}
)
"""By the number that the display and the Solar API show."""


def is_gen24(model: str) -> bool:
    """Whether a device of this model name is a GEN24 or of its kin, and no SnapINverter."""
    name = model.lower()
    return any(word in name for word in _KIN)


def inverter(
    role: str, model: str, values: Values, modules: Sequence[float | None] = ()
) -> tuple[Notice, ...]:
    """What an inverter named `model` complains of by models 101–113, and by the event flags of its
    MPPT modules. A fault without any flag is a complaint too."""
    if not any(map(values.get, _REGISTERS)) and not any(modules) and _sound(values):
        return ()
    vendor = GEN24 if is_gen24(model) else SNAP
    found = list(_raised(role, "", values, INVERTER))
    found += _raised(role, "", values, vendor)
    if vendor is SNAP:
        found += _unnamed(role, values)
    state = VENDOR_STATES.get(int(values.get("StVnd") or 0))
    if state is not None:
        found += _notice(role, f"StVnd/{int(values['StVnd'] or 0)}", state)
    for number, flags in enumerate(modules, 1):
        found += _raised(role, f"module {number}", {"Evt": flags}, MODULE)
    if values.get("St") == FAULT and not found:
        found += _notice(role, "St/7", Flag(Severity.ALARM, "fault, and no event names it"))
    return tuple(found)


def _sound(values: Values) -> bool:
    """Whether the states say nothing that has to be told."""
    return values.get("St") != FAULT and int(values.get("StVnd") or 0) not in VENDOR_STATES


def meter(role: str, values: Values) -> tuple[Notice, ...]:
    """What a smart meter complains of by models 201–214."""
    return tuple(_raised(role, "", values, METER))


def code(role: str, number: float | None) -> tuple[Notice, ...]:
    """What the error code of the Solar API says; 0 is none."""
    if not number:
        return ()
    flag = BY_CODE.get(int(number), Flag(Severity.WARNING, _NO_NAME.words, (int(number),)))
    return tuple(_notice(role, f"ErrorCode/{int(number)}", flag._replace(codes=(int(number),))))


def _raised(role: str, part: str, values: Values, table: Table) -> Iterator[Notice]:
    words_up = {name: int(values.get(name) or 0) for name in _REGISTERS if values.get(name)}
    if not words_up:
        return
    for (register, bit), flag in table.items():
        if words_up.get(register, 0) >> bit & 1:
            where = f"{part}/" if part else ""
            words = f"{part}: {flag.words}" if part else flag.words
            yield from _notice(role, f"{where}{register}/{bit}", flag._replace(words=words))


def _unnamed(role: str, values: Values) -> Iterator[Notice]:
    """Flags of a SnapINverter that the table does not have."""
    for register in ("EvtVnd1", "EvtVnd2", "EvtVnd3", "EvtVnd4"):
        word = int(values.get(register) or 0)
        for bit in range(32 if word else 0):
            if word >> bit & 1 and (register, bit) not in SNAP:
                words = f"{_NO_NAME.words}: {register} bit {bit}"
                yield from _notice(role, f"{register}/{bit}", _NO_NAME._replace(words=words))


def _notice(role: str, fact: str, flag: Flag) -> Iterator[Notice]:
    if flag.severity is None:
        return
    shown = "state " + ", ".join(map(str, flag.codes[:4])) if flag.codes else ""
    more = ", …" if len(flag.codes) > 4 else ""
    yield Notice(
        role=role,
        fact=clean(fact),
        severity=flag.severity,
        text=clean(flag.words),
        value=f"{shown}{more}",
    )
