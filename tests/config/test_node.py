"""node.toml."""

import msgspec
import pytest

from collector.config.node import NodeConfig, NodeFile
from tests.config.homes import make_home, problems, read

SINK = '[sinks.local]\nurl = "http://127.0.0.1:8428"\n'


def node(tmp_path, text, environ=None, **files) -> NodeConfig:
    """The node of a home with this file."""
    return read(make_home(tmp_path, node=text, **files), environ).node


def wrong(tmp_path, text, environ=None, **files) -> list[str]:
    """The problems of a home with this file."""
    return problems(make_home(tmp_path, node=text, **files), environ)


def test_without_a_file(tmp_path) -> None:
    """A node that nobody configured has an id, a time zone, the default journal and no sink."""
    found = read(make_home(tmp_path), {"TZ": "Europe/Berlin"}).node
    assert msgspec.convert({"node": {"id": found.id}}, NodeFile).node.id == found.id
    assert found.site == found.id
    assert found.timezone == "Europe/Berlin"
    assert not found.sinks
    assert found.journal.cap_bytes == 4_096_000_000
    assert found.journal.max_age_s == 30 * 86400


def test_everything_of_the_design(tmp_path) -> None:
    """The file that the design shows gives the node and both sinks, the cloud one thinned."""
    text = (
        '[node]\nid = "ovr-node-07"\nsite = "Main field"\ntimezone = "America/Los_Angeles"\n'
        f"latitude = 33.68\nlongitude = -116.24\n{SINK}[sinks.cloud]\n"
        'url = "https://cloud.example.com/api/v1/write"\ntoken_secret = "cloud"\n'
        "resolution_s = 10\n"
    )
    found = node(tmp_path, text, secrets='cloud = "sesame"\n')
    assert (found.id, found.site, found.timezone) == (
        "ovr-node-07", "Main field", "America/Los_Angeles",
    )  # fmt: skip
    assert (found.latitude, found.longitude) == (33.68, -116.24)
    local, cloud = found.sinks["local"], found.sinks["cloud"]
    assert local.write_url == "http://127.0.0.1:8428/api/v1/write"
    assert (local.resolution_s, local.flush_s, local.token) == (1, 1, "")
    assert (cloud.resolution_s, cloud.flush_s, cloud.token) == (10, 60, "sesame")


def test_all_problems_at_once(tmp_path) -> None:
    """Wrong type, range, unknown key, URL, choice and missing key are each told with their line."""
    text = (
        '[node]\nid = "Not an id"\nlatitude = "north"\nlongitude = 200\ntimezne = "UTC"\n'
        '[sinks.a]\nurl = "ftp://x"\nresolution_s = 7\norder = "live_first"\n'
        "[sinks.b]\nflush_s = 0\n"
        '[journal]\ncap_mb = true\n[nodes]\nid = "x"\n'
    )
    assert wrong(tmp_path, text) == [
        'node.toml:2: node.id: expected an id: a-z, 0-9 and - inside, at most 63 characters, '
        'like "bess-1", got "Not an id"',
        'node.toml:3: node.latitude: expected degrees north from -90 to 90, got "north"',
        "node.toml:4: node.longitude: expected degrees east from -180 to 180, got 200",
        "node.toml:5: node.timezne: is no key that is known here (did you mean timezone?)",
        "node.toml:7: sinks.a.url: is no http or https URL (like http://127.0.0.1:8428)",
        "node.toml:8: sinks.a.resolution_s: "
        "expected one of 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, got 7",
        'node.toml:9: sinks.a.order: expected one of live-first, oldest-first, got "live_first" '
        "(did you mean live-first?)",
        "node.toml:10: sinks.b: url is missing (expected a URL in quotes)",
        "node.toml:11: sinks.b.flush_s: expected seconds from 1 to 3600, got 0",
        "node.toml:13: journal.cap_mb: expected MB from 16 to 1000000, got true",
        "node.toml:14: nodes: is no key that is known here (did you mean node?)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[node]\ntimezone = "America/Los_Angles"', "did you mean America/Los_Angeles?"),
        ('[node]\ntimezone = "../../etc/passwd"', "is no time zone"),
        ('[node]\ntimezone = ""', "is no time zone"),
        ("[node]\nlatitude = 3.0", "longitude is missing"),
        ("[node]\nlatitude = nan\nlongitude = 1", "node.latitude: expected degrees north"),
        ("[journal]\nmax_age_days = 1e400", "expected days from 1 to 36500"),
        ("[fuel]\nprice_per_l = inf", "expected a finite number, got inf"),
        ("node = 3", "expected a table, got 3"),
        ("sinks = []", "expected tables by name, got a list"),
        ("[sinks]\nlocal = 1", "sinks.local: expected a table, got 1"),
        ('[sinks."A b"]\nurl = "http://h"', "is no name of a sink"),
        (f'{SINK}username = "u"', "password is missing"),
        (f'{SINK}token_secret = "t"\nusername = "u"', "a token and a user"),
        (f'{SINK}[sinks.b]\nurl = "http://127.0.0.1:8428/api/v1/write"', "every sample would go"),
        ('[sinks.b]\nurl = "http://u:p@h/"', "holds a user or password"),
        ('[sinks.b]\nurl = "http://h:99999/"', "is no URL"),
        ('[sinks.b]\nurl = "http://[::1/"', "is no URL"),
        ('[sinks.b]\nurl = "http:///x"', "its host is empty"),
        ('[sinks.b]\nurl = "http://h/ x"', "holds spaces"),
        ('[sinks.b]\nurl = "http://h"\ntoken = "sesame"', "a secret does not stand in this file"),
        ('[sinks.b]\nurl = "http://h"\nurl_env = "X"', "says the same as url"),
        ('[sinks.b]\nurl = "http://h"\ntoken_secret = 3', "expected a name in quotes, got 3"),
        ('[sinks.b]\nurl = "http://h"\ntoken_secret = "tt"', "did you mean t?"),
        ('[sinks.b]\nurl_env = "UNSET"', "the variable UNSET is not set"),
        ('[sinks.b]\nurl_env = "EMPTY"', "the variable EMPTY is not set"),
        ('[sinks.b]\nurl_env = "WORD"', "is no http or https URL"),
        ('[sinks.b]\nurl = "http://h"\nflush_s_env = "WORD"', "what it names is not seconds"),
        ('[listen]\naddress = "8088"', "expected an address with a port"),
        ('[[listen.token]]\nname = "x"', "listen: address is missing"),
        ('[[tariff.band]]\nname = "x"\nstart = "25:00"\nend = "1"', 'time of day like "07:00"'),
        ('[tariff]\nband = "x"', "expected tables in double brackets"),
        ("[alarms]\nsoc_low = 3", "did you mean soc_low_pct?"),
    ],
)
def test_wrong_values(tmp_path, text, said) -> None:
    """Each mistake is told in words that name it, with its file and line."""
    found = wrong(tmp_path, text, {"EMPTY": "", "WORD": "word"}, secrets='t = "s"\n')
    assert any(said in line for line in found), found
    assert all(line.startswith("node.toml:") for line in found)


def test_values_from_the_environment(tmp_path) -> None:
    """Text and numbers may come from variables, converted as if they stood in the file."""
    text = (
        '[node]\nid_env = "NODE"\nlatitude_env = "LAT"\nlongitude = 1\n'
        '[sinks.a]\nurl_env = "URL"\ntoken_env = "TOKEN"\nresolution_s_env = "R"\n'
        'flush_s_env = "F"\n[listen]\naddress = "h:1"\ntls_env = "YES"\n'
    )
    values = {"NODE": "n-1", "LAT": "12.5", "URL": "http://h", "TOKEN": "sesame", "F": "30"}
    values |= {"R": "10", "YES": "true"}
    found = node(tmp_path, text, values)
    assert (found.id, found.latitude) == ("n-1", 12.5)
    assert (found.sinks["a"].token, found.sinks["a"].flush_s) == ("sesame", 30)
    assert found.sinks["a"].resolution_s == 10
    assert found.listen is not None
    assert found.listen.tls is True


def test_one_variable_two_hosts(tmp_path) -> None:
    """A variable that two hosts would get is refused at both places, also across files; two
    tables for one host may share it."""
    text = (
        '[sinks.a]\nurl = "https://A.example/x"\ntoken_env = "T"\n'
        '[cloud]\nurl = "https://a.example"\ntoken_env = "T"\n'
    )
    assert wrong(tmp_path, text, {"T": "sesame"}) == []
    registry = '[[device]]\nid = "g"\nkind = "gx"\nhost = "10.0.0.1"\npassword_env = "T"\n'
    found = wrong(tmp_path, text, {"T": "sesame"}, registry=registry)
    assert [line.split(": the")[0] for line in found] == [
        "node.toml:3: sinks.a.token_env",
        "node.toml:6: cloud.token_env",
        "registry.toml:5: device[g].password_env",
    ]
    assert "10.0.0.1, a.example (one variable for each host)" in found[0]


def test_tokens_of_listeners(tmp_path) -> None:
    """Each `[[listen.token]]` gets its secret; a missing secret and a name used twice are told."""

    def text(*tokens: tuple[str, str]) -> str:
        return '[listen]\naddress = "[::]:8088"\n' + "".join(
            f'[[listen.token]]\nname = "{name}"\nrole = "viewer"\nsecret = "{secret}"\n'
            for name, secret in tokens
        )

    secrets = 'one = "1"\ntwo = "2"\n'
    good = text(("a", "one"), ("b", "two"))
    assert node(tmp_path, good, secrets=secrets).tokens == {"a": "1", "b": "2"}
    assert wrong(tmp_path, text(("a", "one"), ("b", "tow"), ("a", "two"))) == [
        "node.toml:10: listen.token[b].secret: there is no secret tow (did you mean two?)",
        "node.toml:12: listen.token[a].name: is in use by another token (each has its own name)",
    ]
    assert wrong(tmp_path, text(("a", "one"), ("b", "one"))) == [
        "node.toml:10: listen.token[b].secret: is the token of somebody else too "
        "(each person has a token of his own, or nobody knows who it was)",
    ]


@pytest.mark.parametrize("role", ["viewer", "ingest"])
def test_only_operators_control(tmp_path, role) -> None:
    """A right that nothing would come of is told, not taken in silence."""
    text = (
        '[listen]\naddress = "[::]:8088"\n[[listen.token]]\nname = "x"\n'
        f'role = "{role}"\nsecret = "t"\ncontrol = true\n'
    )
    assert wrong(tmp_path, text, secrets='t = "1"\n') == [
        f"node.toml:7: listen.token[x].control: means nothing to a {role} "
        '(devices are controlled by role = "operator")',
    ]


def test_text_is_made_harmless_or_refused(tmp_path) -> None:
    """What a person pasted is cleaned where it labels samples, and refused where it is sent."""
    assert node(tmp_path, '[node]\nid = "n"\nsite = "a\\u001b[2J\\nb"\n').site == "a·[2J b"
    assert node(tmp_path, '[node]\nid = "n"\nsite = " \\n "\n').site == "n"
    sink = '[sinks.a]\nurl = "http://10.0.0.1"\n'
    assert wrong(tmp_path, sink + 'token_env = "T"\n', environ={"T": "sesame\n"}) == [
        "node.toml:3: sinks.a.token_env: holds a line end or another control character "
        "(copied with a line end? Set it again without)"
    ]
    assert wrong(tmp_path, f'{sink}username = "x\\u0000"\npassword_env = "P"\n', {"P": "p"})[0] == (
        "node.toml:3: sinks.a.username: holds a line end or another control character "
        "(copied with a line end? Set it again without)"
    )


def test_one_receiver_twice(tmp_path) -> None:
    """Two spellings of one receiver are found; another path or query is another receiver."""
    text = '[sinks.a]\nurl = "{}"\n[sinks.b]\nurl = "{}"\n'
    for one, two in (
        ("http://Store", "HTTP://store:80/"),
        ("http://[::1]:8428", "http://[0:0::1]:8428/api/v1/write/"),
    ):
        assert len(wrong(tmp_path, text.format(one, two))) == 1
    for one, two in (
        ("http://a", "https://a"),
        ("http://a/x", "http://a/y"),
        ("http://a?x=1", "http://a?x=2"),
    ):
        assert len(node(tmp_path, text.format(one, two)).sinks) == 2


def test_address_to_listen_at(tmp_path) -> None:
    """The port to listen at is one, and tables in double brackets are asked for in full."""
    assert wrong(tmp_path, '[listen]\naddress = "0.0.0.0:99999"\ntoken = 5\n') == [
        "node.toml:2: listen.address: 99999 is no port (a port from 1 to 65535)",
        "node.toml:3: listen.token: expected tables in double brackets, got 5 "
        "(write [[listen.token]])",
    ]


def test_no_secret_is_shown(tmp_path) -> None:
    """Neither reprs nor problems hold a secret."""
    text = (
        '[sinks.a]\nurl = "https://h"\ntoken_secret = "t"\n[cloud]\nurl = "https://h"\n'
        'token_secret = "t"\n[listen]\naddress = "h:1"\n'
        '[[listen.token]]\nname = "x"\nrole = "viewer"\nsecret = "t"\n'
    )
    loaded = read(make_home(tmp_path, node=text, secrets='t = "sesame"\n'))
    assert loaded.node.sinks["a"].token == "sesame"
    assert "sesame" not in repr(loaded) + repr(loaded.node) + repr(loaded.node.sinks)
    assert "sesame" not in repr(loaded.node.cloud) + "".join(loaded.notes)
    found = wrong(
        tmp_path, '[sinks.a]\nurl = "http://h"\ntoken = "sesame"\npassword = ["sesame"]\n'
    )
    assert len(found) == 2
    assert "sesame" not in "".join(found)


def test_notes(tmp_path) -> None:
    """What works otherwise than one may think is a note: secrets in the clear."""
    text = '[fuel]\n[report]\n[sinks.a]\nurl = "http://10.0.0.9"\ntoken_env = "T"\n'
    text += "resolution_s = 10\n"
    notes = read(make_home(tmp_path, node=text), {"T": "sesame"}).notes
    assert not any("not used" in note for note in notes)
    assert not any("resolution_s" in note for note in notes)
    assert any("sinks.a.url: carries its secret unencrypted" in note for note in notes)
