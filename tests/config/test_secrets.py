"""secrets.toml."""

import tomllib

import pytest

from collector.config.load import secrets_of
from collector.config.problems import ConfigError
from collector.config.secrets import Secrets, read_secrets, set_secret
from tests.config.homes import make_home, problems, read

NODE = '[node]\nid = "n1"\nsite = "field"\ntimezone = "UTC"\n'
NAMES = ("one", "two", "three", "four", "five")


def test_set_and_read(tmp_path) -> None:
    """A secret that was set is read again, beside the others, in a file for the owner alone."""
    home = make_home(tmp_path, secrets='other = "1"\n')
    hard = 'p"a\\s\n{}\u00e9\x7f'
    set_secret(home, "bess-1", hard)
    set_secret(home, "bess-1", hard)
    assert dict(read_secrets(home, _none)) == {"other": "1", "bess-1": hard}
    assert home.secrets_toml.stat().st_mode & 0o777 == 0o600
    assert "sesame" not in repr(Secrets({"a": "sesame"}))


def test_first_secret(tmp_path) -> None:
    """Without a file the first secret makes one with mode 0600."""
    home = make_home(tmp_path)
    set_secret(home, "a", "sesame")
    assert tomllib.loads(home.secrets_toml.read_text()) == {"a": "sesame"}
    assert home.secrets_toml.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_others_may_not_read(tmp_path, mode) -> None:
    """A wider mode is a problem that names the command which mends it; setting one narrows it."""
    home = make_home(tmp_path, secrets='a = "sesame"\n')
    home.secrets_toml.chmod(mode)
    found = problems(home)
    assert len(found) == 1
    assert f"its mode is {mode:04o} (chmod 600 " in found[0]
    set_secret(home, "b", "x")
    assert problems(home) == []


@pytest.mark.parametrize(
    "text", ["a = 1\n", '[a]\nb = "sesame"\n', 'a = ""\n', '"a b" = "sesame"\n', 'a = ["sesame"]\n']
)
def test_what_is_no_secret(tmp_path, text) -> None:
    """Whatever is no name with text is told with its line and never shown."""
    found = problems(make_home(tmp_path, secrets=text))
    assert len(found) == 1
    assert found[0].startswith("secrets.toml:1: ")
    assert "sesame" not in found[0]


def test_a_broken_line_is_not_shown(tmp_path) -> None:
    """A syntax error tells the line without its text."""
    found = problems(make_home(tmp_path, secrets='ok = "x"\na = sesame"\n'))
    assert len(found) == 1
    assert found[0].startswith("secrets.toml:2: is no TOML")
    assert "sesame" not in found[0]


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("a b", "x"), ("a", ""), ("a\n", "x")])
def test_refused_when_set(tmp_path, name, value) -> None:
    """What would be no secret is refused and the file stays."""
    home = make_home(tmp_path, secrets='a = "sesame"\n')
    with pytest.raises(ConfigError):
        set_secret(home, name, value)
    assert home.secrets_toml.read_text() == 'a = "sesame"\n'


def test_a_broken_file_is_not_replaced(tmp_path) -> None:
    """Setting a secret in a broken file would lose the others: it is refused."""
    home = make_home(tmp_path, secrets='a = "sesame\n')
    with pytest.raises(ConfigError, match="is no TOML"):
        set_secret(home, "b", "x")
    assert home.secrets_toml.read_text() == 'a = "sesame\n'


def test_all_that_is_in_use_is_known(tmp_path) -> None:
    """Tokens of receivers, of the cloud and of persons, and passwords of devices are found, so that
    they can be kept out of what is shown."""
    home = make_home(
        tmp_path,
        node=NODE
        + """[sinks.a]
url = "https://a"
token_secret = "one"
[sinks.b]
url = "https://b"
username = "u"
password_secret = "two"
[cloud]
url = "https://c"
token_secret = "three"
[listen]
address = "127.0.0.1:8088"
[[listen.token]]
name = "kiosk"
role = "viewer"
secret = "four"
""",
        registry="""version = 1
[[device]]
id = "bess-1"
kind = "gx"
host = "10.0.0.1"
username = "u"
password_secret = "five"
""",
        secrets="".join(f'{name} = "{name}-sesame-sesame"\n' for name in NAMES),
    )
    loaded = read(home)
    found = secrets_of(loaded.node, loaded.registry)
    assert sorted(found) == sorted(f"{name}-sesame-sesame" for name in NAMES)


def _none(problem: object) -> None:
    raise AssertionError(problem)
