"""What of registry.toml is in force, whoever changes it."""

import pytest

from collector.config.load import load_registry
from collector.config.problems import ConfigError, RegistryChanged
from collector.errors import NotPossible
from collector.serve.keeper import BY_HAND, Change, RegistryKeeper, takes_from
from tests.config.homes import device, make_home

OTHER = '\n[[device]]\nid = "stage-a"\nkind = "acuvim"\nhost = "10.0.0.9"\nsystem = "bess-1"\n'
MORE = OTHER.replace("stage-a", "stage-b").replace("10.0.0.9", "10.0.0.10")


class Kept:
    """A keeper over real files, and what it brought into force."""

    def __init__(self, folder, active=()):
        self.home = make_home(folder, registry=device() + OTHER)
        self.changes: list[Change] = []
        self.keeper = RegistryKeeper(
            self.home,
            {},
            load_registry(self.home, {}),
            take_up=self._take_up,
            active=lambda: active,
        )

    async def _take_up(self, change):
        self.changes.append(change)

    def write(self, text):
        """An editor saves the file, by putting another in its place."""
        new = self.home.registry_toml.with_suffix(".new")
        new.write_text(text)
        new.replace(self.home.registry_toml)

    async def looks(self, times=2):
        """Time passes."""
        for _ in range(times):
            await self.keeper.look()

    def ids(self):
        """The devices in force."""
        return [one.id for one in self.keeper.in_force.devices]


@pytest.fixture
def kept(tmp_path):
    """A keeper without an event."""
    return Kept(tmp_path)


async def test_a_replacement_is_in_force_when_it_is_answered(kept):
    """What was and what is are handed on, with person, reason and time."""
    found = await kept.keeper.read()
    assert found.etag == found.in_force
    tables = {**found.registry, "device": found.registry["device"][:1]}
    done = await kept.keeper.replace(
        tables, found.etag, person="anna", reason="returned", at_ms=1_000
    )
    assert done.etag == done.in_force != found.etag
    (change,) = kept.changes
    assert [one.id for one in change.before.devices] == ["bess-1", "stage-a"]
    assert [one.id for one in change.after.devices] == ["bess-1"]
    assert (change.person, change.reason, change.at_ms) == ("anna", "returned", 1_000)
    await kept.looks()
    assert len(kept.changes) == 1, "its own saving is no hand edit"


async def test_what_cannot_be_leaves_everything(kept):
    """A broken registry, or one for another version: nothing is written or taken up."""
    found = await kept.keeper.read()
    with pytest.raises(ConfigError):
        await kept.keeper.replace({"device": [{"id": "x"}]}, found.etag, person="p")
    with pytest.raises(RegistryChanged):
        await kept.keeper.replace(found.registry, '"other"', person="p")
    assert not kept.changes
    assert await kept.keeper.read() == found


async def test_a_hand_edit_is_taken_up_once_it_stands_still(kept):
    """The look after the one that saw it; a file in the midst of being written is let be."""
    kept.home.registry_toml.write_text("")
    await kept.looks(1)
    kept.home.registry_toml.write_text(device())
    await kept.looks(1)
    assert not kept.changes
    await kept.looks(1)
    assert kept.ids() == ["bess-1"]
    (change,) = kept.changes
    assert change.person == BY_HAND


async def test_a_touched_file_changes_nothing(kept):
    """The same bytes are the same registry."""
    kept.write(device() + OTHER)
    await kept.looks(3)
    assert not kept.changes


async def test_a_broken_hand_edit_is_refused_with_its_line(kept):
    """The old one stays in force until the file is mended."""
    kept.write(device() + OTHER + "unti = 3\n")
    await kept.looks(3)
    assert kept.ids() == ["bess-1", "stage-a"]
    line = (device() + OTHER).count("\n") + 1
    assert f"registry.toml:{line}" in kept.keeper.problem
    assert "stays in force" in kept.keeper.problem
    told = await kept.keeper.read()
    assert told.problem == kept.keeper.problem
    assert told.in_force != told.etag
    kept.write(device())
    await kept.looks()
    assert kept.keeper.problem == ""
    assert kept.ids() == ["bess-1"]


@pytest.mark.parametrize("more", ["unti = 3\n", 'name = "Stage A"\n'])
async def test_a_hand_edit_can_be_undone(kept, more):
    """Sound or broken, undo goes back to what was in force before it."""
    found = await kept.keeper.read()
    shorter = {**found.registry, "device": found.registry["device"][:1]}
    await kept.keeper.replace(shorter, found.etag, person="p")
    first = kept.home.registry_toml.read_text()
    kept.write(first + more)
    await kept.looks()
    await kept.keeper.undo(person="anna")
    assert kept.home.registry_toml.read_text() == first
    assert kept.ids() == ["bess-1"]
    await kept.keeper.undo(person="anna")
    assert kept.ids() == ["bess-1", "stage-a"]


async def test_a_file_that_is_gone_takes_nothing_along(kept):
    """Devices go on; put back as it was, all is well."""
    kept.home.registry_toml.rename(kept.home.registry_toml.with_name("moved"))
    await kept.looks(3)
    assert "is gone" in kept.keeper.problem
    assert not kept.changes
    kept.write(device() + OTHER)
    await kept.looks()
    assert kept.keeper.problem == ""
    assert not kept.changes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (device(), "stage-a is removed"),
        (device() + OTHER + "enabled = false\n", "stage-a is disabled"),
        (
            device() + OTHER.replace("10.0.0.9", "10.0.0.8"),
            "stage-a is reached otherwise (10.0.0.9:502 → 10.0.0.8:502)",
        ),
        (device() + OTHER.replace('"bess-1"', '"s-9"'), "stage-a goes to another system (s-9)"),
    ],
)
async def test_in_an_event_what_takes_something_away_waits(tmp_path, text, said):
    """It is shown, and comes into force when somebody says so."""
    kept = Kept(tmp_path, active=("bess-1",))
    kept.write(text)
    await kept.looks(3)
    assert not kept.changes
    told = await kept.keeper.read()
    assert told.waits == (said,)
    assert "ovr registry apply" in kept.keeper.problem
    done = await kept.keeper.apply(person="anna")
    assert (done.waits, done.problem) == ((), "")
    assert done.etag == done.in_force
    assert [change.person for change in kept.changes] == ["anna"]


async def test_in_an_event_the_rest_is_taken_up(tmp_path):
    """A name or a further device disturbs nobody, nor does a system that is not in the event."""
    kept = Kept(tmp_path, active=("bess-1",))
    kept.write(device() + OTHER + 'name = "Stage A"\n' + MORE)
    await kept.looks()
    assert kept.ids() == ["bess-1", "stage-a", "stage-b"]
    elsewhere = Kept(tmp_path / "2", active=("s-9",))
    elsewhere.write(device())
    await elsewhere.looks()
    assert elsewhere.ids() == ["bess-1"]


def test_an_assets_own_system_counts(tmp_path):
    """A device of which one asset stands in the event's system is part of it."""
    home = make_home(
        tmp_path, registry=device() + '[[asset]]\nid = "bess-1.genset"\nsystem = "s-7"\n'
    )
    before = load_registry(home, {})
    home.registry_toml.write_text("version = 1\n")
    after = load_registry(home, {})
    assert takes_from(before, after, {"s-7"}) == ("bess-1 is removed",)
    assert takes_from(before, after, {"s-8"}) == ()


async def test_undo(kept):
    """The version before comes back and into force; without one it is refused."""
    with pytest.raises(NotPossible, match="no earlier version"):
        await kept.keeper.undo(person="p")
    found = await kept.keeper.read()
    await kept.keeper.replace({"version": 1}, found.etag, person="p")
    assert kept.ids() == []
    done = await kept.keeper.undo(person="anna")
    assert kept.ids() == ["bess-1", "stage-a"]
    assert done.registry == found.registry
    assert kept.changes[-1].person == "anna"


async def test_a_secret_reaches_the_devices_that_use_it(tmp_path):
    """Another password is in force at once."""
    kept = Kept(tmp_path)
    await kept.keeper.set_secret("gx", "one", person="p")
    assert not kept.changes, "nobody uses it"
    kept.write(device(more='password_secret = "gx"'))
    await kept.looks()
    await kept.keeper.set_secret("gx", "two", person="anna")
    change = kept.changes[-1]
    assert change.before.devices[0].password == "one"
    assert change.after.devices[0].password == "two"
