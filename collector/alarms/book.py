"""The life of alarms, with time passed in: what is raised, goes on, is over, is out of sight.

A condition waits until it has lasted; its alarm stays while the condition holds or cannot be
judged. One that comes back while its alarm is open is the same alarm again. More than five raises
within ten minutes make it *chattering*: it stands until the condition has kept still for ten
minutes. A shelved alarm is open, whatever its condition does, until the shelf's time is over.
"""

from collections import deque
from collections.abc import Callable, Iterable

from msgspec import structs

from collector.alarms.causes import Company
from collector.alarms.condition import SILENCE, Condition, Findings
from collector.alarms.life import (
    Cause,
    Entry,
    Step,
    acknowledged,
    again,
    devices_of,
    raised,
    settled,
    unshelved,
    worse,
)
from collector.errors import NotPossible, UnknownAlarm
from collector.model.alarm import Alarm, AlarmChange, ChangeWord, Rule

CHATTER_RAISES = 5
CHATTER_S = 600.0
CALM_S = 600.0
REJOIN_S = 120.0
"""How long devices have, once their common cause is over, before they are alarmed singly: they are
tried again within a minute."""
MOST_OPEN = 1000
MOST_OF_DEVICE = 50


class Book:
    """All open alarms of a node. `new_id(at_ms)` makes ids; `alarms` were open before."""

    def __init__(self, alarms: Iterable[Alarm] = (), *, new_id: Callable[[int], str]) -> None:
        self._new_id = new_id
        self._entries = {
            alarm.key: Entry(alarm, None, on=alarm.cleared_ms is None) for alarm in alarms
        }
        self._waiting: dict[str, float] = {}
        """Conditions that have no (active) alarm yet, and since when they are there."""
        self._causes: dict[str, Cause] = {}
        """Conditions that stand for several."""
        self._judged_s = float("-inf")
        self._raises: dict[str, deque[float]] = {}
        self.refused = 0
        """Alarms that are not raised, for there are too many."""

    # -- looking -----------------------------------------------------------------------------

    def open(self) -> tuple[Alarm, ...]:
        """All that are not closed."""
        return tuple(entry.alarm for entry in self._entries.values())

    def company(self) -> Company:
        """Which silent devices belong together by what was alarmed until now."""
        true = [e.alarm for e in self._entries.values() if e.alarm.cleared_ms is None]
        return Company(
            groups={a.subject: devices_of(a.members) for a in true if a.rule is Rule.TOGETHER},
            alone={a.device for a in true if a.rule is Rule.SILENT and a.subject == a.device},
            origins={
                device: key
                for key, cause in self._causes.items()
                if cause.raised and cause.at_s < self._judged_s
                for device in devices_of(cause.members)
            },
        )

    # -- judging -----------------------------------------------------------------------------

    def judge(self, findings: Findings, at_ms: int, now_s: float) -> list[Step]:
        """What changes by the findings of the tick `at_ms`."""
        steps: list[Step] = []
        self.refused = 0
        for condition in findings.conditions.values():
            if condition.rule in SILENCE and condition.members:
                self._causes[condition.key] = Cause(
                    frozenset(condition.members), now_s, self._is_true(condition.key)
                )
        for condition in findings.conditions.values():
            entry = self._entries.get(condition.key)
            if entry is None or entry.alarm.cleared_ms is not None:
                steps += self._appears(condition, entry, at_ms, now_s)
            else:
                steps += self._lasts(condition, entry, at_ms, now_s)
        for key in self._waiting.keys() - findings.conditions.keys():
            del self._waiting[key]
        for key, entry in list(self._entries.items()):
            steps += self._shelf_ends(entry, at_ms)
            if key not in findings.conditions and not findings.holds(entry.alarm):
                steps += self._absent(entry, at_ms, now_s)
        self._forget(now_s)
        return steps

    def _is_true(self, key: str) -> bool:
        entry = self._entries.get(key)
        return entry is not None and entry.alarm.cleared_ms is None

    def _appears(
        self, condition: Condition, entry: Entry | None, at_ms: int, now_s: float
    ) -> Iterable[Step]:
        """A condition without an active alarm: raised once it has lasted."""
        key = condition.key
        if not condition.firm:
            self._waiting.pop(key, None)
            return
        since_s = min(self._waiting.get(key, now_s), now_s - condition.for_s)
        self._waiting[key] = since_s
        if now_s < max(since_s + condition.delay_s, self._rejoins_s(condition)):
            return
        if entry is None and self._is_full(condition):
            self.refused += 1
            return
        del self._waiting[key]
        yield self._raise(condition, entry, at_ms, now_s)

    def _is_full(self, condition: Condition) -> bool:
        """Whether no more alarms can be open, or no more of what this device says itself: one
        that never says the same twice must not crowd out all others."""
        if condition.rule is Rule.DEVICE:
            alarms = (entry.alarm for entry in self._entries.values())
            own = sum(a.rule is Rule.DEVICE and a.device == condition.device for a in alarms)
            if own >= MOST_OF_DEVICE:
                return True
        return len(self._entries) >= MOST_OPEN

    def _rejoins_s(self, condition: Condition) -> float:
        """Until when those that are silent may come back after a larger cause."""
        if condition.rule not in SILENCE:
            return 0.0
        who = set(condition.members) or {condition.subject}
        return max(
            (
                cause.at_s + REJOIN_S
                for key, cause in self._causes.items()
                if key != condition.key and who <= cause.members
            ),
            default=0.0,
        )

    def _raise(self, condition: Condition, entry: Entry | None, at_ms: int, now_s: float) -> Step:
        alarm = raised(condition, self._new_id(at_ms), at_ms)
        word: ChangeWord = "raised"
        if entry is not None:
            word = "again"
            alarm = again(entry.alarm, alarm)
        raises = self._raises.setdefault(condition.key, deque())
        raises.append(now_s)
        while raises and now_s - raises[0] > CHATTER_S:
            raises.popleft()
        if len(raises) > CHATTER_RAISES:
            word = "chattering"
            alarm = structs.replace(alarm, chattering=True)
        entry = self._entries[condition.key] = Entry(alarm, now_s, on=True)
        entry.clear_s = condition.clear_s
        return self._note(entry, word, at_ms, note=condition.text)

    def _lasts(
        self, condition: Condition, entry: Entry, at_ms: int, now_s: float
    ) -> Iterable[Step]:
        """The condition of an active alarm is there, or within its hysteresis."""
        entry.clear_s = condition.clear_s
        self._turn(entry, now_s, on=True)
        alarm = entry.alarm
        if condition.text != (alarm.now or alarm.text):
            alarm = structs.replace(alarm, now=condition.text)
        if condition.members != alarm.members:
            alarm = structs.replace(alarm, members=condition.members)
        entry.alarm = alarm
        more = set(condition.members) - entry.told
        if more:
            entry.told |= more
            yield self._note(entry, "members", at_ms, note=", ".join(sorted(more)))
        if condition.firm and condition.severity.rank > alarm.severity.rank:
            entry.alarm = worse(entry.alarm, condition)
            yield self._note(entry, "worse", at_ms, note=condition.text)
        if entry.alarm.chattering and self._calm(entry, now_s):
            entry.alarm = structs.replace(entry.alarm, chattering=False)
            yield self._note(entry, "calm", at_ms)

    def _absent(self, entry: Entry, at_ms: int, now_s: float) -> Iterable[Step]:
        """The condition is not there: the alarm clears once that has lasted."""
        if entry.alarm.cleared_ms is not None:
            return
        self._turn(entry, now_s, on=False)
        lasts_s = CALM_S if entry.alarm.chattering else entry.clear_s
        if now_s - (entry.since_s or now_s) < lasts_s:
            return
        yield self._clear(entry, at_ms)

    def _clear(self, entry: Entry, at_ms: int, *, person: str = "") -> Step:
        alarm = entry.alarm
        entry.alarm = structs.replace(
            alarm, cleared_ms=max(at_ms, alarm.raised_ms), chattering=False
        )
        step = self._note(entry, "cleared", at_ms, person=person)
        self._close_if_done(step.alarm)
        return step

    @staticmethod
    def _turn(entry: Entry, now_s: float, *, on: bool) -> None:
        if entry.on != on or entry.since_s is None:
            if entry.on != on:
                entry.flipped_s = now_s
            entry.on = on
            entry.since_s = now_s
        if entry.flipped_s is None:
            entry.flipped_s = now_s

    @staticmethod
    def _calm(entry: Entry, now_s: float) -> bool:
        return entry.flipped_s is not None and now_s - entry.flipped_s >= CALM_S

    def _shelf_ends(self, entry: Entry, at_ms: int) -> Iterable[Step]:
        until_ms = entry.alarm.shelved_until_ms
        if until_ms is not None and at_ms >= until_ms:
            yield self._unshelve(entry, at_ms, person="", note="its time was over")

    def _forget(self, now_s: float) -> None:
        self._judged_s = now_s
        for key, cause in list(self._causes.items()):
            if now_s - cause.at_s > REJOIN_S:
                del self._causes[key]
        for key, raises in list(self._raises.items()):
            if now_s - raises[-1] > CHATTER_S:
                del self._raises[key]

    # -- what people do ----------------------------------------------------------------------

    def acknowledge(self, alarm_id: str, *, person: str, note: str, at_ms: int) -> Step | None:
        """Somebody has seen it; None: somebody had before. Raises UnknownAlarm."""
        entry = self._find(alarm_id)
        if entry.alarm.acked_ms is not None:
            return None
        entry.alarm = acknowledged(entry.alarm, at_ms, person=person, note=note)
        step = self._note(entry, "acknowledged", at_ms, person=person, note=note)
        self._close_if_done(step.alarm)
        return step

    def shelve(self, alarm_id: str, *, until_ms: int, person: str, reason: str, at_ms: int) -> Step:
        """Out of sight until `until_ms`. Raises UnknownAlarm, and NotPossible for a time that is
        over."""
        entry = self._find(alarm_id)
        if until_ms <= at_ms:
            raise NotPossible("an alarm is shelved until a time that is still to come")
        entry.alarm = structs.replace(
            entry.alarm, shelved_until_ms=until_ms, shelved_by=person, shelf_reason=reason
        )
        return self._note(entry, "shelved", at_ms, person=person, note=reason)

    def unshelve(self, alarm_id: str, *, person: str, at_ms: int) -> Step | None:
        """Back into sight before its time; None: it is not shelved. Raises UnknownAlarm."""
        entry = self._find(alarm_id)
        if entry.alarm.shelved_until_ms is None:
            return None
        return self._unshelve(entry, at_ms, person=person, note="")

    def release(self, asset: str, *, person: str, at_ms: int) -> list[Step]:
        """Nobody watches an asset any more: its alarms are over, and need nobody's eye."""
        steps = []
        for entry in list(self._entries.values()):
            if entry.alarm.asset != asset:
                continue
            if entry.alarm.cleared_ms is None:
                steps.append(self._clear(entry, at_ms, person=person))
            if entry.alarm.acked_ms is None:
                note = f"{asset} was released"
                seen = self.acknowledge(entry.alarm.id, person=person, note=note, at_ms=at_ms)
                steps += [seen] if seen else []
            if entry.alarm.shelved_until_ms is not None:
                steps.append(self._unshelve(entry, at_ms, person=person, note="released"))
        return steps

    def _find(self, alarm_id: str) -> Entry:
        for entry in self._entries.values():
            if entry.alarm.id == alarm_id:
                return entry
        raise UnknownAlarm(f"no alarm {alarm_id} is open: it may have been closed meanwhile")

    def _unshelve(self, entry: Entry, at_ms: int, *, person: str, note: str) -> Step:
        entry.alarm = unshelved(entry.alarm, at_ms)
        step = self._note(entry, "unshelved", at_ms, person=person, note=note)
        self._close_if_done(step.alarm)
        return step

    # -- keeping -----------------------------------------------------------------------------

    def _note(
        self, entry: Entry, word: ChangeWord, at_ms: int, *, person: str = "", note: str = ""
    ) -> Step:
        entry.alarm = settled(entry.alarm, at_ms)
        change = AlarmChange(
            id=self._new_id(at_ms),
            alarm=entry.alarm.id,
            at_ms=at_ms,
            what=word,
            person=person,
            note=note,
        )
        return Step(change, entry.alarm)

    def _close_if_done(self, alarm: Alarm) -> None:
        if alarm.state == "closed":
            del self._entries[alarm.key]
