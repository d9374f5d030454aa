"""What an endpoint of the local API is, and parameters that several have."""

from typing import Literal

from msgspec import Struct

from collector import wire
from collector.serve.access import Access

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

    `body` is the struct that it takes as JSON, `posts` media types that it takes as they are;
    `answers` are its good answers by status (a struct,
    or a media type for what is no JSON); everything else is an ErrorAnswer.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "PATCH"]
    path: str
    access: Access
    text: str
    answers: dict[int, type[Struct] | str]
    params: tuple[Param, ...] = ()
    body: type[Struct] | None = None
    posts: tuple[str, ...] = ()


WHOLE: dict[str, object] = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}
ASSET = Param(
    name="asset",
    place="path",
    required=True,
    text="The id of an asset.",
    schema={"type": "string", "minLength": 1},
)

ALARM = Param(
    name="alarm",
    place="path",
    required=True,
    text="The id of an open alarm.",
    schema={"type": "string", "minLength": 1},
)
LIMIT: dict[str, object] = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}

SCHEMA_PARAM = Param(
    name="Ovr-Schema",
    place="header",
    text="The schema number that the client speaks; another one than the collector's is refused.",
    schema={"type": "integer", "enum": [wire.SCHEMA]},
)
