"""Changes of the registry, and taking them back."""

import multiprocessing
import tomllib
from pathlib import Path

import pytest

from collector.config.load import check_registry, load_registry
from collector.config.paths import Home
from collector.config.problems import ConfigError, RegistryChanged
from collector.config.write import read_tables, revision_of, save_registry, undo
from collector.errors import NotPossible
from collector.model.kinds import DeviceKind
from tests.config.homes import device, make_home


def tables(*names: str) -> dict[str, object]:
    """A registry of GX devices with these ids."""
    return {
        "version": 1,
        "device": [{"id": name, "kind": "gx", "host": f"{name}.local"} for name in names],
    }


def ids(home: Home) -> list[str]:
    """The devices of the registry in force."""
    return [found.id for found in load_registry(home, {}).devices]


def test_saved_and_read_again(tmp_path) -> None:
    """What was saved is what is read, at the revision that saving returned."""
    home = make_home(tmp_path)
    assert revision_of(home) == ""
    revision = save_registry(home, tables("a", "b"))
    assert ids(home) == ["a", "b"]
    assert load_registry(home, {}).revision == revision_of(home) == revision
    assert read_tables(home) == (tables("a", "b"), revision)


def test_tuples_and_enumerations(tmp_path) -> None:
    """Tuples and enumerations are written as the lists and texts that they stand for."""
    home = make_home(tmp_path)
    entry = {"id": "a", "kind": DeviceKind.GX, "host": "h"}
    save_registry(home, {"device": (entry,)})
    assert load_registry(home, {}).devices[0].kind is DeviceKind.GX


@pytest.mark.parametrize("bad", [{"device": [None]}, {"a": float("nan")}, {"a": object()}])
def test_what_is_no_toml(tmp_path, bad) -> None:
    """Tables that TOML cannot hold are refused and the old registry stands."""
    home = make_home(tmp_path, registry=device())
    with pytest.raises(ConfigError):
        save_registry(home, bad)
    assert home.registry_toml.read_text() == device()


def test_somebody_was_faster(tmp_path) -> None:
    """A change made for another revision is refused; for the right one it is written."""
    home = make_home(tmp_path)
    first = save_registry(home, tables("a"), expect_revision="")
    second = save_registry(home, tables("b"), expect_revision=first)
    with pytest.raises(RegistryChanged, match="changed it meanwhile; nothing was written"):
        save_registry(home, tables("c"), expect_revision=first)
    assert ids(home) == ["b"]
    save_registry(home, tables("c"), expect_revision=second)
    assert ids(home) == ["c"]


def test_nine_earlier_versions(tmp_path) -> None:
    """The nine versions before are kept, the youngest as .1; older ones go."""
    home = make_home(tmp_path)
    for number in range(12):
        save_registry(home, tables(f"d{number}"))
    kept = {path.name: path.read_text() for path in home.config.glob("registry.toml.*")}
    assert set(kept) == {f"registry.toml.{n}" for n in range(1, 10)}
    assert 'id = "d10"' in kept["registry.toml.1"]
    assert 'id = "d2"' in kept["registry.toml.9"]


def test_nothing_changed_keeps_nothing(tmp_path) -> None:
    """Saving what stands already makes no version."""
    home = make_home(tmp_path)
    assert save_registry(home, tables("a")) == save_registry(home, tables("a"))
    assert not list(home.config.glob("registry.toml.*"))


def test_undo_step_by_step(tmp_path) -> None:
    """Undo goes back one change at a time, hand edits included, until there is none."""
    home = make_home(tmp_path)
    save_registry(home, tables("a"))
    save_registry(home, tables("b"))
    home.registry_toml.write_text(device("by-hand"))
    save_registry(home, tables("c"))
    seen = []
    for _ in range(2):
        assert undo(home) == revision_of(home)
        seen += ids(home)
    assert seen == ["by-hand", "a"]
    assert 'id = "by-hand"' in home.config.joinpath("registry.toml.undone").read_text()
    with pytest.raises(NotPossible, match="no earlier version"):
        undo(home)
    assert ids(home) == ["a"]


def test_undo_of_a_broken_edit(tmp_path) -> None:
    """A registry that is no TOML any more can be taken back."""
    home = make_home(tmp_path)
    save_registry(home, tables("a"))
    save_registry(home, tables("b"))
    home.registry_toml.write_bytes(b"\xff[[")
    undo(home)
    assert ids(home) == ["a"]


def test_undo_into_a_broken_version(tmp_path) -> None:
    """A kept version that is broken is refused and nothing changes."""
    home = make_home(tmp_path)
    home.registry_toml.write_text("[[")
    save_registry(home, tables("b"))
    with pytest.raises(ConfigError, match=r"registry.toml \(earlier\):1: is no TOML"):
        undo(home)
    assert ids(home) == ["b"]


def test_undo_after_a_cut(tmp_path) -> None:
    """A power cut between keeping and replacing leaves a version like the file: undo passes it."""
    home = make_home(tmp_path)
    save_registry(home, tables("a"))
    save_registry(home, tables("b"))
    first = home.config / "registry.toml.1"
    first.rename(home.config / "registry.toml.2")
    first.write_bytes(home.registry_toml.read_bytes())
    undo(home)
    assert ids(home) == ["a"]
    assert not list(home.config.glob("registry.toml.[0-9]"))


def test_undo_keeps_pinned_identities(tmp_path) -> None:
    """Identities found since the version that undo goes back to stay pinned, as long as the
    device stands at the same address."""
    home = make_home(tmp_path)
    save_registry(home, tables("a", "b"))
    changed = tables("a", "b", "c")
    changed["device"][0]["portal_id"] = "one"  # type: ignore[index]
    changed["device"][1].update(portal_id="two", host="elsewhere")  # type: ignore[index]
    save_registry(home, changed)
    undo(home)
    assert [d.portal_id for d in load_registry(home, {}).devices] == ["one", ""]


def test_checked_before_it_is_saved(tmp_path) -> None:
    """Tables are judged as the file that they would be, without writing; the revision is its."""
    home = make_home(tmp_path)
    checked = check_registry(home, {}, tables("a"))
    assert not home.registry_toml.exists()
    assert save_registry(home, tables("a")) == checked.revision
    with pytest.raises(ConfigError, match="is the id of another device"):
        check_registry(home, {}, tables("a", "a"))


def _add(folder: Path, name: str) -> None:
    home = make_home(folder)
    while True:
        now, revision = read_tables(home)
        entries = now.get("device", [])
        entries.append({"id": name, "kind": "gx", "host": f"{name}.local"})
        try:
            save_registry(home, {**now, "device": entries}, expect_revision=revision)
        except RegistryChanged:
            continue
        return


def test_many_writers(tmp_path) -> None:
    """Programs that change the registry at the same time lose none of the changes."""
    context = multiprocessing.get_context("spawn")
    names = [f"d{n}" for n in range(4)]
    workers = [context.Process(target=_add, args=(tmp_path, name)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert sorted(ids(make_home(tmp_path))) == names
    assert tomllib.loads((tmp_path / "config" / "registry.toml.1").read_text())
