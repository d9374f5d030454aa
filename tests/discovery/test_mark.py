"""What the registry knows of what was found, and what is proposed for the rest."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from collector.config.load import check_registry
from collector.discovery.book import Book
from collector.discovery.mark import Known, marked, untouched
from collector.discovery.propose import proposed
from collector.model.discovery import Found
from collector.model.kinds import AssetKind, DeviceKind
from tests.config.homes import make_home
from tests.discovery.world import known

GX = Found(
    kind=DeviceKind.GX, host="10.0.0.21", port=1883, serial="b827eb000001", title="Stage",
    model="Cerbo GX", asset_kind=AssetKind.BESS, ways=("mqtt",),
)  # fmt: skip
METER = Found(
    kind=DeviceKind.ACUVIM, host="10.0.0.31", port=502, unit=1, units=(1, 5), serial="AH1",
    model="Acuvim IIR", ways=("modbus",),
)  # fmt: skip


def gx(device: str, host: str, serial: str, port: int = 1883) -> Known:
    """A GX of the registry that is not heard."""
    return known(device, host, port, kind=DeviceKind.GX, serial=serial, heard=False, who=None)


def standing(found: Found, *devices: Known) -> tuple[str, str]:
    """How the registry stands to it, and which entry."""
    told = marked(found, devices)
    return told.standing, told.device


def test_by_identity_first() -> None:
    """Whatever stands in the registry at that address: the identity decides."""
    elsewhere = gx("bess-1", "10.0.0.99", "B827EB000001")
    here = gx("bess-2", "10.0.0.21", "c0619ab00002")
    assert standing(GX) == ("new", "")
    assert standing(GX, elsewhere) == ("moved", "bess-1")
    assert standing(GX, here) == ("swapped", "bess-2")
    assert standing(GX, here, elsewhere) == ("moved", "bess-1")
    assert standing(GX, gx("bess-4", "10.0.0.21", "c0619ab00002", 18830)) == ("new", ""), (
        "several GX behind one address, at ports of their own"
    )
    assert standing(GX, gx("bess-3", "10.0.0.21", "b827eb000001", 8883)) == ("known", "bess-3")


def test_by_address_where_nobody_is_pinned() -> None:
    """An entry without an identity is the device at its address; a name counts as its address."""
    assert standing(GX, gx("bess-1", "10.0.0.21", "")) == ("known", "bess-1")
    named = gx("bess-1", "gx-1.local", "")._replace(addresses=frozenset({"10.0.0.21"}))
    assert standing(GX, named) == ("known", "bess-1")
    meter = known("stage-a", "10.0.0.31", 502, unit=5, heard=False, who=None)
    assert standing(METER, meter) == ("known", "stage-a")
    assert standing(METER, meter._replace(unit=7)) == ("new", "")
    assert standing(METER, meter._replace(port=5020)) == ("new", "")


def test_who_is_left_alone() -> None:
    """Read devices unless named, and one-master devices whatever was named."""
    read = known("stage-a", "10.0.0.31", 502)
    alone = read._replace(alone=True, heard=False)
    silent = read._replace(heard=False)
    assert untouched("10.0.0.31", [read], []) == [read]
    assert untouched("10.0.0.31", [read], ["10.0.0.31"]) == []
    assert untouched("10.0.0.31", [alone], ["10.0.0.31"]) == [alone]
    assert untouched("10.0.0.31", [silent], []) == []
    assert untouched("10.0.0.32", [read, alone], []) == []


def test_one_gx_by_several_ways() -> None:
    """SSDP and MQTT, two addresses, a refused login: one device, the best of each."""
    book = Book()
    by_ssdp = structs.replace(GX, port=0, ways=("ssdp",), title="Venus GX", hints=("off",))
    refused = structs.replace(
        GX, serial="", title="", model="", ways=("mqtt",), sure=False, needs_password=True
    )
    book.add(by_ssdp)
    book.add(refused)
    book.add(structs.replace(by_ssdp, host="10.0.0.22"))
    (one,) = book.results()
    assert (one.serial, one.port, one.sure, one.needs_password) == (GX.serial, 1883, True, True)
    assert one.ways == ("mqtt", "ssdp")
    assert "it answers at 10.0.0.22 too" in one.hints
    book.add(structs.replace(GX, serial="c0619ab00002"))
    assert len(book.results()) == 2, "another portal id is another GX, at the same address too"


def test_proposals() -> None:
    """Its own name as an id, else what it is and a number; pinned by what it said."""
    book = Book([known("stage", "10.9.9.9", 502), known("meter-1", "10.9.9.8", 502)])
    book.add(GX)
    book.add(structs.replace(GX, host="10.0.0.23", serial="c0619ab00002", title=""))
    book.add(structs.replace(METER, unit=5, port=5020))
    book.add(structs.replace(METER, serial="", host="10.0.0.40"))
    first, second, third, fourth = (one.table for one in book.results())
    assert first == {
        "id": "stage-1", "kind": "gx", "host": "10.0.0.21", "name": "Stage",
        "portal_id": "b827eb000001",
    }  # fmt: skip
    assert (second["id"], second["name"]) == ("bess-1", "Cerbo GX 0002")
    assert third == {
        "id": "meter-2", "kind": "acuvim", "host": "10.0.0.31", "name": "Acuvim IIR AH1",
        "port": 5020, "unit": 5, "serial": "AH1",
    }  # fmt: skip
    assert (fourth["id"], fourth["name"]) == ("meter-3", "Acuvim IIR 10.0.0.40")
    unknown = Found(kind=DeviceKind.MODBUS, host="h", port=502, unit=1)
    assert proposed(unknown, set()).table == {}


@pytest.mark.parametrize(("ways", "pinned"), [(("solar api",), False), (("modbus",), True)])
def test_what_only_a_solar_api_says_is_not_pinned(ways, pinned):
    """A Solar API may call an inverter otherwise than SunSpec does: as its pinned serial number
    that would make it a wrong device once its Modbus is on."""
    found = Found(
        kind=DeviceKind.FRONIUS, host="10.0.0.9", port=502, unit=1, units=(1,), serial="38183",
        asset_kind=AssetKind.PV, ways=ways,
    )  # fmt: skip
    assert ("serial" in proposed(found, set()).table) is pinned


TEXT = st.text(max_size=30)
FOUND = st.builds(
    Found,
    kind=st.sampled_from([DeviceKind.GX, DeviceKind.ACUVIM, DeviceKind.FRONIUS]),
    host=st.integers(1, 254).map(lambda n: f"10.0.0.{n}"),
    port=st.sampled_from([0, 502, 1883, 8883, 2000]),
    unit=st.none() | st.integers(0, 247),
    tls=st.booleans(),
    model=TEXT,
    serial=st.just("") | st.text("0123456789abcdefAH", min_size=1, max_size=16),
    title=TEXT,
    asset_kind=st.none() | st.sampled_from(list(AssetKind)),
    ways=st.sampled_from([("mqtt",), ("ssdp",), ("modbus",), ("solar api",)]),
)


@given(found=st.lists(FOUND, max_size=12))
def test_every_table_is_one_that_the_registry_takes(
    tmp_path_factory, found: Iterable[Found]
) -> None:
    """Whatever was found: ids are unique, and all tables together are a sound registry, but for
    two that say the same address."""
    book = Book([known("bess-1", "10.9.9.9", 502)])
    for one in found:
        book.add(one)
    tables = [one.table for one in book.results() if one.table]
    assert len({table["id"] for table in tables}) == len(tables)
    home = make_home(tmp_path_factory.mktemp("home"))
    for table in tables:
        (device,) = check_registry(home, {}, {"device": [dict(table)]}).devices
        assert device.id == table["id"]
