"""Every page, by the keys that lead there from the page before: whoever adds a page adds it here,
and it is scanned for signs, colours and what looks live from then on."""

from collections.abc import AsyncIterator

from textual.pilot import Pilot

from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.pages.site import SitePage
from tests.console.readers import settle, shows

SHORT = {"esc": "escape", "/": "slash", "]": "right_square_bracket", "=": "equals_sign",
         "?": "question_mark", ":": "colon"}  # fmt: skip

PAGES: list[tuple[str, str, str]] = [
    ("site", "", "assets"),
    ("site grouped", "g", "by system"),
    ("site filtered", "g g / b", "filter /"),
    ("site sorted", "esc 3", "SOC"),
    ("columns", "1 C", "Columns of the table"),
    ("columns closed, paused", "esc space", "PAUSED"),
    ("asset", "space home enter", "5 min"),
    ("asset, other measurement", "]", "5 min"),
    ("asset, chart enlarged", "f", "5 min"),
    ("values of a chart", "f t", "TIME"),
    ("raw values", "esc v", "QUALITY"),
    ("links", "esc l", "TOTALS"),
    ("lock out", "esc L", "ock"),
    ("control", "esc c", "inverter mode"),
    ("PIN", "U", "PIN of this node"),
    ("control unlocked", "4 9 3 8 enter", "CONTROL UNLOCKED"),
    ("control form", "down enter", "current limit"),
    ("control question", "4 0 enter", "type it to go on"),
    ("outcome", "esc end enter down enter", "onfirmed"),
    ("alarms", "esc esc esc a", "SEVERITY"),
    ("history of alarms", "3", "SEVERITY"),
    ("shelved alarms", "4", "SEVERITY"),
    ("acknowledge", "1 A", "cknowledge"),
    ("shelve", "esc S", "helve"),
    ("events", "esc e", "Desert Weekend 1"),
    ("new event", "n", "A new event"),
    ("import an event", "esc I", "Import an event"),
    ("event", "esc home enter", "1 systems"),
    ("timeline", "2", "alarm over"),
    ("log of an event", "3", "rain"),
    ("withdraw a log entry", "W", "count"),
    ("reports of an event", "esc 4", "draft"),
    ("conflicts", "5", "ACME"),
    ("facts of an event", "6", "client"),
    ("a system in it", "1 enter", "time in"),
    ("who joins", "esc J", "Who joins"),
    ("join", "x enter", "joins"),
    ("leave the event", "esc esc L", "leave"),
    ("correct a participation", "esc F", "Joined"),
    ("end an event", "esc X", "Still in"),
    ("change an event", "esc E", "lient"),
    ("what systems are for", "esc U", "What systems are for"),
    ("export an event", "esc O", "Export"),
    ("into the log", "esc ctrl+e", "andover"),
    ("note", "n", "Note"),
    ("last shift", "esc esc esc w", "BATTERIES"),
    ("reports", "esc r", "load-4"),
    ("older revisions", "o", "superseded"),
    ("release", "o home down R", "elease"),
    ("report", "esc down enter", "Energy"),
    ("report, next section", "]", "LOAD"),
    ("build anew", "b", "build it anew"),
    ("write a report", "esc w", "rite"),
    ("verify a report", "esc v", "esc leads back"),
    ("compare", "esc esc down down =", "CHANGE"),
    ("release one that is blocked", "esc R", "blocked"),
    ("correct from a report", "esc c", "orrect"),
    ("interim report", "esc n", "Interim report"),
    ("corrections", "esc C", "CT of L2"),
    ("new correction", "n", "orrection"),
    ("withdraw a correction", "esc W", "count"),
    ("devices", "esc esc d", "bess-1"),
    ("devices by kind", "g", "modbus"),
    ("test a device", "g home t", "Test of the connection"),
    ("change a device", "esc c", "Change"),
    ("new device", "esc n", "A new device"),
    ("remove a device", "esc D", "type it to go on"),
    ("switch a device off", "esc o", "off"),
    ("device", "esc enter", "THE DEVICE"),
    ("move a device", ">move", "Move"),
    ("pair", "esc >pair", "Pair"),
    ("forget a device", "esc >forget_who_it_was", "orget"),
    ("asset of a device", "esc >asset_bess-1", "THE ASSET"),
    ("name and role", ">name_and_role", "ole"),
    ("plate", "esc >plate", "ated"),
    ("into another system", "esc >into_another_system", "system"),
    ("link with which", "esc >link", "which other asset"),
    ("link", "enter", "one flow"),
    ("unit swapped", "esc >unit_swapped", "Another unit stands at"),
    ("commission", "esc >commission", "clamp on L1"),
    ("what was found", "esc esc esc f", "Meter 1"),
    ("look for devices", "f", "Look for devices"),
    ("add what was found", "esc x n", "to add"),
    ("to decide", "esc esc esc y", "To decide"),
    ("twins", "enter", "Is it one flow?"),
    ("refused counter", "esc down enter", "leave it out for good"),
    ("import devices", "esc esc i", "Many devices from a file"),
    ("apply the registry", "esc p", "registry"),
    ("health", "esc h", "COLLECTOR"),
    ("sources", "2", "SINCE"),
    ("sinks", "3", "journal"),
    ("give up what was refused", "end F", "for good"),
    ("node", "esc 4", "CLOCK"),
    ("confirm the clock", "C", "Compare it with your watch"),
    ("log", "esc 5", "lines"),
    ("audit", "6", "kim"),
    ("help", "?", "This page"),
    ("commands", "esc :", "COMMAND"),
    ("jump", "esc s ctrl+o", "a letter goes there"),
    ("leave", "esc q", "has started this collector"),
    ("site again", "esc", "assets"),
]
"""What it is, the keys that lead there from the one before (`>name`: the deed of that name in a
menu), and a word that stands on it and not on the one before."""


async def choose(pilot: Pilot[Leave], name: str) -> None:
    """In a menu: do this."""
    page = pilot.app.screen
    assert isinstance(page, ListPage)
    await pilot.press("home")
    for _ in page.table.items:
        if page.table.cursor == name:
            break
        await pilot.press("down")
    assert page.table.cursor == name, name
    await pilot.press("enter")


async def go(pilot: Pilot[Leave], keys: str) -> None:
    """Press these keys, each once what the one before did is there."""
    for key in keys.split():
        if key.startswith(">"):
            await choose(pilot, key[1:].replace("_", " "))
        else:
            await pilot.press(SHORT.get(key, key))
        await settle(pilot)


async def walk(pilot: Pilot[Leave]) -> AsyncIterator[str]:
    """Go to every page, from the site page and back to it; yields a page's name while it is shown.
    The app should host its collector, so that leaving asks, and have a `whole_reader`."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    for name, keys, text in PAGES:
        await go(pilot, keys)
        await shows(pilot, text)
        yield name
    assert isinstance(app.screen, SitePage)
