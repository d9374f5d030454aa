"""Does a profile know the unit? Only fingerprints are read, and who it is of the one that fits."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from collector.model.reading import Identity
from collector.profiles.fingerprint import Answer, Look
from collector.profiles.items import Chain, Placed
from collector.profiles.plan import Request
from collector.profiles.profile import Profile
from collector.sources.modbus.errors import NoAnswer, Refused
from collector.sources.modbus.gateway import Turn
from collector.sources.modbus.sunspec import Model

MAX_UNITS = 8
OTHERS = "other profiles fit too: {names}"
FAULT = 4
"""A Modbus exception by which some refuse what they do not have."""
SILENCES = 2
"""A unit that answered before and leaves so many questions open is asked no more."""


class Recognised(Struct, frozen=True, kw_only=True):
    """The profile that fits best, who the device says it is, and what else would fit."""

    profile: Profile
    identity: Identity
    others: tuple[str, ...] = ()


def usual_units(profiles: Iterable[Profile]) -> tuple[int, ...]:
    """The unit ids at which devices of these profiles stand by default, each once."""
    found: dict[int, None] = {}
    for profile in profiles:
        modbus = profile.table.modbus
        if profile.table.transport == "modbus" and profile.table.fingerprint:
            found |= dict.fromkeys((modbus.unit, *modbus.units))
    return tuple(found)[:MAX_UNITS]


def placed(chain: Sequence[Model]) -> Chain:
    """A chain of SunSpec models as profiles want it: the first of each id."""
    found: dict[int, Placed] = {}
    for model in chain:
        found.setdefault(model.id, Placed(model.address, model.length))
    return found


async def recognise(
    turn: Turn, unit: int, profiles: Iterable[Profile], chain: Chain, timeout_s: float
) -> Recognised | None:
    """Which profile knows this unit; None: none. Of several that fit it is the one with the most
    fingerprints. Raises what reading raises, but for refusals and single silences."""
    asking = _Asking(turn, unit, timeout_s)
    fitting: list[Look] = []
    for profile in profiles:
        if profile.table.transport != "modbus" or (profile.table.sunspec and not chain):
            continue
        look = Look(profile, chain)
        for mark in look.marks:
            await asking.ask(mark)
        if look.fits(asking.answers) and (not look.marks or asking.says_something(look.marks)):
            fitting.append(look)
    if not fitting:
        return None
    best, *rest = sorted(fitting, key=lambda look: -len(look.marks))
    for request in best.identity:
        await asking.ask(request)
    return Recognised(
        profile=best.profile,
        identity=best.who(asking.answers),
        others=tuple(look.profile.name for look in rest),
    )


class _Asking:
    """Asks a unit each question once."""

    def __init__(self, turn: Turn, unit: int, timeout_s: float) -> None:
        self.answers: dict[Request, Answer] = {}
        self._turn = turn
        self._unit = unit
        self._timeout_s = timeout_s
        self._silences = 0

    async def ask(self, request: Request) -> None:
        """Put a question unless it was put; silence stays no answer."""
        if request in self.answers:
            return
        try:
            self.answers[request] = await self._turn.read(
                self._unit,
                request.start,
                request.size,
                function=request.function,
                timeout_s=self._timeout_s,
            )
        except Refused as error:
            if not error.lasting and error.code != FAULT:
                raise
            self.answers[request] = error.code
        except NoAnswer:
            self._silences += 1
            if self._silences >= SILENCES:
                raise

    def says_something(self, marks: Sequence[Request]) -> bool:
        """Whether any of these answers is more than zeros, which everything says that has
        nothing to say."""
        told = [self.answers.get(mark) for mark in marks]
        return any(isinstance(each, int) or any(each or ()) for each in told if each is not None)
