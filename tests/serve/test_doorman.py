"""Tokens: who has one, what guessing costs, and that none is ever shown."""

import asyncio
import base64
import hmac
import logging

import pytest
import structlog
from structlog.testing import capture_logs

from collector.config.services import ListenToken
from collector.serve.access import Role, Transport
from collector.serve.answers import Refused
from collector.serve.doorman import ADDRESSES, DELAYED, LONGEST_DELAY_S, Doorman
from tests.serve.support import ROLES, TOKENS

TLS, TCP = Transport.TLS, Transport.TCP


class Held:
    """Remembers how long answers were held back, and holds none."""

    def __init__(self):
        self.times = []
        self.now = 1000.0

    async def sleep(self, seconds):
        self.times.append(seconds)

    def mono(self):
        return self.now


def make(held=None):
    """A doorman that knows one token of each role."""
    held = held or Held()
    tokens = [ListenToken(name=n, role=r.value, secret=n) for n, r in ROLES.items()]
    return Doorman(tokens, TOKENS, mono=held.mono, sleep=held.sleep)


async def refused(doorman, authorization, transport=TLS, address="10.0.0.9"):
    """The refusal of a header."""
    with pytest.raises(Refused) as caught:
        await doorman.caller(authorization, transport, address)
    return caught.value


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("form", ["Bearer {}", "bearer  {} ", "BEARER {}", "{}", "Token {}"])
async def test_a_token_says_who_it_is(name, form):
    """Each token is its owner's, in each way in which clients and meters send one."""
    caller = await make().caller(form.format(TOKENS[name]), TLS, "10.0.0.9")
    assert (caller.person, caller.role, caller.address) == (name, ROLES[name], "10.0.0.9")


async def test_basic_is_for_meters_only():
    """A meter may send its token as a password; nobody else may."""
    for name, token in TOKENS.items():
        header = "Basic " + base64.b64encode(f"user:{token}".encode()).decode()
        if ROLES[name] is Role.INGEST:
            assert (await make().caller(header, TCP, "a")).person == name
        else:
            assert (await refused(make(), header)).status == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer ", "Bearer wrong", "Basic", "Basic !!!", "Basic " + "A" * 5000,
        "Digest x", "Bearer " + "x" * 100_000, "Bearer viewer-token-5f0c1",
        "Bearer viewer-token-5f0c1e1",
        "Bearer VIEWER-TOKEN-5F0C1E", "Bearer \ud800", "Bearer kiosk",
    ],
)  # fmt: skip
async def test_what_is_no_token_opens_nothing(header):
    """Whatever else stands in the header is a refused login, and no fault."""
    assert (await refused(make(), header)).body.error.code == "wrong_token"


@pytest.mark.parametrize("header", [None, "", "   "])
async def test_no_token_is_told_what_is_needed(header):
    """Without a token the answer says how to send one, and nobody is slowed down for it."""
    held = Held()
    error = await refused(make(held), header)
    assert (error.status, error.body.error.code) == (401, "token_needed")
    assert held.times == []


async def test_every_token_is_compared(monkeypatch):
    """The time of a comparison depends neither on which token matches nor on whether one does:
    digests of one length are compared with all that are known, in constant time."""
    compared = []
    real = hmac.compare_digest

    def compare(one, other):
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    doorman = make()
    for token in (*TOKENS.values(), "x", "y" * 900):
        compared.clear()
        try:
            await doorman.caller(f"Bearer {token}", TLS, "a")
        except Refused:
            pass
        assert compared == [(32, 32)] * len(TOKENS)


async def test_guessing_slows_down_and_is_forgiven():
    """Each further failure of an address holds its answer back longer, up to a limit; after ten
    quiet minutes it starts anew. Another address is not slowed by it."""
    held = Held()
    doorman = make(held)
    for _ in range(8):
        await refused(doorman, "Bearer x")
    assert held.times == sorted(held.times)
    assert held.times[0] < 0.2
    assert held.times[-1] == LONGEST_DELAY_S
    await refused(doorman, "Bearer x", address="10.0.0.10")
    assert held.times[-1] == held.times[0]
    held.now += 601
    await refused(doorman, "Bearer x")
    assert held.times[-1] == held.times[0]


async def test_who_knows_his_token_is_never_slowed():
    """Behind one address somebody guesses and somebody knows: who knows comes in at once."""
    held = Held()
    doorman = make(held)
    for _ in range(50):
        await refused(doorman, "Bearer x")
    held.times.clear()
    assert (await doorman.caller(f"Bearer {TOKENS['kiosk']}", TCP, "10.0.0.9")).person == "kiosk"
    assert held.times == []


async def test_addresses_that_are_remembered_are_bounded():
    """However many addresses guess, memory stays bounded; one IPv6 network counts as one."""
    doorman = make()
    for number in range(ADDRESSES + 500):
        await refused(doorman, "Bearer x", address=f"10.1.{number // 256}.{number % 256}")
    assert len(doorman._failures) == ADDRESSES
    other = make()
    for number in range(100):
        await refused(other, "Bearer x", address=f"2001:db8::{number:x}")
    assert len(other._failures) == 1
    await refused(other, "Bearer x", address="::ffff:10.0.0.1")
    assert "10.0.0.1" in other._failures


async def test_answers_held_back_are_bounded():
    """Only so many answers wait at a time; the flood beyond gets its refusal at once, so that
    holding back does not use up the connections of others."""
    release = asyncio.Event()

    async def wait(_):
        await release.wait()

    tokens = [ListenToken(name=n, role=r.value, secret=n) for n, r in ROLES.items()]
    doorman = Doorman(tokens, TOKENS, sleep=wait)
    waiting = [
        asyncio.create_task(refused(doorman, "Bearer x", address=f"10.0.0.{n}"))
        for n in range(DELAYED)
    ]
    await asyncio.sleep(0)
    await refused(doorman, "Bearer x", address="10.9.9.9")
    release.set()
    await asyncio.gather(*waiting)


async def test_refused_logins_are_logged_once():
    """The first refusal is logged with the address, the repeats are only counted."""
    held = Held()
    doorman = make(held)
    with capture_logs() as lines:
        for _ in range(30):
            await refused(doorman, "Bearer secret-guess", address="10.0.0.66")
        for number in range(30):
            await refused(doorman, "Bearer secret-guess", address=f"10.0.7.{number}")
    assert [line["address"] for line in lines] == ["10.0.0.66"]
    assert doorman.refused["wrong token"] == 60


async def test_no_token_is_ever_shown(capsys, caplog):
    """Neither repr, nor log, nor any refusal holds a token, right or wrong."""
    structlog.reset_defaults()
    caplog.set_level(logging.DEBUG)
    doorman = make()
    said = [repr(doorman), repr(doorman._known), str(doorman.__dict__)]
    for token in (*TOKENS.values(), "a-guessed-token"):
        for transport in (TCP, TLS):
            try:
                said.append(repr(await doorman.caller(f"Bearer {token}", transport, "10.0.0.9")))
            except Refused as error:
                said += [repr(error), str(error), str(error.body), str(error.headers)]
    captured = capsys.readouterr()
    text = "\n".join([*said, captured.out, captured.err, caplog.text])
    for token in (*TOKENS.values(), "a-guessed-token"):
        assert token not in text
