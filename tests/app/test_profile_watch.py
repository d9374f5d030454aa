"""Profiles that are edited while their devices are read."""

import pytest

from collector.app.profile_watch import ProfileWatch
from collector.app.sources import kind_by_profile
from collector.model.kinds import AssetKind
from tests.support.sites import device

SOUND = (
    'schema = 1\ntitle = "A meter"\nkind = "load"\ntransport = "modbus"\n'
    '[[point]]\nname = "power"\naddress = 0\ntype = "s16"\nunit = "W"\n'
    'measurement = "load_power_w"\n'
)


class Watched:
    """A watch over a real folder, and what it took up."""

    def __init__(self, folder):
        self.folder = folder / "profiles"
        self.folder.mkdir()
        self.taken = []
        (self.folder / "mine.toml").write_text(SOUND)
        self.watch = ProfileWatch(folder, used=lambda: {"mine", "dse-gencomm"}, changed=self._take)

    async def _take(self, names):
        self.taken.append(sorted(names))

    async def looks(self, times=2):
        for _ in range(times):
            await self.watch.look()


@pytest.fixture
def watched(tmp_path):
    """The site's profile `mine` is in use."""
    return Watched(tmp_path)


async def test_an_edit_that_stands_still_is_taken_up(watched):
    """Once, at the second look that sees the same."""
    (watched.folder / "mine.toml").write_text(SOUND + "scale = 0.1\n")
    await watched.looks(1)
    assert watched.taken == []
    await watched.looks(3)
    assert watched.taken == [["mine"]]
    assert watched.watch.problem == ""


async def test_a_broken_edit_leaves_its_devices_alone(watched):
    """It says where it is broken, until it is mended."""
    (watched.folder / "mine.toml").write_text(SOUND + "scael = 0.1\n")
    await watched.looks(3)
    assert watched.taken == []
    assert "mine.toml:11" in watched.watch.problem
    (watched.folder / "mine.toml").write_text(SOUND)
    await watched.looks()
    assert watched.taken == [["mine"]]
    assert watched.watch.problem == ""


async def test_one_that_shadows_a_shipped_profile(watched):
    """Put there it counts, and taken away the shipped one does."""
    file = watched.folder / "dse-gencomm.toml"
    file.write_text(SOUND)
    await watched.looks()
    file.unlink()
    await watched.looks()
    assert watched.taken == [["dse-gencomm"], ["dse-gencomm"]]


def test_the_kind_before_a_device_answers(watched):
    """A profile says what its devices are; without one nobody does."""
    config = watched.folder.parent
    assert kind_by_profile(config, device(profile="dse-gencomm")) is AssetKind.GENERATOR
    assert kind_by_profile(config, device(profile="mine")) is AssetKind.LOAD
    assert kind_by_profile(config, device(profile="nothing")) is None
    assert kind_by_profile(config, device()) is None


async def test_nobody_uses_it(watched):
    """A profile without devices disturbs nobody, broken or not."""
    (watched.folder / "other.toml").write_text("[[")
    await watched.looks(3)
    assert watched.taken == []
    assert watched.watch.problem == ""
