"""Setting devices up over the API: undo is looked at first, the older file, profiles, pairing."""

import json
from pathlib import Path

from collector.serve.access import Transport
from tests.serve.desks import REGISTRY, home_in
from tests.serve.support import served
from tests.support.certificates import Authority
from tests.support.http_answers import answering
from tests.victron.test_pairing import TOLD, Venus

OVR = Transport.OPERATOR_SOCKET
OLDER = {"BESS 7": {"host": "10.20.0.77", "password": "hidden-7"}, "gx": {"host": "10.20.0.21"}}


async def renamed(client, name: str) -> None:
    """The device has another name."""
    first = await client.get("/v1/registry")
    tables = first.json()["registry"]
    tables["device"][0]["name"] = name
    done = await client.put(
        "/v1/registry", json={"registry": tables}, headers={"if-match": first.headers["etag"]}
    )
    assert done.status_code == 200, done.text


async def test_undo_can_be_looked_at(tmp_path: Path) -> None:
    """A dry run tells what would be put back and changes nothing; then undo does just that."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        none = await client.post("/v1/registry/undo", json={"dry_run": True})
        assert (none.status_code, none.json()["error"]["code"]) == (409, "not_possible")
        await renamed(client, "Main stage")
        told = (await client.post("/v1/registry/undo", json={"dry_run": True})).json()
        assert told["changes"] == "changed device bess-1"
        assert "name" not in told["registry"]["device"][0]
        file = home_in(tmp_path).registry_toml
        assert "Main stage" in file.read_text()
        done = await client.post("/v1/registry/undo")
        assert done.json()["registry"] == told["registry"]
        assert file.read_text() == REGISTRY


async def test_the_older_file_is_imported(tmp_path: Path) -> None:
    """A dry run keeps no password; then its GX are there, their passwords are kept and never
    told, and what is no such file is refused by name."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        tag = (await client.get("/v1/registry")).headers["etag"]
        heads = {"if-match": tag, "content-type": "application/json"}
        path, body = "/v1/registry/import", json.dumps(OLDER)
        looked = await client.post(f"{path}?dry_run=true", content=body, headers=heads)
        assert looked.status_code == 422, "10.20.0.21 is bess-1 already"
        assert "10.20.0.21" in looked.text
        body = json.dumps({"BESS 7": OLDER["BESS 7"]})
        looked = await client.post(f"{path}?dry_run=true", content=body, headers=heads)
        assert looked.json()["changes"] == "added device bess-7", looked.text
        home = home_in(tmp_path)
        assert "hidden-7" not in home.secrets_toml.read_text()
        done = await client.post(path, content=body, headers=heads)
        assert done.status_code == 200, done.text
        assert "hidden-7" in home.secrets_toml.read_text()
        assert "the password of bess-7 is kept" in done.json()["notes"]
        audit = await client.get("/v1/audit")
        assert "hidden-7" not in looked.text + done.text + audit.text
        heads["if-match"] = done.headers["etag"]
        bad = await client.post(path, content=b"[1", headers=heads)
        assert (bad.status_code, "gx_systems.json" in bad.text) == (422, True)


async def test_profiles_are_told(tmp_path: Path) -> None:
    """Those that come with the program and those of the site; a broken one says what is wrong."""
    home = home_in(tmp_path)
    (home.config / "profiles").mkdir()
    (home.config / "profiles" / "mine.toml").write_text("title = 1\n")
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        found = {p["name"]: p for p in (await client.get("/v1/profiles")).json()["profiles"]}
    assert found["dse-gencomm"]["device"] == "modbus"
    assert found["dse-gencomm"]["asset"] == "generator"
    assert found["dse-gencomm"]["title"]
    assert found["dse-gencomm"]["shipped"]
    assert found["mine"]["device"] is None
    assert "mine.toml:1" in found["mine"]["problem"]


async def test_a_gx_is_paired(tmp_path: Path) -> None:
    """Its login is in the registry, the password is kept and told to nobody; a GX that refuses
    changes nothing, and says what to switch on."""
    home = home_in(tmp_path)
    home.registry_toml.write_text(REGISTRY.replace("10.20.0.21", "127.0.0.1"))
    venus = Venus(pairing=False)
    async with (
        answering(venus, tls=Authority().server(tmp_path)) as server,
        served(tmp_path, transports=(OVR,)) as api,
        api.client(OVR) as client,
    ):
        await client.post("/v1/registry/apply")
        wanted = {"device": "bess-1", "https_port": server.port}
        refused = await client.post("/v1/registry/pair", json=wanted)
        assert "pairing mode" in refused.text
        venus.pairing = True
        done = await client.post("/v1/registry/pair", json=wanted)
        assert done.status_code == 200, done.text
        assert done.json()["username"] == "token/ovr/node1"
        tables = (await client.get("/v1/registry")).json()["registry"]
        audit = await client.get("/v1/audit")
        nobody = await client.post("/v1/registry/pair", json={"device": "bess-2"})
        assert "bess-1" in nobody.json()["error"]["message"]
    (entry,) = tables["device"]
    assert (entry["username"], entry["port"], entry["tls"]) == ("token/ovr/node1", 8883, True)
    assert TOLD["password"] in home.secrets_toml.read_text()
    assert TOLD["password"] not in done.text + audit.text
