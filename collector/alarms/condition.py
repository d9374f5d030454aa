"""What rules find: conditions, and what could not be judged."""

from collections.abc import Mapping

from msgspec import Struct

from collector.model.alarm import Alarm, Rule, Severity


class Condition(Struct, frozen=True, kw_only=True):
    """Something is wrong now.

    Not `firm`: within the hysteresis, so that an open alarm stays and none is raised. It has been
    so for `for_s` already (as far as can be proven), and has to be for `delay_s` before it is
    raised; an alarm clears once it has been otherwise for `clear_s`.
    """

    key: str
    rule: Rule
    subject: str
    severity: Severity
    text: str
    name: str = ""
    asset: str = ""
    device: str = ""
    firm: bool = True
    for_s: float = 0.0
    delay_s: float = 0.0
    clear_s: float = 0.0
    members: tuple[str, ...] = ()


class Findings(Struct, frozen=True, kw_only=True):
    """All conditions of a tick by key, and what is not known: nothing about `silent` assets'
    values, nothing of what `mute` devices complain of, nothing about the conditions `unknown`.
    What is `covered` is a part of a condition that stands for several."""

    conditions: Mapping[str, Condition] = {}
    silent: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    covered: frozenset[str] = frozenset()
    young: bool = False
    """The collector has not run long enough to know what takes minutes to be seen."""

    def holds(self, alarm: Alarm) -> bool:
        """Whether an open alarm stays as it is, though no condition says so: nobody knows."""
        if alarm.key in self.unknown or alarm.key in self.covered:
            return True
        if alarm.rule is Rule.TOTALS:
            return self.young
        if alarm.rule is Rule.DEVICE:
            return alarm.device in self.mute
        return alarm.rule in VALUES and alarm.asset in self.silent


VALUES = frozenset(
    {
        Rule.LOW_SOC,
        Rule.LOW_FUEL,
        Rule.OVERLOAD,
        Rule.VOLTAGE,
        Rule.FREQUENCY,
        Rule.VOLTAGE_UNBALANCE,
        Rule.CURRENT_UNBALANCE,
        Rule.BALANCE,
    }
)
"""The rules about what an asset measures."""

SILENCE = frozenset({Rule.SILENT, Rule.GATEWAY, Rule.SUBNET, Rule.TOGETHER, Rule.NODE_LINK})
"""The rules about who is not heard, of one or of many."""


def key_of(rule: Rule, subject: str) -> str:
    """The key of the condition `rule` at `subject`."""
    return f"{rule.value}:{subject}"
