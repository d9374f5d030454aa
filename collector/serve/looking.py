"""Handlers of what everybody may look at."""

import asyncio
from collections.abc import Sequence
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import Response

from collector.model.catalogue import KEYS
from collector.model.message import LEVELS
from collector.model.outbox import KINDS, RecordState
from collector.model.text import clean
from collector.serve import views
from collector.serve.access import Role
from collector.serve.answers import Refused, answer, encoded
from collector.serve.endpoint import METRICS_KIND
from collector.serve.feed import Feed
from collector.serve.metrics import metrics_text
from collector.serve.stream import StreamResponse, Streams
from collector.wire import (
    AlarmsAnswer,
    AuditAnswer,
    DeadAnswer,
    HealthAnswer,
    MessagesAnswer,
    OutboxAnswer,
)

MAX_POINTS = 10_000
RECENT_MS = 900_000
DAY_MS = 86_400_000
LATEST_MS = 999_999_999_999_999
MAX_LIST = 10_000
READS = {Role.OPERATOR: 3, Role.VIEWER: 2}
"""So many questions of a role wait for a file's thread at a time: what is to be kept goes between
them, and viewers do not keep operators waiting."""


class Looking:
    """Snapshots, history, health."""

    def __init__(self, feed: Feed, streams: Streams) -> None:
        self._feed = feed
        self._streams = streams
        self._encoded = views.Encoded()
        self._reads = {role: asyncio.Semaphore(reads) for role, reads in READS.items()}

    async def snapshot(self, request: Request) -> Response:
        """The newest snapshot."""
        return encoded(self._encoded.of(self._feed.snapshot, role_of(request)))

    async def stream(self, request: Request) -> Response:
        """Snapshots as they come."""
        if request.method == "HEAD":
            raise Refused(405, "wrong_method", "HEAD has no stream", headers={"allow": "GET"})
        role = role_of(request)
        self._streams.take(role)
        return StreamResponse(
            self._feed, self._streams, role, lambda shot: self._encoded.of(shot, role)
        )

    async def history(self, request: Request) -> Response:
        """Past values of one reading."""
        asset = request.path_params["asset"]
        query = request.query_params
        key = query.get("measurement", "")
        if key not in KEYS:
            raise Refused(
                400,
                "no_such_measurement",
                "measurement: the catalogue has no such key",
                "docs/measurements.md lists them; a phase follows after a dot: voltage_v.L1",
            )
        to_ms = whole(query.get("to"), "to", self._feed.snapshot.at_ms)
        from_ms = whole(query.get("from"), "from", max(0, to_ms - RECENT_MS))
        step_s = whole(query.get("step"), "step", 1, least=1)
        points = (to_ms - from_ms) // (step_s * 1000) + 1
        if not 0 < points <= MAX_POINTS:
            raise Refused(
                400,
                "too_many_points",
                f"from, to and step ask for {points} points; 1 to {MAX_POINTS} are possible",
                "ask for a shorter time or a longer step",
            )
        async with self._reads[role_of(request)]:
            found = await self._feed.history(asset, key, from_ms, to_ms, step_s)
        if found is None:
            raise Refused(
                404,
                "no_such_history",
                f"no asset '{clean(asset)}' with the reading {key}",
                "GET /v1/snapshot lists assets and their readings",
            )
        return answer(found)

    async def raw(self, request: Request) -> Response:
        """Everything that an asset's device says."""
        asset = request.path_params["asset"]
        found = self._feed.raw(asset)
        if found is None:
            raise Refused(
                404,
                "no_such_asset",
                f"no asset '{clean(asset)}'",
                "GET /v1/snapshot lists the assets",
            )
        return answer(found)

    async def health(self, request: Request) -> Response:
        """How the collector itself is; 503 when it is not well."""
        health = seen_health(request)
        return answer(health, 200 if health.ok else 503)

    async def metrics(self, request: Request) -> Response:
        """The same for Prometheus."""
        full: HealthAnswer = request.app.state.health()
        operator = role_of(request) is Role.OPERATOR
        text = metrics_text(full, self._feed.snapshot, reasons=operator)
        return encoded(text.encode(), kind=METRICS_KIND)

    async def alarms(self, request: Request) -> Response:
        """What is open, what is shelved, and what was."""
        query = request.query_params
        to_ms = whole(query.get("to"), "to", LATEST_MS)
        from_ms = whole(query.get("from"), "from", max(0, self._feed.now_ms() - DAY_MS))
        limit = whole(query.get("limit"), "limit", 100, most=MAX_LIST)
        alarms = self._feed.alarms
        async with self._reads[role_of(request)]:
            history = await alarms.history(from_ms, to_ms, limit)
        full = AlarmsAnswer(
            active=alarms.active(),
            shelved=alarms.shelved(),
            history=history,
            commissioned=tuple(alarms.commissioned.values()),
            health=alarms.health(),
        )
        return answer(full if role_of(request) is Role.OPERATOR else views.alarms(full))

    async def dead(self, request: Request) -> Response:
        """Samples that a receiver refused for good."""
        query = request.query_params
        after = whole(query.get("after"), "after", 0)
        limit = whole(query.get("limit"), "limit", 100, least=1, most=1000)
        async with self._reads[role_of(request)]:
            entries = await self._feed.dead.entries(query.get("sink"), after, limit)
        return answer(DeadAnswer(entries=tuple(entries)))

    async def outbox(self, request: Request) -> Response:
        """Records that the cloud does not have."""
        query = request.query_params
        kind = one_of(query.get("kind"), "kind", sorted(KINDS))
        state = one_of(query.get("state"), "state", get_args(RecordState))
        limit = whole(query.get("limit"), "limit", 100, least=1, most=1000)
        async with self._reads[role_of(request)]:
            items = await self._feed.outbox.items(kind, cast("RecordState | None", state), limit)
        health = self._feed.snapshot.outbox
        return answer(OutboxAnswer(health=health, items=tuple(items)))

    async def messages(self, request: Request) -> Response:
        """What the collector says of its own work."""
        query, ring = request.query_params, self._feed.ring
        level = one_of(query.get("level"), "level", LEVELS) or LEVELS[0]
        after = whole(query.get("after"), "after", 0)
        limit = whole(query.get("limit"), "limit", 100, least=1, most=1000)
        last, found = ring.last, ring.read(after, level, limit)
        return answer(
            MessagesAnswer(
                messages=found,
                last=max(last, found[-1].seq if found else 0),
                left_out=ring.left_out,
            )
        )

    async def audit(self, request: Request) -> Response:
        """Who changed what."""
        query = request.query_params
        from_ms = whole(query.get("from"), "from", 0)
        to_ms = whole(query.get("to"), "to", LATEST_MS)
        limit = whole(query.get("limit"), "limit", 100, least=1, most=MAX_LIST)
        before = query.get("before", "")
        async with self._reads[role_of(request)]:
            entries = await self._feed.audit.read(
                from_ms, to_ms, limit, before, query.get("subject", "")
            )
        return answer(AuditAnswer(entries=tuple(entries)))


def role_of(request: Request) -> Role:
    """The caller's role."""
    role: Role = request.state.caller.role
    return role


def seen_health(request: Request) -> HealthAnswer:
    """The collector's health as the caller may see it."""
    health: HealthAnswer = request.app.state.health()
    return health if role_of(request) is Role.OPERATOR else views.health(health)


def one_of(text: str | None, name: str, words: Sequence[str]) -> str | None:
    """One of these words of the query, or None. Raises Refused for another one."""
    if text is not None and text not in words:
        raise Refused(400, "bad_word", f"{name}: expected one of {', '.join(words)}")
    return text


def whole(
    text: str | None, name: str, default: int, least: int = 0, most: int | None = None
) -> int:
    """A whole number of the query. Raises Refused when `text` is none within the bounds."""
    if text is None:
        return default
    good = text.isascii() and text.isdigit() and len(text) <= 15
    if not good or int(text) < least or (most is not None and int(text) > most):
        bounds = f"from {least} up" if most is None else f"from {least} to {most}"
        raise Refused(400, "bad_number", f"{name}: expected a whole number {bounds}")
    return int(text)
