"""Who each device is: what is pinned, who answers instead, and what is done about it."""

import pytest
from msgspec import structs

from collector.errors import WrongDevice
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.reading import Identity
from collector.site.identities import Pin
from tests.site.test_energy import energy, meter, poll
from tests.support.sites import Clocked, device


def two(**more):
    """A site of two GX."""
    return Clocked(device("d1", DeviceKind.GX, **more), device("d2", DeviceKind.GX))


def connect(c, name, serial):
    """Somebody answers at a device."""
    c.image(name).reset()
    c.image(name).identify(Identity(serial=serial))


def test_a_stranger_is_remembered_and_named():
    """Who answers where somebody else is expected is known by its serial, and the reason names
    what can be done; once the right one answers there is no stranger."""
    c = two()
    connect(c, "d1", "S1")
    connect(c, "d2", "S2")
    for name, serial in (("d1", "s2"), ("d2", "S1")):
        c.image(name).left()
        c.image("d1").left()
        with pytest.raises(WrongDevice, match=f"ovr asset swap {name}") as told:
            connect(c, name, serial)
        assert f"ovr asset move {name} --seek" in str(told.value)
        assert f"ovr asset forget {name}" in str(told.value)
    identities = c.site.identities
    assert (identities.seen_at("S1"), identities.seen_at("S2")) == ("d2", "d1")
    connect(c, "d1", "S1")
    assert identities.seen_at("S2") == ""


def test_first_contacts_are_told_once():
    """Whoever is pinned is told of, and so is whoever takes the place of a pin that the registry
    has overruled."""
    c = two()
    met = []
    c.site.identities.met = lambda *who: met.append(who)
    connect(c, "d1", "S1")
    connect(c, "d1", "S1")
    stated = structs.replace(c.image("d1").device, portal_id="S9")
    c.site.apply([stated, c.image("d2").device], {}, ())
    with pytest.raises(WrongDevice):
        connect(c, "d1", "S1")
    connect(c, "d1", "s9")
    assert met == [("d1", "S1"), ("d1", "s9")]
    assert c.site.identities.serials() == {"d1": "s9"}


def test_units_behind_a_device_are_told():
    """A GX tells the serials of what it reads: each is told once, and another one that stands there
    later."""
    c = two()
    met = []
    c.site.identities.met = lambda *who: met.append(who)
    connect(c, "d1", "S1")
    for serial in ("G1", "G1", "G2"):
        c.image("d1").declare("genset", AssetKind.GENERATOR, serial=serial)
        c.tick()
    assert met == [("d1", "S1"), ("d1.genset", "G1"), ("d1.genset", "G2")]


def test_a_certificate_goes_with_its_device():
    """Facts of the former unit are forgotten with it, those of other devices stay."""
    c = two()
    for name in ("d1", "d2"):
        connect(c, name, name)
        c.image(name).pin("certificate", f"of {name}")
    c.site.identities.replace("d1", "S7", "GX")
    assert c.site.identities.pins == {
        "d1": Pin("S7", "GX"),
        "d2": Pin("d2", ""),
        "d2 certificate": Pin("of d2", ""),
    }
    assert c.site.unsaved


@pytest.mark.parametrize("serial", ["S1", ""])
def test_a_swap_is_a_baseline_whoever_it_is(serial):
    """A person says that another meter hangs there now, on a connection that stands: its first
    reading adds nothing, though no serial tells it from the former; then it counts."""
    c = meter(serial=serial)
    poll(c, 100.0)
    poll(c, 100.5)
    c.site.rebase("d1")
    poll(c, 101.2)
    assert energy(c) == 0.5
    poll(c, 101.4)
    assert energy(c) == pytest.approx(0.7, abs=1e-3)


def test_a_swap_of_one_asset_leaves_the_others():
    """A generator behind a GX is swapped: the registers of the battery system go on."""
    c = two()
    connect(c, "d1", "S1")
    for role, kind in (("", AssetKind.BESS), ("genset", AssetKind.GENERATOR)):
        c.image("d1").declare(role, kind)
    keys = {"": "battery_charged_kwh", "genset": "generator_energy_kwh"}

    def say(kwh):
        for role, key in keys.items():
            c.image("d1").put_counter(role, key, kwh, path="p", unit="U")
        c.image("d1").alive()
        c.tick()

    say(10.0)
    c.site.rebase("d1", "genset")
    say(10.5)
    totals = {asset: state.total for (asset, _), state in c.site.counters.items()}
    assert totals == {"d1": 0.5, "d1.genset": 0.0}
