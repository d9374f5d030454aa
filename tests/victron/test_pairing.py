"""A GX makes a login for this node: over HTTPS, kept as a secret, used at its broker."""

import asyncio
import base64
import io
import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from collector.config.load import load_registry
from collector.errors import BadDevice, NotConnected, SourceError, Unauthorized
from collector.sources.victron.pairing import client_id, pair
from ovr_tui.cli import main
from tests.config.homes import device, make_home
from tests.support import nodes
from tests.support.certificates import Authority
from tests.support.http_answers import AnswerServer, Reply, Request, answering
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.victron.conftest import PORTAL, running
from tests.victron.test_connection import make_certificate

TOLD = {"token_name": "token/ovr/node1", "password": "hfNWPw7UmCKg4CiSZ1CKnnkjlBbArStO"}
NODE = '[node]\nid = "ovr-node-07"\nsite = "field"\ntimezone = "UTC"\n'
SECRET = "the security profile's"
GRANTED = Reply(200, json.dumps(TOLD).encode())


class Venus:
    """The page of a GX as venus-auth answers it. `pairing`: its pairing mode is on."""

    def __init__(self, *, pairing: bool = True) -> None:
        self.pairing = pairing
        self.answer = GRANTED

    def __call__(self, request: Request) -> Reply:
        login = base64.b64encode(f"remoteconsole:{SECRET}".encode()).decode()
        authorization = request.headers.get("authorization", "")
        if request.method != "POST" or request.path != "/auth/generate-token/":
            return Reply(404)
        if authorization != f"Basic {login}" and (authorization or not self.pairing):
            return Reply(401 if authorization else 403, f"refused {authorization}".encode())
        return self.answer


def form(server: AnswerServer) -> dict[str, list[str]]:
    """What was posted last."""
    return parse_qs(server.posts()[-1].body.decode())


async def test_pairing_mode(tmp_path: Path) -> None:
    """While the GX is in pairing mode it gives a login to who names itself, over TLS with the
    certificate that it has signed itself."""
    tls = Authority().server(tmp_path)
    async with answering(Venus(), tls=tls) as server:
        token = await pair("127.0.0.1", "node1", port=server.port)
        assert form(server) == {"role": ["ovr"], "device_id": ["node1"]}
        assert "authorization" not in server.posts()[-1].headers
    assert (token.name, token.password) == ("token/ovr/node1", TOLD["password"])
    assert len(token.fingerprint) == 64
    assert TOLD["password"] not in repr(token)


async def test_with_the_password(tmp_path: Path) -> None:
    """Who knows the password of the security profile needs no pairing mode."""
    tls = Authority().server(tmp_path)
    async with answering(Venus(pairing=False), tls=tls) as server:
        token = await pair("127.0.0.1", "node1", password=SECRET, port=server.port)
        assert token.name == "token/ovr/node1"


@pytest.mark.parametrize(
    ("reply", "password", "kind", "word"),
    [
        (Reply(403), "", Unauthorized, "not in pairing mode"),
        (Reply(401, b"Basic x"), "wrong", Unauthorized, "refuses the password"),
        (Reply(404), "", BadDevice, "knows no pairing"),
        (Reply(500, b"<b>fault</b>"), "", BadDevice, "answers 500"),
        (Reply(200, b"<html>"), "", BadDevice, "does not answer with a login"),
        (Reply(200, b'{"token_name":"admin","password":"x"}'), "", BadDevice, "login that is none"),
        (Reply(200, b'{"token_name":"token/ovr/n","password":""}'), "", BadDevice, "none"),
    ],
)
async def test_refusals(
    tmp_path: Path, reply: Reply, password: str, kind: type[SourceError], word: str
) -> None:
    """Each way in which a GX gives no login says what to do, and never the password."""
    async with answering(lambda _: reply, tls=Authority().server(tmp_path)) as server:
        with pytest.raises(kind, match=word) as caught:
            await pair("127.0.0.1", "node1", password=password, port=server.port)
    assert not password or password not in str(caught.value)


async def test_nobody_there() -> None:
    """No page at all is no connection."""
    with pytest.raises(NotConnected, match="cannot be reached"):
        await pair("127.0.0.1", "node1", port=free_port())


def test_names() -> None:
    """A GX takes letters and digits; a node without any cannot be paired."""
    assert client_id("ovr-node-07") == "ovrnode07"
    with pytest.raises(BadDevice, match="no letter"):
        client_id("--")


async def ovr(home, *words):
    """Run a command on a home, beside the servers of this test."""
    return await asyncio.to_thread(main, ["--home", str(home.config.parent), *words])


async def test_the_command(
    tmp_path: Path, mosquitto: Callable[..., Mosquitto], capsys: pytest.CaptureFixture[str]
) -> None:
    """Paired by the command, the registry's entry gets through to a broker that lets in paired
    clients only, over TLS; the password stands in secrets.toml and nowhere else."""
    broker = paired_only(mosquitto, tmp_path)
    entry = device(host="127.0.0.1", more=f'port = {broker.port}\nportal_id = "{PORTAL}"')
    home = make_home(tmp_path, node=NODE, registry=entry)
    async with answering(Venus(), tls=Authority().server(tmp_path)) as server:
        words = ("registry", "pair", "bess-1", "--https-port", str(server.port), "--json")
        assert await ovr(home, *words) == 0
        device_id = form(server)["device_id"]
    told = json.loads(capsys.readouterr().out)
    assert told["username"] == "token/ovr/node1"
    assert device_id == ["ovrnode07"]
    written = tomllib.loads(home.registry_toml.read_text())["device"][0]
    assert (written["tls"], written["port"]) == (True, broker.port)
    assert written["password_secret"] == "bess-1"
    assert TOLD["password"] not in home.registry_toml.read_text()
    assert tomllib.loads(home.secrets_toml.read_text()) == {"bess-1": TOLD["password"]}
    assert TOLD["password"] not in json.dumps(told)
    (paired,) = load_registry(home, os.environ).devices
    async with running(paired) as run:
        await run.until(lambda: run.image.identities)


async def test_a_kept_password_is_not_sent(tmp_path: Path) -> None:
    """Who answers at the address is not proven yet: the password that the registry has goes to no
    page unasked; the one that a person says does."""
    home = make_home(
        tmp_path, node=NODE, secrets='bess-1 = "kept"\n',
        registry=device(host="127.0.0.1", more='password_secret = "bess-1"'),
    )  # fmt: skip
    async with answering(Venus(), tls=Authority().server(tmp_path)) as server:
        words = ("registry", "pair", "bess-1", "--https-port", str(server.port))
        assert await ovr(home, *words) == 0
        assert "authorization" not in server.posts()[-1].headers


async def test_the_password_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--password` it is read from who runs the command, and kept nowhere."""
    home = make_home(tmp_path, node=NODE, registry=device(host="127.0.0.1"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    async with answering(Venus(pairing=False), tls=Authority().server(tmp_path)) as server:
        words = ("registry", "pair", "bess-1", "--password", "--https-port", str(server.port))
        assert await ovr(home, *words) == 0
    assert SECRET not in home.secrets_toml.read_text()


async def test_beside_a_running_collector(
    tmp_path: Path, mosquitto: Callable[..., Mosquitto]
) -> None:
    """Paired while the collector runs, the device that was refused a moment ago gets through: the
    entry is in force at once."""
    broker = paired_only(mosquitto, tmp_path)
    entry = {"id": "bess-1", "kind": "gx", "host": "127.0.0.1", "port": broker.port, "tls": True}
    home = nodes.make_home(tmp_path, [entry | {"portal_id": PORTAL}])
    async with nodes.running(home) as node:

        def state() -> str:
            return node.snapshot.sources[0].state

        await node.until(lambda: state() == "backoff", 20)
        assert "limited to paired devices" in node.snapshot.sources[0].cause
        assert (node.snapshot.sources[0].retry_in_s or 0) > 45, "a refused login is tried too soon"
        async with answering(Venus(), tls=Authority().server(tmp_path)) as server:
            words = ("registry", "pair", "bess-1", "--https-port", str(server.port))
            assert await ovr(home, *words) == 0
        met = node.collector.parts.site.identities.serials
        await node.until(lambda: met().get("bess-1") == PORTAL, 20)


async def test_the_command_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no GX, or nobody, is not asked; where pairing fails nothing is changed."""
    home = make_home(tmp_path, node=NODE, registry=device(host="127.0.0.1"))
    before = home.registry_toml.read_bytes()
    assert await ovr(home, "registry", "pair", "nobody") == 1
    assert "no device nobody" in capsys.readouterr().err
    async with answering(Venus(pairing=False), tls=Authority().server(tmp_path)) as server:
        words = ("registry", "pair", "bess-1", "--https-port", str(server.port))
        assert await ovr(home, *words) == 1
    assert "not in pairing mode" in capsys.readouterr().err
    assert home.registry_toml.read_bytes() == before
    assert not home.secrets_toml.exists()


def paired_only(mosquitto: Callable[..., Mosquitto], folder: Path) -> Mosquitto:
    """A broker with TLS that knows the token and no other login."""
    make_certificate(folder)
    file = folder / "passwords"
    file.touch(mode=0o600)
    subprocess.run(
        ["mosquitto_passwd", "-b", str(file), TOLD["token_name"], TOLD["password"]],
        check=True, capture_output=True,
    )  # fmt: skip
    return mosquitto(
        f"user root\nallow_anonymous false\npassword_file {file}\n"
        f"certfile {folder}/gx.crt\nkeyfile {folder}/gx.key\n"
    )
