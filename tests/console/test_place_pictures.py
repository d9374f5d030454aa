"""Pictures of the alarms and health places: each must stay as it was when a person last looked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.client import Answer
from collector.model.alarm import Alarm, AlarmHealth, Commissioning, Rule, Severity
from collector.model.audit import AuditEntry, Deed
from collector.model.dead import DeadEntry
from collector.model.message import Message
from collector.model.outbox import OutboxHealth, OutboxItem
from collector.model.snapshot import Snapshot
from collector.wire import (
    AlarmsAnswer,
    AuditAnswer,
    DeadAnswer,
    HealthAnswer,
    MachineHealth,
    MeAnswer,
    MessagesAnswer,
    OutboxAnswer,
    SourceFailure,
)
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, settle
from tests.console.test_screens import troubled
from tests.support import snapshots
from tests.support.pictures import TextPicture, at_each_size, picture
from tests.support.snapshots import START_MS, alarm, changed, site

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)
STATES = ("normal", "alarm", "stale", "empty", "disconnected")
OPEN = (
    alarm(
        Rule.OVERLOAD, Severity.CRITICAL, id="a1", asset="load-1", subject="load-1",
        name="Distribution 1 Food court", text="load 101 % of 90 kW",
        now="load 104 % of 90 kW for 3 min", advice="Take loads off, or start another generator.",
        raised_ms=START_MS - 240_000,
    ),
    alarm(id="a2"),
    alarm(
        Rule.LOW_FUEL, Severity.WARNING, "cleared", id="a3", asset="gen-2", name="Genset 2 Medical",
        text="fuel below 25 %", now="fuel 22 %", cleared_ms=START_MS - 60_000, raises=3,
    ),
    alarm(
        Rule.TOGETHER, state="acknowledged", id="a4", asset="", subject="10.20.0.1",
        name="Café 日本 [/red] \x1b[2J", text="no word for 60 s", now="no word for 4 min",
        members=("load-2", "load-3", "pv-1"), acked_ms=START_MS - 600_000,
        acked_by="uid 1000 (kim)", ack_note="on my way with a new switch",
    ),
    alarm(Rule.SINK, id="a5", asset="", subject="cloud", name="", text="cloud is 40 min behind",
          now="cloud is 44 min behind", advice="Look at the uplink: h, then 3."),
)  # fmt: skip
SHELVED = alarm(
    state="shelved", id="s1", shelved_until_ms=START_MS + 1_800_000, shelved_by="ben",
    shelf_reason="under repair", name="BESS 2 Camping north", asset="bess-2",
)  # fmt: skip
CLOSED = alarm(
    state="closed", id="h1", cleared_ms=START_MS - 900_000, acked_ms=START_MS - 1_000_000,
    acked_by="ben", name="BESS 3 Gate 3", asset="bess-3",
)  # fmt: skip


def shot_of(state: str) -> Snapshot:
    """The site in a state."""
    if state == "empty":
        return snapshots.snapshot()
    if state == "alarm":
        return changed(troubled(), alarms=OPEN)
    return site(20, troubles=False)


class TellsOnce(HandReader):
    """Tells of its log only what came after the line that is asked from, as the collector does."""

    async def get(self, path: str, kind: type[Answer], **query: str | int | None) -> Answer:
        answer = await super().get(path, kind, **query)
        if isinstance(answer, MessagesAnswer):
            after = int(query["after"] or 0)
            new = tuple(message for message in answer.messages if message.seq > after)
            return structs.replace(answer, messages=new)
        return answer


def reader_of(state: str) -> HandReader:
    """A reader that answers an operator."""
    shot = shot_of(state)
    amiss = state == "alarm"
    reader = TellsOnce(shot)
    opened: tuple[Alarm, ...] = OPEN if amiss else ()
    watched = () if state == "empty" else (Commissioning(asset="load-1", at_ms=1, person="kim"),)
    levels = ("info", "info", "warning", "info", "error")
    reader.answers = {
        "/v1/me": MeAnswer(
            person="uid 1000 (kim)", role="operator", transport="ovr.sock", control=True,
            pin=False, node="n1", site="Main field", timezone="America/Los_Angeles", version="1",
        ),
        "/v1/alarms": AlarmsAnswer(
            active=opened, shelved=(SHELVED,) if amiss else (),
            history=(*opened, CLOSED) if amiss else (), commissioned=watched, health=AlarmHealth(),
        ),
        "/v1/health": HealthAnswer(
            ok=True, version="0.1.0", pid=812, node="n1", hosted=False, health=shot.health,
            journal=shot.journal, sources=shot.sources, sinks=shot.sinks,
            machine=MachineHealth(
                disk_free_bytes=5_000_000_000 if amiss else 40_000_000_000,
                disk_size_bytes=64_000_000_000, memory_free_bytes=1_200_000_000,
                memory_size_bytes=2_000_000_000, load=(0.4, 0.5, 0.6), cores=4, up_s=266_400.0,
                ntp=not amiss, system="Debian 12", kernel="6.1.0", python="3.11.7", sqlite="3.45",
            ),
            failures=(SourceFailure(device="load-1", at_ms=START_MS - 100_000, cause="no answer"),),
        ),
        "/v1/messages": MessagesAnswer(
            messages=() if state == "empty" else tuple(
                Message(
                    seq=n, at_ms=START_MS - 60_000 + n * 1000, level=levels[n % 5],
                    part="collector.supervisor", text=f"source load-{n} [/x] runs again",
                )
                for n in range(1, 50)
            ),
            last=49, left_out=0,
        ),
        "/v1/audit": AuditAnswer(
            entries=() if state == "empty" else tuple(
                AuditEntry(
                    id=str(n), at_ms=START_MS - n * 60_000,
                    outcome="done" if n % 3 else "refused: an event is on",
                    deed=Deed(person="uid 1000 (kim)", transport="ovr.sock", action="rename",
                              subject=f"load-{n}", before="Stage", after="Stage [b]"),
                )
                for n in range(30)
            )
        ),
        "/v1/dead": DeadAnswer(
            entries=(
                DeadEntry(id=4, sink="cloud", first_seq=1, last_seq=1, at_ms=START_MS - 60_000,
                          reason="400 bad label", samples=12, bytes=3000, series="load_power_w"),
            ) if amiss else ()
        ),
        "/v1/outbox": OutboxAnswer(
            health=OutboxHealth(),
            items=(
                OutboxItem(revision=7, kind="events", record_id="0193", state="refused",
                           changed_ms=START_MS - 100_000, reason="409 another node has it"),
            ) if amiss else (),
        ),
    }  # fmt: skip
    return reader


@asynccontextmanager
async def shown(
    state: str, keys: tuple[str, ...], profile: Profile | None = None
) -> AsyncIterator[Pilot[Any]]:
    """A page in a state."""
    clock, reader = Clock(), reader_of(state)
    app, _ = make_app(reader=reader, clock=clock, profile=profile)
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        if state == "disconnected":
            reader.lose("no collector runs: nobody listens on /run/ovr/ovr.sock")
        if state in ("stale", "disconnected"):
            await settle(pilot)
            pass_seconds(app, clock, 30)
        await settle(pilot)
        yield pilot


HEALTH = {name: ("h", str(n)) for n, name in enumerate(
    ("overview", "sources", "sinks", "node", "log", "audit"), 1)}  # fmt: skip
PAGES = {"alarms": ("a",), **HEALTH}
DETAILS = {
    "unacknowledged": ("a", "2", "down", "down"),
    "history": ("a", "3"),
    "shelved": ("a", "4"),
    "marked": ("a", "x", "x"),
    "acknowledge": ("a", "x", "x", "A"),
    "shelve": ("a", "S"),
    "errors": ("h", "5", "l", "l"),
    "site": ("5",),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", STATES)
async def test_pages(snapshot: SnapshotAssertion, state: str, page: str) -> None:
    """Alarms, and each tab of health, at each size in each state."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(state, PAGES[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{size}-{state}-{page}")


@pytest.mark.parametrize("what", DETAILS)
@pytest.mark.parametrize("profile", ["dark", "tty"])
async def test_details(snapshot: SnapshotAssertion, profile: str, what: str) -> None:
    """The other views, what is asked, and the site with alarms; also on a Linux console."""
    async with shown("alarm", DETAILS[what], TTY if profile == "tty" else None) as pilot:
        assert picture(pilot.app) == snapshot.use_extension(TextPicture)
