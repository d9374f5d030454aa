"""Every endpoint × role × transport: who may, who may not, and no way around it."""

import httpx
import pytest
from starlette.routing import Route

from collector.serve.access import Role, Transport
from collector.serve.api import LocalApi
from collector.serve.routes import ENDPOINTS
from tests.serve.support import ROLES, TOKENS, Served, served
from tests.support.snapshots import HandFeed, site

V, O, I = Role.VIEWER, Role.OPERATOR, Role.INGEST  # noqa: E741
OVR, VIEW, TCP, TLS = Transport

LOOKERS = {(O, OVR), (O, TLS), (V, VIEW), (V, TCP), (V, TLS)}
OPERATORS = {(O, OVR), (O, TLS)}

MAY: dict[tuple[str, str], set[tuple[Role, Transport]]] = {
    ("GET", "/v1/me"): LOOKERS,
    ("POST", "/v1/unlock"): OPERATORS,
    ("POST", "/v1/lock"): OPERATORS,
    ("PUT", "/v1/pin"): {(O, OVR)},
    ("GET", "/v1/snapshot"): LOOKERS,
    ("GET", "/v1/stream"): LOOKERS,
    ("GET", "/v1/assets/{asset}/history"): LOOKERS,
    ("GET", "/v1/assets/{asset}/raw"): OPERATORS,
    ("GET", "/v1/health"): LOOKERS,
    ("GET", "/metrics"): LOOKERS,
    ("GET", "/v1/alarms"): LOOKERS,
    ("POST", "/v1/alarms/{alarm}/ack"): OPERATORS,
    ("POST", "/v1/alarms/{alarm}/shelve"): OPERATORS,
    ("POST", "/v1/alarms/{alarm}/unshelve"): OPERATORS,
    ("POST", "/v1/assets/{asset}/commission"): OPERATORS,
    ("POST", "/v1/assets/{asset}/release"): OPERATORS,
    ("GET", "/v1/assets/{asset}/control"): OPERATORS,
    ("POST", "/v1/assets/{asset}/control"): OPERATORS,
    ("POST", "/v1/assets/{asset}/lockout"): OPERATORS,
    ("POST", "/v1/assets/{asset}/unlock"): OPERATORS,
    ("GET", "/v1/registry"): OPERATORS,
    ("PUT", "/v1/registry"): OPERATORS,
    ("POST", "/v1/registry/import"): OPERATORS,
    ("GET", "/v1/registry/template"): OPERATORS,
    ("POST", "/v1/registry/undo"): OPERATORS,
    ("POST", "/v1/registry/apply"): OPERATORS,
    ("GET", "/v1/profiles"): OPERATORS,
    ("POST", "/v1/registry/pair"): OPERATORS,
    ("PUT", "/v1/secrets/{name}"): OPERATORS,
    ("POST", "/v1/registry/test"): OPERATORS,
    ("POST", "/v1/discover"): OPERATORS,
    ("GET", "/v1/discover"): OPERATORS,
    ("POST", "/v1/discover/cancel"): OPERATORS,
    ("GET", "/v1/assignments"): OPERATORS,
    ("POST", "/v1/assignments"): OPERATORS,
    ("POST", "/v1/assets/{asset}/swap"): OPERATORS,
    ("POST", "/v1/assets/{asset}/move"): OPERATORS,
    ("POST", "/v1/assets/{asset}/forget"): OPERATORS,
    ("GET", "/v1/refused"): OPERATORS,
    ("POST", "/v1/refused/{refused}/accept"): OPERATORS,
    ("POST", "/v1/refused/{refused}/dismiss"): OPERATORS,
    ("GET", "/v1/twins"): OPERATORS,
    ("GET", "/v1/events"): OPERATORS,
    ("POST", "/v1/events"): OPERATORS,
    ("GET", "/v1/events/{event}"): OPERATORS,
    ("PATCH", "/v1/events/{event}"): OPERATORS,
    ("POST", "/v1/events/{event}/start"): OPERATORS,
    ("POST", "/v1/events/{event}/end"): OPERATORS,
    ("POST", "/v1/events/{event}/cancel"): OPERATORS,
    ("GET", "/v1/events/{event}/export"): OPERATORS,
    ("POST", "/v1/event-files"): OPERATORS,
    ("POST", "/v1/events/{event}/merge"): OPERATORS,
    ("POST", "/v1/events/{event}/systems/{system}/join"): OPERATORS,
    ("POST", "/v1/events/{event}/systems/{system}/leave"): OPERATORS,
    ("POST", "/v1/events/{event}/join"): OPERATORS,
    ("POST", "/v1/events/{event}/leave"): OPERATORS,
    ("PATCH", "/v1/participations/{participation}"): OPERATORS,
    ("GET", "/v1/corrections"): OPERATORS,
    ("POST", "/v1/corrections"): OPERATORS,
    ("POST", "/v1/corrections/{correction}/withdraw"): OPERATORS,
    ("GET", "/v1/log"): OPERATORS,
    ("POST", "/v1/log"): OPERATORS,
    ("POST", "/v1/log/{entry}/withdraw"): OPERATORS,
    ("GET", "/v1/reports"): OPERATORS,
    ("POST", "/v1/reports"): OPERATORS,
    ("POST", "/v1/reports/release"): OPERATORS,
    ("POST", "/v1/reports/verify"): OPERATORS,
    ("POST", "/v1/reports/import"): OPERATORS,
    ("GET", "/v1/reports/{report}/{file}"): OPERATORS,
    ("GET", "/v1/dead"): OPERATORS,
    ("POST", "/v1/dead/resend"): OPERATORS,
    ("POST", "/v1/dead/forget"): OPERATORS,
    ("GET", "/v1/outbox"): OPERATORS,
    ("POST", "/v1/outbox/resend"): OPERATORS,
    ("POST", "/v1/outbox/forget"): OPERATORS,
    ("GET", "/v1/audit"): OPERATORS,
    ("GET", "/v1/messages"): OPERATORS,
    ("POST", "/v1/clock/confirm"): OPERATORS,
    ("POST", "/v1/ingest/axm"): {(I, TCP), (I, TLS)},
    ("POST", "/v1/stop"): {(O, OVR)},
}
"""Written down a second time, by hand: a change of who may what must be meant."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MOVE")
TOKEN = {ROLES[name]: token for name, token in TOKENS.items()}
ASKERS: tuple[tuple[Role | None, Transport, str | None], ...] = (
    (O, OVR, None),
    (O, OVR, TOKEN[V]),  # a token means nothing on a socket
    (V, VIEW, None),
    (V, VIEW, TOKEN[O]),
    *((role, transport, TOKEN[role]) for role in (V, I) for transport in (TCP, TLS)),
    (O, TLS, TOKEN[O]),
)
STRANGERS: tuple[tuple[Transport, str | None], ...] = tuple(
    (transport, token) for transport in (TCP, TLS) for token in (None, "wrong", "kiosk")
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch) -> None:
    """These tests ask more at once than one peer may."""
    monkeypatch.setattr("collector.serve.pace.BURST", 100_000.0)


def url(path: str) -> str:
    """A path that exists."""
    return path.replace("{asset}", "bess-1").replace("{alarm}", "none").replace("{refused}", "no")


async def ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """The answer's head; bodies of streams never end."""
    async with client.stream(method, url(path), headers={"ovr-schema": "1"}) as response:
        if response.headers.get("content-type", "").startswith("application/json"):
            await response.aread()
        return response


def code_of(response: httpx.Response) -> str:
    """The code of an error answer."""
    code: str = response.json()["error"]["code"]
    return code


def test_the_table_is_whole() -> None:
    """Each route that exists stands in this file's table with the access that the program gives
    it, and the application has no route beside the program's own table."""
    assert {(e.method, e.path): set(e.access) for e in ENDPOINTS} == MAY
    api = LocalApi(HandFeed(site(1)))
    routes = {
        (method, route.path)
        for route in api._app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert routes == set(MAY)


async def test_everybody_gets_what_is_his(tmp_path) -> None:
    """Each endpoint is tried by each role over each transport; what is not for somebody is 403."""
    tried = 0
    async with served(tmp_path) as api:
        for role, transport, token in ASKERS:
            async with api.client(transport, token) as client:
                for (method, path), may in MAY.items():
                    response = await ask(client, method, path)
                    if (role, transport) in may:
                        assert response.status_code not in (401, 403, 405), (path, role, transport)
                    else:
                        assert (response.status_code, code_of(response)) == (403, "not_allowed")
                    assert response.headers["ovr-schema"] == "1"
                    tried += 1
    assert tried == len(ASKERS) * len(MAY)


async def test_strangers_get_nothing(tmp_path) -> None:
    """Without a token, or with none that is known, every method of every path, known or not, is
    401 over TCP, the same for all: nothing shows which paths there are."""
    async with served(tmp_path) as api:
        for transport, token in STRANGERS:
            async with api.client(transport, token) as client:
                for path in (*{path for _, path in MAY}, "/", "/v1/nothing", "/docs"):
                    for method in METHODS[:4]:
                        response = await ask(client, method, path)
                        assert response.status_code == 401, (method, path, token)
                        assert "Bearer" in response.headers["www-authenticate"]


async def test_operators_tokens_need_tls(tmp_path) -> None:
    """An operator's token opens nothing without TLS, and the refusal says so."""
    async with served(tmp_path, transports=(TCP,)) as api, api.client(TCP, TOKEN[O]) as client:
        for method, path in MAY:
            response = await ask(client, method, path)
            assert (response.status_code, code_of(response)) == (403, "operators_need_tls")
            assert "tls = true" in response.json()["error"]["hint"]


@pytest.mark.parametrize("transport", [OVR, VIEW])
async def test_no_other_method(tmp_path, transport) -> None:
    """A method that a path does not have is 405 and changes nothing; HEAD is GET without a body,
    but for the stream."""
    feed = HandFeed(site(2))
    async with served(tmp_path, feed, (transport,)) as api, api.client(transport) as client:
        for path in {path for _, path in MAY}:
            has = {method for method, other in MAY if other == path}
            for method in METHODS:
                if method in has:
                    continue
                response = await ask(client, method, path)
                if method == "HEAD" and "GET" in has and path != "/v1/stream":
                    assert response.status_code != 405
                else:
                    assert (response.status_code, path) == (405, path)
                    assert has & set(response.headers["allow"].split(", "))
    assert feed.stops == 0


TRICKS = (
    "/v1/stop/", "//v1/stop", "/v1//stop", "/v1/%73top", "/v1/st%6fp", "/v1/stop%00", "/v1/stop%2f",
    "/v1/snapshot/../stop", "/v1/snapshot/%2e%2e/stop", "/v1/snapshot%2f..%2fstop", "/v1/stop;x=1",
    "/v1/stop?x=/v1/health", "/V1/STOP", "/v1/stop#x", "/v1/assets/..%2f..%2fstop/history",
    "/v1\\stop", "/v1/%2e/stop", "/v1/health/%2e%2e/stop", "/%76%31/stop", "/v1/stop%20",
)  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
async def test_no_path_leads_around(tmp_path, trick) -> None:
    """However the path of a thing for operators is written, a viewer does not get it done."""
    feed = HandFeed(site(2))
    async with served(tmp_path, feed, (VIEW,)) as api:
        answer = await send_raw(api, VIEW, f"POST {trick} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.split()[1] in (b"403", b"404", b"405", b"400")
    assert feed.stops == 0


async def send_raw(api: Served, transport: Transport, head: str) -> bytes:
    """The first line of the answer to exactly these bytes."""
    from tests.serve.support import raw

    reader, writer = await raw(api.folder / transport.value, head.encode("latin-1"))
    line = await reader.readline()
    writer.close()
    return line


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: https", "X-HTTP-Method-Override: GET",
        "Authorization: Bearer operator-token-9ab2", "X-Original-URL: /v1/stop", "Forwarded: for=x",
    ],
)  # fmt: skip
async def test_no_header_raises_a_role(tmp_path, header) -> None:
    """On the viewers' socket no header makes an operator of anybody."""
    feed = HandFeed(site(2))
    async with served(tmp_path, feed, (VIEW,)) as api:
        line = await send_raw(api, VIEW, f"POST /v1/stop HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n")
    assert line.split()[1] == b"403"
    assert feed.stops == 0


@pytest.mark.parametrize(
    ("query", "code", "hint"),
    [
        ("form=5", "no_such_parameter", "did you mean from?"),
        ("zzz=1", "no_such_parameter", "it takes from, to, limit"),
        ("from=1&from=2", "parameter_twice", ""),
        ("=1", "no_such_parameter", "it takes from, to, limit"),
    ],
)
async def test_a_mistyped_parameter_is_told(tmp_path, query, code, hint) -> None:
    """A parameter that is not there is no silence: the answer would be to another question."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        response = await client.get(f"/v1/alarms?{query}")
        assert (response.status_code, code_of(response)) == (400, code)
        assert response.json()["error"]["hint"] == hint


@pytest.mark.parametrize("told", ["2", "0", "x", "1.0", "", "11111111111111111111"])
async def test_another_schema_is_refused(tmp_path, told) -> None:
    """A client that says that it speaks another schema number is told, not guessed at."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        response = await client.get("/v1/snapshot", headers={"ovr-schema": told})
        assert (response.status_code, code_of(response)) == (400, "other_schema")
        assert "restart the older" in response.json()["error"]["hint"]
