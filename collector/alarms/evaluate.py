"""From a scene to its conditions: all rules, in one pure function."""

from msgspec import Struct

from collector.alarms import own, presence
from collector.alarms.causes import Company, causes
from collector.alarms.condition import Condition, Findings, key_of
from collector.alarms.electric import Asked
from collector.alarms.moments import Moments, look, momentary
from collector.alarms.node import node_rules, without
from collector.alarms.nominal import Learned, learn
from collector.alarms.presence import Presence
from collector.alarms.scene import Scene
from collector.alarms.values import judge
from collector.config.figures import AlarmSettings
from collector.model.alarm import Rule
from collector.model.kinds import AssetStatus

YOUNG_MS = 900_000
"""Twins are found after ten minutes of movement."""

NOBODY = Company()


class Memory(Struct, frozen=True, kw_only=True):
    """What a scene cannot tell by itself: nominal values, and when something happened."""

    learned: Learned = Learned()
    moments: Moments = Moments()


def remember(memory: Memory, scene: Scene) -> Memory:
    """What is known after `scene`. What is not watched is forgotten."""
    live = {
        view.id: view.readings
        for view in scene.assets
        if view.status is AssetStatus.LIVE and scene.watches(view.id)
    }
    known = memory.learned.known
    kept = {asset: nominal for asset, nominal in known.items() if scene.watches(asset)}
    learned = memory.learned
    if len(kept) != len(known):
        learned = Learned(known=kept, trials=learned.trials)
    return Memory(learned=learn(learned, live, scene.now_s), moments=look(memory.moments, scene))


def evaluate(
    scene: Scene,
    limits: AlarmSettings,
    memory: Memory,
    *,
    company: Company = NOBODY,
) -> Findings:
    """Every condition of `scene`, and what cannot be judged. `memory` knows this scene already;
    `company` says which silent devices belong together by what was alarmed before."""
    conditions: dict[str, Condition] = {}
    unknown: list[str] = []
    silent: list[str] = []
    for view in scene.assets:
        if not scene.watches(view.id):
            continue
        if view.status is not AssetStatus.LIVE:
            silent.append(view.id)
            continue
        asked = Asked(
            view=view,
            ratings=scene.ratings(view.id),
            limits=limits,
            nominal=memory.learned.known.get(view.id),
        )
        found, not_known = judge(asked, limits)
        conditions |= {each.key: each for each in found}
        unknown += not_known
    own.join(conditions, scene, limits)
    who = presence.presence(scene)
    covered = _silence(conditions, who, scene, limits, company)
    others = (
        *presence.wrong_devices(scene, limits),
        *node_rules(scene, limits),
        *momentary(memory.moments, scene),
    )
    conditions |= {each.key: each for each in without(others, limits)}
    return Findings(
        conditions=conditions,
        silent=frozenset(silent) | _unseen(scene, who),
        mute=own.mute(scene),
        unknown=frozenset(unknown),
        covered=covered,
        young=scene.at_ms - scene.health.started_ms < YOUNG_MS,
    )


def _silence(
    conditions: dict[str, Condition],
    who: Presence,
    scene: Scene,
    limits: AlarmSettings,
    company: Company,
) -> frozenset[str]:
    """Adds what is silent, each once; returns the keys of what larger causes cover."""
    behind = causes(who, limits, link_up=scene.link_up, company=company)
    alone = [out for device, out in who.out.items() if device not in behind.covered]
    found = [*behind.conditions]
    if Rule.SILENT not in limits.off:
        found += [presence.device(out, limits) for out in alone]
        found += presence.singles(who.single, limits)
    conditions |= {each.key: each for each in found}
    covered = {
        key_of(Rule.SILENT, subject)
        for device, out in who.out.items()
        for subject in (device, *(each.asset for each in out.missing))
    }
    return frozenset(covered - conditions.keys())


def _unseen(scene: Scene, who: Presence) -> frozenset[str]:
    """Watched assets of which there is not even a view: nothing is known of their values."""
    there = {view.id for view in scene.assets}
    missing = (each for out in who.out.values() for each in out.missing)
    return frozenset(m.asset for m in (*missing, *who.single) if m.asset not in there)
