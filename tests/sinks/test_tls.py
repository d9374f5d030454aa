"""Receivers over TLS: what is trusted, what is not, and in which words."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.journal import Journal
from tests.sinks.conftest import delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.support.certificates import Authority
from tests.support.http_answers import answering
from tests.support.victoriametrics import FLAGS, VictoriaMetrics
from tests.support.waiting import until

Make = Callable[..., VictoriaMetrics]


async def test_an_own_ca_is_trusted(journal: Journal, tmp_path: Path) -> None:
    """A certificate that the sink's own CA signed is taken: samples, and the receiver's epoch."""
    ours = Authority()
    receiver = Receiver(epoch=b'{"epoch": 1}')
    await fill(journal, 5)
    async with answering(receiver, tls=ours.server(tmp_path)) as server:
        settings = local(server.url, ca_pem=ours.pem, epoch_url=f"{server.url}/v1/receiver")
        async with delivering(journal, settings) as sink:
            await sink.drain()
            await until(lambda: sink.health().lossless is True, "its epoch is seen")
    assert receiver.samples == 50


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"host": "other.example"}, "made for another name"),
        ({"from_days": -30, "to_days": -2}, "has expired"),
        ({"from_days": 2, "to_days": 30}, "not valid yet: is this machine's clock right?"),
    ],
)
async def test_a_certificate_that_does_not_fit_is_refused_until_it_does(
    journal: Journal, tmp_path: Path, made: dict[str, object], words: str
) -> None:
    """A wrong name or time: nothing is sent, health says why; with the right certificate at the
    same place everything gets there by itself."""
    ours = Authority()
    receiver = Receiver()
    await fill(journal, 3)
    bad: ssl.SSLContext = ours.server(tmp_path, **made)  # type: ignore[arg-type]
    async with (
        answering(receiver, tls=bad) as server,
        delivering(journal, local(server.url, ca_pem=ours.pem)) as sink,
    ):
        await until(lambda: words in sink.health().cause, "it says why")
        assert sink.health().state == "backoff"
        assert server.requests == []
        assert sink.health().dead_samples == 0
        bad.load_cert_chain(_renewed(ours, tmp_path))
        await sink.drain()
        assert sink.health().cause == ""
    assert receiver.samples == 30


def _renewed(ours: Authority, tmp_path: Path) -> Path:
    """The file of a good certificate, as a person would put it in the place of a bad one."""
    folder = tmp_path / "renewed"
    folder.mkdir()
    ours.server(folder)
    (pair,) = folder.iterdir()
    return pair


@pytest.mark.parametrize(
    ("own", "words"),
    [(True, "does not lead to the CA in ca_file"), (False, "name the CA's file in ca_file")],
)
async def test_an_unknown_ca_is_refused(
    journal: Journal, tmp_path: Path, own: bool, words: str
) -> None:
    """A stranger's certificate: nothing is sent, and health says what to do about `ca_file`."""
    receiver = Receiver()
    await fill(journal, 3)
    async with answering(receiver, tls=Authority("Stranger").server(tmp_path)) as server:
        settings = local(server.url, ca_pem=Authority().pem if own else "")
        async with delivering(journal, settings) as sink:
            await until(lambda: words in sink.health().cause, "it says why")
            assert sink.health().state == "backoff"
            assert server.requests == []
            assert sink.state.settled == 0
            assert sink.health().owed_batches == 3 or sink.state.flying


async def test_an_own_ca_replaces_the_systems(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `ca_file` a certificate from an authority of the system's store is not trusted."""
    known = Authority("Known to the system")
    (tmp_path / "system.pem").write_text(known.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    receiver = Receiver()
    await fill(journal, 1)
    async with (
        answering(receiver, tls=known.server(tmp_path)) as server,
        delivering(journal, local(server.url, ca_pem=Authority().pem)) as sink,
    ):
        await until(lambda: "ca_file" in sink.health().cause, "it is refused")
        assert server.requests == []


async def test_https_where_no_tls_is_spoken_is_explained(
    journal: Journal, victoriametrics: Make
) -> None:
    """https for a receiver that speaks plain http: health names the likely mistake."""
    await fill(journal, 1)
    url = victoriametrics().url.replace("http:", "https:")
    async with delivering(journal, local(url)) as sink:
        await until(lambda: "http instead of https" in sink.health().cause, "it says why")


async def test_http_where_tls_is_spoken_costs_nothing(
    journal: Journal, victoriametrics: Make, tmp_path: Path
) -> None:
    """http for a receiver that speaks TLS: health names the likely mistake, and nothing is lost."""
    ours = Authority()
    pair = _renewed(ours, tmp_path)
    vm = victoriametrics((*FLAGS, "-tls", f"-tlsCertFile={pair}", f"-tlsKeyFile={pair}"))
    await fill(journal, 3)
    async with delivering(journal, local(vm.url)) as sink:
        await until(lambda: "is it https, or another port?" in sink.health().cause, "it says why")
        assert sink.health().dead_samples == 0
    url = vm.url.replace("http://127.0.0.1", "https://localhost")
    async with delivering(journal, local(url, ca_pem=ours.pem)) as sink:
        await sink.drain()
        assert sink.health().lossless is True
        assert sink.health().dead_samples == 0
