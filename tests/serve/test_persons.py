"""Who asks, and what the API tells them of themselves."""

import os
import pwd

import msgspec
import pytest

from collector import __version__
from collector.serve.access import Transport
from collector.wire import MeAnswer
from tests.serve.support import TOKENS, served
from tests.support.snapshots import HandFeed, site

OVR, VIEW, TCP, TLS = Transport
HERE = f"uid {os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"


@pytest.mark.parametrize(
    ("transport", "name", "person", "role", "control"),
    [
        (OVR, "", HERE, "operator", True),
        (VIEW, "", HERE, "viewer", False),
        (TCP, "kiosk", "kiosk", "viewer", False),
        (TLS, "kiosk", "kiosk", "viewer", False),
        (TLS, "anna", "anna", "operator", True),
        (TLS, "berta", "berta", "operator", False),
    ],
)
async def test_everybody_learns_who_they_are(
    tmp_path, transport, name, person, role, control
) -> None:
    """The answer names whoever asks as the audit does, their role, over what they came, whether
    they may control devices, and the node."""
    feed = HandFeed(site(2))
    async with (
        served(tmp_path, feed, (transport,)) as api,
        api.client(transport, TOKENS.get(name)) as client,
    ):
        found = msgspec.json.decode((await client.get("/v1/me")).content, type=MeAnswer)
    assert found == MeAnswer(
        person=person,
        role=role,
        transport=transport.value,
        control=control,
        pin=False,
        node="ovr-node-07",
        site="Main field",
        timezone="America/Los_Angeles",
        version=__version__,
    )
