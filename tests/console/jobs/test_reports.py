"""Reports from the keyboard, on real reports that the real reporting process makes."""

import hashlib
import json
from pathlib import Path

import pytest

from ovr_tui.console.pages import report_export
from tests.console.jobs.reporting_node import reporting
from tests.console.readers import shows
from tests.console.test_report_files import Machine


def typed(text: str) -> list[str]:
    """A text as keys."""
    return ["space" if ch == " " else ch for ch in text]


async def test_a_report_is_read_in_both_editions() -> None:
    """The list shows where it stands with its figures, enter opens it with its charts, a search
    finds its words, i shows what the client gets."""
    async with reporting() as site:
        pilot = site.pilot
        listed = await shows(pilot, "draft")
        assert "stage-a" in listed
        assert "1.0" in listed
        await pilot.press("enter")
        text = await shows(pilot, "Load by source")
        assert "internal edition" in text
        assert "Energy delivered  1.0 kWh" in text
        await pilot.press("slash", *typed("load duration"), "enter")
        text = await shows(pilot, "1 line has load duration")
        assert "Load duration" in text
        await pilot.press("escape", "i")
        assert "client's edition" in await shows(pilot, "Energy delivered")
        await pilot.press("escape")
        await shows(pilot, "not released yet")


async def test_a_correction_shows_before_and_after() -> None:
    """A factor of 2 over the report's window: its next revision has twice the energy, and = shows
    both beside each other, with what the correction did; withdrawn, it stays listed. Until then the
    former figures are said to be old, and cannot be released."""
    async with reporting() as site:
        pilot, node = site.pilot, site.node
        await shows(pilot, "draft")
        await pilot.press("c")
        await shows(pilot, "so many times as great")
        await pilot.press(
            "tab", "tab", "2", "enter", "enter", "enter", "enter", *typed("CT ratio"), "enter"
        )
        await shows(pilot, "Its reports are made anew")
        await pilot.press("enter")
        assert "anew" in (await shows(pilot, "internal edition")).splitlines()[2]
        await pilot.press("R")
        await shows(pilot, "these figures are old")
        await pilot.press("escape")
        await site.report(2)
        await shows(pilot, "revision 2 of stage-a is made")
        await pilot.press("equals_sign")
        text = await shows(pilot, "WHAT ITS CORRECTIONS DID")
        (energy,) = [line for line in text.splitlines() if line.startswith(" energy delivered")]
        assert energy.split() == ["energy", "delivered", "1.0", "2.0", "+1.0", "kWh"]
        assert "CT ratio" in text
        await pilot.press("escape", "C")
        await shows(pilot, "Corrections: 1")
        await pilot.press("W")
        await shows(pilot, "> cancel")
        await pilot.press("down", "enter")
        assert "1 withdrawn" in await shows(pilot, "Corrections: 0")
        assert (await site.report(3)).headline.load_kwh == 1.0
        assert (await node.job((await site.report(3)).id)) is None


async def test_it_is_released_with_a_note() -> None:
    """Asked with the cursor on cancel; then it is released, by whom and with the note."""
    async with reporting() as site:
        pilot = site.pilot
        await shows(pilot, "draft")
        await pilot.press("R")
        await shows(pilot, "what is to be said about it")
        await pilot.press(*typed("sent by mail"), "enter")
        await shows(pilot, "> cancel")
        await pilot.press("down", "enter")
        await shows(pilot, "revision 1 is released")
        (entry,) = (await site.node.desk.listed()).reports
        assert (entry.state.value, entry.release_note) == ("released", "sent by mail")


async def test_it_is_verified_file_by_file_and_figure_by_figure() -> None:
    """All is as it was made; after a hand has changed a file, that one is named."""
    async with reporting() as site:
        pilot = site.pilot
        await shows(pilot, "draft")
        await pilot.press("v")
        text = await shows(pilot, "esc leads back")
        assert "every figure follows from what the node has stored" in text
        assert "NOT" not in text
        (entry,) = (await site.node.desk.listed()).reports
        profile = site.node.state / entry.folder / "profile.csv"
        profile.write_bytes(profile.read_bytes() + b"\n")
        await pilot.press("escape", "v")
        text = await shows(pilot, "esc leads back")
        assert any("profile.csv" in line and "NOT the one" in line for line in text.splitlines())
        assert "It is NOT what follows now" in text


async def test_an_interim_report_of_a_system_that_stays() -> None:
    """n asks for the event, a system and a window; the report is made, and the system stays."""
    async with reporting() as site:
        pilot = site.pilot
        await shows(pilot, "draft")
        await pilot.press("n")
        await shows(pilot, "Interim report")
        await pilot.press("tab", "right", "right", "enter", "enter", "enter", *"half", "enter")
        await shows(pilot, "1 interim report will be made")
        await site.node.until(lambda db: not site.node.runner.busy)
        text = await shows(pilot, "stage-b interim")
        assert "whole event" not in text


async def test_it_is_written_to_a_folder(tmp_path: Path) -> None:
    """The chosen files, each the one that was made, nothing beside them."""
    async with reporting() as site:
        pilot = site.pilot
        await shows(pilot, "draft")
        await pilot.press("w")
        await shows(pilot, "No USB stick is plugged in")
        to = tmp_path / "out"
        await pilot.press("e", "tab", "tab", "ctrl+u", *str(to), "enter")
        assert "8 files" in await shows(pilot, "written and checked")
        (folder,) = to.iterdir()
        assert folder.name.startswith("Fair-stage-a-")
        _as_made(folder)


def _as_made(folder: Path) -> None:
    meta = json.loads((folder / "report.meta.json").read_bytes())
    named = {file["name"]: file["sha256"] for file in meta["files"]}
    there = {path.name for path in folder.iterdir()} - {"report.meta.json"}
    assert there == set(named)
    for name in there:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == named[name]


async def test_it_is_written_to_a_stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick that is mounted is offered first, with its label; then it may be removed."""
    machine, stick = Machine(tmp_path / "root"), tmp_path / "stick"
    stick.mkdir()
    machine.disk("sdb", "sdb1", removable=True)
    machine.mount("sdb1", str(stick))
    (tmp_path / "root/dev/disk/by-label/OES").symlink_to("../../sdb1")
    monkeypatch.setattr(report_export, "ROOT", tmp_path / "root")
    async with reporting() as site:
        pilot = site.pilot
        await shows(pilot, "draft")
        await pilot.press("w")
        await shows(pilot, "< OES")
        await pilot.press("enter", "enter")
        assert "safe to remove" in await shows(pilot, "2 files are written and checked")
        (folder,) = (stick / "ovr-reports").iterdir()
        assert {path.name for path in folder.iterdir()} == {"report.pdf", "report.html"}
