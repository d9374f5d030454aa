"""What `ovr read` prints: who answered, each value with its registers, what would be collected."""

from collections.abc import Iterator, Sequence
from typing import Any

from collector.model.assets import Device
from collector.model.catalogue import CATALOGUE, KEYS
from collector.model.text import clean
from collector.profiles.orders import ORDERS, Row
from collector.profiles.profile import Profile
from collector.profiles.registers import Raw
from collector.sources.profile.look import Looked
from collector.sources.sheet import Sheet
from ovr_tui.commands.ask import table

HEAD = ("POINT", "REGISTERS", "RAW", *ORDERS, "VALUE", "MEASUREMENT")
MOST_WORDS = 4


def shown(device: Device, profile: Profile | None, looked: Looked) -> Iterator[str]:
    """The whole sheet, in lines. `*` marks the order that the profile means."""
    sheet = looked.sheet
    unit = f" unit {device.unit}" if device.kind != "http" and device.kind != "gx" else ""
    by = f" by {profile.name} ({profile.file})" if profile else f" ({device.kind.value})"
    yield f"{device.host}:{device.port}{unit}{by}"
    yield _who(sheet)
    if looked.rows:
        yield ""
        yield table(HEAD, [_line(row) for row in looked.rows])
    yield ""
    yield from _readings(sheet)
    if not looked.rows:
        yield from _raw(sheet)
    yield from _remarks(sheet)


def _who(sheet: Sheet) -> str:
    told = sheet.identity
    if told is None or not told.serial:
        return "It does not say who it is: its identity cannot be pinned."
    parts = [f"Serial {clean(told.serial)}", told.maker, told.model]
    parts.append(f"firmware {told.firmware}" if told.firmware else "")
    return ", ".join(clean(part) for part in parts if part)


def _line(row: Row) -> Sequence[str]:
    words = ["—" if word is None else f"{word:04x}" for word in row.registers[:MOST_WORDS]]
    raw = " ".join(words) + (" …" if len(row.registers) > MOST_WORDS else "")
    orders = [_order(row, name) for name in ORDERS]
    value = " ".join(part for part in (_text(row.value), row.unit) if part)
    if row.word:
        value += f" ({clean(row.word, 30)})"
    role = f"{row.role}: " if row.role else ""
    return (row.name, row.place, raw, *orders, value, role + row.measurement)


def _order(row: Row, name: str) -> str:
    if name not in row.orders:
        return ""
    return _text(row.orders[name]) + ("*" if name == row.meant else "")


def _text(value: Raw) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return f'"{clean(value, 24)}"'
    if isinstance(value, tuple):
        return clean("".join(f"{nibble:x}" for nibble in value), 18)
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _readings(sheet: Sheet) -> Iterator[str]:
    """What would be collected, by asset."""
    lines = [
        (role or "(main)", sheet.assets[role].value, key, _reading(key, value), KEYS[key].unit)
        for (role, key), value in sorted(sheet.readings.items())
        if role in sheet.assets and key in KEYS
    ]
    lines += [
        (role or "(main)", sheet.assets[role].value, name, _number(value), CATALOGUE[name].unit)
        for (role, name), value in sorted(sheet.counters.items())
        if role in sheet.assets
    ]
    if lines:
        yield table(("ASSET", "KIND", "READING", "VALUE", "UNIT"), lines)
    else:
        yield "No reading of the catalogue."


def _reading(key: str, value: float | None) -> str:
    word = KEYS[key].states.get(int(value), "") if value is not None else ""
    return f"{_number(value)} ({word})" if word else _number(value)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.7g}"


def _raw(sheet: Sheet) -> Iterator[str]:
    lines = [
        (name, labels, _number(cell.value)) for (name, labels), cell in sorted(sheet.cells.items())
    ]
    if lines:
        yield ""
        yield table(("RAW SERIES", "LABELS", "VALUE"), lines)


def _remarks(sheet: Sheet) -> Iterator[str]:
    for notice in sheet.notices:
        yield f"It complains ({notice.severity.value}): {notice.text} {notice.value}".rstrip()
    for (role, _), text in sorted(sheet.notes.items()):
        yield f"Note{f' of {role}' if role else ''}: {text}"
    for reason, count in sorted(sheet.drops.items()):
        yield f"Left out, {reason} ({count}): {sheet.details[reason]}"


def as_object(device: Device, looked: Looked) -> dict[str, Any]:
    """The same for scripts."""
    sheet = looked.sheet
    return {
        "address": f"{device.host}:{device.port}",
        "unit": device.unit,
        "kind": device.kind.value,
        "profile": device.profile,
        "identity": sheet.identity,
        "points": [row._asdict() for row in looked.rows],
        "readings": [
            {"role": role, "key": key, "value": value}
            for (role, key), value in (*sheet.readings.items(), *sheet.counters.items())
        ],
        "raw": [
            {"name": name, "labels": labels, "value": cell.value}
            for (name, labels), cell in sheet.cells.items()
        ],
        "complaints": sheet.notices,
        "notes": list(sheet.notes.values()),
        "left_out": dict(sheet.details),
    }
