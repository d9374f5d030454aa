"""Handlers of what operators change: each change is written into the audit before and after."""

from collections.abc import Iterable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.errors import NotPossible, OvrError
from collector.events.words import spoken
from collector.model.alarm import Clamp
from collector.model.audit import ACK, SHELVE, UNSHELVE, Deed
from collector.model.kinds import Quality
from collector.model.snapshot import AssetView
from collector.model.text import clean
from collector.serve import bodies
from collector.serve.answers import Refused, answer
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.feed import Feed

CLOCK_MS = 60_000
"""How far a clock that is confirmed may be beside the one of whoever confirms it."""


class Changing:
    """Alarms, refused samples, the clock, and the end of the collector."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def stop(self, request: Request) -> Response:
        """End the collector in order, also when node.db takes nothing any more."""
        try:
            await self._feed.audit.end(await self._feed.audit.begin(deed(request, "stop")))
        except OvrError:
            pass  # the store has told it; whoever must stop the collector can
        self._feed.stop()
        return answer(wire.StopAnswer(), 202)

    async def ack(self, request: Request) -> Response:
        """Somebody has seen an alarm."""
        body = await optional(request, wire.AckRequest)
        alarm, caller = subject(request, "alarm"), caller_of(request)
        act = partial(self._feed.alarms.acknowledge, alarm, person=caller.person, note=body.note)
        what = self._to_alarm(request, ACK, alarm, body.note)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.AlarmAnswer(alarm=done))

    async def shelve(self, request: Request) -> Response:
        """An alarm goes out of sight for a while."""
        body = await bodies.decode(request, wire.ShelveRequest)
        if (body.until_ms is None) == (body.for_s is None):
            raise NotPossible("an alarm is shelved until_ms or for_s: give one of the two")
        until_ms = body.until_ms
        if until_ms is None:
            until_ms = self._feed.now_ms() + 1000 * (body.for_s or 0)
        alarm = subject(request, "alarm")
        act = partial(
            self._feed.alarms.shelve,
            alarm,
            person=caller_of(request).person,
            until_ms=until_ms,
            reason=body.reason,
        )
        wanted = f"until {spoken(until_ms, self._feed.snapshot.timezone)}: {body.reason}"
        what = self._to_alarm(request, SHELVE, alarm, wanted)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.AlarmAnswer(alarm=done))

    async def unshelve(self, request: Request) -> Response:
        """An alarm comes back into sight."""
        await optional(request, wire.NoRequest)
        alarm = subject(request, "alarm")
        act = partial(self._feed.alarms.unshelve, alarm, person=caller_of(request).person)
        what = self._to_alarm(request, UNSHELVE, alarm)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.AlarmAnswer(alarm=done))

    def _to_alarm(self, request: Request, action: str, alarm: str, after: str = "") -> Deed:
        """Something done to an alarm, and which alarm of what that is."""
        alarms = self._feed.alarms
        known = (one for one in (*alarms.active(), *alarms.shelved()) if one.id == alarm)
        which = next((f"{one.name or one.subject or 'node'}: {one.text}" for one in known), "")
        return deed(request, action, alarm, before=which, after=after)

    async def commission(self, request: Request) -> Response:
        """Alarms of an asset count from now on."""
        body = await optional(request, wire.CommissionRequest)
        asset = self._asset(request)
        act = partial(
            self._feed.alarms.commission,
            asset,
            person=caller_of(request).person,
            note=body.note,
            clamps=self._clamps(asset, body.clamp.items()),
        )
        read = ", ".join(f"clamp {phase} {amps:g} A" for phase, amps in body.clamp.items())
        told = "; ".join(filter(None, (body.note, read)))
        done = await audited(self._feed.audit, deed(request, "commission", asset, after=told), act)
        return answer(wire.CommissionAnswer(asset=asset, commissioning=done))

    async def release(self, request: Request) -> Response:
        """Alarms of an asset count no more; when they do not already, that stands."""
        await optional(request, wire.NoRequest)
        asset = subject(request, "asset")
        if asset in self._feed.alarms.commissioned:
            act = partial(self._feed.alarms.release, asset, person=caller_of(request).person)
            await audited(self._feed.audit, deed(request, "release", asset), act)
        else:
            self._asset(request)
        return answer(wire.CommissionAnswer(asset=asset, commissioning=None))

    async def confirm_clock(self, request: Request) -> Response:
        """A person says that the clock is right; when it is confirmed already, that stands."""
        body = await optional(request, wire.ClockRequest)
        now_ms, clock = self._feed.now_ms(), self._feed.clock
        if body.utc_ms is not None and abs(body.utc_ms - now_ms) > CLOCK_MS:
            beside = abs(body.utc_ms - now_ms) // 1000
            raise NotPossible(f"the node's clock is {beside} s beside yours: set it first")
        if not clock.confirmed:
            what = deed(
                request, "confirm clock", after=spoken(now_ms, self._feed.snapshot.timezone)
            )
            await audited(self._feed.audit, what, partial(clock.confirm, caller_of(request).person))
        done = wire.ClockAnswer(
            confirmed=clock.confirmed, clock=clock.word, utc_ms=self._feed.now_ms()
        )
        return answer(done)

    async def resend(self, request: Request) -> Response:
        """Refused samples go out once more."""
        ids, sink = await self._chosen(request)
        told = "all" if ids is None else f"{len(ids)} entries"
        done = await audited(
            self._feed.audit,
            deed(request, "resend", sink or "", after=told),
            partial(self._feed.dead.resend, ids, sink),
        )
        return answer(wire.ResentAnswer(entries=tuple(done)))

    async def forget(self, request: Request) -> Response:
        """Refused samples are given up for good."""
        ids, sink = await self._chosen(request)
        told = "all" if ids is None else listed(ids)
        done = await audited(
            self._feed.audit,
            deed(request, "forget", sink or "", after=told),
            partial(self._feed.dead.forget, ids, sink),
        )
        return answer(wire.ForgottenAnswer(forgotten=done))

    async def outbox_resend(self, request: Request) -> Response:
        """Records that the cloud refused get another turn."""
        body = await bodies.decode(request, wire.OutboxRequest)
        done = await audited(
            self._feed.audit,
            deed(request, "outbox resend", listed(body.revisions)),
            partial(self._feed.outbox.resend, body.revisions),
        )
        return answer(wire.RevisionsAnswer(revisions=tuple(done)))

    async def outbox_forget(self, request: Request) -> Response:
        """Records that the cloud refused are deleted for good."""
        body = await bodies.decode(request, wire.OutboxRequest)
        person = caller_of(request).person
        gone = await audited(
            self._feed.audit,
            deed(request, "outbox forget", listed(body.revisions)),
            partial(self._feed.outbox.forget, body.revisions, person),
        )
        return answer(wire.RevisionsAnswer(revisions=tuple(item.revision for item in gone)))

    async def _chosen(self, request: Request) -> tuple[tuple[int, ...] | None, str | None]:
        body = await bodies.decode(request, wire.DeadRequest)
        return (None if body.ids == "all" else body.ids), body.sink

    def _clamps(self, asset: str, amps: Iterable[tuple[str, float]]) -> tuple[Clamp, ...]:
        """What a clamp shows, beside what the meter shows now."""
        shot = self._feed.snapshot
        view = next(one for one in shot.assets if one.id == asset)
        now_ms = self._feed.now_ms()
        return tuple(
            Clamp(phase=phase, clamp_a=clamp_a, meter_a=_good(view, phase), at_ms=now_ms)
            for phase, clamp_a in sorted(amps)
        )

    def _asset(self, request: Request) -> str:
        """The asset of the path. Raises Refused when nobody knows it."""
        asset = subject(request, "asset")
        if asset not in {view.id for view in self._feed.snapshot.assets}:
            raise Refused(
                404,
                "no_such_asset",
                f"no asset '{clean(asset)}'",
                "GET /v1/snapshot lists them",
            )
        return asset


def listed(numbers: Iterable[int]) -> str:
    """Numbers in one line."""
    return ", ".join(map(str, numbers))


def _good(view: AssetView, phase: str) -> float | None:
    """The current that an asset shows on a phase; None when it has no good one."""
    reading = view.readings.get(f"current_a.{phase}")
    return reading.value if reading is not None and reading.quality is Quality.GOOD else None
