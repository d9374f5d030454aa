"""The commands that exist. What is not here cannot be written to any device.

Never offered, whatever a device takes: the battery's contactor (`battery/…/Mode`), `SystemReset`,
the charge voltage, DVCC (`Services/Bol`), `MqttLocal`, `SecurityProfile`. Profiles have no write
verb at all.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct

from collector.control import preconditions as pre
from collector.model.control import ControlValue, Danger, Plant
from collector.model.kinds import AssetKind

Check = Callable[[ControlValue, Plant], str]
"""Why a value must not be set as the plant is now, in words; "" when it may."""


class Command(Struct, frozen=True, kw_only=True):
    """One command: what it is called, at which kinds of assets it stands, how dangerous it is.

    `unit` is of its numbers. `check` is its precondition.
    """

    id: str
    label: str
    kinds: tuple[AssetKind, ...]
    danger: Danger
    unit: str = ""
    check: Check = pre.nothing
    seconds: tuple[int, int] = (0, 0)
    """Least and most of its time in s, where it takes one."""


BESS, GENERATOR = AssetKind.BESS, AssetKind.GENERATOR
DANGEROUS, CAREFUL, HARMLESS = Danger.DANGEROUS, Danger.CAREFUL, Danger.HARMLESS
DAY_S = 86_400

_ALL = (
    Command(
        id="mode",
        label="inverter mode",
        kinds=(BESS,),
        danger=DANGEROUS,
        check=pre.mode,
    ),
    Command(
        id="input-limit-1",
        label="current limit of AC input 1",
        kinds=(BESS,),
        danger=DANGEROUS,
        unit="A",
        check=pre.input_limit,
    ),
    Command(
        id="input-limit-2",
        label="current limit of AC input 2",
        kinds=(BESS,),
        danger=DANGEROUS,
        unit="A",
        check=pre.input_limit,
    ),
    Command(
        id="generator",
        label="generator",
        kinds=(GENERATOR,),
        danger=DANGEROUS,
        check=pre.generator,
        seconds=(60, DAY_S),
    ),
    Command(
        id="generator-auto",
        label="automatic start of the generator",
        kinds=(GENERATOR,),
        danger=DANGEROUS,
        check=pre.generator_auto,
    ),
    Command(
        id="grid-setpoint",
        label="power drawn from the grid (ESS)",
        kinds=(BESS,),
        danger=CAREFUL,
        unit="W",
        check=pre.setpoint,
        seconds=(60, DAY_S),
    ),
    Command(
        id="minimum-soc",
        label="minimum state of charge while the grid is there (ESS)",
        kinds=(BESS,),
        danger=CAREFUL,
        unit="%",
    ),
    Command(id="relay-1", label="relay 1", kinds=(BESS,), danger=DANGEROUS),
    Command(id="relay-2", label="relay 2", kinds=(BESS,), danger=DANGEROUS),
    Command(
        id="acknowledge",
        label="acknowledge the notifications of the device",
        kinds=(BESS,),
        danger=HARMLESS,
        unit="waiting",
    ),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({command.id: command for command in _ALL})
