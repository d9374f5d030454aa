"""Assets by their names, wherever a person reads of them."""

import pytest

from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.site.links import describe
from ovr_tui.console.called import in_names, name_of, names_of, told_apart, without_place
from tests.console.pages_walk import walk
from tests.console.readers import make_app, screen_text, settle
from tests.console.whole_scene import whole_reader, whole_shot
from tests.support.kinds import one_of_each
from tests.support.snapshots import asset, snapshot

NAMES = names_of(one_of_each())


def test_names_stand_for_ids() -> None:
    """What is known is called by its name, what is not by its id; a name of any length is cut."""
    shot = snapshot(
        asset("load-1", name="Stage A"), asset("x", name=""), asset("y", name="n" * 500)
    )
    assert [name_of(shot, one) for one in ("load-1", "x", "gone")] == ["Stage A", "x", "gone"]
    assert names_of(shot)["load-1"] == "Stage A"
    assert names_of(None)["load-1"] == "load-1"
    assert len(names_of(shot)["y"]) < 60


@pytest.mark.parametrize("kind", LinkType)
def test_links_in_names(kind: LinkType) -> None:
    """A link as the collector words it names the other asset."""
    said = describe(Link(asset="bess-1", type=kind, other="bess-1.grid"))
    assert in_names(said, NAMES).endswith("Shore feed (registry)")


def test_only_ids_become_names() -> None:
    """Whole ids do, at the end of a sentence too; parts of words, numbers, addresses, and what is
    typed into a shell do not."""
    for text, wanted in (
        ("bess-1 is stale: it says nothing", "BESS 1 Main stage is stale: it says nothing"),
        ("fed by bess-1.grid.", "fed by Shore feed."),
        ("bess-1, stage-a", "BESS 1 Main stage, Stage A transformer"),
        ("x-bess-1 bess-12 bess-1.grid.x sub.bess-1", "x-bess-1 bess-12 bess-1.grid.x sub.bess-1"),
        ("48.2 kW at 10.0.0.1:502", "48.2 kW at 10.0.0.1:502"),
        ("pair again with ovr registry pair bess-1", "pair again with ovr registry pair bess-1"),
    ):
        assert in_names(text, NAMES) == wanted


def test_equal_names_are_told_apart() -> None:
    """Where two have one name, their ids stand beside it."""
    views = [asset("a-1", name="Genset"), asset("a-2", name="Genset"), asset("b", name="Grid")]
    assert [text for _, text in told_apart(views)] == ["Genset (a-1)", "Genset (a-2)", "Grid"]


ITS_OWN = {"asset", "devices", "devices by kind", "device", "commands"}
"""Pages that name an id beside the name: whoever types one finds it there."""


@pytest.mark.timeout(180)
async def test_no_page_has_ids_for_names() -> None:
    """Wherever one goes, assets stand by their names. (Those of a device's roles are looked for:
    ids of devices are words, and names of systems too.)"""
    shot = whole_shot()
    ids = [view.id for view in shot.assets if "." in view.id]
    assert ids
    app, _ = make_app(reader=whole_reader(shot), hosted=True)
    found: dict[str, list[str]] = {}
    async with app.run_test(size=(160, 60)) as pilot:
        await settle(pilot)
        async for name in walk(pilot):
            text = screen_text(app)
            if here := [one for one in ids if one in text]:
                found[name] = here
    assert set(found) <= ITS_OWN, found


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("10.0.0.5:502 refuses the connection. Check", "refuses the connection. Check"),
        ("10.0.0.5:502 unit 3 gave no answer within 2 s.", "gave no answer within 2 s."),
        ("10.0.0.5:502 unit 3, registers 1–2: the unit is busy", "the unit is busy"),
        ("[fe80::1]:502: the connection was closed", "the connection was closed"),
        ("the GX c061 at gx-1.local:1883: its heartbeat stands", "its heartbeat stands"),
        ("the certificate of 10.0.0.5:8883 has changed", "the certificate of 10.0.0.5:8883 has "
         "changed"),
        ("AH9 answers, AH1 is pinned", "AH9 answers, AH1 is pinned"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_comes_before_where(told: str, shown: str) -> None:
    """A cause that begins with its address is shown from what failed on; any other as it is."""
    assert without_place(told) == shown
