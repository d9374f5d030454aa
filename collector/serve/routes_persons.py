"""The endpoints about whoever asks: a part of the table in `routes`."""

from collector import wire
from collector.serve.access import LOOK
from collector.serve.endpoint import Endpoint

PERSONS: tuple[Endpoint, ...] = (
    Endpoint(
        name="me",
        method="GET",
        path="/v1/me",
        access=LOOK,
        text="Who asks, as the audit names them, what they may do, and of which node.",
        answers={200: wire.MeAnswer},
    ),
)
