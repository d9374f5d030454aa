"""By which reads a device is known, and who it then is. Pure: whoever looks does the reading.

look = Look(profile, chain)
answers = {request: registers, or the Modbus exception it was refused with}
if look.fits(answers): the device is one of the profile's; look.identity says what to read next
"""

from collections.abc import Mapping, Sequence

from collector.model.reading import Identity
from collector.profiles.items import Chain, Rhythm
from collector.profiles.language import ConditionTable, FingerprintTable, PointTable
from collector.profiles.plan import Request, plan
from collector.profiles.profile import Profile
from collector.profiles.program import Program, holds
from collector.profiles.registers import Decoder, Raw, decoder, reader
from collector.profiles.types import COIL_FUNCTIONS, width
from collector.profiles.who import identity_of, identity_slots

Answer = Sequence[int] | int
"""Registers, or the number of a Modbus exception."""


class Look:
    """The identification reads of one profile. `chain`: the SunSpec models that were found, for a
    profile with `[sunspec]`; without them such a profile fits nothing.

    `marks` are to be read first; a profile without fingerprints has none, and fits nothing unless
    its `[sunspec]` names models, one of which the chain must have.
    `identity` tells serial, model and firmware of a device that fits.
    """

    def __init__(self, profile: Profile, chain: Chain | None = None) -> None:
        self.profile = profile
        self._program = Program(profile, chain=chain or {})
        sunspec = profile.table.sunspec
        self._models = frozenset(sunspec.models if sunspec else ())
        self._has_model = bool(self._models & set(chain or {}))
        self._marks = [(mark, _request(profile, mark, chain or {})) for mark in _marks(profile)]
        slots = identity_slots(self._program)
        items = [item for item in self._program.items if item.slot in slots]
        table = profile.table
        self.marks = tuple(dict.fromkeys(request for _, request in self._marks if request))
        self.identity = plan(items, table.modbus, table.block)

    @property
    def sunspec(self) -> bool:
        """Whether the chain of models must be walked before."""
        return self.profile.table.sunspec is not None

    def fits(self, answers: Mapping[Request, Answer]) -> bool:
        """Whether every fingerprint fits what was answered; one that was not asked does not."""
        if self._models and not self._has_model:
            return False
        return bool(self._marks or self._models) and all(
            request is not None and request in answers and self._fits(mark, answers[request])
            for mark, request in self._marks
        )

    def _fits(self, mark: FingerprintTable, answer: Answer) -> bool:
        if isinstance(answer, int):
            return mark.exception is not None and mark.exception in (0, answer)
        return mark.exception is None and judged(mark, self._raw(mark, answer))

    def _raw(self, mark: FingerprintTable, registers: Sequence[int]) -> Raw:
        point = PointTable(name="mark", type=mark.type, len=mark.len, fc=mark.fc)
        data = b"".join(register.to_bytes(2) for register in registers)
        return decoder(point, self.profile.table.modbus)(data)

    def who(self, answers: Mapping[Request, Answer]) -> Identity:
        """Who it is, from the answers to `identity`; what was refused stays empty."""
        program = self._program
        program.forget()
        modbus = self.profile.table.modbus
        taken = Decoder(program.items, modbus)
        for request in self.identity:
            answer = answers.get(request)
            if answer is not None and not isinstance(answer, int):
                taken.take(reader(request, program.items, modbus), answer, program.raws)
        program.run()
        return identity_of(program)


def judged(mark: FingerprintTable, value: Raw) -> bool:
    """Whether a value (of a register, or of a JSON document) fits a fingerprint."""
    expected = ConditionTable(
        point="mark", equals=mark.equals, min=mark.min, max=mark.max, contains=mark.contains
    )
    return holds(expected, value)


def _marks(profile: Profile) -> tuple[FingerprintTable, ...]:
    return profile.table.fingerprint if profile.table.transport == "modbus" else ()


def _request(profile: Profile, mark: FingerprintTable, chain: Chain) -> Request | None:
    modbus = profile.table.modbus
    function = mark.fc or modbus.fc
    size = width("bit" if function in COIL_FUNCTIONS else mark.type, mark.len)
    if mark.address is not None:
        return Request(function, mark.address - modbus.address_base, size, Rhythm(), ())
    model = chain.get(mark.model or 0)
    if model is None:
        return None
    return Request(function, model.address + (mark.at or 0), size, Rhythm(), ())
