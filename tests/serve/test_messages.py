"""What the collector says of its own work, over the API."""

import msgspec
import pytest

from collector.serve.access import Transport
from collector.wire import MessagesAnswer
from tests.serve.support import served
from tests.support.snapshots import HandFeed, site

OVR = Transport.OPERATOR_SOCKET


async def test_a_reader_follows_the_log(tmp_path) -> None:
    """Whoever asks for what came after the last number they know gets each line once, in order, and
    learns how many are forgotten; a level leaves out what is less urgent."""
    feed = HandFeed(site(1))
    async with served(tmp_path, feed, (OVR,)) as api, api.client(OVR) as client:

        async def ask(query=""):
            answer = await client.get(f"/v1/messages{query}")
            return msgspec.json.decode(answer.content, type=MessagesAnswer)

        begun = await ask()
        for number in range(1200):
            feed.ring.add("error" if number % 100 == 0 else "info", "x", f"line {number}")
        found = await ask(f"?after={begun.last}&limit=1000")
        assert [m.text for m in found.messages][-1] == "line 1199"
        assert len(found.messages) == 1000
        assert (found.last - begun.last, found.left_out - begun.left_out) == (1200, 200)
        assert (await ask(f"?after={found.last}")).messages == ()
        assert [m.text for m in (await ask("?level=error&limit=2")).messages] == [
            "line 1000",
            "line 1100",
        ]


@pytest.mark.parametrize("query", ["level=loud", "limit=0", "limit=1001", "after=-1", "since=3"])
async def test_a_wrong_question_is_told(tmp_path, query) -> None:
    """A level or number that cannot be is refused."""
    async with served(tmp_path, transports=(OVR,)) as api, api.client(OVR) as client:
        assert (await client.get(f"/v1/messages?{query}")).status_code == 400
