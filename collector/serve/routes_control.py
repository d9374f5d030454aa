"""The endpoints of control: a part of the table in `routes`."""

from collector import wire
from collector.serve.access import OPERATE
from collector.serve.endpoint import ASSET, Endpoint

CONTROL: tuple[Endpoint, ...] = (
    Endpoint(
        name="offers",
        method="GET",
        path="/v1/assets/{asset}/control",
        access=OPERATE,
        text="The commands that an asset offers now, their ranges, and why one is not possible.",
        answers={200: wire.OffersAnswer},
        params=(ASSET,),
    ),
    Endpoint(
        name="control",
        method="POST",
        path="/v1/assets/{asset}/control",
        access=OPERATE,
        text=(
            "Give a command; takes the right *control* too. It expires in 5 s, is never queued or "
            "repeated, and the same id again gets the first answer. 409 when it must not be done "
            "as things are now, with the reason; answered once the device was read back. Where a "
            "PIN is set it takes a grant of `POST /v1/unlock`: else 403 `pin_needed`."
        ),
        answers={200: wire.ControlAnswer},
        params=(ASSET,),
        body=wire.ControlRequest,
    ),
    Endpoint(
        name="lockout",
        method="POST",
        path="/v1/assets/{asset}/lockout",
        access=OPERATE,
        text="Somebody works at an asset: no command is given there until this is removed.",
        answers={200: wire.LockoutAnswer},
        params=(ASSET,),
        body=wire.LockoutRequest,
    ),
    Endpoint(
        name="unlock",
        method="POST",
        path="/v1/assets/{asset}/unlock",
        access=OPERATE,
        text=(
            "Remove the lockout of an asset; takes the right *control* too, and a grant where a "
            "PIN is set."
        ),
        answers={200: wire.LockoutAnswer},
        params=(ASSET,),
        body=wire.GrantRequest,
    ),
)
