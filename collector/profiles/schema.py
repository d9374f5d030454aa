"""The language of profiles as a JSON schema, for editors that check TOML as it is typed."""

import json
from typing import Any

import msgspec

from collector.profiles.language import ProfileTable


def schema() -> dict[str, Any]:
    """JSON schema 2020-12 of a profile. It knows each table and key, not what must fit together."""
    found: dict[str, Any] = _plain(msgspec.json.schema(ProfileTable))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ovr-tele profile"}
    return head | found


def schema_text() -> str:
    """The text of docs/profile.schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _plain(node: Any) -> Any:
    """With patterns as JavaScript writes them, and no key that the language does not have."""
    if isinstance(node, list):
        return [_plain(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: _plain(value) for key, value in node.items()}
    if isinstance(found.get("pattern"), str):
        found["pattern"] = found["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    if isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found
