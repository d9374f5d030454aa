"""Who a sink says it is: real servers that ask for a login, and the real vmauth before them."""

import base64
from collections.abc import Callable

from collector.journal import Journal
from tests.sinks.conftest import FAST, delivering, fill, local
from tests.sinks.test_victoriametrics import _check
from tests.support.victoriametrics import FLAGS, VictoriaMetrics
from tests.support.vmauth import VmAuth
from tests.support.waiting import until

MakeVm = Callable[..., VictoriaMetrics]
MakeVmAuth = Callable[[str], VmAuth]

USERS = """users:
- bearer_token: "{token}"
  url_map:
  - src_paths: ["/api/v1/write"]
    url_prefix: "{to}"
- username: node-7
  password: "{password}"
  url_prefix: "{to}"
"""


async def test_vmauth_with_a_wrong_token_costs_nothing(
    journal: Journal, victoriametrics: MakeVm, vmauth: MakeVmAuth
) -> None:
    """Debian's vmauth answers 400 to everything and repeats the token: no sample is called poison,
    few requests are made, the token is shown nowhere, and all recovers by itself."""
    vm = victoriametrics()
    front = vmauth(USERS.format(token="old-secret", password="x", to=vm.url))
    await fill(journal, 40, samples=30)
    async with delivering(journal, local(front.url, token="new-secret")) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        cause = sink.health().cause
        assert "refuses everything: HTTP 400" in cause
        assert "check token, URL" in cause
        assert "new-secret" not in cause
        assert sink.health().dead_samples == 0
        front.configure(USERS.format(token="new-secret", password="x", to=vm.url))
        await until(lambda: sink.health().state == "running", "it recovers")
        await fill(journal, 10, samples=30)
        await sink.drain()
        await _check(vm, 50, 30)
        assert await journal.dead() == []


async def test_a_token_that_ends_while_samples_flow(
    journal: Journal, victoriametrics: MakeVm, vmauth: MakeVmAuth
) -> None:
    """A token taken from vmauth in the middle, and given back: everything is there afterwards."""
    vm = victoriametrics()
    users = USERS.format(token="secret-1", password="x", to=vm.url)
    front = vmauth(users)
    async with delivering(journal, local(front.url, token="secret-1")) as sink:
        await fill(journal, 20, samples=30)
        await sink.drain()
        front.configure(users.replace("secret-1", "secret-2"))
        await fill(journal, 1, samples=30)
        await until(lambda: sink.health().state == "backoff", "it backs off")
        await fill(journal, 20, samples=30)
        front.configure(users)
        await sink.drain()
        assert sink.health().dead_samples == 0
        await _check(vm, 41, 30)


async def test_behind_vmauth_only_an_epoch_url_makes_a_sink_lossless(
    journal: Journal, victoriametrics: MakeVm, vmauth: MakeVmAuth
) -> None:
    """vmauth shows nothing but its own start: not lossless, and why. With `epoch_url` naming the
    storage's metrics, its restarts are seen."""
    vm = victoriametrics()
    front = vmauth(USERS.format(token="t", password="secret-1", to=vm.url))
    login = {"username": "node-7", "password": "secret-1"}
    await fill(journal, 3)
    async with delivering(journal, local(front.url, **login)) as sink:
        await sink.drain()
        await until(lambda: sink.health().lossless is False, "its epoch is no storage's")
        assert "set epoch_url" in sink.health().lossless_why
    async with delivering(
        journal, local(front.url, **login, epoch_url=f"{vm.url}/metrics"), FAST
    ) as sink:
        await fill(journal, 3)
        await sink.drain()
        await until(lambda: sink.health().lossless is True, "the storage vouches")
        assert sink.health().lossless_why == ""


async def test_basic_authentication(journal: Journal, victoriametrics: MakeVm) -> None:
    """A receiver with a password takes the right one, for samples and for its metrics; a wrong one
    is answered 401: everything is kept, and the words say what to check."""
    vm = victoriametrics((*FLAGS, "-httpAuth.username=node-7", "-httpAuth.password=sésame:1"))
    await fill(journal, 20)
    async with delivering(journal, local(vm.url, username="node-7", password="wrong-one")) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert "HTTP 401" in sink.health().cause
        assert "check the token or password" in sink.health().cause
        assert "wrong-one" not in sink.health().cause
        assert base64.b64encode(b"node-7:wrong-one").decode() not in sink.health().cause
        assert sink.health().dead_samples == 0
    async with delivering(journal, local(vm.url, username="node-7", password="sésame:1")) as sink:
        await sink.drain()
        await until(lambda: sink.health().lossless is True, "its metrics are read")
        assert sink.health().sent_samples == 200
