"""Endpoints of events, participations, corrections and the log: a part of the table in `routes`."""

from collector import wire
from collector.model.event import EventStatus
from collector.serve.access import OPERATE
from collector.serve.endpoint import LIMIT, WHOLE, Endpoint, Param


def _part(name: str, text: str) -> Param:
    schema: dict[str, object] = {"type": "string", "minLength": 1}
    return Param(name=name, place="path", required=True, text=text, schema=schema)


EVENT = _part("event", "An event: its id, job code, name, or a unique beginning of one of them.")
SYSTEM = _part("system", "A system of this node.")
PARTICIPATION = _part("participation", "The id of a participation.")
CORRECTION = _part("correction", "The id of a correction.")
ENTRY = _part("entry", "The id of a log entry.")
WINDOW = (
    Param(name="from", text="UTC ms.", schema=WHOLE),
    Param(name="to", text="UTC ms.", schema=WHOLE),
)

EVENTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="events",
        method="GET",
        path="/v1/events",
        access=OPERATE,
        text="Events, the newest first, with who took part.",
        answers={200: wire.EventsAnswer},
        params=(
            Param(
                name="status",
                text="Only these.",
                schema={"type": "string", "enum": [one.value for one in EventStatus]},
            ),
            Param(
                name="find",
                text="Only the one that is meant by an id, job code, name or a part of them.",
                schema={"type": "string"},
            ),
            Param(name="limit", text="How many.", schema=LIMIT),
        ),
    ),
    Endpoint(
        name="create_event",
        method="POST",
        path="/v1/events",
        access=OPERATE,
        text="A planned event. 409 when its job code is another event's.",
        answers={201: wire.EventAnswer},
        body=wire.CreateEventRequest,
    ),
    Endpoint(
        name="event",
        method="GET",
        path="/v1/events/{event}",
        access=OPERATE,
        text="One event with its participations, trace and conflicts.",
        answers={200: wire.EventAnswer},
        params=(EVENT,),
    ),
    Endpoint(
        name="edit_event",
        method="PATCH",
        path="/v1/events/{event}",
        access=OPERATE,
        text="Change or correct an event. 412 when it is of another revision.",
        answers={200: wire.EventAnswer},
        params=(EVENT,),
        body=wire.EditEventRequest,
    ),
    Endpoint(
        name="start_event",
        method="POST",
        path="/v1/events/{event}/start",
        access=OPERATE,
        text="It begins. 409 while the node's clock is not confirmed.",
        answers={200: wire.EventAnswer},
        params=(EVENT,),
        body=wire.MomentRequest,
    ),
    Endpoint(
        name="end_event",
        method="POST",
        path="/v1/events/{event}/end",
        access=OPERATE,
        text="It ends, and with it what of this node is still in; the answer says what that was.",
        answers={200: wire.ParticipationsAnswer},
        params=(EVENT,),
        body=wire.MomentRequest,
    ),
    Endpoint(
        name="cancel_event",
        method="POST",
        path="/v1/events/{event}/cancel",
        access=OPERATE,
        text="A planned event does not take place.",
        answers={200: wire.EventAnswer},
        params=(EVENT,),
        body=wire.ReasonRequest,
    ),
    Endpoint(
        name="export_event",
        method="GET",
        path="/v1/events/{event}/export",
        access=OPERATE,
        text="All that this node knows of an event, for another node.",
        answers={200: wire.EventExportAnswer},
        params=(EVENT,),
    ),
    Endpoint(
        name="import_event",
        method="POST",
        path="/v1/event-files",
        access=OPERATE,
        text=(
            "What another node knows of an event; with one of the same id or job code it is "
            "merged. The same again changes nothing. Up to 8 MB."
        ),
        answers={200: wire.EventAnswer},
        body=wire.ImportEventRequest,
    ),
    Endpoint(
        name="merge_event",
        method="POST",
        path="/v1/events/{event}/merge",
        access=OPERATE,
        text="Two events that were made apart are one.",
        answers={200: wire.EventAnswer},
        params=(EVENT,),
        body=wire.MergeRequest,
    ),
    Endpoint(
        name="join",
        method="POST",
        path="/v1/events/{event}/systems/{system}/join",
        access=OPERATE,
        text="A system takes part. 409 when it is in another event, with that one's name.",
        answers={200: wire.ParticipationsAnswer},
        params=(EVENT, SYSTEM),
        body=wire.JoinRequest,
    ),
    Endpoint(
        name="leave",
        method="POST",
        path="/v1/events/{event}/systems/{system}/leave",
        access=OPERATE,
        text="A system has left; its report is made.",
        answers={200: wire.ParticipationsAnswer},
        params=(EVENT, SYSTEM),
        body=wire.MomentRequest,
    ),
    Endpoint(
        name="join_many",
        method="POST",
        path="/v1/events/{event}/join",
        access=OPERATE,
        text="Several systems take part, or none of them.",
        answers={200: wire.ParticipationsAnswer},
        params=(EVENT,),
        body=wire.JoinManyRequest,
    ),
    Endpoint(
        name="leave_many",
        method="POST",
        path="/v1/events/{event}/leave",
        access=OPERATE,
        text="Several systems have left, or none of them.",
        answers={200: wire.ParticipationsAnswer},
        params=(EVENT,),
        body=wire.LeaveManyRequest,
    ),
    Endpoint(
        name="edit_participation",
        method="PATCH",
        path="/v1/participations/{participation}",
        access=OPERATE,
        text="Correct when a system was in, and what for. 412 when it is of another revision.",
        answers={200: wire.ParticipationsAnswer},
        params=(PARTICIPATION,),
        body=wire.EditParticipationRequest,
    ),
)

SAID: tuple[Endpoint, ...] = (
    Endpoint(
        name="corrections",
        method="GET",
        path="/v1/corrections",
        access=OPERATE,
        text="How measured data is to be read otherwise.",
        answers={200: wire.CorrectionsAnswer},
        params=(Param(name="asset", text="Only this one's.", schema={"type": "string"}), *WINDOW),
    ),
    Endpoint(
        name="correct",
        method="POST",
        path="/v1/corrections",
        access=OPERATE,
        text="An asset's data is to be read otherwise, when a report is made of it.",
        answers={201: wire.CorrectionAnswer},
        body=wire.CorrectionRequest,
    ),
    Endpoint(
        name="withdraw_correction",
        method="POST",
        path="/v1/corrections/{correction}/withdraw",
        access=OPERATE,
        text="A correction does not count any more.",
        answers={200: wire.CorrectionAnswer},
        params=(CORRECTION,),
        body=wire.ReasonRequest,
    ),
    Endpoint(
        name="log",
        method="GET",
        path="/v1/log",
        access=OPERATE,
        text="What people wrote down.",
        answers={200: wire.LogListAnswer},
        params=(
            Param(
                name="event",
                text="Only this one's: its id, job code, name or a part of them.",
                schema={"type": "string"},
            ),
            *WINDOW,
        ),
    ),
    Endpoint(
        name="write_log",
        method="POST",
        path="/v1/log",
        access=OPERATE,
        text="Write down fuel, a dip, an hour meter, a reading, a note or a handover.",
        answers={201: wire.LogAnswer},
        body=wire.LogRequest,
    ),
    Endpoint(
        name="withdraw_log",
        method="POST",
        path="/v1/log/{entry}/withdraw",
        access=OPERATE,
        text="A log entry does not count any more.",
        answers={200: wire.LogAnswer},
        params=(ENTRY,),
        body=wire.ReasonRequest,
    ),
)
