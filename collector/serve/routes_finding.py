"""Endpoints of looking for devices, and of testing one."""

from collector import wire
from collector.serve.access import OPERATE
from collector.serve.endpoint import Endpoint

FINDING: tuple[Endpoint, ...] = (
    Endpoint(
        name="test_device",
        method="POST",
        path="/v1/registry/test",
        access=OPERATE,
        text=(
            "Test the connection to a device, saved or not, step by step; takes up to half a "
            "minute. 422 with all problems of a table that is none."
        ),
        answers={200: wire.TestAnswer},
        body=wire.TestRequest,
    ),
    Endpoint(
        name="discover",
        method="POST",
        path="/v1/discover",
        access=OPERATE,
        text=(
            "Look for devices; GET tells what was found. 409 while a search runs, for too many "
            "addresses, for networks that are not private, and during an event but for hosts that "
            "were confirmed."
        ),
        answers={202: wire.DiscoverAnswer},
        body=wire.DiscoverRequest,
    ),
    Endpoint(
        name="discovery",
        method="GET",
        path="/v1/discover",
        access=OPERATE,
        text="How far the newest search is, and what it has found by now.",
        answers={200: wire.DiscoverAnswer},
    ),
    Endpoint(
        name="cancel_discovery",
        method="POST",
        path="/v1/discover/cancel",
        access=OPERATE,
        text="End the search that runs; what it has found stays.",
        answers={200: wire.DiscoverAnswer},
    ),
)
