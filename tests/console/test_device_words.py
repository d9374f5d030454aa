"""The pure parts of the devices place."""

from typing import Any

from msgspec import structs

from collector.config.devices import DeviceTable
from collector.model.control import Lockout
from collector.model.discovery import Found, Search
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind
from collector.model.snapshot import Total
from ovr_tui.console.devices import book, fields, listing, problems
from ovr_tui.console.devices.book import KIND_WORDS
from ovr_tui.console.devices.effects import effects
from ovr_tui.console.devices.finds import add_fields, as_known, grid, items
from ovr_tui.console.form import Kind, answers
from ovr_tui.console.form.widgets import Typed
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.text import plain
from tests.console.test_band import moment
from tests.console.test_device_screens import source
from tests.support.snapshots import asset, snapshot

GX: dict[str, Any] = {"id": "bess-1", "kind": "gx", "host": "10.20.0.21", "username": "ovr"}
TABLES: dict[str, Any] = {
    "version": 1,
    "device": [GX, {"id": "stage-a", "kind": "acuvim", "host": "10.20.0.31", "unit": 3}],
    "asset": [
        {"id": "stage-a", "behind": "bess-1", "apart_from": ["x", "y"], "system": "camp"},
    ],
}


def test_every_key_of_a_device_has_a_field() -> None:
    """Whatever `[[device]]` may say can be typed in a form, once all settings are shown."""
    known = {field.name for field in structs.fields(DeviceTable)}
    typed: set[str] = set()
    for kind in DeviceKind:
        values = {"kind": kind.value, "more": "yes"}
        made = fields.device_fields(values, taken=(), profiles=(), known=False)
        typed |= {field.name for field in made}
    assert known - typed == set()
    assert typed - known == {"more", "reason"}
    assert set(KIND_WORDS) == {kind.value for kind in DeviceKind}


def test_passwords_are_typed_hidden() -> None:
    """Whatever form asks for a password, its field hides what is typed."""
    made = list(fields.device_fields({"kind": "gx"}, taken=(), profiles=(), known=False))
    one = Found(kind=DeviceKind.GX, host="10.20.0.62", port=1883, needs_password=True, id="gx-1")
    made += add_fields([one], [])
    asked = [field for field in made if "password" in field.name]
    assert [field.name for field in asked] == ["password", "password-0"]
    assert all(field.kind is Kind.SECRET and Typed(field, "").password for field in asked)


def test_what_a_link_does_to_totals() -> None:
    """Powers change by what the asset shows now, energies of today by an amount that its counter
    does not tell, and two flows change nothing."""
    shot = snapshot(
        asset("m-1", readings={"load_power_w": 52_000.0, "load_energy_kwh": 90_000.0}),
        asset("m-2"),
        totals={"load_power_w": Total(quantity="load_power_w", value=1.0, counted=("m-1", "m-2"))},
        today={
            "load_energy_kwh": Total(quantity="load_energy_kwh", value=1.0, counted=("m-1", "m-2"))
        },
    )
    told = effects(shot, "m-1", "m-2", "behind")[1:]
    assert told == [
        "load energy of today: what m-1 has counted leaves the total",
        "load power: the total falls by 52.0 kW, which were counted twice",
    ]
    assert len(effects(shot, "m-1", "m-2", "apart_from")) == 1
    assert "no figure changes" in effects(shot, "m-1", "m-3", "same_as")[1]


def test_a_new_device_that_nobody_typed_more_of_is_short() -> None:
    """What stands in a field as usual is not written into the registry."""
    values = {"kind": "gx", "id": "bess-1", "host": "10.20.0.21", "more": "yes"}
    made = fields.device_fields(values, taken=(), profiles=(), known=False)
    full = {field.name: field.value for field in made} | values
    for field in made:
        if field.kind is Kind.FLAG and not full[field.name]:
            full[field.name] = "no"
    said = answers(made, full, 0)
    assert fields.entry_of(said, full) == {"id": "bess-1", "kind": "gx", "host": "10.20.0.21"}


def test_what_is_registered_and_untouched_changes_nothing() -> None:
    """A form that was opened and sent as it was has no changes, whatever the entry says."""
    entry = GX | {"interval_s": 2.5, "tls": True, "enabled": False, "port": 8884}
    first = fields.values_of(entry)
    made = fields.device_fields(first | {"kind": "gx"}, taken=(), profiles=(), known=True)
    values = first | {"reason": ""}
    assert fields.changes_of(first, answers(made, values, 0), values, "gx") == {}
    values |= {"interval_s": "1", "tls": "no", "port": "", "name": "BESS"}
    changed = fields.changes_of(first, answers(made, values, 0), values, "gx")
    assert changed == {"interval_s": None, "tls": None, "port": None, "name": "BESS"}


def test_a_host_is_a_host_alone() -> None:
    """An address with a scheme, a path, a blank or a port is told as what it is."""
    (host,) = (
        field
        for field in fields.device_fields({"kind": "gx"}, taken=(), profiles=(), known=False)
        if field.name == "host"
    )
    assert host.check is not None
    for text in ("http://gx", "10.0.0.1/24", "gx 1", "gx:1883"):
        assert host.check(text), text
    for text in ("10.20.0.21", "gx-1.local", "fe80::1"):
        assert not host.check(text), text


def test_refusals_stand_at_their_fields() -> None:
    """A line of the registry's check about a field of this device goes there; others stay."""
    told = (
        "registry.toml:7: device[bess-1].port: a port from 1 to 65535\n"
        "device[bess-1].host_env: is not set\n"
        "device[other].host: is missing\n"
        "nothing was written"
    )
    at, others = problems.by_field(told, ["port", "host"], "bess-1")
    assert at == {"port": "a port from 1 to 65535", "host": "is not set"}
    assert others == ["device[other].host: is missing"]


def test_differences_name_each_device_and_asset() -> None:
    """Added, removed and changed, with both values; what is the same is not told."""
    after = {
        "device": [GX | {"host": "10.20.0.99", "control": True}, {"id": "new", "kind": "gx"}],
        "asset": TABLES["asset"],
    }
    assert problems.differences(TABLES, after) == [
        "+ device new: kind gx",
        "- device stage-a: kind acuvim, host 10.20.0.31, unit 3",
        "~ device bess-1: host 10.20.0.21 → 10.20.0.99, control nothing → yes",
    ]


def test_places_as_people_write_them() -> None:
    """The usual port stands there too; a unit only where there is one."""
    assert book.place_of(GX) == "10.20.0.21:1883"
    assert book.place_of(GX | {"tls": True, "host": "fe80::1"}) == "[fe80::1]:8883 TLS"
    assert book.place_of(TABLES["device"][1]) == "10.20.0.31:502 unit 3"
    assert book.place_of({"kind": "gx", "host_env": "GX_HOST"}) == "$GX_HOST:1883"


def test_why_a_device_is_not_well_begins_with_why() -> None:
    """Neither its address nor, of the device itself, its name stands before it."""
    shot = snapshot(
        asset("bess-1", AssetKind.BESS, AssetStatus.STALE, reason="silent for 20 s"),
        asset("stage-a.2", AssetKind.LOAD, AssetStatus.LOST, name="Stage A",
              reason="10.20.0.31:502 unit 3 gave no answer within 2 s."),
        sources=(source("bess-1"), source("stage-a")),
    )  # fmt: skip
    told = [row.words for row in book.rows(shot, TABLES)]
    assert told == ["silent for 20 s", "Stage A: gave no answer within 2 s."]
    cause = "10.20.0.21:1883 refuses connections: is it a GX at all?"
    lost = structs.replace(shot, sources=(source("bess-1", "backoff", cause=cause),))
    assert book.rows(lost, TABLES)[0].words == "refuses connections: is it a GX at all?"


def test_a_held_picture_is_no_fault() -> None:
    """Held, or without the collector, a device says so and is to be looked at only if it was."""
    well = asset("bess-1", readings={"load_power_w": 1.0})
    shot = snapshot(well, sources=(source("bess-1"),))
    tables = {"device": [GX]}
    (row,) = book.rows(shot, tables, stale="the picture is held")
    assert (row.words, row.amiss) == ("as it was: the picture is held", False)
    lost = structs.replace(well, status=AssetStatus.LOST, reason="no route to host")
    (row,) = book.rows(snapshot(lost, sources=(source("bess-1"),)), tables, stale="held")
    assert (row.words, row.amiss) == ("no route to host", True)


def test_a_lockout_is_no_fault() -> None:
    """A device of which an asset is locked out is well, and the list says who works there; what is
    wrong goes before it."""
    out = Lockout(asset="bess-1", name="Jo", reason="new filter", at_ms=0, person="p")
    view = structs.replace(asset("bess-1"), lockout=out)
    shot = snapshot(view, sources=(source("bess-1"),))
    (row,) = book.rows(shot, {"device": [GX]})
    assert row.words == "well"
    assert "LOCKED OUT by Jo" in plain(listing.item(row, listing.grid(80), UNICODE).line)
    lost = structs.replace(row, source=source("bess-1", "backoff", cause="no route to host"))
    assert "no route to host" in plain(listing.item(lost, listing.grid(80), UNICODE).line)


def test_links_and_systems_of_the_registry() -> None:
    """What an asset says of others; a device without a system is its own."""
    links = [("bess-1", "behind"), ("x", "apart_from"), ("y", "apart_from")]
    assert list(book.links_of(TABLES, "stage-a")) == links
    assert book.systems(TABLES) == ["bess-1", "camp"]


def test_what_is_found_behind_one_gateway_is_told_apart() -> None:
    """At 80 columns the longest address stands whole, and beside it the unit and the serial."""
    found = tuple(
        Found(kind=DeviceKind.ACUVIM, host="192.168.100.200", port=50200, unit=unit, units=units,
              serial=f"AH1234567{unit}")
        for unit, units in ((7, (7,)), (247, (247,)))
    )  # fmt: skip
    rows = [plain(item.line).split() for item in items(Search(found=found), moment(snapshot()), 80)]
    assert plain(grid(80).header()).split()[1:3] == ["ADDRESS", "UNIT"]
    assert [row[2:6] for row in rows] == [
        ["192.168.100.200:50200", str(unit), "—", f"AH1234567{unit}"] for unit in (7, 247)
    ]


def test_a_search_is_shown_beside_the_registry_of_now() -> None:
    """Added since then: known. Removed since then: gone from the list, never still "known"."""
    meter = Found(kind=DeviceKind.ACUVIM, host="10.20.0.61", port=502, serial="AH1", id="load-1",
                  table={"host": "10.20.0.61"})  # fmt: skip
    known = Found(kind=DeviceKind.GX, host="10.20.0.62", port=1883, standing="known",
                  device="bess-1")  # fmt: skip
    search = Search(state="done", found=(meter, known))
    before = as_known(search, {"device": [{"id": "bess-1"}]})
    assert [one.standing for one in before.found] == ["new", "known"]
    after = as_known(search, {"device": [{"id": "load-1", "serial": "AH1"}]})
    assert [(one.standing, one.device) for one in after.found] == [("known", "load-1")]
