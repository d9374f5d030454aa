"""The HTTP source against a real server: logins, refusals, hostile answers, other devices."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from collector.errors import BadDevice, NotConnected, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.model.kinds import AssetKind, DeviceKind
from collector.sources.http import HttpSource
from collector.sources.http.client import BadAnswer, Busy
from tests.modbus.live import Turned, running
from tests.support.certificates import Authority
from tests.support.http_answers import AnswerServer, Reply, Request, answering
from tests.support.image import RecordingImage

PROFILE = """schema = 1
title = "A meter"
kind = "load"
transport = "http"
[[point]]
name = "serial"
pointer = "/id"
type = "string"
[[point]]
name = "power"
pointer = "/p"
unit = "kW"
measurement = "load_power_w"
[[point]]
name = "energy"
pointer = "/e"
unit = "Wh"
measurement = "load_energy_kwh"
[[point]]
name = "voltage_l{n}"
pointer = "/u/{n}"
unit = "V"
measurement = "voltage_v.L{n}"
repeat = { count = 3 }
[identity]
serial = ["serial"]
[http]
path = "/api"
timeout_s = 2
"""
GOOD = {"id": "M-1", "p": 1.5, "u": [230, "231.5", "229 V"], "e": 12345}


class Case:
    """A device by a profile, on an image, with time that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.image = RecordingImage()
        self.time = Turned()
        self.device = Device(
            id="d1", kind=DeviceKind.HTTP, host="127.0.0.1", port=80, system="d1", profile="p"
        )

    def profile(self, text: str) -> None:
        (self.folder / "profiles").mkdir(exist_ok=True)
        (self.folder / "profiles" / "p.toml").write_text(text)

    def source(self, server: AnswerServer, **changes: object) -> HttpSource:
        device = replace(self.device, port=server.port, **changes)
        return HttpSource(device, self.folder, self.time.clock)

    async def polls(self, server: AnswerServer, count: int, **changes: object) -> None:
        """So many polls, which must succeed."""
        async with running(self.source(server, **changes), self.image) as run:
            await run.until(lambda: self.image.lives >= count)

    async def fails(self, server: AnswerServer, kind: type[Exception], **changes: object) -> str:
        """How the source ends."""
        with pytest.raises(kind) as caught:
            async with running(self.source(server, **changes), self.image) as run:
                await run.task
        return str(caught.value)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """With the plain profile."""
    made = Case(tmp_path)
    made.profile(PROFILE)
    return made


def says(document: object) -> Callable[[Request], Reply]:
    """Answers every request with a document."""
    return lambda _request: Reply(200, json.dumps(document).encode())


async def test_values_arrive_in_the_catalogues_units(case: Case) -> None:
    """Numbers, texts and texts with their unit; the counter in kWh; the serial pins it."""
    async with answering(says(GOOD)) as server:
        await case.polls(server, 2)
    assert case.image.identities[-1].serial == "M-1"
    assert case.image.readings[""] == {
        "load_power_w": 1500.0, "voltage_v.L1": 230.0, "voltage_v.L2": 231.5, "voltage_v.L3": 229.0,
    }  # fmt: skip
    assert case.image.counters["", "load_energy_kwh"].raw == pytest.approx(12.345)
    assert not case.image.drops


async def test_null_missing_and_wrong_values_are_unknown(case: Case) -> None:
    """The quantity is known to exist and has no value; what is no number is counted."""
    answers = [GOOD, {"id": "M-1", "p": None, "u": [230, "----", {"x": 1}]}]
    async with answering(lambda r: says(answers[len(server.requests) > 1])(r)) as server:
        await case.polls(server, 3)
    assert case.image.readings[""] == {
        "load_power_w": None, "voltage_v.L1": 230.0, "voltage_v.L2": None, "voltage_v.L3": None,
    }  # fmt: skip
    assert case.image.counters["", "load_energy_kwh"].raw is None
    assert case.image.drops["not a number"] >= 2
    assert case.image.details["not a number"] == "voltage_l2: ----"


async def test_numbers_that_mean_no_value(case: Case) -> None:
    """What the device says where others say null."""
    case.profile(PROFILE.replace('unit = "kW"\n', 'unit = "kW"\ninvalid = [-9999]\n'))
    answers = [GOOD]
    async with answering(lambda r: says(answers[-1])(r)) as server:
        await case.polls(server, 1)
        assert case.image.readings[""]["load_power_w"] == 1500.0
        answers.append(GOOD | {"p": -9999})
        await case.polls(server, 3)
    assert case.image.readings[""]["load_power_w"] is None


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("basic", "authorization", "Basic " + base64.b64encode(b"me:s3cret-word").decode()),
        ("bearer", "authorization", "Bearer s3cret-word"),
        ("header", "x-api-key", "s3cret-word"),
    ],
)
async def test_logins(case: Case, auth: str, header: str, value: str) -> None:
    """The login is sent as the profile says; a wrong one is a refused login, and never shown."""
    case.profile(PROFILE + f'auth = "{auth}"\n')

    def script(request: Request) -> Reply:
        if request.headers.get(header) == value:
            return says(GOOD)(request)
        return Reply(401, json.dumps(dict(request.headers)).encode())

    async with answering(script) as server:
        await case.polls(server, 1, username="me", password="s3cret-word")
        said = await case.fails(server, Unauthorized, username="me", password="wr0ng-word")
    assert "check username and password_secret" in said
    assert "wr0ng" not in said
    assert "unencrypted" in case.image.notes["", "tls"]


async def test_a_server_that_repeats_the_login_does_not_make_us_show_it(case: Case) -> None:
    """Its words are shown without it."""
    case.profile(PROFILE + 'auth = "basic"\n')

    def script(request: Request) -> Reply:
        return Reply(500, f"you sent {request.headers['authorization']} (s3cret-word)".encode())

    async with answering(script) as server:
        said = await case.fails(server, BadAnswer, username="me", password="s3cret-word")
    assert "answers HTTP 500: you sent Basic *** (***)" in said


async def test_digest(case: Case) -> None:
    """RFC 7616 with SHA-256, as Shelly devices ask for it: nothing but a proof of the password is
    ever sent."""
    case.profile(PROFILE + 'auth = "digest"\n')

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    def script(request: Request) -> Reply:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("authorization", "")))
        ha1, ha2 = sha("admin:shelly:s3cret-word"), sha("GET:/api")
        proof = sha(f"{ha1}:n1:{told.get('nc')}:{told.get('cnonce')}:auth:{ha2}")
        if told.get("response") == proof:
            return says(GOOD)(request)
        challenge = 'Digest qop="auth", realm="shelly", nonce="n1", algorithm=SHA-256'
        return Reply(401, b"", (("WWW-Authenticate", challenge),))

    async with answering(script) as server:
        await case.polls(server, 3, username="admin", password="s3cret-word")
        asked = len(server.requests)
        await case.fails(server, Unauthorized, username="admin", password="other")
    assert asked <= 5
    assert not any("s3cret-word" in str(request) for request in server.requests)
    assert ("", "tls") not in case.image.notes


async def test_redirects_are_not_followed(case: Case) -> None:
    """Not to another host, whatever the login; it is told where the device wants us."""
    case.profile(PROFILE + 'auth = "bearer"\n')
    async with answering(says(GOOD)) as other:
        to = (("Location", f"{other.url}/api"),)
        async with answering(lambda _r: Reply(302, b"", to)) as server:
            said = await case.fails(server, BadAnswer, password="s3cret-word")
    assert other.requests == []
    assert f"sends us on to {other.url}/api, which is not followed" in said


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(200, b"<html><title>Login</title>"), BadAnswer, "no JSON but: <html><title>Login"),
        (Reply(200, b'{"id": "M-1", "p": 1.'), BadAnswer, "answers no JSON"),
        (Reply(200, b"[" * 200_000), BadAnswer, "answers no JSON"),
        (Reply(200, b" " * (1 << 21)), BadAnswer, "more than 1 MiB"),
        (Reply(200, gzip.compress(b"{}"), (("Content-Encoding", "gzip"),)), BadAnswer, "compress"),
        (Reply(200, b"[]"), BadDevice, "says nothing that the profile p knows"),
        (Reply(200, b'"on"'), BadDevice, "says nothing that the profile p knows"),
        (Reply(404), BadDevice, "does not exist (HTTP 404): is it the right profile?"),
        (Reply(403), Unauthorized, "set auth in [http]"),
        (Reply(503), Busy, "asked less often"),
        (Reply(500, b"boom \x1b[31m"), BadAnswer, "HTTP 500: boom"),
        (Reply(200, b"{}", cut=30), NotConnected, "http://127.0.0.1"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_told(case: Case, reply: Reply, kind, said: str) -> None:
    """Each with what it was and what to do; the third miss in a row ends the run."""
    async with answering(lambda _request: reply) as server:
        told = await case.fails(server, kind)
    assert said in told
    assert "\x1b" not in told


async def test_silence_ends_at_the_time_limit(case: Case) -> None:
    """A device that takes the question and never answers is out of reach."""
    async with answering(lambda _request: Reply(200, hang=True)) as server:
        said = await case.fails(server, NotConnected, timeout_s=0.1)
    assert "no answer in time" in said


async def test_a_bad_answer_between_good_ones_is_a_miss(case: Case) -> None:
    """It is counted, what was known stays, and the next good one is used."""
    bad = [Reply(200, b"oops"), Reply(500, b"")]

    def script(request: Request) -> Reply:
        return bad.pop() if len(server.requests) > 2 and bad else says(GOOD)(request)

    async with answering(script) as server:
        await case.polls(server, 5)
    assert case.image.drops["bad answer"] == 2
    assert case.image.readings[""]["load_power_w"] == 1500.0


async def test_another_device_at_the_address_is_not_used(case: Case) -> None:
    """The serial is compared with every document: not one value of the other comes through."""
    case.image.serial = "M-1"
    other = GOOD | {"id": "M-2", "p": 99}

    def script(request: Request) -> Reply:
        return says(other if len(server.requests) > 2 else GOOD)(request)

    async with answering(script) as server:
        await case.fails(server, WrongDevice)
    assert case.image.readings[""]["load_power_w"] == 1500.0


async def test_requests_have_their_own_rhythm(case: Case) -> None:
    """Every poll, every 10 s, once a minute; an optional one that is not there is asked once."""
    case.profile("""schema = 1
title = "A system"
kind = "bess"
transport = "http"
[[point]]
name = "serial"
request = "who"
pointer = "/id"
type = "string"
[[point]]
name = "load"
pointer = "/p"
unit = "W"
measurement = "load_power_w"
[[point]]
name = "soc"
request = "slow"
pointer = "/soc"
unit = "%"
measurement = "battery_soc_pct"
[[point]]
name = "soh"
request = "none"
pointer = "/soh"
unit = "%"
measurement = "battery_soh_pct"
[identity]
serial = ["serial"]
[http]
[[request]]
name = "live"
path = "/live"
[[request]]
name = "slow"
path = "/slow?all=1"
every_s = 10
[[request]]
name = "who"
path = "/who"
once = true
[[request]]
name = "none"
path = "/none"
optional = true
""")
    documents = {"/live": {"p": 700}, "/slow?all=1": {"soc": 55}, "/who": {"id": "B-1"}}

    def script(request: Request) -> Reply:
        document = documents.get(request.path)
        return Reply(404) if document is None else says(document)(request)

    async with answering(script) as server:
        await case.polls(server, 25)
    asked = [request.path for request in server.requests]
    assert asked.count("/live") >= 25
    assert asked.count("/slow?all=1") == 3
    assert asked.count("/who") == 1
    assert asked.count("/none") == 1
    assert case.image.readings[""]["load_power_w"] == 700
    assert case.image.readings[""]["battery_soc_pct"] == 55
    assert case.image.readings[""]["battery_soh_pct"] is None


async def test_arrays_of_any_length(case: Case) -> None:
    """What repeats follows the number that the document tells, also when that changes."""
    case.profile("""schema = 1
title = "Strings"
kind = "pv"
transport = "http"
[[point]]
name = "strings"
pointer = "/n"
[[point]]
name = "string{n}_power"
pointer = "/s/{n}/p"
unit = "W"
repeat = { count_from = "strings" }
[[computed]]
name = "power"
sum = ["string{n}_power"]
any = true
unit = "W"
measurement = "pv_power_w"
[http]
path = "/"
""")
    answers = [{"n": 1, "s": [{"p": 5}]}, {"n": 3, "s": [{"p": 5}, {"p": 6}, {"p": 7}]}]
    async with answering(lambda r: says(answers[len(server.requests) > 2])(r)) as server:
        await case.polls(server, 4)
    assert case.image.assets[""].kind is AssetKind.PV
    assert case.image.readings[""]["pv_power_w"] == 18
    cells = {cell.name: cell.value for cell in case.image.cells.values()}
    assert cells["p_string3_power"] == 7


async def test_a_pinned_certificate_is_proven_before_the_login_is_sent(
    case: Case, tmp_path: Path
) -> None:
    """The fingerprint of the first contact is kept; a server with another certificate hears
    nothing, and is another device."""
    case.profile(PROFILE + 'auth = "bearer"\n')
    mine, theirs = Authority(), Authority()
    async with answering(says(GOOD), tls=mine.server(tmp_path)) as server:
        await case.polls(server, 1, tls=True, password="s3cret-word")
    kept = case.image.pins["certificate"]
    assert len(kept) == 64
    async with answering(says(GOOD), tls=theirs.server(tmp_path)) as other:
        said = await case.fails(other, WrongDevice, tls=True, password="s3cret-word")
    assert other.requests == []
    assert f"pinned is {kept}" in said
    assert ("", "tls") not in case.image.notes


async def test_a_profile_for_modbus_is_refused(case: Case) -> None:
    """With what to do."""
    case.profile(
        'schema = 1\ntitle = "m"\nkind = "load"\n[[point]]\nname = "a"\naddress = 1\ntype = "u16"\n'
    )
    async with answering(says(GOOD)) as server:
        said = await case.fails(server, BadDevice)
    assert 'set kind = "modbus" for d1' in said
