"""What keeps a display from being live. Pure."""

from msgspec import structs

from ovr_tui.console.kiosk.frame import picture
from ovr_tui.console.kiosk.turn import Turn
from ovr_tui.console.link import LinkState
from ovr_tui.console.now import ConsoleHealth
from ovr_tui.console.text import plain
from tests.console.kiosk.support import CREW, festival
from tests.console.test_event_words import NOW


def test_a_fault_does_not_hide_that_the_collector_is_lost() -> None:
    """A display whose own fault is told still says that nothing on it is live."""
    lost = structs.replace(
        NOW, snapshot=festival(), silent_s=30.0, link=LinkState(attached=False, losses=1),
        console=ConsoleHealth(fault="a fault of ours"),
    )  # fmt: skip
    lines = [plain(line) for line in picture(lost, CREW, Turn(), 80, 24).lines]
    assert len(lines) == 24
    said = "\n".join(lines[:6])
    assert "a fault of ours" in said
    assert "COLLECTOR LOST" in said
