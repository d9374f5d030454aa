"""The configuration of receivers that is shipped: the real programs take it."""

import re
from collections.abc import Callable
from pathlib import Path

from collector.journal import Journal
from tests.sinks.conftest import delivering, fill, local
from tests.sinks.test_victoriametrics import NOTHING_SETTLES, _check
from tests.support.victoriametrics import VictoriaMetrics
from tests.support.vmauth import VmAuth
from tests.support.waiting import until

ROOT = Path(__file__).parent.parent.parent
CONFIGS = ROOT / "configs" / "victoriametrics"

MakeVm = Callable[..., VictoriaMetrics]
MakeVmAuth = Callable[[str], VmAuth]


def _flags() -> tuple[str, ...]:
    """The flags of the drop-in's command, without its places."""
    command = (CONFIGS / "ovr.conf").read_text().split("\nExecStart=/")[1]
    words = re.sub(r"\\\n", " ", command).splitlines()[0].split()[1:]
    return tuple(word for word in words if not re.match("-(httpListenAddr|storageDataPath)=", word))


async def test_victoriametrics_with_the_shipped_flags(
    journal: Journal, victoriametrics: MakeVm, vmauth: MakeVmAuth
) -> None:
    """The drop-in's flags start the server behind the shipped vmauth; samples that are sent again
    are there once."""
    flags = _flags()
    assert "-dedup.minScrapeInterval=1ms" in flags
    vm = victoriametrics((*flags, "-retentionPeriod=100y"))
    users = (CONFIGS / "vmauth.yml").read_text()
    front = vmauth(users.replace("http://127.0.0.1:8428", vm.url))
    token = users.split('bearer_token: "')[1].split('"')[0]
    settings = local(front.url, token=token, epoch_url=f"{vm.url}/metrics")
    async with delivering(journal, settings, NOTHING_SETTLES) as sink:
        await fill(journal, 20, samples=20)
        await sink.drain()
        sink._doubt()
        await until(lambda: sink.health().sent_samples >= 800, "all is sent again")
        await sink.drain()
        assert sink.health().lossless is True
        await _check(vm, 20, 20)


def test_the_document_names_the_flags_that_are_shipped() -> None:
    """docs/operations.md explains each flag that matters, with the value that is shipped."""
    told = (ROOT / "docs" / "operations.md").read_text()
    for flag in _flags():
        if "memory" not in flag:
            assert f"`{flag}`" in told, flag
