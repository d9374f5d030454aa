"""The description of the local API (OpenAPI 3.1), made from the table of endpoints and the structs.

`scripts/make_docs.py` writes it to `docs/openapi.json`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from collector import __version__, wire
from collector.serve.access import who_may
from collector.serve.endpoint import SCHEMA_PARAM, Endpoint, Param
from collector.serve.routes import ENDPOINTS
from collector.wire import ErrorAnswer

INTRO = """What the collector tells and takes: on the node over `ovr.sock` (operators) and
`view.sock` (viewers), elsewhere over TCP when `[listen]` is set, with a bearer token. Every answer
carries the number `schema`; a client that speaks another one says so. What a viewer gets has the
same form with less in it. Times are UTC milliseconds unless a name says otherwise."""

Types = Mapping[str, Any]


def description() -> dict[str, Any]:
    """The whole document."""
    kinds = sorted(_structs(), key=lambda kind: kind.__name__)
    refs, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    types = dict(zip((kind.__name__ for kind in kinds), refs, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, types)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ovr-tele: the local API of a node",
            "version": f"{wire.SCHEMA} ({__version__})",
            "description": INTRO,
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Over TCP only; a Unix socket knows its peer.",
                }
            },
        },
    }


def _structs() -> set[type[Struct]]:
    found: set[type[Struct]] = {ErrorAnswer}
    for endpoint in ENDPOINTS:
        found |= {kind for kind in endpoint.answers.values() if isinstance(kind, type)}
        if endpoint.body is not None:
            found.add(endpoint.body)
    return found


def _operation(endpoint: Endpoint, types: Types) -> dict[str, Any]:
    params = [*endpoint.params, SCHEMA_PARAM]
    made: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.text,
        "description": f"For {who_may(endpoint.access)}.",
        "parameters": [_parameter(param) for param in params],
        "responses": {
            **{str(status): _good(kind, types) for status, kind in endpoint.answers.items()},
            "default": {
                "description": "Why it was not done.",
                "content": {"application/json": {"schema": types["ErrorAnswer"]}},
            },
        },
    }
    if endpoint.body is not None:
        made["requestBody"] = {
            "required": not _may_be_empty(endpoint.body),
            "content": {"application/json": {"schema": types[endpoint.body.__name__]}},
        }
    if endpoint.posts:
        made["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": {}} for kind in endpoint.posts},
        }
    return made


def _good(kind: type[Struct] | str, types: Types) -> dict[str, Any]:
    if isinstance(kind, str):
        return {"description": "Done.", "content": {kind: {"schema": {"type": "string"}}}}
    text = (kind.__doc__ or "").split("\n\n")[0].replace("\n    ", " ").strip()
    return {
        "description": text,
        "content": {"application/json": {"schema": types[kind.__name__]}},
    }


def _parameter(param: Param) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": param.place,
        "required": param.required,
        "description": param.text,
        "schema": param.schema,
    }


def _may_be_empty(kind: type[Struct]) -> bool:
    return not any(field.required for field in msgspec.structs.fields(kind))


def text() -> str:
    """The document as it stands in the file."""
    return msgspec.json.format(msgspec.json.encode(description()), indent=1).decode() + "\n"
