"""docs/report.schema.json: what `report.json` holds, for whoever reads it without this program."""

import json
from typing import Any

import msgspec

from collector.model.report import EventReport, SystemReport

_REF = "#/$defs/{name}"
_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "ovr-tele report.json",
    "description": (
        "A system's report (head.kind system or interim) or an event's (head.kind event). Units "
        "are in the names of fields; null is not known, and a note says why. The file is UTF-8 "
        "without white space, fields in the order given here, keys of tables in alphabetical "
        "order: the same inputs give the same bytes."
    ),
}


def schema() -> dict[str, Any]:
    """JSON schema 2020-12 of both reports; every field that is written is required."""
    tops, parts = msgspec.json.schema_components((SystemReport, EventReport), ref_template=_REF)
    parts = {name: _whole(part) for name, part in sorted(parts.items())}
    return {**_HEAD, "oneOf": list(tops), "$defs": parts}


def schema_text() -> str:
    """The text of docs/report.schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _whole(part: dict[str, Any]) -> dict[str, Any]:
    """A struct as it is written: with all its fields and no others, without defaults."""
    if "properties" not in part:
        return part
    fields = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in part["properties"].items()
    }
    return {
        **part,
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
