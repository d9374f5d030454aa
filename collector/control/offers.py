"""What an asset offers a person now: the same rules as for a command, asked beforehand."""

from msgspec import structs

from collector.control.catalogue import COMMANDS
from collector.control.rules import Refusal, Situation, standing
from collector.model.control import Offer


def general(now: Situation) -> Refusal | None:
    """Why no command at all is possible at the asset now, whoever sees what."""
    return standing(structs.replace(now, busy=False))


def offer(now: Situation, holds: str) -> Offer | None:
    """The command of `now.point`; None where the asset has none such."""
    point = now.point
    command = None if point is None else COMMANDS.get(point.command)
    if point is None or command is None or now.asset.kind not in command.kinds:
        return None
    refused = general(now)
    checked = [(word, command.check(word, now.plant)) for word in point.choices]
    if point.low is not None and point.high is not None:
        least, most = (command.check(value, now.plant) for value in (point.low, point.high))
        checked.append(("a number", least if least == most else ""))
    least_s, most_s = command.seconds if point.lasting != "no" else (0, 0)
    return Offer(
        command=command.id,
        label=command.label,
        unit=command.unit,
        danger=command.danger,
        value=point.value,
        choices=point.choices,
        low=point.low,
        high=point.high,
        step=point.step,
        lasting=point.lasting,
        least_s=least_s,
        most_s=most_s,
        effect=point.effect,
        holds=holds,
        why_not=refused.reason if refused is not None else point.why_not,
        impossible={word: why for word, why in checked if why},
    )
