"""What the collector refuses of a registry, led to the fields of a form; and what changes. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from ovr_tui.console.devices.book import Entry, Tables, entries

_PLACE = re.compile(r"(?:\A|: )(device|asset)\[([^\]]*)\](?:\.(\w+))?: (.*)\Z", re.DOTALL)
_FILE = re.compile(r"\A\S*registry\.toml(?::\d+)?: ")
_OUTSIDE = ("_secret", "_env")
_TABLES = (("device", "device"), ("asset", "asset"))


def by_field(message: str, names: Sequence[str], who: str) -> tuple[dict[str, str], list[str]]:
    """The lines of a refusal that are about one of the fields `names` of the device or asset `who`,
    and the others."""
    found: dict[str, str] = {}
    others: list[str] = []
    for line in message.splitlines():
        place = _PLACE.search(line)
        key = _plain(place[3] or "") if place else ""
        if place and place[2] in (who, "#1") and key in names:
            found.setdefault(key, place[4])
        elif place and place[2] == who:
            name = _named(place[4], names)
            if name:
                found.setdefault(name, place[4])
            else:
                others.append(place[4])
        else:
            others.append(_FILE.sub("", line))
    return found, [line for line in others if not (found and "nothing was written" in line)]


def _plain(key: str) -> str:
    for end in _OUTSIDE:
        key = key.removesuffix(end)
    return key


def _named(text: str, names: Sequence[str]) -> str:
    """The field with whose name a text begins ("profile is missing")."""
    word = text.partition(" ")[0]
    return word if word in names else ""


def differences(before: Tables, after: Tables) -> list[str]:
    """What a change makes of a registry, one line for each device and asset that it touches."""
    out: list[str] = []
    for table, word in _TABLES:
        old, new = _by_id(entries(before, table)), _by_id(entries(after, table))
        out += [f"+ {word} {name}: {_all(new[name])}" for name in new if name not in old]
        out += [f"- {word} {name}: {_all(old[name])}" for name in old if name not in new]
        for name in new:
            if name in old and old[name] != new[name]:
                out.append(f"~ {word} {name}: {_changed(old[name], new[name])}")
    return out


def changed_keys(before: Entry, after: Entry) -> list[str]:
    """The keys that differ, in order."""
    keys = dict.fromkeys((*before, *after))
    return [key for key in keys if before.get(key) != after.get(key)]


def _by_id(found: Iterable[Entry]) -> dict[str, Entry]:
    return {str(one.get("id")): one for one in found}


def _all(entry: Entry) -> str:
    said = (f"{key} {value_words(value)}" for key, value in entry.items() if key != "id")
    return ", ".join(said) or "nothing said"


def _changed(before: Entry, after: Entry) -> str:
    return ", ".join(
        f"{key} {value_words(before.get(key))} → {value_words(after.get(key))}"
        for key in changed_keys(before, after)
    )


def value_words(value: object) -> str:
    """A value of the registry for people."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(value_words(part) for part in value) or "nothing"
    if isinstance(value, Mapping):
        return "a table"
    return f"{value:g}" if isinstance(value, float) else str(value)
