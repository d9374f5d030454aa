"""Endpoints of units, assignments, what counters were refused, and twins."""

from collector import wire
from collector.model.assignment import Fact
from collector.serve.access import OPERATE
from collector.serve.endpoint import ASSET, LIMIT, WHOLE, Endpoint, Param

REFUSED = Param(
    name="refused",
    place="path",
    required=True,
    text="The id of what was refused.",
    schema={"type": "string", "minLength": 1},
)

UNITS: tuple[Endpoint, ...] = (
    Endpoint(
        name="assignments",
        method="GET",
        path="/v1/assignments",
        access=OPERATE,
        text="Which unit, system, role, link, rating and account assets had, and when.",
        answers={200: wire.AssignmentsAnswer},
        params=(
            Param(name="asset", text="Only this one's.", schema={"type": "string"}),
            Param(
                name="what",
                text="Only this fact.",
                schema={"type": "string", "enum": [fact.value for fact in Fact]},
            ),
            Param(name="from", text="UTC ms: what held after it.", schema=WHOLE),
            Param(name="to", text="UTC ms: what held before it.", schema=WHOLE),
        ),
    ),
    Endpoint(
        name="assign",
        method="POST",
        path="/v1/assignments",
        access=OPERATE,
        text=(
            "State what an asset is, also since a time in the past; with `to_ms` what it was for a "
            "while."
        ),
        answers={200: wire.AssignmentsAnswer},
        body=wire.AssignRequest,
    ),
    Endpoint(
        name="swap",
        method="POST",
        path="/v1/assets/{asset}/swap",
        access=OPERATE,
        text="Another unit stands at an asset; its counters begin anew, nothing is added.",
        answers={200: wire.SwapAnswer},
        params=(ASSET,),
        body=wire.SwapRequest,
    ),
    Endpoint(
        name="move",
        method="POST",
        path="/v1/assets/{asset}/move",
        access=OPERATE,
        text="A device is reached elsewhere; without a host it is looked for.",
        answers={200: wire.MoveAnswer},
        params=(ASSET,),
        body=wire.MoveRequest,
    ),
    Endpoint(
        name="forget_unit",
        method="POST",
        path="/v1/assets/{asset}/forget",
        access=OPERATE,
        text="Forget who a device is: whoever answers next is pinned.",
        answers={200: wire.ForgetAnswer},
        params=(ASSET,),
        body=wire.ReasonRequest,
    ),
    Endpoint(
        name="refused",
        method="GET",
        path="/v1/refused",
        access=OPERATE,
        text="What counters were not given, the newest first.",
        answers={200: wire.RefusedAnswer},
        params=(Param(name="limit", text="Of what is decided.", schema={**LIMIT, "minimum": 0}),),
    ),
    Endpoint(
        name="accept_refused",
        method="POST",
        path="/v1/refused/{refused}/accept",
        access=OPERATE,
        text="Add to the total what was refused, once.",
        answers={200: wire.DecidedAnswer},
        params=(REFUSED,),
        body=wire.AcceptRequest,
    ),
    Endpoint(
        name="dismiss_refused",
        method="POST",
        path="/v1/refused/{refused}/dismiss",
        access=OPERATE,
        text="Leave for good what was refused.",
        answers={200: wire.DecidedAnswer},
        params=(REFUSED,),
        body=wire.DismissRequest,
    ),
    Endpoint(
        name="twins",
        method="GET",
        path="/v1/twins",
        access=OPERATE,
        text="Pairs that seem to measure one flow; a link between the two decides.",
        answers={200: wire.TwinsAnswer},
    ),
)
