"""`docs/openapi.json` against the running API, over a real TLS socket."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, Response
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from collector.journal import Dead as Refused
from collector.serve import openapi
from collector.serve.access import Transport
from collector.serve.certificate import certificate_file
from tests.serve.desks import Dead
from tests.serve.support import TOKENS, Served, served
from tests.serve.test_changes import raise_alarm
from tests.support.snapshots import HandFeed, site

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "openapi.json"
schema = schemathesis.openapi.from_dict(openapi.description())


@schemathesis.serializer("application/zip")
def _zip(_: object, value: object) -> bytes:
    """Whatever is made up for a ZIP, as it is or as text."""
    return value if isinstance(value, bytes) else repr(value).encode("utf-8", "replace")


def test_the_document_is_true() -> None:
    """The file in the repository is what the program's own table and structs say."""
    assert DOCUMENT.read_text() == openapi.text()


class Background:
    """The API in a loop of its own, for clients that block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.alarm = ""
        self._done: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._done, self._loop = asyncio.Event(), asyncio.get_running_loop()
        feed = HandFeed(site(6))
        try:
            async with served(self.folder, feed, (Transport.TLS,)) as api:
                await self._fill(feed, api)
                self._up.set()
                await self._done.wait()
        finally:
            self._up.set()

    async def _fill(self, feed: HandFeed, api: Served) -> None:
        self.alarm = raise_alarm(feed)
        await feed.alarms.flush()
        assert isinstance(feed.dead, Dead)
        await feed.dead.journal.bury(
            Refused(sink="a", first_seq=1, last_seq=1, at_ms=5, reason="x", samples=1, body=b"x")
        )
        self.url = f"https://127.0.0.1:{api.ports[Transport.TLS]}"

    def __enter__(self) -> "Background":
        self._thread.start()
        assert self._up.wait(30)
        assert self.url, "the API did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(30)


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Background]:
    """A running API with an alarm, a refused sample and some assets."""
    with Background(tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture(scope="module")
def kept(background: Background) -> Iterator[requests.Session]:
    """Connections that are used again: a new one for each of the thousands of requests costs five
    times as much as the request."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


NOT_ASKED = [ignored_auth, positive_data_acceptance, missing_required_header]
"""Who may ask is tried out in test_access; and what fits the document may still be refused: for
the registry's own rules, for too many points, for 5.0 where a whole number is asked for. Without
If-Match the answer is 428, which this tool does not know."""


def asked(background: Background, kept: requests.Session, case: Case[Any], token: str) -> Response:
    """The answer to a generated request, found to be as the document says."""
    response: Response = case.call(
        base_url=background.url,
        headers={"authorization": f"Bearer {token}"},
        verify=str(certificate_file(background.folder)),
        session=kept,
        timeout=20,
    )
    lost = [negative_data_rejection] if [] in case.query.values() else []  # none of it was sent
    case.validate_response(response, excluded_checks=[*NOT_ASKED, *lost])
    return response


LIMITS = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)


@schema.exclude(operation_id="stream").parametrize()
@LIMITS
def test_operators_requests(
    background: Background, kept: requests.Session, case: Case[Any]
) -> None:
    """Whatever fits the document, and much that does not, gets an answer that fits it: no fault
    of ours, every refusal in the one form."""
    response = asked(background, kept, case, TOKENS["anna"])
    assert response.status_code != 500
    if response.headers["content-type"] == ["application/json"]:
        assert response.json()["schema"] == 1


@schema.include(operation_id=["snapshot", "health", "alarms", "history", "registry"]).parametrize()
@settings(parent=LIMITS, max_examples=4)
def test_viewers_answers_have_the_same_form(
    background: Background, kept: requests.Session, case: Case[Any]
) -> None:
    """What a viewer gets fits the same document; what is not his is a 403 in the one form."""
    response = asked(background, kept, case, TOKENS["kiosk"])
    assert response.status_code != 500


def test_the_known_alarm(background: Background) -> None:
    """An alarm that is there can be acknowledged and shelved as the document says."""
    paths = openapi.description()["paths"]
    bodies: dict[str, dict[str, str | int]] = {
        "ack": {"note": "x"},
        "shelve": {"reason": "x", "for_s": 60},
    }
    for verb, body in bodies.items():
        path = f"/v1/alarms/{{alarm}}/{verb}"
        assert "post" in paths[path]
        answer = requests.post(
            background.url + path.format(alarm=background.alarm),
            json=body,
            headers={"authorization": f"Bearer {TOKENS['anna']}"},
            verify=str(certificate_file(background.folder)),
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        schema[path]["POST"].validate_response(answer)
