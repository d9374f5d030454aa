"""The endpoints about whoever asks: a part of the table in `routes`."""

from collector import wire
from collector.serve.access import LOOK, ON_THE_NODE, OPERATE
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
    Endpoint(
        name="give_pin",
        method="POST",
        path="/v1/unlock",
        access=OPERATE,
        text=(
            "Give the node's PIN, for a grant that commands take where a PIN is set; or keep a "
            "grant in force. Takes the right *control* too. After three wrong PINs none of that "
            "person is looked at for 5 s and longer: 429 with Retry-After."
        ),
        answers={200: wire.GrantAnswer},
        body=wire.UnlockRequest,
    ),
    Endpoint(
        name="lock",
        method="POST",
        path="/v1/lock",
        access=OPERATE,
        text="End a grant; one that is over already is no error.",
        answers={200: wire.LockedAnswer},
        body=wire.GrantRequest,
    ),
    Endpoint(
        name="put_pin",
        method="PUT",
        path="/v1/pin",
        access=ON_THE_NODE,
        text="Set, change or remove the PIN of this node; takes the right *control* too.",
        answers={200: wire.PinAnswer},
        body=wire.PinRequest,
    ),
)
