"""The API over TCP: TLS, the peer's name, and an address that cannot be had."""

import asyncio
import hashlib
import os
import pwd
import socket
import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from msgspec import structs

from collector.serve.access import Transport
from collector.serve.api import make_app
from collector.serve.certificate import certificate_file
from collector.serve.doorman import Doorman
from collector.serve.link import Link, peer_uid, person_of
from collector.serve.tcp import TcpApi, parts
from collector.supervisor import end, supervise
from tests.serve.support import TOKENS, listen_settings, served, until
from tests.support.ports import free_port
from tests.support.snapshots import HandFeed, site

TCP, TLS, OVR = Transport.TCP, Transport.TLS, Transport.OPERATOR_SOCKET


async def test_certificate_is_the_one_of_the_health(tmp_path):
    """Whoever compares the fingerprint of the health page with what the port presents finds the
    same, and a client that trusts only that certificate is content, name and all."""
    async with served(tmp_path, transports=(TLS, OVR)) as api:
        told = api.tcp[TLS].health()
        context = ssl.create_default_context(cadata=certificate_file(tmp_path).read_text())
        async with httpx.AsyncClient(
            verify=context, headers={"authorization": f"Bearer {TOKENS['anna']}"}
        ) as client:
            url = f"https://127.0.0.1:{api.ports[TLS]}/v1/health"
            assert (await client.get(url)).status_code == 200
        pem = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", api.ports[TLS]))
    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == told.fingerprint
    assert (told.state, told.tls, told.cause) == ("running", True, "")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_tls_is_refused(tmp_path, version):
    """Nothing older than TLS 1.2 is spoken."""
    async with served(tmp_path, transports=(TLS,)) as api:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", api.ports[TLS], ssl=context)


async def test_plain_http_to_the_tls_port_gets_nothing(tmp_path):
    """Who speaks plain HTTP to the TLS port gets no answer in plain, and others still do."""
    async with served(tmp_path, transports=(TLS,)) as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.ports[TLS])
        writer.write(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"schema" not in await reader.read(4096)
        writer.close()
        async with api.client(TLS, TOKENS["kiosk"]) as client:
            assert (await client.get("/v1/snapshot")).status_code == 200


async def test_address_in_use_is_said_and_tried_again(tmp_path):
    """A port that another program has costs nothing but itself: the cause is told, and once the
    port is free it is listened on."""
    port = free_port()
    api = make_app(HandFeed(site(1)))
    settings = listen_settings(port, tls=False)
    tcp = TcpApi(api, settings, TOKENS, tmp_path, doorman=Doorman(settings.token, TOKENS))
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        task = asyncio.create_task(supervise(tcp.watch, tcp.run))
        await until(lambda: tcp.health().state == "backoff")
        assert "Address already in use" in tcp.health().cause
        assert str(port) in tcp.health().cause
    await until(lambda: tcp.health().state == "running")
    assert tcp.health().cause == ""
    await end(task)
    assert api.listeners == []
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("address", "said"),
    [("192.0.2.1:8088", "Cannot assign"), ("no-such-host.invalid:8088", "nobody knows")],
)
async def test_bad_address_is_said(tmp_path, address, said):
    """An address that is not this node's, or that nobody knows, is told in words."""
    settings = structs.replace(listen_settings(8088, tls=False), address=address)
    tcp = TcpApi(make_app(HandFeed(site(1))), settings, TOKENS, tmp_path)
    task = asyncio.create_task(supervise(tcp.watch, tcp.run))
    await until(lambda: tcp.health().state == "backoff")
    assert said in tcp.health().cause
    await end(task)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0:8088", ("0.0.0.0", 8088)),
        ("[::1]:80", ("::1", 80)),
        ("node.local:1", ("node.local", 1)),
    ],
)
def test_parts_of_an_address(address, expected):
    """Host and port, IPv6 without its brackets."""
    assert parts(address) == expected


async def test_ipv6_loopback(tmp_path):
    """An IPv6 address is listened on like any other."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    settings = structs.replace(listen_settings(port, tls=False), address=f"[::1]:{port}")
    tcp = TcpApi(make_app(HandFeed(site(1))), settings, TOKENS, tmp_path)
    task = asyncio.create_task(supervise(tcp.watch, tcp.run))
    await until(lambda: tcp.health().state == "running")
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://[::1]:{port}/v1/health")
        assert answer.status_code == 401
    await end(task)


async def test_the_kernel_says_who_is_at_the_socket(tmp_path):
    """On a Unix socket the person is the peer's user, with his name where he has one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        uid = peer_uid(ours)
    assert uid == os.getuid()
    assert person_of(uid) == f"uid {uid} ({pwd.getpwuid(uid).pw_name})"
    assert person_of(4_000_000_001) == "uid 4000000001"
    caller = await Link(transport=OVR, uid=uid).caller(None)
    assert caller.person == person_of(uid)


async def test_no_token_in_the_log_whatever_happens(tmp_path, capsys, monkeypatch):
    """Good and bad requests, a fault of ours and the end: no log line holds a token."""
    feed = HandFeed(site(1))

    def broken():
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(feed, "health", broken)
    async with served(tmp_path, feed, (TCP, TLS)) as api:
        for transport in (TCP, TLS):
            for token in (*TOKENS.values(), "guessed-token-1"):
                async with api.client(transport, token) as client:
                    codes = {
                        (await client.get(path)).status_code
                        for path in ("/v1/health", "/v1/registry", "/v1/no", "/v1/snapshot?x=1")
                    }
                    assert codes <= {200, 400, 401, 403, 404, 500}
    said = "".join(capsys.readouterr())
    assert "a fault of ours" in said
    for token in (*TOKENS.values(), "guessed-token-1"):
        assert token not in said


async def test_a_certificate_that_runs_out_is_renewed_while_running(tmp_path):
    """A node that runs for years makes a new certificate when the old one has run out, and tells
    its fingerprint."""
    now = [datetime(2026, 11, 26, tzinfo=UTC)]
    settings = listen_settings(free_port(), tls=True)
    api = make_app(HandFeed(site(1)))
    tcp = TcpApi(api, settings, TOKENS, tmp_path, utc=lambda: now[0], look_s=0.02)
    task = asyncio.create_task(supervise(tcp.watch, tcp.run))
    await until(lambda: tcp.health().state == "running")
    first = tcp.health().fingerprint
    now[0] += timedelta(days=3660)
    await until(lambda: tcp.health().state == "running" and tcp.health().fingerprint != first)
    await end(task)
