"""registry.toml: assets and links."""

import pytest

from collector.model.kinds import AssetKind, LinkType
from tests.config.homes import device, make_home, problems, read

DEVICES = device("bess-1") + device("genset-1", "acuvim", "10.0.0.2") + device(
    "stage-a", "acuvim", "10.0.0.3"
)  # fmt: skip


def asset(name: str, *lines: str) -> str:
    """One `[[asset]]`."""
    return "\n".join(["[[asset]]", f'id = "{name}"', *lines, ""])


def wrong(tmp_path, text) -> list[str]:
    """The problems of the three devices with `text` behind them."""
    return problems(make_home(tmp_path, registry=DEVICES + text))


def test_settings_and_links(tmp_path) -> None:
    """Asset tables give settings by id and links; roles that are not known yet are accepted."""
    text = asset("bess-1.genset", 'same_as = "genset-1"') + asset(
        "stage-a", 'behind = "bess-1"', "rated_kva = 250", 'unit_no = "OES-7"', 'kind = "load"',
        'name = "Stage"', 'system = "bess-1"', "fuel_curve = [[0, 1], [50.5, 12]]",
        'account = "A"', 'accuracy_class = "0.5S"', 'certificate = "MID 1"',
    )  # fmt: skip
    loaded = read(make_home(tmp_path, registry=DEVICES + text))
    stage = loaded.settings["stage-a"]
    assert (stage.name, stage.kind, stage.system) == ("Stage", AssetKind.LOAD, "bess-1")
    assert (stage.unit_no, stage.ratings.rated_kva) == ("OES-7", 250)
    assert stage.fuel_curve == ((0, 1), (50.5, 12))
    assert (stage.account, stage.accuracy_class, stage.certificate) == ("A", "0.5S", "MID 1")
    assert [(link.asset, link.type, link.other) for link in loaded.links] == [
        ("bess-1.genset", LinkType.SAME_AS, "genset-1"),
        ("stage-a", LinkType.BEHIND, "bess-1"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            asset("bess-2.genset"),
            'asset[bess-2.genset].id: there is no device "bess-2" (did you mean',
        ),
        (asset("zzz"), "known here: bess-1, genset-1, stage-a"),
        (asset("bess-1."), "expected an asset"),
        (asset("bess-1.A"), "expected an asset"),
        (asset("stage-a", 'behind = "bess-9"'), 'behind: there is no device "bess-9"'),
        (asset("stage-a", 'behind = "stage-a"'), "behind: is the asset itself"),
        (asset("stage-a", 'behind = "bess-1"', 'same_as = "bess-1"'), "one of the two"),
        (asset("stage-a") + asset("stage-a"), '"stage-a" stands twice (line 14)'),
        (asset("stage-a", "rated_kva = 0"), "expected a number above 0, got 0"),
        (asset("stage-a", 'kind = "loads"'), "did you mean load?"),
        (asset("stage-a", "fuel_curve = [[1, 2]]"), "has one point"),
        (asset("stage-a", "fuel_curve = [[-1, 2], [3, 4]]"), "begins below 0"),
        (asset("stage-a", "fuel_curve = [[1, 2], [5, 1.5]]"), "does not rise at [5, 1.5]"),
        (asset("stage-a", "fuel_curve = [[1, 2], [5]]"), "fuel_curve[#2]"),
        (asset("stage-a", 'fuel_curve = [[1, 2], ["x", 2]]'), '[#1]: expected a number, got "x"'),
        (asset("stage-a", "fuel_curve = [[1, 2], [3, inf]]"), "expected a finite number"),
        (asset("stage-a", 'sameas = "bess-1"'), "did you mean same_as?"),
    ],
)
def test_wrong_assets(tmp_path, text, said) -> None:
    """Each mistake is told with its line and what to do."""
    found = wrong(tmp_path, text)
    assert any(said in line for line in found), found
    assert len(found) == 1


@pytest.mark.parametrize(
    "text",
    [
        asset("bess-1", 'behind = "stage-a"') + asset("stage-a", 'behind = "bess-1"'),
        asset("bess-1", 'same_as = "stage-a"') + asset("stage-a", 'behind = "bess-1"'),
        asset("bess-1", 'behind = "stage-a"')
        + asset("stage-a", 'same_as = "genset-1"')
        + asset("genset-1", 'behind = "bess-1"'),
    ],
)
def test_links_in_a_circle(tmp_path, text) -> None:
    """Links that lead back to their asset are told once, with the whole circle."""
    found = wrong(tmp_path, text)
    assert len(found) == 1
    assert "goes in a circle: bess-1 → stage-a →" in found[0]


def test_a_diamond_is_no_circle(tmp_path) -> None:
    """Two ways to one asset are fine."""
    text = (
        asset("bess-1.a", 'behind = "stage-a"', 'same_as = "genset-1"')
        + asset("genset-1", 'behind = "stage-a"')
        + asset("stage-a", 'behind = "bess-1"')
    )
    assert wrong(tmp_path, text) == []


def test_a_bad_device_is_told_once(tmp_path) -> None:
    """An asset of a device whose entry is wrong brings no second problem."""
    text = device("bess-1", more="port = 0") + asset("bess-1.genset", "rated_kw = 5")
    assert len(problems(make_home(tmp_path, registry=text))) == 1
