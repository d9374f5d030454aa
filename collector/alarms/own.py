"""What devices complain of themselves.

A fact that a rule of ours watches too stays one condition: the device's word joins ours (the worse
of both counts), or stands alone while ours sees nothing wrong. What devices say without asking for
anything (a GX's information) is no alarm.
"""

from collections.abc import Iterator, Mapping, MutableMapping

from msgspec import structs

from collector.alarms.condition import Condition, key_of
from collector.alarms.scene import Scene
from collector.config.figures import AlarmSettings
from collector.model.alarm import Notice, Rule
from collector.model.assets import asset_id
from collector.model.snapshot import AssetView

SAME_FACT: Mapping[str, Rule] = {
    "LowSoc": Rule.LOW_SOC,
    "Overload": Rule.OVERLOAD,
    "LowVoltageAcOut": Rule.VOLTAGE,
    "HighVoltageAcOut": Rule.VOLTAGE,
}
"""The last part of a device's own alarm, and the rule that watches the same fact."""

LONGEST = 300
"""A text of so many characters says enough."""
MOST = 50
"""More complaints of one device at a time are dropped; a GX keeps 20."""


def join(conditions: MutableMapping[str, Condition], scene: Scene, limits: AlarmSettings) -> None:
    """Add what devices complain of to what rules found, where it is about a watched asset."""
    views = {view.id: view for view in scene.assets}
    for device, notices in scene.notices.items():
        for notice in notices[:MOST]:
            asset = asset_id(device, notice.role)
            view = views.get(asset)
            if view is None or not scene.watches(asset):
                continue
            for condition in _condition(view, notice, limits):
                known = conditions.get(condition.key)
                conditions[condition.key] = condition if known is None else both(known, condition)


def _condition(view: AssetView, notice: Notice, limits: AlarmSettings) -> Iterator[Condition]:
    rule = SAME_FACT.get(notice.fact.rpartition("/")[2], Rule.DEVICE)
    if rule in limits.off:
        return
    subject = view.id if rule is not Rule.DEVICE else f"{view.id}:{notice.fact}"
    says = f"{notice.text} ({notice.value})" if notice.value else notice.text
    yield Condition(
        key=key_of(rule, subject),
        rule=rule,
        subject=view.id,
        severity=notice.severity,
        text=f"the device says: {says}",
        name=view.name,
        asset=view.id,
        device=view.device,
        delay_s=limits.delay_s,
        clear_s=limits.delay_s,
    )


def both(one: Condition, other: Condition) -> Condition:
    """Two words about one fact."""
    if not one.firm and other.firm:
        return other
    worse = max(one.severity, other.severity, key=lambda severity: severity.rank)
    said = other.text in one.text or len(one.text) > LONGEST
    text = one.text if said else f"{one.text}; {other.text}"
    return structs.replace(one, severity=worse, text=text)


def mute(scene: Scene) -> frozenset[str]:
    """The devices that cannot say now what they complain of."""
    return frozenset(s.device for s in scene.sources if s.device not in scene.notices)
