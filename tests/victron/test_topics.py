"""Topics of a GX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.victron.topics import Address, filters, is_noise, portal_of, split


def test_parts() -> None:
    """A topic splits into portal, service, instance (any string) and a path of any depth."""
    assert split("N/p1/vebus/276/Ac/Out/L1/P") == Address("p1", "vebus", "276", "Ac/Out/L1/P")
    assert split("N/p1/vecan/vecan0/Scan") == Address("p1", "vecan", "vecan0", "Scan")


@pytest.mark.parametrize(
    "topic",
    ["", "N", "N/p1", "N/p1/heartbeat", "N/p1/vebus", "N/p1/vebus/276", "N/p1/vebus/276/",
     "N/p1/vebus//P", "N//vebus/276/P", "R/p1/vebus/276/P", "N/p1/vebus/276/P/", "N/p1/a/b//",
     "N/p1/vebus/276/" + "P/" * 300, "N/p1/vebus/" + "2" * 65 + "/P"],
)  # fmt: skip
def test_no_address(topic: str) -> None:
    """Topics that are too short, too long or have an empty level are no address."""
    assert split(topic) is None


@given(st.text(max_size=80))
def test_any_topic(topic: str) -> None:
    """No topic makes the parser raise."""
    assert split(topic) is None or topic.startswith("N/")
    assert portal_of(topic) in topic


def test_noise() -> None:
    """Daily histories, device trees and line errors are noise; lifetime history is not."""
    assert is_noise("History/Daily/0/Yield")
    assert is_noise("Devices/0/Ac/Inverter/P")
    assert is_noise("VEDirect/TextChecksumErrors")
    assert not is_noise("History/ChargedEnergy")
    assert not is_noise("Yield/System")


def test_filters() -> None:
    """Only services that matter are asked for: no whole settings tree, no catch-all."""
    found = filters("p1")
    assert "N/p1/heartbeat" in found
    assert "N/p1/vebus/+/#" in found
    assert "N/p1/settings/+/Settings/SystemSetup/AcInput1" in found
    assert all(each.startswith("N/p1/") for each in found)
    assert not {"N/p1/#", "N/p1/settings/#", "N/p1/settings/+/#", "N/p1/logger/+/#"} & set(found)
    assert len(found) == len(set(found)) < 100
