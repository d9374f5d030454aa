"""The language of profiles: what is wrong is told at its line, all at once, with what was meant."""

import re
import tomllib

import jsonschema_rs
import pytest

from collector.config.problems import Problem
from collector.model.series import encode_series
from collector.profiles.load import SHIPPED, Shelf, parse
from collector.profiles.schema import schema, schema_text
from tests.profiles.bench import told

GOOD = """schema = 1
title = "A meter"
kind = "load"
[[point]]
name = "power"
address = 100
type = "s16"
unit = "kW"
measurement = "load_power_w"
"""


def test_a_sound_profile_is_taken() -> None:
    """Nothing is said of it."""
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        (5, 'nam = "power"', "p.toml:5: point[#1].nam: is no key that is known here (did you"),
        (6, "address = 70000", "p.toml:6: point[power].address: 70000 is no register"),
        (7, 'type = "s17"', 'p.toml:7: point[power].type: expected one of u16'),
        (8, 'unit = "kVA"', 'p.toml:8: point[power].unit: "kVA" cannot become W (one of W, kW'),
        (9, 'measurement = "load_powr_w"', "(did you mean load_power_w?)"),
        (9, 'measurement = "engine_speed_rpm"', "a load has no engine_speed_rpm"),
        (9, 'write = 3', "p.toml:9: point[power].write: is no key that is known here"),
    ],
)  # fmt: skip
def test_each_problem_is_told_with_its_line(line, wrong, said):
    """File, line, key, what is wrong, and what may have been meant."""
    lines = GOOD.splitlines()
    lines[line - 1] = wrong
    assert any(said in each for each in told("\n".join(lines)))


def test_all_problems_are_told_at_once():
    """One in the form of a table does not hide those in meaning and place."""
    text = GOOD.replace("100", "70000").replace('"kW"', '"kVA"') + "[modbus]\nunitt = 3\n"
    assert len(told(text)) == 3


def test_a_circle_is_told():
    """Values that need each other can have none."""
    text = GOOD + (
        '[[computed]]\nname = "a"\nsum = ["b"]\n[[computed]]\nname = "b"\nsum = ["a", "power"]\n'
    )
    assert any("needs itself: a → b → a" in each for each in told(text))


def test_every_shipped_profile_is_sound(tmp_path) -> None:
    """What comes with the program is judged as any other."""
    shelf = Shelf(tmp_path)
    assert shelf.names()
    assert [str(problem) for problem in shelf.problems()] == []


def test_a_profile_of_the_site_shadows_a_shipped_one(tmp_path) -> None:
    """By the name of its file."""
    name = Shelf(tmp_path).names()[0]
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / f"{name}.toml").write_text(GOOD)
    profile, problems = Shelf(tmp_path).find(name)
    assert not problems
    assert profile is not None
    assert not profile.shipped
    assert profile.table.title == "A meter"


def test_a_profile_that_is_not_there_is_told_with_the_nearest_name(tmp_path) -> None:
    """As for any wrong name."""
    profile, problems = Shelf(tmp_path).find("example-metre")
    assert profile is None
    assert "did you mean example-meter?" in str(problems[0])


def test_a_list_in_a_table_is_told_at_its_key() -> None:
    """Where the reader is told less than where it is, it says the nearest key."""
    text = GOOD + "[modbus]\ninvalid = { u16 = [false] }\n"
    assert any("p.toml:11: modbus.invalid: expected" in each for each in told(text))


def test_the_json_schema_takes_what_the_reader_takes() -> None:
    """Shipped profiles are valid by the schema that editors use; an unknown key is not, nor is a
    wrong word."""
    validator = jsonschema_rs.validator_for(schema())
    for file in sorted(SHIPPED.glob("*.toml")):
        errors = [error.message for error in validator.iter_errors(tomllib.loads(file.read_text()))]
        assert errors == [], file.name
    for wrong in ('"s16"\nwrite = 1', '"s17"'):
        told = tomllib.loads(GOOD.replace('"s16"', wrong))
        assert list(validator.iter_errors(told))


def test_no_word_of_the_language_writes() -> None:
    """No key is about writing, and no function but the four that read is one."""
    keys = set(re.findall(r'"(\w+)":', schema_text()))
    assert not {key for key in keys if "writ" in key or "command" in key or key == "set"}
    assert told(GOOD.replace("address = 100", "address = 100\nfc = 6"))
    assert told(GOOD.replace("address = 100", "address = 100\nfc = 16"))


@pytest.mark.parametrize("name", ["ovr", "ovr-node", "Acuvim", "victron", "a b", "", "x" * 65, "é"])
def test_names_that_no_profile_can_have(name) -> None:
    """Raw series begin with the name: it must be one of a series, and not that of the program's."""
    problems: list[Problem] = []
    assert parse(GOOD, name, "x.toml", problems.append) is None
    assert problems


@pytest.mark.parametrize(
    ("name", "prefix"), [("dse-7310.v2", "dse_7310_v2"), ("3em", "_3em"), ("Overlord", "overlord")]
)
def test_names_become_series(name, prefix) -> None:
    """In snake case, legal for every receiver."""
    profile = parse(GOOD, name, "x.toml", lambda _: None)
    assert profile is not None
    assert profile.prefix == prefix
    assert encode_series(f"{prefix}_power", {})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('name = "power"\naddress = 3\ntype = "u16"', '"power" is the name of another point'),
        (
            'name = "other"\naddress = 3\ntype = "u16"\nunit = "W"\nmeasurement = "load_power_w"',
            '"power" gives load_power_w already',
        ),
        (
            'name = "powe{n}"\naddress = 3\ntype = "u16"\nrepeat = { count = 2 }\n'
            '[[point]]\nname = "powe2"\naddress = 9\ntype = "u16"',
            '"powe2" is the name of another point',
        ),
    ],
)
def test_what_is_there_twice(more, said) -> None:
    """A name, also one that a repetition makes, and a measurement of an asset."""
    assert any(said in each for each in told(f"{GOOD}[[point]]\n{more}\n"))


def test_too_much_of_it() -> None:
    """Repetitions count: a profile is for one device."""
    rows = [
        f'[[point]]\nname = "p{i}_{{n}}"\naddress = {i}\ntype = "u16"\nrepeat = {{ count = 64 }}\n'
        for i in range(80)
    ]
    assert any("5000 are the most" in each for each in told(GOOD + "".join(rows)))
