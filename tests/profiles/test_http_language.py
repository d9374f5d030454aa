"""What is wrong with an HTTP profile is told at its line."""

import pytest

from tests.profiles.bench import told

GOOD = """schema = 1
title = "A meter"
kind = "load"
transport = "http"
[[request]]
name = "now"
path = "/now"
[[point]]
name = "power_{n}"
request = "now"
pointer = "/p/{n}"
unit = "kW"
repeat = { count = 2 }
[[fingerprint]]
request = "now"
pointer = "/maker"
equals = "Us"
[http]
timeout_s = 3
"""


def test_a_sound_profile_is_taken() -> None:
    """Nothing is said of it."""
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        (4, 'transport = "modbus"', "p.toml:5: request: is for the other transport"),
        (7, 'path = "now"', 'p.toml:7: request[now].path: expected a path like'),
        (7, 'path = "http://elsewhere/"', 'p.toml:7: request[now].path: expected a path like'),
        (10, 'request = "then"', 'p.toml:10: point[#1].request: there is no request "then"'),
        (10, "address = 3", "p.toml:10: point[#1].address: is for Modbus"),
        (10, "once = true", "p.toml:10: point[#1].once: is told by the request"),
        (10, "every_s = 5", "p.toml:10: point[#1].every_s: is told by the request"),
        (10, 'type = "u16"', "p.toml:10: point[#1].type: JSON says itself what a value is"),
        (10, 'codes = { "on" = "1" }', "p.toml:10: point[#1].codes: expected texts, each"),
        (11, 'pointer = "p/{n}"', 'p.toml:11: point[#1].pointer: expected a JSON pointer'),
        (11, 'pointer = "/p/0"', "needs {n} where the array's index stands"),
        (11, "", "pointer is missing"),
        (12, 'type = "string"\ncodes = { "on" = 1 }', "a text has no codes"),
        (15, "address = 3", "p.toml:15: fingerprint[#1].address: is for Modbus"),
        (15, 'request = "then"', "p.toml:15: fingerprint[#1].request: there is no request"),
        (16, "", "pointer is missing"),
        (17, "", "expects nothing"),
        (18, "[modbus]", "is for the other transport"),
        (19, 'path = "/now"', "p.toml:18: http: expected either path or [[request]] tables"),
        (19, 'auth = "form"', "p.toml:19: http.auth: expected one of none, basic, digest, bearer"),
        (19, 'header = "X Key:"', "p.toml:19: http.header: expected the name of an HTTP header"),
    ],
)  # fmt: skip
def test_each_problem_is_told_with_its_line(line: int, wrong: str, said: str) -> None:
    """File, line, key, what is wrong."""
    lines = GOOD.splitlines()
    lines[line - 1] = wrong
    problems = told("\n".join(lines))
    assert any(said in each for each in problems), problems


def test_codes_are_for_texts() -> None:
    """A register has none."""
    text = 'schema = 1\ntitle = "T"\nkind = "load"\n[[point]]\nname = "a"\naddress = 1\n'
    text += 'type = "u16"\ncodes = { "on" = 1 }\n'
    assert told(text) == ["p.toml:8: point[a].codes: is for HTTP"]


def test_numbers_that_no_device_has() -> None:
    """Refused where they are written, or they would end the reading."""
    lines = GOOD.splitlines()
    lines[11] = f"invalid = [{10**400}]"
    assert told("\n".join(lines)) == ["p.toml:12: point[#1].invalid: goes beyond 64 bits"]
    text = 'schema = 1\ntitle = "T"\nkind = "load"\n[[point]]\nname = "a"\naddress = 1\n'
    text += f'type = "u16"\n[modbus]\ninvalid = {{ u16 = [{-(10**400)}] }}\n'
    assert told(text) == ["p.toml:9: modbus.invalid.u16: goes beyond 64 bits"]
