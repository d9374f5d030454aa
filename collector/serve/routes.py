"""Every endpoint of the local API, once: who may use it, what it takes and what it answers.

Routes, access and `docs/openapi.json` are made from this table; nothing else makes a route.
"""

from collector import wire
from collector.model.catalogue import KEYS
from collector.model.message import LEVELS
from collector.model.outbox import KINDS
from collector.serve.access import LOOK, ON_THE_NODE, OPERATE, POST_RECORDS
from collector.serve.endpoint import (
    ALARM,
    ASSET,
    EVENTS_KIND,
    LIMIT,
    METRICS_KIND,
    WHOLE,
    Endpoint,
    Param,
)
from collector.serve.routes_control import CONTROL
from collector.serve.routes_events import EVENTS, SAID
from collector.serve.routes_finding import FINDING
from collector.serve.routes_persons import PERSONS
from collector.serve.routes_registry import REGISTRY
from collector.serve.routes_reports import REPORTS
from collector.serve.routes_units import UNITS

ENDPOINTS: tuple[Endpoint, ...] = (
    *PERSONS,
    Endpoint(
        name="snapshot",
        method="GET",
        path="/v1/snapshot",
        access=LOOK,
        text="The newest snapshot of all assets, totals, sources and sinks.",
        answers={200: wire.SnapshotAnswer},
    ),
    Endpoint(
        name="stream",
        method="GET",
        path="/v1/stream",
        access=LOOK,
        text=(
            "Snapshots as server-sent events, one a second: each `data:` is a SnapshotAnswer. "
            "A slow reader misses some and gets the newest. At most 32 at a time."
        ),
        answers={200: EVENTS_KIND},
    ),
    Endpoint(
        name="history",
        method="GET",
        path="/v1/assets/{asset}/history",
        access=LOOK,
        text="Past values of one reading; at most 10,000 points.",
        answers={200: wire.HistoryAnswer},
        params=(
            ASSET,
            Param(
                name="measurement",
                required=True,
                text="A key of the catalogue; a phase follows after a dot: `voltage_v.L1`.",
                schema={"type": "string", "enum": list(KEYS)},
            ),
            Param(name="from", text="UTC ms; 15 minutes before `to` by default.", schema=WHOLE),
            Param(name="to", text="UTC ms; the newest snapshot by default.", schema=WHOLE),
            Param(
                name="step",
                text="Seconds between two points; each is the mean of its step's good time.",
                schema={**WHOLE, "minimum": 1, "default": 1},
            ),
        ),
    ),
    Endpoint(
        name="raw",
        method="GET",
        path="/v1/assets/{asset}/raw",
        access=OPERATE,
        text="The newest values of all raw series of an asset's device, with their ages.",
        answers={200: wire.RawAnswer},
        params=(ASSET,),
    ),
    Endpoint(
        name="health",
        method="GET",
        path="/v1/health",
        access=LOOK,
        text="How the collector itself is; status 503 when it is not well.",
        answers={200: wire.HealthAnswer, 503: wire.HealthAnswer},
    ),
    Endpoint(
        name="metrics",
        method="GET",
        path="/metrics",
        access=LOOK,
        text="The collector's own health for Prometheus, text format 0.0.4.",
        answers={200: METRICS_KIND},
    ),
    Endpoint(
        name="alarms",
        method="GET",
        path="/v1/alarms",
        access=LOOK,
        text="Alarms that are open or shelved, and those of a window (a day by default).",
        answers={200: wire.AlarmsAnswer},
        params=(
            Param(name="from", text="UTC ms.", schema=WHOLE),
            Param(name="to", text="UTC ms.", schema=WHOLE),
            Param(name="limit", text="Of the history.", schema={**LIMIT, "minimum": 0}),
        ),
    ),
    Endpoint(
        name="ack",
        method="POST",
        path="/v1/alarms/{alarm}/ack",
        access=OPERATE,
        text="Somebody has seen an alarm; again it changes nothing.",
        answers={200: wire.AlarmAnswer},
        params=(ALARM,),
        body=wire.AckRequest,
    ),
    Endpoint(
        name="shelve",
        method="POST",
        path="/v1/alarms/{alarm}/shelve",
        access=OPERATE,
        text="Take an alarm out of sight for a while, with a reason.",
        answers={200: wire.AlarmAnswer},
        params=(ALARM,),
        body=wire.ShelveRequest,
    ),
    Endpoint(
        name="unshelve",
        method="POST",
        path="/v1/alarms/{alarm}/unshelve",
        access=OPERATE,
        text="Bring an alarm back into sight.",
        answers={200: wire.AlarmAnswer},
        params=(ALARM,),
        body=wire.NoRequest,
    ),
    Endpoint(
        name="commission",
        method="POST",
        path="/v1/assets/{asset}/commission",
        access=OPERATE,
        text="Alarms of this asset count from now on.",
        answers={200: wire.CommissionAnswer},
        params=(ASSET,),
        body=wire.CommissionRequest,
    ),
    Endpoint(
        name="release",
        method="POST",
        path="/v1/assets/{asset}/release",
        access=OPERATE,
        text="Alarms of this asset count no more.",
        answers={200: wire.CommissionAnswer},
        params=(ASSET,),
        body=wire.NoRequest,
    ),
    *CONTROL,
    *REGISTRY,
    *UNITS,
    *EVENTS,
    *SAID,
    *REPORTS,
    *FINDING,
    Endpoint(
        name="dead",
        method="GET",
        path="/v1/dead",
        access=OPERATE,
        text="Samples that a receiver refused for good, oldest first.",
        answers={200: wire.DeadAnswer},
        params=(
            Param(name="sink", text="Only this sink's.", schema={"type": "string"}),
            Param(name="after", text="Only ids above this one.", schema=WHOLE),
            Param(name="limit", text="How many.", schema={**LIMIT, "maximum": 1000}),
        ),
    ),
    Endpoint(
        name="resend",
        method="POST",
        path="/v1/dead/resend",
        access=OPERATE,
        text="Send refused samples once more.",
        answers={200: wire.ResentAnswer},
        body=wire.DeadRequest,
    ),
    Endpoint(
        name="forget",
        method="POST",
        path="/v1/dead/forget",
        access=OPERATE,
        text="Give refused samples up for good.",
        answers={200: wire.ForgottenAnswer},
        body=wire.DeadRequest,
    ),
    Endpoint(
        name="outbox",
        method="GET",
        path="/v1/outbox",
        access=OPERATE,
        text="Business records that the cloud does not have yet, or refused.",
        answers={200: wire.OutboxAnswer},
        params=(
            Param(
                name="kind",
                text="Only this kind.",
                schema={"type": "string", "enum": sorted(KINDS)},
            ),
            Param(
                name="state",
                text="Only these.",
                schema={"type": "string", "enum": ["waiting", "refused"]},
            ),
            Param(name="limit", text="How many.", schema={**LIMIT, "maximum": 1000}),
        ),
    ),
    Endpoint(
        name="outbox_resend",
        method="POST",
        path="/v1/outbox/resend",
        access=OPERATE,
        text="Give refused records another turn.",
        answers={200: wire.RevisionsAnswer},
        body=wire.OutboxRequest,
    ),
    Endpoint(
        name="outbox_forget",
        method="POST",
        path="/v1/outbox/forget",
        access=OPERATE,
        text="Delete refused records for good.",
        answers={200: wire.RevisionsAnswer},
        body=wire.OutboxRequest,
    ),
    Endpoint(
        name="confirm_clock",
        method="POST",
        path="/v1/clock/confirm",
        access=OPERATE,
        text="A person says that the node's clock is right, so that samples may be sent.",
        answers={200: wire.ClockAnswer},
        body=wire.ClockRequest,
    ),
    Endpoint(
        name="post_axm",
        method="POST",
        path="/v1/ingest/axm",
        access=POST_RECORDS,
        text=(
            "What an AXM-WEB2 posts: a form with a file, or the file alone; JSON or CSV. The same "
            "again changes nothing. 503 with Retry-After: post it again then."
        ),
        answers={200: wire.PostedAnswer},
        params=(
            Param(
                name="serial",
                text="The meter's serial, where the file does not say it.",
                schema={"type": "string", "maxLength": 64},
            ),
        ),
        posts=("multipart/form-data", "application/json", "text/csv"),
    ),
    Endpoint(
        name="audit",
        method="GET",
        path="/v1/audit",
        access=OPERATE,
        text="Who changed what on this node, the newest first.",
        answers={200: wire.AuditAnswer},
        params=(
            Param(name="from", text="UTC ms.", schema=WHOLE),
            Param(name="to", text="UTC ms.", schema=WHOLE),
            Param(name="limit", text="How many.", schema=LIMIT),
            Param(
                name="before", text="Go on behind the line with this id.", schema={"type": "string"}
            ),
            Param(
                name="subject",
                text="Only what was done to this: the id of an asset, an event, an alarm …",
                schema={"type": "string"},
            ),
        ),
    ),
    Endpoint(
        name="messages",
        method="GET",
        path="/v1/messages",
        access=OPERATE,
        text="What the collector says of its own work: the newest lines of its log, in order.",
        answers={200: wire.MessagesAnswer},
        params=(
            Param(name="after", text="Only numbers above this one.", schema=WHOLE),
            Param(
                name="level",
                text="This one and those that are more urgent.",
                schema={"type": "string", "enum": list(LEVELS)},
            ),
            Param(name="limit", text="How many, the newest.", schema={**LIMIT, "maximum": 1000}),
        ),
    ),
    Endpoint(
        name="stop",
        method="POST",
        path="/v1/stop",
        access=ON_THE_NODE,
        text="End the collector in order.",
        answers={202: wire.StopAnswer},
    ),
)
