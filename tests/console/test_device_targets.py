"""Where to look for devices is checked while it is typed, as the collector would."""

import pytest

from collector.discovery.plan import _sort_in
from collector.errors import OvrError
from ovr_tui.console.devices.targets import targets, targets_wrong
from tests.console import event_scene
from tests.console.pages_walk import go
from tests.console.readers import make_app, screen_text, settle
from tests.console.whole_scene import whole_reader

GOOD = (
    "10.20.0.0/24", "10.20.0.21/24", "10.20.0.21", "gx-1.local", "GX-1.local.", "10.20.0.31:2000",
    "gx-1:502", "fd00::21", "::1", "127.0.0.1", "a_b",
)  # fmt: skip
BAD = (
    "x" * 500, "10.20.0.300", "10.20.0", "10.20.0.0/33", "http://gx-1", "gx-1/path", "fd00::/64",
    "gx-1:0", "gx-1:65536", "gx-1:", "gx-1:abc", "[::1]:502", "-gx", "gx!", "10.20.0.21:99999",
    "gx..local", "fd00::zz",
)  # fmt: skip


@pytest.mark.parametrize("target", [*GOOD, *BAD])
def test_what_the_collector_takes_is_taken_and_nothing_else(target: str) -> None:
    """A target is refused here if the collector would refuse it, in words and in few of them."""
    said = targets_wrong(target)
    assert len(said) < 110
    assert bool(said) is (target in BAD)
    try:
        _sort_in(target, [], [])
    except OvrError:
        assert said
    else:
        assert not said


def test_each_target_counts() -> None:
    """Blanks and commas part them; of many the first wrong one is named; during an event networks
    are none; there are never more than the collector takes."""
    assert targets(" a, b  c,d ") == ("a", "b", "c", "d")
    assert targets_wrong("") == ""
    assert targets_wrong("gx-1 10.20.0.0/24") == ""
    assert targets_wrong("gx-1 gx! -x").startswith("gx! is no host name")
    assert "only single hosts now" in targets_wrong("gx-1, 10.20.0.0/24", only_hosts=True)
    assert targets_wrong(" ".join(["gx"] * 64)) == ""
    assert "at most 64 at once; these are 65" in targets_wrong(" ".join(["gx"] * 65))


async def test_what_is_no_target_is_not_sent() -> None:
    """The words stand beside the field while it is typed, and ctrl+s sends nothing."""
    reader = whole_reader(event_scene.shot())
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await go(pilot, "d f f")
        await settle(pilot)
        await pilot.press("ctrl+u", *"gx!")
        await settle(pilot)
        text = screen_text(app)
        assert "Look for devices" in text
        line = next(line for line in text.splitlines() if " where" in line)
        assert "gx! is no host name" in line
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert not [path for _, path, _ in reader.sent if path == "/v1/discover"]
