"""The rules about the node itself: sinks, journal, disk, clock, outbox, totals."""

from collections.abc import Iterable, Iterator

from collector.alarms.condition import Condition, key_of
from collector.alarms.limits import above, below
from collector.alarms.scene import Scene
from collector.config.figures import AlarmSettings
from collector.model.alarm import Rule, Severity
from collector.model.snapshot import SinkHealth

JUMPED = "jumped"
CLOCK_S = 120.0
"""A clock usually finds its time within a minute or two of the boot."""
OUTBOX_S = 3600.0
"""The cloud may be out of reach for a while; records wait for ever."""
MB = 1_000_000


def node_rules(scene: Scene, limits: AlarmSettings) -> Iterator[Condition]:
    """What is wrong with the node."""
    for sink in scene.sinks:
        yield from _behind(sink, limits)
        yield from _refused(sink)
    yield from _journal(scene)
    yield from _disk(scene, limits)
    yield from _clock(scene)
    yield from _outbox(scene, limits)
    yield from _totals(scene, limits)


def _condition(
    rule: Rule,
    subject: str,
    severity: Severity,
    text: str,
    *,
    firm: bool = True,
    delay_s: float = 0.0,
    clear_s: float = 0.0,
    members: tuple[str, ...] = (),
    name: str = "",
) -> Condition:
    return Condition(
        key=key_of(rule, subject),
        rule=rule,
        subject=subject,
        severity=severity,
        text=text,
        name=name or subject,
        firm=firm,
        delay_s=delay_s,
        clear_s=clear_s,
        members=members,
    )


def _behind(sink: SinkHealth, limits: AlarmSettings) -> Iterator[Condition]:
    limit_min = limits.sink_behind_min
    minutes = sink.behind_s / 60
    firm = above(minutes, limit_min, limits.hysteresis_pct)
    if firm is not None:
        why = f": {sink.cause}" if sink.cause else ""
        text = f"{sink.sink} is {minutes:.0f} min behind{why}"
        yield _condition(
            Rule.SINK, sink.sink, Severity.WARNING, text,
            firm=firm, delay_s=limits.delay_s, clear_s=limits.delay_s,
        )  # fmt: skip


def _refused(sink: SinkHealth) -> Iterator[Condition]:
    if sink.dead_samples:
        text = f"{sink.sink} refuses {sink.dead_samples} samples for good"
        yield _condition(Rule.REFUSED, sink.sink, Severity.WARNING, text)


def _journal(scene: Scene) -> Iterator[Condition]:
    journal = scene.journal
    if journal.state != "ok":
        why = journal.cause or "no reason is known"
        text = f"the journal is {journal.state}, {journal.lost_samples} samples are lost: {why}"
        yield _condition(Rule.JOURNAL, "", Severity.CRITICAL, text, clear_s=10.0)


def _disk(scene: Scene, limits: AlarmSettings) -> Iterator[Condition]:
    free = scene.disk_free_bytes
    if free is None:
        return
    firm = below(free / MB, limits.disk_free_mb, limits.hysteresis_pct)
    if firm is not None:
        worst = free / MB < limits.disk_free_mb / 4
        text = f"{free / MB:.0f} MB are free on the disk (limit {limits.disk_free_mb:g} MB)"
        severity = Severity.CRITICAL if worst else Severity.WARNING
        yield _condition(
            Rule.DISK, "", severity, text,
            firm=firm, delay_s=limits.delay_s, clear_s=limits.delay_s,
        )  # fmt: skip


def _clock(scene: Scene) -> Iterator[Condition]:
    word = scene.health.clock
    if word == JUMPED:
        text = "the clock jumped and is not followed: samples carry their own time"
        yield _condition(Rule.CLOCK, "", Severity.ALARM, text, delay_s=5.0, clear_s=10.0)
    elif not scene.health.clock_confirmed:
        text = f"the clock is {word}: nothing is sent until it is confirmed"
        yield _condition(Rule.CLOCK, "", Severity.ALARM, text, delay_s=CLOCK_S, clear_s=10.0)


def _outbox(scene: Scene, limits: AlarmSettings) -> Iterator[Condition]:
    box = scene.outbox
    if box is None or not box.waiting or box.oldest_s < OUTBOX_S:
        return
    why = f": {box.cause}" if box.cause else ""
    text = (
        f"{box.waiting} records wait for the cloud, the oldest for {box.oldest_s / 3600:.0f} h{why}"
    )
    yield _condition(
        Rule.OUTBOX, "", Severity.WARNING, text, delay_s=limits.delay_s, clear_s=limits.delay_s
    )


def _totals(scene: Scene, limits: AlarmSettings) -> Iterator[Condition]:
    """One condition for each pair of assets that may see one flow, whatever totals it is in."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for quantity, total in scene.totals.items():
        for overlap in total.unverified:
            pairs.setdefault((overlap.asset, overlap.other), []).append(quantity)
    called = {view.id: view.name or view.id for view in scene.assets}
    for (asset, other), quantities in pairs.items():
        if not (scene.watches(asset) or scene.watches(other)):
            continue
        pair = f"{called.get(asset, asset)} and {called.get(other, other)}"
        text = f"{pair} may be one flow, counted twice in {', '.join(quantities)}"
        yield _condition(
            Rule.TOTALS, f"{asset} {other}", Severity.WARNING, text,
            delay_s=limits.delay_s, clear_s=limits.delay_s, members=(asset, other), name=pair,
        )  # fmt: skip


def without(conditions: Iterable[Condition], limits: AlarmSettings) -> Iterator[Condition]:
    """Those that nobody has switched off."""
    return (each for each in conditions if each.rule not in limits.off)
