"""Which addresses a search may ask."""

import ipaddress
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.discovery.plan import MAX_HOSTS, PRIVATE, Interface, Spot, exclusion, plan
from collector.errors import NotPossible

NOTHING = exclusion(())


def card(address: str, name: str = "eth0") -> Interface:
    """An interface with this address and prefix."""
    host, _, _ = address.partition("/")
    network = IPv4Network(address, strict=False)
    return Interface(name=name, address=IPv4Address(host), network=network)


def hosts(found) -> list[str]:
    """The hosts of a plan, in order."""
    return [spot.host for spot in found.spots]


def test_without_a_word_the_local_networks_are_searched() -> None:
    """The private networks that the node stands in, without its own address; on both it shouts."""
    found = plan((), [card("10.20.0.5/29"), card("192.168.7.1/30", "wlan0")], NOTHING)
    assert hosts(found) == [
        "10.20.0.1", "10.20.0.2", "10.20.0.3", "10.20.0.4", "10.20.0.6", "192.168.7.2",
    ]  # fmt: skip
    assert [one.name for one in found.shouts] == ["eth0", "wlan0"]
    assert not found.named


def test_of_a_large_network_only_the_part_round_the_node() -> None:
    """A /16 has 65,534 addresses: its /24 round the node is searched, and a note says so."""
    found = plan((), [card("10.20.3.5/16")], NOTHING)
    assert len(found.spots) == 253
    assert hosts(found)[0] == "10.20.3.1"
    assert "only 10.20.3.0/24" in found.notes[0]


@pytest.mark.parametrize("address", ["203.0.113.5/24", "100.72.1.2/24", "169.254.9.9/16"])
def test_the_carriers_network_is_not_ours(address: str) -> None:
    """A public, a carrier's or a self-assigned network is never searched unasked."""
    found = plan((), [card(address, "wwan0"), card("10.0.0.2/30")], NOTHING)
    assert hosts(found) == ["10.0.0.1"]
    assert any("wwan0" in note and "no private network" in note for note in found.notes)
    with pytest.raises(NotPossible, match="nothing to search"):
        plan((), [card(address, "wwan0")], NOTHING)


def test_named_networks_and_hosts() -> None:
    """Networks, addresses, names and one port; each host once."""
    found = plan(
        ("10.20.0.0/30", "10.20.0.2", "GX-1.local.", "10.20.0.31:2000", "8.8.8.8"), [], NOTHING
    )
    assert found.spots == (
        Spot("10.20.0.2"), Spot("gx-1.local"), Spot("10.20.0.31", 2000), Spot("8.8.8.8"),
        Spot("10.20.0.1"),
    )  # fmt: skip
    assert found.named == {"10.20.0.2", "gx-1.local", "10.20.0.31", "8.8.8.8"}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("10.0.0.0/21", "too many"),
        ("8.8.8.0/24", "no private network"),
        ("100.64.0.0/24", "no private network"),
        ("0.0.0.0/0", "no private network"),
        ("fd00::/120", "name its hosts one by one"),
        ("10.0.0.0/33", "is no network"),
        ("10.0.0.300", "is no IP address"),
        ("http://10.0.0.1/", "is no network"),
        ("10.0.0.1:0", "holds a port"),
        ("224.0.0.1", "no address of one device"),
        ("", "is empty"),
        ("\x1b[31m", "is no host name"),
    ],
)
def test_what_is_refused(target: str, why: str) -> None:
    """Too much, not ours, or nonsense: said in words."""
    with pytest.raises(NotPossible, match=why):
        plan((target,), [], NOTHING)


def test_several_that_are_too_many_together() -> None:
    """The limit is for all targets of a search together."""
    with pytest.raises(NotPossible, match="name a /22"):
        plan(("10.0.0.0/23", "10.1.0.0/23", "10.2.0.0/29"), [], NOTHING)
    with pytest.raises(NotPossible, match="at most 64"):
        plan(tuple(f"10.0.0.{n}" for n in range(1, 70)), [], NOTHING)


def test_the_exclusion_list_stands_above_everything() -> None:
    """An excluded host is not asked though it was named, and that is said."""
    excluded = exclusion(("10.20.0.2", "10.20.0.8/29", "PLC.local", "fd00::1"))
    found = plan(("10.20.0.0/28", "plc.local"), [], excluded)
    assert hosts(found) == [f"10.20.0.{n}" for n in (1, 3, 4, 5, 6, 7)]
    assert "plc.local, 10.20.0.2" in found.notes[0]
    assert excluded.holds("FD00:0::1")
    with pytest.raises(NotPossible, match="exclude"):
        plan(("10.20.0.2",), [], excluded)


def test_during_an_event_only_hosts_that_were_confirmed() -> None:
    """No networks, not the local ones either; single hosts after a yes."""
    here = [card("10.20.0.5/29")]
    for targets in ((), ("10.20.0.0/29",), ("10.20.0.1", "10.20.0.0/30")):
        with pytest.raises(NotPossible, match="an event is on"):
            plan(targets, here, NOTHING, in_event=True, confirmed=True)
    with pytest.raises(NotPossible, match="may be asked"):
        plan(("10.20.0.1",), here, NOTHING, in_event=True)
    found = plan(("10.20.0.1",), here, NOTHING, in_event=True, confirmed=True)
    assert hosts(found) == ["10.20.0.1"]
    assert not found.shouts


ADDRESSES = st.integers(0, 2**32 - 1).map(lambda n: str(IPv4Address(n)))
NETWORKS = st.tuples(ADDRESSES, st.integers(8, 32)).map(lambda p: f"{p[0]}/{p[1]}")


@given(
    st.lists(NETWORKS, max_size=4), st.lists(NETWORKS, max_size=4), st.lists(NETWORKS, max_size=3)
)
def test_never_more_and_never_elsewhere(targets, cards, words) -> None:
    """Whatever is asked for: at most a /22, nothing public of a network, nothing excluded."""
    excluded = exclusion(words)
    try:
        found = plan(targets, [card(one) for one in cards], excluded)
    except NotPossible:
        return
    assert 0 < len(found.spots) <= MAX_HOSTS
    for spot in found.spots:
        address = IPv4Address(spot.host)
        assert any(address in net for net in (*PRIVATE, IPv4Network("127.0.0.0/8")))
        assert not any(address in ipaddress.ip_network(word, strict=False) for word in words)
