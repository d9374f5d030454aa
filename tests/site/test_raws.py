"""Everything that a device says, as people see it who look for the cause of something."""

import math

from collector.model.kinds import AssetKind, DeviceKind
from collector.site.raws import raw_of
from tests.support.sites import Clocked, device


def gateway() -> Clocked:
    """A site with one GX that has an asset and two raw series."""
    c = Clocked(device(name="gx", kind=DeviceKind.GX))
    image = c.image("gx")
    image.declare("", AssetKind.BESS, name="BESS")
    image.declare("genset", AssetKind.GENERATOR, name="Genset")
    image.cell("victron_vebus_ac_out_p", {"portal_id": "b827eb01", "instance": "276"}).set(5.5)
    image.cell("victron_tank_level", {"portal_id": "b827eb01", "instance": "21"}).set(52.0)
    image.alive()
    c.tick()
    return c


def values(c: Clocked, asset: str = "gx"):
    """By name: labels, value, age, quality."""
    found = raw_of(c.site.images, asset, c.site.tick_no)
    assert found is not None
    return {each.name: (each.labels, each.value, each.age_s, each.quality) for each in found}


def test_a_unit_that_the_name_does_not_tell():
    """A source that knows a unit tells it with the series; the newest word counts."""
    c = gateway()
    for unit in ("bar", "kPa"):
        c.image("gx").cell("acme_oil", {}, unit).set(4.0)
        c.tick()
        found = raw_of(c.site.images, "gx", c.site.tick_no)
        assert found is not None
        assert {one.name: one.unit for one in found} == {
            "acme_oil": unit, "victron_tank_level": "", "victron_vebus_ac_out_p": "",
        }  # fmt: skip


def test_the_newest_values_with_their_ages():
    """By name, with the labels that tell a series from others of its device and no identity; ages
    count from when the device last said it. Each asset of a device has all that the device says."""
    c = gateway()
    image = c.image("gx")
    image.cell("victron_tank_level", {"portal_id": "b827eb01", "instance": "21"}).set(51.0)
    image.alive()
    c.tick()
    assert values(c) == {
        "victron_tank_level": ({"instance": "21"}, 51.0, 0.0, "good"),
        "victron_vebus_ac_out_p": ({"instance": "276"}, 5.5, 1.0, "good"),
    }
    assert values(c, "gx.genset") == values(c)


def test_without_a_value_and_silent():
    """What has no valid value is bad; what a silent device said last is stale, not gone."""
    c = gateway()
    image = c.image("gx")
    image.cell("victron_tank_level", {"portal_id": "b827eb01", "instance": "21"}).clear()
    image.alive()
    c.tick()
    assert values(c)["victron_tank_level"][1:] == (None, 0.0, "bad")
    c.tick(60)
    assert values(c)["victron_vebus_ac_out_p"][1] == 5.5
    assert values(c)["victron_vebus_ac_out_p"][3] == "stale"


def test_what_was_never_taken_is_not_told():
    """A series that no tick has seen yet is left out, as its age is unknown; so is an asset or
    device that there is not."""
    c = gateway()
    c.image("gx").cell("victron_new", {"instance": "0"}).set(math.pi)
    assert "victron_new" not in values(c)
    assert raw_of(c.site.images, "nobody", 1) is None
    assert raw_of(c.site.images, "gx.nothing", 1) is None
