"""Every endpoint of the local API, once: who may use it, what it takes and what it answers.

Routes, access and `docs/openapi.json` are made from this table; nothing else makes a route.
"""

from typing import Literal

from msgspec import Struct

from collector import wire
from collector.serve.access import EVERYWHERE, LOOK, ON_THE_NODE, Access
from collector.serve.bodies import MAX_BODY

METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"
EVENTS_KIND = "text/event-stream"


class Param(Struct, frozen=True, kw_only=True):
    """A parameter of a request. `schema` is JSON Schema."""

    name: str
    text: str
    schema: dict[str, object]
    place: Literal["path", "query", "header"] = "query"
    required: bool = False


class Endpoint(Struct, frozen=True, kw_only=True):
    """One method of one path. `name` is its handler's and its operation id.

    `body` is the struct that it takes as JSON; `answers` are its good answers by status (a struct,
    or a media type for what is no JSON); everything else is an ErrorAnswer.
    """

    name: str
    method: Literal["GET", "POST", "PUT"]
    path: str
    access: Access
    text: str
    answers: dict[int, type[Struct] | str]
    params: tuple[Param, ...] = ()
    body: type[Struct] | None = None
    max_body: int = MAX_BODY


WHOLE: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}
ASSET = Param(
    name="asset",
    place="path",
    required=True,
    text="The id of an asset.",
    schema={"type": "string", "minLength": 1},
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="snapshot",
        method="GET",
        path="/v1/snapshot",
        access=LOOK,
        text="The newest snapshot of all assets, totals, sources and sinks.",
        answers={200: wire.SnapshotAnswer},
    ),
    Endpoint(
        name="stream",
        method="GET",
        path="/v1/stream",
        access=LOOK,
        text=(
            "Snapshots as server-sent events, one a second: each `data:` is a SnapshotAnswer. "
            "A slow reader misses some and gets the newest. At most 32 at a time."
        ),
        answers={200: EVENTS_KIND},
    ),
    Endpoint(
        name="history",
        method="GET",
        path="/v1/assets/{asset}/history",
        access=LOOK,
        text="Past values of one reading; at most 10,000 points.",
        answers={200: wire.HistoryAnswer},
        params=(
            ASSET,
            Param(
                name="measurement",
                required=True,
                text="A key of the catalogue; a phase follows after a dot: `voltage_v.L1`.",
                schema={"type": "string"},
            ),
            Param(name="from", text="UTC ms; 15 minutes before `to` by default.", schema=WHOLE),
            Param(name="to", text="UTC ms; the newest snapshot by default.", schema=WHOLE),
            Param(
                name="step",
                text="Seconds between two points; each is the mean of its step's good time.",
                schema={**WHOLE, "minimum": 1, "default": 1},
            ),
        ),
    ),
    Endpoint(
        name="health",
        method="GET",
        path="/v1/health",
        access=LOOK,
        text="How the collector itself is; status 503 when it is not well.",
        answers={200: wire.HealthAnswer, 503: wire.HealthAnswer},
    ),
    Endpoint(
        name="metrics",
        method="GET",
        path="/metrics",
        access=LOOK,
        text="The collector's own health for Prometheus, text format 0.0.4.",
        answers={200: METRICS_KIND},
    ),
    Endpoint(
        name="stop",
        method="POST",
        path="/v1/stop",
        access=ON_THE_NODE,
        text="End the collector in order.",
        answers={202: wire.StopAnswer},
    ),
)

SCHEMA_PARAM = Param(
    name="Ovr-Schema",
    place="header",
    text="The schema number that the client speaks; another one than the collector's is refused.",
    schema={"type": "integer", "enum": [wire.SCHEMA]},
)

__all__ = ["ENDPOINTS", "EVERYWHERE", "SCHEMA_PARAM", "Endpoint", "Param"]
