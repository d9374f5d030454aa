"""What people wrote down, changed and did; what the equipment complained of."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from collector.model.catalogue import unit_of
from collector.model.event import Change
from collector.model.report.system import Head, SystemReport
from collector.model.report_document import Block, Prose, Row, Section
from collector.model.said import Action, Alert, LogEntry, LogKind
from reporting.render import words
from reporting.render.page import Page, left, right, table

_KINDS = {
    LogKind.FUEL: "Fuel delivered",
    LogKind.DIP: "Tank level",
    LogKind.HOURS: "Hour meter",
    LogKind.READING: "Reading",
    LogKind.NOTE: "Note",
    LogKind.HANDOVER: "Handover",
}
_UNITS = {LogKind.FUEL: "L", LogKind.HOURS: "h"}
_SIGNS = {"l": "L", "pct": "%", "kwh": "kWh"}
_FIELDS = {
    "from_ms": "beginning",
    "to_ms": "end",
    "planned_from_ms": "planned beginning",
    "planned_to_ms": "planned end",
}
_INTERNAL = frozenset(["notes"])
"""Fields of an event that the client never sees."""


def log_section(report: SystemReport, page: Page) -> Section | None:
    """The client's edition has what was meant for the client, and what changed the figures."""
    blocks = notes_written(report.head, page)
    entries = tuple(entry for entry in report.log if page.internal or entry.client)
    blocks += [
        part for part in (entry_table(entries, page), _changes(report.changes, page)) if part
    ]
    if page.internal:
        blocks += [
            part for part in (_alerts(report.alerts, page), _actions(report.actions, page)) if part
        ]
    return Section("log", "Log and changes", tuple(blocks)) if blocks else None


def notes_written(head: Head, page: Page) -> list[Block]:
    """What was written of the event: for the client, and for the company alone."""
    blocks: list[Block] = []
    note = words.paragraph(head.client_notes)
    if note:
        blocks.append(Prose(note))
    if page.internal and head.internal_notes:
        blocks.append(Prose(f"Internal: {words.paragraph(head.internal_notes)}"))
    return blocks


def entry_table(entries: tuple[LogEntry, ...], page: Page) -> Block | None:
    """Log entries in the order of their times; those that were withdrawn say so."""
    rows = []
    for entry in sorted(entries, key=lambda one: (one.at_ms, one.id)):
        value = ""
        if entry.value is not None:
            unit = _SIGNS.get(entry.unit) or words.name(entry.unit) or _unit(entry)
            value = page.reader.quantity(entry.value, unit, 2).strip()
        text = words.line(entry.text)
        if entry.withdrawn_ms is not None:
            text = f"withdrawn by {words.person(entry.withdrawn_by)}. {text}".strip()
        rows.append(
            Row(
                (
                    page.reader.moment(entry.at_ms),
                    _what(entry),
                    page.asset(entry.asset) if entry.asset else "",
                    value,
                    text,
                    words.person(entry.person),
                )
            )
        )
    columns = (
        left("When"),
        left("What"),
        left("Where"),
        right("Value"),
        left("Text"),
        left("Who"),
    )
    return table("Log", columns, rows) if rows else None


def _what(entry: LogEntry) -> str:
    """What was written down; of a reading which counter was read."""
    if entry.kind is not LogKind.READING or not entry.measurement:
        return _KINDS[entry.kind]
    return f"{_KINDS[entry.kind]}: {words.counter(entry.measurement)}"


def _unit(entry: LogEntry) -> str:
    if entry.kind is LogKind.READING:
        return unit_of(entry.measurement)
    return _UNITS.get(entry.kind, "")


def _changes(changes: tuple[Change, ...], page: Page) -> Block | None:
    rows = [
        Row(
            (
                page.reader.moment(change.at_ms),
                _FIELDS.get(change.field) or words.name(change.field).replace("_", " "),
                _told(change.field, change.before, page),
                _told(change.field, change.after, page),
                words.line(change.reason),
                words.person(change.person),
            )
        )
        for change in changes
        if page.internal or change.field not in _INTERNAL
    ]
    columns = (
        left("When"),
        left("Field"),
        left("Before"),
        left("After"),
        left("Why"),
        left("Who"),
    )
    return table("Changes", columns, rows) if rows else None


def _told(field: str, text: str, page: Page) -> str:
    """A value as people read it: times in the event's zone, several figures one beside another."""
    if field in _FIELDS and text.isascii() and text.isdigit():
        return page.reader.moment(int(text), seconds=True)
    if text[:1] in ("{", "["):
        with suppress(msgspec.DecodeError):
            return words.line(_flat(msgspec.json.decode(text))) or "—"
    return words.line(text) or "—"


def _flat(value: Any) -> str:
    """What is said in a value of several parts; parts that say nothing are left out."""
    if isinstance(value, Mapping):
        told = ((str(key).replace("_", " "), _flat(part)) for key, part in value.items())
        return ", ".join(f"{key} {part}" for key, part in told if part)
    if isinstance(value, list):
        return "; ".join(part for part in map(_flat, value) if part)
    return "" if value is None else str(value)


def _alerts(alerts: tuple[Alert, ...], page: Page) -> Block | None:
    rows = [
        Row(
            (
                page.reader.moment(alert.raised_ms),
                "still open" if alert.cleared_ms is None else page.reader.moment(alert.cleared_ms),
                page.asset(alert.asset) if alert.asset else "",
                words.name(alert.severity),
                words.line(alert.text),
            )
        )
        for alert in alerts
    ]
    columns = (left("From"), left("To"), left("Where"), left("Severity"), left("Alarm"))
    return table("Alarms", columns, rows) if rows else None


def _actions(actions: tuple[Action, ...], page: Page) -> Block | None:
    rows = [
        Row(
            (
                page.reader.moment(action.at_ms, seconds=True),
                page.asset(action.asset),
                words.line(action.what),
                words.line(action.outcome),
                words.person(action.person),
            )
        )
        for action in actions
    ]
    columns = (left("When"), left("Where"), left("Command"), left("Outcome"), left("Who"))
    return table("Operator actions", columns, rows) if rows else None
