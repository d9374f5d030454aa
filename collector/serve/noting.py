"""Handlers of what people add to what was measured: corrections and the log."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.model.audit import STRIKE, TAKE_BACK
from collector.model.said import Correction, LogEntry
from collector.serve import bodies
from collector.serve.answers import answer
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.feed import Feed
from collector.serve.looking import LATEST_MS, whole

UNITS = {"fuel": "l", "hours": "h"}
"""Units that need not be said."""


class Noting:
    """What people write down, and how data is to be read."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def corrections(self, request: Request) -> Response:
        """What is said."""
        query = request.query_params
        asset = query.get("asset")
        from_ms = whole(query.get("from"), "from", 0)
        to_ms = whole(query.get("to"), "to", LATEST_MS)
        assets = None if asset is None else (asset,)
        found = await self._feed.said.corrections(assets, from_ms, to_ms)
        return answer(wire.CorrectionsAnswer(corrections=tuple(found)))

    async def correct(self, request: Request) -> Response:
        """An asset's data is to be read otherwise."""
        body = await bodies.decode(request, wire.CorrectionRequest)
        draft = Correction(
            id="",
            asset=body.asset,
            kind=body.kind,
            from_ms=body.from_ms,
            to_ms=body.to_ms,
            factor=body.factor,
            phase=body.phase,
            phases=body.phases,
            role=body.role,
            measurement=body.measurement,
            value=body.value,
            at_ms=body.at_ms,
            reason=body.reason,
            made_ms=0,
        )
        act = partial(self._feed.said.correct, draft, person=caller_of(request).person)
        what = deed(request, "correct", body.asset, after=f"{body.kind.value}: {body.reason}")
        done = await audited(self._feed.audit, what, act)
        return answer(wire.CorrectionAnswer(correction=done), 201)

    async def withdraw_correction(self, request: Request) -> Response:
        """It does not count any more."""
        body = await optional(request, wire.ReasonRequest)
        id_ = subject(request, "correction")
        act = partial(self._feed.said.withdraw_correction, id_, person=caller_of(request).person)
        one = await self._feed.said.correction(id_)
        named = "" if one is None else f"{one.asset}: {one.kind.value}, {one.reason}"
        what = deed(request, TAKE_BACK, id_, before=named, after=body.reason)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.CorrectionAnswer(correction=done))

    async def log(self, request: Request) -> Response:
        """What is written down."""
        query = request.query_params
        from_ms = whole(query.get("from"), "from", 0)
        to_ms = whole(query.get("to"), "to", LATEST_MS)
        found = await self._feed.said.log(from_ms, to_ms, query.get("event", ""))
        return answer(wire.LogListAnswer(entries=tuple(found)))

    async def write_log(self, request: Request) -> Response:
        """Something is."""
        body = await bodies.decode(request, wire.LogRequest)
        draft = LogEntry(
            id="",
            kind=body.kind,
            at_ms=self._feed.now_ms() if body.at_ms is None else body.at_ms,
            event=body.event,
            system=body.system,
            asset=body.asset,
            value=body.value,
            unit=body.unit or UNITS.get(body.kind.value, ""),
            measurement=body.measurement,
            text=body.text,
            client=body.client,
            made_ms=0,
        )
        act = partial(self._feed.said.note, draft, person=caller_of(request).person)
        value = "" if body.value is None else f" {body.value:g} {draft.unit}"
        named = body.asset or body.system or body.event
        what = deed(request, "log", named, after=f"{body.kind.value}{value} {body.text}".strip())
        done = await audited(self._feed.audit, what, act)
        return answer(wire.LogAnswer(entry=done), 201)

    async def withdraw_log(self, request: Request) -> Response:
        """It does not count any more."""
        body = await optional(request, wire.ReasonRequest)
        id_ = subject(request, "entry")
        act = partial(self._feed.said.withdraw_entry, id_, person=caller_of(request).person)
        one = await self._feed.said.entry(id_)
        about = "" if one is None else one.asset or one.system or "log"
        named = "" if one is None else f"{about}: {one.kind.value} {one.text}".rstrip()
        what = deed(request, STRIKE, id_, before=named, after=body.reason)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.LogAnswer(entry=done))
